//! The same plugins again, in an async manager, where time is virtual.

use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use futures_util::FutureExt;
use pluginkit::Error;
use pluginkit::prelude::*;
use pluginkit_tests::{Log, pending};
use tokio::runtime::{Builder, Runtime};
use tokio::time::{Instant, sleep};

use crate::library::{
    Called, Number, Planned, Returned, Settlement, Specs, again, known, returned, tried, with_point,
};
use crate::plan::{Entry, Mode, NAMES, Plugin, Work};
use crate::stepwise::{Ended, Form, Limits};

fn seconds(number: u32) -> Duration {
    Duration::from_secs(number.into())
}

impl Entry {
    /// Waits and lets others go on, as it is to.
    async fn linger(&self) {
        if self.manner.waits > 0 {
            sleep(seconds(self.manner.waits)).await;
        }
        for _ in 0..self.manner.yields {
            pending(1).await;
        }
    }
}

impl Planned {
    async fn answer_later<R: Returned>(&self, index: usize, number: Number) -> R {
        let entry = &self.plugin.entries[index];
        let under_way = entry.enter(number.0, &self.log);
        entry.linger().await;
        entry.panic_if_told();
        R::from_answer(under_way.end(entry.result(number.0)), number.0)
    }
}

/// Runs a wrapper around the rest of a call, whose `$next` has a type for each point.
macro_rules! around_later {
    ($this:ident, $index:ident, $number:expr, $next:ident) => {{
        let (entry, number) = (&$this.plugin.entries[$index], $number);
        let under_way = entry.enter(number.0, &$this.log);
        entry.linger().await;
        let outcome = match entry.before(number.0) {
            Ok(argument) => {
                let (mut outcomes, mut next) = (Vec::new(), Some($next));
                while let Some((argument, last)) = entry.next_run(argument, &outcomes) {
                    let outcome = again!(next, last).run(Number(argument)).await;
                    outcomes.push(outcome.into_outcome());
                }
                entry.after_runs(outcomes)
            }
            Err(outcome) => outcome,
        };
        entry.panic_if_told();
        Called::from_outcome(under_way.end(outcome))
    }};
}

/// Does the work of the host, and lets others go on first.
async fn worked_later<C: Called>(work: Work, mode: Mode, number: &Number, log: &Log) -> C {
    Work::enter(number.0, log);
    pending(work.yields.into()).await;
    C::from_outcome(work.outcome(mode, number.0))
}

/// An async manager that runs a case of one mode.
pub(crate) struct Awaited {
    pm: AsyncPluginManager,
    mode: Mode,
    log: Log,
    runtime: Runtime,
    limits: Limits,
}

impl Awaited {
    pub(crate) fn new(mode: Mode, limits: Limits) -> Self {
        let pm = AsyncPluginManager::new("model");
        pm.add_extension_points(Specs).expect("the specs belong to no project");
        if let Some(limit) = limits.point {
            with_point!(mode, |point| pm.set_point_timeout(point, seconds(limit)))
                .expect("there is the point");
        }
        let runtime = Builder::new_current_thread().enable_time().start_paused(true).build();
        Self { pm, mode, log: Log::new(), runtime: runtime.expect("a thread is there"), limits }
    }

    pub(crate) fn log(&self) -> &Log {
        &self.log
    }

    pub(crate) fn manager(&self) -> &AsyncPluginManager {
        &self.pm
    }

