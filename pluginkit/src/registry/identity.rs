//! [`Identity`]: metadata that was found right.

use semver::Version;

use crate::base::name::PluginId;
use crate::error::Error;
use crate::plugin::{MetadataField, PluginMetadata, Requirement, ServiceType, wrong_id};
use crate::registry::Entry;

/// The metadata of a registered plugin that has any, read.
pub(crate) struct Identity {
    pub(crate) metadata: PluginMetadata,
    pub(crate) version: Version,
    pub(crate) requires: Vec<Requirement>,
    pub(crate) optional_requires: Vec<Requirement>,
}

impl Identity {
    /// Reads what a plugin of a manager of `project` says of itself.
    pub(crate) fn read(metadata: PluginMetadata, project: &str) -> Result<Self, Error> {
        let wrong = |field: MetadataField, value: &str, reason: String| Error::InvalidMetadata {
            plugin: metadata.id.clone(),
            field,
            value: value.into(),
            reason: reason.into(),
        };
        if let Some(reason) = wrong_id(&metadata.id) {
            return Err(wrong(MetadataField::Id, &metadata.id, reason.to_owned()));
        }
        for alias in &metadata.aliases {
            if let Some(reason) = wrong_id(alias) {
                return Err(wrong(MetadataField::Alias, alias, reason.to_owned()));
            }
        }
        if let Some(found) = metadata.project.as_ref().filter(|&found| found != project) {
            return Err(Error::PluginOfAnotherProject {
                plugin: metadata.id.clone(),
                found: found.as_str().into(),
                expected: project.into(),
            });
        }
        let version = Version::parse(&metadata.version)
            .map_err(|error| wrong(MetadataField::Version, &metadata.version, error.to_string()))?;
        let read = |requirements: &[String]| {
            let read = |text: &String| {
                Requirement::parse(text).map_err(|reason| wrong(MetadataField::Requirement, text, reason))
            };
            requirements.iter().map(read).collect::<Result<Vec<_>, _>>()
        };
        let (requires, optional_requires) = (read(&metadata.requires)?, read(&metadata.optional_requires)?);
        Ok(Self { metadata, version, requires, optional_requires })
    }
}

/// The version of a plugin without metadata.
static NO_VERSION: Version = Version::new(0, 0, 0);

impl Entry {
    /// Returns its metadata. If it declares none, only the id is set.
    pub fn metadata(&self) -> PluginMetadata {
        match &self.identity {
            Some(identity) => identity.metadata.clone(),
            None => PluginMetadata::new(self.id()),
        }
    }

    /// Returns the aliases it declares.
    pub(crate) fn aliases(&self) -> &[PluginId] {
        &self.owner.aliases
    }

    #[cfg_attr(not(feature = "macros"), allow(dead_code, reason = "for the phases of a life"))]
    pub(crate) fn version(&self) -> &Version {
        self.identity.as_ref().map_or(&NO_VERSION, |identity| &identity.version)
    }

    /// Returns whether it cannot be there twice.
    pub fn is_exclusive(&self) -> bool {
        self.identity.as_ref().is_some_and(|identity| identity.metadata.exclusive)
    }

    pub(crate) fn requires(&self) -> &[Requirement] {
        self.identity.as_ref().map_or(&[], |identity| &identity.requires)
    }

    pub(crate) fn optional_requires(&self) -> &[Requirement] {
        self.identity.as_ref().map_or(&[], |identity| &identity.optional_requires)
    }

    /// Returns the services that it requires.
    pub fn requires_services(&self) -> &[ServiceType] {
        self.identity.as_ref().map_or(&[], |identity| &identity.metadata.requires_services)
    }

    /// Returns the services that it uses if they are provided.
    pub(crate) fn optional_requires_services(&self) -> &[ServiceType] {
        self.identity.as_ref().map_or(&[], |identity| &identity.metadata.optional_requires_services)
    }
}
