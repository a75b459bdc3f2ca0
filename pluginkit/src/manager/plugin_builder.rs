//! [`PluginBuilder`]: a plugin that is being put together.

use std::any::TypeId;
use std::fmt;
use std::sync::Arc;

use crate::base::drops::Foreign;
use crate::base::kind::Kind;
use crate::base::name::{PluginId, name_by_type};
use crate::call::point::ExtensionPoint;
use crate::error::Error;
use crate::manager::Manager;
use crate::plugin::AnyPlugin;
use crate::plugin::PluginMetadata;
use crate::plugin::bind::{Bind, BindWrapper, Binder, Extends};
#[cfg(feature = "async")]
use crate::plugin::bind_async::{BindAsync, BindAsyncWrapper};
use crate::plugin::extension_stub;
use crate::plugin::implementation::{Contribution, EXTRA_NAME};
use crate::registry::{Offer, Staged, stubs};
use crate::spec::options::Options;
use crate::spec::point::{Key, PointTypes, Wrappable};

/// Builds a plugin from specs, closures and services that the host names one by one, and registers it.
///
/// [`Manager::register`](crate::Manager::register) finds the `#[extension]` blocks of a type by itself. This builder is
/// for generic types, for plugins without the macros, and for targets that run no code before `main`. If the host names
/// nothing, the builder also finds the `#[extension]` blocks of the type.
///
/// ```
/// use pluginkit::prelude::*;
/// use pluginkit::{Options, PluginBuilder};
///
/// #[extension_point]
/// trait Specs {
///     fn fetch(&self, topic: &str) -> String;
/// }
///
/// struct Cached<T>(T);
///
/// #[extension]
/// impl<T: std::fmt::Display + Send + Sync + 'static> Specs for Cached<T> {
///     fn fetch(&self, topic: &str) -> String {
///         format!("{topic}: {}", self.0)
///     }
/// }
///
/// struct Weather {
///     sky: &'static str,
/// }
///
/// # fn main() -> Result<(), pluginkit::Error> {
/// let pm = PluginManager::new("feed");
/// pm.add_extension_points(Specs)?;
/// PluginBuilder::new(Cached(7)).named("cached").extends(Specs).register(&pm)?;
/// PluginBuilder::new(Weather { sky: "clear" })
///     .named("weather")
///     .extension(Specs::fetch, Options::new(), |this, args| format!("{}: {}", args.topic, this.sky))
///     .wrapper(Specs::fetch, Options::new(), |_this, args, next| next.run(&args.topic.to_uppercase()))
///     .register(&pm)?;
/// assert_eq!(pm.caller(Specs::fetch).call("harbor"), ["HARBOR: 7", "HARBOR: clear"]);
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is registered before `register(…)`"]
pub struct PluginBuilder<T> {
    name: Option<PluginId>,
    contributions: Vec<Contribution>,
    explicit: bool,
    metadata: Option<PluginMetadata>,
    /// The specs whose blocks it has, with the number of the block.
    extended: Vec<(TypeId, u64)>,
    /// Options of its extensions at some points, over their own.
    overrides: Vec<(Key, Options)>,
    /// Its offers beside its extensions.
    offers: Vec<Box<dyn Offer>>,
    /// Dropped after the contributions, which have it beside closures.
    plugin: Foreign<Arc<T>>,
}

/// A plugin of the type `T`: a value, or an `Arc` of a value.
pub trait IntoPlugin<T> {
    /// Returns the plugin as an `Arc`.
    fn into_plugin(self) -> Arc<T>;
}

impl<T> IntoPlugin<T> for T {
    fn into_plugin(self) -> Arc<T> {
        Arc::new(self)
    }
}

impl<T> IntoPlugin<T> for Arc<T> {
    fn into_plugin(self) -> Arc<T> {
        self
    }
}

