//! The versions of specs that a plugin can extend.

use semver::{Version, VersionReq};

use crate::base::name::PluginId;
use crate::error::Error;
use crate::plugin::MetadataField;
use crate::plugin::implementation::Contribution;
use crate::registry::State;
use crate::spec::point::{Origin, PointInfo};

/// Refuses a contribution that requires another version of its specs than the linked one.
pub(super) fn check_version(plugin: &PluginId, contribution: &Contribution) -> Result<(), Error> {
    check_version_of(plugin, contribution.options.requires, contribution.info, contribution.origin)
}

/// Refuses an implementation of `point` that `requires` another version of its specs than that of `origin`.
pub(crate) fn check_version_of(
    plugin: &PluginId,
    requires: Option<&str>,
    point: &'static PointInfo,
    origin: Origin,
) -> Result<(), Error> {
    let Some(required) = requires else { return Ok(()) };
    let wrong = |field, value: &str, error: &semver::Error| Error::InvalidMetadata {
        plugin: plugin.clone(),
        field,
        value: value.into(),
        reason: error.to_string().into(),
    };
    let range =
        VersionReq::parse(required).map_err(|error| wrong(MetadataField::Requirement, required, &error))?;
    let found = origin.version;
    if let Some(version) = found {
        let version =
            Version::parse(version).map_err(|error| wrong(MetadataField::Version, version, &error))?;
        if range.matches(&version) {
            return Ok(());
        }
    }
    Err(Error::SpecsVersion {
        plugin: plugin.clone(),
        point,
        required: required.into(),
        found: found.map(Into::into),
    })
}

impl State {
    /// Returns the error that the manager lacks the specs of `contribution`, or has another version of them. Two
    /// versions of one crate have different types, and a manager may have either.
    pub(super) fn unknown_specs(&self, plugin: &PluginId, contribution: &Contribution) -> Error {
        let (plugin, point, own) = (plugin.clone(), contribution.info, contribution.origin);
        let mut slots = self.points.iter().map(|point| &point.slot);
        let other =
            slots.find(|slot| slot.info.specs == point.specs && slot.origin.is_another_version_of(own));
        match (other, own.version) {
            (Some(other), Some(version)) => {
                let found = other.origin.version.map(Into::into);
                Error::SpecsVersion { plugin, point, required: version.into(), found }
            }
            _ => Error::UnknownSpecs { plugin, point },
        }
    }
}
