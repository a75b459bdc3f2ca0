//! `try_call` and `settle`: panics, errors and overruns are attributed.

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use pluginkit::Options;
use pluginkit::prelude::*;
use pluginkit_tests::{Log, Show};

use super::kind::{Manager, STACK, awaited, implement, wait};

const LAYERS: usize = 1000;

#[extension_point]
trait Specs {
    fn fetch(&self, topic: &str) -> String;
    fn parse(&self, text: String) -> Result<u32, String>;
    #[extension_point(firstresult)]
    fn find(&self, key: &str) -> Option<u32>;
    #[extension_point(pipeline)]
    fn transform(&self, text: String) -> Result<String, String>;
}

fn manager() -> Manager {
    let pm = Manager::new("guarded");
    pm.add_extension_points(Specs).unwrap();
    pm
}

#[test]
fn a_panic_becomes_an_error_that_names_plugin_and_point() {
    let pm = manager();
    pm.register_fn("fine", Specs::fetch, |args| args.topic.to_owned()).unwrap();
    assert_eq!(wait!(pm.caller(Specs::fetch).try_call("x")).unwrap(), ["x"]);
    pm.register_fn("bad", Specs::fetch, |args| panic!("cannot fetch {}", args.topic)).unwrap();
    let error = wait!(pm.caller(Specs::fetch).try_call("x")).unwrap_err();
    assert_eq!(error.plugin().unwrap(), "bad");
    assert_eq!(error.extension_point().name, "fetch");
    assert_eq!(error.to_string(), "plugin `bad` panicked in `Specs::fetch`: cannot fetch x");
    assert!(matches!(error, CallError::Panicked { .. }));
    pm.unregister("bad").unwrap();
    assert_eq!(wait!(pm.caller(Specs::fetch).try_call("x")).unwrap(), ["x"]);
}

#[test]
fn an_err_becomes_an_error_that_names_plugin_and_point_and_keeps_its_value() {
    let pm = manager();
    pm.register_fn("ok", Specs::parse, |_| Ok(1)).unwrap();
    assert_eq!(wait!(pm.caller(Specs::parse).try_call("x".into())).unwrap(), [1]);
    pm.register_fn("err", Specs::parse, |args| Err(args.text + "!")).unwrap();
    let error = wait!(pm.caller(Specs::parse).try_call("x".into())).unwrap_err();
    assert_eq!(error.to_string(), "plugin `err` failed in `Specs::parse`: x!");
    assert_eq!(error.into_inner().unwrap(), "x!");
}

#[test]
fn a_wrapper_that_panics_over_an_error_is_to_blame_for_the_panic() {
    struct Breaks;
    implement! {
        #[extension]
        impl Specs for Breaks {
            #[extension(wrapper)]
            fn parse(&self, next: Next<'_>) -> Result<Vec<u32>, String> {
                let outcome = awaited!(next.run());
                assert!(outcome.is_ok(), "cannot bear {outcome:?}");
                outcome
            }
        }
    }
    let pm = manager();
    pm.register_as("breaks", Breaks).unwrap();
    pm.register_fn("err", Specs::parse, |args| Err(args.text)).unwrap();
    let error = wait!(pm.caller(Specs::parse).try_call("x".into())).unwrap_err();
    assert_eq!(error.to_string(), "plugin `breaks` panicked in `Specs::parse`: cannot bear Err(\"x\")");
}

#[test]
fn every_mode_can_be_tried() {
    let pm = manager();
    assert_eq!(wait!(pm.caller(Specs::find).try_call("k")).unwrap(), None);
    assert_eq!(wait!(pm.caller(Specs::transform).try_call("t".into())).unwrap(), "t");
    pm.register_fn("t", Specs::transform, |args| Err(args.text)).unwrap();
    assert_eq!(wait!(pm.caller(Specs::transform).try_call("t".into())).unwrap_err().plugin().unwrap(), "t");
}

