//! The conversion of blocks, methods and closures to implementations of a local manager.

use std::cell::RefCell;
use std::fmt;

use crate::call::Rest;
use crate::call::local::LocalObject;
use crate::call::signature::{
    Accepts, ArgsOf, ExtensionOf, HeldOf, OutcomeOf, PeekedOf, TakesWrappers, WideSignature, WrapperOf,
};
use crate::erased::Direct;
use crate::local::implementation::LocalContribution;
use crate::local::plugin::LocalPlugin;
use crate::plugin::bind::BoundFn;
use crate::plugin::implementation::Role;
use crate::spec::options::Options;
use crate::spec::point::{Key, PointInfo, PointTypes, Wrappable};

/// A point that accepts a closure `F` over a value `V` as extension of a local manager.
#[diagnostic::on_unimplemented(
    message = "this does not fit the extension point `{Self}` of a local manager",
    label = "expected a closure `|this, args| …` with the return type of the point",
    note = "`this` is the plugin as a `&LocalPlugin<_>`, and `args` has a field for each argument of the point; a point whose result borrows from an argument, or whose arguments have several lifetimes within their types, takes no local extensions: the guide `wrappers` lists these"
)]
pub trait LocalBind<'p, V, F, W>: PointTypes {
    /// Returns the extension that runs `call` if `when` accepts the arguments.
    fn bind_local(value: V, call: F, when: W) -> LocalObject<'p>;
}

/// A point that accepts a closure `F` over a value `V` as wrapper of a local manager.
#[diagnostic::on_unimplemented(
    message = "this does not fit the extension point `{Self}` of a local manager",
    label = "expected a closure `|this, args, next| …` that returns the outcome of a call",
    note = "historic points take no wrappers; a point whose result borrows from an argument takes no local ones: the guide `wrappers` lists these"
)]
pub trait LocalBindWrapper<'p, V, F, W>: Wrappable {
    /// Returns the wrapper that runs `call` if `when` accepts the arguments.
    fn bind_local_wrapper(value: V, call: F, when: W) -> LocalObject<'p>;
}

/// A point that accepts a closure `F` without a plugin as extension of a local manager.
#[diagnostic::on_unimplemented(
    message = "this does not fit the extension point `{Self}` of a local manager",
    label = "expected a closure `|args| …` with the return type of the point",
    note = "`args` has a field for each argument of the point; a point whose result borrows from an argument takes no local extensions: the guide `wrappers` lists these"
)]
pub trait LocalBindFn<'p, F>: PointTypes {
    /// Returns the extension that runs `call`.
    fn bind_local_fn(call: F) -> LocalObject<'p>;
}

/// An extension or wrapper of a local manager with the predicate `W`.
pub struct LocalWhen<V, F, W> {
    bound: Direct<V, F>,
    when: W,
}

/// Returns the properties of a point.
#[inline]
pub fn local_info<P: PointTypes>(_: P) -> &'static PointInfo {
    P::INFO
}

/// No predicate.
#[derive(Clone, Copy, Debug)]
pub struct Always;

/// A closure that changes what it captures, as extension.
pub struct LocalFnMut<F>(RefCell<F>);

impl<F> LocalFnMut<F> {
    /// Borrows the closure to call it.
    ///
    /// # Panics
    ///
    /// Panics if the closure is running.
    #[track_caller]
    fn lend<P: PointTypes>(&self) -> std::cell::RefMut<'_, F> {
        let Ok(call) = self.0.try_borrow_mut() else {
            panic!(
                "a closure is in `{point}` already and cannot take `{point}` meanwhile, because it changes what it captures: register it with `register_fn`, with a `Cell` or a `RefCell` for what changes",
                point = P::INFO
            )
        };
        call
    }
}

impl<P: WideSignature, V, F, W> Accepts<P> for LocalWhen<V, F, W>
where
    W: for<'x, 'b, 'c> Fn(&V, PeekedOf<'x, 'b, 'c, P>) -> bool,
{
    fn accepts<'a, 'b: 'a, 'c: 'a>(&self, held: &HeldOf<'a, 'b, 'c, P>) -> bool {
        (self.when)(&self.bound.value, P::peek(held))
    }
}

