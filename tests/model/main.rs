//! Random plugins, run through the library and through naive reference models: of what calls return, in `reference`,
//! and of calls that are awaited, dropped, late and panic, in `stepwise`.

mod awaited;
mod fast_first;
mod generate;
mod library;
mod local;
mod plan;
mod reference;
mod stepwise;

use pluginkit::{Error, PluginId};
use pluginkit_tests::Log;
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use crate::awaited::Awaited;
use crate::library::Library;
use crate::local::Local;
use crate::plan::{Case, Entry, Plugin, Step};
use crate::stepwise::{Form, Limits, Stepwise};

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn calls_do_and_return_what_the_reference_model_says(case in generate::case()) {
        Run::through(&case, Run::compare_calls)?;
    }

    #[test]
    fn constraints_move_those_that_declare_them_and_no_others(case in generate::case()) {
        Run::through(&case, Run::compare_order)?;
    }

    #[test]
    fn calls_end_as_the_stepwise_model_says_whatever_panics_and_fails(case in generate::panicking()) {
        Run::through(&case, Run::compare_endings)?;
    }

    #[test]
    fn calls_of_a_local_manager_do_and_return_what_the_reference_model_says(case in generate::case()) {
        Run::locally(&case, Run::compare_local_calls)?;
    }

    #[test]
    fn a_local_manager_moves_those_that_declare_constraints_and_no_others(case in generate::case()) {
        Run::locally(&case, Run::compare_order)?;
    }

    #[test]
    fn calls_of_a_local_manager_end_as_the_stepwise_model_says(case in generate::panicking()) {
        Run::locally(&case, Run::compare_local_endings)?;
    }

    #[test]
    fn awaited_calls_do_and_end_as_the_stepwise_model_says((case, limits) in generate::awaited()) {
        Run::awaited(&case, &limits, |run| run.compare_awaited(&limits, None))?;
    }

    #[test]
    fn calls_that_are_dropped_leave_off_where_the_stepwise_model_says(
        (case, limits) in generate::awaited(),
        polls in generate::polls(),
    ) {
        Run::awaited(&case, &limits, |run| run.compare_awaited(&limits, polls))?;
    }
}

/// A manager that a case is played on.
trait Host {
    fn register(&self, plugin: &Plugin) -> Result<PluginId, Error>;
    fn unregister(&self, name: &str) -> bool;
    fn set_enabled(&self, name: &str, enabled: bool) -> bool;
    /// Which of `entries` a call would run, in that order.
    fn order<'e>(&self, entries: &[&'e Entry]) -> Vec<&'e Entry>;
}

impl Host for Library {
    fn register(&self, plugin: &Plugin) -> Result<PluginId, Error> {
        self.register(plugin)
    }

    fn unregister(&self, name: &str) -> bool {
        self.manager().unregister(name).is_some()
    }

    fn set_enabled(&self, name: &str, enabled: bool) -> bool {
        self.manager().set_enabled(name, enabled).is_ok()
    }

    fn order<'e>(&self, entries: &[&'e Entry]) -> Vec<&'e Entry> {
        self.order(entries)
    }
}

impl Host for Local {
    fn register(&self, plugin: &Plugin) -> Result<PluginId, Error> {
        self.register(plugin)
    }

    fn unregister(&self, name: &str) -> bool {
        self.manager().unregister(name)
    }

    fn set_enabled(&self, name: &str, enabled: bool) -> bool {
        self.manager().set_enabled(name, enabled).is_ok()
    }

    fn order<'e>(&self, entries: &[&'e Entry]) -> Vec<&'e Entry> {
        self.order(entries)
    }
}

impl Host for Awaited {
    fn register(&self, plugin: &Plugin) -> Result<PluginId, Error> {
        self.register(plugin)
    }

    fn unregister(&self, name: &str) -> bool {
        self.manager().unregister(name).is_some()
    }

    fn set_enabled(&self, name: &str, enabled: bool) -> bool {
        self.manager().set_enabled(name, enabled).is_ok()
    }

    fn order<'e>(&self, entries: &[&'e Entry]) -> Vec<&'e Entry> {
        self.order(entries)
    }
}

/// A case under way in both.
struct Run<'c, H> {
    case: &'c Case,
    host: H,
    /// The registered plugins in registration order, and whether each is enabled.
    present: Vec<(&'c Plugin, bool)>,
}

