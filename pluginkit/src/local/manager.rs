//! [`LocalPluginManager`].

use std::any::TypeId;
use std::fmt;
use std::rc::Rc;

use crate::base::drops::Foreign;
use crate::base::name::PluginId;
use crate::error::Error;
use crate::local::bind::{LocalBindFn, LocalFnMut};
use crate::local::builder::LocalPluginBuilder;
use crate::local::handle::{LocalCallable, LocalCaller, LocalHandle, LocalPointCaller};
use crate::local::implementation::LocalContribution;
use crate::local::plugin::LocalPlugin;
use crate::local::registry::Registry;
use crate::local::staging::LocalStaged;
use crate::local::view::View;
use crate::plugin::bind::BoundFn;
use crate::plugin::implementation::Role;
use crate::registry::Staged;
use crate::spec::options::Options;
use crate::spec::point::{Key, Specs};

/// Owns plugins of one thread and makes their calls.
///
/// Its plugins need not be `Send`. They may borrow what lives longer than the manager, for `'p`, and their extensions may take
/// `&mut self`. [The guide](crate::guide::local) says when to use it, and what it does not have.
///
/// A clone is the same manager. So a plugin can keep a clone to register or call others; such a plugin is dropped only after
/// it is unregistered.
///
/// ```
/// use pluginkit::prelude::*;
///
/// struct Node {
///     name: &'static str,
/// }
///
/// #[extension_point]
/// trait Lints {
///     fn check(&self, node: &Node);
/// }
///
/// struct Names<'p> {
///     seen: Vec<String>,
///     report: &'p std::cell::RefCell<Vec<String>>,
/// }
///
/// #[extension(local)]
/// impl Lints for Names<'_> {
///     fn check(&mut self, node: &Node) {
///         if self.seen.iter().any(|name| name == node.name) {
///             self.report.borrow_mut().push(format!("`{}` is there twice", node.name));
///         }
///         self.seen.push(node.name.to_owned());
///     }
/// }
///
/// # fn main() -> Result<(), pluginkit::Error> {
/// let report = std::cell::RefCell::default();
/// let pm = LocalPluginManager::new("compiler");
/// pm.add_extension_points(Lints)?;
/// pm.plugin(Names { seen: Vec::new(), report: &report }).named("names").extends(Lints).register()?;
/// let check = pm.caller(Lints::check);
/// for name in ["main", "run", "main"] {
///     check.call(&Node { name });
/// }
/// assert_eq!(*report.borrow(), ["`main` is there twice"]);
/// # Ok(())
/// # }
/// ```
pub struct LocalPluginManager<'p> {
    registry: Rc<Registry<'p>>,
}

impl<'p> LocalPluginManager<'p> {
    /// Returns a manager for the plugins of `project`.
    pub fn new(project: &str) -> Self {
        Self { registry: Rc::new(Registry::new(project)) }
    }

    /// Returns the project.
    pub fn project(&self) -> &str {
        &self.registry.project
    }

    /// Adds the points of the specs. Adding the same specs twice changes nothing.
    ///
    /// # Errors
    ///
    /// Returns an error if the specs belong to another project, or if waiting `optional` extensions cannot be ordered.
    pub fn add_extension_points<S: Specs>(&self, _specs: S) -> Result<(), Error> {
        self.registry.add_points::<S>()
    }

