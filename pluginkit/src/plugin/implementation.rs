//! [`Implementation`]: one extension or wrapper of one plugin, its types erased.
#![forbid(unsafe_code)]

use std::any::TypeId;
use std::fmt;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use crate::base::drops::Foreign;
use crate::base::limit::Limit;
use crate::base::name::PluginId;
#[cfg(feature = "tokio")]
use crate::base::permits::Permits;
#[cfg(feature = "async")]
use crate::base::runtime::BlockOn;
use crate::base::sync::{AtomicBool, AtomicU8, AtomicU64, Mutex};
#[cfg(feature = "async")]
use crate::erased;
#[cfg(feature = "tokio")]
use crate::erased::Shared;
use crate::erased::{Item, Object};
use crate::plugin::AnyPlugin;
use crate::spec::options::Options;
pub(crate) use crate::spec::order::{EXTRA, Role};
use crate::spec::order::{Ordered, Place};
#[cfg(feature = "async")]
use crate::spec::point::AsyncPointTypes;
use crate::spec::point::{Key, Mode, Origin, PointInfo, PointTypes};
#[cfg(feature = "async")]
use crate::spec::waiting::WaitingExtension;

/// The way in which the object of a contribution runs.
#[cfg(feature = "async")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Run {
    /// Called.
    InPlace,
    /// Awaited.
    Awaited,
    /// Called on the blocking pool.
    OnPool,
}

/// An implementation of one point, before it has an owner.
#[allow(missing_debug_implementations, reason = "public for `__core` only")]
pub struct Contribution {
    /// The conversion for a sync manager, if it is an async extension.
    #[cfg(feature = "async")]
    on_runtime: Option<OnRuntime>,
    /// The object that an async manager runs instead if it is `blocking`: a `P::AsyncExtension`.
    #[cfg(feature = "async")]
    on_pool: Option<Box<Foreign<Object>>>,
    /// The permits of the blocking pool, if it runs there and they are limited.
    #[cfg(feature = "tokio")]
    pub(crate) pool: Option<Arc<Permits>>,
    pub(crate) point: TypeId,
    pub(crate) info: &'static PointInfo,
    pub(crate) origin: Origin,
    pub(crate) role: Role,
    /// Whether it is an `async fn`.
    pub(crate) is_async: bool,
    /// The way in which its object runs.
    #[cfg(feature = "async")]
    pub(crate) run: Run,
    /// Whether it has a predicate that is asked before it runs.
    pub(crate) conditional: bool,
    /// Its options, as the plugin and the host that registers it say.
    pub(crate) options: Options,
    /// A `P::Extension`, a `P::Wrapper` or an async counterpart. Calls point to it: it stays as it is once it is shared.
    pub(crate) object: Foreign<Object>,
    /// The runtime that it waits on, if a sync manager calls it. Kept until the object, which has it too, is dropped.
    #[cfg(feature = "async")]
    waits_on: Option<Box<Foreign<Arc<dyn BlockOn>>>>,
    /// The plugin of the implementation. Kept until the object, which may have it beside a closure, is dropped: so no
    /// destructor of the plugin runs within the object's.
    plugin: Option<Foreign<AnyPlugin>>,
}

/// Makes the object of an async extension one that waits for it.
#[cfg(feature = "async")]
pub(crate) type OnRuntime = fn(&erased::Owner<WaitingExtension>) -> Option<Object>;

#[cfg(feature = "async")]
pub(crate) fn on_runtime<P: AsyncPointTypes>(waiting: &erased::Owner<WaitingExtension>) -> Option<Object> {
    waiting.object_if(P::awaited)
}

impl Contribution {
    pub(crate) fn new<P: PointTypes>(role: Role, options: Options, object: Object) -> Self {
        Self::of(&Key::of::<P>(), role, options, object)
    }

    /// Returns an implementation of `point`.
    pub(crate) fn of(point: &Key, role: Role, options: Options, object: Object) -> Self {
        Self {
            point: point.id,
            info: point.info,
            origin: point.origin,
            role,
            is_async: false,
            #[cfg(feature = "async")]
            run: Run::InPlace,
            #[cfg(feature = "async")]
            on_runtime: None,
            #[cfg(feature = "async")]
            on_pool: None,
            #[cfg(feature = "tokio")]
            pool: None,
            conditional: false,
            options,
            object: Foreign::new(object, None),
            #[cfg(feature = "async")]
            waits_on: None,
            plugin: None,
        }
    }