impl<T> PluginBuilder<T> {
    /// Returns a builder for a plugin: a value, or an `Arc` of a value.
    ///
    /// With an `Arc`, name the type of the plugin:
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use pluginkit::prelude::*;
    /// # use pluginkit::PluginBuilder;
    /// # #[extension_point] trait Specs { fn fetch(&self, topic: &str) -> String; }
    /// # struct Weather;
    /// # #[extension] impl Specs for Weather { fn fetch(&self, topic: &str) -> String { topic.to_owned() } }
    /// # fn main() -> Result<(), pluginkit::Error> {
    /// # let pm = PluginManager::new("feed");
    /// # pm.add_extension_points(Specs)?;
    /// let weather = Arc::new(Weather);
    /// PluginBuilder::<Weather>::new(Arc::clone(&weather)).extends(Specs).register(&pm)?;
    /// assert!(pm.unregister_plugin(&weather).is_some());
    /// # Ok(())
    /// # }
    /// ```
    pub fn new(plugin: impl IntoPlugin<T>) -> Self {
        Self {
            name: None,
            contributions: Vec::new(),
            extended: Vec::new(),
            explicit: false,
            metadata: None,
            overrides: Vec::new(),
            offers: Vec::new(),
            plugin: Foreign::new(plugin.into_plugin(), None),
        }
    }
}

