//! `timeout`: what `try_call` and `settle` make of extensions that take too long.
//!
//! Time is tokio's, paused: it passes when everybody waits for it, or when a test says so.

use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::FutureExt;
use pluginkit::Options;
use pluginkit::prelude::*;
use pluginkit_tests::{Log, Show, block_on, pending};
use tokio::runtime::{Builder, Runtime};
use tokio::time::{Instant, advance, sleep};

const LIMIT: Duration = Duration::from_millis(250);
const LONG: Duration = Duration::from_secs(3600);

#[extension_point]
trait Specs {
    fn fetch(&self, topic: &str) -> String;
    fn parse(&self, text: String) -> Result<usize, String>;
    #[extension_point(firstresult)]
    fn find(&self, key: &str) -> Option<usize>;
    #[extension_point(pipeline)]
    fn transform(&self, text: String) -> String;
    #[extension_point(pipeline)]
    fn edit(&self, text: &mut String);
}

/// Says when it goes.
struct Guard(&'static str, Log);

impl Drop for Guard {
    fn drop(&mut self) {
        self.1.push(format!("-{}", self.0));
    }
}

/// Takes an hour.
struct Slow(Log);

#[extension(timeout = "250ms")]
impl Specs for Slow {
    async fn fetch(&self, topic: &str) -> String {
        let _guard = Guard("slow", self.0.clone());
        sleep(LONG).await;
        self.0.push("slow");
        topic.to_owned()
    }
    async fn parse(&self, text: String) -> Result<usize, String> {
        let _guard = Guard("slow", self.0.clone());
        sleep(LONG).await;
        Ok(text.len())
    }
    async fn find(&self, key: &str) -> Option<usize> {
        let _guard = Guard("slow", self.0.clone());
        sleep(LONG).await;
        Some(key.len())
    }
    async fn transform(&self, text: String) -> String {
        let _guard = Guard("slow", self.0.clone());
        sleep(LONG).await;
        text
    }
    async fn edit(&self, text: &mut String) {
        let _guard = Guard("slow", self.0.clone());
        text.push('!');
        sleep(LONG).await;
        text.push('?');
    }
}

/// Wraps, without a limit of its own.
struct Around(&'static str, Log);

#[extension(wrapper)]
impl Specs for Around {
    async fn fetch(&self, topic: &str, next: Next<'_>) -> Vec<String> {
        let _guard = Guard(self.0, self.1.clone());
        pending(1).await;
        let outcome = next.run(topic).await;
        self.1.push(format!("after-{}", self.0));
        outcome
    }
}

fn manager() -> (AsyncPluginManager, Log) {
    let pm = AsyncPluginManager::new("timeouts");
    pm.add_extension_points(Specs).unwrap();
    (pm, Log::new())
}

/// A runtime whose clock goes on only when nothing else does.
fn paused() -> Runtime {
    Builder::new_current_thread().enable_time().start_paused(true).build().unwrap()
}

#[test]
fn a_tried_call_ends_when_the_time_of_an_async_extension_is_over() {
    let (pm, log) = manager();
    pm.register_as("slow", Slow(log.clone())).unwrap();
    paused().block_on(async {
        let started = Instant::now();
        let error = pm.caller(Specs::fetch).try_call("t").await.unwrap_err();
        assert_eq!(started.elapsed(), LIMIT);
        assert_eq!(log.line(), "-slow", "it is dropped before the call ends");
        assert_eq!(error.plugin().unwrap(), "slow");
        assert_eq!(error.extension_point().name(), "fetch");
        assert!(matches!(error, CallError::TimedOut { limit: LIMIT, .. }), "{error}");
        let text = error.to_string();
        assert!(text.starts_with("plugin `slow` took "), "{text}");
        assert!(text.ends_with(" in `Specs::fetch`; the limit is 250ms"), "{text}");
    });
    assert_eq!(pm.overruns("slow"), Some(0), "it was stopped");
}

#[test]
fn a_call_of_every_mode_ends_when_time_is_over() {
    let (pm, log) = manager();
    pm.register_as("slow", Slow(log.clone())).unwrap();
    paused().block_on(async {
        let errors = [
            pm.caller(Specs::parse).try_call("t".into()).await.unwrap_err().to_string(),
            pm.caller(Specs::find).try_call("k").await.unwrap_err().to_string(),
            pm.caller(Specs::transform).try_call("t".into()).await.unwrap_err().to_string(),
        ];
        for (error, point) in errors.iter().zip(["parse", "find", "transform"]) {
            assert!(error.ends_with(&format!(" in `Specs::{point}`; the limit is 250ms")), "{error}");
        }
        let mut text = String::from("x");
        let error = pm.caller(Specs::edit).try_call(&mut text).await.unwrap_err();
        assert_eq!((error.plugin().unwrap().as_str(), text.as_str()), ("slow", "x!"));
    });
    assert_eq!(log.line(), "-slow -slow -slow -slow");
}

#[test]
fn wrappers_go_with_it_innermost_first_and_are_not_resumed() {
    let (pm, log) = manager();
    pm.register_as("a", Around("a", log.clone())).unwrap();
    pm.register_as("b", Around("b", log.clone())).unwrap();
    pm.register_as("slow", Slow(log.clone())).unwrap();
    pm.register_fn("never", Specs::fetch, |_| unreachable!("the call is over")).unwrap();
    let error = paused().block_on(pm.caller(Specs::fetch).try_call("t")).unwrap_err();
    assert_eq!(error.plugin().unwrap(), "slow");
    assert_eq!(log.line(), "-slow -b -a");
}

#[test]
fn observers_see_who_timed_out_and_who_was_cancelled_with_it() {
    let (pm, log) = manager();
    pm.register_as("a", Around("a", Log::new())).unwrap();
    pm.register_as("slow", Slow(Log::new())).unwrap();
    pm.register_fn("last", Specs::fetch, |args| args.topic.to_owned()).unwrap();
    let _guard = pm.observe(Show("", log.clone()));
    paused().block_on(pm.caller(Specs::fetch).try_call("t")).unwrap_err();
    assert_eq!(log.line(), "fetch> a> slow> slowtimeout acancelled fetchtimeout");
    paused().block_on(pm.caller(Specs::fetch).settle("t"));
    assert_eq!(log.line(), "slow> slowtimeout last> last<");
}

#[test]
fn settle_goes_on_with_the_others() {
    let (pm, log) = manager();
    pm.register_fn("first", Specs::fetch, |args| args.topic.to_owned()).unwrap();
    pm.register_as("slow", Slow(log.clone())).unwrap();
    pm.register_as("slower", Slow(log.clone())).unwrap();
    PluginBuilder::new(())
        .named("last")
        .async_extension(Specs::fetch, Options::new().timeout(LIMIT), |_, args| {
            pluginkit::ExtensionFuture::new(async move {
                sleep(LIMIT / 2).await;
                args.args.topic.to_uppercase()
            })
        })
        .register(&pm)
        .unwrap();
    let settled = paused().block_on(async {
        let started = Instant::now();
        let settled = pm.caller(Specs::fetch).settle("t").await;
        assert_eq!(started.elapsed(), 2 * LIMIT + LIMIT / 2, "each has its own time");
        settled
    });
    let names: Vec<_> = settled.iter().map(|each| each.plugin.as_str()).collect();
    assert_eq!(names, ["first", "slow", "slower", "last"]);
    assert_eq!(settled[0].result.as_ref().unwrap(), "t");
    for index in [1, 2] {
        let error = settled[index].result.as_ref().unwrap_err();
        assert!(matches!(error, CallError::TimedOut { limit: LIMIT, .. }), "{error}");
        assert_eq!(error.plugin().unwrap().as_str(), names[index]);
    }
    assert_eq!(settled[3].result.as_ref().unwrap(), "T");
    assert_eq!(log.line(), "-slow -slow");
}

#[test]
fn settling_a_firstresult_point_goes_on_to_the_answer() {
    let (pm, log) = manager();
    pm.register_as("slow", Slow(log.clone())).unwrap();
    pm.register_fn("answers", Specs::find, |args| Some(args.key.len())).unwrap();
    pm.register_fn("never", Specs::find, |_| unreachable!("there is an answer")).unwrap();
    let settled = paused().block_on(pm.caller(Specs::find).settle("key"));
    assert!(matches!(settled[0].result, Err(CallError::TimedOut { .. })));
    assert_eq!((settled.len(), *settled[1].result.as_ref().unwrap()), (2, Some(3)));
}

#[test]
fn a_plain_call_knows_no_timeouts() {
    let (pm, log) = manager();
    pm.register_as("slow", Slow(log.clone())).unwrap();
    paused().block_on(async {
        let started = Instant::now();
        assert_eq!(pm.caller(Specs::fetch).call("t").await, ["t"]);
        assert_eq!(started.elapsed(), LONG);
        assert_eq!(pm.caller(Specs::fetch).call_concurrent("t").await, ["t"]);
        assert_eq!(started.elapsed(), 2 * LONG);
    });
    assert_eq!(log.line(), "slow -slow slow -slow");
    assert_eq!(pm.overruns("slow"), Some(0));
}

#[test]
fn an_extension_that_is_in_time_is_not_reported() {
    struct Quick;
    #[extension]
    impl Specs for Quick {
        #[extension(timeout = "250ms")]
        async fn fetch(&self, topic: &str) -> String {
            sleep(LIMIT / 10 * 9).await;
            topic.to_owned()
        }
    }
    let (pm, _) = manager();
    pm.register_as("a", Quick).unwrap();
    pm.register_as("b", Quick).unwrap();
    assert_eq!(paused().block_on(pm.caller(Specs::fetch).try_call("t")).unwrap(), ["t", "t"]);
}

#[test]
fn a_wrapper_has_a_limit_for_itself_and_the_rest() {
    struct Limited(Log);
    #[extension]
    impl Specs for Limited {
        #[extension(wrapper, timeout = "100ms")]
        async fn fetch(&self, next: Next<'_>) -> Vec<String> {
            let _guard = Guard("limited", self.0.clone());
            next.run().await
        }
    }
    let (pm, log) = manager();
    pm.register_as("limited", Limited(log.clone())).unwrap();
    pm.register_as("slow", Slow(log.clone())).unwrap();
    let observed = Log::new();
    let _guard = pm.observe(Show("", observed.clone()));
    paused().block_on(async {
        let started = Instant::now();
        let error = pm.caller(Specs::fetch).try_call("t").await.unwrap_err();
        assert_eq!(started.elapsed(), Duration::from_millis(100));
        assert_eq!(error.plugin().unwrap(), "limited");
        assert!(error.to_string().ends_with("the limit is 100ms"), "{error}");
    });
    assert_eq!(log.line(), "-slow -limited");
    assert_eq!(observed.line(), "fetch> limited> slow> slowcancelled limitedtimeout fetchtimeout");
}

#[test]
fn a_tried_call_inside_an_extension_has_its_own_times() {
    struct Outer(Arc<AsyncPluginManager>);
    #[extension]
    impl Specs for Outer {
        #[extension(timeout = "1s")]
        async fn transform(&self, text: String) -> String {
            let error = self.0.caller(Specs::fetch).try_call(&text).await.unwrap_err();
            format!("{}: {}", error.plugin().unwrap(), text)
        }
    }
    let (inner, log) = manager();
    inner.register_as("slow", Slow(log)).unwrap();
    let (pm, _) = manager();
    pm.register(Outer(Arc::new(inner))).unwrap();
    assert_eq!(paused().block_on(pm.caller(Specs::transform).try_call("t".into())).unwrap(), "slow: t");
}

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
fn what_timed_out_tells_the_time_it_took_which_is_at_least_its_limit() {
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
fn what_let_go_too_late_tells_how_late_it_was() {
    let (pm, _) = manager();
    PluginBuilder::new(())
        .named("late")
        .async_extension(Specs::fetch, Options::new().timeout(LIMIT), |_, _| {
            pluginkit::ExtensionFuture::new(async {
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
