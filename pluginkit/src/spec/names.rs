//! [`PluginNames`]: the names in `before` and `after`.
#![forbid(unsafe_code)]

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use crate::base::name::PluginId;

/// The names of plugins in [`before`](crate::Options::before) and [`after`](crate::Options::after): a slice of
/// [`PluginId`]s.
///
/// A name, an array, a slice or a `Vec` of names converts to a `PluginNames`. Names may be made at run time:
///
/// ```
/// use pluginkit::Options;
///
/// let region = "eu";
/// let options = Options::new().before(format!("audit-{region}")).after(["auth", "log"]);
/// assert_eq!(options.before, ["audit-eu"]);
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct PluginNames(List);

#[derive(Clone, Default, PartialEq, Eq)]
enum List {
    #[default]
    Empty,
    /// Each is an id or an alias.
    Names(Arc<[PluginId]>),
    #[cfg_attr(
        not(all(feature = "config", feature = "macros")),
        allow(dead_code, reason = "the names of configurations")
    )]
    Ids(Arc<[PluginId]>),
}

impl PluginNames {
    /// Returns no names.
    pub const fn new() -> Self {
        Self(List::Empty)
    }

    fn of<N: Into<PluginId>>(names: impl IntoIterator<Item = N>) -> Self {
        let names: Arc<[PluginId]> = names.into_iter().map(Into::into).collect();
        Self(if names.is_empty() { List::Empty } else { List::Names(names) })
    }

    /// Returns names that mean plugins with these ids, and no plugin with such an alias.
    #[cfg(all(feature = "config", feature = "macros"))]
    #[doc(hidden)]
    pub fn ids(ids: impl IntoIterator<Item = PluginId>) -> Self {
        let ids: Arc<[PluginId]> = ids.into_iter().collect();
        Self(if ids.is_empty() { List::Empty } else { List::Ids(ids) })
    }

    /// Returns whether the names mean plugins with these ids only.
    pub(crate) fn are_ids(&self) -> bool {
        matches!(self.0, List::Ids(_))
    }

    /// Returns whether `name`, which is one of them, means the plugin with this id, of which it is a name.
    pub(crate) fn mean(&self, name: &str, id: &PluginId) -> bool {
        !self.are_ids() || id.as_str() == name
    }
}

impl Deref for PluginNames {
    type Target = [PluginId];

    fn deref(&self) -> &[PluginId] {
        match &self.0 {
            List::Empty => &[],
            List::Names(names) | List::Ids(names) => names,
        }
    }
}

impl<'n> IntoIterator for &'n PluginNames {
    type Item = &'n PluginId;
    type IntoIter = std::slice::Iter<'n, PluginId>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl From<&str> for PluginNames {
    fn from(name: &str) -> Self {
        Self::of([name])
    }
}

impl From<String> for PluginNames {
    fn from(name: String) -> Self {
        Self::of([name])
    }
}

impl From<&String> for PluginNames {
    fn from(name: &String) -> Self {
        Self::of([name])
    }
}

impl From<PluginId> for PluginNames {
    fn from(name: PluginId) -> Self {
        Self::of([name])
    }
}

impl From<&PluginId> for PluginNames {
    fn from(name: &PluginId) -> Self {
        Self::of([name])
    }
}

impl<N: Into<PluginId>, const COUNT: usize> From<[N; COUNT]> for PluginNames {
    fn from(names: [N; COUNT]) -> Self {
        Self::of(names)
    }
}

impl<'n, N, const COUNT: usize> From<&'n [N; COUNT]> for PluginNames
where
    PluginId: From<&'n N>,
{
    fn from(names: &'n [N; COUNT]) -> Self {
        Self::of(names)
    }
}

impl<'n, N> From<&'n [N]> for PluginNames
where
    PluginId: From<&'n N>,
{
    fn from(names: &'n [N]) -> Self {
        Self::of(names)
    }
}

impl<N: Into<PluginId>> From<Vec<N>> for PluginNames {
    fn from(names: Vec<N>) -> Self {
        Self::of(names)
    }
}

impl<'n, N> From<&'n Vec<N>> for PluginNames
where
    PluginId: From<&'n N>,
{
    fn from(names: &'n Vec<N>) -> Self {
        Self::of(names)
    }
}

impl<N: Into<PluginId>> FromIterator<N> for PluginNames {
    fn from_iter<I: IntoIterator<Item = N>>(names: I) -> Self {
        Self::of(names)
    }
}

impl<N, const COUNT: usize> PartialEq<[N; COUNT]> for PluginNames
where
    PluginId: PartialEq<N>,
{
    fn eq(&self, other: &[N; COUNT]) -> bool {
        **self == *other.as_slice()
    }
}

impl fmt::Debug for PluginNames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}
