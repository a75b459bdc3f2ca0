//! [`Caller`]: the typed handle for one point of one manager.
#![forbid(unsafe_code)]

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use crate::bind::BindFn;
use crate::dispatch::{Iter, Kept, Loaded};
use crate::erased::current::{Current, Held};
use crate::fast_first::{FastFirst, Ties};
use crate::implementation::{Contribution, EXTRA, Implementation, ImplementationInfo, Owner, Role};
use crate::insight::Metrics;
use crate::limit::FailurePolicy;
use crate::name::PluginId;
use crate::options::Options;
use crate::order::Place;
use crate::point::{ExtensionPoint, PointInfo};
use crate::registry::{Slot, Snapshot, known_order};

/// The typed handle for one extension point of one manager.
///
/// Its `call`, and what else the point's mode offers, are methods of the type it dereferences to,
/// which `#[extension_point]` writes with the point's own arguments:
///
/// | method | modes | what it does |
/// |---|---|---|
/// | `call(args…)` | all but historic | the outcome; a panic unwinds through the wrappers to the caller |
/// | `iter(args…)` | collecting | lazy: an extension runs when its result is asked for; of a fallible point, each `Err` in its place; wrappers take no part |
/// | `try_call(args…)` | all but historic | the outcome, or a [`CallError`](crate::CallError) that names the plugin; a [`FailurePolicy`] says whether the call ends with it |
/// | `settle(args…)` | all but historic | one [`Settled`](crate::Settled) per extension that ran (firstresult ends with the first answer); of a pipeline by value, which must be `Clone`, a [`Piped`](crate::Piped) with the value too: one that fails leaves it as it was before; wrappers take no part |
/// | `call_historic(args…)` | historic | the outcome, remembered for later plugins |
/// | `call_historic_with(args…, f)` | historic | the same, each result handed to `f`, also at a replay |
///
/// Its views are callers that see the point differently, and may be put on top of each other:
///
/// | view | what it calls |
/// |---|---|
/// | [`without(plugins)`](Self::without) | all but these plugins |
/// | [`only(plugins)`](Self::only) | these plugins and no others |
/// | [`extra(closure)`](Self::extra) | one more implementation |
/// | [`timeout(limit)`](Self::timeout) | the same, held to a time in `try_call` and `settle` |
///
/// [What a call costs](crate::costs) says what is paid when.
///
/// A caller is cheap to clone, owns what it needs, and sees later registrations. Like an `Arc`, it keeps
/// what it calls alive: a plugin that keeps a caller of a point it extends itself lives until it is
/// unregistered, even if the manager is dropped before.
///
/// Its type is named with [`point!`](crate::point), or generically over [`ExtensionPoint`].
///
/// ```
/// use pluginkit::prelude::*;
///
/// #[extension_point]
/// trait Specs {
///     fn fetch(&self, topic: &str) -> String;
/// }
///
/// struct Host {
///     fetch: Caller<pluginkit::point!(Specs::fetch)>,
/// }
///
/// # fn main() -> Result<(), pluginkit::Error> {
/// let pm = PluginManager::new("feed");
/// pm.add_extension_points(Specs)?;
/// let Host { fetch } = Host { fetch: pm.caller(Specs::fetch) };
/// pm.register_fn("static", Specs::fetch, |args| format!("static[{}]", args.topic))?;
/// assert_eq!(fetch.call("harbor"), ["static[harbor]"]);
/// # Ok(())
/// # }
/// ```
pub struct Caller<P: ExtensionPoint> {
    calls: P::Calls,
}

impl<P: ExtensionPoint> Caller<P> {
    pub(crate) fn new(seen: Seen) -> Self {
        Self { calls: P::Calls::new(Handle::new(seen)) }
    }

    fn from_handle(handle: Handle<P>) -> Self {
        Self { calls: P::Calls::new(handle) }
    }

