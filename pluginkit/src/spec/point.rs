//! Extension points: the traits that `#[extension_point]` implements.
//!
//! A point can also be written by hand: see [`PointTypes`].
#![forbid(unsafe_code)]

use std::any::TypeId;
use std::borrow::Cow;
use std::fmt;

use crate::erased::{Object, Shared};
use crate::spec::failure_policy::FailurePolicy;
use crate::spec::instance::Instance;
#[cfg(feature = "async")]
use crate::spec::waiting::WaitingExtension;

/// The way in which a call combines the answers of extensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Mode {
    /// Every extension runs. The call returns all results.
    Collecting,
    /// Extensions run until one answers. The call returns that answer.
    FirstResult,
    /// One argument passes through every extension. The call returns its last value.
    Pipeline,
    /// Like collecting. The call is remembered, and replayed to plugins that are registered later.
    Historic,
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Collecting => "collecting",
            Self::FirstResult => "firstresult",
            Self::Pipeline => "pipeline",
            Self::Historic => "historic",
        })
    }
}

/// The properties of an extension point that do not depend on its types.
///
/// A `PointInfo` displays as `Specs::fetch`, and a point of generic specs as `Plugin<Wry>::initialize`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct PointInfo {
    /// The name of the specs.
    pub specs: &'static str,
    /// The name of the point, like `fetch`.
    pub name: &'static str,
    /// The mode of its calls.
    pub mode: Mode,
    /// The names of its arguments, in order.
    pub args: &'static [&'static str],
    /// The default failure policy of the point.
    pub failure_policy: FailurePolicy,
    /// Whether the point has a default body that the fast path knows of.
    pub(crate) has_default_body: bool,
    /// The instantiation of generic specs.
    instance: Option<Instance>,
}

impl PointInfo {
    /// Returns the properties of a point with these names, mode and arguments, and the policy
    /// [`FailFast`](FailurePolicy::FailFast).
    pub const fn new(
        specs: &'static str,
        name: &'static str,
        mode: Mode,
        args: &'static [&'static str],
    ) -> Self {
        let failure_policy = FailurePolicy::FailFast;
        Self { specs, name, mode, args, failure_policy, has_default_body: false, instance: None }
    }

    /// Says that the point has a [default body](Points::set_default), which then takes no slower path than the extensions
    /// of the point.
    #[must_use]
    pub const fn with_default_body(self) -> Self {
        Self { has_default_body: true, ..self }
    }

    /// Sets the default failure policy of the point.
    #[must_use]
    pub const fn with_failure_policy(self, failure_policy: FailurePolicy) -> Self {
        Self { failure_policy, ..self }
    }

    /// Makes this a point of `S`, an instantiation of generic specs. Points of other instantiations are not equal to it.
    #[must_use]
    pub const fn of_instance<S: Specs>(self) -> Self {
        Self { instance: Some(Instance::of::<S>()), ..self }
    }

    /// Returns the name of the specs, with the type arguments of generic specs: `Plugin<Wry>`.
    pub fn specs_name(&self) -> Cow<'static, str> {
        match self.instance {
            None => Cow::Borrowed(self.specs),
            Some(instance) => Cow::Owned(instance.name()),
        }
    }

    /// Returns the name of an instantiation of generic specs with all modules.
    #[cfg(all(feature = "config", feature = "macros"))]
    #[doc(hidden)]
    pub fn specs_path(&self) -> Option<&'static str> {
        self.instance.map(Instance::path)
    }

    /// Returns the specs as an expression: `Specs`, or `Plugin::<Wry>::SPECS`.
    pub(crate) fn specs_value(&self) -> Cow<'static, str> {
        match self.instance {
            None => Cow::Borrowed(self.specs),
            Some(instance) => Cow::Owned(format!("{}::SPECS", instance.name().replacen('<', "::<", 1))),
        }
    }
}

#[expect(clippy::missing_fields_in_debug, reason = "the name of the specs has the instance")]
impl fmt::Debug for PointInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("PointInfo");
        shown.field("specs", &self.specs_name()).field("name", &self.name).field("mode", &self.mode);
        shown.field("args", &self.args).field("failure_policy", &self.failure_policy).finish()
    }
}

