//! The same plugins, in the library.

use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};

use pluginkit::calls::Piped;
use pluginkit::prelude::*;
use pluginkit::reduce::Reduce;
use pluginkit::{Error, Settled};
use pluginkit_tests::Log;

use crate::plan::{Entry, Fault, INDICES, Mode, Outcome, Plugin, Work, answers, default_of, suffices};
use crate::stepwise::{Ended, Form};

/// Not `Copy`, so that it must be cloned for all extensions but the last.
#[derive(Clone, Debug)]
pub(crate) struct Number(pub(crate) i64);

#[extension_point]
pub(crate) trait Specs {
    fn collect_values(&self, number: Number) -> Number;
    fn collect_options(&self, number: Number) -> Option<Number>;
    fn collect_results(&self, number: Number) -> Result<Option<Number>, Fault>;
    #[extension_point(firstresult)]
    fn first_option(&self, number: Number) -> Option<Number>;
    #[extension_point(firstresult)]
    fn first_result(&self, number: Number) -> Result<Option<Number>, Fault>;
    #[extension_point(pipeline)]
    fn pipe_value(&self, number: Number) -> Number;
    #[extension_point(pipeline)]
    fn pipe_option(&self, number: Number) -> Option<Number>;
    #[extension_point(pipeline)]
    fn pipe_result(&self, number: Number) -> Result<Number, Fault>;
    #[extension_point(pipeline)]
    fn pipe_result_option(&self, number: Number) -> Result<Option<Number>, Fault>;
    #[extension_point(firstresult)]
    fn hand_on(&self, number: Number) -> ControlFlow<Number, Number>;
    #[extension_point(firstresult)]
    fn hand_on_result(&self, number: Number) -> Result<ControlFlow<Number, Number>, Fault>;
    #[extension_point(reduce = Adds)]
    fn reduce(&self, number: Number) -> Option<Number>;
    #[extension_point(reduce = Adds)]
    fn reduce_result(&self, number: Number) -> Result<Option<Number>, Fault>;
    fn default_collect(&self, number: Number) -> Option<Number> {
        Some(Number(default_of(number.0)))
    }
    #[extension_point(firstresult)]
    fn default_first(&self, number: Number) -> Option<Number> {
        Some(Number(default_of(number.0)))
    }
    #[extension_point(pipeline)]
    fn default_pipe(&self, number: Number) -> Option<Number> {
        Some(Number(default_of(number.0)))
    }
    #[extension_point(firstresult)]
    fn default_hand_on(&self, number: Number) -> ControlFlow<Number, Number> {
        flow(default_of(number.0))
    }
    #[extension_point(reduce = Adds)]
    fn default_reduce(&self, number: Number) -> Option<Number> {
        Some(Number(default_of(number.0)))
    }
}

/// Runs `$body` with `$point` standing for the point of `$mode`.
macro_rules! with_point {
    ($mode:expr, |$point:ident| $body:expr) => {
        with_point!(@each $mode, $point, $body,
            CollectValues collect_values, CollectOptions collect_options, CollectResults collect_results,
            FirstOption first_option, FirstResult first_result, PipeValue pipe_value,
            PipeOption pipe_option, PipeResult pipe_result, PipeResultOption pipe_result_option,
            HandOn hand_on, HandOnResult hand_on_result, Reduce reduce, ReduceResult reduce_result,
            DefaultCollect default_collect, DefaultFirst default_first, DefaultPipe default_pipe,
            DefaultHandOn default_hand_on, DefaultReduce default_reduce)
    };
    (settles $mode:expr, |$point:ident| $body:expr) => {
        with_point!(@each $mode, $point, $body,
            CollectValues collect_values, CollectOptions collect_options, CollectResults collect_results,
            FirstOption first_option, FirstResult first_result, PipeValue pipe_value,
            PipeOption pipe_option, PipeResult pipe_result, PipeResultOption pipe_result_option,
            Reduce reduce, ReduceResult reduce_result, DefaultCollect default_collect,
            DefaultFirst default_first, DefaultPipe default_pipe, DefaultReduce default_reduce;
            _ => unreachable!("extensions that hand their argument on are not settled"))
    };
    (@each $mode:expr, $point:ident, $body:expr, $($variant:ident $name:ident),* $(; _ => $other:expr)?) => {
        match $mode {
            $(Mode::$variant => {
                let $point = Specs::$name;
                $body
            })*
            $(_ => $other,)?
        }
    };
}
pub(crate) use with_point;

