//! What an extension point is: the traits that `#[extension_point]` implements.
//!
//! Everything the macro writes can be written by hand: see [`ExtensionPoint`].
#![forbid(unsafe_code)]

use std::any::TypeId;
use std::fmt;
#[cfg(feature = "async")]
use std::sync::Arc;

#[cfg(feature = "async")]
use crate::base::kind::Asynchronous;
use crate::base::kind::Synchronous;
#[cfg(feature = "async")]
use crate::base::runtime::BlockOn;
use crate::call::caller::Callable;
use crate::spec::failure_policy::FailurePolicy;

/// How the calls of a point are dispatched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Mode {
    /// Every extension runs; the call returns all their results.
    Collecting,
    /// Extensions run until one answers; the call returns that answer.
    FirstResult,
    /// One argument passes through every extension; the call returns the last value.
    Pipeline,
    /// Like collecting, and remembered for plugins that come later.
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

/// What is known of an extension point without its types.
///
/// It prints as `Specs::fetch`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct PointInfo {
    /// The name of the specs that declare it.
    pub specs: &'static str,
    /// Its own name.
    pub name: &'static str,
    /// How it is dispatched.
    pub mode: Mode,
    /// The names of its arguments, in order.
    pub args: &'static [&'static str],
    /// What it declares that an extension that fails does to its call.
    pub failure_policy: FailurePolicy,
}

impl PointInfo {
    /// A point called `name` of the specs called `specs`.
    pub const fn new(
        specs: &'static str,
        name: &'static str,
        mode: Mode,
        args: &'static [&'static str],
    ) -> Self {
        Self { specs, name, mode, args, failure_policy: FailurePolicy::FailFast }
    }

    /// The same, of a point that declares this policy.
    #[must_use]
    pub const fn with_failure_policy(self, failure_policy: FailurePolicy) -> Self {
        Self { failure_policy, ..self }
    }
}

impl fmt::Display for PointInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}::{}", self.specs, self.name)
    }
}

/// A set of extension points: what the trait under `#[extension_point]` turns into.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not declare extension points",
    label = "not a set of specs",
    note = "put `#[extension_point]` on the trait that declares the points, and pass its name"
)]
pub trait Specs: Copy + Send + Sync + 'static {
    /// The name the specs were declared under.
    const NAME: &'static str;

    /// The project they belong to; a manager of another project refuses them.
    const PROJECT: Option<&'static str>;

    /// The version of the interface they are, which extensions may [require](crate::Options::requires).
    const VERSION: Option<&'static str> = None;

    /// The module they are declared in: with the name, what they are called in every version.
    const MODULE: &'static str = "";

    /// Names every point to `points`, in the order of declaration.
    fn declare(points: &mut Points);
}

/// Where the specs of a point come from.
#[derive(Clone, Copy)]
pub(crate) struct Origin {
    pub(crate) module: &'static str,
    pub(crate) version: Option<&'static str>,
}

impl Origin {
    pub(crate) fn of<S: Specs>() -> Self {
        Self { module: S::MODULE, version: S::VERSION }
    }

    /// Whether specs of one name that come from both are versions of each other.
    pub(crate) fn is_another_version_of(self, other: Self) -> bool {
        !self.module.is_empty() && self.module == other.module && self.version != other.version
    }
}

/// The list a [`Specs`] writes its points into.
#[derive(Default)]
pub struct Points {
    pub(crate) declared: Vec<Declared>,
}

/// One declared point: how a sync manager makes room for it.
pub(crate) struct Declared {
    pub(crate) id: TypeId,
    pub(crate) info: &'static PointInfo,
    pub(crate) origin: Origin,
    pub(crate) offloads: bool,
}

impl Points {
    /// The points that `declare` names.
    pub(crate) fn of(declare: impl FnOnce(&mut Self)) -> Vec<Declared> {
        let mut points = Self::default();
        declare(&mut points);
        points.declared
    }

    /// Adds the point `P` to an async manager.
    #[cfg(feature = "async")]
    pub fn add_async<P: AsyncExtensionPoint>(&mut self) {
        self.declare::<P>(P::OFFLOADS);
    }

    /// Adds the point `P`.
    pub fn add<P: ExtensionPoint>(&mut self) {
        self.declare::<P>(false);
    }

