//! [`Stub`]: the registration stub that `#[extension]` leaves for `register` to find.
#![forbid(unsafe_code)]

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

use crate::bind::{Binder, Extends};
use crate::implementation::Contribution;
use crate::registry::AnyPlugin;

/// One `#[extension] impl` block of a type, found at run time.
pub struct Stub {
    plugin: fn() -> TypeId,
    shared_plugin: fn() -> TypeId,
    unwrap_arc: fn(&AnyPlugin) -> AnyPlugin,
    name: &'static str,
    extend: fn(&AnyPlugin) -> Vec<Contribution>,
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
            position: (file, line, column),
        }
    }
}

impl fmt::Debug for Stub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (file, line, column) = self.position;
        write!(f, "Stub({} at {file}:{line}:{column})", self.name)
    }
}

/// The `Arc` that a plugin is, whose type was looked up by its id.
fn unwrap_arc<T: Send + Sync + 'static>(plugin: &AnyPlugin) -> AnyPlugin {
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

/// Everything linked in that one plugin type extends.
struct Stubs {
    all: Vec<&'static Stub>,
    is_arc: bool,
}

/// A plugin with what its type's stubs make of it.
pub(crate) struct Found {
    pub(crate) name: Option<&'static str>,
    pub(crate) instance: AnyPlugin,
    pub(crate) contributions: Vec<Contribution>,
}

fn stubs_of(id: TypeId) -> Option<&'static Stubs> {
    static INDEX: OnceLock<HashMap<TypeId, Stubs>> = OnceLock::new();
    INDEX.get_or_init(index).get(&id)
}

/// What the stubs of its type, which has this `id`, make of a plugin.
pub(crate) fn of_value(id: TypeId, instance: &AnyPlugin) -> Vec<Contribution> {
    let mut contributions = Vec::new();
    for stub in stubs_of(id).into_iter().flat_map(|stubs| &stubs.all) {
        contributions.append(&mut (stub.extend)(instance));
    }
    contributions
}

/// Finds what a plugin extends, a value or an `Arc` of one, whose type has this `id`.
pub(crate) fn find(id: TypeId, plugin: AnyPlugin) -> Found {
    let stubs = stubs_of(id);
    let instance = match stubs {
        Some(stubs) if stubs.is_arc => (stubs.all[0].unwrap_arc)(&plugin),
        _ => plugin,
    };
    let contributions = of_value(id, &instance);
    Found { name: stubs.map(|stubs| stubs.all[0].name), instance, contributions }
}

fn index() -> HashMap<TypeId, Stubs> {
    let mut index: HashMap<TypeId, Stubs> = HashMap::new();
    for stub in inventory::iter::<Stub> {
        for (id, is_arc) in [((stub.plugin)(), false), ((stub.shared_plugin)(), true)] {
            index.entry(id).or_insert(Stubs { all: Vec::new(), is_arc }).all.push(stub);
        }
    }
    for stubs in index.values_mut() {
        stubs.all.sort_by_key(|stub| stub.position);
    }
    index
}
