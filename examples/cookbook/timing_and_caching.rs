//! Two wrappers: one measures the calls of a point, one answers from memory.
//!
//! ```text
//! cargo run --example timing_and_caching
//! ```

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use pluginkit::prelude::*;

#[extension_point]
trait Weather {
    /// Returns the degrees at a place, from each station that knows it.
    fn degrees(&self, place: &str) -> Vec<i32>;
}

/// A station that is slow, and counts how often it is asked.
#[derive(Default)]
struct Station {
    asked: AtomicU32,
}

#[extension]
impl Weather for Station {
    fn degrees(&self, place: &str) -> Vec<i32> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        vec![i32::try_from(place.len()).unwrap_or(i32::MAX)]
    }
}

/// Measures each call. `tryfirst` makes it the outermost wrapper, so it also measures calls that the cache answers.
#[derive(Default)]
struct Timing {
    laps: Mutex<Vec<Duration>>,
}

#[extension]
impl Weather for Timing {
    #[extension(wrapper, tryfirst)]
    fn degrees(&self, next: Next<'_>) -> Vec<Vec<i32>> {
        let started = Instant::now();
        let outcome = next.run();
        self.laps.lock().unwrap().push(started.elapsed());
        outcome
    }
}

/// Caches outcomes. A second call for a place returns the cached outcome, and asks no station.
#[derive(Default)]
struct Cache {
    known: Mutex<HashMap<String, Vec<Vec<i32>>>>,
}

#[extension]
impl Weather for Cache {
    #[extension(wrapper)]
    fn degrees(&self, place: &str, next: Next<'_>) -> Vec<Vec<i32>> {
        if let Some(known) = self.known.lock().unwrap().get(place) {
            return known.clone();
        }
        // The lock is not held here: the stations may call this point themselves.
        let outcome = next.run(place);
        self.known.lock().unwrap().insert(place.to_owned(), outcome.clone());
        outcome
    }
}

fn main() -> Result<(), pluginkit::Error> {
    let pm = PluginManager::new("weather");
    pm.add_extension_points(Weather)?;
    pm.register(Station::default())?;
    pm.register(Cache::default())?;
    pm.register(Timing::default())?;

    let degrees = pm.caller(Weather::degrees);
    for place in ["harbor", "hill", "harbor", "harbor"] {
        println!("{place}: {:?}", degrees.call(place));
    }
    let station = pm.plugin_as::<Station>("Station").unwrap();
    let timing = pm.plugin_as::<Timing>("Timing").unwrap();
    println!("calls measured: {}", timing.laps.lock().unwrap().len());
    println!("station asked: {}", station.asked.load(Ordering::Relaxed));

    // A caller without the cache asks each time.
    degrees.without(["Cache"]).call("harbor");
    println!("station asked: {}", station.asked.load(Ordering::Relaxed));
    // The first is the outermost.
    let order: Vec<_> = degrees.implementations().iter().map(ToString::to_string).collect();
    println!("order: {}", order.join(", "));
    Ok(())
}