#[test]
fn an_error_is_blamed_on_the_innermost_plugin_it_came_from() {
    struct Wrapper(&'static str);
    implement! {
        #[extension]
        impl Specs for Wrapper {
            #[extension(wrapper)]
            fn parse(&self, text: String, next: Next<'_>) -> Result<Vec<u32>, String> {
                match self.0 {
                    "pass" => awaited!(next.run(text)),
                    "swallow" => awaited!(next.run(text)).or(Ok(vec![])),
                    "own" => Err("own".into()),
                    _ => panic!("wrapper panics"),
                }
            }
        }
    }
    let outcome = |wrapper| {
        let pm = manager();
        pm.register_fn("inner", Specs::parse, |_| Err("inner".into())).unwrap();
        pm.register_as("wrapper", Wrapper(wrapper)).unwrap();
        wait!(pm.caller(Specs::parse).try_call(String::new()))
    };
    assert_eq!(outcome("pass").unwrap_err().plugin().unwrap(), "inner");
    assert!(outcome("swallow").unwrap().is_empty());
    assert_eq!(outcome("own").unwrap_err().plugin().unwrap(), "wrapper");
    assert_eq!(outcome("panic").unwrap_err().plugin().unwrap(), "wrapper");
}

#[test]
fn a_wrapper_that_replaces_an_error_is_to_blame_in_every_mode() {
    #[extension_point]
    trait Modes {
        fn collect(&self) -> Result<u8, String>;
        #[extension_point(reduce = pluginkit::reduce::Sum)]
        fn reduce(&self) -> Result<u8, String>;
        #[extension_point(firstresult)]
        fn find(&self) -> Result<Option<u8>, String>;
        #[extension_point(firstresult)]
        fn hand_on(&self, text: String) -> Result<ControlFlow<u8, String>, String>;
        #[extension_point(pipeline)]
        fn edit(&self, text: &mut String) -> Result<(), String>;
        #[extension_point(pipeline)]
        fn thread(&self, text: String) -> Result<String, String>;
        #[extension_point(pipeline)]
        fn thread_if(&self, text: String) -> Result<Option<String>, String>;
    }
    struct Replaces;
    implement! {
        #[extension(wrapper)]
        impl Modes for Replaces {
            fn collect(&self, next: Next<'_>) -> Result<Vec<u8>, String> {
                awaited!(next.run()).map_err(|_| "own".to_owned())
            }
            fn reduce(&self, next: Next<'_>) -> Result<u8, String> {
                awaited!(next.run()).map_err(|_| "own".to_owned())
            }
            fn find(&self, next: Next<'_>) -> Result<Option<u8>, String> {
                awaited!(next.run()).map_err(|_| "own".to_owned())
            }
            fn hand_on(&self, next: Next<'_>) -> Result<ControlFlow<u8, String>, String> {
                awaited!(next.run()).map_err(|_| "own".to_owned())
            }
            fn edit(&self, next: Next<'_>) -> Result<(), String> {
                awaited!(next.run()).map_err(|_| "own".to_owned())
            }
            fn thread(&self, next: Next<'_>) -> Result<String, String> {
                awaited!(next.run()).map_err(|_| "own".to_owned())
            }
            fn thread_if(&self, next: Next<'_>) -> Result<String, String> {
                awaited!(next.run()).map_err(|_| "own".to_owned())
            }
        }
    }
    struct Fails;
    implement! {
        #[extension]
        impl Modes for Fails {
            fn collect(&self) -> Result<u8, String> {
                Err("inner".to_owned())
            }
            fn reduce(&self) -> Result<u8, String> {
                Err("inner".to_owned())
            }
            fn find(&self) -> Result<Option<u8>, String> {
                Err("inner".to_owned())
            }
            fn hand_on(&self) -> Result<ControlFlow<u8, String>, String> {
                Err("inner".to_owned())
            }
            fn edit(&self) -> Result<(), String> {
                Err("inner".to_owned())
            }
            fn thread(&self) -> Result<String, String> {
                Err("inner".to_owned())
            }
            fn thread_if(&self) -> Result<Option<String>, String> {
                Err("inner".to_owned())
            }
        }
    }
    let pm = Manager::new("guarded");
    pm.add_extension_points(Modes).unwrap();
    pm.register(Fails).unwrap();
    pm.register(Replaces).unwrap();
    let text = String::new;
    let blamed = [
        wait!(pm.caller(Modes::collect).try_call()).unwrap_err(),
        wait!(pm.caller(Modes::reduce).try_call()).unwrap_err(),
        wait!(pm.caller(Modes::find).try_call()).unwrap_err(),
        wait!(pm.caller(Modes::hand_on).try_call(text())).unwrap_err(),
        wait!(pm.caller(Modes::edit).try_call(&mut text())).unwrap_err(),
        wait!(pm.caller(Modes::thread).try_call(text())).unwrap_err(),
        wait!(pm.caller(Modes::thread_if).try_call(text())).unwrap_err(),
    ];
    for error in blamed {
        assert_eq!(error.plugin().unwrap(), "Replaces", "{error}");
    }
}

#[test]
fn settle_reports_each_extension_and_none_stops_the_others() {
    let pm = manager();
    let log = Log::new();
    let last = log.clone();
    pm.register_fn("ok", Specs::parse, |_| Ok(1)).unwrap();
    pm.register_fn("err", Specs::parse, |_| Err("no".into())).unwrap();
    pm.register_fn("panic", Specs::parse, |_| panic!("{}", "boom".to_owned())).unwrap();
    pm.register_fn("last", Specs::parse, move |args| {
        last.push(args.text);
        Ok(2)
    })
    .unwrap();
    let settled = wait!(pm.caller(Specs::parse).settle("text".into()));
    let names: Vec<_> = settled.iter().map(|each| each.plugin.as_str()).collect();
    assert_eq!(names, ["ok", "err", "panic", "last"]);
    assert_eq!(*settled[0].result.as_ref().unwrap(), 1);
    assert_eq!(
        settled[1].result.as_ref().unwrap_err().to_string(),
        "plugin `err` failed in `Specs::parse`: no"
    );
    assert_eq!(
        settled[2].result.as_ref().unwrap_err().to_string(),
        "plugin `panic` panicked in `Specs::parse`: boom"
    );
    assert_eq!(*settled[3].result.as_ref().unwrap(), 2);
    assert_eq!(log.line(), "text");
}

#[test]
fn settling_a_firstresult_point_ends_with_the_first_answer() {
    let pm = manager();
    pm.register_fn("none", Specs::find, |_| None).unwrap();
    pm.register_fn("panic", Specs::find, |_| panic!("boom")).unwrap();
    pm.register_fn("some", Specs::find, |_| Some(3)).unwrap();
    pm.register_fn("later", Specs::find, |_| Some(4)).unwrap();
    let settled = wait!(pm.caller(Specs::find).settle("k"));
    let shown: Vec<_> =
        settled.iter().map(|each| (each.plugin.as_str(), each.result.as_ref().ok())).collect();
    assert_eq!(shown, [("none", Some(&None)), ("panic", None), ("some", Some(&Some(3)))]);
}

#[test]
fn an_extension_over_its_timeout_is_reported_with_its_limit() {
    struct Slow;
    implement! {
        #[extension]
        impl Specs for Slow {
            #[extension(timeout = "1ns")]
            fn fetch(&self) -> String {
                // Certainly longer than a nanosecond, and waiting for nothing.
                (0..1000).map(|n| n.to_string()).collect()
            }
            #[extension(timeout = "1h")]
            fn find(&self) -> Option<u32> {
                Some(1)
            }
        }
    }
    let pm = manager();
    pm.register(Slow).unwrap();
    assert_eq!(wait!(pm.caller(Specs::fetch).call("x")).len(), 1);
    let error = wait!(pm.caller(Specs::fetch).try_call("x")).unwrap_err();
    assert_eq!(error.plugin().unwrap(), "Slow");
    let CallError::TimedOut { limit, elapsed, .. } = error else { panic!("expected a timeout") };
    assert_eq!(limit, Duration::from_nanos(1));
    assert!(elapsed > limit);
    assert!(matches!(wait!(pm.caller(Specs::fetch).settle("x"))[0].result, Err(CallError::TimedOut { .. })));
    assert_eq!(wait!(pm.caller(Specs::find).try_call("k")).unwrap(), Some(1));
}

#[test]
fn an_overrun_tells_the_time_the_extension_took() {
    let (pm, own) = (manager(), Arc::new(Mutex::new(Duration::ZERO)));
    let measured = Arc::clone(&own);
    let works = move |topic: &str| {
        let began = Instant::now();
        let text = (0..1000).map(|n| n.to_string()).chain([topic.to_owned()]).collect();
        *measured.lock().unwrap() = began.elapsed();
        text
    };
    let options = Options::new().timeout(Duration::from_nanos(1));
    pm.register_fn_with("works", Specs::fetch, options, move |args| works(args.topic)).unwrap();
    let began = Instant::now();
    let error = wait!(pm.caller(Specs::fetch).try_call("x")).unwrap_err();
    let (least, most) = (*own.lock().unwrap(), began.elapsed());
    let CallError::TimedOut { limit, elapsed, .. } = error else { panic!("expected a timeout") };
    assert!(elapsed >= limit);
    assert!(least <= elapsed && elapsed <= most, "{least:?} <= {elapsed:?} <= {most:?}");
}

#[test]
fn call_errors_keep_their_source() {
    #[extension_point]
    trait Io {
        fn read(&self) -> std::io::Result<u32>;
    }
    let pm = Manager::new("io");
    pm.add_extension_points(Io).unwrap();
    pm.register_fn("disk", Io::read, |_| Err(std::io::Error::other("disk full"))).unwrap();
    let error = wait!(pm.caller(Io::read).try_call()).unwrap_err();
    assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "disk full");
}