    /// The point it calls.
    pub fn extension_point(&self) -> &'static PointInfo {
        P::INFO
    }

    /// A live view of this caller that leaves out everything the named plugins have on the point.
    ///
    /// ```
    /// # use pluginkit::prelude::*;
    /// # #[extension_point] trait Specs { fn fetch(&self, topic: &str) -> String; }
    /// # fn main() -> Result<(), pluginkit::Error> {
    /// # let pm = PluginManager::new("feed");
    /// # pm.add_extension_points(Specs)?;
    /// pm.register_fn("slow", Specs::fetch, |args| format!("slow[{}]", args.topic))?;
    /// pm.register_fn("fast", Specs::fetch, |args| format!("fast[{}]", args.topic))?;
    /// assert_eq!(pm.caller(Specs::fetch).without(["slow"]).call("harbor"), ["fast[harbor]"]);
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "subset_hook_caller")]
    #[must_use]
    pub fn without<I>(&self, plugins: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<PluginId>,
    {
        let plugins = plugins.into_iter().map(Into::into);
        Self::from_handle(Handle::new(self.calls.handle().seen.without(plugins)))
    }

    /// A live view of this caller that has nothing but what the named plugins have on the point, in call order;
    /// what [`extra`](Self::extra) added stays. Of several such views, a plugin must be named by each.
    ///
    /// ```
    /// # use pluginkit::prelude::*;
    /// # #[extension_point] trait Specs { fn fetch(&self, topic: &str) -> String; }
    /// # fn main() -> Result<(), pluginkit::Error> {
    /// # let pm = PluginManager::new("feed");
    /// # pm.add_extension_points(Specs)?;
    /// pm.register_fn("slow", Specs::fetch, |args| format!("slow[{}]", args.topic))?;
    /// pm.register_fn("fast", Specs::fetch, |args| format!("fast[{}]", args.topic))?;
    /// assert_eq!(pm.caller(Specs::fetch).only(["fast"]).call("harbor"), ["fast[harbor]"]);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn only<I>(&self, plugins: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<PluginId>,
    {
        let plugins = plugins.into_iter().map(Into::into);
        Self::from_handle(Handle::new(self.calls.handle().seen.only(plugins)))
    }

    /// A live view of this caller that has only the plugins of a group of the loaded configuration, in the order
    /// of the group where they had the order of their registration.
    ///
    /// ```
    /// # use pluginkit::prelude::*;
    /// # use pluginkit::config::PluginConfig;
    /// # #[extension_point] trait Specs { fn fetch(&self, topic: &str) -> String; }
    /// # fn main() -> Result<(), pluginkit::Error> {
    /// # let pm = PluginManager::new("feed");
    /// # pm.add_extension_points(Specs)?;
    /// pm.register_fn("slow", Specs::fetch, |args| format!("slow[{}]", args.topic))?;
    /// pm.register_fn("fast", Specs::fetch, |args| format!("fast[{}]", args.topic))?;
    /// pm.load_config(&PluginConfig::from_toml_str("[plugins]\nquick = ['fast']")?)?;
    /// assert_eq!(pm.caller(Specs::fetch).within_group("quick").call("harbor"), ["fast[harbor]"]);
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(all(feature = "config", feature = "macros"))]
    #[must_use]
    pub fn within_group(&self, group: &str) -> Self {
        Self::from_handle(Handle::new(self.calls.handle().seen.within_group(group)))
    }

    /// A caller with one more implementation, placed as if registered last at normal priority. Where a
    /// name is asked for, it is `(extra)`.
    ///
    /// `call` is a closure `|args| …` that returns what the point returns and is `Send + Sync + 'static`;
    /// `args` has a field for each argument of the point.
    ///
    /// ```
    /// # use pluginkit::prelude::*;
    /// # #[extension_point] trait Specs { fn fetch(&self, topic: &str) -> String; }
    /// # fn main() -> Result<(), pluginkit::Error> {
    /// # let pm = PluginManager::new("feed");
    /// # pm.add_extension_points(Specs)?;
    /// let headlines = pm.caller(Specs::fetch).extra(|args| format!("extra[{}]", args.topic)).call("harbor");
    /// assert_eq!(headlines, ["extra[harbor]"]);
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "call_extra")]
    #[must_use]
    pub fn extra<F>(&self, call: F) -> Self
    where
        P: BindFn<F>,
    {
        let contribution =
            Contribution::new::<P, P::Extension>(Role::Extension, Options::new(), P::bind_fn(call));
        Self::from_handle(Handle::new(self.calls.handle().seen.with(contribution)))
    }

    /// A live view of this caller whose `try_call` and `settle` hold every implementation to `limit`, beside
    /// what it is held to already: the tightest limit wins. A wrapper is held to it with all it runs around.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use pluginkit::prelude::*;
    /// # #[extension_point] trait Specs { fn fetch(&self, topic: &str) -> String; }
    /// # fn main() -> Result<(), pluginkit::Error> {
    /// # let pm = PluginManager::new("feed");
    /// # pm.add_extension_points(Specs)?;
    /// pm.register_fn("static", Specs::fetch, |args| args.topic.to_owned())?;
    /// let hurried = pm.caller(Specs::fetch).timeout(Duration::from_secs(5));
    /// assert_eq!(hurried.try_call("harbor").unwrap(), ["harbor"]);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn timeout(&self, limit: Duration) -> Self {
        Self::from_handle(Handle::new(self.calls.handle().seen.timeout(limit)))
    }

    /// A live view of this caller that runs the extensions first that take the least time, by what `metrics`
    /// measures of them at this point, and never breaks what is declared.
    ///
    /// The time of a plugin is the mean of all its calls there, however they ended. `metrics` has to observe the manager:
    /// as long as it does not, the order is the declared one.
    ///
    /// - Time decides where the registration would: between extensions that are neighbours in the declared order
    ///   and have the same bucket and priority. Everything else stays as it is.
    /// - `before` and `after` bind as ever, and who stands behind a plugin that it requires, or uses if it is
    ///   there, directly or through others, does not move in front of it.
    /// - Those that were not measured yet come first, to be measured; those of equal time stay in their order.
    ///   An [extra](Self::extra) stays last. Wrappers keep their order.
    /// - The times are looked at for the first call, for every 64th after that, and whenever the plugins of the manager
    ///   change; in between the order stays. [`implementations`](Self::implementations) shows it.
    ///
    /// It pays where one answer is enough: a firstresult call gets to the slow extensions only if the quick ones have
    /// none.
    ///
    /// ```
    /// use pluginkit::prelude::*;
    /// use pluginkit::Metrics;
    ///
    /// #[extension_point]
    /// trait Specs {
    ///     #[extension_point(firstresult)]
    ///     fn find(&self, key: &str) -> Option<String>;
    /// }
    ///
    /// # fn main() -> Result<(), pluginkit::Error> {
    /// let pm = PluginManager::new("store");
    /// pm.add_extension_points(Specs)?;
    /// pm.register_fn("disk", Specs::find, |args| Some(format!("{} from disk", args.key)))?;
    /// pm.register_fn("cache", Specs::find, |args| Some(format!("{} from cache", args.key)))?;
    ///
    /// let metrics = Metrics::new();
    /// let _guard = pm.observe(metrics.clone());
    /// let find = pm.caller(Specs::find).fast_first(&metrics);
    /// assert_eq!(find.call("k").unwrap(), "k from disk"); // nothing is measured yet: as registered
    /// for _ in 1..64 {
    ///     find.call("k");
    /// }
    /// assert_eq!(find.call("k").unwrap(), "k from cache"); // which was not measured, and is now
    /// for _ in 65..128 {
    ///     find.call("k");
    /// }
    /// let mean = |plugin| metrics.of(plugin, Specs::find).unwrap().mean();
    /// let quicker = if mean("cache") < mean("disk") { "cache" } else { "disk" };
    /// assert_eq!(find.implementations()[0].plugin, quicker);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn fast_first(&self, metrics: &Metrics) -> Self {
        let metrics = metrics.clone();
        self.fast_first_by(move |plugin| metrics.mean_of(plugin, P::INFO))
    }

    /// The same, by what `time` says that a plugin takes: `None` if nobody knows.
    ///
    /// It is asked on the thread of a call, which a panic in it ends. It must not go through this view itself.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use pluginkit::prelude::*;
    /// # #[extension_point] trait Specs { fn fetch(&self, topic: &str) -> String; }
    /// # fn main() -> Result<(), pluginkit::Error> {
    /// # let pm = PluginManager::new("feed");
    /// # pm.add_extension_points(Specs)?;
    /// pm.register_fn("network", Specs::fetch, |_| "network".to_owned())?;
    /// pm.register_fn("cache", Specs::fetch, |_| "cache".to_owned())?;
    /// let fetch = pm.caller(Specs::fetch).fast_first_by(|plugin| match plugin.as_str() {
    ///     "cache" => Some(Duration::from_micros(3)),
    ///     "network" => Some(Duration::from_millis(40)),
    ///     _ => None,
    /// });
    /// assert_eq!(fetch.call("harbor"), ["cache", "network"]);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn fast_first_by<F>(&self, time: F) -> Self
    where
        F: Fn(&PluginId) -> Option<Duration> + Send + Sync + 'static,
    {
        Self::from_handle(Handle::new(self.calls.handle().seen.fast_first(FastFirst::new(time))))
    }

    /// A live view of this caller whose `try_call` does `policy` with an extension that fails, whatever its point or
    /// its manager says; the last of several policies counts.
    ///
    /// ```
    /// # use pluginkit::FailurePolicy;
    /// # use pluginkit::prelude::*;
    /// # #[extension_point] trait Specs { fn fetch(&self, topic: &str) -> Result<String, String>; }
    /// # fn main() -> Result<(), pluginkit::Error> {
    /// # let pm = PluginManager::new("feed");
    /// # pm.add_extension_points(Specs)?;
    /// pm.register_fn("down", Specs::fetch, |_| Err("no route".to_owned()))?;
    /// pm.register_fn("static", Specs::fetch, |args| Ok(args.topic.to_owned()))?;
    /// let lenient = pm.caller(Specs::fetch).on_failure(FailurePolicy::Skip);
    /// assert_eq!(lenient.try_call("harbor").unwrap(), ["harbor"]);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn on_failure(&self, policy: FailurePolicy) -> Self {
        Self::from_handle(Handle::new(self.calls.handle().seen.on_failure(policy)))
    }

    /// What a call would run now: wrappers first, the outermost leading, then extensions in call order.
    #[doc(alias = "get_hookimpls")]
    pub fn implementations(&self) -> Vec<ImplementationInfo> {
        self.calls.handle().seen.implementations()
    }
}

