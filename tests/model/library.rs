//! The same plugins, in the library.

use pluginkit::Error;
use pluginkit::prelude::*;
use pluginkit_tests::Log;

use crate::plan::{Entry, Fault, INDICES, Mode, Outcome, Plugin};

/// Not `Copy`, so that it must be cloned for all extensions but the last.
#[derive(Clone, Debug)]
pub(crate) struct Number(i64);

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
}

/// Runs `$body` with `$point` standing for the point of `$mode`.
macro_rules! with_point {
    ($mode:expr, |$point:ident| $body:expr) => {
        with_point!(@each $mode, $point, $body,
            CollectValues collect_values, CollectOptions collect_options, CollectResults collect_results,
            FirstOption first_option, FirstResult first_result, PipeValue pipe_value,
            PipeOption pipe_option, PipeResult pipe_result, PipeResultOption pipe_result_option)
    };
    (@each $mode:expr, $point:ident, $body:expr, $($variant:ident $name:ident),*) => {
        match $mode {
            $(Mode::$variant => {
                let $point = Specs::$name;
                $body
            })*
        }
    };
}

/// What an extension returns.
trait Returned {
    fn from_answer(answer: Result<Option<i64>, Fault>) -> Self;
}

impl Returned for Number {
    fn from_answer(answer: Result<Option<i64>, Fault>) -> Self {
        Self(answer.ok().flatten().expect("this mode neither fails nor abstains"))
    }
}

impl Returned for Option<Number> {
    fn from_answer(answer: Result<Option<i64>, Fault>) -> Self {
        answer.expect("this mode does not fail").map(Number)
    }
}

impl<T: Returned> Returned for Result<T, Fault> {
    fn from_answer(answer: Result<Option<i64>, Fault>) -> Self {
        answer.map(|answer| T::from_answer(Ok(answer)))
    }
}

/// What a call returns.
trait Called {
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

/// A plugin of the case as a plugin of the library.
struct Planned {
    plugin: Plugin,
    log: Log,
}

impl Planned {
    fn answer<R: Returned>(&self, index: usize, number: &Number) -> R {
        R::from_answer(self.plugin.entries[index].answer(number.0, &self.log))
    }

    fn around<C: Called>(&self, index: usize, number: &Number, run: impl FnOnce(Number) -> C) -> C {
        let run = |number| run(Number(number)).into_outcome();
        C::from_outcome(self.plugin.entries[index].around(number.0, &self.log, run))
    }

    fn holds(&self, number: &Number) -> bool {
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
        let mut builder = self.pm.plugin(planned).named(plugin.name);
        for entry in &plugin.entries {
            let (index, options, wrapper) = (entry.index, entry.options(), entry.is_wrapper());
            let conditional = entry.when.is_some();
            builder = with_point!(self.mode, |point| match (wrapper, conditional) {
                (true, false) => builder.wrapper(point, options, move |this, args, next| {
                    this.around(index, &args.number, |number| next.run(number))
                }),
                (true, true) => builder.wrapper_when(
                    point,
                    options,
                    move |this, args, next| this.around(index, &args.number, |number| next.run(number)),
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
        builder.register()
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

    /// The plugins, and the indices of their entries, in the order a call would run them.
    pub(crate) fn order<'e>(&self, entries: &[&'e Entry]) -> Vec<&'e Entry> {
        let find = |info: &pluginkit::ImplementationInfo| {
            let index = INDICES.iter().position(|&index| index == info.options.method);
            entries.iter().copied().find(|entry| info.plugin == *entry.plugin && Some(entry.index) == index)
        };
        let listed = with_point!(self.mode, |point| self.pm.caller(point).implementations());
        listed.iter().map(|info| find(info).expect("what is listed is registered")).collect()
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