/// Evaluates to the `next` of a run: the one there is for the last one, and a clone for the others.
macro_rules! again {
    ($next:ident, $last:expr) => {
        match &$next {
            Some(next) if !$last => next.clone(),
            _ => $next.take().expect("the last run comes once"),
        }
    };
}
pub(crate) use again;

/// Does the work of the host.
pub(crate) fn worked<C: Called>(work: Work, mode: Mode, number: &Number, log: &Log) -> C {
    Work::enter(number.0, log);
    C::from_outcome(work.outcome(mode, number.0))
}

/// What an extension returns.
pub(crate) trait Returned {
    /// Of an extension that got `number`.
    fn from_answer(answer: Result<Option<i64>, Fault>, number: i64) -> Self;
}

/// An answer, or the next argument.
fn flow(value: i64) -> ControlFlow<Number, Number> {
    if answers(value) { ControlFlow::Break(Number(value)) } else { ControlFlow::Continue(Number(value)) }
}

impl Returned for ControlFlow<Number, Number> {
    fn from_answer(answer: Result<Option<i64>, Fault>, number: i64) -> Self {
        answer.expect("this mode does not fail").map_or(ControlFlow::Continue(Number(number)), flow)
    }
}

/// Adds numbers until the sum suffices.
pub(crate) struct Adds(i64);

impl Reduce for Adds {
    type Item = Number;
    type Output = Number;

    fn start() -> Self {
        Self(0)
    }

    fn take(&mut self, item: Number) -> ControlFlow<()> {
        self.0 += item.0;
        if suffices(self.0) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn finish(self) -> Number {
        Number(self.0)
    }
}

impl Returned for Number {
    fn from_answer(answer: Result<Option<i64>, Fault>, _: i64) -> Self {
        Self(answer.ok().flatten().expect("this mode neither fails nor abstains"))
    }
}

impl Returned for Option<Number> {
    fn from_answer(answer: Result<Option<i64>, Fault>, _: i64) -> Self {
        answer.expect("this mode does not fail").map(Number)
    }
}

impl<T: Returned> Returned for Result<T, Fault> {
    fn from_answer(answer: Result<Option<i64>, Fault>, number: i64) -> Self {
        answer.map(|answer| T::from_answer(Ok(answer), number))
    }
}

/// What a call returns.
pub(crate) trait Called {
    fn from_outcome(outcome: Outcome) -> Self;
    fn into_outcome(self) -> Outcome;
}

impl Called for Number {
    fn from_outcome(outcome: Outcome) -> Self {
        Self(outcome.expect("this mode does not fail")[0])
    }
    fn into_outcome(self) -> Outcome {
        Ok(vec![self.0])
    }
}

impl Called for ControlFlow<Number, Number> {
    fn from_outcome(outcome: Outcome) -> Self {
        match *outcome.expect("this mode does not fail") {
            [argument] => Self::Continue(Number(argument)),
            [answer, ..] => Self::Break(Number(answer)),
            [] => unreachable!("there is an argument"),
        }
    }
    fn into_outcome(self) -> Outcome {
        Ok(match self {
            Self::Continue(argument) => vec![argument.0],
            Self::Break(answer) => vec![answer.0, answer.0],
        })
    }
}

impl Called for Option<Number> {
    fn from_outcome(outcome: Outcome) -> Self {
        outcome.expect("this mode does not fail").first().copied().map(Number)
    }
    fn into_outcome(self) -> Outcome {
        Ok(self.into_iter().map(|number| number.0).collect())
    }
}

impl Called for Vec<Number> {
    fn from_outcome(outcome: Outcome) -> Self {
        outcome.expect("this mode does not fail").into_iter().map(Number).collect()
    }
    fn into_outcome(self) -> Outcome {
        Ok(self.into_iter().map(|number| number.0).collect())
    }
}

impl<T: Called> Called for Result<T, Fault> {
    fn from_outcome(outcome: Outcome) -> Self {
        outcome.map(|values| T::from_outcome(Ok(values)))
    }
    fn into_outcome(self) -> Outcome {
        self.and_then(T::into_outcome)
    }
}

/// What one extension answered, if anything, where each is told by itself.
pub(crate) trait Told {
    fn into_answer(self) -> Option<i64>;
}

impl Told for Number {
    fn into_answer(self) -> Option<i64> {
        Some(self.0)
    }
}

impl Told for Option<Number> {
    fn into_answer(self) -> Option<i64> {
        self.map(|number| number.0)
    }
}

/// A plugin of the case as a plugin of the library.
pub(crate) struct Planned {
    pub(crate) plugin: Plugin,
    pub(crate) log: Log,
}

impl Planned {
    pub(crate) fn answer<R: Returned>(&self, index: usize, number: &Number) -> R {
        R::from_answer(self.plugin.entries[index].answer(number.0, &self.log), number.0)
    }

