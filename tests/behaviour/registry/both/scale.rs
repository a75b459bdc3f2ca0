//! Many plugins.

use std::thread;

use pluginkit::Options;
use pluginkit::prelude::*;

use super::kind::{Manager, STACK, awaited, implement, wait};

const LAYERS: usize = 1000;

#[extension_point]
trait Specs {
    fn count(&self, text: &str, list: &mut Vec<u32>) -> u32;
    #[extension_point(pipeline)]
    fn transform(&self, value: usize) -> usize;
}

struct Layer;

implement! {
    #[extension]
    impl Specs for Layer {
        fn count(&self, text: &str, list: &mut Vec<u32>) -> u32 {
            list.push(1);
            u32::try_from(text.len()).unwrap()
        }
        #[extension(wrapper, target = "count")]
        fn around_all(&self, text: &str, list: &mut Vec<u32>, next: Next<'_>) -> Vec<u32> {
            let mut outcome = awaited!(next.run(text, list));
            outcome[0] += 1;
            outcome
        }
        #[extension(wrapper, target = "transform")]
        fn around_none(&self, next: Next<'_>) -> usize {
            awaited!(next.run()) + 1
        }
        fn transform(&self, value: usize) -> usize {
            value + 1
        }
    }
}

#[test]
fn a_thousand_extensions_and_wrappers_fit_the_stack_of_a_main_thread() {
    let body = || {
        let pm = Manager::new("scale");
        pm.add_extension_points(Specs).unwrap();
        pm.register_all((0..LAYERS).map(|n| (n.to_string(), Layer))).unwrap();
        let mut list = Vec::new();
        let outcome = wait!(pm.caller(Specs::count).call("four", &mut list));
        assert_eq!((outcome.len(), list.len()), (LAYERS, LAYERS));
        assert_eq!((outcome[0] as usize, outcome[1]), (LAYERS + 4, 4));
        assert_eq!(wait!(pm.caller(Specs::transform).call(0)), 2 * LAYERS);
        let guard = pm.observe(|_: &pluginkit::observe::Event<'_>| ());
        assert_eq!(wait!(pm.caller(Specs::transform).call(0)), 2 * LAYERS);
        drop(guard);
    };
    thread::Builder::new().stack_size(STACK).spawn(body).unwrap().join().unwrap();
}

#[test]
fn order_holds_over_a_thousand_plugins() {
    let pm = Manager::new("scale");
    pm.add_extension_points(Specs).unwrap();
    for n in 0..1000u32 {
        let options = Options::new().priority(i32::try_from(n % 10).unwrap());
        pm.register_fn_with(n.to_string(), Specs::count, options, move |_| n).unwrap();
    }
    let outcome = wait!(pm.caller(Specs::count).call("", &mut Vec::new()));
    let mut expected: Vec<u32> = (0..1000).collect();
    expected.sort_by_key(|n| std::cmp::Reverse(n % 10));
    assert_eq!(outcome, expected);
}

/// `count` plugins `p0`, `p1`, … that answer with their numbers, and have these options where they are given.
fn numbered(count: u32, options: &[(u32, Options)]) -> Manager {
    let pm = Manager::new("scale");
    pm.add_extension_points(Specs).unwrap();
    for n in 0..count {
        let options = options.iter().find(|each| each.0 == n).map_or(Options::new(), |each| each.1.clone());
        pm.register_fn_with(format!("p{n}"), Specs::count, options, move |_| n).unwrap();
    }
    pm
}

fn called(pm: &Manager) -> Vec<u32> {
    wait!(pm.caller(Specs::count).call("", &mut Vec::new()))
}

#[test]
fn before_and_after_bind_among_many_also_to_one_that_is_disabled() {
    let options = [
        (10, Options::new().after(["p20"])),
        (8, Options::new().before(["p5"])),
        (70, Options::new().after(["p10"])),
    ];
    let pm = numbered(100, &options);
    let mut expected: Vec<u32> = (0..100).filter(|n| ![8, 10].contains(n)).collect();
    expected.insert(5, 8);
    let at = expected.iter().position(|n| *n == 20).unwrap();
    expected.insert(at + 1, 10);
    assert_eq!(called(&pm), expected);
    for name in ["p20", "p5", "p10"] {
        pm.set_enabled(name, false).unwrap();
        let left: Vec<_> = expected.iter().copied().filter(|n| format!("p{n}") != name).collect();
        assert_eq!(called(&pm), left);
        pm.set_enabled(name, true).unwrap();
        assert_eq!(called(&pm), expected);
    }
    pm.unregister("p5").unwrap();
    assert_eq!(called(&pm)[..9], [0, 1, 2, 3, 4, 6, 7, 8, 9]);
    let error = pm
        .register_fn_with("x", Specs::count, Options::new().after(["p10"]).before(["p20"]), |_| 0)
        .unwrap_err();
    assert!(matches!(error, pluginkit::Error::OrderCycle { .. }), "{error}");
    assert_eq!(called(&pm).len(), 99);
}

#[test]
fn one_of_many_that_is_unregistered_is_dropped_at_once() {
    let pm = numbered(300, &[]);
    for calls in [true, false] {
        let kept = std::sync::Arc::new(());
        let weak = std::sync::Arc::downgrade(&kept);
        pm.register_fn("short-lived", Specs::count, move |_| u32::try_from(size_of_val(&kept)).unwrap())
            .unwrap();
        if calls {
            assert_eq!(called(&pm).len(), 301);
        }
        drop(pm.unregister("short-lived").unwrap());
        assert!(weak.upgrade().is_none());
        assert_eq!(called(&pm).len(), 300);
    }
}

#[test]
fn calls_within_calls_go_as_deep_as_the_stack_while_each_changes_the_manager() {
    let body = || {
        let pm = std::sync::Arc::new(numbered(70, &[]));
        let weak = std::sync::Arc::downgrade(&pm);
        pm.register_fn("deeper", Specs::transform, move |args| {
            let pm = weak.upgrade().unwrap();
            let n = args.value;
            if n == 0 {
                return called(&pm).len();
            }
            pm.register_fn(format!("at {n}"), Specs::count, |_| 0).unwrap();
            let seen = called(&pm).len();
            let deepest = wait!(pm.caller(Specs::transform).call(n - 1));
            pm.unregister(format!("at {n}")).unwrap();
            assert_eq!(called(&pm).len(), seen - 1);
            deepest
        })
        .unwrap();
        assert_eq!(wait!(pm.caller(Specs::transform).call(LAYERS)), 70 + LAYERS);
        assert_eq!(called(&pm).len(), 70);
    };
    thread::Builder::new().stack_size(STACK).spawn(body).unwrap().join().unwrap();
}