impl<P: ExtensionPoint> Deref for Caller<P> {
    type Target = P::Calls;

    #[inline]
    fn deref(&self) -> &P::Calls {
        &self.calls
    }
}

impl<P: ExtensionPoint> Clone for Caller<P> {
    fn clone(&self) -> Self {
        Self::from_handle(self.calls.handle().clone())
    }
}

impl<P: ExtensionPoint> fmt::Debug for Caller<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller").field("point", &format_args!("{}", P::INFO)).finish_non_exhaustive()
    }
}

/// The calls of a point: the type a [`Caller`] dereferences to, which has `call` and its relatives as
/// methods of its own.
pub trait Calls<P: ExtensionPoint>: Send + Sync + 'static {
    /// The calls that go through `handle`.
    fn new(handle: Handle<P>) -> Self;

    /// What they go through.
    fn handle(&self) -> &Handle<P>;
}

/// What the calls of a point of a sync manager go through.
pub struct Handle<P: ExtensionPoint> {
    pub(crate) seen: Seen,
    point: PhantomData<fn() -> P>,
}

impl<P: ExtensionPoint> Handle<P> {
    pub(crate) fn new(seen: Seen) -> Self {
        Self { seen, point: PhantomData }
    }

    /// The snapshot for a call that starts now.
    #[inline]
    pub fn load(&self) -> Loaded<P> {
        Loaded::new(self.seen.load())
    }

