//! [`LocalPluginBuilder`]: a plugin of a local manager that is being put together.

use std::any::TypeId;
use std::fmt;

use crate::base::drops::Foreign;
use crate::base::name::PluginId;
use crate::error::Error;
use crate::local::bind::{Always, LocalBind, LocalBindWrapper, LocalBinder, LocalExtends, When};
use crate::local::implementation::LocalContribution;
use crate::local::manager::LocalPluginManager;
use crate::local::plugin::LocalPlugin;
use crate::local::staging::LocalStaged;
use crate::local::stub;
use crate::manager::plugin_builder::PluginBuilder;
use crate::spec::options::Options;
use crate::spec::point::{Key, PointTypes};

/// Builds a plugin of a [`LocalPluginManager`] from specs and closures that the host names, and registers it: see
/// [`LocalPluginManager::plugin`].
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
/// struct Weather<'p> {
///     sky: &'p str,
///     asked: u32,
/// }
///
/// # fn main() -> Result<(), pluginkit::Error> {
/// let sky = String::from("clear");
/// let pm = LocalPluginManager::new("feed");
/// pm.add_extension_points(Specs)?;
/// pm.plugin(Weather { sky: &sky, asked: 0 })
///     .named("weather")
///     .extension(Specs::fetch, Options::new(), |this, args| {
///         let mut this = this.borrow_mut();
///         this.asked += 1;
///         format!("{}: {} ({})", args.topic, this.sky, this.asked)
///     })
///     .wrapper(Specs::fetch, Options::new(), |_this, args, next| next.run(&args.topic.to_uppercase()))
///     .register()?;
/// assert_eq!(pm.caller(Specs::fetch).call("harbor"), ["HARBOR: clear (1)"]);
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is registered before `register()`"]
pub struct LocalPluginBuilder<'m, 'p, T> {
    manager: &'m LocalPluginManager<'p>,
    name: Option<PluginId>,
    contributions: Vec<LocalContribution<'p>>,
    /// The specs whose blocks it has, with the number of the block.
    extended: Vec<(TypeId, u64)>,
    /// Options of its extensions at some points, over their own.
    overrides: Vec<(Key, Options)>,
    /// Dropped after the contributions, which have it beside closures.
    plugin: Foreign<LocalPlugin<T>>,
}

impl<'m, 'p, T: 'p> LocalPluginBuilder<'m, 'p, T> {
    pub(super) fn new(manager: &'m LocalPluginManager<'p>, plugin: LocalPlugin<T>) -> Self {
        let plugin = Foreign::new(plugin, None);
        Self {
            manager,
            name: None,
            contributions: Vec::new(),
            extended: Vec::new(),
            overrides: Vec::new(),
            plugin,
        }
    }

    /// Sets the name to register the plugin under. Without this call, it is the name of its type.
    pub fn named(mut self, name: impl Into<PluginId>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Adds all extensions of the block `#[extension(local)] impl S for T`. To name the same specs again changes nothing.
    pub fn extends<S: 'static, const BLOCK: u64>(mut self, _specs: S) -> Self
    where
        T: LocalExtends<'p, S, BLOCK>,
    {
        let block = (TypeId::of::<S>(), BLOCK);
        if !self.extended.contains(&block) {
            self.extended.push(block);
            self.contributions.extend(stub::contributions::<T, S, BLOCK>(self.plugin.clone()));
        }
        self
    }

    /// Overrides options of the plugin at one point, as [`PluginBuilder::options`] does.
    pub fn options<P: PointTypes>(mut self, _point: P, options: Options) -> Self {
        self.overrides.push((Key::of::<P>(), options));
        self
    }

    /// Adds an extension, a closure `|this, args| …`.
    ///
    /// `this` is the plugin as a `&LocalPlugin<T>`; `args` has a field for each argument of the point.
    pub fn extension<P, F>(self, point: P, options: Options, call: F) -> Self
    where
        P: LocalBind<'p, LocalPlugin<T>, F, Always>,
    {
        self.bind(|binder| binder.extension(point, options, call))
    }

    /// Adds a wrapper, a closure `|this, args, next| …`.
    pub fn wrapper<P, F>(self, point: P, options: Options, call: F) -> Self
    where
        P: LocalBindWrapper<'p, LocalPlugin<T>, F, Always>,
    {
        self.bind(|binder| binder.wrapper(point, options, call))
    }

    /// Adds an extension that runs only if the predicate `when`, a closure `|this, args| …`, returns true.
    pub fn extension_when<P, F, W>(self, point: P, options: Options, call: F, when: W) -> Self
    where
        P: LocalBind<'p, LocalPlugin<T>, F, When<W>>,
    {
        self.bind(|binder| binder.extension_when(point, options, call, when))
    }

    /// Adds a wrapper that runs only if the predicate `when`, a closure `|this, args| …`, returns true; otherwise the call
    /// runs without this wrapper.
    pub fn wrapper_when<P, F, W>(self, point: P, options: Options, call: F, when: W) -> Self
    where
        P: LocalBindWrapper<'p, LocalPlugin<T>, F, When<W>>,
    {
        self.bind(|binder| binder.wrapper_when(point, options, call, when))
    }

    /// Registers the plugin.
    ///
    /// # Errors
    ///
    /// As [`LocalPluginManager::register`].
    pub fn register(self) -> Result<PluginId, Error> {
        let Self { manager, name, contributions, overrides, plugin, .. } = self;
        let mut staged = LocalStaged::of_builder(name, &plugin, contributions);
        let laid = staged.override_options(overrides);
        let registered = laid.and_then(|()| manager.registry().register(staged));
        // While the result is in a variable: the compiler leaks a value that is being returned if a destructor panics.
        drop(plugin);
        registered
    }

    fn bind(mut self, bind: impl FnOnce(&mut LocalBinder<'p, T>)) -> Self {
        let mut binder = LocalBinder::new(self.plugin.clone());
        bind(&mut binder);
        self.contributions.extend(binder.into_contributions());
        self
    }
}

impl<T: Send + Sync + 'static> PluginBuilder<T> {
    /// Registers the plugin with a local manager.
    ///
    /// # Errors
    ///
    /// As [`LocalPluginManager::register`].
    pub fn register_local(self, manager: &LocalPluginManager<'_>) -> Result<PluginId, Error> {
        manager.register_staged(self.staged())
    }
}

impl<T> fmt::Debug for LocalPluginBuilder<'_, '_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalPluginBuilder")
            .field("type", &std::any::type_name::<T>())
            .field("name", &self.name)
            .field("extensions", &self.contributions.len())
            .finish_non_exhaustive()
    }
}
