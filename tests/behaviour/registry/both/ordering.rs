//! The order of extensions and wrappers.

use pluginkit::prelude::*;
use pluginkit::{Error, Options};

use super::kind::{Manager, awaited, implement, wait};

#[extension_point]
trait Specs {
    fn order(&self) -> String;
}

fn manager() -> Manager {
    let pm = Manager::new("ordering");
    pm.add_extension_points(Specs).unwrap();
    pm
}

fn add(pm: &Manager, name: &'static str, options: Options) -> Result<PluginId, Error> {
    pm.register_fn_with(name, Specs::order, options, move |_| name.to_owned())
}

fn order(pm: &Manager) -> String {
    wait!(pm.caller(Specs::order).call()).join(" ")
}

const NORMAL: Options = Options::new();

#[test]
fn buckets_then_priority_then_registration() {
    let pm = manager();
    for (name, options) in [
        ("last", NORMAL.trylast()),
        ("last-high", NORMAL.trylast().priority(9)),
        ("normal", NORMAL),
        ("first-low", NORMAL.tryfirst().priority(-9)),
        ("low", NORMAL.priority(-1)),
        ("normal-2", NORMAL),
        ("high", NORMAL.priority(1)),
        ("first", NORMAL.tryfirst()),
        ("first-2", NORMAL.tryfirst()),
    ] {
        add(&pm, name, options).unwrap();
    }
    assert_eq!(order(&pm), "first first-2 first-low high normal normal-2 low last-high last");
}

#[test]
fn before_and_after_bind_over_buckets_and_priorities() {
    let pm = manager();
    add(&pm, "first", NORMAL.tryfirst().priority(5)).unwrap();
    add(&pm, "late", NORMAL.trylast().before(["first"])).unwrap();
    add(&pm, "early", NORMAL.tryfirst().after(["plain"])).unwrap();
    add(&pm, "plain", NORMAL).unwrap();
    assert_eq!(order(&pm), "late first plain early");
}

#[test]
fn a_name_that_is_absent_binds_nothing_until_it_comes() {
    let pm = manager();
    add(&pm, "a", NORMAL.after(["b"])).unwrap();
    add(&pm, "c", NORMAL).unwrap();
    assert_eq!(order(&pm), "a c");
    add(&pm, "b", NORMAL).unwrap();
    assert_eq!(order(&pm), "c b a");
    pm.unregister("b").unwrap();
    assert_eq!(order(&pm), "a c");
}

#[test]
fn a_list_of_names_binds_to_each() {
    let pm = manager();
    add(&pm, "x", NORMAL.after(["a", "b"])).unwrap();
    add(&pm, "a", NORMAL).unwrap();
    add(&pm, "b", NORMAL).unwrap();
    add(&pm, "y", NORMAL.before(["a", "b"])).unwrap();
    assert_eq!(order(&pm), "y a b x");
}

#[test]
fn a_cycle_refuses_the_registration_and_is_named() {
    let pm = manager();
    add(&pm, "a", NORMAL.before(["b"])).unwrap();
    add(&pm, "b", NORMAL.before(["c"])).unwrap();
    let error = add(&pm, "c", NORMAL.before(["a"])).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the order of `Specs::order` is impossible: `a` -> `b` -> `c` -> `a` must each run before the next; drop one of their `before` or `after`"
    );
    assert_eq!(error.kind(), pluginkit::ErrorKind::Resolution);
    assert_eq!(pm.plugin_names(), ["a", "b"]);
    assert_eq!(order(&pm), "a b");
    assert!(matches!(add(&pm, "self", NORMAL.after(["self"])), Err(Error::OrderCycle { .. })));
    add(&pm, "c", NORMAL).unwrap();
    assert_eq!(order(&pm), "a b c");
}

#[test]
fn a_plugin_that_names_no_other_is_refused_between_two_constraints_on_it() {
    let pm = manager();
    add(&pm, "a", NORMAL.before(["n"]).after(["n"])).unwrap();
    assert!(matches!(add(&pm, "n", NORMAL), Err(Error::OrderCycle { .. })));
    assert_eq!(order(&pm), "a");
    add(&pm, "m", NORMAL).unwrap();
    assert_eq!(order(&pm), "a m");
    pm.unregister("a").unwrap();
    add(&pm, "n", NORMAL).unwrap();
    assert_eq!(order(&pm), "m n");
}

