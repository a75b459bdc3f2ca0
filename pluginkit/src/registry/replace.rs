//! Changes to the plugins of a running manager: what is asked for, what comes of it, and who makes them.

use std::any::Any;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use crate::base::drops::DropPanic;
use crate::base::futures::BoxFuture;
use crate::base::name::PluginId;
use crate::base::state::StateMap;
use crate::error::Error;
use crate::registry::candidate::Candidate;
#[cfg(feature = "config")]
use crate::registry::overrides::Overrides;
use crate::registry::prepared::Step;
use crate::registry::{Entry, Registry};
#[cfg(feature = "config")]
use crate::spec::point::PointInfo;

/// A plugin that is to be registered.
pub struct Incoming {
    pub(crate) candidate: Candidate,
    /// The number of the plugin that it replaces, if it replaces one.
    pub replaces: Option<u64>,
    /// Whether it comes only as long as the plugin that it replaces is there.
    pub(super) only_instead: bool,
}

impl Incoming {
    /// Returns a plugin that is to take the place of the one with the number `replaces`, if that is one.
    pub fn new(candidate: Candidate, replaces: Option<u64>) -> Self {
        Self { candidate, replaces, only_instead: false }
    }

    /// Returns the same plugin, which nobody asks for but the one that it replaces is there.
    #[must_use]
    pub fn only_instead(self) -> Self {
        Self { only_instead: true, ..self }
    }

    /// Returns the settings of the plugin, for its phases.
    pub fn settings(&self) -> &StateMap {
        &self.candidate.entry.settings
    }

    /// Returns the plugin.
    pub fn entry(&self) -> &Arc<Entry> {
        &self.candidate.entry
    }

    /// Returns the points that the plugin extends, perhaps with repetitions.
    #[cfg(feature = "config")]
    pub fn points(&self) -> Vec<&'static PointInfo> {
        self.candidate.implementations.iter().map(|each| each.contribution.info).collect()
    }
}

/// The incoming plugins of a replacement, with their numbers.
pub type Arrived = Vec<(PluginId, u64)>;

/// The time limits of plugins; `None` is no limit. That of another plugin is inherited.
pub type Timeouts = Arc<HashMap<PluginId, Option<Duration>>>;

/// A function that a step calls with the incoming plugins.
pub type Done = Box<dyn FnOnce(&Arc<Registry>, &Arrived) + Send>;

/// A change to the plugins of a running manager.
#[derive(Default)]
pub struct Change {
    /// The numbers of the plugins that leave and are not replaced.
    pub leaving: Vec<u64>,
    /// The plugins that come.
    pub incoming: Vec<Incoming>,
    /// The order and the groups of plugins from the step on, if they change.
    #[cfg(feature = "macros")]
    pub arrangement: Option<Arrangement>,
    /// The options of extensions that a configuration sets from the step on, if they change.
    #[cfg(feature = "config")]
    pub overrides: Option<Arc<Overrides>>,
    /// The time limits of incoming plugins, if something decides on them.
    pub timeouts: Option<Timeouts>,
    /// Called right after the step with the incoming plugins.
    pub done: Option<Done>,
    /// A value that is dropped when the whole change has ended.
    pub keep: Option<Box<dyn Any + Send>>,
}

/// The order and the groups of plugins.
#[cfg(feature = "macros")]
pub struct Arrangement {
    /// The plugins of the configuration in their order. Together they keep the places that they have.
    pub order: Vec<PluginId>,
    /// None, if the groups stay as they are.
    #[cfg(feature = "config")]
    pub groups: Option<HashMap<String, Vec<PluginId>>>,
}

/// The outcome of a change.
#[derive(Default)]
pub struct Changed {
    /// The plugins that came, each with its number.
    pub arrived: Arrived,
    /// The plugins that were made anew because of another, each with that plugin.
    pub rebuilt: Vec<(PluginId, PluginId)>,
    /// The plugins that were stopped and started again because of another, each with that plugin.
    pub restarted: Vec<(PluginId, PluginId)>,
    /// The errors of the plugins that left, as they stopped.
    pub stop_errors: Vec<Error>,
}

/// Changes the plugins of a running manager. A feature that runs phases of plugins starts the incoming ones before the step,
/// and stops those that left after it.
pub trait Replacer: Send + Sync {
    /// Does what [`Registry::replace_all`] says.
    fn replace_all<'r>(
        &self,
        registry: &'r Arc<Registry>,
        change: Change,
        panicked: &'r mut Option<DropPanic>,
    ) -> BoxFuture<'r, Result<Changed, Error>>;
}

/// Makes a plugin anew that a feature has made.
pub trait Rebuilder: Send + Sync {
    /// Makes the plugin anew; `None` if the host made it.
    fn rebuild(&self, registry: &Arc<Registry>, plugin: &Entry) -> Option<Result<Incoming, Error>>;

    /// Notes that plugins were made anew.
    fn rebuilt(&self, registry: &Arc<Registry>, arrived: &Arrived);
}

