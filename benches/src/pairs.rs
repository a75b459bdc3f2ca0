//! The pairs: the same work through the library and by hand, for whoever times or counts them.

use std::collections::HashMap;
use std::fmt::Debug;
use std::hint::black_box;
use std::sync::Arc;

use pluginkit::observe::Event;
use pluginkit::{Caller, PluginManager};

use crate::{
    AsyncByHand, AsyncPass, ByHand, Conditional, Layer, Pass, Plugin, Specs, async_by_hand, async_manager,
    by_hand, layers_by_hand, manager, ready,
};

/// What a pair is about.
#[derive(Clone, Copy, Debug)]
pub struct Work {
    /// Names it in a report, as `group/number`.
    pub name: &'static str,
    pub work: &'static str,
    pub against: &'static str,
    pub target: &'static str,
}

impl Work {
    const fn new(
        name: &'static str,
        work: &'static str,
        against: &'static str,
        target: &'static str,
    ) -> Self {
        Self { name, work, against, target }
    }
}

/// Is given every pair, once both of its sides have come to the same result.
pub trait Measure {
    /// `library` and `other` are each called many times.
    fn pair<A>(&mut self, work: Work, library: impl FnMut() -> A, other: impl FnMut() -> A);

    /// What the layers alone cost: the first of two calls has them, the second has none.
    fn layers(&mut self, work: Work, library: [Call<'_>; 2], other: [Call<'_>; 2]);
}

/// A call whose type does not matter.
pub type Call<'c> = &'c mut dyn FnMut() -> u64;

fn pair<A: PartialEq + Debug>(
    to: &mut impl Measure,
    work: Work,
    mut library: impl FnMut() -> A,
    mut other: impl FnMut() -> A,
) {
    assert_eq!(library(), other(), "{}", work.name);
    to.pair(work, library, other);
}

/// Shows every pair to `to`.
///
/// # Panics
///
/// If the sides of a pair differ.
pub fn all(to: &mut impl Measure) {
    collecting(to);
    others(to);
    wrappers(to);
    absent(to);
    asynchronous(to);
}

fn collecting(to: &mut impl Measure) {
    const LOOP: &str = "a loop over `Vec<Box<dyn Trait>>` that fills the same `Vec`";
    for (count, work) in [
        (1, Work::new("collecting/1", "collecting call, held caller, 1", LOOP, "1.25, 1 allocation")),
        (10, Work::new("collecting/10", "collecting call, held caller, 10", LOOP, "1.05, 1 allocation")),
        (100, Work::new("collecting/100", "collecting call, held caller, 100", LOOP, "1.03, 1 allocation")),
    ] {
        let caller = manager(count).caller(Specs::score);
        let plugins = by_hand(count);
        pair(
            to,
            work,
            || caller.call(black_box("text"), black_box(3)),
            || loop_by_hand(&plugins, black_box("text"), black_box(3)),
        );
    }
    for (count, work) in [
        (1, Work::new("look-up/1", "`pm.caller(P).call(..)`, look-up every time, 1", LOOP, "1.6")),
        (10, Work::new("look-up/10", "`pm.caller(P).call(..)`, look-up every time, 10", LOOP, "1.15")),
    ] {
        let pm = manager(count);
        let plugins = by_hand(count);
        pair(
            to,
            work,
            || pm.caller(Specs::score).call(black_box("text"), black_box(3)),
            || loop_by_hand(&plugins, black_box("text"), black_box(3)),
        );
    }
}

fn loop_by_hand(plugins: &[Box<dyn ByHand>], text: &str, weight: u64) -> Vec<u64> {
    let mut out = Vec::with_capacity(plugins.len());
    for plugin in plugins {
        out.push(plugin.score(text, weight));
    }
    out
}

fn others(to: &mut impl Measure) {
    const LOOP: &str = "a hand-written loop";
    let pm = manager(10);
    let plugins = by_hand(10);
    let find = pm.caller(Specs::find);
    pair(
        to,
        Work::new("firstresult/10", "firstresult, 10, the last one answers", LOOP, "1.05, 0 allocations"),
        || find.call(black_box("ninechars")),
        || plugins.iter().find_map(|plugin| plugin.find(black_box("ninechars"))),
    );
    let thread = pm.caller(Specs::thread);
    pair(
        to,
        Work::new("pipeline/10", "pipeline, 10", LOOP, "1.05, 0 allocations"),
        || thread.call(black_box(5)),
        || plugins.iter().fold(black_box(5), |value, plugin| plugin.thread(value)),
    );
    let visit = pm.caller(Specs::visit);
    let (mut one, mut two) = (vec![0], vec![0]);
    pair(
        to,
        Work::new("unit/10", "a `()` hook with a `&mut` argument, 10", LOOP, "1.05, 0 allocations"),
        || {
            visit.call(black_box(&mut one));
            one[0]
        },
        || {
            let two = black_box(&mut two);
            for plugin in &plugins {
                plugin.visit(two);
            }
            two[0]
        },
    );
}

