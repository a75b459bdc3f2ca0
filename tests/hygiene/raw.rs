//! Everything is named like a keyword.

use pluginkit::prelude::*;

#[extension_point]
#[allow(non_camel_case_types, reason = "it is named like a keyword")]
trait r#trait {
    fn r#match(&self, r#in: u8, r#type: &str) -> String;

    #[extension_point(pipeline = "type")]
    fn r#move(&self, r#in: u8, r#type: String) -> String;

    #[extension_point(historic)]
    fn r#static(&self, r#fn: &str);

    #[extension_point(firstresult)]
    fn r#async(&self, r#dyn: String, r#gen: &mut u8) -> Option<u8>;
}

#[allow(non_camel_case_types, reason = "it is named like a keyword")]
struct r#enum;

#[extension]
impl r#trait for r#enum {
    #[extension(when = Self::r#if)]
    fn r#match(&self, r#type: &str) -> String {
        r#type.to_owned()
    }

    #[extension(target = "move")]
    fn r#loop(&self, r#type: String, _in: u8) -> String {
        r#type + "!"
    }

    fn r#static(&self, r#fn: &str) {
        assert_eq!(r#fn, "fn");
    }

    #[extension(wrapper)]
    fn r#async(&self, r#dyn: String, r#gen: &mut u8, r#continue: Next<'_>) -> Option<u8> {
        *r#gen += 1;
        r#continue.run(r#dyn, r#gen)
    }
}

impl r#enum {
    const fn r#if(_: &Self, r#type: &str) -> bool {
        !r#type.is_empty()
    }
}

#[test]
fn names_may_be_keywords() {
    let pm = PluginManager::new("feed");
    pm.add_extension_points(r#trait).unwrap();
    let id = pm.register(r#enum).unwrap();
    assert_eq!(id.as_str(), "enum");
    assert_eq!(pm.caller(r#trait::r#match).call(1, "type"), ["type"]);
    assert_eq!(pm.caller(r#trait::r#move).call(1, "type".to_owned()), "type!");
    pm.caller(r#trait::r#static).call_historic("fn");
    let mut count = 0;
    assert_eq!(pm.caller(r#trait::r#async).call(String::new(), &mut count), None);
    assert_eq!(count, 1);
    pm.register_fn("closure", r#trait::r#match, |args| args.r#type.repeat(2)).unwrap();
    assert_eq!(pm.caller(r#trait::r#match).call(1, "type"), ["type", "typetype"]);
    let point = pm.extension_points().into_iter().find(|point| point.name == "match").unwrap();
    assert_eq!((point.specs, point.args), ("trait", ["in", "type"].as_slice()));
}