impl<'c> Run<'c, Library> {
    /// Plays the case on a sync manager, with a `check` after every change.
    fn through(case: &'c Case, check: impl Fn(&Self) -> TestCaseResult) -> TestCaseResult {
        let library = Library::new(case.mode);
        if case.observed {
            library.manager().observe(|_: &pluginkit::observe::Event<'_>| {}).forget();
        }
        Self { case, host: library, present: Vec::new() }.play(check)
    }

    /// Whether the order keeps the rules, and a call in it does and returns what the model says.
    fn compare_calls(&self) -> TestCaseResult {
        let [wrappers, extensions] = [self.order(true)?, self.order(false)?];
        let Case { mode, argument, .. } = *self.case;
        let log = Log::new();
        let expected = reference::call(mode, &wrappers, &extensions, argument, &log);
        let expected = (log.line(), expected);
        for outcome in [Library::call, Library::try_call] {
            let outcome = outcome(&self.host, argument);
            prop_assert_eq!(&(self.host.log().line(), outcome), &expected);
        }
        Ok(())
    }

    /// Whether each way to call does and ends as the model says, whatever panics and fails.
    fn compare_endings(&self) -> TestCaseResult {
        let [wrappers, extensions] = [self.order(true)?, self.order(false)?];
        let Case { mode, argument, .. } = *self.case;
        for form in Form::of(mode) {
            let log = Log::new();
            let call = Stepwise::new(self.case, &wrappers, &extensions, &log);
            let (expected, _) = call.run(form, argument, &Limits::default(), None);
            let ended = self.host.ended(form, argument, self.case.work);
            prop_assert_eq!((self.host.log().line(), ended), (log.line(), expected), "{:?}", form);
        }
        Ok(())
    }
}

impl<'c> Run<'c, Local> {
    /// Plays the case on a local manager, with a `check` after every change.
    fn locally(case: &'c Case, check: impl Fn(&Self) -> TestCaseResult) -> TestCaseResult {
        Self { case, host: Local::new(case.mode), present: Vec::new() }.play(check)
    }

    /// As [`Run::compare_calls`] for a sync manager.
    fn compare_local_calls(&self) -> TestCaseResult {
        let [wrappers, extensions] = [self.order(true)?, self.order(false)?];
        let Case { mode, argument, .. } = *self.case;
        let log = Log::new();
        let expected = reference::call(mode, &wrappers, &extensions, argument, &log);
        let outcome = self.host.call(argument);
        prop_assert_eq!((self.host.log().line(), outcome), (log.line(), expected));
        Ok(())
    }

    /// As [`Run::compare_endings`] for a sync manager.
    fn compare_local_endings(&self) -> TestCaseResult {
        let [wrappers, extensions] = [self.order(true)?, self.order(false)?];
        let Case { mode, argument, .. } = *self.case;
        for form in Form::of(mode) {
            let Some(ended) = self.host.ended(form, argument, self.case.work) else { continue };
            let log = Log::new();
            let call = Stepwise::new(self.case, &wrappers, &extensions, &log);
            let (expected, _) = call.run(form, argument, &Limits::default(), None);
            prop_assert_eq!((self.host.log().line(), ended), (log.line(), expected), "{:?}", form);
        }
        Ok(())
    }
}

impl<'c> Run<'c, Awaited> {
    /// Plays the case on an async manager, with a `check` after every change.
    fn awaited(case: &'c Case, limits: &Limits, check: impl Fn(&Self) -> TestCaseResult) -> TestCaseResult {
        let host = Awaited::new(case.mode, limits.clone());
        if case.observed {
            host.manager().observe(|_: &pluginkit::observe::Event<'_>| {}).forget();
        }
        Self { case, host, present: Vec::new() }.play(check)
    }

    /// Whether each way to call does, ends and takes as long as the model says, or is dropped after so many polls.
    fn compare_awaited(&self, limits: &Limits, polls: Option<u32>) -> TestCaseResult {
        let [wrappers, extensions] = [self.order(true)?, self.order(false)?];
        let Case { mode, argument, .. } = *self.case;
        for form in Form::of(mode) {
            let log = Log::new();
            let call = Stepwise::new(self.case, &wrappers, &extensions, &log);
            let (expected, time) = call.run(form, argument, limits, polls);
            let (ended, took) = self.host.ended(form, argument, self.case.work, polls);
            prop_assert_eq!(
                (self.host.log().line(), ended, took),
                (log.line(), expected, time),
                "{:?}",
                form
            );
        }
        Ok(())
    }
}

impl<'c, H: Host> Run<'c, H> {
    fn play(mut self, check: impl Fn(&Self) -> TestCaseResult) -> TestCaseResult {
        for plugin in &self.case.plugins {
            self.register(plugin)?;
            check(&self)?;
        }
        for &step in &self.case.steps {
            self.step(step)?;
            check(&self)?;
        }
        Ok(())
    }

