//! [`PluginFactory`]: how a plugin is made, as a value.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::base::boxed::BoxError;
use crate::base::drops::{self, Foreign};
use crate::base::name::PluginId;
use crate::error::Error;
use crate::loading::{BuildError, Construct, Made, Settings, build};
use crate::plugin::bind::BindFn;
use crate::plugin::{PluginMetadata, PluginStub};
use crate::registry::stubs::projects_of;

type Make = dyn Fn(&Settings<'_>) -> Result<Made, BuildError> + Send + Sync;

/// How a manager makes a plugin that a configuration names, or that it discovers.
///
/// `#[plugin]` leaves one for each type; those made by hand are told to a manager with
/// [`add_factory`](crate::PluginManager::add_factory), and take the place of a linked one of their id. Each
/// manager makes plugins of its own.
///
/// ```standalone_crate
/// use pluginkit::prelude::*;
/// use pluginkit::{PluginFactory, PluginMetadata};
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
#[derive(Clone)]
pub struct PluginFactory {
    metadata: Arc<PluginMetadata>,
    /// The crate, the modules and the name of the type.
    path: Option<Arc<str>>,
    /// The projects of the specs that it extends, as far as that is known.
    projects: Arc<[&'static str]>,
    make: Option<Arc<Foreign<Box<Make>>>>,
    #[cfg(feature = "schema")]
    schema: Option<fn() -> Option<schemars::Schema>>,
}

impl PluginFactory {
    /// Makes a plugin by `make`; one that may fail is told of by [`try_new`](Self::try_new).
    pub fn new<T: Send + Sync + 'static>(
        metadata: PluginMetadata,
        make: impl Fn() -> T + Send + Sync + 'static,
    ) -> Self {
        Self::try_new(metadata, move || Ok::<_, std::convert::Infallible>(make()))
    }

    /// Makes a plugin by `make`, which may fail with any error.
    pub fn try_new<T, E>(
        metadata: PluginMetadata,
        make: impl Fn() -> Result<T, E> + Send + Sync + 'static,
    ) -> Self
    where
        T: Send + Sync + 'static,
        E: Into<BoxError>,
    {
        let told = metadata.clone();
        Self::made_by(metadata, move |settings| {
            let mut made = build::built::<T, _>(settings, &make)?;
            made.staged.metadata = Some(told.clone());
            Ok(made)
        })
    }

    /// Makes a plugin of its settings, which are read into a `C`, by `make`; one that may fail is told of by
    /// [`try_configured`](Self::try_configured). The phases of the plugin find the settings too, with [`PluginContext::config`](crate::PluginContext::config).
    ///
    /// ```
    /// # fn main() -> Result<(), pluginkit::Error> {
    /// use pluginkit::config::PluginConfig;
    /// use pluginkit::prelude::*;
    /// use pluginkit::{PluginFactory, PluginMetadata};
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
    pub fn configured<T, C>(metadata: PluginMetadata, make: impl Fn(C) -> T + Send + Sync + 'static) -> Self
    where
        T: Send + Sync + 'static,
        C: serde::de::DeserializeOwned + Send + Sync + 'static,
    {
        Self::try_configured(metadata, move |settings| Ok::<_, std::convert::Infallible>(make(settings)))
    }

    /// Makes a plugin of its settings by `make`, which may fail with any error.
    #[cfg(feature = "config")]
    pub fn try_configured<T, C, E>(
        metadata: PluginMetadata,
        make: impl Fn(C) -> Result<T, E> + Send + Sync + 'static,
    ) -> Self
    where
        T: Send + Sync + 'static,
        C: serde::de::DeserializeOwned + Send + Sync + 'static,
        E: Into<BoxError>,
    {
        let told = metadata.clone();
        Self::made_by(metadata, move |settings| {
            let mut made = build::configured::<T, C, _>(settings, &make)?;
            made.staged.metadata = Some(told.clone());
            Ok(made)
        })
    }

    /// A plugin that is a function: `call` is as in
    /// [`register_fn`](crate::PluginManager::register_fn).
    pub fn function<P, F>(metadata: PluginMetadata, point: P, call: F) -> Self
    where
        P: BindFn<F>,
        F: Clone + Send + Sync + 'static,
    {
        let told = metadata.clone();
        let made = Self::made_by(metadata, move |settings| {
            build::function(settings, told.clone(), point, call.clone())
        });
        made.of(build::project_of(point))
    }

    /// A plugin that is an async function: `call` is as in
    /// [`async_extension`](crate::PluginBuilder::async_extension), of a plugin that has nothing.
    ///
    /// ```standalone_crate
    /// use pluginkit::prelude::*;
    /// use pluginkit::{ExtensionFuture, PluginFactory, PluginMetadata};
    ///
    /// #[extension_point]
    /// trait Specs {
    ///     fn fetch(&self, topic: &str) -> String;
    /// }
    ///
    /// # async fn run() -> Result<(), pluginkit::Error> {
    /// let pm = AsyncPluginManager::new("by-hand");
    /// pm.add_extension_points(Specs)?;
    /// pm.add_factory(PluginFactory::async_function(PluginMetadata::new("far"), Specs::fetch, |_, args| {
    ///     ExtensionFuture::new(async move { format!("far[{}]", args.args.topic) })
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
            build::async_function(settings, told.clone(), point, call.clone())
        });
        made.of(build::project_of(point))
    }

    fn made_by(
        metadata: PluginMetadata,
        make: impl Fn(&Settings<'_>) -> Result<Made, BuildError> + Send + Sync + 'static,
    ) -> Self {
        Self {
            metadata: Arc::new(metadata),
            path: None,
            projects: Arc::default(),
            make: Some(Arc::new(Foreign::new(Box::new(make), None))),
            #[cfg(feature = "schema")]
            schema: None,
        }
    }

    /// It extends points of a project.
    fn of(self, project: Option<&'static str>) -> Self {
        Self { projects: project.into_iter().collect(), ..self }
    }

    /// Lets a configuration name it as `crate_name::module::Type`, too.
    #[must_use]
    pub fn at(self, path: impl Into<String>) -> Self {
        Self { path: Some(path.into().into()), ..self }
    }

    /// Says of which type its settings are, for
    /// [`config_schema`](crate::PluginManager::config_schema).
    #[cfg(feature = "schema")]
    #[must_use]
    pub fn described<C: schemars::JsonSchema>(self) -> Self {
        let schema = || Some(schemars::SchemaGenerator::default().into_root_schema_for::<C>());
        Self { schema: Some(schema), ..self }
    }

    pub(crate) fn linked(stub: &PluginStub) -> Self {
        let construct =
            stub.construct.and_then(|construct| construct.downcast_ref::<fn() -> Option<Construct>>());
        let construct = construct.and_then(|construct| construct());
        let projects = projects_of((stub.plugin)()).into_iter();
        let own = construct.and_then(|construct| construct.project);
        Self {
            metadata: Arc::new((stub.metadata)()),
            path: Some(format!("{}::{}", stub.module, stub.name).replace("r#", "").into()),
            projects: projects.chain(own).collect(),
            make: construct
                .map(|construct| Arc::new(Foreign::new(Box::new(construct.make) as Box<Make>, None))),
            #[cfg(feature = "schema")]
            schema: construct.and_then(|construct| construct.schema),
        }
    }

    /// What the plugin says of itself.
    pub fn metadata(&self) -> &PluginMetadata {
        &self.metadata
    }

    /// The id of the plugin.
    pub fn id(&self) -> &PluginId {
        &self.metadata.id
    }

    /// The path of its type or function, `crate_name::module::Type`, if it has one.
    pub fn path(&self) -> Option<&str> {
        self.path.as_deref()
    }

    /// The crate it is in, as paths name it.
    pub fn crate_name(&self) -> Option<&str> {
        self.path()?.split("::").next()
    }

    /// The schema of its settings, if they are of a type that has one.
    #[cfg(feature = "schema")]
    pub fn schema(&self) -> Option<schemars::Schema> {
        self.schema?()
    }

    /// Whether managers of this project may take it.
    pub(crate) fn is_of(&self, project: &str) -> bool {
        match &self.metadata.project {
            Some(own) => own == project,
            None => self.projects.is_empty() || self.projects.contains(&project),
        }
    }

    /// The project that it says, or that the points it extends are of.
    pub(crate) fn project(&self) -> Option<&str> {
        self.metadata.project.as_deref().or_else(|| self.projects.first().copied())
    }

    /// Whether nothing says how it is made, nor for whom, so that it is the host's to register.
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
        // What it leaves half done is dropped with the error.
        let made = catch_unwind(AssertUnwindSafe(|| make(settings)));
        let made = made.unwrap_or_else(|panic| {
            Err(BuildError::Factory(format!("it panicked: {}", drops::message(panic)).into()))
        });
        made.map_err(|error| match error {
            #[cfg(feature = "config")]
            BuildError::Settings(source) => Error::Config { source },
            BuildError::Factory(source) => Error::Factory { plugin: plugin.clone(), source },
        })
    }
}

impl fmt::Debug for PluginFactory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PluginFactory")
            .field("id", self.id())
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}
