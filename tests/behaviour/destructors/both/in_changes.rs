//! Destructors that panic inside of changes to a manager: the change is complete all the same.

use std::any::Any;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use pluginkit::Options;
use pluginkit::lifecycle::StateMap;
use pluginkit::metadata::{PluginMetadata, PluginState};
use pluginkit::observe::{Event, Observer, ObserverGuard};
use pluginkit::prelude::*;
use pluginkit::services::Provides;
use pluginkit::testing::Mock;
use pluginkit_tests::panic_of;

use super::kind::{Manager, implement, wait};

#[extension_point]
trait Specs {
    fn get(&self) -> u32;
    #[extension_point(historic)]
    fn hear(&self, word: &str) -> Result<(), String>;
}

#[extension_point(service)]
trait Clock: Send + Sync {
    fn hour(&self) -> u8;
}

/// Counts its drops and panics in each.
#[derive(Debug)]
struct Panics(&'static str, Arc<AtomicUsize>);

impl Clock for Panics {
    fn hour(&self) -> u8 {
        7
    }
}

impl Drop for Panics {
    fn drop(&mut self) {
        self.1.fetch_add(1, Ordering::SeqCst);
        panic!("{} is dropped", self.0);
    }
}

/// Provides a service whose destructor panics.
struct Shop(Arc<AtomicUsize>);

impl Provides<dyn Clock> for Shop {
    fn provide(self: Arc<Self>) -> Arc<dyn Clock> {
        Arc::new(Panics("a service", Arc::clone(&self.0)))
    }
}

/// Provides one when it starts.
struct Starts(Arc<AtomicUsize>);

#[extension]
impl Lifecycle for Starts {
    fn start(&self, cx: &PluginContext) -> Result<(), BoxError> {
        cx.provide::<dyn Clock>(Arc::new(Panics("a service", Arc::clone(&self.0))))?;
        Ok(())
    }
}

struct Quiet;

#[extension]
impl Lifecycle for Quiet {
    fn start(&self) -> Result<(), BoxError> {
        Ok(())
    }

    fn stop(&self) -> Result<(), BoxError> {
        Ok(())
    }
}

fn manager() -> (Manager, Arc<AtomicUsize>) {
    let pm = Manager::new("changes");
    pm.add_extension_points(Specs).unwrap();
    (pm, Arc::default())
}

#[test]
fn a_registration_that_fails_takes_every_plugin_back() {
    let (pm, drops) = manager();
    wait!(pm.caller(Specs::hear).call_historic("word")).unwrap();
    let transaction = pm
        .transaction()
        .built(PluginBuilder::new(Shop(Arc::clone(&drops))).named("one").provides::<dyn Clock>(0))
        .built(PluginBuilder::new(()).named("two").extension(Specs::get, Options::new(), |_, _| 2))
        .built(
            PluginBuilder::new(())
                .named("three")
                .extension(Specs::hear, Options::new(), |_, _| Err("no".into())),
        );
    assert_eq!(panic_of(|| wait!(transaction.register_and_start())), "a service is dropped");
    assert_eq!(drops.load(Ordering::SeqCst), 1);
    assert!(pm.plugin_names().is_empty(), "{:?}", pm.plugin_names());
}

#[test]
fn unload_all_leaves_no_plugin_in() {
    let (pm, drops) = manager();
    PluginBuilder::new(())
        .named("one")
        .extension(Specs::get, Options::new(), |_, _| 1)
        .register(&pm)
        .unwrap();
    PluginBuilder::new(Shop(Arc::clone(&drops))).named("two").provides::<dyn Clock>(0).register(&pm).unwrap();
    assert_eq!(pm.service::<dyn Clock>().unwrap().hour(), 7);
    assert_eq!(panic_of(|| wait!(pm.unload_all())), "a service is dropped");
    assert!(pm.plugin_names().is_empty(), "{:?}", pm.plugin_names());
    wait!(pm.start_all()).unwrap();
}

#[test]
fn a_stop_fails_with_a_panic_of_a_destructor_and_the_other_plugins_stop() {
    let (pm, drops) = manager();
    pm.register_as("quiet", Quiet).unwrap();
    pm.register_as("starts", Starts(Arc::clone(&drops))).unwrap();
    wait!(pm.start_all()).unwrap();
    let error = wait!(pm.stop_all()).unwrap_err();
    assert_eq!(error.plugin().unwrap(), "starts");
    let source = std::error::Error::source(&error).unwrap();
    assert_eq!(source.to_string(), "a destructor panicked: a service is dropped");
    assert_eq!(drops.load(Ordering::SeqCst), 1);
    assert_eq!(pm.descriptor("quiet").unwrap().state, PluginState::Stopped);
    assert_eq!(pm.descriptor("starts").unwrap().state, PluginState::Failed);
}

#[test]
fn observers_that_a_report_outlives_are_dropped_one_by_one() {
    /// Drops guards when it is asked for its metrics.
    struct Lets(Panics, Arc<Mutex<Vec<ObserverGuard>>>);
    impl Observer for Lets {
        fn observe(&self, _: &Event<'_>) {}
        fn inner(&self) -> Option<&dyn Any> {
            assert!(!self.0.0.is_empty());
            let guards = std::mem::take(&mut *self.1.lock().unwrap());
            drop(guards);
            None
        }
    }
    let (pm, drops) = manager();
    let guards: Arc<Mutex<Vec<_>>> = Arc::default();
    for name in ["one", "two"] {
        let observer = Lets(Panics(name, Arc::clone(&drops)), Arc::clone(&guards));
        let guard = pm.observe(observer);
        guards.lock().unwrap().push(guard);
    }
    assert_eq!(panic_of(|| pm.report()), "one is dropped");
    assert_eq!(drops.load(Ordering::SeqCst), 2);
}

#[test]
fn an_outdated_update_is_dropped_together_with_its_source() {
    let drops = Arc::new(AtomicUsize::new(0));
    let panics = |name| Panics(name, Arc::clone(&drops));
    let state = StateMap::default();
    state.insert(panics("first"));
    let mut attempts = 0;
    let panic = panic_of(|| {
        state.update::<Panics>(|_| {
            attempts += 1;
            if attempts == 1 {
                // The update has the first value in its hands, and is refused with what it makes of that.
                drop(state.insert(panics("between")));
            }
            panics("made")
        })
    });
    assert_eq!(panic, "made is dropped");
    assert_eq!(drops.load(Ordering::SeqCst), 2, "what was made, and what it was made of");
    std::mem::forget(state.remove::<Panics>());
}

#[test]
fn a_mock_clones_its_recorded_arguments_without_a_lock() {
    struct Asks(Mock<Self, ()>);
    impl Clone for Asks {
        fn clone(&self) -> Self {
            assert_eq!(self.0.left(), 1);
            Self(self.0.clone())
        }
    }
    let mock = Mock::new([(), ()]);
    mock.answer(Asks(mock.clone()));
    assert_eq!(mock.asked().len(), 1);
}

#[test]
fn a_plugin_starts_again_though_the_error_of_its_last_start_panics_when_it_is_dropped() {
    struct Fails(Arc<AtomicUsize>);
    #[derive(Debug)]
    struct Bad(#[expect(dead_code, reason = "its destructor counts")] Panics);
    impl std::fmt::Display for Bad {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("bad")
        }
    }
    impl std::error::Error for Bad {}
    #[extension]
    impl Lifecycle for Fails {
        fn start(&self) -> Result<(), BoxError> {
            if self.0.load(Ordering::SeqCst) > 0 {
                return Ok(());
            }
            Err(Box::new(Bad(Panics("an error", Arc::clone(&self.0)))))
        }
    }
    let (pm, drops) = manager();
    pm.register_as("fails", Fails(Arc::clone(&drops))).unwrap();
    drop(wait!(pm.start_all()).unwrap_err());
    assert_eq!(pm.descriptor("fails").unwrap().state, PluginState::Failed);
    // Its destructor runs when the next start forgets the error, before the phase looks.
    wait!(pm.start_all()).unwrap();
    assert_eq!(drops.load(Ordering::SeqCst), 1);
    assert_eq!(pm.descriptor("fails").unwrap().state, PluginState::Started);
    wait!(pm.stop_all()).unwrap();
}

#[test]
fn a_replacement_is_complete_though_the_replaced_value_panics() {
    struct It(Option<Panics>);
    implement! {
        #[extension]
        impl Specs for It {
            fn get(&self) -> u32 {
                if self.0.is_some() { 1 } else { 2 }
            }
        }
    }
    let (pm, drops) = manager();
    let held = Panics("a closure", Arc::clone(&drops));
    let old = PluginBuilder::new(It(Some(Panics("a plugin", Arc::clone(&drops))))).named("It");
    old.extension(Specs::get, Options::new(), move |_, _| u32::from(held.hour())).register(&pm).unwrap();
    assert_eq!(panic_of(|| wait!(pm.replace(It(None)))), "a closure is dropped");
    assert_eq!(drops.load(Ordering::SeqCst), 2);
    assert_eq!(wait!(pm.caller(Specs::get).call()), [2]);
}

#[test]
fn plugins_that_started_before_their_dependencies_stop_without_a_deep_stack() {
    // On a thread of the tests, whose stack a call for each plugin would overflow.
    const CHAIN: usize = 3_000;
    let (pm, _) = manager();
    for number in 0..CHAIN {
        let next = format!("p{}", number + 1);
        let metadata = PluginMetadata::new(format!("p{number}")).optional_requires([next]);
        PluginBuilder::new(Quiet).metadata(metadata).register(&pm).unwrap();
        wait!(pm.start_plugin(format!("p{number}"))).unwrap();
    }
    wait!(pm.stop_all()).unwrap();
    assert!(pm.descriptors().iter().all(|each| each.state == PluginState::Stopped));
}

/// Fails to stop, and panics when it is dropped.
struct Stubborn(#[expect(dead_code, reason = "it is only dropped")] Panics);

#[extension]
impl Lifecycle for Stubborn {
    fn start(&self) -> Result<(), BoxError> {
        Ok(())
    }

    fn stop(&self) -> Result<(), BoxError> {
        Err("it does not stop".into())
    }
}

#[test]
fn an_error_of_a_removal_reaches_the_caller_though_a_destructor_panics() {
    type Removal = fn(&Manager, &Arc<AtomicUsize>) -> Result<(), pluginkit::Error>;
    let removals: [Removal; 3] = [
        |pm, _| wait!(pm.remove("Stubborn")).map(drop),
        |pm, _| wait!(pm.unload_all()),
        |pm, drops| wait!(pm.replace(Stubborn(Panics("the other", Arc::clone(drops))))).map(drop),
    ];
    for remove in removals {
        let (pm, drops) = manager();
        let told = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&told);
        let observer = pm.observe(move |event: &Event<'_>| {
            if let Event::DropPanicked { message, .. } = event {
                noted.lock().unwrap().push((*message).to_owned());
            }
        });
        pm.register(Stubborn(Panics("a plugin", Arc::clone(&drops)))).unwrap();
        wait!(pm.start_all()).unwrap();
        let error = remove(&pm, &drops).unwrap_err();
        assert_eq!(error.kind(), pluginkit::ErrorKind::Stop, "{error}");
        assert_eq!(*told.lock().unwrap(), ["a plugin is dropped"]);
        assert_eq!(drops.load(Ordering::SeqCst), 1);
        drop(observer);
        if pm.is_registered("Stubborn") {
            assert_eq!(panic_of(|| drop(pm)), "the other is dropped");
        }
    }
}

/// Fails to start, and panics when it is dropped.
struct Reluctant(#[expect(dead_code, reason = "it is only dropped")] Panics);

#[extension]
impl Lifecycle for Reluctant {
    fn start(&self) -> Result<(), BoxError> {
        Err("it does not start".into())
    }
}

#[test]
fn an_error_of_a_transaction_reaches_the_caller_though_a_destructor_panics() {
    let (pm, drops) = manager();
    let told = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&told);
    pm.observe(move |event: &Event<'_>| {
        if let Event::DropPanicked { message, .. } = event {
            noted.lock().unwrap().push((*message).to_owned());
        }
    })
    .forget();
    let transaction = pm.transaction().plugin(Reluctant(Panics("a plugin", Arc::clone(&drops))));
    let error = wait!(transaction.register_and_start()).unwrap_err();
    assert_eq!(error.kind(), pluginkit::ErrorKind::Start, "{error}");
    assert_eq!(*told.lock().unwrap(), ["a plugin is dropped"]);
    assert_eq!(drops.load(Ordering::SeqCst), 1);
    assert!(pm.plugin_names().is_empty());
}
