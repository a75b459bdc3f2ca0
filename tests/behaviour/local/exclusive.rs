//! A `&mut self` method runs alone: a call that comes back meanwhile is told with both calls.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use pluginkit::prelude::*;

#[extension_point]
trait Specs {
    fn check(&self, depth: u32) -> u32;
    fn visit(&self, depth: u32) -> u32;
    fn read(&self) -> u32;
}

/// A plugin that calls itself through its manager.
struct Lint {
    pm: LocalPluginManager<'static>,
    state: u32,
}

#[extension(local)]
impl Specs for Lint {
    fn check(&mut self, depth: u32) -> u32 {
        self.state += 1;
        if depth == 0 { self.state } else { self.pm.caller(Specs::visit).call(depth - 1).into_iter().sum() }
    }
    fn visit(&self, depth: u32) -> u32 {
        match depth {
            0 => self.state,
            100 => panic!("a hundred"),
            _ => self.pm.caller(Specs::visit).call(depth - 1).into_iter().sum(),
        }
    }
    fn read(&self) -> u32 {
        self.pm.caller(Specs::check).call(0).into_iter().sum()
    }
}

/// A manager whose plugin keeps it, until the test ends.
struct Compiler {
    pm: LocalPluginManager<'static>,
    lint: LocalPlugin<Lint>,
}

impl Compiler {
    fn new() -> Self {
        let pm = LocalPluginManager::new("compiler");
        pm.add_extension_points(Specs).unwrap();
        let lint = LocalPlugin::new(Lint { pm: pm.clone(), state: 0 });
        pm.shared_plugin(&lint).named("lint").extends(Specs).register().unwrap();
        Self { pm, lint }
    }
}

impl Drop for Compiler {
    fn drop(&mut self) {
        for name in self.pm.plugin_names() {
            self.pm.unregister(name);
        }
    }
}

#[test]
fn shared_methods_run_within_each_other() {
    let compiler = Compiler::new();
    assert_eq!(compiler.pm.caller(Specs::visit).call(3), [0]);
}

#[test]
fn a_call_back_into_an_exclusive_method_names_both_calls() {
    let Compiler { pm, lint } = &Compiler::new();
    let panic = catch_unwind(AssertUnwindSafe(|| pm.caller(Specs::check).call(1))).unwrap_err();
    let text = panic.downcast_ref::<String>().unwrap();
    let told = "plugin `lint` is in `Specs::check` already and cannot take `Specs::visit` meanwhile";
    assert!(text.starts_with(told), "{text}");
    // The first method has changed it, and it takes part as before.
    assert_eq!(lint.borrow().state, 1);
    assert_eq!(pm.caller(Specs::check).call(0), [2]);
}

#[test]
fn an_exclusive_method_is_refused_while_a_shared_one_runs() {
    let compiler = Compiler::new();
    let error = compiler.pm.caller(Specs::read).try_call().unwrap_err();
    assert_eq!(error.plugin().unwrap(), "lint");
    assert_eq!(error.extension_point().to_string(), "Specs::read");
    let told = "plugin `lint` is in `Specs::read` already and cannot take `Specs::check` meanwhile";
    assert!(error.to_string().contains(told), "{error}");
}

#[test]
fn a_plugin_takes_part_as_before_after_a_panic() {
    let Compiler { pm, lint } = &Compiler::new();
    assert!(pm.caller(Specs::visit).try_call(100).is_err());
    assert!(pm.caller(Specs::check).try_call(101).is_err());
    assert_eq!(pm.caller(Specs::check).call(0), [2]);
    assert_eq!(lint.borrow().state, 2);
}

#[test]
fn a_borrow_of_the_host_counts_too() {
    let Compiler { pm, lint } = &Compiler::new();
    let borrowed = lint.borrow_mut();
    let error = pm.caller(Specs::check).try_call(0).unwrap_err().to_string();
    let told = "plugin `lint` is borrowed by the host and cannot take `Specs::check` meanwhile";
    assert!(error.contains(told), "{error}");
    drop(borrowed);
    let borrowed = lint.borrow();
    assert_eq!(pm.caller(Specs::visit).call(0), [0]);
    assert!(pm.caller(Specs::check).try_call(0).is_err());
    drop(borrowed);
    assert_eq!(pm.caller(Specs::check).call(0), [1]);
}

#[test]
fn a_borrow_of_the_host_within_a_call_names_the_call() {
    let Compiler { pm, lint } = &Compiler::new();
    let shared = lint.clone();
    pm.register_fn("reads", Specs::check, move |_| shared.borrow().state).unwrap();
    assert_eq!(pm.caller(Specs::check).call(0), [1, 1]);
    let shared = lint.clone();
    pm.register_fn("changes", Specs::visit, move |_| {
        shared.borrow_mut().state = 7;
        0
    })
    .unwrap();
    let error = pm.caller(Specs::check).try_call(1).unwrap_err().to_string();
    assert!(
        error.contains("plugin `lint` is in `Specs::check` already and cannot take `Specs::visit`"),
        "{error}"
    );
}

#[test]
fn a_predicate_is_refused_while_an_exclusive_method_runs() {
    struct Picky(LocalPluginManager<'static>);
    impl Picky {
        fn is_open(&self, depth: u32) -> bool {
            depth == 0
        }
    }
    #[extension(local)]
    impl Specs for Picky {
        fn check(&mut self) -> u32 {
            u32::try_from(self.0.caller(Specs::visit).call(0).len()).unwrap()
        }
        #[extension(when = Self::is_open)]
        fn visit(&self, depth: u32) -> u32 {
            depth
        }
    }
    let pm = LocalPluginManager::new("compiler");
    pm.add_extension_points(Specs).unwrap();
    pm.register(Picky(pm.clone())).unwrap();
    assert_eq!(pm.caller(Specs::visit).call(0), [0]);
    assert_eq!(pm.caller(Specs::visit).call(1), [0; 0]);
    let error = pm.caller(Specs::check).try_call(0).unwrap_err().to_string();
    assert!(error.contains("`Picky` is in `Specs::check` already and cannot take `Specs::visit`"), "{error}");
    pm.unregister("Picky");
}

#[test]
fn a_closure_that_changes_what_it_captures_runs_alone() {
    let pm = LocalPluginManager::new("compiler");
    pm.add_extension_points(Specs).unwrap();
    let (own, calls) = (pm.clone(), Rc::new(Cell::new(0)));
    let counted = Rc::clone(&calls);
    pm.register_fn_mut("closure", Specs::check, move |args| {
        counted.set(counted.get() + 1);
        if args.depth == 0 { 1 } else { own.caller(Specs::check).call(args.depth - 1).into_iter().sum() }
    })
    .unwrap();
    assert_eq!(pm.caller(Specs::check).call(0), [1]);
    let error = pm.caller(Specs::check).try_call(1).unwrap_err().to_string();
    assert!(
        error.contains("a closure is in `Specs::check` already and cannot take `Specs::check`"),
        "{error}"
    );
    assert_eq!(pm.caller(Specs::check).call(0), [1]);
    assert_eq!(calls.get(), 3);
    pm.unregister("closure");
    assert_eq!(Rc::strong_count(&calls), 1);
}
