//! [`PluginBuilder`]: registration with everything named.
#![forbid(unsafe_code)]

use std::any::TypeId;
use std::fmt;
use std::sync::Arc;

use crate::base::drops::Foreign;
use crate::base::name::{PluginId, short_type_name};
use crate::error::Error;
use crate::plugin::AnyPlugin;
use crate::plugin::PluginMetadata;
use crate::plugin::bind::{Bind, BindWrapper, Binder, Extends};
#[cfg(feature = "async")]
use crate::plugin::bind_async::{BindAsync, BindAsyncWrapper};
use crate::plugin::extension_stub;
use crate::plugin::implementation::Contribution;
use crate::registry::{Offer, Registry, Staged, stubs};
use crate::spec::options::Options;
use crate::spec::point::{ExtensionPoint, Wrappable};

/// What [`PluginManager::plugin`](crate::PluginManager::plugin) starts: the registration of a plugin
/// whose extensions are named one by one or specs by specs, or, if it was given a name, the look-up of
/// the plugin that has it.
///
/// ```
/// use pluginkit::prelude::*;
/// use pluginkit::Options;
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
/// # fn main() -> Result<(), pluginkit::Error> {
/// let pm = PluginManager::new("feed");
/// pm.add_extension_points(Specs)?;
/// pm.plugin(Weather { sky: "clear" })
///     .named("weather")
///     .extension(Specs::fetch, Options::new(), |this, args| format!("{}: {}", args.topic, this.sky))
///     .wrapper(Specs::fetch, Options::new(), |_this, args, next| next.run(&args.topic.to_uppercase()))
///     .register()?;
/// assert_eq!(pm.caller(Specs::fetch).call("harbor"), ["HARBOR: clear"]);
/// assert!(pm.plugin("weather").is_some());
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is registered before `register()`"]
pub struct PluginBuilder<'m, T> {
    registry: &'m Registry,
    name: Option<PluginId>,
    contributions: Vec<Contribution>,
    explicit: bool,
    metadata: Option<PluginMetadata>,
    offers: Vec<Box<dyn Offer>>,
    /// Dropped after the contributions, which have it beside closures.
    plugin: Foreign<Arc<T>>,
}

impl<'m, T> PluginBuilder<'m, T> {
    pub(crate) fn new(registry: &'m Registry, plugin: Arc<T>) -> Self {
        Self {
            registry,
            name: None,
            contributions: Vec::new(),
            explicit: false,
            metadata: None,
            offers: Vec::new(),
            plugin: Foreign::new(plugin, None),
        }
    }
}

