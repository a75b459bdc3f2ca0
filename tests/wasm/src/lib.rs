//! Tests of the library as a WebAssembly module: `run.mjs` calls each exported `test_…` in a new instance of it.
//!
//! Constructors run only in tests that call [`constructors`].

use std::cell::RefCell;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, SystemTime};

use pluginkit::lifecycle::CancellationSignal;
use pluginkit::observe::Event;
use pluginkit::prelude::*;
use pluginkit::{BoxError, Error, PluginBuilder};

#[link(wasm_import_module = "host")]
unsafe extern "C" {
    fn panicked(text: *const u8, length: usize);
    fn milliseconds() -> f64;
}

unsafe extern "C" {
    fn __wasm_call_ctors();
}

/// Runs the constructors of the module. That it is referred to keeps the linker from running them in each export.
fn constructors() {
    unsafe { __wasm_call_ctors() };
}

/// Exports a test.
macro_rules! test {
    ($name:ident, $exported:literal, $body:block) => {
        #[unsafe(export_name = $exported)]
        pub extern "C" fn $name() {
            std::panic::set_hook(Box::new(|panic| {
                let text = panic.to_string();
                unsafe { panicked(text.as_ptr(), text.len()) };
            }));
            let run: fn() -> Result<(), Error> = || {
                $body
                Ok(())
            };
            run().unwrap();
        }
    };
}

/// Polls a future that waits for nothing outside.
fn ready<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut cx = Context::from_waker(Waker::noop());
    for _ in 0..100 {
        if let Poll::Ready(value) = future.as_mut().poll(&mut cx) {
            return value;
        }
    }
    panic!("the future waits for something")
}

#[extension_point]
pub trait Specs {
    fn fetch(&self, topic: &str) -> String;
    #[extension_point(firstresult)]
    fn deliver(&self, message: &str) -> Option<String>;
    #[extension_point(pipeline)]
    fn transform(&self, text: String) -> String;
    #[extension_point(historic)]
    fn configure(&self, settings: &u32);
}

#[derive(Default)]
struct Weather {
    settings: AtomicUsize,
}

#[extension]
impl Specs for Weather {
    fn fetch(&self, topic: &str) -> String {
        format!("weather[{topic}]")
    }
    fn deliver(&self, message: &str) -> Option<String> {
        (message == "rain").then(|| "umbrella".to_owned())
    }
    fn transform(&self, text: String) -> String {
        text + "!"
    }
    fn configure(&self, settings: &u32) {
        self.settings.fetch_add(*settings as usize, Ordering::Relaxed);
    }
}

struct Loud;

#[extension]
impl Specs for Loud {
    #[extension(wrapper)]
    fn fetch(&self, topic: &str, next: Next<'_>) -> Vec<String> {
        next.run(&topic.to_uppercase())
    }
}

#[derive(Default)]
struct Lives(AtomicUsize);

#[extension]
impl Lifecycle for Lives {
    fn start(&self) -> Result<(), BoxError> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
    fn stop(&self) -> Result<(), BoxError> {
        self.0.fetch_add(10, Ordering::Relaxed);
        Ok(())
    }
}

struct Awaited;

#[extension]
impl Specs for Awaited {
    async fn fetch(&self, topic: &str) -> String {
        std::future::ready(()).await;
        format!("awaited[{topic}]")
    }
}

fn manager() -> Result<PluginManager, Error> {
    let pm = PluginManager::new("feed");
    pm.add_extension_points(Specs)?;
    Ok(pm)
}

test!(named_specs_need_no_constructors, "test_named_specs_need_no_constructors", {
    let pm = manager()?;
    let weather = Arc::new(Weather::default());
    assert_eq!(pm.caller(Specs::configure).call_historic(&3), ());
    PluginBuilder::<Weather>::new(Arc::clone(&weather)).named("weather").extends(Specs).register(&pm)?;
    assert_eq!(weather.settings.load(Ordering::Relaxed), 3);
    PluginBuilder::new(Loud).extends(Specs).register(&pm)?;
    pm.register_fn("static", Specs::fetch, |args| format!("static[{}]", args.topic))?;
    assert_eq!(pm.caller(Specs::fetch).call("harbor"), ["weather[HARBOR]", "static[HARBOR]"]);
    assert_eq!(pm.caller(Specs::deliver).call("rain").as_deref(), Some("umbrella"));
    assert_eq!(pm.caller(Specs::transform).call("text".to_owned()), "text!");
    assert_eq!(pm.caller(Specs::fetch).iter("harbor").count(), 2);
    assert_eq!(pm.caller(Specs::fetch).try_call("harbor").unwrap().len(), 2);
    assert_eq!(pm.caller(Specs::fetch).settle("harbor").len(), 2);
    assert!(pm.unregister("weather").is_some());
    assert_eq!(pm.caller(Specs::fetch).call("harbor"), ["static[HARBOR]"]);
});

