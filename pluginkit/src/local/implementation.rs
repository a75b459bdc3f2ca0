//! [`Implementation`]: one extension or wrapper of one plugin of a local manager.

use std::any::TypeId;
use std::cell::Cell;
use std::rc::Rc;

use crate::base::drops::Foreign;
use crate::base::name::PluginId;
use crate::call::local::LocalObject;
use crate::local::bind::Kept;
use crate::plugin::implementation::{Contribution, DEFAULT, ImplementationInfo, Role};
use crate::spec::options::Options;
use crate::spec::order::{EXTRA, Ordered, Place};
use crate::spec::point::{Key, Origin, PointInfo};

/// An implementation of one point, before it has an owner.
pub(super) struct LocalContribution<'p> {
    pub(super) point: TypeId,
    pub(super) info: &'static PointInfo,
    pub(super) origin: Origin,
    pub(super) role: Role,
    pub(super) is_async: bool,
    pub(super) conditional: bool,
    pub(super) options: Options,
    pub(super) object: LocalObject<'p>,
    /// The plugin, kept until the object is dropped, which may have it beside a closure: so no destructor of the plugin runs
    /// within the object's.
    plugin: Option<Foreign<Rc<dyn Kept + 'p>>>,
}

impl<'p> LocalContribution<'p> {
    pub(super) fn new(
        point: &Key,
        role: Role,
        options: Options,
        object: LocalObject<'p>,
        conditional: bool,
    ) -> Self {
        Self {
            point: point.id,
            info: point.info,
            origin: point.origin,
            role,
            is_async: false,
            conditional,
            options,
            object,
            plugin: None,
        }
    }

    /// Returns what a plugin of other managers contributes.
    pub(super) fn of_managers(contribution: Contribution) -> Self {
        Self {
            point: contribution.point,
            info: contribution.info,
            origin: contribution.origin,
            role: contribution.role,
            is_async: contribution.is_async,
            conditional: contribution.conditional,
            options: contribution.options.clone(),
            object: LocalObject::new_of_managers(contribution),
            plugin: None,
        }
    }

    /// Itself, with its plugin.
    pub(super) fn keeping(self, plugin: Rc<dyn Kept + 'p>) -> Self {
        Self { plugin: Some(Foreign::new(plugin, None)), ..self }
    }

    /// Says that it belongs to a plugin.
    pub(super) fn set_plugin(&mut self, id: &PluginId) {
        self.object.set_plugin(id);
        if let Some(plugin) = &mut self.plugin {
            plugin.set_plugin(id);
        }
    }
}

/// A registered plugin, as its implementations know it.
pub(super) struct Owner {
    pub(super) id: PluginId,
    /// Its other names.
    pub(super) aliases: Box<[PluginId]>,
    pub(super) enabled: Cell<bool>,
    pub(super) registered: Cell<bool>,
    /// Whether past historic calls are being replayed to it.
    pub(super) replaying: Cell<bool>,
    /// The number of the first historic call that is not replayed to it.
    pub(super) replayed: Cell<u64>,
}

impl Owner {
    pub(super) fn new(id: PluginId, aliases: &[PluginId]) -> Self {
        let is_new = |&at: &usize| aliases[at] != id && !aliases[..at].contains(&aliases[at]);
        let aliases = (0..aliases.len()).filter(is_new).map(|at| aliases[at].clone()).collect();
        Self {
            id,
            aliases,
            enabled: Cell::new(true),
            registered: Cell::new(true),
            replaying: Cell::new(false),
            replayed: Cell::new(0),
        }
    }

    /// Returns its name and its aliases.
    pub(super) fn names(&self) -> impl Iterator<Item = &PluginId> {
        std::iter::once(&self.id).chain(&self.aliases)
    }
}

/// One extension or wrapper of one registered plugin.
pub(super) struct Implementation<'p> {
    pub(super) owner: Rc<Owner>,
    pub(super) place: Place,
    pub(super) contribution: LocalContribution<'p>,
}

impl<'p> Implementation<'p> {
    pub(super) fn new(
        owner: &Rc<Owner>,
        number: u64,
        index: u32,
        mut contribution: LocalContribution<'p>,
    ) -> Self {
        contribution.set_plugin(&owner.id);
        let place = Place::new(contribution.role, &contribution.options, number, index);
        Self { owner: Rc::clone(owner), place, contribution }
    }

    /// Returns the default body of a point, with the plugin `(default)`.
    pub(super) fn default_body(mut contribution: LocalContribution<'p>) -> Self {
        let owner = Owner::new(DEFAULT.into(), &[]);
        contribution.set_plugin(&owner.id);
        Self { owner: Rc::new(owner), place: Place::DEFAULT_BODY, contribution }
    }

    pub(super) fn plugin(&self) -> &PluginId {
        &self.owner.id
    }

    /// Returns whether calls run it.
    pub(super) fn takes_part(&self) -> bool {
        self.owner.enabled.get() && self.contribution.options.enabled
    }

    /// Returns whether it declares a `before` or an `after`.
    pub(super) fn declares(&self) -> bool {
        self.contribution.options.names_others()
    }

    pub(super) fn info(&self) -> ImplementationInfo {
        ImplementationInfo {
            plugin: self.owner.id.clone(),
            method: self.contribution.options.method,
            is_wrapper: self.contribution.role == Role::Wrapper,
            is_async: false,
            is_default: self.place.is_default(),
            options: self.contribution.options.clone(),
        }
    }
}

impl Ordered for Rc<Implementation<'_>> {
    fn plugin(&self) -> &PluginId {
        &self.owner.id
    }

    fn options(&self) -> &Options {
        &self.contribution.options
    }

    fn aliases(&self) -> &[PluginId] {
        &self.owner.aliases
    }

    fn is_named(&self) -> bool {
        self.place.plugin != EXTRA
    }
}
