//! Callers and their views.

use pluginkit::prelude::*;
use pluginkit::{Error, Options};
use pluginkit_tests::panic_and_file_of;

use super::kind::{Manager, awaited, implement, wait};

#[extension_point]
trait Specs {
    fn fetch(&self, topic: &str) -> String;
    #[extension_point(firstresult)]
    fn deliver(&self, message: &str) -> Option<String>;
    #[extension_point(pipeline)]
    fn transform(&self, text: String) -> String;
}

#[extension_point]
trait Absent {
    fn missing(&self);
}

fn manager() -> Manager {
    let pm = Manager::new("callers");
    pm.add_extension_points(Specs).unwrap();
    pm
}

fn named(pm: &Manager, name: &'static str, options: Options) {
    pm.register_fn_with(name, Specs::fetch, options, move |_| name.to_owned()).unwrap();
}

#[test]
fn a_held_caller_and_its_clones_see_later_registrations() {
    let pm = manager();
    let held = pm.caller(Specs::fetch);
    let clone = held.clone();
    assert!(wait!(held.call("x")).is_empty());
    named(&pm, "a", Options::new());
    assert_eq!(wait!(held.call("x")), ["a"]);
    assert_eq!(wait!(clone.call("x")), ["a"]);
    pm.unregister("a").unwrap();
    assert!(wait!(clone.call("x")).is_empty());
}

#[test]
fn a_caller_of_a_point_that_was_never_added_panics_with_the_fix_at_the_callers_line() {
    let pm = manager();
    let (text, file) = panic_and_file_of(|| pm.caller(Absent::missing));
    assert!(file.ends_with("callers.rs"), "{file}");
    assert_eq!(
        text,
        "this manager has no extension point `Absent::missing`: call `add_extension_points(Absent)` first"
    );
    assert!(matches!(pm.try_caller(Absent::missing), Err(Error::UnknownExtensionPoint { .. })));
    assert!(pm.try_caller(Absent::missing).unwrap_err().plugin().is_none());
    assert!(pm.try_caller(Specs::fetch).is_ok());
}

#[test]
fn an_extra_runs_between_the_normals_and_trylast() {
    let pm = manager();
    named(&pm, "last", Options::new().trylast());
    named(&pm, "first", Options::new().tryfirst());
    named(&pm, "low", Options::new().priority(-1));
    named(&pm, "normal", Options::new());
    named(&pm, "high", Options::new().priority(1));
    let caller = pm.caller(Specs::fetch).extra(|args| args.topic.to_owned());
    assert_eq!(wait!(caller.call("extra")), ["first", "high", "normal", "extra", "low", "last"]);
    named(&pm, "later", Options::new());
    assert_eq!(wait!(caller.call("extra")), ["first", "high", "normal", "later", "extra", "low", "last"]);
    assert_eq!(wait!(pm.caller(Specs::fetch).call("extra")).len(), 6);
}

#[test]
fn extras_add_up_in_order() {
    let pm = manager();
    let caller = pm.caller(Specs::fetch).extra(|_| "one".to_owned()).extra(|_| "two".to_owned());
    assert_eq!(wait!(caller.call("x")), ["one", "two"]);
}

#[test]
fn an_extra_takes_part_in_every_mode() {
    let pm = manager();
    assert_eq!(
        wait!(pm.caller(Specs::deliver).extra(|args| Some(args.message.to_owned())).call("m")),
        Some("m".into())
    );
    assert_eq!(wait!(pm.caller(Specs::transform).extra(|args| args.text + "!").call("m".into())), "m!");
}

#[test]
fn a_view_leaves_plugins_out_whatever_their_methods_are_called_and_stays_live() {
    struct Odd;
    implement! {
        #[extension]
        impl Specs for Odd {
            #[extension(target = "fetch")]
            fn something_else(&self) -> String {
                "odd".into()
            }
            #[extension(wrapper, target = "fetch")]
            fn around(&self, next: Next<'_>) -> Vec<String> {
                let mut outcome = awaited!(next.run());
                outcome.push("wrapped".into());
                outcome
            }
        }
    }
    let pm = manager();
    named(&pm, "a", Options::new());
    pm.register_as("odd", Odd).unwrap();
    let view = pm.caller(Specs::fetch).without(["odd", "nobody"]);
    assert_eq!(wait!(view.call("x")), ["a"]);
    assert_eq!(wait!(pm.caller(Specs::fetch).call("x")), ["a", "odd", "wrapped"]);
    named(&pm, "b", Options::new());
    assert_eq!(wait!(view.call("x")), ["a", "b"]);
    assert_eq!(wait!(view.without(["a"]).call("x")), ["b"]);
    assert_eq!(wait!(view.without(&["a", "b"]).call("x")), [""; 0]);
    assert_eq!(wait!(view.without(vec![String::from("b")]).call("x")), ["a"]);
    pm.unregister("odd").unwrap();
    named(&pm, "odd", Options::new());
    assert_eq!(wait!(view.call("x")), ["a", "b"]);
}

