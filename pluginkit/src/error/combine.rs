//! Several errors as one, and errors that list similar names.

use crate::base::name::PluginId;
use crate::base::similar::{Known, Listed};
use crate::error::Error;

impl Error {
    /// Returns the single errors: the errors in a [`Several`](Self::Several), or this error.
    pub fn errors(&self) -> &[Error] {
        match self {
            Self::Several { errors } => errors,
            other => std::slice::from_ref(other),
        }
    }

    /// Returns all of `errors` as one, if there are any.
    #[cfg(feature = "macros")]
    #[doc(hidden)]
    pub fn all(errors: Vec<Error>) -> Result<(), Error> {
        if errors.is_empty() { Ok(()) } else { Err(Self::joined(errors)) }
    }

    /// Returns `errors`, of which there is at least one, as one. No [`Several`](Self::Several) contains another.
    #[cfg(feature = "macros")]
    fn joined(errors: Vec<Error>) -> Error {
        let mut flat = Vec::with_capacity(errors.len());
        for error in errors {
            match error {
                Self::Several { mut errors } => flat.append(&mut errors),
                error => flat.push(error),
            }
        }
        if flat.len() == 1 { flat.remove(0) } else { Self::Several { errors: flat } }
    }

    /// Returns this error with the failures of the rollback after it.
    #[cfg(feature = "macros")]
    #[doc(hidden)]
    #[must_use]
    pub fn with_rollback(self, mut errors: Vec<Error>) -> Error {
        match self {
            Self::Start { plugin, phase, source, mut rollback } => {
                rollback.append(&mut errors);
                Self::Start { plugin, phase, source, rollback }
            }
            other => {
                errors.insert(0, other);
                Self::joined(errors)
            }
        }
    }

    /// Returns this error of an operation with the failures of plugins that others may do without. This error is the first,
    /// unless the failures may be its cause.
    #[cfg(feature = "macros")]
    #[doc(hidden)]
    #[must_use]
    pub fn with_spared(self, mut spared: Vec<Error>) -> Error {
        let is_caused = matches!(self, Self::UnmetDependencies { .. } | Self::DependencyNotStarted { .. });
        spared.insert(if is_caused { spared.len() } else { 0 }, self);
        Self::joined(spared)
    }

    /// Returns the error that no registered plugin has this name.
    #[doc(hidden)]
    pub fn unknown_plugin(name: &str, registered: &[PluginId]) -> Self {
        let Listed { names, others } = Known::new(registered.iter().map(PluginId::as_str)).nearest(name);
        Self::UnknownPlugin { plugin: name.into(), registered: ids(names), others }
    }

    /// Returns the error that no linked plugin has this id.
    #[cfg(feature = "macros")]
    #[doc(hidden)]
    pub fn not_linked(id: &PluginId, linked: &Known<'_>, is_crate_linked: bool) -> Self {
        let Listed { names, others } = linked.nearest(id);
        Self::NotLinked { plugin: id.clone(), linked: ids(names), others, is_crate_linked }
    }
}

fn ids(names: Vec<&str>) -> Vec<PluginId> {
    names.into_iter().map(PluginId::from).collect()
}
