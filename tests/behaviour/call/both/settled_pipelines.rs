//! `settle` of pipelines: every extension by itself, and the value that is left.

use std::time::Duration;

use pluginkit::calls::Piped;
use pluginkit::prelude::*;
use pluginkit_tests::{Log, Show};

use super::kind::{Manager, awaited, implement, wait};

#[derive(Clone, Debug, PartialEq)]
struct Data<'a> {
    words: Vec<&'a str>,
}

#[extension_point]
trait Specs {
    #[extension_point(pipeline)]
    fn transform(&self, text: String) -> String;
    #[extension_point(pipeline)]
    fn fallible(&self, text: String, by: String) -> Result<String, String>;
    #[extension_point(pipeline)]
    fn maybe(&self, text: String) -> Option<String>;
    #[extension_point(pipeline)]
    fn both(&self, text: String) -> Result<Option<String>, String>;
    #[extension_point(pipeline)]
    fn edit(&self, text: &mut String) -> Result<(), String>;
    #[extension_point(pipeline = "data")]
    fn borrowed<'a>(&self, extra: &'a str, data: Data<'a>) -> Result<Data<'a>, String>;
}

fn manager() -> Manager {
    let pm = Manager::new("settled");
    pm.add_extension_points(Specs).unwrap();
    pm
}

/// Who came to which end.
fn shown<V: std::fmt::Debug, E: std::fmt::Display>(settled: &[Settled<V, E>]) -> Vec<String> {
    let shown = |each: &Settled<V, E>| match &each.result {
        Ok(value) => format!("{} {value:?}", each.plugin),
        Err(error) => {
            assert_eq!(error.plugin(), Some(&each.plugin));
            error.to_string()
        }
    };
    settled.iter().map(shown).collect()
}

