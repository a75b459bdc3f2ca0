//! A model check of the whole registry: plugins come and go, are switched, blocked and observed, and points are added,
//! while others call.
//!
//! The library is built for the model checker `shuttle`, which takes the place of threads and of what they share, and
//! runs each test under many schedules: half of them random, half with few switches at the worst of places. A test
//! that fails prints its schedule, which `PLUGINKIT_SHUTTLE_REPLAY` runs again; `PLUGINKIT_SHUTTLE_SCHEDULES` says how many of
//! each kind are tried, `PLUGINKIT_SHUTTLE_SEED` which.
//!
//! What lives, loads and services do beside each other is in `both`, which is compiled twice, as in `tests/behaviour`.
#![forbid(unsafe_code)]
#![allow(clippy::duplicate_mod, reason = "both managers pass the same tests")]

#[path = "."]
mod on_sync {
    use crate::sync_kind as kind;

    mod both;
}

#[path = "."]
mod on_async {
    use crate::async_kind as kind;

    mod both;
}

mod async_kind;
mod calls;
mod changes;
mod destructors;
mod dropped;
mod failures;
mod historic;
mod host;
mod mixed;
mod observers;
mod points;
mod replacing;
mod sync_kind;

use std::env;

use shuttle::scheduler::{PctScheduler, RandomScheduler, ReplayScheduler};
use shuttle::{Config, MaxSteps, Runner};

/// How many schedules of each kind are tried unless the environment says otherwise.
const SCHEDULES: u64 = 30;
/// At how many places a schedule of the second kind switches.
const SWITCHES: usize = 3;
/// How long a schedule may get until it counts as one without end.
const STEPS: usize = 200_000;

fn number(name: &str, default: u64) -> u64 {
    match env::var(name) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name} is `{text}`, which is no whole number")),
        Err(_) => default,
    }
}

/// Runs `scenario` under many schedules.
fn explore(scenario: impl Fn() + Copy + Send + Sync + 'static) {
    let mut config = Config::new();
    config.stack_size = 1 << 18;
    config.max_steps = MaxSteps::FailAfter(STEPS);
    config.silence_warnings = true;
    if let Ok(schedule) = env::var("PLUGINKIT_SHUTTLE_REPLAY") {
        Runner::new(ReplayScheduler::new_from_encoded(&schedule), config).run(scenario);
        return;
    }
    let schedules = number("PLUGINKIT_SHUTTLE_SCHEDULES", SCHEDULES);
    let schedules = usize::try_from(schedules).expect("so many fit");
    let seed = number("PLUGINKIT_SHUTTLE_SEED", 1);
    Runner::new(RandomScheduler::new_from_seed(seed, schedules), config.clone()).run(scenario);
    Runner::new(PctScheduler::new_from_seed(seed, SWITCHES, schedules), config).run(scenario);
}
