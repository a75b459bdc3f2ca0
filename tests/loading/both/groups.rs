//! Groups, and calls of one group.

use pluginkit::metadata::NamePlace;

use super::kind::{Manager, wait};
use crate::plugins::{Auth, Cors, Specs};
use crate::toml;

fn manager() -> Manager {
    let pm = Manager::new("loading");
    pm.add_extension_points(Specs).unwrap();
    pm
}

#[test]
fn a_group_has_its_plugins_in_order_and_typed() {
    let pm = manager();
    wait!(pm.load_config(&toml("[plugins]\nweb = ['loading::plugins::Cors', 'auth']\nnone = []"))).unwrap();
    let web = pm.group("web");
    let members: Vec<_> = web.iter().map(|member| format!("{member:?}")).collect();
    assert_eq!(members, ["loading::plugins::Cors -> cors", "auth -> auth"]);
    assert_eq!(web.ids(), ["cors", "auth"]);
    assert_eq!((web.len(), web.name()), (2, "web"));
    assert!(web.get_as::<Cors>("cors").is_some());
    assert!(web.get_as::<Cors>("loading::plugins::Cors").is_some());
    assert!(web.get_as::<Cors>("auth").is_none());
    assert!(web.get("nobody").is_none());
    assert_eq!(web.all_as::<Auth>().len(), 1);
    let names: Vec<_> = pm.groups().iter().map(|group| group.name().to_owned()).collect();
    assert_eq!(names, ["web", "none"]);
}

#[test]
fn a_group_is_iterated_by_reference_and_by_value() {
    let pm = manager();
    wait!(pm.load_config(&toml("[plugins]\nweb = ['cors', 'auth']"))).unwrap();
    let web = pm.group("web");
    let mut ids = Vec::new();
    for member in &web {
        ids.push(member.id().clone());
    }
    assert_eq!(ids, ["cors", "auth"]);
    let [cors, auth] = <[_; 2]>::try_from(web.into_iter().collect::<Vec<_>>()).unwrap();
    assert!(cors.plugin_as::<Cors>().is_some() && auth.plugin_as::<Auth>().is_some());
}

#[test]
fn an_unknown_group_is_empty() {
    let pm = manager();
    assert!(pm.group("web").is_empty());
    assert_eq!(pm.group("web").into_iter().count(), 0);
    assert_eq!(wait!(pm.caller(Specs::fetch).within_group("web").call("x")), [""; 0]);
}

#[test]
fn a_view_of_an_unknown_group_is_told_with_what_was_probably_meant() {
    let pm = manager();
    let fetch = pm.caller(Specs::fetch);
    let view = fetch.within_group("lokup");
    assert_eq!(pm.validate().unwrap().len(), 1);
    wait!(pm.load_config(&toml("[plugins]\nlookup = ['auth']\nnone = []"))).unwrap();
    drop(fetch.within_group("none").within_group("lookup"));
    let unbound = pm.validate().unwrap();
    let [group] = &unbound[..] else { panic!("{unbound:?}") };
    assert!(matches!(group.place, NamePlace::Group { point, .. } if point.name == "fetch"));
    let line = "a caller of `Specs::fetch` is to call the group `lokup`, but the configuration has no such group; did you mean `lookup`?";
    assert_eq!(group.to_string(), line);
    assert!(pm.report().to_string().contains(line));
    assert_eq!(wait!(view.call("x")), [""; 0]);
    wait!(pm.load_config(&toml("[plugins]\nlokup = ['auth']"))).unwrap();
    assert!(pm.validate().unwrap().iter().all(|each| each.name != "lokup"));
    assert_eq!(wait!(view.call("x")), ["auth[x]"]);
}

#[test]
fn an_unregistered_plugin_is_in_no_group() {
    let pm = manager();
    wait!(pm.load_config(&toml("[plugins]\nweb = ['cors', 'auth']"))).unwrap();
    let caller = pm.caller(Specs::fetch).within_group("web");
    assert_eq!(wait!(caller.call("x")).len(), 2);
    pm.unregister("cors");
    assert_eq!(pm.group("web").ids(), ["auth"]);
    assert_eq!(wait!(caller.call("x")), ["auth[x]"]);
}

#[test]
fn a_call_within_a_group_runs_its_plugins_only_and_in_its_order() {
    let pm = manager();
    pm.register_fn("other", Specs::transform, |args| format!("({})", args.text)).unwrap();
    // `greet` is made first, but comes second in `loud`.
    let config =
        toml("[plugins]\nall = ['greet', 'shout', 'other']\nloud = ['shout', 'greet']\nmild = ['greet']");
    wait!(pm.load_config(&config)).unwrap();
    let transform = pm.caller(Specs::transform);
    let call = |group: &str| wait!(transform.within_group(group).call("you".to_owned()));
    assert_eq!(call("loud"), "hello YOU");
    assert_eq!(call("mild"), "hello you");
    // In the order of the group: what the host registered first, too.
    assert_eq!(call("all"), "(HELLO YOU)");
    assert_eq!(wait!(transform.call("you".to_owned())), "HELLO (YOU)");
}

#[test]
fn views_of_groups_go_with_other_views() {
    let pm = manager();
    let config = toml("[plugins]\none = ['greet', 'shout']\ntwo = ['shout']");
    wait!(pm.load_config(&config)).unwrap();
    let transform = pm.caller(Specs::transform);
    let you = || "you".to_owned();
    assert_eq!(wait!(transform.within_group("one").without(["greet"]).call(you())), "YOU");
    assert_eq!(wait!(transform.within_group("one").within_group("two").call(you())), "YOU");
    let extra = transform.within_group("two").extra(|args| format!("{}!", args.text));
    assert_eq!(wait!(extra.call(you())), "YOU!");
}

#[test]
fn a_view_of_a_group_sees_it_change() {
    let pm = manager();
    wait!(pm.load_config(&toml("[plugins]\none = ['greet']\ntwo = ['shout']"))).unwrap();
    let caller = pm.caller(Specs::transform).within_group("one");
    assert_eq!(wait!(caller.call("you".to_owned())), "hello you");
    // Nothing is registered anew, yet the groups are others.
    let report = wait!(pm.load_config(&toml("[plugins]\none = ['shout', 'greet']"))).unwrap();
    assert_eq!(report.to_string(), "moved `greet`\nregrouped `one`\nregrouped `two`\n");
    assert_eq!(
        (report.is_unchanged(), report.regrouped()),
        (false, &["one".to_owned(), "two".to_owned()][..])
    );
    assert_eq!(wait!(caller.call("you".to_owned())), "hello YOU");
    assert!(pm.group("two").is_empty());
}

#[test]
fn a_view_of_a_group_outlives_its_manager() {
    let pm = manager();
    wait!(pm.load_config(&toml("[plugins]\none = ['greet']\ntwo = ['shout']"))).unwrap();
    let caller = pm.caller(Specs::transform).within_group("one");
    drop(pm);
    assert_eq!(wait!(caller.call("you".to_owned())), "hello you");
}