/// Writes the properties, and under `id` the text by which others refer to the point: `Specs::fetch`.
#[cfg(feature = "serde")]
impl serde::Serialize for PointInfo {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;

        let mut shape = serializer.serialize_struct("PointInfo", 6)?;
        shape.serialize_field("id", &format_args!("{self}"))?;
        shape.serialize_field("specs", &self.specs_name())?;
        shape.serialize_field("name", self.name)?;
        shape.serialize_field("mode", &self.mode)?;
        shape.serialize_field("args", self.args)?;
        shape.serialize_field("failure_policy", &self.failure_policy)?;
        shape.end()
    }
}

impl fmt::Display for PointInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}::{}", self.specs_name(), self.name)
    }
}

/// A set of extension points.
///
/// `#[extension_point]` turns a trait into a unit struct that implements `Specs`, and a generic trait into a generic struct
/// with the value `SPECS`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not declare extension points",
    label = "not a set of specs",
    note = "put `#[extension_point]` on the trait that declares the points, and pass its name, or `Specs::<Type>::SPECS` of a generic one"
)]
// Hidden from editors only, which would offer the items beside the points after `Specs::`.
pub trait Specs: Copy + Send + Sync + 'static {
    /// The name of the specs.
    #[cfg_attr(not(doc), doc(hidden))]
    const NAME: &'static str;

    /// The project of the specs. A manager of another project rejects them.
    #[cfg_attr(not(doc), doc(hidden))]
    const PROJECT: Option<&'static str>;

    /// The version of the specs, which extensions can [require](crate::Options::requires).
    #[cfg_attr(not(doc), doc(hidden))]
    const VERSION: Option<&'static str> = None;

    /// The module of the specs. Module and name together identify the specs in every version.
    #[cfg_attr(not(doc), doc(hidden))]
    const MODULE: &'static str = "";

    /// Adds every point to `points`, in the order of declaration.
    #[cfg_attr(not(doc), doc(hidden))]
    fn declare(points: &mut Points);
}

/// The module and the version of the specs of a point.
#[derive(Clone, Copy)]
pub(crate) struct Origin {
    pub(crate) module: &'static str,
    pub(crate) version: Option<&'static str>,
}

impl Origin {
    pub(crate) fn of<S: Specs>() -> Self {
        Self { module: S::MODULE, version: S::VERSION }
    }

    /// Returns whether specs of one name with these origins are versions of each other.
    pub(crate) fn is_another_version_of(self, other: Self) -> bool {
        !self.module.is_empty() && self.module == other.module && self.version != other.version
    }
}

/// A point without its types.
#[derive(Clone, Copy)]
#[allow(missing_debug_implementations, reason = "public for `__core` only")]
pub struct Key {
    pub(crate) id: TypeId,
    pub(crate) info: &'static PointInfo,
    pub(crate) origin: Origin,
}

impl Key {
    /// Returns the key of the point `P`.
    pub fn of<P: PointTypes>() -> Self {
        Self { id: TypeId::of::<P>(), info: P::INFO, origin: Origin::of::<P::Specs>() }
    }
}

/// The list to which [`Specs::declare`] adds points.
#[derive(Default)]
pub struct Points {
    pub(crate) declared: Vec<Declared>,
}

/// One declared point, without its type.
#[allow(missing_debug_implementations, reason = "public for `__core` only")]
pub struct Declared {
    pub(crate) id: TypeId,
    pub(crate) info: &'static PointInfo,
    pub(crate) origin: Origin,
    pub(crate) offloads: bool,
    /// The default body of the point: a `P::Extension`.
    pub(crate) default_body: Option<Object>,
}

impl Points {
    /// Returns the points that `declare` adds.
    #[doc(hidden)]
    pub fn of(declare: impl FnOnce(&mut Self)) -> Vec<Declared> {
        let mut points = Self::default();
        declare(&mut points);
        points.declared
    }

    /// Adds the point `P` to an async manager.
    #[cfg(feature = "async")]
    pub fn add_async<P: AsyncPointTypes>(&mut self) {
        self.declare(Key::of::<P>(), P::OFFLOADS);
    }

