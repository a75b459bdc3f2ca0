//! An index of the stubs that are linked into the program, by plugin type.

#[cfg(feature = "local")]
use std::any::Any;
use std::any::TypeId;
use std::collections::HashMap;
use std::sync::OnceLock;

use crate::base::drops::Foreign;
#[cfg(feature = "macros")]
use crate::plugin::ServiceType;
use crate::plugin::extension_stub::{Stub, UnwrapArc};
use crate::plugin::generic_block::GenericBlock;
use crate::plugin::implementation::Contribution;
use crate::plugin::{AnyPlugin, PluginMetadata, PluginStub};
use crate::registry::offer::{Offer, OfferStub};

/// The stubs of one plugin type.
struct Stubs {
    all: Vec<&'static Stub>,
    plugin: Option<&'static PluginStub>,
    offers: Vec<&'static OfferStub>,
    /// The first block for all types of generic specs.
    generic: Option<&'static GenericBlock>,
    /// The function that unwraps an `Arc` of a plugin, if the type is one.
    unwrap_arc: Option<UnwrapArc>,
}

/// A plugin with everything that the stubs of its type declare.
pub(crate) struct Found {
    pub(crate) name: Option<&'static str>,
    pub(crate) metadata: Option<PluginMetadata>,
    pub(crate) contributions: Vec<Contribution>,
    pub(crate) offers: Vec<Box<dyn Offer>>,
    /// Dropped after the contributions, which hold it beside closures.
    pub(crate) instance: Foreign<AnyPlugin>,
}

fn stubs_of(id: TypeId) -> Option<&'static Stubs> {
    static INDEX: OnceLock<HashMap<TypeId, Stubs>> = OnceLock::new();
    INDEX.get_or_init(index).get(&id)
}

/// Returns the metadata of the plugin type with this `id`.
pub fn metadata_of(id: TypeId) -> Option<PluginMetadata> {
    stubs_of(id)?.plugin.map(|stub| (stub.metadata)())
}

/// Makes an `AnyPlugin` of a plugin of the type with this `id`, or of an `Arc` of one, if the type has `#[extension]` blocks.
/// Returns the id of the plugin's type, too.
#[cfg(feature = "local")]
pub(crate) fn share(id: TypeId, plugin: Box<dyn Any>) -> Result<(TypeId, AnyPlugin), Box<dyn Any>> {
    match stubs_of(id).and_then(|stubs| stubs.all.first()) {
        Some(stub) => Ok((stub.plugin.id(), (stub.share)(plugin))),
        None => Err(plugin),
    }
}

/// Returns the name of plugins of the type with this `id`, which has `#[extension]` blocks.
#[cfg(feature = "local")]
pub(crate) fn name_of(id: TypeId) -> &'static str {
    stubs_of(id).and_then(|stubs| stubs.all.first()).map_or("", |stub| stub.name)
}

/// Returns whether the type with this `id` has `#[extension]` blocks for managers that share plugins.
#[cfg(feature = "local")]
pub(crate) fn has_blocks(id: TypeId) -> bool {
    stubs_of(id).is_some_and(|stubs| !stubs.all.is_empty())
}

/// Returns the projects of the specs that plugins of the type with this `id` extend.
#[cfg(feature = "macros")]
pub fn projects_of(id: TypeId) -> Vec<&'static str> {
    stubs_of(id).into_iter().flat_map(|stubs| &stubs.all).filter_map(|stub| stub.project).collect()
}

/// Returns a block of the type with this `id` that is for all types of generic specs, if there is one.
pub(crate) fn generic_block_of(id: TypeId) -> Option<&'static GenericBlock> {
    stubs_of(id)?.generic
}

/// Returns the services that plugins of the type with this `id` provide.
#[cfg(feature = "macros")]
pub fn services_of(id: TypeId) -> impl Iterator<Item = ServiceType> {
    stubs_of(id).into_iter().flat_map(|stubs| &stubs.offers).map(|stub| (stub.service)())
}

/// Returns the contributions of a plugin of the type with this `id`.
pub(crate) fn of_value(id: TypeId, instance: &AnyPlugin) -> Vec<Contribution> {
    let mut contributions = Vec::new();
    for stub in stubs_of(id).into_iter().flat_map(|stubs| &stubs.all) {
        contributions.append(&mut (stub.extend)(instance));
    }
    contributions
}

/// Returns the offers of a plugin of the type with this `id`.
pub(crate) fn offers_of(id: TypeId, instance: &AnyPlugin) -> Vec<Box<dyn Offer>> {
    let stubs = stubs_of(id).into_iter().flat_map(|stubs| &stubs.offers);
    stubs.map(|stub| (stub.offer)(instance, stub.priority)).collect()
}

/// Finds what a plugin of the type with this `id` declares. The plugin is a value or an `Arc` of one.
pub(crate) fn find(id: TypeId, plugin: Foreign<AnyPlugin>) -> Found {
    let stubs = stubs_of(id);
    let instance = match stubs.and_then(|stubs| stubs.unwrap_arc) {
        Some(unwrap_arc) => Foreign::new(unwrap_arc(&plugin), None),
        None => plugin,
    };
    let contributions = of_value(id, &instance);
    let name = stubs.and_then(|stubs| stubs.all.first()).map(|stub| stub.name);
    let offers = offers_of(id, &instance);
    Found { name, metadata: metadata_of(id), contributions, offers, instance }
}

fn index() -> HashMap<TypeId, Stubs> {
    let mut index: HashMap<TypeId, Stubs> = HashMap::new();
    let mut note = |id, unwrap_arc, note: &dyn Fn(&mut Stubs)| {
        note(index.entry(id).or_insert(Stubs {
            all: Vec::new(),
            plugin: None,
            offers: Vec::new(),
            generic: None,
            unwrap_arc,
        }));
    };
    for stub in inventory::iter::<Stub> {
        for (id, unwrap) in stub.plugin.ids() {
            note(id, unwrap, &|stubs| stubs.all.push(stub));
        }
    }
    for stub in inventory::iter::<PluginStub> {
        for (id, unwrap) in stub.plugin.ids() {
            note(id, unwrap, &|stubs| stubs.plugin = Some(stub));
        }
    }
    for stub in inventory::iter::<OfferStub> {
        for (id, unwrap) in stub.plugin.ids() {
            note(id, unwrap, &|stubs| stubs.offers.push(stub));
        }
    }
    for block in inventory::iter::<GenericBlock> {
        for id in [(block.plugin)(), (block.shared_plugin)()] {
            note(id, None, &|stubs| {
                let earlier = stubs.generic.filter(|earlier| earlier.position <= block.position);
                stubs.generic = earlier.or(Some(block));
            });
        }
    }
    for stubs in index.values_mut() {
        stubs.offers.sort_by_key(|stub| stub.position);
        stubs.all.sort_by_key(|stub| stub.position);
    }
    index
}
