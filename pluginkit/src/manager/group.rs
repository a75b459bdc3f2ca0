//! [`PluginGroup`]: the plugins of a group, as they were when it was asked.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Weak};

use crate::base::name::PluginId;
use crate::config::PluginRef;
use crate::plugin::AnyPlugin;
use crate::registry::Registry;

/// The plugins of a group, in the order of the configuration.
///
/// A `PluginGroup` has the plugins that the group had when the host requested it. An unknown group is empty.
///
/// ```
/// # fn main() -> Result<(), pluginkit::Error> {
/// use pluginkit::config::PluginConfig;
/// use pluginkit::prelude::*;
///
/// #[plugin(id = "email", project = "group-example")]
/// #[derive(Default)]
/// struct Email;
///
/// let pm = PluginManager::new("group-example");
/// pm.load_config(&PluginConfig::from_toml_str("[plugins]\nvalidators = ['email']")?)?;
/// for member in &pm.group("validators") {
///     println!("{} -> {}", member.reference(), member.id());
/// }
/// assert_eq!(pm.group("validators").all_as::<Email>().len(), 1);
/// assert!(pm.group("middleware").is_empty());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct PluginGroup {
    registry: Weak<Registry>,
    name: String,
    members: Vec<GroupMember>,
    /// The index of the first member with each name, in the configuration or in the manager.
    places: HashMap<PluginId, usize>,
}

/// A plugin of a group.
#[derive(Clone)]
pub struct GroupMember {
    reference: PluginRef,
    id: PluginId,
    /// The number of its registration.
    number: u64,
    aliases: Box<[PluginId]>,
    plugin: AnyPlugin,
}

impl PluginGroup {
    /// Returns the group of this name with those of `members` that are registered.
    #[doc(hidden)]
    pub fn of(registry: &Arc<Registry>, name: &str, members: Vec<(PluginRef, PluginId)>) -> Self {
        let members = members.into_iter().filter_map(|(reference, id)| {
            let entry = registry.entry(&id)?;
            let plugin = registry.plugin(&id)?;
            Some(GroupMember { reference, id, number: entry.number, aliases: entry.aliases().into(), plugin })
        });
        let members: Vec<GroupMember> = members.collect();
        let mut places = HashMap::new();
        for (place, member) in members.iter().enumerate() {
            let names = [member.reference.as_str().into(), member.id.clone()];
            for name in names.into_iter().chain(member.aliases.iter().cloned()) {
                places.entry(name).or_insert(place);
            }
        }
        Self { registry: Arc::downgrade(registry), name: name.to_owned(), members, places }
    }

    /// Returns the registry of the manager; `None` after the manager is dropped.
    #[doc(hidden)]
    pub fn registry(&self) -> Option<Arc<Registry>> {
        self.registry.upgrade()
    }

    /// Returns the numbers of the plugins, in order.
    #[doc(hidden)]
    pub fn numbers(&self) -> impl Iterator<Item = u64> {
        self.members.iter().map(|member| member.number)
    }

    /// Returns the name of the group.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the plugins, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, GroupMember> {
        self.members.iter()
    }

    /// Returns the number of plugins.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Returns whether the group is empty.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Returns the names of the plugins in the manager, in order.
    pub fn ids(&self) -> Vec<PluginId> {
        self.members.iter().map(|member| member.id.clone()).collect()
    }

    /// Returns the plugin that the configuration or the manager calls `name`.
    pub fn get(&self, name: &str) -> Option<&GroupMember> {
        self.places.get(name).map(|&place| &self.members[place])
    }

    /// Returns the plugin that the configuration or the manager calls `name`, if it is a `T`.
    pub fn get_as<T: Send + Sync + 'static>(&self, name: &str) -> Option<Arc<T>> {
        self.get(name)?.plugin_as()
    }

    /// Returns the plugins of the type `T`, in order.
    pub fn all_as<T: Send + Sync + 'static>(&self) -> Vec<Arc<T>> {
        self.members.iter().filter_map(GroupMember::plugin_as).collect()
    }
}

impl<'g> IntoIterator for &'g PluginGroup {
    type Item = &'g GroupMember;
    type IntoIter = std::slice::Iter<'g, GroupMember>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl IntoIterator for PluginGroup {
    type Item = GroupMember;
    type IntoIter = std::vec::IntoIter<GroupMember>;

    fn into_iter(self) -> Self::IntoIter {
        self.members.into_iter()
    }
}

#[expect(clippy::missing_fields_in_debug, reason = "the rest follows from the members")]
impl fmt::Debug for PluginGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PluginGroup").field("name", &self.name).field("members", &self.members).finish()
    }
}

impl GroupMember {
    /// Returns the reference of the plugin in the configuration.
    pub fn reference(&self) -> &PluginRef {
        &self.reference
    }

    /// Returns the name of the plugin in the manager.
    pub fn id(&self) -> &PluginId {
        &self.id
    }

    /// Returns the plugin.
    pub fn plugin(&self) -> &AnyPlugin {
        &self.plugin
    }

    /// Returns the plugin, if it is a `T`.
    pub fn plugin_as<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        Arc::clone(&self.plugin).downcast().ok()
    }
}

impl fmt::Debug for GroupMember {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} -> {}", self.reference, self.id)
    }
}