    /// Names the plugin it belongs to, which is kept until the object is dropped.
    pub(crate) fn set_plugin(&mut self, id: &PluginId, plugin: &AnyPlugin) {
        self.object.set_plugin(id);
        self.plugin = Some(Foreign::new(Arc::clone(plugin), Some(id)));
    }

    /// Itself, with or without a predicate.
    pub(crate) fn conditional(self, conditional: bool) -> Self {
        Self { conditional, ..self }
    }

    /// Itself, an `async fn`.
    #[cfg(feature = "async")]
    pub(crate) fn into_async(self, on_runtime: OnRuntime) -> Self {
        Self { is_async: true, run: Run::Awaited, on_runtime: Some(on_runtime), ..self }
    }

    /// Itself, to be replaced by `extension` under an async manager.
    #[cfg(feature = "tokio")]
    pub(crate) fn or_on_pool<P: AsyncPointTypes>(self, extension: Shared<P::AsyncExtension>) -> Self {
        Self { on_pool: Some(Box::new(Foreign::new(Object::new(extension), None))), ..self }
    }

    /// Itself, as a manager with a runtime calls it.
    #[cfg(feature = "async")]
    pub(crate) fn awaited_on(mut self, runtime: &Arc<dyn BlockOn>) -> Self {
        if self.run == Run::Awaited
            && self.role == Role::Extension
            && let Some(waiting) = self.waiting(runtime)
        {
            self.object = Foreign::new(waiting, None);
            self.waits_on = Some(Box::new(Foreign::new(Arc::clone(runtime), None)));
            self.run = Run::InPlace;
        }
        self
    }

    /// Returns the object that waits for its own on `runtime`.
    #[cfg(feature = "async")]
    fn waiting(&self, runtime: &Arc<dyn BlockOn>) -> Option<Object> {
        let convert = self.on_runtime?;
        let waiting = WaitingExtension::new((*self.object).clone(), Arc::clone(runtime), self.info);
        convert(&erased::Owner::new(Arc::new(waiting)))
    }

    /// Returns whether a call of it would wait where the current thread must not.
    #[cfg(feature = "async")]
    pub(crate) fn must_not_wait(&self) -> bool {
        self.waits_on.as_ref().is_some_and(|runtime| runtime.is_entered())
    }

    /// Nothing waits in this build.
    #[cfg(not(feature = "async"))]
    #[expect(clippy::unused_self, reason = "as in builds with async extensions")]
    pub(crate) fn must_not_wait(&self) -> bool {
        false
    }

    /// Itself, to take one of these places when it goes to the blocking pool.
    #[cfg(feature = "tokio")]
    pub(crate) fn counted(self, places: Option<&Arc<Permits>>) -> Self {
        let goes = self.role == Role::Extension && !self.is_async && self.run != Run::InPlace;
        Self { pool: places.filter(|_| goes).cloned(), ..self }
    }

    /// Itself, as an async manager runs it, which runs on the blocking pool what asks for that or, if
    /// `all`, every `fn`.
    #[cfg(feature = "async")]
    pub(crate) fn offloaded(mut self, all: bool) -> Self {
        if self.role == Role::Extension && self.run == Run::InPlace {
            if let Some(object) = self.on_pool.take() {
                self.object = *object;
                self.run = Run::Awaited;
            } else if all || self.options.blocking {
                self.run = Run::OnPool;
            }
        }
        self
    }
}

