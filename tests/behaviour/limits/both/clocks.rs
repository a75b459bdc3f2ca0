//! Time limits by the clock of the manager.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use pluginkit::CallError;
use pluginkit::observe::Event;
use pluginkit::prelude::*;
use pluginkit::testing::FakeClock;

use super::kind::{Manager, implement, wait};

const SECOND: Duration = Duration::from_secs(1);

#[extension_point]
trait Specs {
    fn fetch(&self) -> Option<String>;
}

/// A plugin that takes as long as it says.
struct Takes(FakeClock, Mutex<Duration>);

impl Takes {
    fn pass(&self) {
        self.0.advance(*self.1.lock().unwrap());
    }
}

implement! {
    #[extension]
    impl Specs for Takes {
        fn fetch(&self) -> Option<String> {
            self.pass();
            Some("news".to_owned())
        }
    }
}

implement! {
    #[extension]
    impl Lifecycle for Takes {
        fn stop(&self) -> Result<(), BoxError> {
            self.pass();
            Ok(())
        }
    }
}

fn manager(takes: Duration) -> (Manager, Arc<Takes>) {
    let clock = FakeClock::new();
    let pm = Manager::builder("clocks").clock(clock.reader()).build();
    pm.add_extension_points(Specs).unwrap();
    let plugin = Arc::new(Takes(clock, Mutex::new(takes)));
    pm.register_as("slow", Arc::clone(&plugin)).unwrap();
    (pm, plugin)
}

#[test]
fn an_overrun_is_measured_by_the_clock_of_the_manager() {
    let (pm, plugin) = manager(3 * SECOND);
    pm.set_plugin_timeout("slow", 2 * SECOND).unwrap();
    let views = [pm.caller(Specs::fetch), pm.caller(Specs::fetch).without(["nobody"])];
    for (view, overruns) in views.iter().zip(1..) {
        let error = wait!(view.try_call()).unwrap_err();
        let CallError::TimedOut { limit, elapsed, .. } = error else { panic!("{error}") };
        assert_eq!((limit, elapsed), (2 * SECOND, 3 * SECOND));
        assert_eq!(pm.overruns("slow"), Some(overruns));
    }
    *plugin.1.lock().unwrap() = 2 * SECOND;
    assert_eq!(wait!(pm.caller(Specs::fetch).try_call()).unwrap(), ["news"]);
    *plugin.1.lock().unwrap() = Duration::ZERO;
    pm.set_plugin_timeout("slow", Duration::from_nanos(1)).unwrap();
    assert_eq!(wait!(pm.caller(Specs::fetch).try_call()).unwrap(), ["news"], "no time has passed");
}

#[test]
fn a_phase_is_measured_by_the_clock_of_the_manager() {
    let (pm, _) = manager(3 * SECOND);
    pm.set_plugin_timeout("slow", 2 * SECOND).unwrap();
    wait!(pm.start_all()).unwrap();
    let error = wait!(pm.stop_all()).unwrap_err();
    assert!(format!("{error:?}").contains("3s"), "{error:?}");
}

#[test]
fn observers_get_the_times_of_the_clock_of_the_manager() {
    let (pm, _) = manager(3 * SECOND);
    let times = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&times);
    pm.observe(move |event: &Event<'_>| match event {
        Event::CallFinished { elapsed, .. } | Event::ExtensionFinished { elapsed, .. } => {
            told.lock().unwrap().push(*elapsed);
        }
        _ => {}
    })
    .forget();
    let _ = wait!(pm.caller(Specs::fetch).call());
    let _ = wait!(pm.caller(Specs::fetch).try_call()).unwrap();
    assert_eq!(*times.lock().unwrap(), [3 * SECOND; 4]);
}
