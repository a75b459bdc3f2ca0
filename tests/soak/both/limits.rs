//! Timeouts, circuit breakers and metrics, on the fuse of the worker: none but its own calls reach that.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::time::{Duration, SystemTime};

use pluginkit::insight::Metrics;
use pluginkit::limits::{BreakerPolicy, CircuitBreaker, CircuitState};

use super::kind::awaited;
use super::own;
use super::worker::{POINT_LIMIT, Worker, fuse, resident};
use crate::checks;
use crate::ledger::must;
use crate::lives::{House, LIVES};
use crate::plugins::{FUSES, Fault, RESIDENTS, Soak};

/// How many failures open a circuit.
const FAILURES: u32 = 3;
/// After how many seconds, of a clock that only the worker puts on, it is tried again.
const AFTER: u64 = 60;

impl Worker {
    fn fuse(&self) -> String {
        fuse(self.number)
    }

    /// Lets the fuse toil, and fail if it is to; how many answers came, where it did not.
    async fn toil(&mut self, fault: Option<Fault>) -> Option<usize> {
        let order = self.order(fault.map(|fault| (FUSES + self.number, fault)));
        let outcome = awaited!(self.round.pm.caller(Soak::toil).try_call(&order));
        let name = self.fuse();
        self.tally.did("try_call");
        match (&outcome, fault) {
            (Ok(answers), _) => return Some(answers.len()),
            // The machine was late.
            _ if checks::timed_out(&outcome, &name, POINT_LIMIT) => {}
            (_, Some(Fault::Panic)) => {
                let survived = checks::panicked(&outcome, &name, &order);
                must(survived, format_args!("a panic of {name} came out as {outcome:?}"));
                self.tally.fault("an extension panics", survived);
            }
            (_, Some(_)) => {
                let survived = checks::failed(&outcome, &name, &order);
                must(survived, format_args!("an error of {name} came out as {outcome:?}"));
                self.tally.fault("an extension fails", survived);
            }
            (_, None) => must(false, format_args!("{name} failed by itself: {outcome:?}")),
        }
        None
    }

    /// The tightest of the timeouts of a plugin, its point and a call holds.
    pub(crate) async fn limits(&mut self) {
        let limits = [None, Some(2), Some(3), Some(5), Some(6)].map(|limit| limit.map(Duration::from_millis));
        let (plugin, call) = (limits[self.random.below(5)], limits[self.random.below(5)]);
        let expected = [plugin, call].into_iter().flatten().min().unwrap_or(POINT_LIMIT);
        let name = self.fuse();
        let order = self.order(Some((FUSES + self.number, Fault::Late)));
        let pm = Arc::clone(&self.round.pm);
        must(pm.set_plugin_timeout(&name, plugin).is_ok(), format_args!("{name} was lost"));
        let caller = pm.caller(Soak::toil);
        let caller = call.map_or(caller.clone(), |call| caller.timeout(call));
        let before = pm.overruns(&name);
        let outcome = awaited!(caller.try_call(&order));
        let survived = checks::timed_out(&outcome, &name, expected);
        must(
            survived,
            format_args!("a plugin with {plugin:?}, {call:?} and {POINT_LIMIT:?} came out as {outcome:?}"),
        );
        self.tally.fault("an extension is late", survived);
        let counted = before.map(|before| before + u64::from(own::OVERRUNS));
        must(pm.overruns(&name) == counted, format_args!("overruns were {before:?}, and not counted"));
        must(pm.set_plugin_timeout(&name, None).is_ok(), format_args!("{name} was lost"));
        self.tally.did("try_call with limits");
        self.toil(None).await;
    }

