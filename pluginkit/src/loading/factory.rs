//! [`PluginFactory`]: a way to make a plugin, as a value.

use std::any::{Any, TypeId};
use std::fmt;
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::base::boxed::BoxError;
use crate::base::drops::{self, Foreign};
use crate::base::name::{PluginId, short_type_name};
use crate::error::Error;
use crate::loading::{BuildError, Construct, Made, Settings, build};
use crate::plugin::bind::{BindFn, Extends};
use crate::plugin::extension_stub::extend;
use crate::plugin::implementation::Contribution;
use crate::plugin::{AnyPlugin, PluginMetadata, PluginStub, ServiceType};
use crate::registry::stubs::{metadata_of, projects_of, services_of};
use crate::spec::options::Options;
use crate::spec::point::{Key, PointTypes, Specs};

/// The extensions that one block makes of a plugin.
type Extend = fn(&AnyPlugin) -> Vec<Contribution>;

type Make = dyn Fn(&Settings<'_>) -> Result<Made, BuildError> + Send + Sync;

/// Builds a plugin that a manager discovers, or that a configuration names.
///
/// `#[plugin]` links a factory for each type into the program. [`add_factory`](crate::Manager::add_factory) gives a
/// manager a factory that is written by hand. The added factory replaces the linked factory of the same id. Each
/// manager builds plugins of its own.
///
/// `T` is the type of the plugins. [`erased`](Self::erased) removes this type parameter, so that factories of several
/// types can be kept together.
///
/// ```standalone_crate
/// use pluginkit::prelude::*;
/// use pluginkit::loading::PluginFactory;
/// use pluginkit::metadata::PluginMetadata;
///
/// #[extension_point]
/// trait Specs {
///     fn fetch(&self, topic: &str) -> String;
/// }
///
/// struct Sky(&'static str);
///
/// #[extension]
/// impl Specs for Sky {
///     fn fetch(&self, topic: &str) -> String {
///         format!("{topic}: {}", self.0)
///     }
/// }
///
/// # fn main() -> Result<(), pluginkit::Error> {
/// let pm = PluginManager::new("by-hand");
/// pm.add_extension_points(Specs)?;
/// pm.add_factory(PluginFactory::new(PluginMetadata::new("sky"), || Sky("clear")));
/// pm.add_factory(PluginFactory::function(PluginMetadata::new("static"), Specs::fetch, |args| {
///     format!("static[{}]", args.topic)
/// }));
/// assert_eq!(pm.discover()?, ["sky", "static"]);
/// assert_eq!(pm.caller(Specs::fetch).call("harbor"), ["harbor: clear", "static[harbor]"]);
/// # Ok(())
/// # }
/// ```
pub struct PluginFactory<T: ?Sized = dyn Any + Send + Sync> {
    metadata: Arc<PluginMetadata>,
    /// The path of the type or function: crate, modules, name.
    path: Option<Arc<str>>,
    /// The projects of the specs that the plugin extends, as far as they are known.
    projects: Arc<[&'static str]>,
    /// The services that the plugin provides, as far as they are known.
    provides: Arc<[ServiceType]>,
    make: Option<Arc<Foreign<Box<Make>>>>,
    /// The blocks that are named; if there are none, those that are found by the plugin's type.
    extends: Vec<((TypeId, u64), Extend)>,
    /// Options of the plugin's extensions at some points, over their own.
    overrides: Vec<(Key, Options)>,
    #[cfg(feature = "schema")]
    schema: Option<fn() -> Option<schemars::Schema>>,
    plugin: PhantomData<fn(&T)>,
}

impl<T: Send + Sync + 'static> PluginFactory<T> {
    /// Returns a factory that builds a plugin with `make`.
    ///
    /// See [`try_new`](Self::try_new) if `make` may fail.
    pub fn new(metadata: PluginMetadata, make: impl Fn() -> T + Send + Sync + 'static) -> Self {
        Self::try_new(metadata, move || Ok::<_, std::convert::Infallible>(make()))
    }

    /// Returns a factory that builds a plugin with `make`, which may fail with any error.
    pub fn try_new<E: Into<BoxError>>(
        metadata: PluginMetadata,
        make: impl Fn() -> Result<T, E> + Send + Sync + 'static,
    ) -> Self {
        let told = metadata.clone();
        Self::of_type(metadata, move |settings| {
            let mut made = build::built::<T, _>(settings, &make)?;
            made.staged.metadata = Some(told.clone());
            Ok(made)
        })
    }

    /// Returns a factory that reads the settings into a `C`, and builds a plugin from it with `make`.
    ///
    /// See [`try_configured`](Self::try_configured) if `make` may fail. The phases of the plugin get the settings from
    /// [`PluginContext::config`](crate::lifecycle::PluginContext::config).
    ///
    /// ```
    /// # fn main() -> Result<(), pluginkit::Error> {
    /// use pluginkit::config::PluginConfig;
    /// use pluginkit::prelude::*;
    /// use pluginkit::loading::PluginFactory;
    /// use pluginkit::metadata::PluginMetadata;
    ///
    /// #[extension_point]
    /// trait Specs {
    ///     fn fetch(&self, topic: &str) -> String;
    /// }
    ///
    /// #[derive(serde::Deserialize)]
    /// struct Sky {
    ///     sky: String,
    /// }
    ///
    /// #[extension]
    /// impl Specs for Sky {
    ///     fn fetch(&self, topic: &str) -> String {
    ///         format!("{topic}: {}", self.sky)
    ///     }
    /// }
    ///
    /// let pm = PluginManager::new("by-hand");
    /// pm.add_extension_points(Specs)?;
    /// pm.add_factory(PluginFactory::configured(PluginMetadata::new("sky"), |settings: Sky| settings));
    /// pm.load_config(&PluginConfig::from_toml_str("[plugins]\nskies = ['sky']\n[plugin.sky]\nsky = 'grey'")?)?;
    /// assert_eq!(pm.caller(Specs::fetch).call("harbor"), ["harbor: grey"]);
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "config")]
    pub fn configured<C>(metadata: PluginMetadata, make: impl Fn(C) -> T + Send + Sync + 'static) -> Self
    where
        C: serde::de::DeserializeOwned + Send + Sync + 'static,
    {
        Self::try_configured(metadata, move |settings| Ok::<_, std::convert::Infallible>(make(settings)))
    }

    /// Returns a factory that builds a plugin from its settings with `make`, which may fail with any error.
    #[cfg(feature = "config")]
    pub fn try_configured<C, E>(
        metadata: PluginMetadata,
        make: impl Fn(C) -> Result<T, E> + Send + Sync + 'static,
    ) -> Self
    where
        C: serde::de::DeserializeOwned + Send + Sync + 'static,
        E: Into<BoxError>,
    {
        let told = metadata.clone();
        Self::of_type(metadata, move |settings| {
            let mut made = build::configured::<T, C, _>(settings, &make)?;
            made.staged.metadata = Some(told.clone());
            Ok(made)
        })
    }

    /// Adds all extensions of the block `#[extension] impl S for T`.
    ///
    /// A generic `T` needs this, and so does a target that runs no code before `main`. In all other cases, the factory
    /// finds the blocks of `T` by itself. If a plugin has no extensions, its registration fails with
    /// [`Error::NoExtensions`], unless `T` is under `#[plugin]`.
    ///
    /// ```standalone_crate
    /// use pluginkit::prelude::*;
    /// use pluginkit::loading::PluginFactory;
    /// use pluginkit::metadata::PluginMetadata;
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
    /// # fn main() -> Result<(), pluginkit::Error> {
    /// let pm = PluginManager::new("by-hand");
    /// pm.add_extension_points(Specs)?;
    /// pm.add_factory(PluginFactory::new(PluginMetadata::new("cached"), || Cached(7)).extends(Specs));
    /// pm.discover()?;
    /// assert_eq!(pm.caller(Specs::fetch).call("harbor"), ["harbor: 7"]);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn extends<S: Specs, const BLOCK: u64>(mut self, _specs: S) -> Self
    where
        T: Extends<S, BLOCK>,
    {
        let block = (TypeId::of::<S>(), BLOCK);
        if self.extends.iter().all(|(other, _)| *other != block) {
            self.extends.push((block, extend::<T, S, BLOCK>));
        }
        self.projects = self.projects.iter().copied().chain(S::PROJECT).collect();
        self
    }
}

