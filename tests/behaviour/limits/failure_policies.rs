//! Failure policies of async callers: extensions that are dropped when their time is over, and callers that wait.
//!
//! Time is tokio's, paused: it passes when everybody waits for it.

use std::rc::Rc;
use std::time::Duration;

use pluginkit::calls::Piped;
use pluginkit::limits::FailurePolicy;
use pluginkit::prelude::*;
use pluginkit_tests::{Log, Show, panic_of};
use tokio::runtime::{Builder, Runtime};
use tokio::time::{Instant, sleep};

const LIMIT: Duration = Duration::from_millis(250);
const LONG: Duration = Duration::from_secs(3600);

/// Deliberately not `Clone`.
#[derive(Debug)]
struct Draft(String);

#[extension_point]
trait Specs {
    fn fetch(&self, topic: &str) -> String;
    #[extension_point(firstresult)]
    fn find(&self, key: &str) -> Option<usize>;
    #[extension_point(pipeline)]
    fn transform(&self, text: String) -> String;
    #[extension_point(pipeline)]
    fn edit(&self, text: &mut String);
    #[extension_point(pipeline)]
    fn owned(&self, draft: Draft) -> Draft;
    fn local(&self) -> Result<u32, Rc<str>>;
    fn parse(&self) -> Result<u32, String>;
}

/// Says when it goes.
struct Guard(Log);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.push("dropped");
    }
}

/// Takes an hour.
struct Slow(Log);

#[extension(timeout = "250ms")]
impl Specs for Slow {
    async fn fetch(&self, topic: &str) -> String {
        let _guard = Guard(self.0.clone());
        sleep(LONG).await;
        topic.to_owned()
    }
    async fn find(&self, key: &str) -> Option<usize> {
        let _guard = Guard(self.0.clone());
        sleep(LONG).await;
        Some(key.len())
    }
    async fn transform(&self, text: String) -> String {
        let _guard = Guard(self.0.clone());
        sleep(LONG).await;
        text
    }
    async fn edit(&self, text: &mut String) {
        let _guard = Guard(self.0.clone());
        text.push('!');
        sleep(LONG).await;
        text.push('?');
    }
    async fn owned(&self, draft: Draft) -> Draft {
        let _guard = Guard(self.0.clone());
        sleep(LONG).await;
        draft
    }
}

struct Quick;

#[extension]
impl Specs for Quick {
    async fn fetch(&self, topic: &str) -> String {
        sleep(LIMIT / 2).await;
        topic.to_uppercase()
    }
    async fn find(&self, key: &str) -> Option<usize> {
        Some(key.len() * 2)
    }
    async fn transform(&self, text: String) -> String {
        text + "+"
    }
    async fn edit(&self, text: &mut String) {
        text.push('+');
    }
    async fn owned(&self, draft: Draft) -> Draft {
        Draft(draft.0 + "+")
    }
}

/// Wraps, with a limit for itself and the rest.
struct Around(Log);

#[extension]
impl Specs for Around {
    #[extension(wrapper, timeout = "300ms")]
    async fn fetch(&self, next: Next<'_>) -> Vec<String> {
        let outcome = next.run().await;
        self.0.push(outcome.join(" "));
        outcome
    }
}

/// `quick`, then `slow`, then `last`, which is quick, too.
fn manager() -> (AsyncPluginManager, Log) {
    let (pm, log) = (AsyncPluginManager::new("policies"), Log::new());
    pm.add_extension_points(Specs).unwrap();
    pm.register_as("quick", Quick).unwrap();
    pm.register_as("slow", Slow(log.clone())).unwrap();
    pm.register_as("last", Quick).unwrap();
    (pm, log)
}

fn paused() -> Runtime {
    Builder::new_current_thread().enable_time().start_paused(true).build().unwrap()
}

#[test]
fn one_that_is_late_is_dropped_and_the_others_run() {
    let (pm, log) = manager();
    let observed = Log::new();
    let _guard = pm.observe(Show("", observed.clone()));
    paused().block_on(async {
        let started = Instant::now();
        let fetch = pm.caller(Specs::fetch).on_failure(FailurePolicy::Skip);
        assert_eq!(fetch.try_call("t").await.unwrap(), ["T", "T"]);
        assert_eq!(started.elapsed(), 2 * LIMIT, "each has its own time");
        assert_eq!(log.line(), "dropped");
        assert_eq!(observed.line(), "fetch> quick> quick< slow> slowtimeout last> last< fetch<");
        let error = fetch.on_failure(FailurePolicy::Collect).try_call("t").await.unwrap_err();
        assert!(matches!(error, CallError::TimedOut { limit: LIMIT, .. }), "{error}");
        assert_eq!(error.plugin().unwrap(), "slow");
        assert_eq!(started.elapsed(), 4 * LIMIT, "the last one ran, too");
    });
    assert_eq!(pm.overruns("slow"), Some(0), "it was stopped");
}

