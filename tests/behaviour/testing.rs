//! The feature `testing`: plugins without their host, mocks, a clock and recorded calls.

use std::thread;
use std::time::{Duration, SystemTime};

use futures_util::future::poll_fn;
use pluginkit::Error;
use pluginkit::limits::{BreakerPolicy, CircuitState};
use pluginkit::prelude::*;
use pluginkit::testing::{self, FakeClock, Mock, Outcome, Recorder};
use pluginkit_tests::panic_of;

#[extension_point(project = "feed")]
trait Specs {
    fn fetch(&self, topic: &str) -> Result<String, String>;
    fn other(&self);
}

struct Plain;

#[extension]
impl Specs for Plain {
    fn fetch(&self, topic: &str) -> Result<String, String> {
        Ok(topic.to_owned())
    }
}

/// Is woken by another thread.
struct Awaited;

#[extension]
impl Specs for Awaited {
    async fn fetch(&self, topic: &str) -> Result<String, String> {
        let mut asked = false;
        poll_fn(|cx| {
            if std::mem::replace(&mut asked, true) {
                return std::task::Poll::Ready(());
            }
            let waker = cx.waker().clone();
            thread::spawn(move || waker.wake());
            std::task::Poll::Pending
        })
        .await;
        Ok(topic.to_owned())
    }
}

#[test]
fn one_body_tests_sync_and_async_plugins_without_a_host() {
    fn test(plugin: impl Send + Sync + 'static) {
        let pm = testing::solo(Specs, plugin).unwrap();
        assert_eq!(pm.project(), "feed");
        assert_eq!(pm.caller(Specs::fetch).call("x"), Ok(vec!["x".to_owned()]));
    }
    test(Plain);
    test(Awaited);
    assert!(matches!(testing::solo(Specs, ()), Err(Error::NoExtensions { .. })));
}

fn recorded() -> (PluginManager, Recorder) {
    let (pm, recorder) = (testing::host(Specs).unwrap(), Recorder::new());
    pm.observe(recorder.clone()).forget();
    (pm, recorder)
}

#[test]
fn a_recorder_knows_what_ran_and_how_it_ended() {
    let (pm, recorder) = recorded();
    pm.register(Plain).unwrap();
    let mock = Mock::new([Err("no".to_owned())]);
    let extension = mock.clone();
    pm.register_fn("mock", Specs::fetch, move |args| extension.answer(args.topic.to_owned())).unwrap();
    pm.caller(Specs::fetch).call("x").unwrap_err();
    let seen: Vec<_> =
        recorder.take().into_iter().map(|each| (each.plugin.to_string(), each.outcome.unwrap())).collect();
    let expected =
        [("Plain".to_owned(), Outcome::Returned), ("mock".to_owned(), Outcome::Failed("no".to_owned()))];
    assert_eq!(seen, expected);
    assert_eq!((mock.asked(), mock.left()), (vec!["x".to_owned()], 0));
    assert!(recorder.recorded().is_empty());

    let panic = panic_of(|| pm.caller(Specs::fetch).call("y"));
    assert_eq!(panic, "a mock has no answer for call 2: it was given 1");
    assert_eq!(recorder.recorded()[1].outcome, Some(Outcome::Panicked));
    assert_eq!(recorder.plugins_at(Specs::fetch), ["Plain", "mock"]);
    assert!(recorder.plugins_at(Specs::other).is_empty());
}

#[test]
fn order_is_asserted_and_told_where_it_is_another() {
    let (pm, recorder) = recorded();
    for name in ["a", "b", "c"] {
        pm.register_fn(name, Specs::other, |_| ()).unwrap();
    }
    pm.caller(Specs::other).call();
    recorder.assert_order(["a", "c"]);
    recorder.assert_ran(["a", "b", "c"]);
    let told = panic_of(|| recorder.assert_order(["c", "a"]));
    assert_eq!(told, "expected `a` to run after `c`; the order was [\"a\", \"b\", \"c\"]");
    let told = panic_of(|| recorder.assert_order(["a", "x"]));
    assert_eq!(told, "expected `x` to run; the order was [\"a\", \"b\", \"c\"]");
    let told = panic_of(|| recorder.assert_ran(["a", "b"]));
    assert_eq!(told, "expected [\"a\", \"b\"] to run; the order was [\"a\", \"b\", \"c\"]");
}

#[test]
fn time_passes_when_a_test_says_so() {
    let clock = FakeClock::new();
    let pm = testing::host_with(Specs, |builder| builder.clock(clock.reader())).unwrap();
    let awaited = testing::async_host_with(Specs, |builder| builder.clock(clock.reader())).unwrap();
    assert_eq!((pm.project(), awaited.project()), ("feed", "feed"));
    clock.advance(Duration::from_secs(7));
    pm.register(Plain).unwrap();
    awaited.register(Awaited).unwrap();
    let loaded_at = SystemTime::UNIX_EPOCH + Duration::from_secs(7);
    assert_eq!(pm.descriptor("Plain").unwrap().loaded_at, loaded_at);
    assert_eq!(awaited.descriptor("Awaited").unwrap().loaded_at, loaded_at);

    pm.register_fn("bad", Specs::fetch, |_| Err("no".to_owned())).unwrap();
    let policy = BreakerPolicy::new(1).retry_after(Duration::from_secs(10)).clock(clock.reader());
    let breaker = pm.break_circuits(policy);
    pm.caller(Specs::fetch).call("x").unwrap_err();
    clock.advance(Duration::from_secs(9));
    breaker.retry();
    assert_eq!(breaker.state("bad"), CircuitState::Open);
    clock.advance(Duration::from_secs(1));
    breaker.retry();
    assert_eq!(breaker.state("bad"), CircuitState::HalfOpen);
}

#[test]
fn an_async_wrapper_is_tested_without_a_runtime() {
    struct Shouts;

    #[extension(wrapper)]
    impl Specs for Shouts {
        async fn fetch(&self, topic: &str, next: Next<'_>) -> Result<Vec<String>, String> {
            Ok(next.run(topic).await?.into_iter().map(|text| text.to_uppercase()).collect())
        }
    }

    let pm = testing::async_solo(Specs, Shouts).unwrap();
    assert_eq!(pm.project(), "feed");
    pm.register_as("awaited", Awaited).unwrap();
    assert_eq!(testing::block_on(pm.caller(Specs::fetch).call("x")), Ok(vec!["X".to_owned()]));
    assert!(matches!(testing::async_solo(Specs, ()), Err(Error::NoExtensions { .. })));
}
