#![deny(warnings)]
#![allow(non_snake_case, uncommon_codepoints)]

use pluginkit::prelude::*;

#[extension_point]
pub trait Odd {
    fn words(&self, _self: u8, __super: u8, _crate: &str, _Self: String) -> u8;

    fn keywords(&self, _type: u8, r#try: &str, _gen: String) -> String;

    fn raw(&self, r#topic: u8, _名: u8, _: u8) -> u8 {
        topic
    }

    fn _1(&self) -> u8;

    fn _1a(&self, _1: u8, __2a: u8) -> u8;

    #[extension_point(pipeline = "_super")]
    fn _self(&self, _1: u8, _super: &mut String);

    #[extension_point(firstresult)]
    fn r#try(&self, _fn: &str) -> Option<u8>;

    fn _·dot(&self, _·x: u8);

    #[extension_point(historic)]
    fn __(&self, __self: &str);
}

#[extension_point(service)]
pub trait Store: Send + Sync {
    fn get(&self, _self: u8, _type: &str, _1: u8) -> u8;
}

pub struct Weather;

fn is_wanted(_: &Weather, one: u8, text: &String) -> bool {
    one > 0 && text.is_empty()
}

#[extension(service)]
impl Store for Weather {
    fn get(&self, _self: u8, _: &str, _1: u8) -> u8 {
        _self + _1
    }
}

#[extension]
impl Odd for Weather {
    fn words(&self, __self: u8, _super: u8, _crate: &str, __Self: String) -> u8 {
        __self + _super + u8::from(_crate == __Self)
    }

    fn keywords(&self, r#gen: String, r#type: u8, _try: &str) -> String {
        format!("{gen}{type}{_try}")
    }

    fn raw(&self, _topic: u8, 名: u8) -> u8 {
        _topic + 名
    }

    fn _1(&self) -> u8 {
        1
    }

    #[extension(wrapper)]
    fn _1a(&self, _1: u8, _2a: u8, next: Next<'_>) -> Vec<u8> {
        next.run(_1, _2a)
    }

    #[extension(when = is_wanted(__1, _super))]
    fn _self(&self, _super: &mut String) {
        _super.push('!');
    }

    #[extension(target = "try")]
    fn attempt(&self, r#fn: &str) -> Option<u8> {
        r#fn.parse().ok()
    }

    fn _·dot(&self, _·x: u8) {
        drop(_·x.to_string());
    }

    fn __(&self, _self: &str) {
        drop(_self.to_owned());
    }
}

pub fn uses(pm: &PluginManager) -> Result<(), pluginkit::Error> {
    pm.add_extension_points(Odd)?;
    pm.register(Weather)?;
    pm.register_fn("other", Odd::words, |args| args._self + args._super)?;
    let _: Vec<u8> = pm.caller(Odd::words).call(1, 2, "a", "b".to_owned());
    let _: Vec<u8> = pm.caller(Odd::_1).call();
    let _: Vec<u8> = pm.caller(Odd::_1a).call(1, 2);
    pm.caller(Odd::_self).call(1, &mut String::new());
    let _: Option<u8> = pm.caller(Odd::r#try).call("1");
    Ok(())
}
