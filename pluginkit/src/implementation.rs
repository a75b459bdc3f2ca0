//! [`Implementation`]: one extension or wrapper of one plugin, its types erased.

use std::any::{Any, TypeId};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::name::PluginId;
use crate::options::Options;
use crate::order::{Ordered, Place};
use crate::point::{ExtensionPoint, PointInfo};

/// What an implementation is to its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Extension,
    Wrapper,
}

/// What a plugin brings to one point, before it has an owner.
pub(crate) struct Contribution {
    pub(crate) point: TypeId,
    pub(crate) info: &'static PointInfo,
    pub(crate) role: Role,
    pub(crate) is_async: bool,
    /// Whether it has a predicate that is asked before it runs.
    pub(crate) conditional: bool,
    pub(crate) options: Options,
    /// An `Arc<P::Extension>`, `Arc<P::Wrapper>` or an async counterpart.
    object: Box<dyn Any + Send + Sync>,
}

impl Contribution {
    pub(crate) fn new<P: ExtensionPoint, O: ?Sized + Send + Sync + 'static>(
        role: Role,
        options: Options,
        object: Arc<O>,
    ) -> Self {
        Self {
            point: TypeId::of::<P>(),
            info: P::INFO,
            role,
            is_async: false,
            conditional: false,
            options,
            object: Box::new(object),
        }
    }

    /// Itself, with or without a predicate.
    pub(crate) fn conditional(self, conditional: bool) -> Self {
        Self { conditional, ..self }
    }

    /// Itself, to be awaited.
    #[cfg(feature = "async")]
    pub(crate) fn into_async(self) -> Self {
        Self { is_async: true, ..self }
    }
}

/// A registered plugin, as its implementations know it.
pub(crate) struct Owner {
    pub(crate) id: PluginId,
    /// Whether its implementations take part in calls.
    pub(crate) enabled: AtomicBool,
    /// Whether it is registered still.
    pub(crate) registered: AtomicBool,
}

/// The registration number of what was never registered: the extras of a view.
pub(crate) const EXTRA: u64 = u64::MAX;

/// One extension or wrapper of one registered plugin.
pub(crate) struct Implementation {
    pub(crate) owner: Arc<Owner>,
    pub(crate) place: Place,
    pub(crate) contribution: Contribution,
}

impl Implementation {
    pub(crate) fn plugin(&self) -> &PluginId {
        &self.owner.id
    }

    /// The typed object; `O` is the trait object its role and point ask for.
    ///
    /// # Panics
    ///
    /// If `O` is another type than the one it was made with, which the point's `TypeId` rules out.
    pub(crate) fn object<O: ?Sized + 'static>(&self) -> &Arc<O> {
        self.contribution
            .object
            .downcast_ref()
            .expect("an implementation is filed under the point whose types it was made with")
    }
}

impl Ordered for Arc<Implementation> {
    fn plugin(&self) -> &PluginId {
        &self.owner.id
    }

    fn options(&self) -> &Options {
        &self.contribution.options
    }

    fn answers_to(&self, name: &str) -> bool {
        // An extra implementation is no plugin, whatever it is shown as.
        self.place.plugin != EXTRA && self.plugin() == name
    }
}

/// One entry of [`Caller::implementations`](crate::Caller::implementations): what a call would run.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ImplementationInfo {
    /// The plugin it belongs to.
    pub plugin: PluginId,
    /// The method's name in the plugin's source; empty for a closure.
    pub method: &'static str,
    /// Whether it runs around the others.
    pub wrapper: bool,
    /// Whether it is an `async fn`.
    pub is_async: bool,
    /// Its place in the order and how it is run.
    pub options: Options,
}

impl ImplementationInfo {
    pub(crate) fn of(implementation: &Implementation) -> Self {
        let contribution = &implementation.contribution;
        Self {
            plugin: implementation.plugin().clone(),
            method: contribution.options.method,
            wrapper: contribution.role == Role::Wrapper,
            is_async: contribution.is_async,
            options: contribution.options,
        }
    }

    /// Whether it runs around the others.
    pub fn is_wrapper(&self) -> bool {
        self.wrapper
    }
}

impl fmt::Display for ImplementationInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.plugin, if self.wrapper { " (wrapper)" } else { "" })
    }
}

impl fmt::Debug for Implementation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&ImplementationInfo::of(self), f)
    }
}