impl<P: WideSignature, F> Accepts<P> for LocalFnMut<F> {}

impl<P, V, F, W> ExtensionOf<P> for LocalWhen<V, F, W>
where
    P: WideSignature,
    Self: Accepts<P>,
    Direct<V, F>: ExtensionOf<P>,
{
    fn call<'a, 'b: 'a, 'c: 'a>(&self, args: ArgsOf<'a, 'b, 'c, P>) -> P::Return {
        self.bound.call(args)
    }
}

impl<P, V, F, W> WrapperOf<P> for LocalWhen<V, F, W>
where
    P: WideSignature,
    Self: Accepts<P>,
    Direct<V, F>: WrapperOf<P>,
{
    fn wrap<'a, 'b: 'a, 'c: 'a>(&self, next: Rest<'_, P>, args: ArgsOf<'a, 'b, 'c, P>) -> OutcomeOf<P> {
        self.bound.wrap(next, args)
    }
}

impl<P, F> ExtensionOf<P> for LocalFnMut<F>
where
    P: WideSignature,
    F: for<'a, 'b, 'c> FnMut(ArgsOf<'a, 'b, 'c, P>) -> P::Return,
{
    fn call<'a, 'b: 'a, 'c: 'a>(&self, args: ArgsOf<'a, 'b, 'c, P>) -> P::Return {
        let mut call = self.lend::<P>();
        (*call)(args)
    }
}

impl<'p, P, V, F> LocalBind<'p, V, F, Always> for P
where
    P: WideSignature,
    V: 'p,
    F: 'p,
    Direct<V, F>: ExtensionOf<P>,
{
    fn bind_local(value: V, call: F, _: Always) -> LocalObject<'p> {
        LocalObject::new_extension::<P>(Box::new(Direct { value, call }))
    }
}

/// A predicate, which has no destructor.
#[derive(Clone, Copy, Debug)]
pub struct When<W>(pub(super) W);

impl<'p, P, V, F, W> LocalBind<'p, V, F, When<W>> for P
where
    P: WideSignature,
    V: 'p,
    F: 'p,
    W: Copy + 'p,
    LocalWhen<V, F, W>: ExtensionOf<P>,
{
    fn bind_local(value: V, call: F, when: When<W>) -> LocalObject<'p> {
        let bound = Direct { value, call };
        LocalObject::new_extension::<P>(Box::new(LocalWhen { bound, when: when.0 }))
    }
}

impl<'p, P, V, F> LocalBindWrapper<'p, V, F, Always> for P
where
    P: WideSignature,
    P::Form: TakesWrappers<P>,
    V: 'p,
    F: 'p,
    Direct<V, F>: WrapperOf<P>,
{
    fn bind_local_wrapper(value: V, call: F, _: Always) -> LocalObject<'p> {
        LocalObject::new_wrapper::<P>(Box::new(Direct { value, call }))
    }
}

impl<'p, P, V, F, W> LocalBindWrapper<'p, V, F, When<W>> for P
where
    P: WideSignature,
    P::Form: TakesWrappers<P>,
    V: 'p,
    F: 'p,
    W: Copy + 'p,
    LocalWhen<V, F, W>: WrapperOf<P>,
{
    fn bind_local_wrapper(value: V, call: F, when: When<W>) -> LocalObject<'p> {
        let bound = Direct { value, call };
        LocalObject::new_wrapper::<P>(Box::new(LocalWhen { bound, when: when.0 }))
    }
}

impl<'p, P, F> LocalBindFn<'p, BoundFn<F>> for P
where
    P: WideSignature,
    F: 'p,
    BoundFn<F>: ExtensionOf<P>,
{
    fn bind_local_fn(call: BoundFn<F>) -> LocalObject<'p> {
        LocalObject::new_extension::<P>(Box::new(call))
    }
}

