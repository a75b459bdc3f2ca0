//! Calls, and their failures.

use pluginkit::calls::Piped;
use pluginkit::limits::FailurePolicy;

use super::kind::awaited;
use super::own::LIMIT;
use super::worker::{Worker, resident};
use crate::checks;
use crate::ledger::must;
use crate::plugins::{Fault, RESIDENTS, SLOW, Soak};

impl Worker {
    pub(crate) async fn call(&mut self) {
        let order = self.order(None);
        let answers = awaited!(self.round.pm.caller(Soak::answer).call(&order));
        checks::answers(&answers, &order);
        for (_, plugin) in &self.own {
            checks::has(&answers, *plugin, true);
        }
        self.tally.did("call");
    }

    /// A call of which `plugin` must have no part.
    pub(crate) async fn absent(&mut self, plugin: u64) {
        let order = self.order(None);
        let answers = awaited!(self.round.pm.caller(Soak::answer).call(&order));
        checks::answers(&answers, &order);
        checks::has(&answers, plugin, false);
        self.tally.did("call");
    }

    pub(crate) async fn check(&mut self) {
        let culprit = self.resident();
        let order = self.order(Some((culprit, Fault::Error)));
        let outcome = awaited!(self.round.pm.caller(Soak::check).try_call(&order));
        let survived = checks::failed(&outcome, &resident(culprit), &order);
        must(survived, format_args!("an error of resident {culprit} came out as {outcome:?}"));
        self.tally.fault("an extension fails", survived);
        self.tally.did("try_call");
    }

    pub(crate) async fn find_and_pass(&mut self) {
        let order = self.order(None);
        let found = awaited!(self.round.pm.caller(Soak::find).call(&order));
        must(
            found == Some(order.number % RESIDENTS),
            format_args!("{found:?} was found for {}", order.number),
        );
        self.tally.did("call firstresult");
        self.pass().await;
    }

    /// A call of the pipeline: who did something.
    pub(crate) async fn pass(&mut self) -> Vec<u64> {
        let order = self.order(None);
        let trail = awaited!(self.round.pm.caller(Soak::pass).call(Vec::new(), &order));
        must(
            order.runs() == trail.len(),
            format_args!("a pipeline lost what {} extensions did", order.runs()),
        );
        checks::residents(trail.iter().copied());
        self.tally.did("call pipeline");
        trail
    }

    pub(crate) async fn panic(&mut self) {
        let culprit = self.resident();
        let order = self.order(Some((culprit, Fault::Panic)));
        let outcome = awaited!(self.round.pm.caller(Soak::answer).try_call(&order));
        // Who has a timeout may be late before it panics, where the machine is.
        let survived = checks::panicked(&outcome, &resident(culprit), &order)
            || (culprit == SLOW && checks::timed_out(&outcome, &resident(SLOW), LIMIT));
        must(survived, format_args!("a panic of resident {culprit} came out as {outcome:?}"));
        self.tally.fault("an extension panics", survived);
        self.tally.did("try_call");
    }

    pub(crate) async fn settle(&mut self) {
        let culprit = self.resident();
        let order = self.order(Some((culprit, Fault::Panic)));
        let settled = awaited!(self.round.pm.caller(Soak::answer).settle(&order));
        let survived = checks::settled(settled, &resident(culprit), &order);
        must(survived, format_args!("a panic of resident {culprit} is not among what settled"));
        self.tally.fault("an extension panics, settled", survived);
        self.tally.did("settle");
    }

    /// A call that goes on after who fails, and leaves it out or tells of it in the end.
    pub(crate) async fn spare(&mut self) {
        let culprit = self.resident();
        let order = self.order(Some((culprit, Fault::Panic)));
        let caller = self.round.pm.caller(Soak::answer);
        let outcome = awaited!(caller.on_failure(FailurePolicy::Skip).try_call(&order));
        let survived = outcome.as_ref().is_ok_and(|answers| checks::spared(answers, culprit, SLOW));
        must(survived, format_args!("a panic of resident {culprit}, skipped, came out as {outcome:?}"));
        self.tally.fault("an extension panics, skipped", survived);
        let order = self.order(Some((culprit, Fault::Panic)));
        let outcome = awaited!(caller.on_failure(FailurePolicy::Collect).try_call(&order));
        let survived = match outcome {
            Ok(_) => false,
            Err(error) => checks::told(error.into_failures(), &resident(culprit), &resident(SLOW), &order),
        };
        must(survived, format_args!("a panic of resident {culprit} is not among what was collected"));
        self.tally.fault("an extension panics, collected", survived);
        self.tally.did("try_call under a policy");
        self.tally.did("try_call under a policy");
    }

    pub(crate) async fn settle_pipeline(&mut self) {
        let order = self.order(None);
        let Piped { value, settled, .. } =
            awaited!(self.round.pm.caller(Soak::pass).settle(Vec::new(), &order));
        must(
            order.runs() == value.len(),
            format_args!("a pipeline lost what {} extensions did", order.runs()),
        );
        checks::residents(value.iter().copied());
        let last = settled.iter().rev().find_map(|each| each.result.as_ref().ok());
        must(
            last == Some(&value),
            format_args!("a pipeline ended with {value:?}, and its last extension with {last:?}"),
        );
        self.tally.did("settle pipeline");
    }

    pub(crate) async fn late(&mut self) {
        let order = self.order(Some((SLOW, Fault::Late)));
        let outcome = awaited!(self.round.pm.caller(Soak::answer).try_call(&order));
        let survived = checks::timed_out(&outcome, &resident(SLOW), LIMIT);
        must(survived, format_args!("a plugin that was late came out as {outcome:?}"));
        self.tally.fault("an extension is late", survived);
        self.tally.did("try_call");
    }
}