impl<T: Send + Sync + 'static> PluginBuilder<T> {
    /// Sets the name to register the plugin under.
    ///
    /// Without this call, the name is the id that the plugin declares, else the name of its type. A `()`, which has neither,
    /// needs this call or [`metadata`](Self::metadata).
    pub fn named(mut self, name: impl Into<PluginId>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets the metadata of the plugin: its id, its version and its requirements.
    ///
    /// The id becomes the name of the plugin, unless [`named`](Self::named) sets another name. A type that is not
    /// generic and has `#[plugin]` needs no call of `metadata`: its metadata is found.
    pub fn metadata(mut self, metadata: PluginMetadata) -> Self {
        self.metadata = Some(metadata);
        self
    }

    /// Adds all extensions of the block `#[extension] impl S for T`. To name the same specs again changes nothing.
    pub fn extends<S: 'static, const BLOCK: u64>(mut self, _specs: S) -> Self
    where
        T: Extends<S, BLOCK>,
    {
        self.explicit = true;
        let block = (TypeId::of::<S>(), BLOCK);
        if !self.extended.contains(&block) {
            self.extended.push(block);
            self.contributions.extend(extension_stub::contributions::<T, S, BLOCK>(Arc::clone(&self.plugin)));
        }
        self
    }

    /// Overrides options of the plugin at one point: of its extension and of its wrapper, if it has both.
    ///
    /// The options that are set in `options` replace those of `#[extension(…)]`; the others stay. See
    /// [overrides](Options#overrides). If the plugin does not extend the point, its registration fails with
    /// [`Error::NotExtended`].
    ///
    /// ```
    /// use pluginkit::prelude::*;
    /// use pluginkit::{Options, PluginBuilder};
    ///
    /// #[extension_point]
    /// trait Specs {
    ///     fn fetch(&self, topic: &str) -> String;
    /// }
    ///
    /// struct Weather;
    ///
    /// #[extension]
    /// impl Specs for Weather {
    ///     #[extension(trylast, timeout = "1s")]
    ///     fn fetch(&self, topic: &str) -> String {
    ///         format!("weather[{topic}]")
    ///     }
    /// }
    ///
    /// # fn main() -> Result<(), pluginkit::Error> {
    /// let pm = PluginManager::new("feed");
    /// pm.add_extension_points(Specs)?;
    /// pm.register_fn("news", Specs::fetch, |args| format!("news[{}]", args.topic))?;
    /// PluginBuilder::new(Weather).options(Specs::fetch, Options::new().tryfirst()).register(&pm)?;
    /// assert_eq!(pm.caller(Specs::fetch).call("harbor"), ["weather[harbor]", "news[harbor]"]);
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias = "parse_hookimpl_opts")]
    pub fn options<P: PointTypes>(mut self, _point: P, options: Options) -> Self {
        self.overrides.push((Key::of::<P>(), options));
        self
    }

    /// Adds an extension, a closure `|this, args| …`.
    ///
    /// `this` is the plugin as an `&Arc<T>`; `args` has a field for each argument of the point.
    pub fn extension<P, F>(self, point: P, options: Options, call: F) -> Self
    where
        P: Bind<T, F>,
    {
        self.bind(|binder| binder.extension(point, options, call))
    }

    /// Adds an extension that runs only if the [predicate](macro@crate::extension#predicates) `when` returns true.
    pub fn extension_when<P, F>(self, point: P, options: Options, call: F, when: P::When) -> Self
    where
        P: Bind<T, F>,
    {
        self.bind(|binder| binder.extension_when(point, options, call, when))
    }

    /// Adds a wrapper that runs only if the [predicate](macro@crate::extension#predicates) `when` returns true;
    /// otherwise the call runs without this wrapper.
    pub fn wrapper_when<P, F>(self, point: P, options: Options, call: F, when: P::When) -> Self
    where
        P: BindWrapper<T, F>,
    {
        self.bind(|binder| binder.wrapper_when(point, options, call, when))
    }

    /// Adds a wrapper, a closure `|this, args, next| …`.
    pub fn wrapper<P, F>(self, point: P, options: Options, call: F) -> Self
    where
        P: BindWrapper<T, F>,
    {
        self.bind(|binder| binder.wrapper(point, options, call))
    }

    /// Adds an async extension, a closure `|this, args, slot| …`.
    ///
    /// The closure puts a future into `slot`. The future may borrow from `this` and from the arguments:
    ///
    /// ```
    /// use pluginkit::prelude::*;
    /// use pluginkit::{Options, PluginBuilder};
    ///
    /// #[extension_point]
    /// trait Specs {
    ///     fn fetch(&self, topic: &str) -> String;
    /// }
    ///
    /// struct Weather {
    ///     sky: &'static str,
    /// }
    ///
    /// # async fn run() -> Result<(), pluginkit::Error> {
    /// let pm = AsyncPluginManager::new("feed");
    /// pm.add_extension_points(Specs)?;
    /// PluginBuilder::new(Weather { sky: "clear" })
    ///     .async_extension(Specs::fetch, Options::new(), |this, args, slot| {
    ///         slot.put(async move { format!("{}: {}", args.topic, this.sky) })
    ///     })
    ///     .async_wrapper(Specs::fetch, Options::new(), |_this, args, next, slot| {
    ///         slot.put(async move { next.run(&args.topic.to_uppercase()).await })
    ///     })
    ///     .register(&pm)?;
    /// assert_eq!(pm.caller(Specs::fetch).call("harbor").await, ["HARBOR: clear"]);
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "async")]
    pub fn async_extension<P, F>(self, point: P, options: Options, call: F) -> Self
    where
        P: BindAsync<T, F>,
    {
        self.bind(|binder| binder.async_extension(point, options, call))
    }

    /// Adds an async extension that runs only if the [predicate](macro@crate::extension#predicates) `when` returns
    /// true.
    #[cfg(feature = "async")]
    pub fn async_extension_when<P, F>(self, point: P, options: Options, call: F, when: P::When) -> Self
    where
        P: BindAsync<T, F>,
    {
        self.bind(|binder| binder.async_extension_when(point, options, call, when))
    }

    /// Adds an async wrapper, a closure `|this, args, next, slot| …`.
    ///
    /// See [`async_extension`](Self::async_extension) for an example.
    #[cfg(feature = "async")]
    pub fn async_wrapper<P, F>(self, point: P, options: Options, call: F) -> Self
    where
        P: BindAsyncWrapper<T, F>,
    {
        self.bind(|binder| binder.async_wrapper(point, options, call))
    }

    /// Adds an async wrapper that runs only if the [predicate](macro@crate::extension#predicates) `when` returns true;
    /// otherwise the call runs without this wrapper.
    #[cfg(feature = "async")]
    pub fn async_wrapper_when<P, F>(self, point: P, options: Options, call: F, when: P::When) -> Self
    where
        P: BindAsyncWrapper<T, F>,
    {
        self.bind(|binder| binder.async_wrapper_when(point, options, call, when))
    }

    /// Adds an extension to a point that is [written by hand](crate::manual): `object` makes a `P::Extension` of the
    /// plugin.
    pub fn object<P: ExtensionPoint>(
        self,
        point: P,
        options: Options,
        object: impl FnOnce(Arc<T>) -> Arc<P::Extension>,
    ) -> Self {
        self.bind(|binder| binder.object(point, options, object))
    }

    /// Adds a wrapper to a point that is [written by hand](crate::manual): `object` makes a `P::Wrapper` of the plugin.
    pub fn wrapper_object<P: Wrappable>(
        self,
        point: P,
        options: Options,
        object: impl FnOnce(Arc<T>) -> Arc<P::Wrapper>,
    ) -> Self {
        self.bind(|binder| binder.wrapper_object(point, options, object))
    }

    /// Registers the plugin.
    ///
    /// # Errors
    ///
    /// As [`Manager::register`].
    ///
    /// # Panics
    ///
    /// As [`Manager::register`].
    pub fn register<K: Kind>(self, manager: &Manager<K>) -> Result<PluginId, Error> {
        manager.registry().register_one(self.staged())
    }

    /// Registers the plugin and replays past historic calls to it, as
    /// [`AsyncPluginManager::register_and_replay`](crate::AsyncPluginManager::register_and_replay) does.
    ///
    /// # Errors
    ///
    /// As [`AsyncPluginManager::register_and_replay`](crate::AsyncPluginManager::register_and_replay).
    ///
    /// # Panics
    ///
    /// As [`AsyncPluginManager::register_and_replay`](crate::AsyncPluginManager::register_and_replay).
    #[cfg(feature = "async")]
    pub async fn register_and_replay(self, manager: &crate::AsyncPluginManager) -> Result<PluginId, Error> {
        manager.registry().register_and_replay_one(self.staged()).await
    }

    /// Returns the plugin for a view of a point, and the name that reports have for it.
    pub(super) fn staged_as_extra(self) -> (PluginId, Staged) {
        let name = self.name.clone().unwrap_or_else(|| EXTRA_NAME.into());
        (name.clone(), self.named(name).staged())
    }

    /// Returns the plugin with everything that it brings, for its registration.
    #[doc(hidden)]
    pub fn staged(self) -> Staged {
        let instance = Foreign::new(Arc::clone(&self.plugin) as AnyPlugin, None);
        let contributions =
            if self.explicit { self.contributions } else { stubs::of_value(TypeId::of::<T>(), &instance) };
        let offers = if self.explicit { self.offers } else { stubs::offers_of(TypeId::of::<T>(), &instance) };
        let type_name = std::any::type_name::<T>();
        let metadata = self.metadata.or_else(|| stubs::metadata_of(TypeId::of::<T>()));
        let declared = || metadata.as_ref().map(|metadata| metadata.id.clone());
        let id = self.name.or_else(declared).unwrap_or_else(|| name_by_type::<T>().into());
        let mut staged = Staged::new(id, type_name, instance.into_inner(), contributions, metadata, offers);
        if !self.explicit {
            staged.generic_block = stubs::generic_block_of(TypeId::of::<T>());
        }
        staged.overrides = self.overrides;
        staged
    }

    /// Adds what `make` makes of the plugin, beside its extensions.
    #[doc(hidden)]
    pub fn offer(mut self, make: impl FnOnce(Arc<T>) -> Box<dyn Offer>) -> Self {
        self.explicit = true;
        let offer = make(Arc::clone(&self.plugin));
        self.offers.push(offer);
        self
    }

    fn bind(mut self, bind: impl FnOnce(&mut Binder<T>)) -> Self {
        self.explicit = true;
        self.contributions.extend(Binder::contributions_of(Arc::clone(&self.plugin), bind));
        self
    }
}

impl<T> fmt::Debug for PluginBuilder<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PluginBuilder")
            .field("type", &std::any::type_name::<T>())
            .field("name", &self.name)
            .field("extensions", &self.contributions.len())
            .finish_non_exhaustive()
    }
}
