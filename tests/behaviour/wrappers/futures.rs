//! The futures of wrappers lie in the memory of their call: nothing of that shows.

use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, Waker};
use std::thread;

use pluginkit::prelude::*;
use pluginkit_tests::{Log, block_on, panic_of, pending};

#[extension_point]
trait Specs {
    fn gather(&self, text: &str) -> String;
    #[extension_point(pipeline)]
    fn add(&self, value: u64) -> u64;
}

/// Says when it goes.
struct Guard(String, Log);

impl Drop for Guard {
    fn drop(&mut self) {
        self.1.push(self.0.clone());
    }
}

/// A value of `SIZE` bytes with an alignment of its own.
macro_rules! wide {
    ($name:ident, $align:literal) => {
        #[repr(align($align))]
        struct $name<const SIZE: usize>([u8; SIZE]);

        impl<const SIZE: usize> $name<SIZE> {
            fn new() -> Self {
                Self([7; SIZE])
            }

            fn check(&self) {
                assert!(std::ptr::from_ref(self).is_aligned());
                assert!(self.0.iter().all(|byte| *byte == 7));
            }
        }
    };
}

wide!(Wide16, 16);
wide!(Wide32, 32);
wide!(Wide64, 64);

/// A wrapper whose future has the size and the alignment of a `$wide<SIZE>`, and one that awaits nothing else.
macro_rules! sized {
    ($name:ident, $wide:ident, $size:literal) => {
        struct $name;

        #[extension(wrapper)]
        impl Specs for $name {
            async fn gather(&self, text: &str, next: Next<'_>) -> Vec<String> {
                let wide = $wide::<$size>::new();
                pending(1).await;
                let outcome = next.run(text).await;
                wide.check();
                pending(1).await;
                wide.check();
                outcome
            }
            async fn add(&self, next: Next<'_>) -> u64 {
                let wide = $wide::<$size>::new();
                let outcome = next.run().await;
                wide.check();
                outcome + 1
            }
        }
    };
}

sized!(Tiny, Wide16, 1);
sized!(Large, Wide16, 5000);
sized!(Aligned32, Wide32, 100);
sized!(Aligned64, Wide64, 600);
sized!(Huge, Wide16, 70_000);

/// An extension that waits once, with a large future.
struct Inner;

#[extension]
impl Specs for Inner {
    async fn gather(&self, text: &str) -> String {
        let wide = Wide64::<300>::new();
        pending(1).await;
        wide.check();
        text.to_owned()
    }
    async fn add(&self, value: u64) -> u64 {
        let wide = Wide16::<700>::new();
        pending(u32::from(value % 2 == 1)).await;
        wide.check();
        value + 1
    }
}

fn manager() -> AsyncPluginManager {
    let pm = AsyncPluginManager::new("futures");
    pm.add_extension_points(Specs).unwrap();
    pm
}