struct Appends(&'static str);

implement! {
    #[extension]
    impl Specs for Appends {
        fn transform(&self, text: String) -> String {
            assert!(self.0 != "panic", "boom");
            text + self.0
        }
        fn fallible(&self, text: String, by: String) -> Result<String, String> {
            assert!(self.0 != "panic", "boom");
            if self.0 == "err" { Err(text) } else { Ok(text + &by + self.0) }
        }
        fn maybe(&self, text: String) -> Option<String> {
            assert!(self.0 != "panic", "boom");
            (self.0 != "none").then(|| text + self.0)
        }
        fn both(&self, text: String) -> Result<Option<String>, String> {
            if self.0 == "err" { Err(text) } else { Ok((self.0 != "none").then(|| text + self.0)) }
        }
        fn edit(&self, text: &mut String) -> Result<(), String> {
            text.push_str(self.0);
            if self.0 == "err" { Err(text.clone()) } else { Ok(()) }
        }
        fn borrowed<'a>(&self, extra: &'a str, data: Data<'a>) -> Result<Data<'a>, String> {
            if self.0 == "err" {
                return Err(data.words.concat());
            }
            Ok(Data { words: data.words.into_iter().chain([extra, self.0]).collect() })
        }
    }
}

fn with(plugins: &[&'static str]) -> Manager {
    let pm = manager();
    pm.register_all(plugins.iter().map(|id| (*id, Appends(id)))).unwrap();
    pm
}

#[test]
fn an_empty_pipeline_settles_with_its_argument() {
    let Piped { value, settled, .. } = wait!(manager().caller(Specs::transform).settle("x".into()));
    assert_eq!((value.as_str(), settled.len()), ("x", 0));
}

#[test]
fn one_that_fails_leaves_the_running_value_to_the_others() {
    let pm = with(&["a", "err", "b", "panic", "c"]);
    let piped = wait!(pm.caller(Specs::fallible).settle("x".into(), ".".into()));
    assert_eq!(piped.value, "x.a.b.c");
    assert_eq!(
        shown(&piped.settled),
        [
            r#"a "x.a""#,
            "plugin `err` failed in `Specs::fallible`: x.a",
            r#"b "x.a.b""#,
            "plugin `panic` panicked in `Specs::fallible`: boom",
            r#"c "x.a.b.c""#
        ]
    );
    let piped = wait!(with(&["panic", "a", "b"]).caller(Specs::transform).settle("x".into()));
    assert_eq!(piped.value, "xab", "the first may fail");
    let piped = wait!(with(&["a", "b", "panic"]).caller(Specs::transform).settle("x".into()));
    assert_eq!(piped.value, "xab", "and the last");
    assert_eq!(
        shown(&piped.settled)[1..],
        [r#"b "xab""#, "plugin `panic` panicked in `Specs::transform`: boom"]
    );
}

#[test]
fn one_that_abstains_is_told_from_one_that_fails() {
    let piped = wait!(with(&["a", "none", "panic", "b"]).caller(Specs::maybe).settle("x".into()));
    assert_eq!(piped.value, "xab");
    assert_eq!(
        shown(&piped.settled),
        [
            r#"a Some("xa")"#,
            "none None",
            "plugin `panic` panicked in `Specs::maybe`: boom",
            r#"b Some("xab")"#
        ]
    );
    let piped = wait!(with(&["a", "none", "err", "b"]).caller(Specs::both).settle("x".into()));
    assert_eq!(piped.value, "xab");
    assert_eq!(
        shown(&piped.settled),
        [r#"a Some("xa")"#, "none None", "plugin `err` failed in `Specs::both`: xa", r#"b Some("xab")"#]
    );
}

#[test]
fn a_value_edited_in_place_keeps_the_changes() {
    let mut text = String::from("x");
    let settled: Vec<Settled<(), String>> =
        wait!(with(&["a", "err", "b"]).caller(Specs::edit).settle(&mut text));
    assert_eq!(text, "xaerrb");
    assert_eq!(shown(&settled), ["a ()", "plugin `err` failed in `Specs::edit`: xaerr", "b ()"]);
}

#[test]
fn a_value_with_a_lifetime_settles() {
    let (word, extra) = (String::from("x"), String::from("."));
    let data = Data { words: vec![&word] };
    let piped = wait!(with(&["a", "err", "b"]).caller(Specs::borrowed).settle(&extra, data));
    assert_eq!(piped.value.words.concat(), "x.a.b");
    assert_eq!(shown(&piped.settled)[1], "plugin `err` failed in `Specs::borrowed`: x.a");
}

#[test]
fn one_that_is_late_leaves_the_running_value() {
    let pm = with(&["a", "late", "b"]);
    pm.set_plugin_timeout("late", Duration::from_nanos(1)).unwrap();
    let piped = wait!(pm.caller(Specs::transform).settle("x".into()));
    assert_eq!(piped.value, "xab");
    assert!(matches!(piped.settled[1].result, Err(CallError::TimedOut { .. })));
}

#[test]
fn an_extension_that_declines_is_not_among_the_settled() {
    struct Picky;
    impl Picky {
        fn likes(&self, text: &str) -> bool {
            text == "harbor"
        }
    }
    implement! {
        #[extension]
        impl Specs for Picky {
            #[extension(when = Self::likes)]
            fn transform(&self, text: String) -> String {
                text.to_uppercase()
            }
        }
    }
    let pm = with(&["a"]);
    pm.register(Picky).unwrap();
    let piped = wait!(pm.caller(Specs::transform).settle("hill".into()));
    assert_eq!((piped.value.as_str(), piped.settled.len()), ("hilla", 1));
    let piped = wait!(pm.caller(Specs::transform).without(["a"]).settle("harbor".into()));
    assert_eq!((piped.value.as_str(), piped.settled.len()), ("HARBOR", 1));
}

#[test]
fn wrappers_take_no_part_and_observers_see_the_extensions() {
    struct Around;
    implement! {
        #[extension]
        impl Specs for Around {
            #[extension(wrapper)]
            fn transform(&self, next: Next<'_>) -> String {
                format!("({})", awaited!(next.run()))
            }
        }
    }
    let pm = with(&["a", "panic"]);
    pm.register(Around).unwrap();
    let log = Log::new();
    let _guard = pm.observe(Show("", log.clone()));
    assert_eq!(wait!(pm.caller(Specs::transform).settle("x".into())).value, "xa");
    assert_eq!(log.line(), "a> a< panic> panicpanic");
}