impl<T: Send + Sync + 'static> PluginFactory<T> {
    fn of_type(
        metadata: PluginMetadata,
        make: impl Fn(&Settings<'_>) -> Result<Made, BuildError> + Send + Sync + 'static,
    ) -> Self {
        let provides = provided(TypeId::of::<T>(), &metadata);
        Self { provides, ..Self::made_by(metadata, make) }
    }
}

/// Returns the services that plugins of a type provide.
fn provided(plugin: TypeId, metadata: &PluginMetadata) -> Arc<[ServiceType]> {
    services_of(plugin).chain(metadata.provides_services.iter().copied()).collect()
}

impl PluginFactory {
    /// Returns a factory of a plugin that is a closure, like the closure of
    /// [`register_fn`](crate::Manager::register_fn).
    pub fn function<P, F>(metadata: PluginMetadata, point: P, call: F) -> Self
    where
        P: BindFn<F>,
        F: Clone + Send + Sync + 'static,
    {
        let told = metadata.clone();
        let made = Self::made_by(metadata, move |settings| {
            build::closure(settings, told.clone(), point, call.clone())
        });
        made.of(build::project_of(point))
    }

    /// Returns a factory of a plugin that is an async closure, like the closure of
    /// [`async_extension`](crate::PluginBuilder::async_extension). The closure can ignore its first argument.
    ///
    /// ```standalone_crate
    /// use pluginkit::prelude::*;
    /// use pluginkit::loading::PluginFactory;
    /// use pluginkit::metadata::PluginMetadata;
    ///
    /// #[extension_point]
    /// trait Specs {
    ///     fn fetch(&self, topic: &str) -> String;
    /// }
    ///
    /// # async fn run() -> Result<(), pluginkit::Error> {
    /// let pm = AsyncPluginManager::new("by-hand");
    /// pm.add_extension_points(Specs)?;
    /// pm.add_factory(PluginFactory::async_function(PluginMetadata::new("far"), Specs::fetch, |_, args, slot| {
    ///     slot.put(async move { format!("far[{}]", args.topic) })
    /// }));
    /// pm.discover().await?;
    /// assert_eq!(pm.caller(Specs::fetch).call("harbor").await, ["far[harbor]"]);
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "async")]
    pub fn async_function<P, F>(metadata: PluginMetadata, point: P, call: F) -> Self
    where
        P: crate::plugin::bind_async::BindAsync<build::Function, F>,
        F: Clone + Send + Sync + 'static,
    {
        let told = metadata.clone();
        let made = Self::made_by(metadata, move |settings| {
            build::function(settings, told.clone(), |binder| {
                binder.async_extension(point, Options::new(), call.clone());
            })
        });
        made.of(build::project_of(point))
    }

    /// The same factory, of a plugin that extends points of a project.
    fn of(self, project: Option<&'static str>) -> Self {
        Self { projects: project.into_iter().collect(), ..self }
    }

    pub(crate) fn linked(stub: &PluginStub) -> Self {
        let construct =
            stub.construct.and_then(|construct| construct.downcast_ref::<fn() -> Option<Construct>>());
        let construct = construct.and_then(|construct| construct());
        let projects = projects_of(stub.plugin.id()).into_iter();
        let own = construct.and_then(|construct| construct.project);
        let metadata = (stub.metadata)();
        Self {
            provides: provided(stub.plugin.id(), &metadata),
            metadata: Arc::new(metadata),
            path: Some(format!("{}::{}", stub.module, stub.name).replace("r#", "").into()),
            projects: projects.chain(own).collect(),
            make: construct
                .map(|construct| Arc::new(Foreign::new(Box::new(construct.make) as Box<Make>, None))),
            extends: Vec::new(),
            overrides: Vec::new(),
            #[cfg(feature = "schema")]
            schema: construct.and_then(|construct| construct.schema),
            plugin: PhantomData,
        }
    }
}

