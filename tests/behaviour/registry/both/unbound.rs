//! Names of plugins that bind nothing.

use pluginkit::Options;
use pluginkit::metadata::{NamePlace, UnboundName};
use pluginkit::prelude::*;

use super::kind::{Manager, wait};

#[extension_point]
trait Specs {
    fn render(&self) -> &'static str;
    fn other(&self) -> &'static str;
}

fn manager() -> Manager {
    let pm = Manager::new("unbound");
    pm.add_extension_points(Specs).unwrap();
    pm.register_fn("headings", Specs::render, |_| "headings").unwrap();
    pm.register_fn("elsewhere", Specs::other, |_| "elsewhere").unwrap();
    pm
}

fn add(pm: &Manager, name: &'static str, options: Options) {
    pm.register_fn_with(name, Specs::render, options, |_| "added").unwrap();
}

/// The names, each with what was probably meant.
fn names(unbound: &[UnboundName]) -> Vec<(&str, Option<&str>)> {
    unbound.iter().map(|each| (each.name.as_str(), each.suggestion.as_deref())).collect()
}

#[test]
fn an_order_name_that_binds_nothing_is_told() {
    let pm = manager();
    add(&pm, "links", Options::new().before(["hedings", "headings"]).after(["nobody"]));
    let unbound = pm.validate().unwrap();
    assert_eq!(names(&unbound), [("hedings", Some("headings")), ("nobody", None)]);
    assert!(
        matches!(&unbound[0].place, NamePlace::Before { plugin, point, .. } if plugin == "links" && point.name == "render")
    );
    assert!(matches!(&unbound[1].place, NamePlace::After { .. }));
    let report = pm.report();
    assert_eq!(report.unbound, unbound);
    let line = "plugin `links` is to run before `hedings` at `Specs::render`, but no plugin of that name extends it; did you mean `headings`?";
    assert!(report.to_string().contains(line), "{report}");
    // It binds once the plugin is there.
    add(&pm, "nobody", Options::new());
    assert_eq!(names(&pm.validate().unwrap()), [("hedings", Some("headings"))]);
}

#[test]
fn an_order_name_of_a_plugin_that_extends_another_point_is_told() {
    let pm = manager();
    add(&pm, "links", Options::new().before(["elsewhere"]));
    assert_eq!(names(&pm.validate().unwrap()), [("elsewhere", None)]);
}

#[test]
fn names_in_views_that_no_plugin_has_are_told_until_one_has() {
    let pm = manager();
    let caller = pm.caller(Specs::render);
    let without = caller.without(["hedings", "headings", "elsewhere"]);
    let only = caller.only(["headings", "later"]);
    assert!(wait!(without.call()).is_empty());
    assert_eq!(wait!(only.call()), ["headings"]);
    let unbound = pm.validate().unwrap();
    assert_eq!(names(&unbound), [("hedings", Some("headings")), ("later", None)]);
    assert!(
        matches!(unbound[0].place, NamePlace::Without { .. })
            && matches!(unbound[1].place, NamePlace::Only { .. })
    );
    add(&pm, "later", Options::new());
    assert_eq!(names(&pm.report().unbound), [("hedings", Some("headings"))]);
    let _again = caller.without(["hedings"]);
    assert_eq!(pm.report().unbound.len(), 1, "once");
}

#[test]
fn only_so_many_names_of_views_are_kept() {
    let pm = manager();
    let caller = pm.caller(Specs::render);
    for number in 0..500 {
        let _view = caller.without([format!("nobody-{number}")]);
    }
    assert!(pm.report().unbound.len() < 100);
}