impl<T: Send + Sync + 'static> PluginBuilder<'_, T> {
    /// The name to register it under; without one, it is the id it declares, else its type's name.
    pub fn named(mut self, name: impl Into<PluginId>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// What it says of itself: its id, which is its name unless it is [`named`](Self::named), its version,
    /// and what it requires. A type under `#[plugin]` that is not generic says it without this.
    pub fn metadata(mut self, metadata: PluginMetadata) -> Self {
        self.metadata = Some(metadata);
        self
    }

    /// Everything that `#[extension] impl S for T` names.
    pub fn extends<S, const BLOCK: u64>(mut self, _specs: S) -> Self
    where
        T: Extends<S, BLOCK>,
    {
        self.explicit = true;
        self.contributions.extend(extension_stub::contributions::<T, S, BLOCK>(Arc::clone(&self.plugin)));
        self
    }

    /// One extension, as a closure: `this` is the plugin as an `&Arc<T>`, and `args` has a field for each
    /// argument of the point.
    pub fn extension<P, F>(self, point: P, options: Options, call: F) -> Self
    where
        P: Bind<T, F>,
    {
        self.bind(|binder| binder.extension(point, options, call))
    }

    /// One extension, as a closure that runs only where `when` holds.
    pub fn extension_when<P, F>(self, point: P, options: Options, call: F, when: P::When) -> Self
    where
        P: Bind<T, F>,
    {
        self.bind(|binder| binder.extension_when(point, options, call, when))
    }

    /// One wrapper, as a closure that runs only where `when` holds; elsewhere the rest runs without it.
    pub fn wrapper_when<P, F>(self, point: P, options: Options, call: F, when: P::When) -> Self
    where
        P: BindWrapper<T, F>,
    {
        self.bind(|binder| binder.wrapper_when(point, options, call, when))
    }

    /// One wrapper, as a closure.
    pub fn wrapper<P, F>(self, point: P, options: Options, call: F) -> Self
    where
        P: BindWrapper<T, F>,
    {
        self.bind(|binder| binder.wrapper(point, options, call))
    }

    /// One async extension, as a closure that returns an [`ExtensionFuture`](crate::ExtensionFuture).
    ///
    /// `args` is as in [`extension`](Self::extension), but in a field `args`, as the future borrows it:
    ///
    /// ```
    /// use pluginkit::prelude::*;
    /// use pluginkit::{ExtensionFuture, Options};
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
    /// pm.plugin(Weather { sky: "clear" })
    ///     .async_extension(Specs::fetch, Options::new(), |this, args| {
    ///         ExtensionFuture::new(async move { format!("{}: {}", args.args.topic, this.sky) })
    ///     })
    ///     .async_wrapper(Specs::fetch, Options::new(), |_this, args, next| {
    ///         ExtensionFuture::new(async move { next.run(&args.args.topic.to_uppercase()).await })
    ///     })
    ///     .register()?;
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

    /// One async extension, as a closure that runs only where `when` holds.
    #[cfg(feature = "async")]
    pub fn async_extension_when<P, F>(self, point: P, options: Options, call: F, when: P::When) -> Self
    where
        P: BindAsync<T, F>,
    {
        self.bind(|binder| binder.async_extension_when(point, options, call, when))
    }

    /// One async wrapper, as a closure that returns an [`ExtensionFuture`](crate::ExtensionFuture), see
    /// [`async_extension`](Self::async_extension).
    #[cfg(feature = "async")]
    pub fn async_wrapper<P, F>(self, point: P, options: Options, call: F) -> Self
    where
        P: BindAsyncWrapper<T, F>,
    {
        self.bind(|binder| binder.async_wrapper(point, options, call))
    }

    /// One async wrapper, as a closure that runs only where `when` holds; elsewhere the rest runs without it.
    #[cfg(feature = "async")]
    pub fn async_wrapper_when<P, F>(self, point: P, options: Options, call: F, when: P::When) -> Self
    where
        P: BindAsyncWrapper<T, F>,
    {
        self.bind(|binder| binder.async_wrapper_when(point, options, call, when))
    }

    /// One extension, as an object of the point's own trait. It runs unconditionally.
    pub fn object<P: ExtensionPoint>(
        self,
        point: P,
        options: Options,
        object: impl FnOnce(Arc<T>) -> Arc<P::Extension>,
    ) -> Self {
        self.bind(|binder| binder.object(point, options, object))
    }

    /// One wrapper, as an object of the point's own trait. It runs unconditionally.
    pub fn wrapper_object<P: Wrappable>(
        self,
        point: P,
        options: Options,
        object: impl FnOnce(Arc<T>) -> Arc<P::Wrapper>,
    ) -> Self {
        self.bind(|binder| binder.wrapper_object(point, options, object))
    }

    /// Registers the plugin. If nothing was named, it is what its type's `#[extension]` blocks name.
    ///
    /// # Errors
    ///
    /// As [`PluginManager::register`](crate::PluginManager::register).
    ///
    /// # Panics
    ///
    /// As [`PluginManager::register`](crate::PluginManager::register).
    pub fn register(self) -> Result<PluginId, Error> {
        let registry = self.registry;
        registry.register_one(self.staged())
    }

    /// Registers the plugin, with an async manager too, and replays to it the historic calls that were made
    /// before, as [`AsyncPluginManager::register_and_replay`](crate::AsyncPluginManager::register_and_replay)
    /// does.
    ///
    /// # Errors
    ///
    /// As [`AsyncPluginManager::register_and_replay`](crate::AsyncPluginManager::register_and_replay).
    ///
    /// # Panics
    ///
    /// As [`AsyncPluginManager::register_and_replay`](crate::AsyncPluginManager::register_and_replay).
    #[cfg(feature = "async")]
    pub async fn register_and_replay(self) -> Result<PluginId, Error> {
        let registry = self.registry;
        registry.register_and_replay_one(self.staged()).await
    }

    pub(crate) fn staged(self) -> Staged {
        let instance = Foreign::new(Arc::clone(&self.plugin) as AnyPlugin, None);
        let contributions =
            if self.explicit { self.contributions } else { stubs::of_value(TypeId::of::<T>(), &instance) };
        let offers = if self.explicit { self.offers } else { stubs::offers_of(TypeId::of::<T>(), &instance) };
        let type_name = std::any::type_name::<T>();
        let metadata = self.metadata.or_else(|| stubs::metadata_of(TypeId::of::<T>()));
        let declared = || metadata.as_ref().map(|metadata| metadata.id.clone());
        let id = self.name.or_else(declared).unwrap_or_else(|| short_type_name(type_name).into());
        Staged::new(id, type_name, instance.into_inner(), contributions, metadata, offers)
    }

    /// Lets `make` make of the plugin something that it brings beside its extensions.
    pub(crate) fn offer(mut self, make: impl FnOnce(Arc<T>) -> Box<dyn Offer>) -> Self {
        self.explicit = true;
        let offer = make(Arc::clone(&self.plugin));
        self.offers.push(offer);
        self
    }

    fn bind(mut self, bind: impl FnOnce(&mut Binder<T>)) -> Self {
        let mut binder = Binder::new(Arc::clone(&self.plugin));
        bind(&mut binder);
        self.explicit = true;
        self.contributions.extend(binder.into_contributions());
        self
    }
}

/// With a name in the place of a plugin: the look-up.
impl<N: AsRef<str>> PluginBuilder<'_, N> {
    /// The plugin of that name.
    pub fn get(self) -> Option<AnyPlugin> {
        self.registry.plugin((**self.plugin).as_ref())
    }

    /// Whether there is a plugin of that name.
    pub fn is_some(&self) -> bool {
        self.registry.is_registered((**self.plugin).as_ref())
    }

    /// Whether there is no plugin of that name.
    pub fn is_none(&self) -> bool {
        !self.is_some()
    }

    /// The plugin of that name.
    ///
    /// # Panics
    ///
    /// If there is none.
    #[track_caller]
    pub fn unwrap(self) -> AnyPlugin {
        let name = Arc::clone(&self.plugin);
        match self.get() {
            Some(plugin) => plugin,
            None => panic!("no plugin is named `{}`", (*name).as_ref()),
        }
    }

    /// The plugin of that name.
    ///
    /// # Panics
    ///
    /// With `message`, if there is none.
    #[track_caller]
    pub fn expect(self, message: &str) -> AnyPlugin {
        self.get().expect(message)
    }
}

impl<T> fmt::Debug for PluginBuilder<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PluginBuilder")
            .field("type", &std::any::type_name::<T>())
            .field("name", &self.name)
            .field("extensions", &self.contributions.len())
            .finish_non_exhaustive()
    }
}