    /// Adds the point `P`.
    pub fn add<P: PointTypes>(&mut self) {
        self.declare(Key::of::<P>(), false);
    }

    /// Sets the default body of the point `P`, which was added last: an extension that runs if no other has answered.
    ///
    /// It counts as the plugin `(default)`. A historic point has none.
    pub fn set_default<P: PointTypes>(&mut self, extension: Shared<P::Extension>) {
        if let Some(last) = self.declared.last_mut().filter(|last| last.id == TypeId::of::<P>()) {
            last.default_body = Some(Object::new(extension)).filter(|_| last.info.mode != Mode::Historic);
        }
    }

    fn declare(&mut self, point: Key, offloads: bool) {
        let Key { id, info, origin } = point;
        self.declared.push(Declared { id, info, origin, offloads, default_body: None });
    }
}

impl fmt::Debug for Points {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.declared.iter().map(|point| point.info)).finish()
    }
}

/// An extension point, with its types. A point is a zero-sized type with one value, like `Specs::fetch`.
///
/// A point with a caller is an [`ExtensionPoint`](crate::ExtensionPoint).
///
/// `#[extension_point]` implements this trait. A point that is written by hand has an object-safe trait with the
/// signature of the call, and a few lines that define its calls:
///
/// ```
/// use std::ops::Deref;
///
/// use pluginkit::kind::Synchronous;
/// use pluginkit::manual::*;
/// use pluginkit::points::{Mode, PointInfo};
/// use pluginkit::{Options, PluginManager};
///
/// // The trait of the extensions.
/// pub trait Fetch: Send + Sync {
///     fn fetch(&self, topic: &str) -> String;
/// }
///
/// // The arguments of a call, and the way in which they reach an extension.
/// struct FetchArgs<'a> {
///     topic: &'a str,
/// }
/// impl Arguments<FetchPoint, String> for FetchArgs<'_> {
///     fn call(&mut self, extension: &dyn Fetch, _last: bool) -> String {
///         extension.fetch(self.topic)
///     }
/// }
/// impl WrapArguments<FetchPoint, Vec<String>> for FetchArgs<'_> {
///     fn wrap(self, wrapper: &NoWrapper, _: Rest<'_, FetchPoint>) -> Vec<String> {
///         match *wrapper {}
///     }
/// }
///
/// // The specs, with one constant per point.
/// #[derive(Clone, Copy)]
/// pub struct Feed;
/// #[allow(non_upper_case_globals)]
/// impl Feed {
///     pub const fetch: FetchPoint = FetchPoint;
/// }
/// impl Specs for Feed {
///     const NAME: &'static str = "Feed";
///     const PROJECT: Option<&'static str> = None;
///     fn declare(points: &mut Points) {
///         points.add::<FetchPoint>();
///     }
/// }
///
/// // The point: its types, and its calls.
/// #[derive(Clone, Copy)]
/// pub struct FetchPoint;
/// impl PointTypes for FetchPoint {
///     type Specs = Feed;
///     type Extension = dyn Fetch;
///     type Wrapper = NoWrapper;
///     const INFO: &'static PointInfo = &PointInfo::new("Feed", "fetch", Mode::Collecting, &["topic"]);
/// }
///
/// // Its caller.
/// #[derive(Clone, Debug)]
/// pub struct FetchCaller(Handle<FetchPoint>);
/// impl Callable<Synchronous> for FetchPoint {
///     type Caller = FetchCaller;
/// }
/// impl PointCaller<FetchPoint, Synchronous> for FetchCaller {
///     fn new(handle: Handle<FetchPoint>) -> Self {
///         Self(handle)
///     }
/// }
/// impl Deref for FetchCaller {
///     type Target = Handle<FetchPoint>;
///     fn deref(&self) -> &Handle<FetchPoint> {
///         &self.0
///     }
/// }
/// impl FetchCaller {
///     pub fn call(&self, topic: &str) -> Vec<String> {
///         self.dispatch().collect::<Values, _, _>(FetchArgs { topic })
///     }
/// }
///
/// // A plugin is any value; its extensions are ordinary impls.
/// struct Weather;
/// impl Fetch for Weather {
///     fn fetch(&self, topic: &str) -> String {
///         format!("weather[{topic}]")
///     }
/// }
///
/// # fn main() -> Result<(), pluginkit::Error> {
/// let pm = PluginManager::new("feed");
/// pm.add_extension_points(Feed)?;
/// pluginkit::PluginBuilder::new(Weather).object(Feed::fetch, Options::new(), |weather| weather).register(&pm)?;
/// assert_eq!(pm.caller(Feed::fetch).call("harbor"), ["weather[harbor]"]);
/// # Ok(())
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an extension point",
    label = "expected one of a specs' constants, like `Specs::fetch`"
)]
pub trait PointTypes: Copy + Send + Sync + 'static {
    /// The specs of the point.
    type Specs: Specs;
    /// The object-safe trait of its extensions, as `dyn Trait`.
    type Extension: ?Sized + Send + Sync + 'static;
    /// The object-safe trait of its wrappers, as `dyn Trait`, or [`NoWrapper`].
    type Wrapper: ?Sized + Send + Sync + 'static;
    /// The properties of the point that do not depend on its types.
    const INFO: &'static PointInfo;
}

