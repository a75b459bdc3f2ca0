//! The conversion of methods and closures to implementations of points.
//!
//! `#[extension_point]` implements the `Bind…` traits of a point for closures of the right shape, so that `|this, args| …`
//! needs no annotation. A closure gets the arguments of the point as one struct with a field for each.
#![forbid(unsafe_code)]

use std::fmt;
use std::mem;
use std::sync::Arc;

use crate::base::drops::Foreign;
use crate::erased::{Object, Owner, Shared};
use crate::plugin::implementation::{Contribution, Role};
use crate::spec::compare::Pass;
use crate::spec::options::Options;
use crate::spec::point::{Key, PointTypes, Wrappable};

/// A point that accepts a closure `F` over a plugin `T` as extension.
#[diagnostic::on_unimplemented(
    message = "this does not fit the extension point `{Self}`",
    label = "expected a closure `|this, args| …` with the return type of the point",
    note = "`this` is the plugin as an `&Arc<_>`, and `args` has a field for each argument of the point"
)]
pub trait Bind<T, F>: PointTypes {
    /// The predicate of a conditional extension, `fn(&Arc<T>, args) -> bool`.
    type When;

    /// Returns the extension that runs `call`.
    fn bind(this: Arc<T>, call: F) -> Shared<Self::Extension>;

    /// Returns the extension that runs `call` if `when` accepts the arguments.
    fn bind_when(this: Arc<T>, call: F, when: Self::When) -> Shared<Self::Extension>;
}

/// A point that accepts a method of a plugin `T` as extension.
///
/// `F` is a closure that takes the plugin by reference and captures nothing.
#[diagnostic::on_unimplemented(
    message = "this does not fit the extension point `{Self}`",
    label = "expected a point, like `Specs::fetch`, with extensions of this type"
)]
pub trait BindMethod<T, F>: PointTypes {
    /// Returns the extension that runs `call`.
    fn bind_method(this: &T, call: F) -> &Self::Extension;
}

/// A point that accepts a closure `F` as extension, without a plugin.
#[diagnostic::on_unimplemented(
    message = "this does not fit the extension point `{Self}`",
    label = "expected a point, like `Specs::fetch`, and a closure `|args| …` that is `Send + Sync + 'static` and returns what an extension of the point returns",
    note = "`args` has a field for each argument of the point"
)]
pub trait BindFn<F>: PointTypes {
    /// Returns the extension that runs `call`.
    fn bind_fn(call: F) -> Shared<Self::Extension>;
}

/// Returns a point, after the comparisons of a closure, which never runs: it compares types.
#[inline]
pub fn compared<T, P: BindMethod<T, F>, F, V: Pass<P>>(point: P, _: V, _: F) -> V::Point {
    V::pass(point)
}

/// The same, for a closure without a plugin.
#[inline]
pub fn compared_fn<P: BindFn<F>, F, V: Pass<P>>(point: P, _: V, _: F) -> V::Point {
    V::pass(point)
}

/// A point that accepts a closure `F` over a plugin `T` as wrapper.
#[diagnostic::on_unimplemented(
    message = "this does not fit the extension point `{Self}`",
    label = "expected a closure `|this, args, next| …` that returns the outcome of a call",
    note = "historic points take no wrappers"
)]
pub trait BindWrapper<T, F>: Wrappable {
    /// The predicate of a conditional wrapper, `fn(&Arc<T>, args) -> bool`.
    type When;

    /// Returns the wrapper that runs `call` if `when` accepts the arguments.
    fn bind_wrapper(this: Arc<T>, call: F, when: Option<Self::When>) -> Shared<Self::Wrapper>;
}

/// A plugin with a closure as extension or wrapper.
pub struct Bound<T, F, W> {
    /// The plugin.
    pub this: Arc<T>,
    /// The closure.
    pub call: F,
    /// The predicate.
    pub when: Option<W>,
}

impl<T, F, W> fmt::Debug for Bound<T, F, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bound").field("conditional", &self.when.is_some()).finish_non_exhaustive()
    }
}

/// A closure as extension, without a plugin.
pub struct BoundFn<F>(pub F);

impl<F> fmt::Debug for BoundFn<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BoundFn").finish_non_exhaustive()
    }
}

/// The extensions of a plugin for the specs `S`: one `#[extension] impl Specs for Plugin` block.
///
/// `BLOCK` distinguishes several blocks of one type for the same specs.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not extend these specs",
    label = "there is no `#[extension] impl … for {Self}` for them"
)]
pub trait Extends<S, const BLOCK: u64>: Sized {
    /// Adds every extension and wrapper of the block to `binder`.
    fn extend(binder: &mut Binder<Self>);
}

/// Collects the extensions and wrappers of one plugin.
pub struct Binder<T> {
    contributions: Contributions,
    this: Foreign<Owner<T>>,
}

/// The implementations so far, and the options of the next one.
///
/// A function that holds options while it makes an object has code to drop them after a panic, for each point. So the options
/// are set aside.
pub(crate) struct Contributions {
    list: Vec<Contribution>,
    options: Options,
}

impl Contributions {
    pub(crate) fn set_options(&mut self, options: Options) {
        self.options = options;
    }

