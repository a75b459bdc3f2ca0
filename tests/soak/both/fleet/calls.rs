//! Calls of a fleet, of all forms.

use std::sync::atomic::Ordering::SeqCst;

use super::crew::Sailor;
use super::kind::awaited;
use super::own;
use crate::fleet::{DOCK, Fleet, GUARD, Harbor, Manner, Sighting, Trip};
use crate::ledger::must;

impl Sailor {
    pub(super) async fn sail(&mut self) {
        match self.random.below(12) {
            0..=2 => self.report().await,
            3 => self.linger().await,
            4 => drop(self.haul().await),
            5 => self.refused().await,
            6 => self.route_and_pick().await,
            7 => self.settle_haul().await,
            8 => self.look().await,
            9 => self.lazy().await,
            10 => self.look_up(),
            _ => own::sail(self).await,
        }
    }

    async fn report(&mut self) {
        let trip = self.trip(Manner::Plain);
        let seen = awaited!(self.crew.pm.caller(Fleet::report).call(&trip));
        self.crew.log.check_all(&seen, &trip);
        self.tally.did("call a fleet");
    }

    async fn linger(&mut self) {
        let trip = self.trip(Manner::Lingers);
        let seen = awaited!(self.crew.pm.caller(Fleet::report).try_call(&trip));
        must(seen.is_ok(), format_args!("a fleet failed: {seen:?}"));
        self.crew.log.check_all(&seen.unwrap_or_default(), &trip);
        self.tally.did("call a fleet, slowly");
    }

    /// A call that fails in a storm.
    pub(super) async fn haul(&mut self) -> Option<Vec<Sighting>> {
        let trip = self.trip(Manner::Plain);
        let outcome = awaited!(self.crew.pm.caller(Fleet::haul).try_call(&trip));
        self.tally.did("try_call a fleet");
        match outcome {
            Ok(seen) => {
                self.crew.log.check_all(&seen, &trip);
                Some(seen)
            }
            Err(error) => {
                let text = error.to_string();
                must(text.contains("injected"), format_args!("a fleet failed: {text}"));
                None
            }
        }
    }

    /// A call that the guard does not let in, and that nothing lets in where there is no guard.
    async fn refused(&mut self) {
        let manner = if self.random.once_in(2) { Manner::Stranger } else { Manner::Trap };
        let trip = self.trip(manner);
        let outcome = awaited!(self.crew.pm.caller(Fleet::haul).try_call(&trip));
        let guards = trip.guards.load(SeqCst);
        let survived = match &outcome {
            Ok(seen) => seen.is_empty() && guards == 0,
            Err(error) => guards == 1 && error.plugin().is_some_and(|plugin| *plugin == GUARD),
        };
        let survived = survived && trip.runs.load(SeqCst) == 0;
        must(survived, format_args!("a stranger got in past {guards} guards: {outcome:?}"));
        self.tally.fault("a guard refuses a call", survived);
    }

    async fn route_and_pick(&mut self) {
        let trip = self.trip(Manner::Plain);
        let trail = awaited!(self.crew.pm.caller(Fleet::route).call(Vec::new(), &trip));
        self.crew.log.check(&trail, &trip);
        let trip = self.trip(Manner::Plain);
        let found = awaited!(self.crew.pm.caller(Fleet::pick).call(&trip));
        let right = found.as_ref().is_none_or(|found| found.number % 4 == trip.number % 4);
        must(right, format_args!("{found:?} was found for {}", trip.number));
        self.tally.did("call a fleet, in a row");
    }

    async fn settle_haul(&mut self) {
        let trip = self.trip(Manner::Unguarded);
        let settled = awaited!(self.crew.pm.caller(Fleet::haul).settle(&trip));
        let mut seen = Vec::new();
        for settled in settled {
            match settled.result {
                Ok(sighting) => seen.push(sighting),
                Err(error) => {
                    trip.runs.fetch_sub(1, SeqCst);
                    let text = error.to_string();
                    must(text.contains("injected"), format_args!("a fleet failed: {text}"));
                }
            }
        }
        self.crew.log.check_all(&seen, &trip);
        self.tally.did("settle a fleet");
    }

    /// Calls through views.
    pub(crate) async fn look(&mut self) {
        let trip = self.trip(Manner::Plain);
        let caller = self.crew.pm.caller(Fleet::report);
        let view = if self.random.once_in(2) { caller.within_group("fleet") } else { caller.without([DOCK]) };
        let seen = awaited!(view.call(&trip));
        self.crew.log.check_all(&seen, &trip);
        self.tally.did("call a view of a fleet");
    }

    /// Runs the first few, and leaves the others.
    async fn lazy(&mut self) {
        let trip = self.trip(Manner::Unguarded);
        let some = self.random.below(6);
        let seen = own::first_of(&self.crew.pm, &trip, some).await;
        self.crew.log.check(&seen, &trip);
        self.tally.did("iterate over a fleet");
    }

    /// A harbor that is looked up is never older than one before.
    fn look_up(&mut self) {
        let handle = self.crew.pm.service_handle::<dyn Harbor>();
        if let Ok(harbor) = handle.get() {
            let number = harbor.number();
            must(
                number >= self.harbor,
                format_args!("harbor {number} was found after harbor {}", self.harbor),
            );
            self.harbor = number;
        }
        let all = self.crew.pm.services::<dyn Harbor>().len();
        must(all <= 1, format_args!("{all} harbors were found at once"));
        self.tally.did("look a service up");
    }

    /// What async managers do as well.
    #[allow(dead_code, reason = "the sync manager has no such calls")]
    pub(crate) fn seen_all(&mut self, seen: &[Sighting], trip: &Trip) {
        self.crew.log.check_all(seen, trip);
        self.tally.did("call a fleet at once");
    }
}