    pub(crate) fn register(&self, plugin: &Plugin) -> Result<PluginId, Error> {
        let planned = Planned { plugin: plugin.clone(), log: self.log.clone() };
        let mut builder = PluginBuilder::new(planned).named(plugin.name);
        for entry in &plugin.entries {
            let (index, options) = (entry.index, entry.options());
            let kind = (entry.is_wrapper(), entry.manner.is_async, entry.when.is_some());
            builder = with_point!(self.mode, |point| match kind {
                (true, _, false) => builder.async_wrapper(point, options, move |this, args, next, slot| {
                    slot.put(async move { around_later!(this, index, args.number, next) })
                }),
                (true, _, true) => builder.async_wrapper_when(
                    point,
                    options,
                    move |this, args, next, slot| {
                        slot.put(async move { around_later!(this, index, args.number, next) })
                    },
                    |this, args| this.holds(args.number),
                ),
                (false, true, false) => builder.async_extension(point, options, move |this, args, slot| {
                    slot.put(async move { this.answer_later(index, args.number).await })
                }),
                (false, true, true) => builder.async_extension_when(
                    point,
                    options,
                    move |this, args, slot| {
                        slot.put(async move { this.answer_later(index, args.number).await })
                    },
                    |this, args| this.holds(args.number),
                ),
                (false, false, false) => {
                    builder.extension(point, options, move |this, args| this.answer(index, &args.number))
                }
                (false, false, true) => builder.extension_when(
                    point,
                    options,
                    move |this, args| this.answer(index, &args.number),
                    |this, args| this.holds(args.number),
                ),
            });
        }
        let registered = builder.register(&self.pm);
        let limit = NAMES.iter().position(|name| *name == plugin.name).and_then(|at| self.limits.plugins[at]);
        if let (Ok(_), Some(limit)) = (&registered, limit) {
            self.pm.set_plugin_timeout(plugin.name, seconds(limit)).expect("it is there");
        }
        registered
    }

    /// What becomes of a call that is dropped after so many polls, if it takes more, and how many seconds it took.
    pub(crate) fn ended(&self, form: Form, argument: i64, work: Work, polls: Option<u32>) -> (Ended, u32) {
        self.runtime.block_on(async {
            let started = Instant::now();
            let mut polled = 0;
            let ended = {
                let mut call = pin!(self.called(form, argument, work));
                std::future::poll_fn(|cx| {
                    if polls == Some(polled) {
                        return Poll::Ready(None);
                    }
                    polled += 1;
                    match call.as_mut().poll(cx) {
                        Poll::Ready(ended) => Poll::Ready(Some(ended)),
                        Poll::Pending if polls == Some(polled) => Poll::Ready(None),
                        Poll::Pending => Poll::Pending,
                    }
                })
                .await
            };
            let took = u32::try_from(started.elapsed().as_secs()).expect("it is short");
            (ended.unwrap_or(Ended::Dropped), took)
        })
    }

    async fn called(&self, form: Form, argument: i64, work: Work) -> Ended {
        let (number, mode) = (Number(argument), self.mode);
        match form {
            Form::Around => with_point!(mode, |point| {
                let caller = self.pm.caller(point);
                let call = caller.call_around(number, &self.log, move |log, args, slot| {
                    slot.put(async move { worked_later(work, mode, &args.number, log).await })
                });
                returned(AssertUnwindSafe(call).catch_unwind().await.map(Called::into_outcome))
            }),
            Form::TryAround(policy) => with_point!(mode, |point| {
                let caller = self.pm.caller(point).on_failure(policy);
                let caller = self.limits.call.map_or(caller.clone(), |limit| caller.timeout(seconds(limit)));
                let call = caller.try_call_around(number, &self.log, move |log, args, slot| {
                    slot.put(async move { worked_later(work, mode, &args.number, log).await })
                });
                tried(call.await)
            }),
            Form::Call => with_point!(self.mode, |point| {
                let caller = self.pm.caller(point);
                let outcome = AssertUnwindSafe(caller.call(number)).catch_unwind().await;
                returned(outcome.map(Called::into_outcome))
            }),
            Form::TryCall(policy) => with_point!(self.mode, |point| {
                let caller = self.pm.caller(point).on_failure(policy);
                let caller = self.limits.call.map_or(caller.clone(), |limit| caller.timeout(seconds(limit)));
                tried(caller.try_call(number).await)
            }),
            Form::Settle => with_point!(settles self.mode, |point| {
                let caller = self.pm.caller(point);
                let caller = self.limits.call.map_or(caller.clone(), |limit| caller.timeout(seconds(limit)));
                caller.settle(number).await.into_ended()
            }),
        }
    }

    /// The plugins, and the indices of their entries, in the order a call would run them.
    pub(crate) fn order<'e>(&self, entries: &[&'e Entry]) -> Vec<&'e Entry> {
        known(entries, &with_point!(self.mode, |point| self.pm.caller(point).implementations()))
    }
}