#[test]
fn a_call_of_every_mode_goes_on_when_time_is_over() {
    let (pm, log) = manager();
    pm.register_as("slower", Slow(log.clone())).unwrap();
    let skip = FailurePolicy::Skip;
    paused().block_on(async {
        let find = pm.caller(Specs::find).without(["quick"]).on_failure(skip);
        assert_eq!(find.try_call("key").await.unwrap(), Some(6));
        let transform = pm.caller(Specs::transform).on_failure(skip);
        assert_eq!(transform.try_call("t".into()).await.unwrap(), "t++", "the value outlives who had it");
        let mut text = String::from("t");
        pm.caller(Specs::edit).on_failure(skip).try_call(&mut text).await.unwrap();
        assert_eq!(text, "t+!+!", "what was edited stays");
        assert_eq!(log.take().len(), 5);
        let error = transform.on_failure(FailurePolicy::Collect).try_call("t".into()).await.unwrap_err();
        let plugins: Vec<_> = error.failures().map(|each| each.plugin().unwrap().as_str()).collect();
        assert_eq!(plugins, ["slow", "slower"]);
    });
}

#[test]
fn a_call_ends_with_the_extension_that_has_its_uncloneable_value() {
    let (pm, log) = manager();
    paused().block_on(async {
        let owned = pm.caller(Specs::owned).on_failure(FailurePolicy::Skip);
        let started = Instant::now();
        let error = owned.try_call(Draft("t".into())).await.unwrap_err();
        assert_eq!((error.plugin().unwrap().as_str(), started.elapsed()), ("slow", LIMIT));
        assert_eq!(log.line(), "dropped");
        assert_eq!(owned.without(["slow"]).try_call(Draft("t".into())).await.unwrap().0, "t++");
    });
}

#[test]
fn a_wrapper_over_its_time_ends_the_call() {
    let (pm, _) = manager();
    let log = Log::new();
    pm.register_as("around", Around(log.clone())).unwrap();
    paused().block_on(async {
        let fetch = pm.caller(Specs::fetch).on_failure(FailurePolicy::Skip);
        let started = Instant::now();
        assert_eq!(fetch.without(["slow"]).try_call("t").await.unwrap(), ["T", "T"]);
        assert_eq!((started.elapsed(), log.line().as_str()), (LIMIT, "T T"));
        let error = fetch.try_call("t").await.unwrap_err();
        assert_eq!(error.plugin().unwrap(), "around");
        assert_eq!(started.elapsed(), LIMIT + Duration::from_millis(300));
        assert_eq!(log.line(), "");
    });
}

#[test]
fn a_pipeline_settles_around_one_that_is_late() {
    let (pm, log) = manager();
    let Piped { value, settled, .. } = paused().block_on(pm.caller(Specs::transform).settle("t".into()));
    assert_eq!((value.as_str(), log.line().as_str()), ("t++", "dropped"));
    assert!(matches!(settled[1].result, Err(CallError::TimedOut { limit: LIMIT, .. })));
    assert_eq!(settled[2].result.as_ref().unwrap(), "t++");
}

#[test]
fn a_tried_call_is_send_whatever_its_error_is() {
    fn sent<F: Future + Send>(call: F) -> F {
        call
    }
    let (pm, _) = manager();
    pm.register_fn("no", Specs::local, |_| Err("no".into())).unwrap();
    let local = pm.caller(Specs::local).on_failure(FailurePolicy::Collect);
    let error = paused().block_on(sent(local.try_call())).unwrap_err();
    assert_eq!(error.to_string(), "plugin `no` failed in `Specs::local`: no");
}

#[test]
fn a_caller_that_waits_has_a_policy_too() {
    let (pm, _) = manager();
    pm.register_fn("one", Specs::parse, |_| Ok(1)).unwrap();
    pm.register_fn("err", Specs::parse, |_| Err("no".to_owned())).unwrap();
    pm.register_fn("panic", Specs::parse, |_| panic!("boom")).unwrap();
    pm.register_fn("two", Specs::parse, |_| Ok(2)).unwrap();
    pm.set_point_timeout(Specs::parse, Duration::from_nanos(1)).unwrap();
    let parse = pm.caller(Specs::parse);
    assert_eq!(parse.call_blocking().unwrap_err().plugin().unwrap(), "err");
    assert_eq!(
        panic_of(|| parse.without(["err"]).call_blocking()),
        "boom",
        "it catches none, unless it skips"
    );
    assert_eq!(parse.on_failure(FailurePolicy::Skip).call_blocking().unwrap(), [1, 2], "nobody is late");
    let error = parse.on_failure(FailurePolicy::Collect).call_blocking().unwrap_err();
    let told: Vec<_> = error.failures().map(ToString::to_string).collect();
    assert_eq!(
        told,
        ["plugin `err` failed in `Specs::parse`: no", "plugin `panic` panicked in `Specs::parse`: boom"]
    );
}
