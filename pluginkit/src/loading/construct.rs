//! How a plugin is made, and of which settings: types that expansions of `#[plugin]` name.

use std::fmt;

use crate::base::boxed::BoxError;
use crate::base::drops::Foreign;
use crate::base::name::PluginId;
use crate::base::state::StateMap;
use crate::registry::Staged;

/// The id and the settings that a plugin is made with.
pub struct Settings<'s> {
    pub(crate) id: &'s PluginId,
    #[cfg(feature = "config")]
    pub(crate) section: Option<&'s crate::config::Section>,
}

impl Settings<'_> {
    /// Returns the place of the settings, if a configuration has some.
    #[cfg(feature = "config")]
    pub(crate) fn place(&self) -> Option<Box<str>> {
        let section = self.section.filter(|section| section.is_given())?;
        Some(section.location().to_string().into())
    }

    /// Returns the place of the settings. Without configurations, there is none.
    #[cfg(not(feature = "config"))]
    #[allow(clippy::unused_self, reason = "it has settings in other builds")]
    pub(crate) fn place(&self) -> Option<Box<str>> {
        None
    }

    /// Reads the settings as the type of the plugin. Without settings it reads the defaults.
    #[cfg(feature = "config")]
    pub(crate) fn read<C: serde::de::DeserializeOwned>(&self) -> Result<C, BuildError> {
        let none;
        let section = match self.section {
            Some(section) => section,
            None => {
                none = crate::config::PluginConfig::default().section_found(&[self.id]);
                &none
            }
        };
        section.deserialize().map_err(BuildError::Settings)
    }

    /// Refuses settings of a plugin that takes none.
    #[cfg(feature = "config")]
    pub(crate) fn refuse(&self) -> Result<(), BuildError> {
        let refused = self.section.map(|section| section.refuse("a function has no settings"));
        refused.transpose().map(|_| ()).map_err(BuildError::Settings)
    }
}

impl fmt::Debug for Settings<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings").field("id", &self.id).finish_non_exhaustive()
    }
}

pub(super) type Keep = Box<dyn FnOnce(&StateMap) + Send + Sync>;

/// A new plugin that is to be registered.
pub struct Made {
    pub(crate) staged: Staged,
    /// Stores the settings for the phases of the plugin.
    pub(crate) keep: Option<Foreign<Keep>>,
}

impl fmt::Debug for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Made").field("id", &self.staged.id).finish_non_exhaustive()
    }
}

/// The reason why a plugin was not made.
#[derive(Debug)]
pub enum BuildError {
    /// The settings are wrong. The factory did not run.
    #[cfg(feature = "config")]
    Settings(crate::config::ConfigError),
    /// The factory failed.
    Factory(BoxError),
    /// The plugin has no extension. This is the name of its type.
    Bare(&'static str),
}

/// The function that makes a plugin of a type under `#[plugin]`.
#[derive(Clone, Copy)]
pub struct Construct {
    pub(crate) make: fn(&Settings<'_>) -> Result<Made, BuildError>,
    /// The project of the point it extends, if that is known.
    pub(crate) project: Option<&'static str>,
    #[cfg(feature = "schema")]
    pub(crate) schema: Option<fn() -> Option<schemars::Schema>>,
}

impl Construct {
    /// Returns the construction of a plugin by `make`.
    pub const fn new(make: fn(&Settings<'_>) -> Result<Made, BuildError>) -> Self {
        Self {
            make,
            project: None,
            #[cfg(feature = "schema")]
            schema: None,
        }
    }

    /// Returns the same for a plugin that extends points of a project.
    #[must_use]
    pub const fn of(self, project: Option<&'static str>) -> Self {
        Self { project, ..self }
    }

    /// Returns the same for settings with a schema, if `schema` returns one.
    #[cfg(feature = "schema")]
    #[must_use]
    pub const fn described(self, schema: fn() -> Option<schemars::Schema>) -> Self {
        Self { schema: Some(schema), ..self }
    }
}

impl fmt::Debug for Construct {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Construct").finish_non_exhaustive()
    }
}

/// A return type of a function that makes a `T`: a `T`, or a `Result` of one with any error.
#[diagnostic::on_unimplemented(
    message = "a function that makes a `{T}` cannot return `{Self}`",
    label = "returns `{Self}`",
    note = "return `{T}` or `Result<{T}, E>`, where `E` is an error"
)]
pub trait Outcome<T> {
    /// As a result.
    ///
    /// # Errors
    ///
    /// If it is one.
    fn outcome(self) -> Result<T, BoxError>;
}

impl<T> Outcome<T> for T {
    fn outcome(self) -> Result<T, BoxError> {
        Ok(self)
    }
}

impl<T, E: Into<BoxError>> Outcome<T> for Result<T, E> {
    fn outcome(self) -> Result<T, BoxError> {
        self.map_err(Into::into)
    }
}
