//! Names of plugins that bind nothing: in `before` and `after`, and in views.

use std::any::TypeId;
use std::collections::{HashMap, HashSet};

use crate::base::name::PluginId;
use crate::base::similar::Known;
use crate::plugin::implementation::Implementation;
use crate::plugin::{NamePlace, UnboundName};
use crate::registry::{Registry, State};
use crate::spec::names::PluginNames;
use crate::spec::order::Role;

/// The greatest number of names in views that are kept. A host may make views of names that it reads somewhere.
const MOST: usize = 16;

impl Registry {
    /// Returns the names that bind nothing now: those of `before` and `after` in the order of plugins, then those of points
    /// and of plugins that are turned off in a configuration, then those of views.
    pub fn unbound_names(&self) -> Vec<UnboundName> {
        let (mut unbound, registered) =
            self.look(|state| {
                let mut unbound = state.unbound_order();
                #[cfg(all(feature = "config", feature = "macros"))]
                {
                    unbound.extend(state.ranked().flat_map(|record| {
                        state.overrides.unbound(&record.owner.id, &record.implementations)
                    }));
                    let unknown = state.config_notes.unknown.iter();
                    let unknown = unknown.filter(|name| !state.names.contains_key(name.as_str()));
                    unbound.extend(unknown.map(|name| self::unbound((name.clone(), NamePlace::Disabled))));
                }
                unbound.extend(state.unbound_views());
                (unbound, state.known_names())
            });
        suggest(&mut unbound, registered);
        unbound
    }

    /// Tells a log the names that bind nothing.
    pub fn warn_unbound(&self) {
        #[cfg(feature = "tracing")]
        for unbound in self.unbound_names() {
            warn(&unbound);
        }
    }

    /// Notes the names of a view that no plugin has.
    pub(crate) fn note_view(&self, names: &[PluginId], place: &NamePlace) {
        let mut unbound = self.look(|state| {
            let unknown = names.iter().filter(|name| !state.knows(name, place));
            let new: Vec<_> = unknown
                .map(|name| (name.clone(), place.clone()))
                .filter(|view| !state.views.contains(view))
                .collect();
            let room = MOST.saturating_sub(state.views.len());
            state.views.extend(new.iter().take(room).cloned());
            new.into_iter().take(room).map(unbound).collect::<Vec<_>>()
        });
        if !unbound.is_empty() {
            let registered = self.look(|state| state.known_names());
            suggest(&mut unbound, registered);
        }
        #[cfg(feature = "tracing")]
        unbound.iter().for_each(warn);
    }
}

/// Warns of a name in an event of `tracing`.
#[cfg(feature = "tracing")]
pub fn warn(unbound: &UnboundName) {
    tracing::warn!(name = %unbound.name, "{unbound}");
}

/// The names that a wrong one is compared with.
struct KnownNames {
    plugins: Vec<PluginId>,
    groups: Vec<PluginId>,
}

fn unbound((name, place): (PluginId, NamePlace)) -> UnboundName {
    UnboundName { name, place, suggestion: None }
}

/// Adds the names that were probably meant.
fn suggest(unbound: &mut [UnboundName], KnownNames { mut plugins, mut groups }: KnownNames) {
    plugins.sort();
    groups.sort();
    let known_plugins = Known::new(plugins.iter().map(PluginId::as_str));
    let known_groups = Known::new(groups.iter().map(PluginId::as_str));
    for each in unbound {
        let (names, known) = match each.place {
            NamePlace::Extension { .. } => continue,
            NamePlace::Group { .. } => (&groups, &known_groups),
            _ => (&plugins, &known_plugins),
        };
        // A name that a plugin has is no misspelling.
        if names.binary_search(&each.name).is_err() {
            each.suggestion = known.closest(&each.name).map(PluginId::from);
        }
    }
}

/// Returns the names in `before` or in `after` of an implementation.
fn names(each: &Implementation, is_before: bool) -> &PluginNames {
    if is_before { &each.options().before } else { &each.options().after }
}

impl State {
    fn known_names(&self) -> KnownNames {
        KnownNames {
            plugins: self.names.keys().cloned().collect(),
            #[cfg(all(feature = "config", feature = "macros"))]
            groups: self.groups.keys().map(|group| group.as_str().into()).collect(),
            #[cfg(not(all(feature = "config", feature = "macros")))]
            groups: Vec::new(),
        }
    }

    /// Returns whether something has a name that stands in a view.
    fn knows(&self, name: &PluginId, place: &NamePlace) -> bool {
        match place {
            #[cfg(all(feature = "config", feature = "macros"))]
            NamePlace::Group { .. } => self.groups.contains_key(name.as_str()),
            _ => self.names.contains_key(name.as_str()),
        }
    }

    fn unbound_order(&self) -> Vec<UnboundName> {
        let all = || self.ranked().flat_map(|record| record.implementations.iter());
        let declared = |point: &TypeId| self.places.contains_key(point);
        // With each name, whether it is the id of its plugin.
        let mut present: HashMap<TypeId, HashSet<(Role, &str, bool)>> = HashMap::new();
        for each in all().filter(|each| each.options().names_others()) {
            present.entry(each.contribution.point).or_default();
        }
        if present.is_empty() {
            return Vec::new();
        }
        for each in all() {
            if let Some(present) = present.get_mut(&each.contribution.point) {
                let names = each.owner.names();
                present
                    .extend(names.map(|name| (each.contribution.role, name.as_str(), name == each.plugin())));
            }
        }
        // Another plugin, of which a name that is to be an id is an alias.
        let meant = |plugin: &PluginId, names: &PluginNames, name: &PluginId| {
            let number = self.names.get(name).filter(|_| names.are_ids())?;
            let id = &self.plugins[number].owner.id;
            (id != name && id != plugin).then(|| id.clone())
        };
        let mut unbound_names = Vec::new();
        for record in self.ranked() {
            let (own, first) = (&record.implementations, unbound_names.len());
            for each in own.iter().filter(|each| declared(&each.contribution.point)) {
                let (contribution, plugin) = (&each.contribution, each.plugin());
                let point = contribution.info;
                let Some(present) = present.get(&contribution.point) else { continue };
                let is_bound = |name: &PluginId, is_before| {
                    // An override has its names for the extension and for the wrapper: one of the two is enough.
                    let same = own.iter().filter(|other| {
                        other.contribution.point == contribution.point
                            && names(other, is_before).contains(name)
                    });
                    { same }.any(|other| {
                        let has = |is_id| present.contains(&(other.contribution.role, name.as_str(), is_id));
                        has(true) || !names(other, is_before).are_ids() && has(false)
                    })
                };
                let options = each.options();
                let mut add = |name: &PluginId, names: &PluginNames, place| {
                    let suggestion = meant(plugin, names, name);
                    let unbound = UnboundName { suggestion, ..unbound((name.clone(), place)) };
                    if !unbound_names[first..].contains(&unbound) {
                        unbound_names.push(unbound);
                    }
                };
                for name in options.before.iter().filter(|name| !is_bound(name, true)) {
                    add(name, &options.before, NamePlace::Before { plugin: plugin.clone(), point });
                }
                for name in options.after.iter().filter(|name| !is_bound(name, false)) {
                    add(name, &options.after, NamePlace::After { plugin: plugin.clone(), point });
                }
            }
        }
        unbound_names
    }

    fn unbound_views(&self) -> impl Iterator<Item = UnboundName> {
        let still = self.views.iter().filter(|(name, place)| !self.knows(name, place));
        still.cloned().map(unbound)
    }
}