/// A registered plugin, as its implementations know it.
pub(crate) struct Owner {
    pub(crate) id: PluginId,
    /// Its other names.
    pub(crate) aliases: Box<[PluginId]>,
    /// Whether the host lets its implementations take part in calls.
    pub(crate) enabled: AtomicBool,
    /// Whether a feature keeps it out of calls. Changed under the registry's lock.
    pub(crate) is_out: AtomicBool,
    /// Whether it waits for a start that nothing has begun. Changed under the registry's lock.
    pub(crate) is_waiting: AtomicBool,
    /// The number of the first publication of snapshots in which it took part last. Changed under the registry's lock.
    pub(crate) joined: AtomicU64,
    /// The number of the last publication of snapshots in which it took part before it left calls last. Changed under the
    /// registry's lock.
    pub(crate) left: AtomicU64,
    /// The implementations that are left out of calls because the plugin fails. Changed under the registry's lock.
    excluded: AtomicU8,
    /// Whether it is registered still.
    pub(crate) registered: AtomicBool,
    /// Whether past calls are being replayed to it, so that later ones wait until that is over.
    pub(crate) replaying: AtomicBool,
    /// The number of the first historic call that runs its extensions. Earlier ones were replayed to it.
    pub(crate) replayed: AtomicU64,
    /// The number of overruns of implementations that could not be stopped.
    pub(crate) overruns: AtomicU64,
    /// The time limit of all its implementations. Changed under the registry's lock.
    pub(crate) timeout: Limit,
    /// The permits of its extensions, if they are limited. Changed under the registry's lock.
    #[cfg(feature = "tokio")]
    pub(crate) permits: Mutex<Option<Arc<Permits>>>,
    /// The reason why it is disabled, if one was given. Changed under the registry's lock.
    pub(crate) disabled_reason: Mutex<Option<Arc<str>>>,
}

impl Owner {
    pub(crate) fn new(id: PluginId) -> Self {
        Self::called(id, &[])
    }

    /// Keeps it out of the calls that start after the publication with this number. Returns whether it was in them.
    pub(crate) fn leave(&self, publication: u64) -> bool {
        let leaves = !self.is_out.swap(true, Ordering::Relaxed);
        if leaves {
            self.left.store(publication, Ordering::Relaxed);
        }
        leaves
    }

    /// Returns the owner with other names, each once.
    pub(crate) fn called(id: PluginId, aliases: &[PluginId]) -> Self {
        let (enabled, registered) = (AtomicBool::new(true), AtomicBool::new(true));
        let is_new = |&at: &usize| aliases[at] != id && !aliases[..at].contains(&aliases[at]);
        let aliases = (0..aliases.len()).filter(is_new).map(|at| aliases[at].clone()).collect();
        Self {
            id,
            aliases,
            enabled,
            is_out: AtomicBool::new(false),
            is_waiting: AtomicBool::new(false),
            joined: AtomicU64::new(0),
            left: AtomicU64::new(u64::MAX),
            excluded: AtomicU8::new(Excluded::Nothing as u8),
            registered,
            replaying: AtomicBool::new(false),
            replayed: AtomicU64::new(0),
            overruns: AtomicU64::new(0),
            timeout: Limit::default(),
            #[cfg(feature = "tokio")]
            permits: Mutex::default(),
            disabled_reason: Mutex::default(),
        }
    }
}

impl Owner {
    /// Returns its name and its aliases.
    pub(crate) fn names(&self) -> impl Iterator<Item = &PluginId> {
        std::iter::once(&self.id).chain(&self.aliases)
    }

    /// Takes over the settings of the plugin that it replaces.
    #[cfg(feature = "macros")]
    pub(crate) fn inherit(&self, old: &Self) {
        let is_enabled = old.enabled.load(Ordering::Relaxed);
        self.enabled.store(is_enabled, Ordering::Relaxed);
        self.timeout.set(old.timeout.get());
        // A new plugin has not failed yet: it is left out of no calls.
        let reason = old.disabled_reason.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let reason = reason.filter(|_| !is_enabled);
        *self.disabled_reason.lock().unwrap_or_else(PoisonError::into_inner) = reason;
        #[cfg(feature = "tokio")]
        {
            let permits = old.permits();
            *self.permits.lock().unwrap_or_else(PoisonError::into_inner) = permits;
        }
    }

