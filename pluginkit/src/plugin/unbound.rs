//! [`UnboundName`]: a name of a plugin that binds nothing.

use std::fmt;

use crate::base::name::PluginId;
use crate::spec::point::PointInfo;

/// A name of a plugin, or of a point in a configuration, that has no effect, because nothing has that name.
///
/// This may be right: another program, or a later registration, may have the plugin. Otherwise it is a mistake, and
/// [`suggestion`](Self::suggestion) is the name that was probably meant.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct UnboundName {
    /// The name.
    pub name: PluginId,
    /// The place of the name.
    pub place: NamePlace,
    /// A similar name.
    pub suggestion: Option<PluginId>,
}

/// The place of an [`UnboundName`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(tag = "kind", rename_all = "snake_case"))]
#[non_exhaustive]
pub enum NamePlace {
    /// `before` of an implementation.
    #[non_exhaustive]
    Before {
        /// The plugin of the implementation.
        plugin: PluginId,
        /// The point of the implementation.
        #[cfg_attr(feature = "serde", serde(serialize_with = "crate::base::serialize::text"))]
        point: &'static PointInfo,
    },
    /// `after` of an implementation.
    #[non_exhaustive]
    After {
        /// The plugin of the implementation.
        plugin: PluginId,
        /// The point of the implementation.
        #[cfg_attr(feature = "serde", serde(serialize_with = "crate::base::serialize::text"))]
        point: &'static PointInfo,
    },
    /// `without` of a caller.
    #[non_exhaustive]
    Without {
        /// The point of the caller.
        #[cfg_attr(feature = "serde", serde(serialize_with = "crate::base::serialize::text"))]
        point: &'static PointInfo,
    },
    /// `only` of a caller.
    #[non_exhaustive]
    Only {
        /// The point of the caller.
        #[cfg_attr(feature = "serde", serde(serialize_with = "crate::base::serialize::text"))]
        point: &'static PointInfo,
    },
    /// `within_group` of a caller. The name is that of a group.
    #[non_exhaustive]
    Group {
        /// The point of the caller.
        #[cfg_attr(feature = "serde", serde(serialize_with = "crate::base::serialize::text"))]
        point: &'static PointInfo,
    },
    /// `except` of a discovery.
    Except,
    /// `disabled`, or an entry with `enabled = false`, of a configuration.
    Disabled,
    /// The point in `[extension.<id>.<point>]` of a configuration.
    #[non_exhaustive]
    Extension {
        /// The plugin, which extends no point of that name.
        plugin: PluginId,
    },
}

impl fmt::Display for UnboundName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.name;
        match &self.place {
            NamePlace::Before { plugin, point } => write!(
                f,
                "plugin `{plugin}` is to run before `{name}` at `{point}`, but no plugin of that name extends it"
            )?,
            NamePlace::After { plugin, point } => write!(
                f,
                "plugin `{plugin}` is to run after `{name}` at `{point}`, but no plugin of that name extends it"
            )?,
            NamePlace::Without { point } => {
                write!(f, "a caller of `{point}` leaves out `{name}`, but no plugin has that name")?;
            }
            NamePlace::Only { point } => {
                write!(f, "a caller of `{point}` is to call `{name}`, but no plugin has that name")?;
            }
            NamePlace::Group { point } => {
                write!(
                    f,
                    "a caller of `{point}` is to call the group `{name}`, but the configuration has no such group"
                )?;
            }
            NamePlace::Disabled => {
                write!(f, "the configuration turns off `{name}`, but no plugin has that name")?;
            }
            NamePlace::Except => {
                write!(f, "a discovery leaves out `{name}`, but no linked plugin has that name")?;
            }
            NamePlace::Extension { plugin } => write!(
                f,
                "the configuration has options of plugin `{plugin}` at `{name}`, but the plugin extends no point of that name"
            )?,
        }
        match &self.suggestion {
            Some(suggestion) => write!(f, "; did you mean `{suggestion}`?"),
            None => Ok(()),
        }
    }
}
