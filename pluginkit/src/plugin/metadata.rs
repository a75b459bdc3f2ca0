//! [`PluginMetadata`]: what a plugin says of itself.

use std::fmt;

use crate::base::name::PluginId;
use crate::plugin::ServiceType;

/// A type with plugin metadata. `#[plugin]` implements it.
///
/// If you implement this trait by hand, pass the metadata to the manager when you register the plugin:
///
/// ```
/// use pluginkit::prelude::*;
/// use pluginkit::metadata::PluginMetadata;
/// use pluginkit::Plugin;
///
/// #[extension_point]
/// trait Specs {
///     fn fetch(&self, topic: &str) -> String;
/// }
///
/// struct Cached<T>(T);
///
/// impl<T> Plugin for Cached<T> {
///     fn metadata() -> PluginMetadata {
///         PluginMetadata::new("cached").version("1.2.0")
///     }
/// }
///
/// #[extension]
/// impl<T: std::fmt::Display + Send + Sync + 'static> Specs for Cached<T> {
///     fn fetch(&self, topic: &str) -> String {
///         format!("{topic}: {}", self.0)
///     }
/// }
///
/// # fn main() -> Result<(), pluginkit::Error> {
/// let pm = PluginManager::new("feed");
/// pm.add_extension_points(Specs)?;
/// PluginBuilder::new(Cached(7)).metadata(Cached::<u8>::metadata()).extends(Specs).register(&pm)?;
/// assert_eq!(pm.descriptor("cached").unwrap().metadata.version, "1.2.0");
/// # Ok(())
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say which plugin it is",
    label = "not a plugin with an identity",
    note = "put `#[plugin(id = \"…\")]` on the type, or implement `pluginkit::Plugin` for it"
)]
pub trait Plugin {
    /// Returns the metadata of the plugin.
    fn metadata() -> PluginMetadata;
}

/// The metadata of a plugin: its id, its version, and its requirements.
///
/// A manager checks the metadata when the plugin is registered. `#[plugin]` checks them at compile time.
///
/// ```
/// use pluginkit::metadata::PluginMetadata;
///
/// let metadata = PluginMetadata::new("json").version("1.0.0").requires(["core >= 1.2", "text"]);
/// assert_eq!(metadata.name, "json");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct PluginMetadata {
    /// The id. The plugin is registered under its id, unless the host gives another name.
    ///
    /// An id has ASCII letters, digits, `-`, `_` and `.`, and begins with a letter or a digit.
    pub id: PluginId,
    /// Other names of the plugin, while it is registered under its id: for look-ups, requirements, `before` and
    /// `after`, views, and configurations.
    ///
    /// An alias is written like an id. A plugin is refused if one of its aliases is taken or blocked.
    pub aliases: Vec<PluginId>,
    /// The semantic version; `0.0.0` if none is declared.
    pub version: String,
    /// The name for people; the id if none is declared.
    pub name: String,
    /// The author; may be empty.
    pub author: String,
    /// The description; may be empty.
    pub description: String,
    /// The plugins that this plugin requires, each as an id with an optional range of versions: `core >= 1.2`.
    pub requires: Vec<String>,
    /// The optional requirements: plugins that this plugin uses if they are registered. The version of a registered
    /// plugin must fit, and the plugin is started first.
    pub optional_requires: Vec<String>,
    /// The services that this plugin requires. Of the plugins that provide one, all are started first, and one must be
    /// there; the host may provide it instead.
    pub requires_services: Vec<ServiceType>,
    /// The services that this plugin uses if they are provided. The plugins that provide them are started first.
    pub optional_requires_services: Vec<ServiceType>,
    /// The services that this plugin provides in its phases, with
    /// [`PluginContext::provide`](crate::lifecycle::PluginContext::provide). Those of `#[extension(service)]` need not be named.
    pub provides_services: Vec<ServiceType>,
    /// The project of the managers that accept the plugin; every project if none is declared.
    pub project: Option<String>,
    /// Whether the plugin cannot be there twice, for example because it listens on a port: a change of a running manager
    /// stops the old plugin before the new one starts.
    pub exclusive: bool,
}

