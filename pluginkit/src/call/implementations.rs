//! [`Implementations`]: which implementations a call runs, and which it leaves out.

use std::ops::Deref;

use crate::plugin::LeftOut;
use crate::plugin::implementation::ImplementationInfo;

/// The implementations of a point: those that a call would run now, and those that it would [leave out](Self::left_out).
///
/// It dereferences to the slice of those that run, in call order: `len()`, `iter()` and `[0]` are those of the slice.
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
/// let pm = PluginManager::new("feed");
/// pm.add_extension_points(Specs)?;
/// pm.register_fn("news", Specs::fetch, |args| format!("news of the {}", args.topic))?;
/// pm.register_fn("weather", Specs::fetch, |args| format!("sun at the {}", args.topic))?;
/// pm.disable("weather", "no sensor")?;
/// let implementations = pm.caller(Specs::fetch).implementations();
/// assert_eq!(implementations.len(), 1);
/// assert_eq!(implementations[0].plugin, "news");
/// let (weather, why) = &implementations.left_out()[0];
/// assert_eq!(format!("{}: {why}", weather.plugin), "weather: disabled: no sensor");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Implementations {
    runs: Vec<ImplementationInfo>,
    left_out: Vec<(ImplementationInfo, LeftOut)>,
}

impl Implementations {
    pub(crate) fn new(runs: Vec<ImplementationInfo>, left_out: Vec<(ImplementationInfo, LeftOut)>) -> Self {
        Self { runs, left_out }
    }

    /// Returns the implementations that a call would leave out, each with the reason: those of disabled plugins, those
    /// of plugins whose [state](crate::guide::lifecycle#calls) keeps them out of calls, and those that are turned off by
    /// their [options](crate::Options::enabled).
    ///
    /// A view, such as [`without`](crate::calls::Handle::without), has the same as the caller that it was made from.
    pub fn left_out(&self) -> &[(ImplementationInfo, LeftOut)] {
        &self.left_out
    }
}

// Hidden, as the page would have each method of slices.
#[doc(hidden)]
impl Deref for Implementations {
    type Target = [ImplementationInfo];

    fn deref(&self) -> &[ImplementationInfo] {
        &self.runs
    }
}

impl IntoIterator for Implementations {
    type Item = ImplementationInfo;
    type IntoIter = std::vec::IntoIter<ImplementationInfo>;

    fn into_iter(self) -> Self::IntoIter {
        self.runs.into_iter()
    }
}

impl<'i> IntoIterator for &'i Implementations {
    type Item = &'i ImplementationInfo;
    type IntoIter = std::slice::Iter<'i, ImplementationInfo>;

    fn into_iter(self) -> Self::IntoIter {
        self.runs.iter()
    }
}

impl From<Implementations> for Vec<ImplementationInfo> {
    /// Returns the implementations that a call would run.
    fn from(implementations: Implementations) -> Self {
        implementations.runs
    }
}