    /// Returns the permits of its extensions, if they are limited.
    #[cfg(feature = "tokio")]
    pub(crate) fn permits(&self) -> Option<Arc<Permits>> {
        self.permits.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns whether all its implementations take part in calls.
    pub(crate) fn is_enabled(&self) -> bool {
        self.enabled.load(Ordering::Relaxed) && !self.is_left_out()
    }

    /// Returns whether any of its implementations is left out of calls because the plugin fails.
    pub(crate) fn is_left_out(&self) -> bool {
        self.excluded.load(Ordering::Relaxed) != Excluded::Nothing as u8
    }

    /// Leaves implementations out of calls. Returns whether that changes anything.
    pub(crate) fn leave_out(&self, what: Excluded) -> bool {
        self.excluded.swap(what as u8, Ordering::Relaxed) != what as u8
    }

    /// Returns the reason why it is disabled, if one was given.
    pub(crate) fn disabled_reason(&self) -> Option<String> {
        let reason = self.disabled_reason.lock().unwrap_or_else(PoisonError::into_inner);
        reason.as_deref().map(str::to_owned)
    }
}

/// The implementations of a plugin that are left out of calls because the plugin fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Excluded {
    /// None.
    Nothing,
    /// The extensions, and not the wrappers.
    Extensions,
    /// Its wrappers, too.
    All,
}

impl Excluded {
    /// Returns whether it includes `implementation`. Historic calls reach a plugin whatever its state.
    pub(crate) fn includes(self, implementation: &Implementation) -> bool {
        let Contribution { role, info, .. } = &*implementation.contribution;
        match self {
            Self::Nothing => false,
            Self::Extensions => *role == Role::Extension && info.mode != Mode::Historic,
            Self::All => info.mode != Mode::Historic,
        }
    }
}

/// The name of the plugin that default bodies count as.
pub(crate) const DEFAULT: &str = "(default)";

/// The name of the plugin that an implementation of a view counts as, if the host gives none.
pub(crate) const EXTRA_NAME: &str = "(extra)";

/// The name of the plugin that a panic counts as which no plugin has raised.
pub(crate) const HOST: &str = "(host)";

/// Returns whether the library uses a name itself, so that no plugin is registered under it.
pub(crate) fn is_reserved(name: &str) -> bool {
    [DEFAULT, EXTRA_NAME, HOST].contains(&name)
}

/// One extension or wrapper of one registered plugin.
pub(crate) struct Implementation {
    pub(crate) owner: Arc<Owner>,
    pub(crate) place: Place,
    /// Calls point into it: it stays as it is once it is shared.
    pub(crate) contribution: Arc<Contribution>,
    /// Its options, if a configuration overrides those of the contribution.
    overridden: Option<Arc<Options>>,
}

impl Implementation {
    pub(crate) fn new(owner: Arc<Owner>, place: Place, mut contribution: Contribution) -> Self {
        contribution.object.set_plugin(&owner.id);
        Self { owner, place, contribution: Arc::new(contribution), overridden: None }
    }

    /// Returns the default body of a point, with the plugin `(default)`.
    pub(crate) fn default_body(contribution: Contribution) -> Self {
        Self::new(Arc::new(Owner::new(DEFAULT.into())), Place::DEFAULT_BODY, contribution)
    }

    /// Returns the same with another rank of its plugin.
    #[cfg(feature = "macros")]
    pub(crate) fn ranked(&self, rank: u64) -> Self {
        let mut place = self.place;
        place.plugin = rank;
        Self {
            owner: Arc::clone(&self.owner),
            place,
            contribution: Arc::clone(&self.contribution),
            overridden: self.overridden.clone(),
        }
    }

    /// Returns its options.
    #[inline]
    pub(crate) fn options(&self) -> &Options {
        self.overridden.as_deref().unwrap_or(&self.contribution.options)
    }

    /// Returns the same with its own options under `upper`; `None` if it has these options already.
    #[cfg(all(feature = "config", feature = "macros"))]
    pub(crate) fn overridden(&self, upper: Option<&Options>) -> Option<Self> {
        let own = &self.contribution.options;
        let overridden = upper.map(|upper| own.overridden(upper));
        if overridden.as_ref().unwrap_or(own) == self.options() {
            return None;
        }
        let options = overridden.as_ref().unwrap_or(own);
        let place = Place::new(self.contribution.role, options, self.place.plugin, self.place.index);
        Some(Self {
            owner: Arc::clone(&self.owner),
            place,
            contribution: Arc::clone(&self.contribution),
            overridden: overridden.map(Arc::new),
        })
    }

    pub(crate) fn plugin(&self) -> &PluginId {
        &self.owner.id
    }