    /// The results of the extensions one by one, on the snapshot taken now.
    pub fn results<S, R, A>(&self, args: A) -> Iter<S, R, P, A> {
        Iter::new(Kept::new(self.seen.load_owned()), args)
    }
}

impl<P: ExtensionPoint> Clone for Handle<P> {
    fn clone(&self) -> Self {
        Self::new(self.seen.clone())
    }
}

impl<P: ExtensionPoint> fmt::Debug for Handle<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle").field("point", &format_args!("{}", P::INFO)).finish_non_exhaustive()
    }
}

/// A slot, seen whole or in part.
#[derive(Clone)]
pub(crate) struct Seen {
    pub(crate) slot: Arc<Slot>,
    view: Option<Arc<View>>,
}

impl Seen {
    pub(crate) fn whole(slot: Arc<Slot>) -> Self {
        Self { slot, view: None }
    }

    /// The snapshot for a call that starts now.
    #[inline]
    pub(crate) fn load(&self) -> Held {
        if self.view.is_none() { self.slot.load() } else { self.load_viewed() }
    }

    #[cold]
    #[inline(never)]
    fn load_viewed(&self) -> Held {
        let base = self.slot.load();
        match &self.view {
            None => base,
            Some(view) => view.of(&self.slot, base, view.fast_first.as_ref().is_some_and(FastFirst::count)),
        }
    }

    /// The snapshot for a call that starts now, to keep.
    pub(crate) fn load_owned(&self) -> Arc<Snapshot> {
        self.load().into_arc()
    }

    /// The snapshot for a call that starts now, and the slot's own one that it was seen in.
    pub(crate) fn load_with_base(&self) -> (Arc<Snapshot>, Arc<Snapshot>) {
        self.seen_with_base(FastFirst::count)
    }