impl<T: ?Sized> PluginFactory<T> {
    fn made_by(
        metadata: PluginMetadata,
        make: impl Fn(&Settings<'_>) -> Result<Made, BuildError> + Send + Sync + 'static,
    ) -> Self {
        Self {
            provides: metadata.provides_services.as_slice().into(),
            metadata: Arc::new(metadata),
            path: None,
            projects: Arc::default(),
            make: Some(Arc::new(Foreign::new(Box::new(make), None))),
            extends: Vec::new(),
            overrides: Vec::new(),
            #[cfg(feature = "schema")]
            schema: None,
            plugin: PhantomData,
        }
    }

    /// Returns the factory without the type of its plugins, to keep factories of several types together.
    pub fn erased(self) -> PluginFactory {
        PluginFactory {
            metadata: self.metadata,
            path: self.path,
            projects: self.projects,
            provides: self.provides,
            make: self.make,
            extends: self.extends,
            overrides: self.overrides,
            #[cfg(feature = "schema")]
            schema: self.schema,
            plugin: PhantomData,
        }
    }

    /// Sets options of the plugin's extensions at one point, as
    /// [`PluginBuilder::options`](crate::PluginBuilder::options) does. If the plugin does not extend the point, its load
    /// fails with [`Error::NotExtended`](crate::Error::NotExtended).
    ///
    /// ```standalone_crate
    /// use pluginkit::Options;
    /// use pluginkit::loading::PluginFactory;
    /// use pluginkit::metadata::PluginMetadata;
    /// use pluginkit::prelude::*;
    ///
    /// #[extension_point]
    /// trait Specs {
    ///     fn fetch(&self, topic: &str) -> String;
    /// }
    ///
    /// # fn main() -> Result<(), pluginkit::Error> {
    /// let pm = PluginManager::new("by-hand");
    /// pm.add_extension_points(Specs)?;
    /// for name in ["a", "b"] {
    ///     let factory = PluginFactory::function(PluginMetadata::new(name), Specs::fetch, move |args| {
    ///         format!("{name}[{}]", args.topic)
    ///     });
    ///     let options = Options::new();
    ///     pm.add_factory(factory.options(Specs::fetch, if name == "b" { options.tryfirst() } else { options }));
    /// }
    /// pm.discover()?;
    /// assert_eq!(pm.caller(Specs::fetch).call("harbor"), ["b[harbor]", "a[harbor]"]);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn options<P: PointTypes>(mut self, _point: P, options: Options) -> Self {
        self.overrides.push((Key::of::<P>(), options));
        self
    }