#[test]
fn a_panic_is_blamed_on_its_plugin_wherever_it_is() {
    struct Panics(&'static str);
    impl Panics {
        fn judge(&self) -> bool {
            assert!(self.0 != "predicate", "predicate");
            true
        }
    }
    implement! {
        #[extension]
        impl Specs for Panics {
            #[extension(when = Self::judge)]
            fn fetch(&self) -> String {
                assert!(self.0 != "extension", "extension");
                "fine".into()
            }
            #[extension(wrapper, target = "fetch")]
            fn around(&self, next: Next<'_>) -> Vec<String> {
                assert!(self.0 != "wrapper", "wrapper");
                let outcome = awaited!(next.run());
                assert!(self.0 != "after", "after");
                outcome
            }
        }
    }
    for place in ["predicate", "extension", "wrapper", "after"] {
        let pm = manager();
        pm.register_as(place, Panics(place)).unwrap();
        pm.register_as("good", Panics("good")).unwrap();
        let error = wait!(pm.caller(Specs::fetch).try_call("x")).unwrap_err();
        assert_eq!(error.plugin().unwrap(), place);
    }
}

#[test]
fn settle_leaves_out_extensions_with_a_predicate_that_declines() {
    struct Picky;
    impl Picky {
        fn likes(&self, topic: &str) -> bool {
            topic == "harbor"
        }
    }
    implement! {
        #[extension]
        impl Specs for Picky {
            #[extension(when = Self::likes)]
            fn fetch(&self, topic: &str) -> String {
                topic.to_uppercase()
            }
        }
    }
    let pm = manager();
    pm.register(Picky).unwrap();
    assert!(wait!(pm.caller(Specs::fetch).settle("hill")).is_empty());
    assert_eq!(wait!(pm.caller(Specs::fetch).settle("harbor")).len(), 1);
}

#[test]
fn observers_see_a_call_for_try_call_and_none_for_settle() {
    let (pm, log) = (manager(), Log::new());
    let _guard = pm.observe(Show("", log.clone()));
    pm.register_fn("f", Specs::fetch, |_| String::new()).unwrap();
    wait!(pm.caller(Specs::fetch).settle("x"));
    assert_eq!(log.line(), "f> f<");
    wait!(pm.caller(Specs::fetch).try_call("x")).unwrap();
    assert_eq!(log.line(), "fetch> f> f< fetch<");
}

#[test]
fn a_thousand_observed_wrappers_can_be_tried_on_the_stack_of_a_main_thread() {
    #[extension_point]
    trait Deep {
        #[extension_point(pipeline)]
        fn add(&self, value: u64) -> u64;
    }
    struct Layer;
    implement! {
        #[extension]
        impl Deep for Layer {
            fn add(&self, value: u64) -> u64 {
                value + 1
            }
            #[extension(wrapper, target = "add")]
            fn around(&self, next: Next<'_>) -> u64 {
                awaited!(next.run()) + 1
            }
        }
    }
    let body = || {
        let pm = Manager::new("deep");
        pm.add_extension_points(Deep).unwrap();
        pm.register_all((0..LAYERS).map(|n| (n.to_string(), Layer))).unwrap();
        let _guard = pm.observe(|_: &pluginkit::observe::Event<'_>| ());
        assert_eq!(wait!(pm.caller(Deep::add).try_call(0)).unwrap(), 2 * LAYERS as u64);
    };
    std::thread::Builder::new().stack_size(STACK).spawn(body).unwrap().join().unwrap();
}