fn wrappers(to: &mut impl Measure) {
    const LAYERS: &str = "nested `Box<dyn Fn>` layers";
    let plain = manager(1).caller(Specs::thread);
    let plain_by_hand = layers_by_hand(0, by_hand(1));
    for (layers, work) in [
        (1, Work::new("wrappers/1", "the whole call of 1 extension with 1 sync wrapper", LAYERS, "")),
        (10, Work::new("wrappers/10", "the whole call of 1 extension with 10 sync wrappers", LAYERS, "")),
    ] {
        let pm = manager(1);
        pm.register_all((0..layers).map(|n| (format!("layer{n}"), Layer(n)))).expect("the layers fit");
        let thread = pm.caller(Specs::thread);
        let hand = layers_by_hand(layers, by_hand(1));
        let mut library = || thread.call(black_box(5));
        let mut other = || hand(black_box(5));
        pair(to, work, &mut library, &mut other);
        if layers == 10 {
            to.layers(
                Work::new(
                    "wrappers/each",
                    "each of 10 sync wrappers",
                    "one nested `Box<dyn Fn>` layer",
                    "1.3, 0 allocations",
                ),
                [&mut library, &mut || plain.call(black_box(5))],
                [&mut other, &mut || plain_by_hand(black_box(5))],
            );
        }
    }
}