    pub(crate) fn around<C: Called>(
        &self,
        index: usize,
        number: &Number,
        mut run: impl FnMut(Number, bool) -> C,
    ) -> C {
        let run = |number, last| run(Number(number), last).into_outcome();
        C::from_outcome(self.plugin.entries[index].around(number.0, &self.log, run))
    }

    pub(crate) fn holds(&self, number: &Number) -> bool {
        self.plugin.condition.holds(number.0)
    }
}

/// A manager that runs a case of one mode.
pub(crate) struct Library {
    pm: PluginManager,
    mode: Mode,
    log: Log,
}

impl Library {
    pub(crate) fn new(mode: Mode) -> Self {
        let pm = PluginManager::new("model");
        pm.add_extension_points(Specs).expect("the specs belong to no project");
        Self { pm, mode, log: Log::new() }
    }

    pub(crate) fn manager(&self) -> &PluginManager {
        &self.pm
    }

    pub(crate) fn log(&self) -> &Log {
        &self.log
    }

    pub(crate) fn register(&self, plugin: &Plugin) -> Result<PluginId, Error> {
        let planned = Planned { plugin: plugin.clone(), log: self.log.clone() };
        let mut builder = PluginBuilder::new(planned).named(plugin.name);
        for entry in &plugin.entries {
            let (index, options, wrapper) = (entry.index, entry.options(), entry.is_wrapper());
            let conditional = entry.when.is_some();
            builder = with_point!(self.mode, |point| match (wrapper, conditional) {
                (true, false) => builder.wrapper(point, options, move |this, args, next| {
                    let mut next = Some(next);
                    let run = |number, last: bool| again!(next, last).run(number);
                    this.around(index, &args.number, run)
                }),
                (true, true) => builder.wrapper_when(
                    point,
                    options,
                    move |this, args, next| {
                        let mut next = Some(next);
                        let run = |number, last: bool| again!(next, last).run(number);
                        this.around(index, &args.number, run)
                    },
                    |this, args| this.holds(args.number),
                ),
                (false, false) => {
                    builder.extension(point, options, move |this, args| this.answer(index, &args.number))
                }
                (false, true) => builder.extension_when(
                    point,
                    options,
                    move |this, args| this.answer(index, &args.number),
                    |this, args| this.holds(args.number),
                ),
            });
        }
        builder.register(&self.pm)
    }

    pub(crate) fn call(&self, argument: i64) -> Outcome {
        with_point!(self.mode, |point| self.pm.caller(point).call(Number(argument)).into_outcome())
    }

    pub(crate) fn try_call(&self, argument: i64) -> Outcome {
        with_point!(self.mode, |point| {
            match self.pm.caller(point).try_call(Number(argument)) {
                Ok(outcome) => outcome.into_outcome(),
                Err(error) => Err(into_fault(error)),
            }
        })
    }

    /// What becomes of a call, whatever that is.
    pub(crate) fn ended(&self, form: Form, argument: i64, work: Work) -> Ended {
        let number = Number(argument);
        match form {
            Form::Around => with_point!(self.mode, |point| {
                let caller = self.pm.caller(point);
                let call =
                    || caller.call_around(number, |args| worked(work, self.mode, &args.number, &self.log));
                returned(catch_unwind(AssertUnwindSafe(|| call().into_outcome())))
            }),
            Form::TryAround(policy) => with_point!(self.mode, |point| {
                let caller = self.pm.caller(point).on_failure(policy);
                tried(caller.try_call_around(number, |args| worked(work, self.mode, &args.number, &self.log)))
            }),
            Form::Call => with_point!(self.mode, |point| {
                let caller = self.pm.caller(point);
                returned(catch_unwind(AssertUnwindSafe(|| caller.call(number).into_outcome())))
            }),
            Form::TryCall(policy) => with_point!(self.mode, |point| {
                tried(self.pm.caller(point).on_failure(policy).try_call(number))
            }),
            Form::Settle => {
                with_point!(settles self.mode, |point| self.pm.caller(point).settle(number).into_ended())
            }
        }
    }