    /// The extensions or the wrappers there are, as registered.
    fn entries(&self, wrappers: bool) -> Vec<&'c Entry> {
        let all = self.present.iter().flat_map(|(plugin, _)| &plugin.entries);
        all.filter(|entry| entry.is_wrapper() == wrappers).collect()
    }

    fn is_enabled(&self, entry: &Entry) -> bool {
        self.present.iter().any(|(plugin, enabled)| plugin.name == entry.plugin && *enabled)
    }

    fn register(&mut self, plugin: &'c Plugin) -> TestCaseResult {
        let registered = self.host.register(plugin);
        if self.present.iter().any(|(other, _)| other.name == plugin.name) {
            prop_assert!(matches!(registered, Err(Error::NameTaken { .. })), "{registered:?}");
            return Ok(());
        }
        self.present.push((plugin, true));
        let roles = [self.entries(true), self.entries(false)];
        if roles.iter().all(|entries| reference::is_possible(entries)) {
            prop_assert!(registered.is_ok(), "{registered:?}");
            return Ok(());
        }
        self.present.pop();
        let Err(Error::OrderCycle { cycle, .. }) = registered else {
            return Err(TestCaseError::fail(format!("expected a cycle, not {registered:?}")));
        };
        let is_cycle = roles.iter().any(|entries| is_cycle(&cycle, entries));
        prop_assert!(is_cycle, "no cycle: {cycle:?}");
        Ok(())
    }

    fn step(&mut self, step: Step) -> TestCaseResult {
        let (Step::Unregister(at) | Step::Register(at) | Step::Disable(at) | Step::Enable(at)) = step;
        let plugin = &self.case.plugins[at];
        let position = self.present.iter().position(|(other, _)| other.name == plugin.name);
        match step {
            Step::Register(_) => return self.register(plugin),
            Step::Unregister(_) => {
                prop_assert_eq!(self.host.unregister(plugin.name), position.is_some());
                position.map(|position| self.present.remove(position));
            }
            Step::Disable(_) | Step::Enable(_) => {
                let enabled = matches!(step, Step::Enable(_));
                prop_assert_eq!(self.host.set_enabled(plugin.name, enabled), position.is_some());
                if let Some(position) = position {
                    self.present[position].1 = enabled;
                }
            }
        }
        Ok(())
    }

    /// Whether the order is the one there is, where the rules leave no choice.
    fn compare_order(&self) -> TestCaseResult {
        for wrappers in [true, false] {
            if let Some(mut exact) = reference::exact(&reference::base(&self.entries(wrappers))) {
                exact.retain(|entry| self.is_enabled(entry));
                prop_assert_eq!(self.order(wrappers)?, exact);
            }
        }
        Ok(())
    }

    /// The enabled extensions or wrappers in the library's order, which must break no constraint.
    fn order(&self, wrappers: bool) -> Result<Vec<&'c Entry>, TestCaseError> {
        let base = reference::base(&self.entries(wrappers));
        let mut order = self.host.order(&[self.entries(true), self.entries(false)].concat());
        prop_assert!(order.is_sorted_by_key(|entry| !entry.is_wrapper()), "wrappers first: {order:?}");
        order.retain(|entry| entry.is_wrapper() == wrappers);
        let enabled: Vec<_> = base.iter().copied().filter(|entry| self.is_enabled(entry)).collect();
        prop_assert!(enabled.iter().all(|entry| order.contains(entry)), "{order:?}");
        prop_assert_eq!(order.len(), enabled.len());
        prop_assert!(reference::is_kept(&order), "broken constraint: {order:?}");
        if reference::is_kept(&base) {
            prop_assert_eq!(&order, &enabled);
        }
        Ok(order)
    }
}

/// Whether each of `cycle` must run before the next, and the last is the first.
fn is_cycle(cycle: &[PluginId], entries: &[&Entry]) -> bool {
    let precedes = |first: &PluginId, second: &PluginId| {
        entries.iter().any(|one| {
            entries.iter().any(|other| {
                *first == *one.plugin && *second == *other.plugin && reference::precedes(one, other)
            })
        })
    };
    cycle.len() > 1
        && cycle.first() == cycle.last()
        && cycle.windows(2).all(|pair| precedes(&pair[0], &pair[1]))
}
