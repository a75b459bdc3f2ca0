//! Starting, stopping and replacing plugins.

mod drains;
mod forgotten;
mod manager_drop;
mod requests;
mod tasks;
mod threads;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use pluginkit::Manager;
use pluginkit::kind::Kind;
use pluginkit::observe::Event;

pub(crate) const HOUR: Duration = Duration::from_secs(3600);
pub(crate) const ALMOST_AN_HOUR: Duration = Duration::from_secs(3599);

/// Notes how long the drains of a manager took.
pub(crate) fn drained<K: Kind>(pm: &Manager<K>) -> Arc<Mutex<Vec<Duration>>> {
    let told = Arc::new(Mutex::new(Vec::new()));
    let telling = Arc::clone(&told);
    pm.observe(move |event: &Event<'_>| {
        if let Event::Drained { elapsed, .. } = event {
            telling.lock().unwrap().push(*elapsed);
        }
    })
    .forget();
    told
}