    /// Returns an implementation with the options that were set.
    pub(crate) fn next(&mut self, point: fn() -> Key, role: Role, object: Object) -> Contribution {
        Contribution::of(&point(), role, mem::take(&mut self.options), object)
    }

    fn add(&mut self, point: fn() -> Key, role: Role, object: Object) {
        let contribution = self.next(point, role, object);
        self.list.push(contribution);
    }
}

impl<T: Send + Sync + 'static> Binder<T> {
    fn new(this: Arc<T>) -> Self {
        let contributions = Contributions { list: Vec::new(), options: Options::new() };
        Self { contributions, this: Foreign::new(Owner::new(this), None) }
    }

    /// Returns the contributions that `bind` adds for a plugin.
    pub fn contributions_of(this: Arc<T>, bind: impl FnOnce(&mut Self)) -> Vec<Contribution> {
        let mut binder = Self::new(this);
        bind(&mut binder);
        binder.contributions.list
    }

    #[cfg(feature = "async")]
    pub(crate) fn contributions(&mut self) -> &mut Contributions {
        &mut self.contributions
    }

    #[cfg(feature = "async")]
    pub(crate) fn plugin(&self) -> Arc<T> {
        Arc::clone(self.this.value())
    }

    /// Returns a part of the plugin as an object.
    #[cfg(feature = "async")]
    pub(crate) fn part<O: ?Sized + Send + Sync + 'static>(
        &self,
        find: impl for<'t> FnOnce(&'t T) -> &'t O + Copy,
    ) -> Object {
        self.this.object(find)
    }

    #[cfg(feature = "async")]
    pub(crate) fn contribute(&mut self, contribution: Contribution) {
        self.contributions.list.push(contribution);
    }

    /// Adds an extension that runs `call`.
    pub fn extension<P, F>(&mut self, point: P, options: Options, call: F)
    where
        P: Bind<T, F>,
    {
        let _ = point;
        let object = P::bind(Arc::clone(self.this.value()), call);
        extends::<P>(&mut self.contributions.list, options, object, false);
    }

    /// Adds an extension that runs `call`, which must not capture anything.
    pub fn method<P, F>(&mut self, _: P, options: Options, call: F)
    where
        P: BindMethod<T, F>,
        F: Copy,
    {
        self.contributions.set_options(options);
        let object = self.this.object(|this| P::bind_method(this, call));
        self.contributions.add(Key::of::<P>, Role::Extension, object);
    }

    /// Adds an extension that runs `call` if `when` accepts the arguments.
    pub fn extension_when<P, F>(&mut self, point: P, options: Options, call: F, when: P::When)
    where
        P: Bind<T, F>,
    {
        let _ = point;
        let object = P::bind_when(Arc::clone(self.this.value()), call, when);
        extends::<P>(&mut self.contributions.list, options, object, true);
    }

    /// Adds a wrapper that runs `call`.
    pub fn wrapper<P, F>(&mut self, point: P, options: Options, call: F)
    where
        P: BindWrapper<T, F>,
    {
        self.bind_wrapper(point, options, call, None);
    }

    /// Adds a wrapper that runs `call` if `when` accepts the arguments. Otherwise the rest of the call runs without it.
    pub fn wrapper_when<P, F>(&mut self, point: P, options: Options, call: F, when: P::When)
    where
        P: BindWrapper<T, F>,
    {
        self.bind_wrapper(point, options, call, Some(when));
    }

    fn bind_wrapper<P, F>(&mut self, _: P, options: Options, call: F, when: Option<P::When>)
    where
        P: BindWrapper<T, F>,
    {
        let conditional = when.is_some();
        let object = P::bind_wrapper(Arc::clone(self.this.value()), call, when);
        let contribution = Contribution::new::<P>(Role::Wrapper, options, Object::new(object));
        self.contributions.list.push(contribution.conditional(conditional));
    }

    /// Adds an extension that is an object of the trait of the point.
    pub fn object<P>(&mut self, _: P, options: Options, object: impl FnOnce(Arc<T>) -> Arc<P::Extension>)
    where
        P: PointTypes,
    {
        let object = Shared::from(object(Arc::clone(self.this.value())));
        self.contributions.list.push(Contribution::new::<P>(Role::Extension, options, Object::new(object)));
    }

    /// Adds a wrapper that is an object of the trait of the point.
    pub fn wrapper_object<P>(
        &mut self,
        _: P,
        options: Options,
        object: impl FnOnce(Arc<T>) -> Arc<P::Wrapper>,
    ) where
        P: Wrappable,
    {
        let object = Shared::from(object(Arc::clone(self.this.value())));
        self.contributions.list.push(Contribution::new::<P>(Role::Wrapper, options, Object::new(object)));
    }
}

/// Adds an extension. It is compiled once per point, not per plugin.
fn extends<P: PointTypes>(
    contributions: &mut Vec<Contribution>,
    options: Options,
    object: Shared<P::Extension>,
    conditional: bool,
) {
    let contribution = Contribution::new::<P>(Role::Extension, options, Object::new(object));
    contributions.push(contribution.conditional(conditional));
}

impl<T> fmt::Debug for Binder<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let points = self.contributions.list.iter().map(|each| each.info);
        f.debug_struct("Binder").field("points", &points.collect::<Vec<_>>()).finish_non_exhaustive()
    }
}
