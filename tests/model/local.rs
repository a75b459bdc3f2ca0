//! The same plugins, under a local manager.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use pluginkit::Error;
use pluginkit::limits::FailurePolicy;
use pluginkit::prelude::*;
use pluginkit_tests::Log;

use crate::library::{
    Called as _, Number, Planned, Settlement as _, Specs, again, known, returned, tried, with_point, worked,
};
use crate::plan::{Entry, Mode, Outcome, Plugin, Work};
use crate::stepwise::{Ended, Form};

/// A plugin of the case that is not `Send`.
struct Here {
    planned: Planned,
    _stays: Rc<()>,
}

/// A local manager that runs a case of one mode.
pub(crate) struct Local {
    pm: LocalPluginManager<'static>,
    mode: Mode,
    log: Log,
}

impl Local {
    pub(crate) fn new(mode: Mode) -> Self {
        let pm = LocalPluginManager::new("model");
        pm.add_extension_points(Specs).expect("the specs belong to no project");
        Self { pm, mode, log: Log::new() }
    }

    pub(crate) fn manager(&self) -> &LocalPluginManager<'static> {
        &self.pm
    }

    pub(crate) fn log(&self) -> &Log {
        &self.log
    }

    pub(crate) fn register(&self, plugin: &Plugin) -> Result<PluginId, Error> {
        let planned = Planned { plugin: plugin.clone(), log: self.log.clone() };
        let mut builder = self.pm.plugin(Here { planned, _stays: Rc::default() }).named(plugin.name);
        for entry in &plugin.entries {
            let (index, options, wrapper) = (entry.index, entry.options(), entry.is_wrapper());
            let conditional = entry.when.is_some();
            builder = with_point!(self.mode, |point| match (wrapper, conditional) {
                (true, false) => builder.wrapper(point, options, move |this, args, next| {
                    let mut next = Some(next);
                    let run = |number, last: bool| again!(next, last).run(number);
                    this.borrow().planned.around(index, &args.number, run)
                }),
                (true, true) => builder.wrapper_when(
                    point,
                    options,
                    move |this, args, next| {
                        let mut next = Some(next);
                        let run = |number, last: bool| again!(next, last).run(number);
                        this.borrow().planned.around(index, &args.number, run)
                    },
                    |this, args| this.borrow().planned.holds(args.number),
                ),
                (false, false) => builder.extension(point, options, move |this, args| {
                    this.borrow().planned.answer(index, &args.number)
                }),
                (false, true) => builder.extension_when(
                    point,
                    options,
                    move |this, args| this.borrow().planned.answer(index, &args.number),
                    |this, args| this.borrow().planned.holds(args.number),
                ),
            });
        }
        builder.register()
    }

    pub(crate) fn call(&self, argument: i64) -> Outcome {
        with_point!(self.mode, |point| self.pm.caller(point).call(Number(argument)).into_outcome())
    }

    /// What becomes of a call, whatever that is; `None` if a local manager has no such call.
    pub(crate) fn ended(&self, form: Form, argument: i64, work: Work) -> Option<Ended> {
        let number = Number(argument);
        Some(match form {
            Form::Call => with_point!(self.mode, |point| {
                let caller = self.pm.caller(point);
                returned(catch_unwind(AssertUnwindSafe(|| caller.call(number).into_outcome())))
            }),
            Form::TryCall(FailurePolicy::FailFast) => {
                with_point!(self.mode, |point| tried(self.pm.caller(point).try_call(number)))
            }
            Form::Around => with_point!(self.mode, |point| {
                let caller = self.pm.caller(point);
                let call =
                    || caller.call_around(number, |args| worked(work, self.mode, &args.number, &self.log));
                returned(catch_unwind(AssertUnwindSafe(|| call().into_outcome())))
            }),
            Form::TryAround(FailurePolicy::FailFast) => with_point!(self.mode, |point| {
                let caller = self.pm.caller(point);
                tried(caller.try_call_around(number, |args| worked(work, self.mode, &args.number, &self.log)))
            }),
            Form::TryCall(_) | Form::TryAround(_) => return None,
            Form::Settle => {
                with_point!(settles self.mode, |point| self.pm.caller(point).settle(number).into_ended())
            }
        })
    }

    /// The plugins, and the indices of their entries, in the order a call would run them.
    pub(crate) fn order<'e>(&self, entries: &[&'e Entry]) -> Vec<&'e Entry> {
        known(entries, &with_point!(self.mode, |point| self.pm.caller(point).implementations()))
    }
}