    fn seen_with_base(&self, looks: fn(&FastFirst) -> bool) -> (Arc<Snapshot>, Arc<Snapshot>) {
        let base = self.slot.load().into_arc();
        let seen = self.view.as_ref().map(|view| {
            let looks = view.fast_first.as_ref().is_some_and(looks);
            view.of(&self.slot, Arc::clone(&base).into(), looks).into_arc()
        });
        (seen.unwrap_or_else(|| Arc::clone(&base)), base)
    }

    /// Without what the named plugins have.
    pub(crate) fn without(&self, plugins: impl Iterator<Item = PluginId>) -> Self {
        self.viewed(|view| view.without.extend(plugins))
    }

    /// With what the named plugins have, and nothing else.
    pub(crate) fn only(&self, plugins: impl Iterator<Item = PluginId>) -> Self {
        let mut plugins: Vec<_> = plugins.collect();
        self.viewed(|view| {
            if let Some(named) = &view.only {
                plugins.retain(|plugin| named.contains(plugin));
            }
            view.only = Some(plugins);
        })
    }

    /// With what the plugins of a group have.
    #[cfg(all(feature = "config", feature = "macros"))]
    pub(crate) fn within_group(&self, group: &str) -> Self {
        let members = members(&self.slot, group);
        self.viewed(|view| {
            view.groups.push(Group { name: group.into(), members: members.unwrap_or_default() });
        })
    }

    /// With one more implementation.
    pub(crate) fn with(&self, contribution: Contribution) -> Self {
        self.viewed(|view| {
            let owner = Arc::new(Owner::new("(extra)".into()));
            let index = u32::try_from(view.extra.len()).unwrap_or(u32::MAX);
            let place = Place::new(contribution.role, &contribution.options, EXTRA, index);
            let contribution = Arc::new(contribution);
            view.extra.push(Arc::new(Implementation { owner, place, contribution }));
        })
    }

    /// With all that is called held to `limit`, too.
    pub(crate) fn timeout(&self, limit: Duration) -> Self {
        self.viewed(|view| view.timeout = Some(view.timeout.map_or(limit, |other| other.min(limit))))
    }

    /// With those first that take the least time.
    pub(crate) fn fast_first(&self, order: FastFirst) -> Self {
        self.viewed(|view| view.fast_first = Some(order))
    }

    /// With another policy for extensions that fail.
    pub(crate) fn on_failure(&self, policy: FailurePolicy) -> Self {
        self.viewed(|view| view.on_failure = Some(policy))
    }

    fn viewed(&self, change: impl FnOnce(&mut View)) -> Self {
        let mut view = View::default();
        if let Some(seen) = &self.view {
            view.without.clone_from(&seen.without);
            view.only.clone_from(&seen.only);
            view.extra.clone_from(&seen.extra);
            view.timeout = seen.timeout;
            view.on_failure = seen.on_failure;
            view.fast_first.clone_from(&seen.fast_first);
            #[cfg(all(feature = "config", feature = "macros"))]
            view.groups.clone_from(&seen.groups);
        }
        change(&mut view);
        Self { slot: Arc::clone(&self.slot), view: Some(Arc::new(view)) }
    }

    pub(crate) fn implementations(&self) -> Vec<ImplementationInfo> {
        let (snapshot, _) = self.seen_with_base(FastFirst::is_due);
        snapshot.implementations().iter().map(|each| ImplementationInfo::of(each)).collect()
    }
}

/// A group of the configuration.
#[cfg(all(feature = "config", feature = "macros"))]
#[derive(Clone)]
struct Group {
    name: Arc<str>,
    /// Its plugins when the view was made: for when the manager is gone.
    members: Vec<PluginId>,
}

#[cfg(all(feature = "config", feature = "macros"))]
impl Group {
    /// Leaves those of its plugins in, in their order. What is no plugin's stays where it is.
    fn narrow(&self, slot: &Slot, implementations: &mut Vec<Arc<Implementation>>) {
        let members = members(slot, &self.name).unwrap_or_else(|| self.members.clone());
        let position = |each: &Implementation| match each.place.plugin {
            EXTRA => Some(EXTRA),
            _ => Some(members.iter().position(|member| member == each.plugin())? as u64),
        };
        implementations.retain(|each| position(each).is_some());
        implementations.sort_by_cached_key(|each| {
            let mut place = each.place;
            place.plugin = position(each).unwrap_or(EXTRA);
            place
        });
    }
}

