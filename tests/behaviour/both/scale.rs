//! Many plugins.

use std::thread;

use pluginkit::Options;
use pluginkit::prelude::*;

use super::{Manager, STACK};

const LAYERS: usize = 1000;

#[extension_point]
trait Specs {
    fn count(&self, text: &str, list: &mut Vec<u32>) -> u32;
    #[extension_point(pipeline)]
    fn transform(&self, value: usize) -> usize;
}

struct Layer;

plugin! {
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
        let guard = pm.observe(|_: &pluginkit::Event<'_>| ());
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