    /// The plugins, and the indices of their entries, in the order a call would run them.
    pub(crate) fn order<'e>(&self, entries: &[&'e Entry]) -> Vec<&'e Entry> {
        known(entries, &with_point!(self.mode, |point| self.pm.caller(point).implementations()))
    }
}

/// Which of `entries` are listed, in that order.
pub(crate) fn known<'e>(
    entries: &[&'e Entry],
    listed: &[pluginkit::points::ImplementationInfo],
) -> Vec<&'e Entry> {
    let find = |info: &pluginkit::points::ImplementationInfo| {
        let index = INDICES.iter().position(|&index| index == info.options.method);
        entries.iter().copied().find(|entry| info.plugin == *entry.plugin && Some(entry.index) == index)
    };
    let registered = listed.iter().filter(|info| !info.is_default);
    registered.map(|info| find(info).expect("what is listed is registered")).collect()
}

/// What became of a call whose panics come out.
pub(crate) fn returned(outcome: std::thread::Result<Outcome>) -> Ended {
    match outcome {
        Ok(Ok(values)) => Ended::Returned(values),
        Ok(Err(Fault(fault))) => Ended::Failed { plugin: None, fault },
        Err(panic) => {
            let message = panic.downcast_ref::<String>().cloned().unwrap_or_default();
            Ended::Panicked { plugin: None, message }
        }
    }
}

/// What became of a guarded call.
pub(crate) fn tried<C: Called, E: Into<Fault>>(outcome: Result<C, CallError<E>>) -> Ended {
    match outcome {
        Ok(outcome) => returned(Ok(outcome.into_outcome())),
        Err(error) => stopped(error),
    }
}

/// What became of each extension.
pub(crate) trait Settlement {
    fn into_ended(self) -> Ended;
}

impl<T: Told, E: Into<Fault>> Settlement for Vec<Settled<T, E>> {
    fn into_ended(self) -> Ended {
        Ended::Settled(each(self), None)
    }
}

impl<V: Told, E: Into<Fault>> Settlement for Piped<Number, V, E> {
    fn into_ended(self) -> Ended {
        Ended::Settled(each(self.settled), Some(self.value.0))
    }
}

fn each<T: Told, E: Into<Fault>>(settled: Vec<Settled<T, E>>) -> Vec<(String, Ended)> {
    let each = settled.into_iter().map(|settled| {
        let ended = match settled.result {
            Ok(answer) => Ended::Returned(answer.into_answer().into_iter().collect()),
            Err(error) => stopped(error),
        };
        (settled.plugin.to_string(), ended)
    });
    each.collect()
}

fn stopped<E: Into<Fault>>(error: CallError<E>) -> Ended {
    let plugin = error.plugin().map(ToString::to_string);
    match error {
        CallError::Failed { error, .. } => Ended::Failed { plugin, fault: error.into().0 },
        CallError::Panicked { message, .. } => Ended::Panicked { plugin, message },
        CallError::Several { failures, .. } => Ended::Several(failures.into_iter().map(stopped).collect()),
        CallError::TimedOut { limit, elapsed, .. } => {
            assert!(elapsed >= limit, "it had {limit:?}, and took {elapsed:?}");
            let limit = u32::try_from(limit.as_secs()).expect("it was one");
            Ended::TimedOut { plugin: plugin.expect("somebody took too long"), limit }
        }
        _ => panic!("no call does that here"),
    }
}

/// The fault that a guarded call stopped at.
fn into_fault<E: Into<Fault>>(error: CallError<E>) -> Fault {
    error.into_inner().expect("no body panics or has a timeout").into()
}

impl From<std::convert::Infallible> for Fault {
    fn from(never: std::convert::Infallible) -> Self {
        match never {}
    }
}
