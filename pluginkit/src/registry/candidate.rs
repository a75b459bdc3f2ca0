//! [`Candidate`]: a plugin on its way into the registry.

use std::any::TypeId;
use std::sync::Arc;

use crate::base::drops::Foreign;
use crate::base::name::PluginId;
use crate::error::Error;
use crate::plugin::generic_block::GenericBlock;
use crate::plugin::implementation::{Contribution, EXTRA_NAME, Implementation, Owner, Role, is_reserved};
use crate::plugin::{AnyPlugin, PluginMetadata};
use crate::registry::versions::check_version;
use crate::registry::{Entry, Host, Identity, Offer, Registry};
use crate::spec::options::Options;
use crate::spec::order::Place;
use crate::spec::point::{Key, PointInfo};

/// A plugin that is to be registered, as its type or its builder describes it.
pub struct Staged {
    /// The name that it is to be registered under.
    pub id: PluginId,
    /// The name of its type.
    pub type_name: &'static str,
    /// The value.
    pub instance: Foreign<AnyPlugin>,
    pub(crate) contributions: Vec<Contribution>,
    /// Its metadata, if it has any.
    pub metadata: Option<PluginMetadata>,
    /// Its offers beside its extensions.
    pub(crate) offers: Vec<Box<dyn Offer>>,
    /// Options of its extensions at some points, over their own.
    pub overrides: Vec<(Key, Options)>,
    /// A block of its type for all types of generic specs, if the host has not named the specs.
    pub generic_block: Option<&'static GenericBlock>,
}

impl Staged {
    /// Returns a plugin with these contributions and offers.
    pub fn new(
        id: PluginId,
        type_name: &'static str,
        instance: AnyPlugin,
        contributions: Vec<Contribution>,
        metadata: Option<PluginMetadata>,
        offers: Vec<Box<dyn Offer>>,
    ) -> Self {
        let instance = Foreign::new(instance, Some(&id));
        let mut staged = Self {
            id,
            type_name,
            instance,
            contributions: Vec::new(),
            metadata,
            offers,
            overrides: Vec::new(),
            generic_block: None,
        };
        staged.set_contributions(contributions);
        staged
    }

    /// Returns whether the plugin brings nothing.
    #[cfg(feature = "macros")]
    pub fn is_bare(&self) -> bool {
        self.contributions.is_empty() && self.offers.is_empty()
    }

    /// Sets the extensions of the plugin.
    pub fn set_contributions(&mut self, mut contributions: Vec<Contribution>) {
        for contribution in &mut contributions {
            contribution.set_plugin(&self.id, &self.instance);
        }
        self.contributions = contributions;
    }

    /// Lays the overrides over the options of the extensions. Returns an error if the plugin does not extend a point of an
    /// override.
    pub(crate) fn override_options(&mut self) -> Result<(), Error> {
        let overrides = std::mem::take(&mut self.overrides);
        let own = self.contributions.iter_mut().map(|each| (each.point, each.info, &mut each.options));
        lay_options(&self.id, overrides, own.collect())
    }

    /// Returns an error if a block of its type would have no effect.
    pub(crate) fn check_blocks(&self) -> Result<(), Error> {
        match self.generic_block {
            Some(block) => Err(Error::GenericBlock { plugin: self.id.clone(), block: block.does().into() }),
            None => Ok(()),
        }
    }

    /// Returns an error if `blocking` is set at a point where the plugin has no `fn` extension.
    fn check_blocking(&self) -> Result<(), Error> {
        for each in self.contributions.iter().filter(|each| each.options.blocking) {
            let is_fn = |other: &Contribution| {
                other.point == each.point && other.role == Role::Extension && !other.is_async
            };
            if !self.contributions.iter().any(is_fn) {
                let (plugin, point) = (self.id.clone(), each.info);
                return Err(Error::CannotOffload { plugin, point, is_never_blocking: true });
            }
        }
        Ok(())
    }

    /// Returns its implementations of `point`, as `host` runs them, for a view of the point. `offloads` tells whether the
    /// arguments of the point can move to the blocking pool. Returns an error if there are none.
    pub(crate) fn into_extras(
        mut self,
        point: Key,
        offloads: bool,
        host: &Host,
    ) -> Result<Vec<Contribution>, Error> {
        self.check_blocks()?;
        if is_reserved(&self.id) && self.id != EXTRA_NAME {
            return Err(Error::ReservedName { plugin: self.id });
        }
        self.override_options()?;
        self.check_blocking()?;
        let Self { id, contributions, .. } = self;
        let extended = each_once(contributions.iter().map(|each| each.info));
        let mut extras = Vec::new();
        for contribution in contributions.into_iter().filter(|each| each.point == point.id) {
            check_version(&id, &contribution)?;
            let contribution = host.adapt(contribution);
            host.check(&id, &contribution, offloads)?;
            extras.push(contribution);
        }
        if extras.is_empty() {
            return Err(Error::NotExtended { plugin: id, point: point.info, extended });
        }
        Ok(extras)
    }
}