impl PluginMetadata {
    /// Returns the metadata of a plugin with this id.
    pub fn new(id: impl Into<PluginId>) -> Self {
        let id = id.into();
        Self {
            version: "0.0.0".to_owned(),
            name: id.as_str().to_owned(),
            id,
            aliases: Vec::new(),
            author: String::new(),
            description: String::new(),
            requires: Vec::new(),
            optional_requires: Vec::new(),
            requires_services: Vec::new(),
            optional_requires_services: Vec::new(),
            provides_services: Vec::new(),
            project: None,
            exclusive: false,
        }
    }

    /// Sets the other names of the plugin.
    #[must_use]
    pub fn aliases(self, aliases: impl IntoIterator<Item = impl Into<PluginId>>) -> Self {
        Self { aliases: aliases.into_iter().map(Into::into).collect(), ..self }
    }

    /// Sets the semantic version.
    #[must_use]
    pub fn version(self, version: impl Into<String>) -> Self {
        Self { version: version.into(), ..self }
    }

    /// Sets the name for people.
    #[must_use]
    pub fn name(self, name: impl Into<String>) -> Self {
        Self { name: name.into(), ..self }
    }

    /// Sets the author.
    #[must_use]
    pub fn author(self, author: impl Into<String>) -> Self {
        Self { author: author.into(), ..self }
    }

    /// Sets the description.
    #[must_use]
    pub fn description(self, description: impl Into<String>) -> Self {
        Self { description: description.into(), ..self }
    }

    /// Sets the requirements: ids of plugins, each with an optional range of versions as in Cargo.
    ///
    /// A range like `>= 1.2` does not accept pre-releases.
    #[must_use]
    pub fn requires(self, requires: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { requires: requires.into_iter().map(Into::into).collect(), ..self }
    }

    /// Sets the optional requirements: plugins that this plugin uses if they are registered.
    #[must_use]
    pub fn optional_requires(self, requires: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { optional_requires: requires.into_iter().map(Into::into).collect(), ..self }
    }

    /// Adds the service `S`, such as `dyn Store`, to the services that the plugin requires.
    ///
    /// ```
    /// use pluginkit::metadata::PluginMetadata;
    /// use pluginkit::prelude::*;
    ///
    /// #[extension_point(service)]
    /// trait Store: Send + Sync {}
    ///
    /// let metadata = PluginMetadata::new("notes").requires_service::<dyn Store>();
    /// assert_eq!(metadata.requires_services[0].to_string(), "dyn Store");
    /// ```
    #[must_use]
    pub fn requires_service<S: ?Sized + 'static>(mut self) -> Self {
        self.requires_services.push(ServiceType::of::<S>());
        self
    }

    /// Adds the service `S` to the services that the plugin uses if they are provided.
    #[must_use]
    pub fn optional_requires_service<S: ?Sized + 'static>(mut self) -> Self {
        self.optional_requires_services.push(ServiceType::of::<S>());
        self
    }

    /// Adds the service `S` to the services that the plugin provides in its phases.
    #[must_use]
    pub fn provides_service<S: ?Sized + 'static>(mut self) -> Self {
        self.provides_services.push(ServiceType::of::<S>());
        self
    }

    /// Sets whether the plugin cannot be there twice: see [`exclusive`](field@Self::exclusive).
    #[must_use]
    pub fn exclusive(self, exclusive: bool) -> Self {
        Self { exclusive, ..self }
    }

    /// Sets the project of the managers that accept the plugin.
    #[must_use]
    pub fn project(self, project: impl Into<String>) -> Self {
        Self { project: Some(project.into()), ..self }
    }
}

/// A part of [`PluginMetadata`] that may be invalid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MetadataField {
    /// The id.
    Id,
    /// One of the aliases.
    Alias,
    /// The version.
    Version,
    /// One of the requirements, optional or not.
    Requirement,
}

impl fmt::Display for MetadataField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Id => "id",
            Self::Alias => "alias",
            Self::Version => "version",
            Self::Requirement => "requirement",
        })
    }
}
