//! [`Stub`]: the registration stub that `#[extension]` leaves for `register` to find, and the index of all stubs.
#![forbid(unsafe_code)]

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

use crate::base::drops::Foreign;
use crate::plugin::AnyPlugin;
use crate::plugin::bind::{Binder, Extends};
use crate::plugin::implementation::Contribution;
use crate::plugin::{PluginMetadata, PluginStub};
use crate::services::{ServiceStub, StagedService};

/// One `#[extension] impl` block of a type, found at run time.
pub struct Stub {
    plugin: fn() -> TypeId,
    shared_plugin: fn() -> TypeId,
    unwrap_arc: fn(&AnyPlugin) -> AnyPlugin,
    name: &'static str,
    extend: fn(&AnyPlugin) -> Vec<Contribution>,
    /// The project of the specs.
    #[cfg_attr(not(feature = "macros"), allow(dead_code, reason = "for what a macro writes"))]
    project: Option<&'static str>,
    /// Where the block stands, so that the blocks of a type have an order.
    position: (&'static str, u32, u32),
}

inventory::collect!(Stub);

impl Stub {
    /// The stub of the block of `T` for the specs `S`.
    pub const fn new<T, S, const BLOCK: u64>(
        name: &'static str,
        file: &'static str,
        line: u32,
        column: u32,
    ) -> Self
    where
        T: Extends<S, BLOCK> + Send + Sync + 'static,
    {
        Self {
            plugin: TypeId::of::<T>,
            shared_plugin: TypeId::of::<Arc<T>>,
            unwrap_arc: unwrap_arc::<T>,
            name,
            extend: extend::<T, S, BLOCK>,
            project: None,
            position: (file, line, column),
        }
    }

    /// The same, for specs of a project.
    #[must_use]
    pub const fn of(self, project: Option<&'static str>) -> Self {
        Self { project, ..self }
    }
}

impl fmt::Debug for Stub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (file, line, column) = self.position;
        write!(f, "Stub({} at {file}:{line}:{column})", self.name)
    }
}

/// The `Arc` that a plugin is, whose type was looked up by its id.
pub(crate) fn unwrap_arc<T: Send + Sync + 'static>(plugin: &AnyPlugin) -> AnyPlugin {
    let plugin: &dyn Any = &**plugin;
    match plugin.downcast_ref::<Arc<T>>() {
        Some(plugin) => Arc::clone(plugin) as AnyPlugin,
        None => unreachable!("the stub was found by the type of the plugin"),
    }
}

/// What one block makes of a plugin, whose type was looked up by its id.
fn extend<T, S, const BLOCK: u64>(plugin: &AnyPlugin) -> Vec<Contribution>
where
    T: Extends<S, BLOCK> + Send + Sync + 'static,
{
    match Arc::clone(plugin).downcast() {
        Ok(this) => contributions::<T, S, BLOCK>(this),
        Err(_) => unreachable!("the stub was found by the type of the plugin"),
    }
}

/// What `T` brings to the specs `S` with one block.
pub(crate) fn contributions<T, S, const BLOCK: u64>(this: Arc<T>) -> Vec<Contribution>
where
    T: Extends<S, BLOCK> + Send + Sync + 'static,
{
    let mut binder = Binder::new(this);
    T::extend(&mut binder);
    binder.into_contributions()
}

/// Everything linked in that was said of one plugin type.
struct Stubs {
    all: Vec<&'static Stub>,
    plugin: Option<&'static PluginStub>,
    services: Vec<&'static ServiceStub>,
    /// What makes the plugin of an `Arc` of it, if the type is one.
    unwrap_arc: Option<fn(&AnyPlugin) -> AnyPlugin>,
}

/// A plugin with what its type's stubs make of it.
pub(crate) struct Found {
    pub(crate) name: Option<&'static str>,
    pub(crate) metadata: Option<PluginMetadata>,
    pub(crate) contributions: Vec<Contribution>,
    pub(crate) services: Vec<StagedService>,
    /// Dropped after the contributions, which have it beside closures.
    pub(crate) instance: Foreign<AnyPlugin>,
}

fn stubs_of(id: TypeId) -> Option<&'static Stubs> {
    static INDEX: OnceLock<HashMap<TypeId, Stubs>> = OnceLock::new();
    INDEX.get_or_init(index).get(&id)
}

/// What plugin the type with this `id` is declared to be.
pub(crate) fn metadata_of(id: TypeId) -> Option<PluginMetadata> {
    stubs_of(id)?.plugin.map(|stub| (stub.metadata)())
}

/// The projects of the specs that plugins of the type with this `id` extend, as far as those have one.
#[cfg(feature = "macros")]
pub(crate) fn projects_of(id: TypeId) -> Vec<&'static str> {
    stubs_of(id).into_iter().flat_map(|stubs| &stubs.all).filter_map(|stub| stub.project).collect()
}

/// What the stubs of its type, which has this `id`, make of a plugin.
pub(crate) fn of_value(id: TypeId, instance: &AnyPlugin) -> Vec<Contribution> {
    let mut contributions = Vec::new();
    for stub in stubs_of(id).into_iter().flat_map(|stubs| &stubs.all) {
        contributions.append(&mut (stub.extend)(instance));
    }
    contributions
}

/// The services that the stubs of its type, which has this `id`, make of a plugin.
pub(crate) fn services_of(id: TypeId, instance: &AnyPlugin) -> Vec<StagedService> {
    let stubs = stubs_of(id).into_iter().flat_map(|stubs| &stubs.services);
    stubs.map(|stub| (stub.stage)(instance, stub.priority)).collect()
}

/// Finds what a plugin extends, a value or an `Arc` of one, whose type has this `id`.
pub(crate) fn find(id: TypeId, plugin: Foreign<AnyPlugin>) -> Found {
    let stubs = stubs_of(id);
    let instance = match stubs.and_then(|stubs| stubs.unwrap_arc) {
        Some(unwrap_arc) => Foreign::new(unwrap_arc(&plugin), None),
        None => plugin,
    };
    let contributions = of_value(id, &instance);
    let name = stubs.and_then(|stubs| stubs.all.first()).map(|stub| stub.name);
    let services = services_of(id, &instance);
    Found { name, metadata: metadata_of(id), contributions, services, instance }
}

fn index() -> HashMap<TypeId, Stubs> {
    let mut index: HashMap<TypeId, Stubs> = HashMap::new();
    let mut note = |id, unwrap_arc, note: &dyn Fn(&mut Stubs)| {
        note(index.entry(id).or_insert(Stubs {
            all: Vec::new(),
            plugin: None,
            services: Vec::new(),
            unwrap_arc,
        }));
    };
    for stub in inventory::iter::<Stub> {
        for (id, unwrap) in [((stub.plugin)(), None), ((stub.shared_plugin)(), Some(stub.unwrap_arc))] {
            note(id, unwrap, &|stubs| stubs.all.push(stub));
        }
    }
    for stub in inventory::iter::<PluginStub> {
        for (id, unwrap) in [((stub.plugin)(), None), ((stub.shared_plugin)(), Some(stub.unwrap_arc))] {
            note(id, unwrap, &|stubs| stubs.plugin = Some(stub));
        }
    }
    for stub in inventory::iter::<ServiceStub> {
        for (id, unwrap) in [((stub.plugin)(), None), ((stub.shared_plugin)(), Some(stub.unwrap_arc))] {
            note(id, unwrap, &|stubs| stubs.services.push(stub));
        }
    }
    for stubs in index.values_mut() {
        stubs.services.sort_by_key(|stub| stub.position);
        stubs.all.sort_by_key(|stub| stub.position);
    }
    index
}