/// Returns points in their order, each once.
fn each_once(points: impl Iterator<Item = &'static PointInfo>) -> Vec<&'static PointInfo> {
    let mut once = Vec::new();
    for point in points {
        if !once.contains(&point) {
            once.push(point);
        }
    }
    once
}

/// Lays overrides over the options of a plugin's extensions, each with its point. Returns an error if the plugin does not
/// extend a point of an override.
pub(crate) fn lay_options(
    plugin: &PluginId,
    overrides: Vec<(Key, Options)>,
    mut own: Vec<(TypeId, &'static PointInfo, &mut Options)>,
) -> Result<(), Error> {
    for (point, upper) in overrides {
        let mut is_extended = false;
        for (_, _, options) in own.iter_mut().filter(|(id, _, _)| *id == point.id) {
            **options = options.overridden(&upper);
            is_extended = true;
        }
        if !is_extended {
            let extended = each_once(own.iter().map(|(_, info, _)| *info));
            return Err(Error::NotExtended { plugin: plugin.clone(), point: point.info, extended });
        }
    }
    Ok(())
}

/// Returns the address that identifies a plugin.
pub(crate) fn address(plugin: &AnyPlugin) -> usize {
    Arc::as_ptr(plugin).cast::<()>().addr()
}

/// A plugin as the manager runs it, ready to be checked and committed.
pub struct Candidate {
    /// The number of the registration, given when it is committed.
    pub(super) number: u64,
    pub(super) rank: u64,
    pub(super) owner: Arc<Owner>,
    /// Whether it has neither extensions nor offers, nor metadata of its own.
    pub(super) is_bare: bool,
    pub(super) entry: Arc<Entry>,
    pub(super) type_name: &'static str,
    pub(super) instance: Foreign<AnyPlugin>,
    pub(super) implementations: Arc<[Arc<Implementation>]>,
    pub(super) offers: Vec<Box<dyn Offer>>,
}

impl Candidate {
    /// Sets the number of its registration, before anything else refers to it.
    pub(super) fn set_number(&mut self, number: u64) {
        self.number = number;
        if let Some(entry) = Arc::get_mut(&mut self.entry) {
            entry.number = number;
        }
        self.set_rank(number);
    }

    /// Sets its rank among the plugins, before anything else refers to it.
    pub(super) fn set_rank(&mut self, rank: u64) {
        self.rank = rank;
        let own = Arc::get_mut(&mut self.implementations).into_iter().flatten();
        for implementation in own.filter_map(Arc::get_mut) {
            implementation.place.plugin = rank;
        }
    }
}

#[cfg(feature = "macros")]
impl Candidate {
    /// Returns the name it asks for.
    pub fn id(&self) -> &PluginId {
        &self.owner.id
    }
}

impl Registry {
    /// Returns a plugin as the manager runs it.
    pub fn candidate(&self, mut staged: Staged) -> Result<Candidate, Error> {
        staged.check_blocks()?;
        staged.override_options()?;
        staged.check_blocking()?;
        // The offers leave the candidate before it is checked for the last time.
        let is_bare =
            staged.metadata.is_none() && staged.contributions.is_empty() && staged.offers.is_empty();
        let identity = match staged.metadata {
            Some(metadata) => Some(Box::new(Identity::read(metadata, &self.project)?)),
            None => None,
        };
        for contribution in &staged.contributions {
            check_version(&staged.id, contribution)?;
        }
        // Under another name, a second plugin of its type may be registered under the id.
        let own = identity.as_ref().map(|identity| &identity.metadata);
        let own = own.filter(|metadata| metadata.id == staged.id);
        let aliases = own.map(|metadata| metadata.aliases.as_slice()).unwrap_or_default();
        // A host, or a factory, may give one name to several plugins, one after the other.
        let owner = Arc::new(Owner::called(staged.id.of_its_own(), aliases));
        let in_phases = identity.iter().flat_map(|identity| &identity.metadata.provides_services).copied();
        let provides = staged.offers.iter().filter_map(|offer| offer.service()).chain(in_phases).collect();
        let entry = Arc::new(Entry::new(Arc::clone(&owner), identity, provides, self.clock.now()));
        let implementations = staged.contributions.into_iter().zip(0..).map(|(contribution, index)| {
            let place = Place::new(contribution.role, &contribution.options, 0, index);
            let contribution = self.host.adapt(contribution);
            Arc::new(Implementation::new(Arc::clone(&owner), place, contribution))
        });
        Ok(Candidate {
            number: 0,
            rank: 0,
            implementations: implementations.collect(),
            is_bare,
            entry,
            type_name: staged.type_name,
            instance: staged.instance.of(&owner.id),
            offers: staged.offers,
            owner,
        })
    }

    /// Returns plugins as the manager runs them.
    #[cfg(feature = "macros")]
    pub fn candidates(&self, staged: Vec<Staged>) -> Result<Vec<Candidate>, Error> {
        staged.into_iter().map(|staged| self.candidate(staged)).collect()
    }
}
