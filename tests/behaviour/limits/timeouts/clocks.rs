//! Timeouts of async extensions under a clock of the host.

use std::task::Poll;
use std::time::{Duration, SystemTime};

use pluginkit::CallError;
use pluginkit::prelude::*;
use pluginkit::testing::FakeClock;
use pluginkit_tests::Log;
use tokio::runtime::Builder;
use tokio::time::Instant;

use super::{LIMIT, Specs};

/// Never ends.
struct Stuck(Log);

#[extension(timeout = "250ms")]
impl Specs for Stuck {
    async fn fetch(&self) -> String {
        self.0.push("waits");
        std::future::pending().await
    }
}

#[test]
fn an_async_extension_is_dropped_when_the_clock_of_the_manager_is_advanced_past_its_limit() {
    for is_paused in [false, true] {
        let (clock, log) = (FakeClock::new(), Log::new());
        let pm = AsyncPluginManager::builder("clocks").clock(clock.reader()).build();
        pm.add_extension_points(Specs).unwrap();
        pm.register_as("stuck", Stuck(log.clone())).unwrap();
        let runtime = Builder::new_current_thread().enable_time().start_paused(is_paused).build().unwrap();
        runtime.block_on(async {
            let mut call = std::pin::pin!(pm.caller(Specs::fetch).try_call("t"));
            assert!(matches!(futures_util::poll!(call.as_mut()), Poll::Pending));
            assert_eq!(log.line(), "waits");
            let almost = LIMIT.saturating_sub(Duration::from_millis(1));
            clock.advance(almost);
            // The time of the runtime does not count.
            if is_paused {
                tokio::time::advance(LIMIT * 10).await;
            }
            assert!(matches!(futures_util::poll!(call.as_mut()), Poll::Pending));
            clock.advance(LIMIT.saturating_sub(almost));
            let error = call.await.unwrap_err();
            let CallError::TimedOut { limit: LIMIT, elapsed: LIMIT, .. } = error else { panic!("{error}") };
        });
    }
}

#[test]
fn a_limit_that_is_shorter_than_the_time_between_two_looks_at_the_clock_is_kept() {
    let runtime = Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let began = Instant::now();
        let clock = move || SystemTime::UNIX_EPOCH + began.elapsed();
        let pm = AsyncPluginManager::builder("clocks").clock(clock).build();
        pm.add_extension_points(Specs).unwrap();
        pm.register_as("stuck", Stuck(Log::new())).unwrap();
        for limit in [Duration::from_millis(1), Duration::from_millis(5)] {
            let error = pm.caller(Specs::fetch).timeout(limit).try_call("t").await.unwrap_err();
            let CallError::TimedOut { elapsed, .. } = error else { panic!("{error}") };
            assert_eq!(elapsed, limit);
        }
    });
}
