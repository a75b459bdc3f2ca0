//! Arguments whose destructors panic, in calls that panic already: none aborts the process.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use pluginkit::Options;
use pluginkit::observe::Event;
use pluginkit::prelude::*;
use pluginkit_tests::panic_of;

use super::kind::{Manager, adding, awaited, implement, lazily, wait};

/// Counts its drops, and panics in those of the original and, if it says so, of its clones.
#[derive(Debug)]
struct Bomb {
    drops: Arc<AtomicUsize>,
    is_armed: bool,
    clones_are: bool,
}

impl Bomb {
    fn new(clones_are: bool) -> (Self, Arc<AtomicUsize>) {
        let drops = Arc::default();
        (Self { drops: Arc::clone(&drops), is_armed: true, clones_are }, drops)
    }
}

impl Clone for Bomb {
    fn clone(&self) -> Self {
        Self { drops: Arc::clone(&self.drops), is_armed: self.clones_are, ..*self }
    }
}

impl Drop for Bomb {
    fn drop(&mut self) {
        self.drops.fetch_add(1, Ordering::SeqCst);
        assert!(!self.is_armed, "the argument explodes");
    }
}

#[extension_point]
trait Specs {
    fn take(&self, value: Bomb) -> u32;
    #[extension_point(historic)]
    fn hear(&self, value: Bomb) -> u32;
}

/// Passes the argument on.
struct Wrapper;

implement! {
    #[extension(wrapper)]
    impl Specs for Wrapper {
        fn take(&self, value: Bomb, next: Next<'_>) -> Vec<u32> {
            awaited!(next.run(value))
        }
    }
}

/// Drops its clone of the argument.
struct Takes;

implement! {
    #[extension]
    impl Specs for Takes {
        fn take(&self, value: Bomb) -> u32 {
            drop(value);
            1
        }
        fn hear(&self, value: Bomb) -> u32 {
            drop(value);
            1
        }
    }
}

/// Panics without the argument.
struct Panics;

implement! {
    #[extension]
    impl Specs for Panics {
        fn take(&self) -> u32 {
            panic!("the extension panics")
        }
        fn hear(&self) -> u32 {
            panic!("the extension panics")
        }
    }
}

fn manager() -> Manager {
    let pm = Manager::new("drops");
    pm.add_extension_points(Specs).unwrap();
    pm
}

/// Makes calls whose extension panics, or drops a clone of the argument.
fn explodes(call: impl Fn(&Manager, Bomb)) {
    for (is_wrapped, is_observed) in [(false, false), (true, false), (false, true), (true, true)] {
        let pm = manager();
        if is_wrapped {
            pm.register(Wrapper).unwrap();
        }
        let events = Arc::new(Mutex::new(0));
        let seen = Arc::clone(&events);
        let _observer = is_observed.then(|| pm.observe(move |_: &Event<'_>| *seen.lock().unwrap() += 1));
        for (name, text) in [("takes", "the argument explodes"), ("panics", "the extension panics")] {
            match name {
                "takes" => pm.register_as(name, Takes).unwrap(),
                _ => pm.register_as(name, Panics).unwrap(),
            };
            pm.register_fn("last", Specs::take, |_| 2).unwrap();
            pm.register_fn("last-heard", Specs::hear, |_| 2).unwrap();
            let (bomb, count) = Bomb::new(name == "takes");
            assert_eq!(panic_of(|| call(&pm, bomb)), text, "{is_wrapped} {is_observed}");
            assert_eq!(count.load(Ordering::SeqCst), 2, "{name} {is_wrapped} {is_observed}");
            for name in [name, "last", "last-heard"] {
                pm.unregister(name).unwrap();
            }
        }
        assert_eq!(*events.lock().unwrap() > 0, is_observed);
    }
}

#[test]
fn an_argument_of_a_call_is_dropped_once_and_its_panic_does_not_abort() {
    explodes(|pm, bomb| drop(wait!(pm.caller(Specs::take).call(bomb))));
}

#[test]
fn an_argument_of_a_lazy_call_is_dropped_once_and_its_panic_does_not_abort() {
    explodes(|pm, bomb| lazily!(pm.caller(Specs::take), bomb).for_each(drop));
}

#[test]
fn an_argument_of_a_guarded_call_is_dropped_once_and_its_panic_does_not_abort() {
    explodes(|pm, bomb| {
        let error = wait!(pm.caller(Specs::take).try_call(bomb)).unwrap_err();
        let CallError::Panicked { message, .. } = error else { panic!("{error}") };
        std::panic::resume_unwind(Box::new(message));
    });
}

#[test]
fn an_argument_is_dropped_once_where_a_predicate_panics() {
    for is_wrapper in [false, true] {
        let pm = manager();
        let builder = PluginBuilder::new(()).named("picky");
        let builder = if is_wrapper {
            adding!(
                builder,
                Specs::take,
                Options::new(),
                |_this, args, next| awaited!(next.run(args.value)),
                |_, _| { panic!("the predicate panics") }
            )
        } else {
            adding!(builder, Specs::take, Options::new(), |_this, _args| 1, |_, _| panic!(
                "the predicate panics"
            ))
        };
        builder.register(&pm).unwrap();
        let (bomb, count) = Bomb::new(true);
        let call = || wait!(pm.caller(Specs::take).call(bomb));
        assert_eq!(panic_of(call), "the predicate panics");
        assert_eq!(count.load(Ordering::SeqCst), 1);
    }
}

#[test]
fn the_argument_of_a_historic_call_does_not_abort() {
    for name in ["takes", "panics"] {
        let pm = manager();
        match name {
            "takes" => pm.register_as(name, Takes).unwrap(),
            _ => pm.register_as(name, Panics).unwrap(),
        };
        pm.register_fn("last", Specs::hear, |_| 2).unwrap();
        let (bomb, count) = Bomb::new(name == "takes");
        let call = || wait!(pm.caller(Specs::hear).call_historic(bomb));
        assert!(catch_unwind(AssertUnwindSafe(call)).is_err());
        assert!(count.load(Ordering::SeqCst) >= 2, "the argument, and what is remembered");
    }
}