    fn declare<P: ExtensionPoint>(&mut self, offloads: bool) {
        let (id, origin) = (TypeId::of::<P>(), Origin::of::<P::Specs>());
        self.declared.push(Declared { id, info: P::INFO, origin, offloads });
    }
}

impl fmt::Debug for Points {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.declared.iter().map(|point| point.info)).finish()
    }
}

/// One extension point: a zero-sized type whose value is what users pass to
/// [`PluginManager::caller`](crate::PluginManager::caller).
///
/// `#[extension_point]` implements it. By hand, a point is an ordinary object-safe trait with the
/// signature of the call, and a few lines that say how its calls are dispatched:
///
/// ```
/// use std::ops::Deref;
///
/// use pluginkit::kind::Synchronous;
/// use pluginkit::manual::*;
/// use pluginkit::{Mode, Options, PluginManager, PointInfo};
///
/// // What an extension of the point does.
/// pub trait Fetch: Send + Sync {
///     fn fetch(&self, topic: &str) -> String;
/// }
///
/// // The arguments of a call, and how they reach an extension.
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
/// impl ExtensionPoint for FetchPoint {
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
///         self.collect::<Values, _, _>(FetchArgs { topic })
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
pub trait ExtensionPoint: Callable<Synchronous> + Copy + Send + Sync + 'static {
    /// The specs that declare it.
    type Specs: Specs;
    /// The object-safe trait of its extensions, as `dyn Trait`.
    type Extension: ?Sized + Send + Sync + 'static;
    /// The object-safe trait of its wrappers, as `dyn Trait`, or [`NoWrapper`].
    type Wrapper: ?Sized + Send + Sync + 'static;
    /// What is known of it without its types.
    const INFO: &'static PointInfo;
}

/// The wrapper type of a point that takes none.
#[derive(Clone, Copy, Debug)]
pub enum NoWrapper {}

/// Leads from the type of the specs and a point's name to the point's type.
///
/// `NAME` is the 64-bit FNV-1a hash of the name. `#[extension_point]` implements it, so that
/// `#[extension]` finds a point under any import path or rename of its specs.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no extension point of this name",
    label = "not one of its extension points",
    note = "name the method after a point of the specs, or say which it binds to: `#[extension(target = \"name\")]`"
)]
pub trait HasPoint<const NAME: u64> {
    /// The point of that name.
    type Point: ExtensionPoint;
}

/// A point that wrappers may run around.
#[diagnostic::on_unimplemented(
    message = "the extension point `{Self}` is historic and takes no wrappers",
    label = "a historic call has no outcome to wrap",
    note = "make it an ordinary extension, or watch the point with `pm.observe(…)`"
)]
pub trait Wrappable: ExtensionPoint {
    /// The rest of a call, as a wrapper that takes the arguments receives it.
    type Next<'n>;
}

/// Specs whose points an async manager can call.
#[cfg(feature = "async")]
pub trait AsyncSpecs: Specs {
    /// Names every point to `points`, in the order of declaration.
    fn declare_async(points: &mut Points);
}

/// A point that `async fn` may extend.
#[cfg(feature = "async")]
pub trait AsyncExtensionPoint: ExtensionPoint + Callable<Asynchronous> {
    /// The object-safe trait of its async extensions, as `dyn Trait`.
    type AsyncExtension: ?Sized + Send + Sync + 'static;
    /// The object-safe trait of its async wrappers, as `dyn Trait`, or [`NoWrapper`].
    type AsyncWrapper: ?Sized + Send + Sync + 'static;
    /// Whether its arguments have an owned form that can go to the blocking pool, see
    /// [`AsyncArguments::offload`](crate::manual::AsyncArguments::offload).
    const OFFLOADS: bool = false;

    /// An async extension as one that waits for it on `runtime`; `None` if the point has no such thing.
    fn awaited_on(
        extension: Arc<Self::AsyncExtension>,
        runtime: Arc<dyn BlockOn>,
    ) -> Option<Arc<Self::Extension>> {
        let _ = (extension, runtime);
        None
    }
}

/// A point that async wrappers may run around.
#[cfg(feature = "async")]
pub trait AsyncWrappable: AsyncExtensionPoint {
    /// The rest of a call, as a wrapper that takes the arguments receives it.
    type AsyncNext<'n>;
}
