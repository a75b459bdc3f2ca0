//! The plugin that a guarded call names, for all ways in which three wrappers and an extension can fail.
//!
//! A guarded call with an observer follows each implementation. One without takes a shorter path. Both must name the same
//! plugin.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicU32, Ordering};

use pluginkit::Options;
use pluginkit::observe::Event;
use pluginkit::prelude::*;
use pluginkit_tests::block_on;

#[extension_point]
trait Specs {
    fn parse(&self, text: &str) -> Result<u32, String>;
}

/// What an implementation does.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Does {
    /// It passes on the outcome of the rest; an extension returns a value.
    Passes,
    /// It returns an error instead of running the rest.
    Refuses,
    /// It panics instead of running the rest.
    Panics,
    /// It runs the rest, and returns a value whatever came of it, also after a panic.
    Recovers,
    /// It runs the rest, and returns an error of its own whatever came of it, also after a panic.
    Replaces,
    /// It runs the rest, and panics unless it did.
    PanicsAfter,
    /// It runs the rest, catches a panic, and panics with a text of its own.
    PanicsAgain,
    /// It runs the rest, catches a panic, and lets it go on.
    Rethrows,
}

use Does::{Panics, PanicsAfter, PanicsAgain, Passes, Recovers, Refuses, Replaces, Rethrows};

const WRAPPERS: [Does; 8] = [Passes, Refuses, Panics, Recovers, Replaces, PanicsAfter, PanicsAgain, Rethrows];
const EXTENSIONS: [Does; 3] = [Passes, Refuses, Panics];

/// Panics without a line in the output.
fn unwind(text: &'static str) -> ! {
    resume_unwind(Box::new(text))
}

struct Layer(Does);

#[extension(wrapper)]
impl Specs for Layer {
    fn parse(&self, text: &str, next: Next<'_>) -> Result<Vec<u32>, String> {
        let own = || Err(format!("{text} of a wrapper"));
        match self.0 {
            Refuses => return own(),
            Panics => unwind("a wrapper"),
            Passes => return next.run(text),
            PanicsAfter => {
                let _outcome = next.run(text);
                unwind("after the rest")
            }
            Recovers | Replaces | PanicsAgain | Rethrows => {}
        }
        let caught = catch_unwind(AssertUnwindSafe(|| next.run(text)));
        match (self.0, caught) {
            (Replaces, _) => own(),
            (PanicsAgain, Err(_)) => unwind("again"),
            (Rethrows, Err(panic)) => resume_unwind(panic),
            (PanicsAgain | Rethrows, Ok(outcome)) => outcome,
            (_, caught) => Ok(caught.ok().and_then(Result::ok).unwrap_or_default()),
        }
    }
}

/// Returns the outcome of a call through these wrappers, and the plugin that it names.
fn outcome(wrappers: [Does; 3], extension: Does, observed: bool) -> String {
    let pm = PluginManager::new("sources");
    pm.add_extension_points(Specs).unwrap();
    for (name, does) in ["outer", "middle", "inner"].into_iter().zip(wrappers) {
        pm.register_as(name, Layer(does)).unwrap();
    }
    pm.register_fn("first", Specs::parse, |_| Ok(1)).unwrap();
    pm.register_fn("second", Specs::parse, move |args| match extension {
        Passes => Ok(2),
        Refuses => Err(args.text.to_owned()),
        _ => unwind("an extension"),
    })
    .unwrap();
    let _observer = observed.then(|| pm.observe(|_: &Event<'_>| {}));
    format!("{:?}", pm.caller(Specs::parse).try_call("an error"))
}

#[test]
fn a_guarded_call_names_the_same_plugin_with_and_without_observers() {
    let triples = WRAPPERS.into_iter().flat_map(|outer| {
        WRAPPERS.into_iter().flat_map(move |middle| WRAPPERS.map(|inner| [outer, middle, inner]))
    });
    for wrappers in triples {
        for extension in EXTENSIONS {
            let [plain, observed] = [false, true].map(|observed| outcome(wrappers, extension, observed));
            assert_eq!(plain, observed, "{wrappers:?} around {extension:?}");
        }
    }
}

#[test]
fn a_failure_is_that_of_its_source() {
    let named = |wrappers, extension| outcome(wrappers, extension, false);
    for (wrappers, extension, plugin) in [
        ([Passes, Passes, Passes], Refuses, "second"),
        ([Passes, Passes, Passes], Panics, "second"),
        ([Passes, Refuses, Passes], Passes, "middle"),
        ([Panics, Passes, Passes], Passes, "outer"),
        ([Passes, Replaces, Passes], Refuses, "middle"),
        ([Passes, Replaces, Passes], Panics, "middle"),
        ([Replaces, Passes, Recovers], Panics, "outer"),
        ([Passes, PanicsAfter, Passes], Refuses, "middle"),
        ([Passes, Passes, PanicsAgain], Panics, "inner"),
        ([Passes, PanicsAgain, PanicsAgain], Panics, "inner"),
        ([Passes, PanicsAgain, Rethrows], Panics, "middle"),
        ([Passes, Passes, Rethrows], Panics, "second"),
        ([Passes, Passes, Recovers], Panics, "Ok([])"),
    ] {
        let outcome = named(wrappers, extension);
        assert!(
            outcome.contains(&format!("\"{plugin}\"")) || outcome == plugin,
            "{wrappers:?} around {extension:?}: {outcome}"
        );
    }
    assert_eq!(named([Recovers, Passes, Passes], Panics), "Ok([])");
}

#[extension_point]
trait Started {
    fn get(&self, run: u32) -> u32;
}

/// Runs the rest twice, and catches the panic of the first run.
struct Twice;

#[extension(wrapper)]
impl Started for Twice {
    async fn get(&self, next: Next<'_>) -> Vec<u32> {
        let first = AssertUnwindSafe(next.clone().run());
        let _ = futures_util::FutureExt::catch_unwind(first).await;
        next.run().await
    }
}

#[test]
fn a_panic_before_a_future_exists_is_that_of_the_extension_in_each_run() {
    for observed in [false, true] {
        let pm = AsyncPluginManager::new("sources");
        pm.add_extension_points(Started).unwrap();
        pm.register(Twice).unwrap();
        let runs = AtomicU32::new(0);
        PluginBuilder::new(runs)
            .named("second")
            .async_extension(Started::get, Options::new(), |runs, args, slot| {
                let run = runs.fetch_add(1, Ordering::SeqCst);
                assert!(run == 0, "before the future");
                slot.put(async move { args.run })
            })
            .register(&pm)
            .unwrap();
        let first = AtomicU32::new(0);
        PluginBuilder::new(first)
            .named("first")
            .async_extension(Started::get, Options::new().trylast(), |first, args, slot| {
                slot.put(async move {
                    let run = first.fetch_add(1, Ordering::SeqCst);
                    assert!(run > 0, "in the future");
                    args.run
                })
            })
            .register(&pm)
            .unwrap();
        let _observer = observed.then(|| pm.observe_fn(|_| {}));
        let error = block_on(pm.caller(Started::get).try_call(1)).unwrap_err();
        assert_eq!(error.plugin().map(|plugin| &**plugin), Some("second"), "observed: {observed}; {error}");
    }
}
