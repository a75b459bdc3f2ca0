//! `try_call` and `settle` of async extensions under a timeout.

use std::sync::Arc;
use std::time::Duration;

use pluginkit::Options;
use pluginkit::prelude::*;
use pluginkit_tests::{Log, Show};
use tokio::time::{Instant, sleep};

use super::{Around, Guard, LIMIT, LONG, Slow, Specs, manager, paused};

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
        assert_eq!(error.extension_point().name, "fetch");
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
fn observers_see_the_timed_out_extension_and_the_cancelled_ones() {
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
        .async_extension(Specs::fetch, Options::new().timeout(LIMIT), |_, args, slot| {
            slot.put(async move {
                sleep(LIMIT / 2).await;
                args.topic.to_uppercase()
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

#[test]
fn a_call_has_timed_out_though_a_destructor_panics_and_observers_are_told_whose() {
    struct Bursts;
    impl Drop for Bursts {
        fn drop(&mut self) {
            panic!("bursts");
        }
    }
    struct Late;
    #[extension(timeout = "250ms")]
    impl Specs for Late {
        async fn fetch(&self) -> String {
            let _bursts = Bursts;
            std::future::pending().await
        }
    }
    let (pm, log) = manager();
    pm.register(Late).unwrap();
    pm.register(Around("around", Log::new())).unwrap();
    let _guard = pm.observe(Show("", log.clone()));
    let error = paused().block_on(pm.caller(Specs::fetch).try_call("t")).unwrap_err();
    assert!(matches!(error, CallError::TimedOut { limit: LIMIT, .. }), "{error}");
    assert_eq!(log.line(), "fetch> Around> Late> Late drop: bursts Latetimeout Aroundcancelled fetchtimeout");
}