    /// Sets the path of the plugin, such as `crate_name::module::Type`. A configuration may name the plugin by its id
    /// or by this path.
    #[must_use]
    pub fn at(self, path: impl Into<String>) -> Self {
        Self { path: Some(path.into().into()), ..self }
    }

    /// Sets the type of the settings, which [`config_schema`](crate::Manager::config_schema) describes.
    #[cfg(feature = "schema")]
    #[must_use]
    pub fn described<C: schemars::JsonSchema>(self) -> Self {
        let schema = || Some(schemars::SchemaGenerator::default().into_root_schema_for::<C>());
        Self { schema: Some(schema), ..self }
    }

    /// Returns the metadata of the plugin.
    pub fn metadata(&self) -> &PluginMetadata {
        &self.metadata
    }

    /// Returns the id of the plugin.
    pub fn id(&self) -> &PluginId {
        &self.metadata.id
    }

    /// Returns the path of the plugin's type or function, such as `crate_name::module::Type`, if it has one.
    pub fn path(&self) -> Option<&str> {
        self.path.as_deref()
    }

    /// Returns the crate in the path, if there is one.
    pub fn crate_name(&self) -> Option<&str> {
        self.path()?.split("::").next()
    }

    /// Returns the schema of the settings, if their type has one.
    #[cfg(feature = "schema")]
    pub fn schema(&self) -> Option<schemars::Schema> {
        self.schema?()
    }