impl Registry {
    /// Removes the plugins that leave or are replaced, and registers the incoming ones, or leaves everything as it was.
    ///
    /// The first panic of a destructor of the removed plugins goes to `panicked`.
    pub async fn replace_all(
        self: &Arc<Self>,
        change: Change,
        panicked: &mut Option<DropPanic>,
    ) -> Result<Changed, Error> {
        if let Some(replacer) = self.replacer.get() {
            return replacer.replace_all(self, change, panicked).await;
        }
        let mut prepared = self.prepare(change, panicked)?;
        let switched = loop {
            prepared.replay().await?;
            match prepared.step(&|_| false, &|_| false, &[], panicked) {
                Step::Done(switched) => break switched,
                Step::Missed(again) => prepared = again,
                Step::Refused(_, error) => return Err(error),
            }
        };
        Ok(Changed { arrived: switched.end(panicked), ..Changed::default() })
    }

    /// Lets `replacer` replace plugins from now on.
    pub fn set_replacer(&self, replacer: &'static dyn Replacer) {
        let _ = self.replacer.set(replacer);
    }

    /// Lets `rebuilder` make plugins anew from now on.
    #[cfg(feature = "config")]
    pub fn set_rebuilder(&self, rebuilder: &'static dyn Rebuilder) {
        let _ = self.rebuilder.set(rebuilder);
    }

    /// Returns what makes plugins anew.
    pub fn rebuilder(&self) -> Option<&'static dyn Rebuilder> {
        self.rebuilder.get().copied()
    }
}

/// A manager always has a lifecycle, so only a test sees a registry that replaces plugins by itself.
#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::clock::Clock;
    use crate::base::futures::now;
    use crate::plugin::PluginMetadata;
    use crate::registry::{Host, Staged};

    struct Noted(&'static str);

    impl Drop for Noted {
        fn drop(&mut self) {
            assert_ne!(self.0, "bad", "a bad plugin");
        }
    }

    fn registry() -> Arc<Registry> {
        Registry::new("test", Host::new(false), Clock::default())
    }

    fn candidate(registry: &Registry, id: &str, value: &'static str) -> Candidate {
        let metadata = Some(PluginMetadata::new(id));
        let instance = Arc::new(Noted(value));
        let staged = Staged::new(id.into(), "Noted", instance, Vec::new(), metadata, Vec::new());
        registry.candidate(staged).unwrap()
    }

    fn add(registry: &Registry, id: &str, value: &'static str) -> u64 {
        registry.register(vec![candidate(registry, id, value)]).unwrap();
        registry.number_of(id).unwrap()
    }

    fn incoming(registry: &Registry, id: &str, replaces: Option<u64>) -> Incoming {
        Incoming::new(candidate(registry, id, "new"), replaces)
    }

    fn plugins(registry: &Registry) -> Vec<(String, &'static str)> {
        let named = |id: PluginId| {
            let plugin = registry.plugin(&id).unwrap();
            (id.to_string(), plugin.downcast_ref::<Noted>().unwrap().0)
        };
        registry.plugin_names().into_iter().map(named).collect()
    }

    fn replace(
        registry: &Arc<Registry>,
        leaving: &[u64],
        incoming: Vec<Incoming>,
    ) -> (Result<Arrived, Error>, Option<DropPanic>) {
        let mut panicked = None;
        let change = Change { leaving: leaving.to_vec(), incoming, ..Change::default() };
        let changed = now(registry.replace_all(change, &mut panicked));
        (changed.map(|changed| changed.arrived), panicked)
    }

    #[test]
    fn replacements_keep_their_places_and_the_others_join_at_the_end() {
        let registry = registry();
        let (first, second) = (add(&registry, "first", "old"), add(&registry, "second", "old"));
        add(&registry, "third", "old");
        let arriving = vec![incoming(&registry, "fourth", None), incoming(&registry, "second", Some(second))];
        let (arrived, panicked) = replace(&registry, &[first], arriving);
        let arrived: Vec<_> = arrived.unwrap().into_iter().map(|(id, _)| id.to_string()).collect();
        assert_eq!(arrived, ["fourth", "second"]);
        assert!(panicked.is_none());
        let now = [("second", "new"), ("third", "old"), ("fourth", "new")];
        assert_eq!(plugins(&registry), now.map(|(id, value)| (id.to_owned(), value)));
    }

    #[test]
    fn a_refused_plugin_leaves_everything_as_it_was() {
        let registry = registry();
        let (first, second) = (add(&registry, "first", "old"), add(&registry, "second", "old"));
        add(&registry, "third", "old");
        let arriving = vec![incoming(&registry, "second", Some(second)), incoming(&registry, "third", None)];
        let (arrived, panicked) = replace(&registry, &[first], arriving);
        assert!(matches!(arrived, Err(Error::NameTaken { plugin, .. }) if plugin == "third"));
        assert!(panicked.is_none());
        let now = [("first", "old"), ("second", "old"), ("third", "old")];
        assert_eq!(plugins(&registry), now.map(|(id, value)| (id.to_owned(), value)));
        assert_eq!(registry.number_of("second"), Some(second));
    }

    #[test]
    fn the_panic_of_a_removed_plugin_is_handed_to_the_caller() {
        let registry = registry();
        let bad = add(&registry, "first", "bad");
        let (arrived, panicked) = replace(&registry, &[], vec![incoming(&registry, "first", Some(bad))]);
        assert_eq!(arrived.unwrap().len(), 1);
        assert!(panicked.is_some());
        assert_eq!(plugins(&registry), [("first".to_owned(), "new")]);
    }
}