    /// Metrics that come and go count what was called meanwhile.
    pub(crate) async fn measure(&mut self) {
        let metrics = Metrics::new();
        let guard = self.round.pm.observe(metrics.clone());
        let (calls, failing) = (1 + self.random.below(4), self.random.below(3));
        for call in 0..calls {
            let fault = (call < failing).then_some(Fault::Error);
            self.toil(fault).await;
        }
        drop(guard);
        self.toil(None).await;
        let counted = metrics.of(self.fuse(), Soak::toil);
        let failing = failing.min(calls) as u64;
        // What was late, as the machine was, may be no error any more.
        let right = counted.as_ref().is_some_and(|counted| {
            counted.calls == calls as u64
                && counted.errors <= failing
                && counted.errors + counted.timeouts >= failing
        });
        must(right, format_args!("{calls} calls, {failing} of them failing, are measured as {counted:?}"));
        self.tally.did("observe with metrics");
    }

    /// A breaker that only the own fuse is not required for opens, tries again, and opens again or closes.
    pub(crate) async fn breaker(&mut self) {
        let is_required = self.random.once_in(4);
        let time = Arc::new(AtomicU64::new(0));
        let clock = Arc::clone(&time);
        let others = (0..own::WORKERS).filter(|worker| is_required || *worker != self.number).map(fuse);
        let required = (0..RESIDENTS).map(resident).chain((0..LIVES).map(House::id)).chain(others);
        let policy = BreakerPolicy::new(FAILURES)
            .retry_after(Duration::from_secs(AFTER))
            .required(required)
            .clock(move || SystemTime::UNIX_EPOCH + Duration::from_secs(clock.load(SeqCst)));
        let breaker = self.round.pm.break_circuits(policy);
        self.fail(FAILURES - 1).await;
        if self.toil(None).await.is_some() {
            // That was a success, after which all is as before.
            self.fail(FAILURES - 1).await;
            self.expect(&breaker, CircuitState::Closed);
            self.fail(1).await;
        }
        self.expect(&breaker, if is_required { CircuitState::Closed } else { CircuitState::Open });
        self.tally.did("break a circuit");
        if is_required {
            return;
        }
        let left = self.toil(None).await;
        must(left == Some(0), format_args!("a plugin that a breaker disabled is called"));
        let reason = self.round.pm.disabled_reason(self.fuse());
        let told = reason.as_ref().is_some_and(|reason| reason.starts_with("failed "));
        must(told, format_args!("a breaker disabled a plugin as {reason:?}"));
        self.tally.fault("a plugin fails again and again", told);
        self.retry(&breaker, &time).await;
        if self.random.once_in(2) {
            self.fail(1).await;
            self.expect(&breaker, CircuitState::Open);
            self.retry(&breaker, &time).await;
        }
        if self.toil(None).await.is_some() {
            self.expect(&breaker, CircuitState::Closed);
        }
        drop(breaker);
        must(self.round.pm.set_enabled(self.fuse(), true).is_ok(), format_args!("{} was lost", self.fuse()));
    }

    async fn fail(&mut self, times: u32) {
        for _ in 0..times {
            let fault = if self.random.once_in(2) { Fault::Error } else { Fault::Panic };
            let answers = self.toil(Some(fault)).await;
            must(answers.is_none(), format_args!("{} was not called, or did not fail", self.fuse()));
        }
    }

    /// The time comes to try the fuse again.
    async fn retry(&mut self, breaker: &CircuitBreaker, time: &AtomicU64) {
        time.fetch_add(AFTER, SeqCst);
        breaker.retry();
        // Another worker's call may have been first, and be about to enable it.
        while !self.round.pm.is_enabled(self.fuse()) {
            own::let_go().await;
        }
        self.expect(breaker, CircuitState::HalfOpen);
    }

    fn expect(&self, breaker: &CircuitBreaker, expected: CircuitState) {
        let (state, enabled) = (breaker.state(self.fuse()), self.round.pm.is_enabled(self.fuse()));
        let right = state == expected && enabled == (expected != CircuitState::Open);
        must(right, format_args!("a circuit is {state}, enabled {enabled}, which must be {expected}"));
    }
}
