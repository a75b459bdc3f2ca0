//! Storms, in which plugins fail until their circuits open, and calms, in which these close. One worker alone makes them
//! and puts the clock on; it also makes the historic calls.

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

use pluginkit::limits::CircuitState;

use super::crew::{COOL_DOWN, Sailor};
use super::kind::awaited;
use super::own;
use super::plugins::hull;
use crate::fleet::{FAILURES, Fleet, GUARD, Hull, LEAKY, TUG};
use crate::ledger::must;

/// Historic calls are remembered, so a round has only so many.
const EVENTS: u64 = 64;
/// How many calls a storm or a calm has.
const CALLS: usize = 40;

impl Sailor {
    pub(super) async fn tide(&mut self) {
        self.announce().await;
        self.storm().await;
        self.calm().await;
        self.observe_circuit(GUARD);
    }

    async fn announce(&mut self) {
        let event = self.crew.events.load(SeqCst);
        if event < EVENTS {
            awaited!(self.crew.pm.caller(Fleet::hear).call_historic(event));
            self.crew.events.store(event + 1, SeqCst);
            self.tally.did("call_historic of a fleet");
        }
    }

    /// The state of a circuit, with the plugin whose circuit it is: an open one has failed often enough.
    fn observe_circuit(&self, id: &str) -> Option<(Arc<Hull>, CircuitState)> {
        let pm = &self.crew.pm;
        let before = hull(pm, id)?;
        let state = pm.circuit(id);
        let failures = before.failures.load(SeqCst);
        let is_same = hull(pm, id).is_some_and(|after| after.number == before.number);
        if !is_same {
            return None;
        }
        let enough = failures >= u64::from(FAILURES) || id == GUARD;
        must(
            enough || state == CircuitState::Closed,
            format_args!("`{id}` is {state} after {failures} failures"),
        );
        Some((before, state))
    }

    async fn storm(&mut self) {
        let was = self.observe_circuit(LEAKY);
        self.crew.log.storm.store(true, SeqCst);
        for _ in 0..CALLS {
            self.haul().await;
            self.observe_circuit(TUG);
            let Some((leaky, CircuitState::Open)) = self.observe_circuit(LEAKY) else {
                own::let_go().await;
                continue;
            };
            // What opened before the clock was put on may be tried at any time.
            if matches!(&was, Some((other, CircuitState::Closed)) if other.number == leaky.number) {
                self.tally.did("circuit opens");
                self.left_out(leaky.number).await;
            }
            break;
        }
        self.crew.log.storm.store(false, SeqCst);
    }

    /// A plugin whose circuit is open takes no part.
    async fn left_out(&mut self, number: u64) {
        // Another worker's call has opened it, and is about to leave the plugin out.
        if self.crew.pm.is_enabled(LEAKY) {
            return;
        }
        let seen = self.haul().await;
        let reason = self.crew.pm.disabled_reason(LEAKY);
        let after = self.observe_circuit(LEAKY);
        let Some((after, CircuitState::Open)) = after else { return };
        if after.number != number {
            return;
        }
        let seen = seen.is_some_and(|seen| seen.iter().any(|each| each.number == number));
        must(!seen, format_args!("a plugin was called whose circuit is open"));
        let told = reason.as_ref().is_some_and(|reason| reason.starts_with("failed "));
        must(told, format_args!("a plugin whose circuit is open is disabled as {reason:?}"));
        self.tally.fault("a plugin fails again and again, in a fleet", told);
    }

    async fn calm(&mut self) {
        let was = self.observe_circuit(LEAKY);
        self.crew.log.put_on(COOL_DOWN);
        if self.random.once_in(3) {
            // The probe fails.
            self.crew.log.storm.store(true, SeqCst);
            self.haul().await;
            self.crew.log.storm.store(false, SeqCst);
            self.crew.log.put_on(COOL_DOWN);
        }
        for _ in 0..CALLS {
            self.haul().await;
            let now = self.observe_circuit(LEAKY);
            let (Some((was, CircuitState::Open)), Some((now, CircuitState::Closed))) = (&was, &now) else {
                own::let_go().await;
                continue;
            };
            if was.number == now.number {
                self.tally.did("circuit closes");
            }
            break;
        }
    }
}
