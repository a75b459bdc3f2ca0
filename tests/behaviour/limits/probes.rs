//! Circuits of calls that are dropped, run at the same time, or fail on another thread.

use std::sync::{Arc, Mutex, mpsc};
use std::task::{Context, Waker};
use std::thread;
use std::time::Duration;

use pluginkit::Options;
use pluginkit::limits::{BreakerPolicy, CircuitState};
use pluginkit::prelude::*;
use pluginkit::testing::FakeClock;
use pluginkit_tests::{block_on, pending};

#[extension_point]
trait Specs {
    fn go(&self, how: u32) -> Result<u32, String>;
}

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_failure_on_another_thread_that_began_before_does_not_decide() {
    let (pm, clock) = (Arc::new(PluginManager::new("probes")), FakeClock::new());
    pm.add_extension_points(Specs).unwrap();
    let (begun, has_begun) = mpsc::channel();
    let (go_on, may_go_on) = mpsc::channel::<()>();
    let may_go_on = Mutex::new(may_go_on);
    pm.register_fn("p", Specs::go, move |args| match args.how {
        0 => Ok(0),
        1 => Err("bad".to_owned()),
        _ => {
            begun.send(()).unwrap();
            may_go_on.lock().unwrap().recv().unwrap();
            Err("late".to_owned())
        }
    })
    .unwrap();
    let policy = BreakerPolicy::new(1).retry_after(SECOND).clock(clock.reader());
    let breaker = pm.break_circuits(policy);
    let slow = Arc::clone(&pm);
    let slow = thread::spawn(move || drop(slow.caller(Specs::go).try_call(2)));
    has_begun.recv().unwrap();
    pm.caller(Specs::go).try_call(1).unwrap_err();
    clock.advance(SECOND);
    breaker.retry();
    go_on.send(()).unwrap();
    slow.join().unwrap();
    assert_eq!(breaker.state("p"), CircuitState::HalfOpen);
    pm.caller(Specs::go).try_call(0).unwrap();
    assert_eq!(breaker.state("p"), CircuitState::Closed);
}

/// A manager whose plugin `p` is pending a few times, then fails if it is told so.
fn awaited(clock: &FakeClock) -> AsyncPluginManager {
    let pm = AsyncPluginManager::builder("probes").clock(clock.reader()).build();
    pm.add_extension_points(Specs).unwrap();
    let go = async |how: u32| {
        pending(2).await;
        if how == 1 { Err("bad".to_owned()) } else { Ok(how) }
    };
    PluginBuilder::new(())
        .named("p")
        .async_extension(Specs::go, Options::new(), move |_, args, slot| {
            slot.put(async move { go(args.how).await })
        })
        .register(&pm)
        .unwrap();
    pm
}

#[test]
fn a_probe_that_is_dropped_gives_its_place_to_another() {
    let clock = FakeClock::new();
    let pm = awaited(&clock);
    let breaker = pm.break_circuits(BreakerPolicy::new(1).retry_after(SECOND));
    let go = pm.caller(Specs::go);
    block_on(go.call(1)).unwrap_err();
    clock.advance(SECOND);
    breaker.retry();
    {
        let mut dropped = Box::pin(go.call(0));
        let mut cx = Context::from_waker(Waker::noop());
        assert!(dropped.as_mut().poll(&mut cx).is_pending());
        assert_eq!(block_on(go.call(0)), Ok(vec![]), "left out while the probe is under way");
        assert_eq!(breaker.state("p"), CircuitState::HalfOpen);
    }
    assert_eq!(block_on(go.call(0)), Ok(vec![0]));
    assert_eq!(breaker.state("p"), CircuitState::Closed);
}

#[test]
fn a_probe_that_does_not_end_makes_room_after_another_cool_down() {
    let clock = FakeClock::new();
    let pm = awaited(&clock);
    let breaker = pm.break_circuits(BreakerPolicy::new(1).retry_after(SECOND));
    let go = pm.caller(Specs::go);
    block_on(go.call(1)).unwrap_err();
    clock.advance(SECOND);
    breaker.retry();
    let mut hangs = Box::pin(go.call(1));
    assert!(hangs.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    assert_eq!(block_on(go.call(0)), Ok(vec![]));
    clock.advance(SECOND);
    assert_eq!(block_on(go.call(0)), Ok(vec![0]));
    assert_eq!(breaker.state("p"), CircuitState::Closed);
    // It began before the circuit closed.
    block_on(hangs).unwrap_err();
    assert_eq!(breaker.state("p"), CircuitState::Closed);
}

#[test]
fn of_calls_at_the_same_time_one_is_a_probe() {
    let clock = FakeClock::new();
    let pm = awaited(&clock);
    let breaker = pm.break_circuits(BreakerPolicy::new(1).retry_after(SECOND));
    let go = pm.caller(Specs::go);
    block_on(go.call_concurrent(1)).unwrap_err();
    clock.advance(SECOND);
    breaker.retry();
    let (one, other) = block_on(futures_util::future::join(go.call_concurrent(0), go.call_concurrent(0)));
    assert_eq!((one, other), (Ok(vec![0]), Ok(vec![])));
    assert_eq!(breaker.state("p"), CircuitState::Closed);
}