    /// Returns whether calls that start now run it. Historic calls reach a plugin whatever its state is.
    pub(crate) fn takes_part(&self) -> bool {
        let left_out = match self.owner.excluded.load(Ordering::Relaxed) {
            0 => Excluded::Nothing,
            1 => Excluded::Extensions,
            _ => Excluded::All,
        };
        let is_out =
            self.contribution.info.mode != Mode::Historic && self.owner.is_out.load(Ordering::Relaxed);
        self.owner.enabled.load(Ordering::Relaxed)
            && !is_out
            && !left_out.includes(self)
            && self.options().enabled
    }

    /// Returns whether it needs a permit before it runs.
    #[cfg(feature = "async")]
    pub(crate) fn is_limited(&self) -> bool {
        #[cfg(feature = "tokio")]
        let is_counted = self.contribution.pool.is_some() || self.owner.permits().is_some();
        #[cfg(not(feature = "tokio"))]
        let is_counted = false;
        is_counted && self.contribution.role == Role::Extension
    }

    /// Returns the object of its role and point.
    #[inline]
    pub(crate) fn object(&self) -> &Object {
        &self.contribution.object
    }
}

/// What calls look for among the implementations of a point, a bit each.
pub(crate) mod marks {
    /// It has a predicate.
    pub(crate) const CONDITIONAL: u8 = 1;
    /// It needs a permit before it runs.
    #[cfg(feature = "async")]
    pub(crate) const LIMITED: u8 = 2;
    /// It is awaited or offloaded.
    #[cfg(feature = "async")]
    pub(crate) const NOT_IN_PLACE: u8 = 4;
    /// A sync manager waits for it.
    pub(crate) const WAITS: u8 = 8;
    /// It has a time limit, of its own or of its plugin.
    pub(crate) const TIMED: u8 = 16;
    /// It is the default body of its point.
    pub(crate) const DEFAULT: u8 = 32;
}

impl Item for Implementation {
    type Key = Place;

    fn key(&self) -> Place {
        self.place
    }

    fn object(&self) -> &Object {
        self.object()
    }

    fn marks(&self) -> u8 {
        let mut found = 0;
        let mut mark = |is_so, mark| found |= if is_so { mark } else { 0 };
        mark(self.contribution.conditional, marks::CONDITIONAL);
        mark(self.place.is_default(), marks::DEFAULT);
        mark(self.options().timeout.is_some() || self.owner.timeout.get().is_some(), marks::TIMED);
        #[cfg(feature = "async")]
        {
            mark(self.is_limited(), marks::LIMITED);
            mark(self.contribution.run != Run::InPlace, marks::NOT_IN_PLACE);
            mark(self.contribution.waits_on.is_some(), marks::WAITS);
        }
        found
    }
}

impl Ordered for Arc<Implementation> {
    fn plugin(&self) -> &PluginId {
        &self.owner.id
    }

    fn options(&self) -> &Options {
        Implementation::options(self)
    }

    fn aliases(&self) -> &[PluginId] {
        &self.owner.aliases
    }

    fn is_named(&self) -> bool {
        // An extra implementation is no plugin, whatever it is shown as.
        self.place.plugin != EXTRA
    }
}

/// One extension or wrapper that a call would run, from
/// [`Caller::implementations`](crate::calls::Handle::implementations).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ImplementationInfo {
    /// The plugin of the implementation.
    pub plugin: PluginId,
    /// The method's name in the plugin's source; empty for a closure.
    pub method: &'static str,
    /// Whether it is a wrapper.
    pub is_wrapper: bool,
    /// Whether it is an `async fn`.
    pub is_async: bool,
    /// Whether it is the default body of the point, which runs if no extension answers.
    pub is_default: bool,
    /// The options of the implementation, with the [overrides](Options#overrides) of the host.
    pub options: Options,
}

impl ImplementationInfo {
    pub(crate) fn of(implementation: &Implementation) -> Self {
        let contribution = &implementation.contribution;
        Self {
            plugin: implementation.plugin().clone(),
            method: contribution.options.method,
            is_wrapper: contribution.role == Role::Wrapper,
            is_async: contribution.is_async,
            is_default: implementation.place.is_default(),
            options: implementation.options().clone(),
        }
    }
}

impl fmt::Display for ImplementationInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.plugin, if self.is_wrapper { " (wrapper)" } else { "" })
    }
}

impl fmt::Debug for Implementation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&ImplementationInfo::of(self), f)
    }
}
