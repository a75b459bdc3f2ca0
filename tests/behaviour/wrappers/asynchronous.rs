//! Async wrappers do all that sync ones do, and a dropped call cleans up after itself.

use std::task::{Context, Poll, Waker};

use pluginkit::Error;
use pluginkit::prelude::*;
use pluginkit_tests::{Log, block_on, panic_of, pending};

#[extension_point]
trait Specs {
    fn fetch(&self, topic: &str, limit: usize) -> String;
    fn parse(&self, text: &str) -> Result<u32, String>;
    #[extension_point(pipeline)]
    fn edit(&self, text: &mut String);
    #[extension_point(firstresult)]
    fn find(&self, key: String) -> Option<u32>;
}

/// Says when it goes.
struct Guard(&'static str, Log);

impl Drop for Guard {
    fn drop(&mut self) {
        self.1.push(format!("drop-{}", self.0));
    }
}

struct Wrapper(&'static str, Log);

#[extension(wrapper)]
impl Specs for Wrapper {
    async fn fetch(&self, topic: &str, limit: usize, next: Next<'_>) -> Vec<String> {
        let _guard = Guard(self.0, self.1.clone());
        pending(1).await;
        let mut outcome = next.run(&topic.to_uppercase(), limit + 1).await;
        pending(1).await;
        outcome.push(self.0.to_owned());
        outcome
    }
    async fn parse(&self, text: &str, next: Next<'_>) -> Result<Vec<u32>, String> {
        match text {
            "before" => Err("before".into()),
            "swallow" => next.run(text).await.or(Ok(vec![])),
            _ => next.run(text).await.map_err(|error| format!("{}({error})", self.0)),
        }
    }
    async fn edit(&self, text: &mut String, next: Next<'_>) {
        text.push('<');
        next.run(text).await;
        text.push('>');
    }
    async fn find(&self, next: Next<'_>) -> Option<u32> {
        next.run().await.map(|found| found + 1)
    }
}

struct Inner(Log);

#[extension]
impl Specs for Inner {
    async fn fetch(&self, topic: &str, limit: usize) -> String {
        let _guard = Guard("inner", self.0.clone());
        pending(1).await;
        format!("{topic}{limit}")
    }
    fn parse(&self, text: &str) -> Result<u32, String> {
        text.parse().map_err(|_| "inner".to_owned())
    }
    async fn edit(&self, text: &mut String) {
        text.push('e');
    }
    async fn find(&self, key: String) -> Option<u32> {
        key.parse().ok()
    }
}

fn manager(wrappers: &[&'static str]) -> (AsyncPluginManager, Log) {
    let (pm, log) = (AsyncPluginManager::new("async"), Log::new());
    pm.add_extension_points(Specs).unwrap();
    for name in wrappers {
        pm.register_as(*name, Wrapper(name, log.clone())).unwrap();
    }
    pm.register(Inner(log.clone())).unwrap();
    (pm, log)
}

#[test]
fn async_wrappers_nest_and_change_arguments_and_outcome() {
    let (pm, log) = manager(&["a", "b"]);
    assert_eq!(block_on(pm.caller(Specs::fetch).call("t", 1)), ["T3", "b", "a"]);
    assert_eq!(log.line(), "drop-inner drop-b drop-a");
    let mut text = String::new();
    block_on(pm.caller(Specs::edit).call(&mut text));
    assert_eq!(text, "<<e>>");
    assert_eq!(block_on(pm.caller(Specs::find).call("5".into())), Some(7));
    assert_eq!(block_on(pm.caller(Specs::find).call("x".into())), None);
}

#[test]
fn errors_pass_are_replaced_and_swallowed() {
    let (pm, _) = manager(&["a", "b"]);
    assert_eq!(block_on(pm.caller(Specs::parse).call("7")), Ok(vec![7]));
    assert_eq!(block_on(pm.caller(Specs::parse).call("x")), Err("a(b(inner))".into()));
    assert_eq!(block_on(pm.caller(Specs::parse).call("before")), Err("before".into()));
    assert_eq!(block_on(pm.caller(Specs::parse).call("swallow")), Ok(vec![]));
}

#[test]
fn a_call_dropped_at_any_await_point_runs_destructors_innermost_first() {
    let (pm, log) = manager(&["a", "b"]);
    let dropped = ["", "a", "b a", "inner b a", "b a", "a"];
    for (polls, expected) in dropped.iter().enumerate() {
        let mut call = Box::pin(pm.caller(Specs::fetch).call("t", 1));
        let mut cx = Context::from_waker(Waker::noop());
        for _ in 0..polls {
            assert!(call.as_mut().poll(&mut cx).is_pending(), "{polls}");
        }
        let ended = log.take();
        drop(call);
        let left: Vec<_> = log.take().iter().map(|entry| entry.replace("drop-", "")).collect();
        assert_eq!(left.join(" "), *expected, "after {polls} polls and {ended:?}");
    }
    let mut call = Box::pin(pm.caller(Specs::fetch).call("t", 1));
    let mut cx = Context::from_waker(Waker::noop());
    let ready = (0..10).find_map(|poll| match call.as_mut().poll(&mut cx) {
        Poll::Ready(outcome) => Some((poll, outcome)),
        Poll::Pending => None,
    });
    assert_eq!(ready.unwrap(), (5, vec!["T3".to_owned(), "b".into(), "a".into()]));
    assert_eq!(pm.plugin_names(), ["a", "b", "Inner"]);
}

#[test]
fn a_panic_runs_destructors_innermost_first() {
    let (pm, log) = manager(&["a", "b"]);
    pm.register_fn("bad", Specs::fetch, |_| panic!("boom")).unwrap();
    assert_eq!(panic_of(|| block_on(pm.caller(Specs::fetch).call("t", 1))), "boom");
    assert_eq!(log.line(), "drop-inner drop-b drop-a");
    assert_eq!(block_on(pm.caller(Specs::fetch).without(["bad"]).call("t", 1)).len(), 3);
}

#[test]
fn a_wrapper_of_the_other_kind_is_refused_with_what_to_change() {
    struct Sync;
    #[extension(wrapper)]
    impl Specs for Sync {
        fn fetch(&self, next: Next<'_>) -> Vec<String> {
            next.run()
        }
    }
    let (pm, log) = manager(&[]);
    let error = pm.register(Sync).unwrap_err();
    assert!(matches!(error, Error::WrapperKind { is_async: false, .. }));
    assert!(error.to_string().contains("write an `async fn` that awaits `next.run(…)`"), "{error}");

    let sync = PluginManager::new("sync");
    sync.add_extension_points(Specs).unwrap();
    let error = sync.register(Wrapper("w", log)).unwrap_err();
    assert!(matches!(error, Error::WrapperKind { is_async: true, .. }));
    assert!(error.to_string().contains("write a `fn`"), "{error}");
    assert_eq!(error.plugin().unwrap(), "Wrapper");
}

#[test]
fn a_conditional_async_wrapper_is_left_out_where_its_predicate_declines() {
    struct Picky;
    impl Picky {
        fn likes(&self, key: &str) -> bool {
            key.len() > 1
        }
    }
    #[extension(wrapper, when = Self::likes(key))]
    impl Specs for Picky {
        async fn find(&self, next: Next<'_>) -> Option<u32> {
            next.run().await.map(|found| found * 100)
        }
    }
    let (pm, log) = manager(&[]);
    let seen = log.clone();
    let _guard = pm.observe(move |event: &pluginkit::observe::Event<'_>| {
        if let pluginkit::observe::Event::ExtensionStarted { plugin, .. } = event {
            seen.push(plugin.as_str());
        }
    });
    pm.register(Picky).unwrap();
    assert_eq!(block_on(pm.caller(Specs::find).call("5".into())), Some(5));
    assert_eq!(log.line(), "Inner");
    assert_eq!(block_on(pm.caller(Specs::find).call("50".into())), Some(5000));
    assert_eq!(log.line(), "Picky Inner");
}

#[test]
fn a_wrapper_that_drops_the_rest_and_fails_is_the_one_that_has_failed() {
    struct Slow;
    #[extension]
    impl Specs for Slow {
        async fn parse(&self) -> Result<u32, String> {
            std::future::pending().await
        }
    }
    struct Hasty;
    #[extension(wrapper)]
    impl Specs for Hasty {
        async fn parse(&self, text: &str, next: Next<'_>) -> Result<Vec<u32>, String> {
            let mut rest = Box::pin(next.run(text));
            assert!(futures_util::future::poll_immediate(&mut rest).await.is_none());
            drop(rest);
            assert_ne!(text, "panic", "too slow");
            Err("too slow".to_owned())
        }
    }
    let pm = AsyncPluginManager::new("hasty");
    pm.add_extension_points(Specs).unwrap();
    pm.register(Slow).unwrap();
    pm.register(Hasty).unwrap();
    for text in ["error", "panic"] {
        let error = block_on(pm.caller(Specs::parse).try_call(text)).unwrap_err();
        assert_eq!(error.plugin().unwrap(), "Hasty", "{error}");
        assert!(error.to_string().contains("too slow"), "{error}");
    }
}

/// It catches a panic of the rest, and goes on with it, panics anew, or returns an error.
struct Catches(&'static str);

#[extension(wrapper)]
impl Specs for Catches {
    async fn parse(&self, text: &str, next: Next<'_>) -> Result<Vec<u32>, String> {
        let rest = std::panic::AssertUnwindSafe(next.run(text));
        match (futures_util::FutureExt::catch_unwind(rest).await, self.0) {
            (Ok(outcome), _) => outcome,
            (Err(panic), "rethrows") => std::panic::resume_unwind(panic),
            (Err(_), "panics") => std::panic::resume_unwind(Box::new("anew")),
            (Err(_), _) => Err("an error".to_owned()),
        }
    }
}

#[test]
fn a_panic_that_an_async_wrapper_replaces_is_its_failure() {
    for (does, observed, expected) in [
        ("rethrows", false, "panics"),
        ("rethrows", true, "panics"),
        ("panics", false, "catches"),
        ("panics", true, "catches"),
        ("fails", false, "catches"),
        ("fails", true, "catches"),
    ] {
        let pm = AsyncPluginManager::new("wrappers");
        pm.add_extension_points(Specs).unwrap();
        pm.register_as("catches", Catches(does)).unwrap();
        pm.register_fn("panics", Specs::parse, |_| std::panic::resume_unwind(Box::new("at first"))).unwrap();
        let _guard = observed.then(|| pm.observe(|_: &pluginkit::observe::Event<'_>| {}));
        let error = block_on(pm.caller(Specs::parse).try_call("x")).unwrap_err();
        assert_eq!(error.plugin().unwrap(), expected, "{does}");
    }
}
