//! [`Caller`]: the typed handle for one point of one manager.
#![forbid(unsafe_code)]

use std::fmt;
use std::iter::FusedIterator;
use std::marker::PhantomData;
use std::ops::Deref;
use std::time::Duration;

use crate::base::name::PluginId;
use crate::call::arguments::Arguments;
use crate::call::fast_first::FastFirst;
use crate::call::iter::Iter;
use crate::call::view::Seen;
use crate::plugin::bind::BindFn;
use crate::plugin::implementation::{Contribution, ImplementationInfo, Role};
use crate::spec::failure_policy::FailurePolicy;
use crate::spec::options::Options;
use crate::spec::point::{ExtensionPoint, PointInfo};
use crate::spec::returns::{Returns, Threaded};

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
/// | `try_call_historic(args…)` | historic | the outcome, or a [`CallError`](crate::CallError) that names the plugin: then it is not remembered |
/// | `settle_historic(args…)` | historic | one [`Settled`](crate::Settled) per extension, and the call is remembered |
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

    /// Returns a view as [`fast_first`](Self::fast_first) does, by the times that `time` returns: `None` for a plugin
    /// whose time is unknown.
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

/// The way to the extensions of one point of a sync manager, for the [calls](Calls) of a point.
///
/// Each method is one whole call: it takes the extensions of that moment, runs them, and lets go of them before it
/// returns. `S` is the reading of the return type `R` ([`Values`](crate::manual::Values) and its siblings), and `A` the
/// arguments.
///
/// | mode | panics and errors go to the caller | they name the plugin | each extension by itself |
/// |---|---|---|---|
/// | collecting | `collect`, `results` | `try_collect` | `settle` |
/// | firstresult | `first` | `try_first` | `settle_first` |
/// | pipeline | `thread` | `try_thread` | `settle_threaded` |
/// | pipeline, abstaining | `thread_optional` | `try_thread_optional` | `settle_threaded` |
/// | historic | `historic`, `historic_with` | `try_historic` | `settle_historic` |
pub struct Handle<P: ExtensionPoint> {
    pub(crate) seen: Seen,
    point: PhantomData<fn() -> P>,
}

impl<P: ExtensionPoint> Handle<P> {
    pub(crate) fn new(seen: Seen) -> Self {
        Self { seen, point: PhantomData }
    }

    /// Returns the results of the extensions one by one: an extension runs when its result is asked for.
    ///
    /// The extensions are those of the moment of this call. Wrappers take no part. After an error, the iterator goes on
    /// with the next extension.
    pub fn results<S, R, A>(&self, args: A) -> impl FusedIterator<Item = Threaded<S, R>> + use<P, S, R, A>
    where
        S: Returns<R>,
        A: Arguments<P, R>,
    {
        let snapshot = self.seen.load_owned();
        snapshot.tell_called();
        Iter::<S, R, P, A>::new(snapshot, args)
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