test!(a_plugin_that_is_not_found_is_told, "test_a_plugin_that_is_not_found_is_told", {
    let pm = manager()?;
    let error = pm.register(Weather::default()).unwrap_err().to_string();
    assert!(error.contains("`PluginBuilder::new(value).extends(Specs).register(&pm)`"), "{error}");
    assert!(error.contains("constructors of this WebAssembly module have not run"), "{error}");
    assert!(error.contains("`__wasm_call_ctors`"), "{error}");
});

test!(constructors_link_plugins, "test_constructors_link_plugins", {
    constructors();
    let pm = manager()?;
    pm.register(Weather::default())?;
    pm.register(Loud)?;
    assert_eq!(pm.caller(Specs::fetch).call("harbor"), ["weather[HARBOR]"]);
});

test!(a_plugin_has_the_time_of_the_host, "test_a_plugin_has_the_time_of_the_host", {
    let pm = manager()?;
    pm.register_fn("static", Specs::fetch, |_| String::new())?;
    assert_eq!(pm.descriptor("static").unwrap().loaded_at, SystemTime::UNIX_EPOCH);
    let now = || SystemTime::UNIX_EPOCH + Duration::from_millis(unsafe { milliseconds() } as u64);
    let pm = PluginManager::builder("feed").clock(now).build();
    pm.add_extension_points(Specs)?;
    pm.register_fn("static", Specs::fetch, |_| String::new())?;
    assert_eq!(pm.descriptor("static").unwrap().loaded_at, now());
});

test!(observers_and_limits_need_no_clock, "test_observers_and_limits_need_no_clock", {
    let pm = manager()?;
    pm.register_fn("static", Specs::fetch, |_| String::new())?;
    static ENDED: AtomicUsize = AtomicUsize::new(0);
    let _guard = pm.observe(|event: &Event<'_>| {
        if let Event::ExtensionFinished { elapsed, .. } = event {
            assert_eq!(*elapsed, Duration::ZERO);
            ENDED.fetch_add(1, Ordering::Relaxed);
        }
    });
    let fetch = pm.caller(Specs::fetch).timeout(Duration::from_secs(1));
    assert_eq!(fetch.call("harbor").len(), 1);
    assert_eq!(fetch.try_call("harbor").unwrap().len(), 1);
    assert_eq!(ENDED.load(Ordering::Relaxed), 2);
});

test!(plugins_start_and_stop, "test_plugins_start_and_stop", {
    let pm = manager()?;
    let lives = Arc::new(Lives::default());
    PluginBuilder::<Lives>::new(Arc::clone(&lives)).extends(Lifecycle).register(&pm)?;
    pm.start_all()?;
    assert_eq!(lives.0.load(Ordering::Relaxed), 1);
    pm.stop_all()?;
    assert_eq!(lives.0.load(Ordering::Relaxed), 11);
    assert!(!CancellationSignal::new().wait(Duration::from_secs(1)));
});

test!(calls_are_awaited, "test_calls_are_awaited", {
    let pm = AsyncPluginManager::new("feed");
    pm.add_extension_points(Specs)?;
    PluginBuilder::new(Awaited).extends(Specs).register(&pm)?;
    let lives = Arc::new(Lives::default());
    PluginBuilder::<Lives>::new(Arc::clone(&lives)).extends(Lifecycle).register(&pm)?;
    ready(pm.start_all())?;
    assert_eq!(ready(pm.caller(Specs::fetch).call("harbor")), ["awaited[harbor]"]);
    assert_eq!(ready(pm.caller(Specs::fetch).call_concurrent("harbor")), ["awaited[harbor]"]);
    ready(pm.stop_all())?;
    assert_eq!(lives.0.load(Ordering::Relaxed), 11);
});

struct Counts<'p> {
    topics: &'p RefCell<Vec<String>>,
    calls: usize,
}

#[extension(local)]
impl Specs for Counts<'_> {
    fn fetch(&mut self, topic: &str) -> String {
        self.calls += 1;
        self.topics.borrow_mut().push(topic.to_owned());
        format!("{topic}{}", self.calls)
    }
}

test!(a_local_manager_needs_no_constructors, "test_a_local_manager_needs_no_constructors", {
    let topics = RefCell::default();
    let pm = LocalPluginManager::new("feed");
    pm.add_extension_points(Specs)?;
    pm.plugin(Counts { topics: &topics, calls: 0 }).extends(Specs).register()?;
    PluginBuilder::new(Loud).extends(Specs).register_local(&pm)?;
    let fetch = pm.caller(Specs::fetch);
    assert_eq!(fetch.call("harbor"), ["HARBOR1"]);
    assert_eq!(fetch.try_call("sea").unwrap(), ["SEA2"]);
    assert_eq!(*topics.borrow(), ["HARBOR", "SEA"]);
});