#[test]
fn a_disabled_plugin_keeps_its_place_in_the_order() {
    let pm = manager();
    add(&pm, "a", NORMAL).unwrap();
    add(&pm, "b", NORMAL).unwrap();
    add(&pm, "c", NORMAL.before(["b"])).unwrap();
    assert_eq!(order(&pm), "a c b");
    pm.set_enabled("c", false).unwrap();
    assert_eq!(order(&pm), "a b");
    assert!(matches!(add(&pm, "d", NORMAL.after(["b"]).before(["c"])), Err(Error::OrderCycle { .. })));
    pm.set_enabled("c", true).unwrap();
    assert_eq!(order(&pm), "a c b");
}

/// A wrapper under its plugin's name, in its place in the order.
macro_rules! wrapper {
    ($plugin:ident $(, $place:ident $(= $value:expr)?)*) => {
        struct $plugin;

        implement! {
            #[extension(wrapper $(, $place $(= $value)?)*)]
            impl Specs for $plugin {
                fn order(&self, next: Next<'_>) -> Vec<String> {
                    let inner = awaited!(next.run());
                    vec![format!("{}({})", stringify!($plugin), inner.join(" "))]
                }
            }
        }
    };
}

#[test]
fn wrappers_follow_the_same_rule_the_first_being_the_outermost() {
    wrapper!(Normal);
    wrapper!(Last, trylast);
    wrapper!(First, tryfirst);
    wrapper!(High, priority = 3);
    wrapper!(Outer, before = "First");
    let pm = manager();
    pm.register(Normal).unwrap();
    pm.register(Last).unwrap();
    pm.register(First).unwrap();
    pm.register(High).unwrap();
    pm.register(Outer).unwrap();
    add(&pm, "x", NORMAL).unwrap();
    assert_eq!(order(&pm), "Outer(First(High(Normal(Last(x)))))");
}

#[test]
fn extensions_and_wrappers_do_not_bind_each_other() {
    wrapper!(Wrapper, after = "x");
    let pm = manager();
    add(&pm, "x", NORMAL.after(["Wrapper"])).unwrap();
    pm.register(Wrapper).unwrap();
    assert_eq!(order(&pm), "Wrapper(x)");
}

/// Whether some of these, each with its `before` and `after`, name each other in a circle.
fn is_circular(all: &[(&str, Options)]) -> bool {
    let mut left: Vec<_> = all.to_vec();
    let precedes = |(one, first): &(&str, Options), (other, second): &(&str, Options)| {
        first.before.iter().any(|name| name == other) || second.after.iter().any(|name| name == one)
    };
    loop {
        let free = left.iter().position(|each| !left.iter().any(|other| precedes(other, each)));
        let Some(free) = free else { return !left.is_empty() };
        left.remove(free);
    }
}

#[test]
fn a_registration_is_refused_if_and_only_if_it_closes_a_circle() {
    const NAMES: [&str; 9] = ["a", "b", "c", "d", "e", "f", "g", "h", "i"];
    let mut state = 7_u64;
    let mut next = |end: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % end
    };
    let (mut refused, mut taken) = (0, 0);
    for _ in 0..40 {
        let (pm, mut there) = (manager(), Vec::<(&str, Options)>::new());
        for _ in 0..60 {
            let name = NAMES[next(NAMES.len())];
            if let Some(at) = there.iter().position(|each| each.0 == name) {
                there.remove(at);
                pm.unregister(name).unwrap();
            }
            let mut names = || -> &'static [&'static str] {
                let start = next(NAMES.len());
                &NAMES[start..(start + next(3)).min(NAMES.len())]
            };
            let options = NORMAL.before(names()).after(names());
            there.push((name, options.clone()));
            if is_circular(&there) {
                there.pop();
                assert!(matches!(add(&pm, name, options), Err(Error::OrderCycle { .. })), "{name} {there:?}");
                refused += 1;
            } else {
                add(&pm, name, options).unwrap();
                taken += 1;
            }
            let order = wait!(pm.caller(Specs::order).call());
            let place = |name: &str| order.iter().position(|each| each == name);
            for (name, options) in &there {
                let own = place(name);
                assert!(
                    options.before.iter().all(|other| place(other).is_none_or(|other| own < Some(other)))
                );
                assert!(options.after.iter().all(|other| place(other) < own));
            }
        }
    }
    assert!(refused > 100 && taken > 100, "{refused} refused, {taken} taken");
}
