//! [`ByPlugin`]: what a table has for each plugin, such as the table `limits`, merged from several sources.
#![forbid(unsafe_code)]

use std::collections::HashMap;

use indexmap::IndexMap;
#[cfg(feature = "macros")]
use indexmap::IndexSet;

#[cfg(feature = "macros")]
use super::Location;
#[cfg(feature = "macros")]
use super::error::{ConfigProblem, ProblemKind, Shown};
#[cfg(feature = "macros")]
use super::layer::Key;
use super::layer::environment::spelled;
pub use super::layer::environment::variable_name;
#[cfg(feature = "macros")]
pub use super::plugin_config::NamedConfig;
#[cfg(feature = "macros")]
use super::plugin_config::PluginConfig;
#[cfg(feature = "macros")]
use super::reference::PluginRef;
#[cfg(feature = "macros")]
use crate::base::similar::Known;

/// What a table has for one plugin.
pub(crate) trait OfPlugin: Clone {
    /// The contents, in a sentence before the name of a plugin.
    #[cfg(feature = "macros")]
    const CONTENTS: &'static str;

    /// Returns the place in the first source.
    #[cfg(feature = "macros")]
    fn at(&self) -> &Location;

    /// Lays the contents of a later source over these.
    fn update(&mut self, upper: &Self);

    /// Returns whether only the environment has them, which cannot write every name as it is.
    #[cfg(feature = "macros")]
    fn is_of_environment(&self) -> bool {
        self.at().variable().is_some()
    }
}

/// The way in which a source writes the names of plugins.
#[cfg(feature = "macros")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spelling {
    /// The name as it is.
    Exact,
    /// As a variable of the environment, with an underscore for each special character.
    Variable,
}

/// What a name means.
#[cfg(feature = "macros")]
#[allow(missing_debug_implementations, reason = "public for `__core` only")]
pub enum Named {
    /// No plugin that is known.
    Nothing,
    /// A plugin.
    Plugin {
        /// The id of the plugin.
        id: PluginRef,
        /// A remark, if other plugins have the name, too.
        remark: Option<String>,
    },
    /// Several plugins: what is wrong, and what to do.
    Several(String),
}

/// Says what names mean.
#[cfg(feature = "macros")]
pub(crate) type Names<'n> = dyn Fn(&str, Spelling) -> Named + 'n;

/// What a table has for each plugin, by the names that the sources use.
#[derive(Clone, Debug)]
pub(crate) struct ByPlugin<T>(IndexMap<String, T>);

impl<T> Default for ByPlugin<T> {
    fn default() -> Self {
        Self(IndexMap::new())
    }
}

impl<T: OfPlugin> ByPlugin<T> {
    /// Lays the contents for a plugin over those that it has.
    pub(super) fn lay(&mut self, name: &str, upper: &T) {
        self.0
            .entry(name.to_owned())
            .and_modify(|lower| lower.update(upper))
            .or_insert_with(|| upper.clone());
    }

    /// Lays the contents of a later source over these, by the names that these have if it is the environment.
    pub(super) fn lay_all(&mut self, upper: &Self, is_environment: bool) {
        let spelled = if is_environment { spelled(self.0.keys()) } else { HashMap::new() };
        for (name, upper) in &upper.0 {
            self.lay(spelled.get(&variable_name(name)).unwrap_or(name), upper);
        }
    }

    #[cfg(feature = "macros")]
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &T)> {
        self.0.iter().map(|(name, own)| (name.as_str(), own))
    }

    /// Replaces the names of plugins by ids. What is written under the id lies over what is written under other names.
    #[cfg(feature = "macros")]
    pub(super) fn rename(&mut self, mut key: impl FnMut(&str, &Location) -> Key) {
        let all = std::mem::take(&mut self.0).into_iter();
        let (others, own) = Key::sort(all.map(|(name, own)| (key(&name, own.at()), name, own)));
        for (name, own) in others.into_iter().chain(own) {
            self.lay(&name, &own);
        }
    }

    /// Calls `change` with the contents for each plugin.
    #[cfg(feature = "macros")]
    pub(super) fn each(&mut self, change: impl FnMut(&mut T)) {
        self.0.values_mut().for_each(change);
    }

    /// Returns a problem for each plugin that is none of `known`.
    #[cfg(feature = "macros")]
    fn unknown(&self, known: &IndexSet<&str>, spelled: &IndexSet<String>) -> Vec<ConfigProblem> {
        let unknown = self.iter().filter(|(name, own)| {
            let is_spelled = own.is_of_environment() && spelled.contains(&variable_name(name));
            !known.contains(name) && !is_spelled
        });
        let problem = |(name, own): (&str, &T)| {
            let message = format!("there are {} `{}`, but no such plugin", T::CONTENTS, Shown(name));
            let problem = ConfigProblem::new(ProblemKind::UnknownKey, own.at().clone(), message);
            problem.of_plugin(name).suggesting(Known::new(known.iter().copied()).closest(name))
        };
        unknown.map(problem).collect()
    }
}

#[cfg(feature = "macros")]
impl PluginConfig {
    /// Returns a problem for each plugin with limits or options of extensions that is none of `known`.
    #[doc(hidden)]
    pub fn unknown_plugins<'k>(&self, known: impl IntoIterator<Item = &'k str>) -> Vec<ConfigProblem> {
        let known: IndexSet<&str> = known.into_iter().collect();
        let spelled: IndexSet<String> = known.iter().map(|name| variable_name(name)).collect();
        let resolved = self.resolved();
        let mut problems = resolved.limits.unknown(&known, &spelled);
        problems.extend(resolved.extensions.unknown(&known, &spelled));
        problems
    }
}