    /// Returns whether its plugin provides a service.
    #[cfg(feature = "config")]
    pub(crate) fn provides(&self, service: ServiceType) -> bool {
        self.provides.contains(&service)
    }

    /// Returns whether managers of this project may use it.
    pub(crate) fn is_of(&self, project: &str) -> bool {
        match &self.metadata.project {
            Some(own) => own == project,
            None => self.projects.is_empty() || self.projects.contains(&project),
        }
    }

    /// Returns the project that the plugin declares, else the project of the points it extends.
    pub(crate) fn project(&self) -> Option<&str> {
        self.metadata.project.as_deref().or_else(|| self.projects.first().copied())
    }

    /// Returns whether the plugin has neither a way to be made nor a project, so that the host registers it.
    pub(crate) fn is_left_to_hosts(&self) -> bool {
        self.make.is_none() && self.project().is_none()
    }

    /// Makes the plugin.
    pub(crate) fn make(&self, settings: &Settings<'_>) -> Result<Made, Error> {
        let plugin = self.id();
        let Some(make) = &self.make else {
            let type_name = self.path().unwrap_or_default().into();
            return Err(Error::NoFactory { plugin: plugin.clone(), type_name });
        };
        // Values that it leaves half made are dropped with the error.
        let made = catch_unwind(AssertUnwindSafe(|| make(settings).and_then(|made| self.extended(made))));
        let made = made.unwrap_or_else(|panic| {
            Err(BuildError::Factory(format!("it panicked: {}", drops::message(panic)).into()))
        });
        made.map_err(|error| match error {
            #[cfg(feature = "config")]
            BuildError::Settings(source) => Error::Config { source },
            BuildError::Factory(source) => {
                Error::Factory { plugin: plugin.clone(), settings_at: settings.place(), source }
            }
            BuildError::Bare(type_name) => {
                Error::NoExtensions { plugin: plugin.clone(), type_name: short_type_name(type_name) }
            }
        })
    }

    /// The plugin with the extensions of the blocks that are named, if any is.
    ///
    /// A plugin that extends nothing is refused: its type may be generic. A type under `#[plugin]` is not, and may be
    /// there for its requirements alone.
    fn extended(&self, mut made: Made) -> Result<Made, BuildError> {
        if !self.extends.is_empty() {
            let contributions =
                self.extends.iter().flat_map(|(_, extend)| extend(&made.staged.instance)).collect();
            made.staged.set_contributions(contributions);
            // The host has named the specs.
            made.staged.generic_block = made.staged.generic_block.filter(|block| block.is_service);
        }
        if made.staged.is_bare() && metadata_of((**made.staged.instance).type_id()).is_none() {
            return Err(BuildError::Bare(made.staged.type_name));
        }
        made.staged.overrides.extend(self.overrides.iter().cloned());
        Ok(made)
    }
}

impl<T: ?Sized> Clone for PluginFactory<T> {
    fn clone(&self) -> Self {
        Self {
            metadata: Arc::clone(&self.metadata),
            path: self.path.clone(),
            projects: Arc::clone(&self.projects),
            provides: Arc::clone(&self.provides),
            make: self.make.clone(),
            extends: self.extends.clone(),
            overrides: self.overrides.clone(),
            #[cfg(feature = "schema")]
            schema: self.schema,
            plugin: PhantomData,
        }
    }
}

impl<T: ?Sized> fmt::Debug for PluginFactory<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PluginFactory")
            .field("id", self.id())
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}