#[test]
fn a_view_of_some_plugins_has_only_those_in_call_order_and_stays_live() {
    let pm = manager();
    for name in ["a", "b", "c"] {
        named(&pm, name, Options::new());
    }
    let caller = pm.caller(Specs::fetch);
    let view = caller.only(["c", "late", "a"]);
    assert_eq!(wait!(view.call("x")), ["a", "c"]);
    named(&pm, "late", Options::new().tryfirst());
    assert_eq!(wait!(view.call("x")), ["late", "a", "c"]);
    pm.set_enabled("c", false).unwrap();
    assert_eq!(wait!(view.call("x")), ["late", "a"]);
    assert_eq!(wait!(view.only(["a", "b"]).call("x")), ["a"], "named by both");
    assert_eq!(wait!(view.without(["a"]).call("x")), ["late"]);
    assert_eq!(wait!(view.extra(|_| "extra".into()).only(["a"]).call("x")), ["a", "extra"]);
    assert_eq!(wait!(caller.only([""; 0]).call("x")), [""; 0]);
    assert_eq!(view.implementations().len(), 2);
    assert_eq!(wait!(caller.call("x")), ["late", "a", "b"]);
}

#[test]
fn a_view_keeps_the_declared_order() {
    let pm = manager();
    named(&pm, "a", Options::new().after(["c"]));
    named(&pm, "b", Options::new());
    named(&pm, "c", Options::new());
    assert_eq!(wait!(pm.caller(Specs::fetch).without(["b"]).call("x")), ["c", "a"]);
    assert_eq!(wait!(pm.caller(Specs::fetch).without(["c"]).call("x")), ["a", "b"]);
    assert_eq!(wait!(pm.caller(Specs::fetch).extra(|_| "e".into()).call("x")), ["b", "c", "a", "e"]);

    // An extra is no plugin that anyone could name.
    let odd = manager();
    named(&odd, "b", Options::new().before(["a"]).after(["(extra)"]));
    named(&odd, "a", Options::new().before(["(extra)"]));
    assert_eq!(wait!(odd.caller(Specs::fetch).extra(|_| "e".into()).call("x")), ["b", "a", "e"]);
}

#[test]
fn a_view_that_only_limits_has_the_order_of_the_whole() {
    let pm = manager();
    named(&pm, "a", Options::new());
    named(&pm, "b", Options::new().before(["c"]));
    named(&pm, "c", Options::new().tryfirst());
    pm.set_enabled("c", false).unwrap();
    let caller = pm.caller(Specs::fetch);
    assert_eq!(wait!(caller.call("x")), ["b", "a"]);
    let limit = std::time::Duration::from_secs(3600);
    assert_eq!(wait!(caller.timeout(limit).call("x")), ["b", "a"]);
}

#[test]
fn implementations_lists_the_extensions_that_would_run_with_wrappers_marked() {
    struct Both;
    implement! {
        #[extension]
        impl Specs for Both {
            #[extension(trylast)]
            fn fetch(&self) -> String {
                String::new()
            }
            #[extension(wrapper, target = "fetch")]
            fn around(&self, next: Next<'_>) -> Vec<String> {
                awaited!(next.run())
            }
        }
    }
    let pm = manager();
    pm.register_as("both", Both).unwrap();
    named(&pm, "closure", Options::new());
    let caller = pm.caller(Specs::fetch);
    let shown: Vec<_> = caller.implementations().iter().map(ToString::to_string).collect();
    assert_eq!(shown, ["both (wrapper)", "closure", "both"]);
    let methods: Vec<_> = caller.implementations().iter().map(|each| each.method).collect();
    assert_eq!(methods, ["around", "", "fetch"]);
    assert!(caller.implementations()[0].is_wrapper);
    pm.set_enabled("both", false).unwrap();
    assert_eq!(caller.implementations().len(), 1);
}