/// The wrapper type of a point without wrappers.
#[derive(Clone, Copy, Debug)]
pub enum NoWrapper {}

/// Maps specs and the name of a point to the type of the point.
///
/// `NAME` is the 64-bit FNV-1a hash of the name. `#[extension_point]` implements it, so that `#[extension]` finds a point
/// by any import path of its specs.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no extension point of this name",
    label = "not one of its extension points",
    note = "rename the method to a point of the specs, or name the point: `#[extension(target = \"name\")]`"
)]
pub trait HasPoint<const NAME: u64> {
    /// The point of that name.
    type Point: PointTypes;
    /// Its arguments.
    type Args<'x>;
    /// Its return type.
    type Return<'x>;
    /// The outcome of its calls.
    type Outcome<'x>;
}

/// A point with wrappers.
#[diagnostic::on_unimplemented(
    message = "a historic point takes no wrappers",
    label = "nothing runs around a call that is remembered for later plugins",
    note = "write an ordinary extension, or observe the point with `pm.observe(…)`"
)]
pub trait Wrappable: PointTypes {
    /// The `next` of a wrapper that takes arguments.
    type Next<'n>;

    /// Does nothing. Expansions check by its name that a point has wrappers.
    #[doc(hidden)]
    fn wraps() {}
}

/// Specs for async managers.
#[cfg(feature = "async")]
pub trait AsyncSpecs: Specs {
    /// Adds every point to `points`, in the order of declaration.
    #[cfg_attr(not(doc), doc(hidden))]
    fn declare_async(points: &mut Points);
}

/// A point with `async fn` extensions.
#[cfg(feature = "async")]
pub trait AsyncPointTypes: PointTypes {
    /// The object-safe trait of its async extensions, as `dyn Trait`.
    type AsyncExtension: ?Sized + Send + Sync + 'static;
    /// The object-safe trait of its async wrappers, as `dyn Trait`, or [`NoWrapper`].
    type AsyncWrapper: ?Sized + Send + Sync + 'static;
    /// Whether the arguments have an owned form that can move to the blocking pool: see
    /// [`AsyncArguments::offload`](crate::manual::AsyncArguments::offload).
    const OFFLOADS: bool = false;

    /// Returns an async extension as a sync extension that waits for it; `None` if the point does not support this.
    fn awaited(extension: &WaitingExtension) -> Option<&Self::Extension> {
        let _ = extension;
        None
    }
}

/// A point with async wrappers.
#[cfg(feature = "async")]
#[diagnostic::on_unimplemented(
    message = "a historic point takes no wrappers",
    label = "nothing runs around a call that is remembered for later plugins",
    note = "write an ordinary extension, or observe the point with `pm.observe(…)`"
)]
pub trait AsyncWrappable: AsyncPointTypes {
    /// The `next` of a wrapper that takes arguments.
    type AsyncNext<'n>;
}