/// Polls a call once; whether it is ready.
fn poll<T>(call: &mut Pin<Box<impl Future<Output = T>>>) -> Poll<T> {
    call.as_mut().poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn futures_of_any_size_and_alignment_wrap_each_other() {
    let pm = manager();
    for round in 0..4 {
        pm.register_as(format!("tiny{round}"), Tiny).unwrap();
        pm.register_as(format!("aligned32 {round}"), Aligned32).unwrap();
        pm.register_as(format!("large{round}"), Large).unwrap();
        pm.register_as(format!("aligned64 {round}"), Aligned64).unwrap();
        pm.register_as(format!("huge{round}"), Huge).unwrap();
        pm.register_as(format!("inner{round}"), Inner).unwrap();
        let (gather, add) = (pm.caller(Specs::gather), pm.caller(Specs::add));
        let count = round + 1;
        // The first calls find out how much memory the next ones need.
        for _ in 0..4 {
            assert_eq!(block_on(gather.call("a")), vec!["a"; count]);
            assert_eq!(block_on(add.call(1)), 1 + 6 * count as u64);
        }
    }
}

/// A wrapper that says when its future goes, waits before and after the rest, and may panic at either.
struct Around {
    name: &'static str,
    log: Log,
    panics_before: bool,
    panics_after: bool,
}

impl Around {
    fn new(name: &'static str, log: &Log) -> Self {
        Self { name, log: log.clone(), panics_before: false, panics_after: false }
    }

    fn guard(&self) -> Guard {
        Guard(self.name.to_owned(), self.log.clone())
    }
}

#[extension(wrapper)]
impl Specs for Around {
    async fn gather(&self, text: &str, next: Next<'_>) -> Vec<String> {
        let _guard = self.guard();
        pending(1).await;
        assert!(!self.panics_before, "{} before", self.name);
        let outcome = next.run(&format!("{text}.")).await;
        pending(1).await;
        assert!(!self.panics_after, "{} after", self.name);
        outcome
    }
    async fn add(&self, next: Next<'_>) -> u64 {
        let _guard = self.guard();
        pending(1).await;
        assert!(!self.panics_before, "{} before", self.name);
        let outcome = next.run().await;
        pending(1).await;
        assert!(!self.panics_after, "{} after", self.name);
        outcome
    }
}

const NAMES: [&str; 4] = ["a", "b", "c", "d"];

#[test]
fn a_wrapper_that_panics_at_any_level_ends_those_inside_of_it_first() {
    for (level, after) in (0..NAMES.len()).flat_map(|level| [(level, false), (level, true)]) {
        let (pm, log) = (manager(), Log::new());
        for (position, name) in NAMES.into_iter().enumerate() {
            let mut around = Around::new(name, &log);
            (around.panics_before, around.panics_after) =
                (position == level && !after, position == level && after);
            pm.register_as(name, around).unwrap();
        }
        pm.register(Inner).unwrap();
        // Those that have begun go, innermost first.
        let begun = if after { NAMES.len() } else { level + 1 };
        let expected = NAMES[..begun].iter().rev().copied().collect::<Vec<_>>();
        let text = format!("{} {}", NAMES[level], if after { "after" } else { "before" });
        let (gather, add) = (pm.caller(Specs::gather), pm.caller(Specs::add));
        for _ in 0..3 {
            assert_eq!(panic_of(|| block_on(gather.call("t"))), text);
            assert_eq!(log.take(), expected);
            assert_eq!(panic_of(|| block_on(add.call(1))), text);
            assert_eq!(log.take(), expected);
        }
        let without = gather.without([NAMES[level]]);
        assert_eq!(block_on(without.call("t")), ["t..."]);
    }
}

#[test]
fn a_call_that_is_dropped_while_any_wrapper_waits_ends_the_innermost_first() {
    let (pm, log) = (manager(), Log::new());
    for name in NAMES {
        pm.register_as(name, Around::new(name, &log)).unwrap();
    }
    pm.register(Inner).unwrap();
    let (gather, add) = (pm.caller(Specs::gather), pm.caller(Specs::add));
    // The first call finds out how much memory the others need.
    for _ in 0..2 {
        for polls in 0..=2 * NAMES.len() + 1 {
            // All wait, then the extension, then all again from the innermost on.
            let begun = polls.min(NAMES.len()).min(2 * NAMES.len() + 2 - polls);
            let expected: Vec<_> = NAMES[..begun].iter().rev().copied().collect();
            let mut call = Box::pin(gather.call("t"));
            (0..polls).for_each(|_| assert!(poll(&mut call).is_pending()));
            log.take();
            drop(call);
            assert_eq!(log.take(), expected, "{polls}");
            let mut call = Box::pin(add.call(1));
            (0..polls).for_each(|_| assert!(poll(&mut call).is_pending()));
            log.take();
            drop(call);
            assert_eq!(log.take(), expected, "{polls}");
        }
        assert_eq!(block_on(gather.call("t")), ["t...."]);
        assert_eq!(block_on(add.call(1)), 2);
        log.take();
    }
}

/// A wrapper that calls its point again, as often as the value says.
struct Again(OnceLock<AsyncCaller<pluginkit::point!(Specs::add)>>);

#[extension(wrapper)]
impl Specs for Again {
    async fn add(&self, value: u64, next: Next<'_>) -> u64 {
        pending(1).await;
        if value == 0 {
            return next.run(value).await;
        }
        let caller = self.0.get().unwrap();
        let before = Box::pin(caller.call(value - 1)).await;
        let outcome = next.run(value).await;
        before + outcome
    }
}

#[test]
fn a_wrapper_may_call_its_point_again() {
    let pm = manager();
    pm.register(Tiny).unwrap();
    let again = Arc::new(Again(OnceLock::new()));
    pm.register(Arc::clone(&again)).unwrap();
    pm.register(Inner).unwrap();
    let caller = pm.caller(Specs::add);
    assert!(again.0.set(caller.clone()).is_ok());
    // Each call adds 2 to its value, and `Again` adds the calls of all smaller values.
    let expected = |value: u64| (0..=value).map(|value| value + 2).sum::<u64>();
    for _ in 0..3 {
        for value in 0..12 {
            assert_eq!(block_on(caller.call(value)), expected(value), "{value}");
        }
    }
}

#[test]
fn a_call_that_waits_keeps_its_wrappers_while_others_come_and_go() {
    let (pm, log) = (manager(), Log::new());
    for name in NAMES {
        pm.register_as(name, Around::new(name, &log)).unwrap();
    }
    pm.register(Inner).unwrap();
    let caller = pm.caller(Specs::gather);
    for round in 0..3 {
        let mut call = Box::pin(caller.call("t"));
        for (polls, name) in NAMES.into_iter().enumerate() {
            assert!(poll(&mut call).is_pending());
            drop(pm.unregister(name).unwrap());
            pm.register_as(format!("{round} {polls}"), Large).unwrap();
        }
        assert_eq!(block_on(caller.call("t")), ["t"]);
        assert_eq!(block_on(call), ["t...."]);
        for (polls, name) in NAMES.into_iter().enumerate() {
            pm.unregister(format!("{round} {polls}")).unwrap();
            pm.register_as(name, Around::new(name, &log)).unwrap();
        }
    }
}

#[test]
fn a_call_moves_between_threads_while_it_waits() {
    let (pm, log) = (manager(), Log::new());
    for name in NAMES {
        pm.register_as(name, Around::new(name, &log)).unwrap();
    }
    pm.register(Inner).unwrap();
    let caller = pm.caller(Specs::add);
    for _ in 0..3 {
        let mut call = Box::pin(caller.call(1));
        let outcome = loop {
            let (back, polled) = thread::scope(|scope| {
                scope
                    .spawn(move || {
                        let polled = poll(&mut call);
                        (call, polled)
                    })
                    .join()
                    .unwrap()
            });
            call = back;
            if let Poll::Ready(outcome) = polled {
                break outcome;
            }
        };
        assert_eq!(outcome, 2);
        // Dropped on another thread than those that polled it.
        thread::spawn(move || drop(call)).join().unwrap();
    }
}

/// A wrapper that begins the rest of a call, and forgets it.
struct Forgets;

#[extension(wrapper)]
impl Specs for Forgets {
    async fn add(&self, value: u64, next: Next<'_>) -> u64 {
        let mut rest = Box::pin(next.run(value));
        assert!(poll(&mut rest).is_pending());
        std::mem::forget(rest);
        pending(1).await;
        value
    }
}

#[test]
fn the_rest_of_a_call_may_be_forgotten() {
    let (pm, log) = (manager(), Log::new());
    pm.register_as("outer", Around::new("outer", &log)).unwrap();
    pm.register(Forgets).unwrap();
    pm.register_as("inner", Around::new("inner", &log)).unwrap();
    pm.register(Inner).unwrap();
    let caller = pm.caller(Specs::add);
    for _ in 0..4 {
        assert_eq!(block_on(caller.call(5)), 5);
        assert_eq!(block_on(caller.without(["Forgets"]).call(5)), 6);
    }
    // Nothing of what was forgotten is dropped.
    assert_eq!(log.take().iter().filter(|name| *name == "inner").count(), 4);
}

/// A wrapper without locals.
struct Passes;

#[extension(wrapper)]
impl Specs for Passes {
    async fn gather(&self, text: &str, next: Next<'_>) -> Vec<String> {
        next.run(text).await
    }
    async fn add(&self, next: Next<'_>) -> u64 {
        next.run().await
    }
}

#[test]
#[cfg(not(debug_assertions))]
fn a_thousand_wrappers_fit_a_small_stack_in_an_optimised_build() {
    let body = || {
        let pm = manager();
        pm.register_all((0..1000).map(|n| (n.to_string(), Passes))).unwrap();
        pm.register(Inner).unwrap();
        for _ in 0..3 {
            assert_eq!(block_on(pm.caller(Specs::gather).call("t")), ["t"]);
            assert_eq!(block_on(pm.caller(Specs::add).call(1)), 2);
            let mut call = Box::pin(pm.caller(Specs::add).call(1));
            assert!(poll(&mut call).is_pending());
        }
    };
    thread::Builder::new().stack_size(2 * 1024 * 1024).spawn(body).unwrap().join().unwrap();
}