impl<'p, P, F> LocalBindFn<'p, LocalFnMut<F>> for P
where
    P: WideSignature,
    F: 'p,
    LocalFnMut<F>: ExtensionOf<P>,
{
    fn bind_local_fn(call: LocalFnMut<F>) -> LocalObject<'p> {
        LocalObject::new_extension::<P>(Box::new(call))
    }
}

impl<F> LocalFnMut<F> {
    pub(super) fn new(call: F) -> Self {
        Self(RefCell::new(call))
    }
}

/// The extensions of a plugin of a local manager for the specs `S`: one `#[extension(local)] impl Specs for Plugin` block.
///
/// `BLOCK` distinguishes several blocks of one type for the same specs.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not extend these specs under a local manager",
    label = "there is no `#[extension(local)] impl … for {Self}` for them",
    note = "a plugin with a block without `local` is registered with `pm.register(plugin)` or `PluginBuilder::new(plugin).extends(Specs).register_local(&pm)`"
)]
pub trait LocalExtends<'p, S, const BLOCK: u64>: Sized + 'p {
    /// Adds every extension and wrapper of the block to `binder`.
    fn extend_local(binder: &mut LocalBinder<'p, Self>);
}

/// Collects the extensions and wrappers of one plugin of a local manager.
pub struct LocalBinder<'p, T> {
    contributions: Vec<LocalContribution<'p>>,
    plugin: LocalPlugin<T>,
}

impl<'p, T: 'p> LocalBinder<'p, T> {
    pub(super) fn new(plugin: LocalPlugin<T>) -> Self {
        Self { contributions: Vec::new(), plugin }
    }

    pub(super) fn into_contributions(self) -> Vec<LocalContribution<'p>> {
        self.contributions
    }

    /// Adds an extension that runs `call`.
    pub fn extension<P, F>(&mut self, _: P, options: Options, call: F)
    where
        P: LocalBind<'p, LocalPlugin<T>, F, Always>,
    {
        let object = P::bind_local(self.plugin.clone(), call, Always);
        self.add::<P>(Role::Extension, options, object, false);
    }

    /// Adds an extension that runs `call` if `when` accepts the arguments.
    pub fn extension_when<P, F, W>(&mut self, _: P, options: Options, call: F, when: W)
    where
        P: LocalBind<'p, LocalPlugin<T>, F, When<W>>,
    {
        let object = P::bind_local(self.plugin.clone(), call, When(when));
        self.add::<P>(Role::Extension, options, object, true);
    }

    /// Adds a wrapper that runs `call`.
    pub fn wrapper<P, F>(&mut self, _: P, options: Options, call: F)
    where
        P: LocalBindWrapper<'p, LocalPlugin<T>, F, Always>,
    {
        let object = P::bind_local_wrapper(self.plugin.clone(), call, Always);
        self.add::<P>(Role::Wrapper, options, object, false);
    }

    /// Adds a wrapper that runs `call` if `when` accepts the arguments. Otherwise the rest of the call runs without it.
    pub fn wrapper_when<P, F, W>(&mut self, _: P, options: Options, call: F, when: W)
    where
        P: LocalBindWrapper<'p, LocalPlugin<T>, F, When<W>>,
    {
        let object = P::bind_local_wrapper(self.plugin.clone(), call, When(when));
        self.add::<P>(Role::Wrapper, options, object, true);
    }

    fn add<P: PointTypes>(
        &mut self,
        role: Role,
        options: Options,
        object: LocalObject<'p>,
        conditional: bool,
    ) {
        let contribution = LocalContribution::new(&Key::of::<P>(), role, options, object, conditional);
        self.contributions.push(contribution.keeping(self.plugin.kept()));
    }
}

/// Any value that is kept.
pub(super) trait Kept {}

impl<T> Kept for T {}

impl<T> fmt::Debug for LocalBinder<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalBinder").finish_non_exhaustive()
    }
}

impl<V, F, W> fmt::Debug for LocalWhen<V, F, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalWhen").finish_non_exhaustive()
    }
}

impl<F> fmt::Debug for LocalFnMut<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalFnMut").finish_non_exhaustive()
    }
}
