//! [`LocalCaller`]: the type that `pm.caller(…)` of a local manager returns, over the [`LocalHandle`] of a point.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;
use std::rc::Rc;

use crate::base::name::PluginId;
use crate::call::caller::Dispatch;
use crate::call::implementations::Implementations;
use crate::local::bind::LocalBindFn;
use crate::local::calls::Local;
use crate::local::implementation::LocalContribution;
use crate::local::view::View;
use crate::plugin::LeftOut;
use crate::plugin::bind::BoundFn;
use crate::plugin::implementation::Role;
use crate::spec::checks::RemembersCalls;
use crate::spec::options::Options;
use crate::spec::point::{Key, PointInfo, PointTypes};

/// Calls one extension point of one [`LocalPluginManager`](crate::LocalPluginManager).
///
/// Its methods are those of a [`Caller`](crate::Caller): `call`, `try_call`, `settle`, `call_around`, `iter`, and the historic
/// calls. The sink of a `call_historic_with` may borrow, and need not be `Send`.
pub type LocalCaller<'p, P> = <P as LocalCallable>::Caller<'p>;

/// A point that a local manager can call.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an extension point that a local manager can call",
    label = "expected one of a specs' constants, like `Specs::fetch`"
)]
pub trait LocalCallable: PointTypes {
    /// The type that has the calls of the point as methods.
    type Caller<'p>: LocalPointCaller<'p, Self>;
}

/// The caller of a point of a local manager.
pub trait LocalPointCaller<'p, P: PointTypes>:
    Deref<Target = LocalHandle<'p, P>> + Clone + fmt::Debug
{
    /// Returns the caller over `handle`.
    fn new(handle: LocalHandle<'p, P>) -> Self;
}

/// The handle of one point of one local manager: its views and look-ups. A [`LocalCaller`] dereferences to it.
pub struct LocalHandle<'p, P> {
    pub(super) view: Rc<View<'p>>,
    point: PhantomData<fn() -> P>,
}

impl<'p, P: LocalCallable> LocalHandle<'p, P> {
    /// Returns the point.
    pub fn extension_point(&self) -> &'static PointInfo {
        P::INFO
    }

    /// Names the right call: the caller of a historic point has a `call_historic` of its own.
    #[doc(hidden)]
    pub fn call_historic<A, H>(&self, arguments: A) -> H
    where
        P: RemembersCalls<H>,
    {
        drop(arguments);
        unreachable!("no point has this bound")
    }

    /// Returns a view without the implementations of the named plugins. The view sees later registrations.
    #[must_use]
    pub fn without<I>(&self, plugins: I) -> LocalCaller<'p, P>
    where
        I: IntoIterator,
        I::Item: Into<PluginId>,
    {
        LocalPointCaller::new(Self::over(self.view.without(plugins.into_iter().map(Into::into))))
    }

    /// Returns a view with one more extension, ordered as if it were registered last, without options.
    ///
    /// `call` is a closure `|args| …`, which may borrow what lives longer than the manager. Reports and errors name the
    /// plugin of this extension `(extra)`.
    #[must_use]
    pub fn extra<F>(&self, call: F) -> LocalCaller<'p, P>
    where
        P: LocalBindFn<'p, BoundFn<F>>,
    {
        let object = P::bind_local_fn(BoundFn(call));
        let contribution =
            LocalContribution::new(&Key::of::<P>(), Role::Extension, Options::new(), object, false);
        LocalPointCaller::new(Self::over(self.view.with(contribution)))
    }

    /// Returns the implementations that a call would run now: wrappers from the outermost on, then extensions in call order.
    /// [`Implementations::left_out`] has those of disabled plugins.
    pub fn implementations(&self) -> Implementations {
        let runs = self.view.load().all.iter().map(|each| each.info()).collect();
        let disabled = self.view.slot.members().into_iter().filter(|each| !each.owner.enabled.get());
        Implementations::new(runs, disabled.map(|each| (each.info(), LeftOut::Disabled(None))).collect())
    }
}

impl<'p, P: PointTypes> LocalHandle<'p, P> {
    pub(super) fn over(view: View<'p>) -> Self {
        Self { view: Rc::new(view), point: PhantomData }
    }

    /// Returns the calls of the point with its arguments as one value.
    #[doc(hidden)]
    #[inline]
    pub fn dispatch(&self) -> Dispatch<'_, P, Local<'p>> {
        Dispatch(self)
    }
}

impl<P> Clone for LocalHandle<'_, P> {
    fn clone(&self) -> Self {
        Self { view: Rc::clone(&self.view), point: PhantomData }
    }
}

impl<P: PointTypes> fmt::Debug for LocalHandle<'_, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalCaller").field("point", &format_args!("{}", P::INFO)).finish_non_exhaustive()
    }
}
