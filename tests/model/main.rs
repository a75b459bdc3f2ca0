//! Random plugins, run through the library and through a naive reference model.

mod generate;
mod library;
mod plan;
mod reference;

use pluginkit::{Error, PluginId};
use pluginkit_tests::Log;
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use crate::library::Library;
use crate::plan::{Case, Entry, Plugin, Step};

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
}

/// A case under way in both.
struct Run<'c> {
    case: &'c Case,
    library: Library,
    /// The registered plugins in registration order, and whether each is enabled.
    present: Vec<(&'c Plugin, bool)>,
}

impl<'c> Run<'c> {
    /// Plays the case, with a `check` after every change.
    fn through(case: &'c Case, check: impl Fn(&Self) -> TestCaseResult) -> TestCaseResult {
        let library = Library::new(case.mode);
        if case.observed {
            library.manager().observe(|_: &pluginkit::Event<'_>| {}).forget();
        }
        let mut run = Self { case, library, present: Vec::new() };
        for plugin in &case.plugins {
            run.register(plugin)?;
            check(&run)?;
        }
        for &step in &case.steps {
            run.step(step)?;
            check(&run)?;
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
        let registered = self.library.register(plugin);
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
        let manager = self.library.manager();
        match step {
            Step::Register(_) => return self.register(plugin),
            Step::Unregister(_) => {
                prop_assert_eq!(manager.unregister(plugin.name).is_some(), position.is_some());
                position.map(|position| self.present.remove(position));
            }
            Step::Disable(_) | Step::Enable(_) => {
                let enabled = matches!(step, Step::Enable(_));
                prop_assert_eq!(manager.set_enabled(plugin.name, enabled).is_ok(), position.is_some());
                if let Some(position) = position {
                    self.present[position].1 = enabled;
                }
            }
        }
        Ok(())
    }

    /// Whether the order keeps the rules, and a call in it does and returns what the model says.
    fn compare_calls(&self) -> TestCaseResult {
        let [wrappers, extensions] = [self.order(true)?, self.order(false)?];
        let Case { mode, argument, .. } = *self.case;
        let log = Log::new();
        let expected = reference::call(mode.kind(), &wrappers, &extensions, argument, &log);
        let expected = (log.line(), expected);
        for outcome in [Library::call, Library::try_call] {
            let outcome = outcome(&self.library, argument);
            prop_assert_eq!(&(self.library.log().line(), outcome), &expected);
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
        let mut order = self.library.order(&[self.entries(true), self.entries(false)].concat());
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