fn absent(to: &mut impl Measure) {
    const FRESH: &str = "the same call of a manager that never had one";
    let observed = manager(10);
    drop(observed.observe(|_: &Event<'_>| {}));
    let (observed, fresh) = (observed.caller(Specs::score), manager(10).caller(Specs::score));
    pair(
        to,
        Work::new("absent/observer", "an observer that is not there any more", FRESH, "no measurable cost"),
        || observed.call(black_box("text"), black_box(3)),
        || fresh.call(black_box("text"), black_box(3)),
    );
    let wrapped = manager(10);
    wrapped.register_as("layer", Layer(1)).expect("the layer fits");
    wrapped.unregister("layer").expect("the layer is there");
    let (wrapped, fresh) = (wrapped.caller(Specs::thread), manager(10).caller(Specs::thread));
    pair(
        to,
        Work::new("absent/wrapper", "a wrapper that is not there any more", FRESH, "no measurable cost"),
        || wrapped.call(black_box(5)),
        || fresh.call(black_box(5)),
    );
}

fn asynchronous(to: &mut impl Measure) {
    const LOOP: &str = "a loop over `#[async_trait]` objects";
    for (count, work) in [
        (
            10,
            Work::new(
                "async/10",
                "async call, 10 `async fn`s ready at once",
                LOOP,
                "0.5, 1 allocation beside the results",
            ),
        ),
        (
            100,
            Work::new(
                "async/100",
                "async call, 100 `async fn`s ready at once",
                LOOP,
                "0.5, 1 allocation beside the results",
            ),
        ),
    ] {
        let caller = async_manager(count, false).caller(Specs::score);
        let plugins = async_by_hand(count);
        pair(
            to,
            work,
            || ready(caller.call(black_box("text"), black_box(3))),
            || ready(async_loop_by_hand(&plugins, black_box("text"), black_box(3))),
        );
    }
    let (awaited, called) = (async_manager(10, true).caller(Specs::score), manager(10).caller(Specs::score));
    pair(
        to,
        Work::new("async/fn", "async manager over 10 `fn` extensions", "the sync call", "1.3"),
        || ready(awaited.call(black_box("text"), black_box(3))),
        || called.call(black_box("text"), black_box(3)),
    );
}

async fn async_loop_by_hand(plugins: &[Box<dyn AsyncByHand>], text: &str, weight: u64) -> Vec<u64> {
    let mut out = Vec::with_capacity(plugins.len());
    for plugin in plugins {
        out.push(plugin.score(text, weight).await);
    }
    out
}

/// Shows what else a call may have, beside the same call without it, to `to`.
///
/// # Panics
///
/// If the sides differ.
pub fn beyond(to: &mut impl Measure) {
    const PLAIN: &str = "the call without it";
    let score = |pm: &PluginManager| pm.caller(Specs::score);
    let plain = score(&manager(10));
    let mut beside = |name, work, caller: &Caller<pluginkit::point!(Specs::score)>| {
        pair(
            to,
            Work::new(name, work, PLAIN, ""),
            || caller.call(black_box("text"), black_box(3)),
            || plain.call(black_box("text"), black_box(3)),
        );
    };

    let observed = manager(10);
    let guard = observed.observe(|event: &Event<'_>| {
        black_box(event.plugin());
    });
    beside("beyond/observer", "an observer", &score(&observed));
    drop(guard);

    let conditional = manager(0);
    let plugins = (0..10).map(|n| (format!("p{n}"), Conditional(n)));
    conditional.register_all(plugins).expect("the plugins fit the manager");
    beside("beyond/when", "10 conditions that hold", &score(&conditional));

    let eleven = manager(11);
    beside("beyond/without", "a kept view that leaves one out", &score(&eleven).without(["p10"]));
    let extra = score(&manager(9)).extra(|args| (9 ^ args.weight).wrapping_add(args.text.len() as u64));
    beside("beyond/extra", "a kept view with one more", &extra);

    let wrapped = manager(10);
    wrapped.register(Pass).expect("the wrapper fits the manager");
    beside("beyond/wrapper", "a wrapper", &score(&wrapped));

    let caller = score(&eleven);
    pair(
        to,
        Work::new("beyond/view", "`without(..)` at every call", PLAIN, ""),
        || caller.without(["p10"]).call(black_box("text"), black_box(3)),
        || plain.call(black_box("text"), black_box(3)),
    );
    pair(
        to,
        Work::new("beyond/iter", "`iter`, collected", PLAIN, ""),
        || plain.iter(black_box("text"), black_box(3)).collect::<Vec<_>>(),
        || plain.call(black_box("text"), black_box(3)),
    );
    pair(
        to,
        Work::new("beyond/try_call", "`try_call`", PLAIN, ""),
        || plain.try_call(black_box("text"), black_box(3)).expect("nothing fails here"),
        || plain.call(black_box("text"), black_box(3)),
    );
    pair(
        to,
        Work::new("beyond/settle", "`settle`", PLAIN, ""),
        || plain.settle(black_box("text"), black_box(3)).len(),
        || plain.call(black_box("text"), black_box(3)).len(),
    );

    let plain = async_manager(10, false).caller(Specs::score);
    let wrapped = async_manager(10, false);
    wrapped.register(AsyncPass).expect("the wrapper fits the manager");
    let wrapped = wrapped.caller(Specs::score);
    pair(
        to,
        Work::new("beyond/async-wrapper", "an async wrapper", PLAIN, ""),
        || ready(wrapped.call(black_box("text"), black_box(3))),
        || ready(plain.call(black_box("text"), black_box(3))),
    );
    pair(
        to,
        Work::new("beyond/concurrent", "`call_concurrent`", PLAIN, ""),
        || ready(plain.call_concurrent(black_box("text"), black_box(3))),
        || ready(plain.call(black_box("text"), black_box(3))),
    );
}

/// How often a side of [`registration`] can be called: each time fills a manager of its own.
pub const REGISTRATIONS: usize = 8;

/// Shows the registration of many plugins at once to `to`.
///
/// # Panics
///
/// If the sides differ, or are called more than [`REGISTRATIONS`] times.
pub fn registration(to: &mut impl Measure) {
    const MAP: &str = "a map of the names, and a list for each of the 4 points";
    for (count, work) in [
        (10, Work::new("register/10", "`register_all`, 10 plugins of 4 extensions", MAP, "")),
        (100, Work::new("register/100", "`register_all`, 100 plugins of 4 extensions", MAP, "")),
    ] {
        let mut managers: Vec<_> = (0..REGISTRATIONS).map(|_| (manager(0), named(count))).collect();
        let mut by_hand: Vec<_> = (0..REGISTRATIONS).map(|_| (Registered::default(), named(count))).collect();
        // What is full stays until the end: nobody counts how it is dropped.
        let (mut full, mut full_by_hand) = (Vec::new(), Vec::new());
        pair(
            to,
            work,
            || {
                let (pm, plugins) = managers.pop().expect("there is a manager for each time");
                pm.register_all(plugins).expect("the plugins fit the manager");
                full.push(pm);
                count
            },
            || {
                let (mut registered, plugins) = by_hand.pop().expect("there is a list for each time");
                registered.register_all(plugins);
                let length = registered.lists[3].len() as u64;
                full_by_hand.push(registered);
                length
            },
        );
    }
}

/// Who is registered, by hand.
#[derive(Default)]
struct Registered {
    names: HashMap<String, Arc<dyn ByHand>>,
    lists: [Vec<Arc<dyn ByHand>>; 4],
}

impl Registered {
    fn register_all(&mut self, plugins: Vec<(String, Plugin)>) {
        for (name, plugin) in plugins {
            let plugin: Arc<dyn ByHand> = Arc::new(plugin);
            for list in &mut self.lists {
                list.push(plugin.clone());
            }
            assert!(self.names.insert(name, plugin).is_none(), "a name is taken once");
        }
    }
}

/// Plugins and their names, for a manager that has none yet.
pub fn named(count: u64) -> Vec<(String, Plugin)> {
    (0..count).map(|n| (format!("p{n}"), Plugin(n))).collect()
}
