//! Overruns: extensions that cannot be stopped in time, and their count.

use std::sync::{Mutex, mpsc};
use std::time::Duration;

use futures_util::FutureExt;
use pluginkit::Options;
use pluginkit::prelude::*;
use pluginkit_tests::{Log, Show, block_on, pending};
use tokio::runtime::Builder;
use tokio::time::advance;

use super::{Guard, LIMIT, LONG, Slow, Specs, manager, paused};

/// Runs on the pool until it is told to go on.
struct Body {
    said: Mutex<mpsc::Sender<&'static str>>,
    go: Mutex<mpsc::Receiver<()>>,
}

#[extension]
impl Specs for Body {
    #[extension(blocking, timeout = "250ms")]
    fn fetch(&self, topic: &str) -> String {
        self.said.lock().unwrap().send("started").unwrap();
        self.go.lock().unwrap().recv().unwrap();
        self.said.lock().unwrap().send("done").unwrap();
        topic.to_owned()
    }
}

#[test]
fn a_blocking_body_over_its_time_is_reported_runs_to_its_end_and_is_counted() {
    let (pm, log) = manager();
    let ((said, says), (go, goes)) = (mpsc::channel(), mpsc::channel());
    pm.register_as("body", Body { said: Mutex::new(said), go: Mutex::new(goes) }).unwrap();
    pm.register_fn("other", Specs::fetch, |args| args.topic.to_owned()).unwrap();
    let _guard = pm.observe(Show("", log.clone()));
    assert_eq!(pm.overruns("body"), Some(0));
    paused().block_on(async {
        let mut call = Box::pin(pm.caller(Specs::fetch).try_call("t"));
        assert!(futures_util::future::poll_immediate(&mut call).await.is_none());
        assert_eq!(says.recv().unwrap(), "started");
        advance(LIMIT + Duration::from_millis(1)).await;
        let error = call.now_or_never().expect("its time is over").unwrap_err();
        assert!(matches!(error, CallError::TimedOut { limit: LIMIT, .. }), "{error}");
        assert_eq!(error.plugin().unwrap(), "body");
        assert_eq!(log.line(), "fetch> body> bodytimeout fetchtimeout");
        assert_eq!(pm.overruns("body"), Some(1));
        go.send(()).unwrap();
        assert_eq!(says.recv().unwrap(), "done");

        let mut settled = Box::pin(pm.caller(Specs::fetch).settle("t"));
        assert!(futures_util::future::poll_immediate(&mut settled).await.is_none());
        assert_eq!(says.recv().unwrap(), "started");
        advance(LIMIT + Duration::from_millis(1)).await;
        let settled = settled.now_or_never().expect("its time is over");
        assert!(matches!(settled[0].result, Err(CallError::TimedOut { .. })));
        assert_eq!(settled[1].result.as_ref().unwrap(), "t");
        assert_eq!(pm.overruns("body"), Some(2));
        go.send(()).unwrap();
        assert_eq!(says.recv().unwrap(), "done");
    });
    assert_eq!((pm.overruns("other"), pm.overruns("unknown")), (Some(0), None));
    pm.unregister("body").unwrap();
    assert_eq!(pm.overruns("body"), None);
}

#[test]
fn outside_of_a_runtime_it_is_reported_after_the_fact() {
    struct Late(Log);
    #[extension(timeout = "1ns")]
    impl Specs for Late {
        async fn fetch(&self) -> String {
            let _guard = Guard("late", self.0.clone());
            pending(3).await;
            self.0.push("ran to its end");
            String::new()
        }
        fn find(&self) -> Option<usize> {
            self.0.push("ran to its end");
            // Certainly longer than a nanosecond, and waiting for nothing.
            (0..1000).map(|n: u32| n.to_string()).max().map(|text| text.len())
        }
    }
    let (pm, log) = manager();
    pm.register(Late(log.clone())).unwrap();
    let error = block_on(pm.caller(Specs::fetch).try_call("t")).unwrap_err();
    assert_eq!(log.line(), "ran to its end -late");
    let CallError::TimedOut { limit, elapsed, .. } = error else { panic!("expected a timeout") };
    assert!(elapsed > limit && limit == Duration::from_nanos(1));
    let settled = block_on(pm.caller(Specs::fetch).settle("t"));
    assert!(matches!(settled[0].result, Err(CallError::TimedOut { .. })));
    log.take();
    // A `fn` cannot be stopped, wherever it runs.
    let error = paused().block_on(pm.caller(Specs::find).try_call("k")).unwrap_err();
    assert!(matches!(error, CallError::TimedOut { .. }));
    assert_eq!(log.line(), "ran to its end");
}

/// A `fn` that is over any limit.
struct Endless;

#[extension(timeout = "1ns")]
impl Specs for Endless {
    fn fetch(&self) -> String {
        (0..1000).map(|n| n.to_string()).collect()
    }
    fn find(&self) -> Option<usize> {
        (0..1000).map(|n: u32| n.to_string()).max().map(|text| text.len())
    }
}