    /// Registers a plugin under the id that it declares, or the name of its type.
    ///
    /// The plugin is a value or a [`LocalPlugin`] with `#[extension(local)]` blocks, or a value or an `Arc` with
    /// `#[extension]` blocks. A plugin that borrows, or of a generic type, names its specs: see [`plugin`](Self::plugin).
    ///
    /// # Errors
    ///
    /// Returns an error, and changes nothing, if the plugin has no extensions, its name is taken, its specs were not added,
    /// its order is impossible, or it needs what a local manager does not have.
    pub fn register<T: 'static>(&self, plugin: T) -> Result<PluginId, Error> {
        self.registry.register(LocalStaged::of_value(
            None,
            Foreign::new(plugin, None),
            &self.registry.project,
        )?)
    }

    /// Registers a plugin under a name, like [`register`](Self::register).
    ///
    /// # Errors
    ///
    /// As [`register`](Self::register).
    pub fn register_as<T: 'static>(&self, name: impl Into<PluginId>, plugin: T) -> Result<PluginId, Error> {
        // The conversion of the name is code of the host.
        let plugin = Foreign::new(plugin, None);
        self.registry.register(LocalStaged::of_value(Some(name.into()), plugin, &self.registry.project)?)
    }

    /// Returns a builder for a plugin, which may borrow for `'p`.
    pub fn plugin<T: 'p>(&self, plugin: T) -> LocalPluginBuilder<'_, 'p, T> {
        LocalPluginBuilder::new(self, LocalPlugin::new(plugin))
    }

    /// Returns a builder for a plugin, which may borrow for `'p`, and which the host shares with the manager.
    pub fn shared_plugin<T: 'p>(&self, plugin: &LocalPlugin<T>) -> LocalPluginBuilder<'_, 'p, T> {
        LocalPluginBuilder::new(self, plugin.clone())
    }

    /// Registers a closure `|args| …` as a plugin with one extension. `args` has a field for each argument of the point.
    ///
    /// # Errors
    ///
    /// As [`register`](Self::register).
    pub fn register_fn<P, F>(&self, name: impl Into<PluginId>, point: P, call: F) -> Result<PluginId, Error>
    where
        P: LocalBindFn<'p, BoundFn<F>>,
    {
        self.register_fn_with(name, point, Options::new(), call)
    }

    /// Registers a closure like [`register_fn`](Self::register_fn), with options.
    ///
    /// # Errors
    ///
    /// As [`register`](Self::register).
    pub fn register_fn_with<P, F>(
        &self,
        name: impl Into<PluginId>,
        _point: P,
        options: Options,
        call: F,
    ) -> Result<PluginId, Error>
    where
        P: LocalBindFn<'p, BoundFn<F>>,
    {
        let object = P::bind_local_fn(BoundFn(call));
        let contribution = LocalContribution::new(&Key::of::<P>(), Role::Extension, options, object, false);
        self.registry.register(LocalStaged::of_closure(name.into(), contribution))
    }

    /// Registers a closure like [`register_fn`](Self::register_fn), which may change what it captures.
    ///
    /// A call that comes back to the closure while it runs panics.
    ///
    /// ```
    /// use pluginkit::prelude::*;
    ///
    /// #[extension_point]
    /// trait Specs {
    ///     fn fetch(&self, topic: &str) -> String;
    /// }
    ///
    /// # fn main() -> Result<(), pluginkit::Error> {
    /// let mut topics = Vec::new();
    /// let pm = LocalPluginManager::new("feed");
    /// pm.add_extension_points(Specs)?;
    /// pm.register_fn_mut("log", Specs::fetch, |args| {
    ///     topics.push(args.topic.to_owned());
    ///     format!("{} topics", topics.len())
    /// })?;
    /// assert_eq!(pm.caller(Specs::fetch).call("harbor"), ["1 topics"]);
    /// drop(pm);
    /// assert_eq!(topics, ["harbor"]);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`register`](Self::register).
    pub fn register_fn_mut<P, F>(
        &self,
        name: impl Into<PluginId>,
        _point: P,
        call: F,
    ) -> Result<PluginId, Error>
    where
        P: LocalBindFn<'p, LocalFnMut<F>>,
    {
        let object = P::bind_local_fn(LocalFnMut::new(call));
        let contribution =
            LocalContribution::new(&Key::of::<P>(), Role::Extension, Options::new(), object, false);
        self.registry.register(LocalStaged::of_closure(name.into(), contribution))
    }

    /// Unregisters a plugin and returns whether there was one. Calls that are under way still run it.
    pub fn unregister(&self, name: impl AsRef<str>) -> bool {
        self.registry.unregister(name.as_ref())
    }

    /// Takes a plugin out of the calls that start from now on, or back into them at its old place.
    ///
    /// # Errors
    ///
    /// Returns an error if no plugin has that name.
    pub fn set_enabled(&self, name: impl AsRef<str>, enabled: bool) -> Result<(), Error> {
        self.registry.set_enabled(name.as_ref(), enabled)
    }

    /// Returns whether a plugin with this name is registered and enabled.
    pub fn is_enabled(&self, name: impl AsRef<str>) -> bool {
        self.registry.is_enabled(name.as_ref()) == Some(true)
    }

    /// Returns whether a plugin with this name is registered.
    pub fn is_registered(&self, name: impl AsRef<str>) -> bool {
        self.registry.is_enabled(name.as_ref()).is_some()
    }

    /// Returns the names of all plugins, in the order of their registrations.
    pub fn plugin_names(&self) -> Vec<PluginId> {
        self.registry.names()
    }

    /// Returns the caller of a point.
    ///
    /// # Panics
    ///
    /// Panics if the specs of the point were not added.
    #[track_caller]
    pub fn caller<P: LocalCallable>(&self, point: P) -> LocalCaller<'p, P> {
        match self.try_caller(point) {
            Ok(caller) => caller,
            Err(error) => panic!("{error}"),
        }
    }

    /// Returns the caller of a point.
    ///
    /// # Errors
    ///
    /// Returns an error if the specs of the point were not added.
    pub fn try_caller<P: LocalCallable>(&self, _point: P) -> Result<LocalCaller<'p, P>, Error> {
        match self.registry.slot(TypeId::of::<P>()) {
            Some(slot) => Ok(LocalPointCaller::new(LocalHandle::over(View::new(slot)))),
            None => Err(Error::UnknownExtensionPoint { point: P::INFO }),
        }
    }

    pub(super) fn registry(&self) -> &Registry<'p> {
        &self.registry
    }

    pub(super) fn register_staged(&self, staged: Staged) -> Result<PluginId, Error> {
        self.registry.register(LocalStaged::of_staged(staged, &self.registry.project)?)
    }
}

impl Clone for LocalPluginManager<'_> {
    /// Returns the same manager.
    fn clone(&self) -> Self {
        Self { registry: Rc::clone(&self.registry) }
    }
}

impl fmt::Debug for LocalPluginManager<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalPluginManager")
            .field("project", &self.registry.project)
            .field("plugins", &self.plugin_names())
            .finish_non_exhaustive()
    }
}
