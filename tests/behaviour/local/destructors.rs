//! Destructors of plugins run when nothing of the manager is borrowed, one at a time, and may panic.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use pluginkit::prelude::*;

#[extension_point]
trait Specs {
    fn fetch(&self) -> u32;
    fn take(&self, value: Bomb);
}

type Log = Rc<RefCell<Vec<String>>>;

/// A value whose destructor logs, and may panic.
#[derive(Clone)]
struct Bomb {
    name: &'static str,
    log: Log,
    panics: Rc<Cell<bool>>,
}

impl Bomb {
    fn new(name: &'static str, log: &Log) -> Self {
        Self { name, log: Rc::clone(log), panics: Rc::new(Cell::new(true)) }
    }

    fn size(&self) -> u32 {
        u32::try_from(self.name.len()).unwrap()
    }
}

impl Drop for Bomb {
    fn drop(&mut self) {
        self.log.borrow_mut().push(self.name.to_owned());
        assert!(!self.panics.get(), "{} explodes", self.name);
    }
}

struct Holds(Bomb);

#[extension(local)]
impl Specs for Holds {
    fn fetch(&mut self) -> u32 {
        self.0.size()
    }
    fn take(&self) {}
}

fn manager<'p>() -> LocalPluginManager<'p> {
    let pm = LocalPluginManager::new("feed");
    pm.add_extension_points(Specs).unwrap();
    pm
}

fn text(panicked: Result<impl Sized, Box<dyn std::any::Any + Send>>) -> String {
    match panicked {
        Ok(_) => "no panic".to_owned(),
        Err(panic) => panic.downcast_ref::<String>().cloned().unwrap_or_default(),
    }
}

#[test]
fn a_plugin_whose_destructor_panics_is_unregistered() {
    let (pm, log) = (manager(), Log::default());
    pm.register_as("a", Holds(Bomb::new("a", &log))).unwrap();
    pm.register_fn("b", Specs::fetch, |_| 1).unwrap();
    let panicked = catch_unwind(AssertUnwindSafe(|| pm.unregister("a")));
    assert_eq!(text(panicked), "a explodes");
    assert_eq!(pm.plugin_names(), ["b"]);
    assert_eq!(pm.caller(Specs::fetch).call(), [1]);
    assert_eq!(*log.borrow(), ["a"]);
}

#[test]
fn all_plugins_of_a_manager_are_dropped_whatever_panics() {
    let (pm, log) = (manager(), Log::default());
    for name in ["a", "b", "c"] {
        pm.register_as(name, Holds(Bomb::new(name, &log))).unwrap();
    }
    let bomb = Bomb::new("closure", &log);
    pm.register_fn("closure", Specs::fetch, move |_| bomb.size()).unwrap();
    assert_eq!(pm.caller(Specs::fetch).call(), [1, 1, 1, 7]);
    assert_eq!(text(catch_unwind(AssertUnwindSafe(|| drop(pm)))), "a explodes");
    assert_eq!(*log.borrow(), ["a", "b", "c", "closure"]);
}

#[test]
fn a_refused_plugin_is_dropped_and_its_panic_goes_on() {
    let (pm, log) = (manager(), Log::default());
    pm.register_fn("a", Specs::fetch, |_| 1).unwrap();
    let panicked = catch_unwind(AssertUnwindSafe(|| pm.register_as("a", Holds(Bomb::new("late", &log)))));
    assert_eq!(text(panicked), "late explodes");
    assert_eq!(*log.borrow(), ["late"]);
    assert_eq!(pm.plugin_names(), ["a"]);
}

#[test]
fn a_closure_and_its_plugin_may_both_panic() {
    let (pm, log) = (manager(), Log::default());
    let bomb = Bomb::new("closure", &log);
    pm.plugin(Bomb::new("plugin", &log))
        .named("both")
        .extension(Specs::fetch, pluginkit::Options::new(), move |this, _| this.borrow().size() + bomb.size())
        .register()
        .unwrap();
    assert_eq!(pm.caller(Specs::fetch).call(), [13]);
    assert_eq!(text(catch_unwind(AssertUnwindSafe(|| pm.unregister("both")))), "closure explodes");
    assert_eq!(*log.borrow(), ["closure", "plugin"]);
}

#[test]
fn a_builder_drops_its_closures_and_its_plugin_whatever_panics() {
    let (pm, log) = (manager(), Log::default());
    pm.register_fn("taken", Specs::fetch, |_| 1).unwrap();
    let builder = |name: &'static str| {
        let bomb = Bomb::new("closure", &log);
        pm.plugin(Bomb::new("plugin", &log)).named(name).extension(
            Specs::fetch,
            pluginkit::Options::new(),
            move |this, _| this.borrow().size() + bomb.size(),
        )
    };
    let dropped = catch_unwind(AssertUnwindSafe(|| drop(builder("left"))));
    let refused = catch_unwind(AssertUnwindSafe(|| builder("taken").register()));
    let strange = builder("new").options(Specs::take, pluginkit::Options::new().tryfirst());
    let not_extended = catch_unwind(AssertUnwindSafe(|| strange.register()));
    for panicked in [dropped, refused.map(drop), not_extended.map(drop)] {
        assert_eq!(text(panicked), "closure explodes");
    }
    assert_eq!(*log.borrow(), ["closure", "plugin"].repeat(3));
    assert_eq!(pm.plugin_names(), ["taken"]);
}