#[test]
fn overruns_of_fns_are_counted_by_both_managers() {
    let (pm, _) = manager();
    pm.register(Endless).unwrap();
    block_on(pm.caller(Specs::fetch).call("t"));
    assert_eq!(pm.overruns("Endless"), Some(0));
    block_on(pm.caller(Specs::fetch).try_call("t")).unwrap_err();
    block_on(pm.caller(Specs::find).try_call("t")).unwrap_err();
    assert_eq!(pm.overruns("Endless"), Some(2));
    block_on(pm.caller(Specs::find).settle("t"));
    assert_eq!(pm.overruns("Endless"), Some(3));

    let pm = PluginManager::new("timeouts");
    pm.add_extension_points(Specs).unwrap();
    pm.register(Endless).unwrap();
    pm.caller(Specs::fetch).call("t");
    assert_eq!(pm.overruns("Endless"), Some(0));
    pm.caller(Specs::fetch).try_call("t").unwrap_err();
    pm.caller(Specs::find).try_call("t").unwrap_err();
    assert_eq!(pm.overruns("Endless"), Some(2));
}

#[test]
fn overruns_that_a_sync_manager_settles_are_counted_too() {
    let pm = PluginManager::new("timeouts");
    pm.add_extension_points(Specs).unwrap();
    pm.register(Endless).unwrap();
    assert!(pm.caller(Specs::fetch).settle("t")[0].result.is_err());
    assert_eq!(pm.overruns("Endless"), Some(1));
}

#[test]
fn every_overrun_of_a_call_is_counted() {
    let (pm, _) = manager();
    let sync = PluginManager::new("timeouts");
    sync.add_extension_points(Specs).unwrap();
    for name in ["a", "b"] {
        pm.register_as(name, Endless).unwrap();
        sync.register_as(name, Endless).unwrap();
    }
    block_on(pm.caller(Specs::fetch).try_call("t")).unwrap_err();
    sync.caller(Specs::fetch).try_call("t").unwrap_err();
    assert_eq!((pm.overruns("a"), sync.overruns("a")), (Some(1), Some(1)));
    assert_eq!((pm.overruns("b"), sync.overruns("b")), (Some(1), Some(1)));
}

#[test]
fn an_async_extension_that_goes_with_its_call_is_no_overrun() {
    struct Late;
    #[extension]
    impl Specs for Late {
        #[extension(timeout = "1ns")]
        async fn fetch(&self) -> String {
            std::future::pending().await
        }
    }
    let (pm, _) = manager();
    pm.register(Late).unwrap();
    paused().block_on(async {
        let mut call = Box::pin(pm.caller(Specs::fetch).try_call("t"));
        assert!(futures_util::future::poll_immediate(&mut call).await.is_none());
    });
    assert_eq!(pm.overruns("Late"), Some(0));
}

#[test]
fn a_timeout_error_has_the_time_taken_which_is_at_least_the_limit() {
    let (pm, log) = manager();
    pm.register_as("slow", Slow(log)).unwrap();
    let taken = |timeout: Duration| {
        let call = pm.caller(Specs::fetch);
        let error = paused().block_on(call.timeout(timeout).try_call("t")).unwrap_err();
        let CallError::TimedOut { limit, elapsed, .. } = error else { panic!("expected a timeout") };
        (limit, elapsed)
    };
    assert_eq!(taken(LONG), (LIMIT, LIMIT));
    assert_eq!(taken(LIMIT / 10), (LIMIT / 10, LIMIT / 10), "by its own limit, not by another");
}

#[test]
fn an_extension_that_yields_too_late_reports_the_time_it_took() {
    let (pm, _) = manager();
    PluginBuilder::new(())
        .named("late")
        .async_extension(Specs::fetch, Options::new().timeout(LIMIT), |_, _, slot| {
            slot.put(async {
                // As if it had kept its thread for so long.
                advance(3 * LIMIT).await;
                std::future::pending().await
            })
        })
        .register(&pm)
        .unwrap();
    let error = paused().block_on(pm.caller(Specs::fetch).try_call("t")).unwrap_err();
    let CallError::TimedOut { limit, elapsed, .. } = error else { panic!("expected a timeout") };
    assert_eq!((limit, elapsed), (LIMIT, 3 * LIMIT));
}

#[test]
fn in_a_runtime_without_timers_it_is_reported_after_the_fact() {
    struct Late;
    #[extension]
    impl Specs for Late {
        #[extension(timeout = "1h")]
        async fn fetch(&self, topic: &str) -> String {
            pending(1).await;
            topic.to_owned()
        }
    }
    let (pm, _) = manager();
    pm.register(Late).unwrap();
    let runtime = Builder::new_current_thread().build().unwrap();
    assert_eq!(runtime.block_on(pm.caller(Specs::fetch).try_call("t")).unwrap(), ["t"]);
}

#[test]
fn a_tried_call_that_is_dropped_in_time_is_cancelled_and_not_counted() {
    let (pm, log) = manager();
    pm.register_as("slow", Slow(log.clone())).unwrap();
    let observed = Log::new();
    let _guard = pm.observe(Show("", observed.clone()));
    paused().block_on(async {
        let mut call = Box::pin(pm.caller(Specs::fetch).try_call("t"));
        assert!(futures_util::future::poll_immediate(&mut call).await.is_none());
        advance(LIMIT / 2).await;
        drop(call);
    });
    assert_eq!(log.line(), "-slow");
    assert_eq!(observed.line(), "fetch> slow> slowcancelled fetchcancelled");
    assert_eq!(pm.overruns("slow"), Some(0));
}
