//! Functions that expansions of `#[plugin]` call to make a plugin.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

#[cfg(feature = "config")]
use crate::base::drops::Foreign;
#[cfg(feature = "config")]
use crate::loading::construct::Keep;
use crate::loading::{BuildError, Construct, Made, Outcome, Settings};
use crate::manager::staging::{staged, staged_fn};
use crate::plugin::bind::{BindFn, Binder};
use crate::plugin::{Plugin, PluginMetadata};
use crate::registry::Staged;
use crate::spec::options::Options;
use crate::spec::point::PointTypes;
use crate::spec::point::Specs;

/// Returns a plugin that `build` makes without settings.
///
/// # Errors
///
/// Returns the error of `build`.
pub fn built<T, R>(settings: &Settings<'_>, build: impl FnOnce() -> R) -> Result<Made, BuildError>
where
    T: Send + Sync + 'static,
    R: Outcome<T>,
{
    let plugin = build().outcome().map_err(BuildError::Factory)?;
    Ok(Made { staged: staged(Some(settings.id.clone()), plugin), keep: None })
}

/// Returns a plugin that `build` makes of its settings.
///
/// # Errors
///
/// If the settings are wrong, or it failed.
#[cfg(feature = "config")]
pub fn configured<T, C, R>(settings: &Settings<'_>, build: impl FnOnce(C) -> R) -> Result<Made, BuildError>
where
    T: Send + Sync + 'static,
    C: serde::de::DeserializeOwned + Send + Sync + 'static,
    R: Outcome<T>,
{
    let config = Foreign::new(settings.read::<C>()?, None);
    // One for the plugin, one for its phases: they need not be `Clone`.
    let kept: C = settings.read()?;
    let keep = Foreign::new(
        Box::new(move |map: &crate::base::state::StateMap| drop(map.insert(kept))) as Keep,
        None,
    );
    let plugin = build(config.into_inner()).outcome().map_err(BuildError::Factory)?;
    Ok(Made { staged: staged(Some(settings.id.clone()), plugin), keep: Some(keep) })
}

/// Returns a plugin that is a closure.
///
/// # Errors
///
/// Returns an error if there are settings: a function takes none.
#[cfg_attr(
    not(feature = "config"),
    allow(clippy::unnecessary_wraps, reason = "there are no settings to refuse")
)]
pub(super) fn closure<P, F>(
    settings: &Settings<'_>,
    metadata: PluginMetadata,
    _point: P,
    call: F,
) -> Result<Made, BuildError>
where
    P: BindFn<F>,
{
    #[cfg(feature = "config")]
    settings.refuse()?;
    let mut staged = staged_fn::<P, F>(settings.id.clone(), Options::new(), call);
    staged.metadata = Some(metadata);
    Ok(Made { staged, keep: None })
}

/// Returns the project of a point.
pub fn project_of<P: PointTypes>(_point: P) -> Option<&'static str> {
    <P::Specs as Specs>::PROJECT
}

/// Returns a plugin that is a function, which `bind` adds.
///
/// # Errors
///
/// Returns an error if there are settings: a function takes none.
#[cfg_attr(
    not(feature = "config"),
    allow(clippy::unnecessary_wraps, reason = "there are no settings to refuse")
)]
pub fn function(
    settings: &Settings<'_>,
    metadata: PluginMetadata,
    bind: impl FnOnce(&mut Binder<Function>),
) -> Result<Made, BuildError> {
    #[cfg(feature = "config")]
    settings.refuse()?;
    let plugin = Arc::new(Function);
    let contributions = Binder::contributions_of(Arc::clone(&plugin), bind);
    let staged =
        Staged::new(settings.id.clone(), "a function", plugin, contributions, Some(metadata), Vec::new());
    Ok(Made { staged, keep: None })
}

/// The plugin value of a function.
#[derive(Debug)]
pub struct Function;

/// A question about a plugin type `T`, made of settings `C`.
pub struct Probe<T, C = ()>(PhantomData<fn() -> (T, C)>);

impl<T, C> Probe<T, C> {
    /// Returns the question.
    #[expect(clippy::new_without_default, reason = "what generated code names")]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<T, C> fmt::Debug for Probe<T, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Probe").finish_non_exhaustive()
    }
}