/// The plugins of a group of the manager of a slot, if there is the manager.
#[cfg(all(feature = "config", feature = "macros"))]
fn members(slot: &Slot, group: &str) -> Option<Vec<PluginId>> {
    let registry = slot.registry()?;
    Some(registry.loads.group(group).into_iter().map(|(_, id)| id).collect())
}

/// A slot seen without some plugins, with some only, with some more implementations, in another order, held to a time,
/// or under a policy.
struct View {
    without: Vec<PluginId>,
    /// The only plugins it has, if it was told any.
    only: Option<Vec<PluginId>>,
    extra: Vec<Arc<Implementation>>,
    timeout: Option<Duration>,
    on_failure: Option<FailurePolicy>,
    fast_first: Option<FastFirst>,
    /// The groups in all of which a plugin must be.
    #[cfg(all(feature = "config", feature = "macros"))]
    groups: Vec<Group>,
    /// What it made of the snapshot it saw last.
    derived: Current,
}

impl Default for View {
    fn default() -> Self {
        let none = Current::new(Arc::new(Snapshot::new(Vec::new(), None)));
        Self {
            without: Vec::new(),
            only: None,
            extra: Vec::new(),
            timeout: None,
            on_failure: None,
            fast_first: None,
            #[cfg(all(feature = "config", feature = "macros"))]
            groups: Vec::new(),
            derived: none,
        }
    }
}

impl View {
    /// Whether it has all that it is a view of, and no more: then the order is that of the whole, where `before` and
    /// `after` count also if they name who is disabled.
    fn keeps_order(&self) -> bool {
        #[cfg(all(feature = "config", feature = "macros"))]
        if !self.groups.is_empty() {
            return false;
        }
        self.without.is_empty() && self.only.is_none() && self.extra.is_empty()
    }

    /// What it makes of `base`, a snapshot of `slot`; if `looks`, with a look at what takes the least time.
    fn of(&self, slot: &Slot, base: Held, looks: bool) -> Held {
        let derived = self.derived.load();
        let is_current = derived.is_derived_from(&base);
        let Some(fast_first) = &self.fast_first else {
            return if is_current { derived } else { self.derive(self.declared(slot, &base), None, base) };
        };
        // Before the plugins are looked at: what changes meanwhile is seen by the next call.
        let revision = slot.revision();
        let ties = derived.ties.as_ref().filter(|ties| is_current && ties.revision == revision);
        if ties.is_some() && !looks {
            return derived;
        }
        let ties = ties.map_or_else(
            || {
                let behind = slot.registry().map(|registry| registry.behind_calls(slot));
                Arc::new(Ties::of(self.declared(slot, &base), behind.as_ref(), revision))
            },
            Arc::clone,
        );
        let calls = fast_first.order(&ties);
        let stands = |(one, other): (&Arc<Implementation>, _)| Arc::ptr_eq(one, other);
        let is_same = derived.ties.as_ref().is_some_and(|known| Arc::ptr_eq(known, &ties))
            && calls.iter().zip(derived.implementations()).all(stands);
        if is_same { derived } else { self.derive(calls, Some(ties), base) }
    }

    /// What it makes of the implementations in `base`, a snapshot of `slot`, in the order that is declared.
    fn declared(&self, slot: &Slot, base: &Snapshot) -> Vec<Arc<Implementation>> {
        let has = |plugin: &PluginId| {
            !self.without.contains(plugin) && self.only.as_ref().is_none_or(|only| only.contains(plugin))
        };
        let left = base.implementations().iter().filter(|each| has(each.plugin()));
        let mut members: Vec<_> = left.cloned().collect();
        if self.keeps_order() {
            return members;
        }
        members.extend(self.extra.iter().cloned());
        members.sort_by_key(|each| each.place);
        #[cfg(all(feature = "config", feature = "macros"))]
        for group in &self.groups {
            group.narrow(slot, &mut members);
        }
        known_order(members, slot.info)
    }

    /// Shows `calls`, made of `base`, to calls from now on.
    fn derive(&self, calls: Vec<Arc<Implementation>>, ties: Option<Arc<Ties>>, base: Held) -> Held {
        let mut seen = Snapshot::derived(calls, self.timeout, self.on_failure, base.into_arc());
        seen.ties = ties;
        let seen = Arc::new(seen);
        self.derived.replace(Arc::clone(&seen));
        seen.into()
    }
}