#[test]
fn a_plugin_that_is_refused_while_a_panic_unwinds_does_not_abort() {
    /// Registers a plugin when it is dropped.
    struct Registers<'m>(&'m LocalPluginManager<'static>, Option<Stranger>);
    impl Drop for Registers<'_> {
        fn drop(&mut self) {
            self.0.register(self.1.take().unwrap()).unwrap_err();
        }
    }
    #[plugin(id = "stranger", project = "another")]
    struct Stranger(pluginkit_tests::Log);
    #[extension(local)]
    impl Specs for Stranger {
        fn fetch(&self) -> u32 {
            1
        }
    }
    impl Drop for Stranger {
        fn drop(&mut self) {
            self.0.push("dropped");
            panic!("stranger explodes");
        }
    }
    let (pm, log) = (manager(), pluginkit_tests::Log::new());
    let stranger = Stranger(log.clone());
    let unwound = catch_unwind(AssertUnwindSafe(|| {
        let _registers = Registers(&pm, Some(stranger));
        panic!("the first panic");
    }));
    assert_eq!(unwound.unwrap_err().downcast_ref(), Some(&"the first panic"));
    assert_eq!(log.line(), "dropped");
}

#[test]
fn a_plugin_that_leaves_within_a_call_is_dropped_after_it() {
    let (pm, log) = (manager(), Log::default());
    let (own, seen) = (pm.clone(), Rc::clone(&log));
    pm.register_as("a", Holds(Bomb::new("a", &log))).unwrap();
    pm.register_fn("b", Specs::fetch, move |_| {
        own.unregister("a");
        seen.borrow_mut().push("unregistered".to_owned());
        2
    })
    .unwrap();
    assert_eq!(text(catch_unwind(AssertUnwindSafe(|| pm.caller(Specs::fetch).call()))), "a explodes");
    assert_eq!(*log.borrow(), ["unregistered", "a"]);
    pm.unregister("b");
}

#[test]
fn a_guarded_call_tells_of_a_plugin_that_panics_when_it_is_dropped() {
    let (pm, log) = (manager(), Log::default());
    let own = pm.clone();
    pm.register_as("a", Holds(Bomb::new("a", &log))).unwrap();
    pm.register_fn("b", Specs::fetch, move |_| u32::from(own.unregister("a"))).unwrap();
    let error = pm.caller(Specs::fetch).try_call().unwrap_err();
    assert!(matches!(error, CallError::DropPanicked { .. }), "{error}");
    assert_eq!(
        error.to_string(),
        "a destructor of plugin `a` panicked in a call of `Specs::fetch`: a explodes"
    );
    pm.unregister("b");
}

#[test]
fn a_destructor_calls_and_registers() {
    struct Acts {
        pm: LocalPluginManager<'static>,
        log: Log,
    }
    impl Drop for Acts {
        fn drop(&mut self) {
            let called = self.pm.caller(Specs::fetch).call();
            let id = self.pm.register_fn("heir", Specs::fetch, |_| 9).unwrap();
            self.log.borrow_mut().push(format!("{called:?} {id} {}", self.pm.unregister("b")));
        }
    }
    #[extension(local)]
    impl Specs for Acts {
        fn fetch(&self) -> u32 {
            1
        }
    }
    let (pm, log) = (manager(), Log::default());
    pm.register(Acts { pm: pm.clone(), log: Rc::clone(&log) }).unwrap();
    pm.register_fn("b", Specs::fetch, |_| 2).unwrap();
    let fetch = pm.caller(Specs::fetch);
    assert_eq!(fetch.call(), [1, 2]);
    assert!(pm.unregister("Acts"));
    assert_eq!(*log.borrow(), ["[2] heir true"]);
    assert_eq!(fetch.call(), [9]);
}

#[test]
fn arguments_that_panic_when_they_are_dropped_do_not_abort() {
    let (pm, log) = (manager(), Log::default());
    let plugin = Bomb::new("plugin", &log);
    plugin.panics.set(false);
    pm.register_as("a", Holds(plugin)).unwrap();
    pm.register_fn("b", Specs::take, |_| panic!("b fails")).unwrap();
    let take = pm.caller(Specs::take);
    let called = catch_unwind(AssertUnwindSafe(|| take.call(Bomb::new("argument", &log))));
    assert_eq!(text(called), "argument explodes");
    assert_eq!(*log.borrow(), ["argument", "argument"]);
    let error = take.without(["b"]).try_call(Bomb::new("argument", &log)).unwrap_err();
    assert!(error.to_string().contains("argument explodes"), "{error}");
    assert_eq!(log.borrow().len(), 3);
}

#[test]
fn a_view_drops_what_it_no_longer_sees() {
    let (pm, log) = (manager(), Log::default());
    pm.register_as("a", Holds(Bomb::new("a", &log))).unwrap();
    let view = pm.caller(Specs::fetch).without(["none"]);
    assert_eq!(view.call(), [1]);
    pm.unregister("a");
    // The view keeps the plugins of its last call until its next call.
    assert!(log.borrow().is_empty());
    let error = view.try_call().unwrap_err();
    assert!(matches!(error, CallError::DropPanicked { .. }), "{error}");
    assert_eq!(*log.borrow(), ["a"]);
    assert_eq!(view.call(), [0; 0]);
}
