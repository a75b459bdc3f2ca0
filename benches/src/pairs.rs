//! The pairs: the same work through the library and by hand, for whoever times or counts them.

use std::collections::HashMap;
use std::fmt::Debug;
use std::hint::black_box;
use std::sync::Arc;

use pluginkit::insight::{Metrics, MetricsFacade, TracingSpans};
use pluginkit::kind::Kind;
use pluginkit::observe::Event;
use pluginkit::{Caller, Manager, PluginManager};

use crate::{
    AsyncCall, AsyncLayer, AsyncLoop, AsyncPass, ByHand, Conditional, Layer, Pass, Plugin, Specs,
    async_by_hand, async_manager, by_hand, http, layers_by_hand, manager, ready,
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

/// Shows a pair to `to`, once both of its sides have come to the same result.
///
/// # Panics
///
/// If the sides differ.
pub fn pair<A: PartialEq + Debug>(
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
    async_wrappers(to);
    guarded(to);
    middleware(to);
}

fn collecting(to: &mut impl Measure) {
    const LOOP: &str = "a loop over `Vec<Box<dyn Trait>>`";
    for (count, work) in [
        (1, Work::new("collecting/1", "collecting call, held caller, 1", LOOP, "1.3")),
        (10, Work::new("collecting/10", "collecting call, held caller, 10", LOOP, "1.1")),
        (100, Work::new("collecting/100", "collecting call, held caller, 100", LOOP, "1.0")),
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
        (1, Work::new("look-up/1", "`pm.caller(P).call(..)`, look-up every time, 1", LOOP, "1.5")),
        (10, Work::new("look-up/10", "`pm.caller(P).call(..)`, look-up every time, 10", LOOP, "1.2")),
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

/// Collects the scores of `plugins`.
pub fn loop_by_hand(plugins: &[Box<dyn ByHand>], text: &str, weight: u64) -> Vec<u64> {
    let mut out = Vec::with_capacity(plugins.len());
    for plugin in plugins {
        out.push(plugin.score(text, weight));
    }
    out
}

fn others(to: &mut impl Measure) {
    const LOOP: &str = "a loop";
    let pm = manager(10);
    let plugins = by_hand(10);
    let find = pm.caller(Specs::find);
    pair(
        to,
        Work::new("firstresult/10", "firstresult, 10, the last one answers", LOOP, "1.15"),
        || find.call(black_box("ninechars")),
        || plugins.iter().find_map(|plugin| plugin.find(black_box("ninechars"))),
    );
    let thread = pm.caller(Specs::thread);
    pair(
        to,
        Work::new("pipeline/10", "pipeline, 10", LOOP, "1.15"),
        || thread.call(black_box(5)),
        || plugins.iter().fold(black_box(5), |value, plugin| plugin.thread(value)),
    );
    let visit = pm.caller(Specs::visit);
    let (mut one, mut two) = (vec![0], vec![0]);
    pair(
        to,
        Work::new("unit/10", "a `()` hook with a `&mut` argument, 10", LOOP, "1.15"),
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
                    "1.3",
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
        Work::new("absent/observer", "an observer that is not there any more", FRESH, "1.0"),
        || observed.call(black_box("text"), black_box(3)),
        || fresh.call(black_box("text"), black_box(3)),
    );
    let wrapped = manager(10);
    wrapped.register_as("layer", Layer(1)).expect("the layer fits");
    wrapped.unregister("layer").expect("the layer is there");
    let (wrapped, fresh) = (wrapped.caller(Specs::thread), manager(10).caller(Specs::thread));
    pair(
        to,
        Work::new("absent/wrapper", "a wrapper that is not there any more", FRESH, "1.0"),
        || wrapped.call(black_box(5)),
        || fresh.call(black_box(5)),
    );
}

fn asynchronous(to: &mut impl Measure) {
    const LOOP: &str = "a loop over `#[async_trait]` objects";
    for (count, work) in [
        (10, Work::new("async/10", "async call, 10 `async fn`s ready at once", LOOP, "0.5")),
        (100, Work::new("async/100", "async call, 100 `async fn`s ready at once", LOOP, "0.35")),
    ] {
        let caller = async_manager(count, false).caller(Specs::score);
        let plugins = AsyncLoop(async_by_hand(count));
        pair(
            to,
            work,
            || ready(caller.call(black_box("text"), black_box(3))),
            || ready(plugins.all(black_box("text"), black_box(3))),
        );
    }
    let (awaited, called) = (async_manager(10, true).caller(Specs::score), manager(10).caller(Specs::score));
    pair(
        to,
        Work::new("async/fn", "async manager over 10 `fn` extensions", "the sync call", "1.2"),
        || ready(awaited.call(black_box("text"), black_box(3))),
        || called.call(black_box("text"), black_box(3)),
    );
}

fn async_wrappers(to: &mut impl Measure) {
    const LAYER: &str = "boxed layers over the loop";
    let plain = async_manager(10, false).caller(Specs::score);
    let plain_by_hand = AsyncLoop(async_by_hand(10));
    for (count, work) in [
        (1, Work::new("async-wrapper/1", "an async wrapper over 10", LAYER, "1.0, 0 a")),
        (10, Work::new("async-wrapper/10", "ten async wrappers over 10", LAYER, "1.0, 0 a")),
    ] {
        let pm = async_manager(10, false);
        pm.register_all((0..count).map(|n| (format!("layer{n}"), AsyncPass))).expect("the layers fit");
        let wrapped = pm.caller(Specs::score);
        let mut by_hand: Box<dyn AsyncCall> = Box::new(AsyncLoop(async_by_hand(10)));
        for _ in 0..count {
            by_hand = Box::new(AsyncLayer(by_hand));
        }
        to.layers(
            work,
            [&mut || total(&ready(wrapped.call(black_box("text"), black_box(3)))), &mut || {
                total(&ready(plain.call(black_box("text"), black_box(3))))
            }],
            [&mut || total(&ready(by_hand.score(black_box("text"), black_box(3)))), &mut || {
                total(&ready(plain_by_hand.score(black_box("text"), black_box(3))))
            }],
        );
    }
}

/// A call's outcome as one number.
pub fn total(results: &[u64]) -> u64 {
    results.iter().fold(0, |all, each| all.wrapping_add(*each))
}

fn guarded(to: &mut impl Measure) {
    const CALL: &str = "`call`, unobserved";
    let wrapped = || {
        let pm = manager(1);
        pm.register_all((0..10).map(|n| (format!("layer{n}"), Layer(n)))).expect("the layers fit");
        pm
    };
    let plain = wrapped().caller(Specs::thread);
    pair(
        to,
        Work::new("try_call/sync", "`try_call`, 1 extension, 10 wrappers", CALL, "1.1"),
        || plain.try_call(black_box(5)).expect("nothing fails here"),
        || plain.call(black_box(5)),
    );
    let observed = wrapped();
    observe(&observed);
    let observed = observed.caller(Specs::thread);
    pair(
        to,
        Work::new("observed/sync", "the same with metrics, the facade and spans on", CALL, "1.5"),
        || observed.try_call(black_box(5)).expect("nothing fails here"),
        || plain.call(black_box(5)),
    );

    let wrapped = || {
        let pm = async_manager(1, false);
        pm.register_all((0..10).map(|n| (format!("layer{n}"), AsyncPass))).expect("the layers fit");
        pm
    };
    let plain = wrapped().caller(Specs::score);
    pair(
        to,
        Work::new("try_call/async", "async `try_call`, 1 extension, 10 wrappers", CALL, "1.1"),
        || ready(plain.try_call(black_box("text"), black_box(3))).expect("nothing fails here"),
        || ready(plain.call(black_box("text"), black_box(3))),
    );
    let observed = wrapped();
    observe(&observed);
    let observed = observed.caller(Specs::score);
    pair(
        to,
        Work::new("observed/async", "the same async, with metrics, the facade and spans on", CALL, "1.5"),
        || ready(observed.try_call(black_box("text"), black_box(3))).expect("nothing fails here"),
        || ready(plain.call(black_box("text"), black_box(3))),
    );
}

/// Turns on metrics, the facade and spans, for which nothing is installed.
fn observe<K: Kind>(pm: &Manager<K>) {
    pm.observe(Metrics::new()).forget();
    pm.observe(MetricsFacade::new()).forget();
    pm.observe(TracingSpans::new()).forget();
}

fn middleware(to: &mut impl Measure) {
    let (wrapped, none) = (http::wrappers(10), http::wrappers(0));
    let (functions, no_function, stack) = (http::functions(10), http::functions(0), http::stack());
    for (name, against, target, by_hand) in [
        ("axum/from_fn", "10 `axum::middleware::from_fn`", "0.4", &functions),
        ("axum/stack", "10 layers in one `ServiceBuilder`", "2.5", &stack),
    ] {
        pair(
            to,
            Work::new(name, "a request to `axum` through 10 async wrappers", against, target),
            || http::ask(&wrapped),
            || http::ask(by_hand),
        );
    }
    to.layers(
        Work::new("axum/layers", "what these 10 async wrappers add", "what 10 `from_fn` add", ""),
        [&mut || http::ask(&wrapped), &mut || http::ask(&none)],
        [&mut || http::ask(&functions), &mut || http::ask(&no_function)],
    );
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

/// Shows the first call after a change to `to`. Its sides can be called [`REGISTRATIONS`] times.
///
/// # Panics
///
/// If the sides differ, or are called more often.
pub fn changes(to: &mut impl Measure) {
    for (collects, work) in [
        (true, Work::new("change/collecting", FIRST_COLLECTING, LATER, "1")),
        (false, Work::new("change/pipeline", FIRST_PIPELINE, LATER, "1")),
    ] {
        let changed = || {
            let pm = manager(1000);
            let call = move |pm: &PluginManager| {
                if collects {
                    total(&pm.caller(Specs::score).call(black_box("text"), black_box(3)))
                } else {
                    pm.caller(Specs::thread).call(black_box(5))
                }
            };
            call(&pm);
            pm.register_as("more", Plugin(1000)).expect("the plugin fits");
            (pm, call)
        };
        let mut first: Vec<_> = (0..REGISTRATIONS).map(|_| changed()).collect();
        let (pm, call) = changed();
        let mut over = Vec::new();
        pair(
            to,
            work,
            || {
                let (pm, call) = first.pop().expect("there is a manager for each time");
                let outcome = call(&pm);
                over.push(pm);
                outcome
            },
            || call(&pm),
        );
    }
}

/// The rows of first calls, which are timed elsewhere.
pub const FIRST_COLLECTING: &str = "the first call after a change, 1,000 extensions, collecting";
pub const FIRST_PIPELINE: &str = "the first call after a change, 1,000 extensions, pipeline";
pub const LATER: &str = "the calls after it";

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