/// The answer for a type that implements `Default`.
pub trait ByDefault {
    /// Returns the construction by `Default`.
    fn construct(&self) -> Option<Construct>;
}

impl<T: Plugin + Default + Send + Sync + 'static> ByDefault for Probe<T> {
    fn construct(&self) -> Option<Construct> {
        Some(Construct::new(|settings| built::<T, T>(settings, T::default)))
    }
}

/// The answer for a type that does not implement `Default`.
pub trait ByNobody {
    /// Returns `None`: nothing can make the plugin.
    fn construct(&self) -> Option<Construct>;
}

impl<T> ByNobody for &Probe<T> {
    fn construct(&self) -> Option<Construct> {
        None
    }
}

/// The answer for a type that is converted from its settings.
#[cfg(feature = "config")]
pub trait FromSettings {
    /// Returns the construction by `TryFrom`.
    fn way(&self) -> Converted;
}

#[cfg(feature = "config")]
impl<T: TryFrom<C>, C> FromSettings for Probe<T, C> {
    fn way(&self) -> Converted {
        Converted
    }
}

/// The answer for a type that reads its settings when it starts.
#[cfg(feature = "config")]
pub trait BesideSettings {
    /// Returns the construction by `Default`.
    fn way(&self) -> Beside;
}

#[cfg(feature = "config")]
impl<T, C> BesideSettings for &Probe<T, C> {
    fn way(&self) -> Beside {
        Beside
    }
}

/// The construction of a plugin from its settings, by `TryFrom`.
#[cfg(feature = "config")]
#[derive(Debug)]
pub struct Converted;

#[cfg(feature = "config")]
impl Converted {
    /// Makes the plugin.
    ///
    /// # Errors
    ///
    /// Returns the mistakes in the settings, or the error of the conversion.
    pub fn make<T, C>(self, settings: &Settings<'_>) -> Result<Made, BuildError>
    where
        T: TryFrom<C> + Send + Sync + 'static,
        T::Error: Into<crate::BoxError>,
        C: serde::de::DeserializeOwned + Send + Sync + 'static,
    {
        configured::<T, C, _>(settings, T::try_from)
    }
}

/// The construction of a plugin by `Default`. Its settings are kept for its phases.
#[cfg(feature = "config")]
#[derive(Debug)]
pub struct Beside;

#[cfg(feature = "config")]
impl Beside {
    /// Makes the plugin.
    ///
    /// # Errors
    ///
    /// Returns the mistakes in the settings.
    pub fn make<T, C>(self, settings: &Settings<'_>) -> Result<Made, BuildError>
    where
        T: BuiltFrom<C>,
        C: serde::de::DeserializeOwned + Send + Sync + 'static,
    {
        configured::<T, C, _>(settings, |_| T::default())
    }
}

/// A type that `Default` can make. For other types, the compiler's message names the ways to make a plugin of its
/// settings.
#[cfg(feature = "config")]
#[diagnostic::on_unimplemented(
    message = "nothing says how a `{Self}` is made of its `{C}`",
    label = "no way to make the plugin",
    note = "implement `From<{C}>` or `TryFrom<{C}>` for `{Self}`, name a function with `#[plugin(build = path)]`, or derive `Default` and read the settings with `PluginContext::config`"
)]
pub trait BuiltFrom<C>: Default + Send + Sync + 'static {}
#[cfg(feature = "config")]
impl<T: Default + Send + Sync + 'static, C> BuiltFrom<C> for T {}

/// The answer for settings with a schema.
#[cfg(feature = "schema")]
pub trait Described {
    /// Returns the schema.
    fn schema(&self) -> Option<schemars::Schema>;
}

#[cfg(feature = "schema")]
impl<C: schemars::JsonSchema> Described for Probe<(), C> {
    fn schema(&self) -> Option<schemars::Schema> {
        Some(schemars::SchemaGenerator::default().into_root_schema_for::<C>())
    }
}

/// The answer for settings without a schema.
#[cfg(feature = "schema")]
pub trait Undescribed {
    /// Returns `None`.
    fn schema(&self) -> Option<schemars::Schema>;
}

#[cfg(feature = "schema")]
impl<C> Undescribed for &Probe<(), C> {
    fn schema(&self) -> Option<schemars::Schema> {
        None
    }
}
