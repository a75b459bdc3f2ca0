//! [`LocalCaller`]: the type that `pm.caller(…)` of a local manager returns, over the [`LocalHandle`] of a point.

use std::fmt;
use std::iter::FusedIterator;
use std::marker::PhantomData;
use std::ops::Deref;
use std::rc::Rc;

use crate::base::name::PluginId;
use crate::call::arguments::{Arguments, ThreadedArguments, WrapArguments};
use crate::call::fast::HAS_FAST_PATH;
use crate::call::fold::{Collect, First, Fold, Thread, ThreadOptional};
use crate::call::implementations::Implementations;
use crate::call::local::{LocalChain, run_fast_local};
use crate::call::outcome::Outcome;
use crate::call::settle::{EachSettled, FirstSettled, SettleMode, SettledCall, ThreadSettled};
use crate::call::typed::{Called, TypedCall};
use crate::call::{CallError, Piped, Settled};
use crate::local::bind::LocalBindFn;
use crate::local::chain::Chain;
use crate::local::implementation::LocalContribution;
use crate::local::iter::Iter;
use crate::local::slot::Snapshot;
use crate::local::view::View;
use crate::local::{guard, settle};
use crate::plugin::LeftOut;
use crate::plugin::bind::BoundFn;
use crate::plugin::implementation::Role;
use crate::spec::options::Options;
use crate::spec::point::{Key, PointInfo, PointTypes};
use crate::spec::returns::{Always, Many, One, Returns, Threaded};

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
    pub fn dispatch(&self) -> LocalDispatch<'_, 'p, P> {
        LocalDispatch(self)
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

/// The calls behind a caller of a local manager, with the arguments of a point as one value.
#[doc(hidden)]
#[derive(Debug)]
pub struct LocalDispatch<'h, 'p, P: PointTypes>(pub(super) &'h LocalHandle<'p, P>);

#[expect(clippy::missing_errors_doc, reason = "the twins of a `Dispatch` have the documentation")]
impl<'p, P: PointTypes> LocalDispatch<'_, 'p, P> {
    #[inline]
    pub(super) fn call<S, R, A, F>(&self, args: A) -> S::Lift<F::Success>
    where
        S: Returns<R>,
        A: Arguments<P, R> + WrapArguments<P, S::Lift<F::Success>>,
        F: Fold<S, R, A>,
    {
        let snapshot = self.0.view.load();
        let outcome = if HAS_FAST_PATH && snapshot.is_plain(P::INFO) {
            let extensions = snapshot.all.iter().map(|each| &each.contribution.object);
            run_fast_local::<P, S, R, A, F>(extensions, snapshot.has_default, args)
        } else {
            slow::<P, S, R, A, F>(&snapshot, args)
        };
        // Plugins that were unregistered meanwhile are dropped while the outcome is in a variable that contains it.
        drop(snapshot);
        outcome.into_inner()
    }

    pub(super) fn try_call<S, R, A, F>(&self, args: A) -> Result<F::Success, CallError<S::Error>>
    where
        S: Returns<R>,
        A: Arguments<P, R> + WrapArguments<P, S::Lift<F::Success>>,
        F: Fold<S, R, A>,
    {
        let mut call = TypedCall::<Called, P, S, R, A, F>::new(args);
        let ended = guard::run(&self.0.view, &mut call, None);
        let outcome = call.into_outcome();
        ended.into_result(P::INFO, || S::lower(outcome.into_inner()))
    }

    fn settle_call<S, R, A, M>(&self, mode: M, args: A) -> SettledCall<Called, P, S, R, A, M>
    where
        S: Returns<R>,
        A: Arguments<P, R>,
        M: SettleMode<S, R, A>,
    {
        let mut call = SettledCall::new(mode, args);
        settle::settle(&self.0.view, &mut call.step());
        call
    }

    #[inline]
    pub fn collect<S, R, A>(&self, args: A) -> Many<S, R>
    where
        S: Returns<R>,
        A: Arguments<P, R> + WrapArguments<P, Many<S, R>>,
    {
        self.call::<S, R, A, Collect<S::Item>>(args)
    }

    #[inline]
    pub fn first<S, R, A>(&self, args: A) -> One<S, R>
    where
        S: Returns<R>,
        A: Arguments<P, R> + WrapArguments<P, One<S, R>>,
    {
        self.call::<S, R, A, First<S::Item>>(args)
    }

    #[inline]
    pub fn thread<S, R, A>(&self, args: A) -> Threaded<S, R>
    where
        S: Always<R>,
        A: Arguments<P, R> + WrapArguments<P, Threaded<S, R>> + ThreadedArguments<S::Item>,
    {
        self.call::<S, R, A, Thread<S::Item>>(args)
    }

    #[inline]
    pub fn thread_optional<S, R, A>(&self, args: A) -> Threaded<S, R>
    where
        S: Returns<R>,
        A: Arguments<P, R> + WrapArguments<P, Threaded<S, R>> + ThreadedArguments<S::Item>,
    {
        self.call::<S, R, A, ThreadOptional<S::Item>>(args)
    }

    pub fn try_collect<S, R, A>(&self, args: A) -> Result<S::All, CallError<S::Error>>
    where
        S: Returns<R>,
        A: Arguments<P, R> + WrapArguments<P, Many<S, R>>,
    {
        self.try_call::<S, R, A, Collect<S::Item>>(args)
    }

    pub fn try_first<S, R, A>(&self, args: A) -> Result<Option<S::Item>, CallError<S::Error>>
    where
        S: Returns<R>,
        A: Arguments<P, R> + WrapArguments<P, One<S, R>>,
    {
        self.try_call::<S, R, A, First<S::Item>>(args)
    }

    pub fn try_thread<S, R, A>(&self, args: A) -> Result<S::Item, CallError<S::Error>>
    where
        S: Always<R>,
        A: Arguments<P, R> + WrapArguments<P, Threaded<S, R>> + ThreadedArguments<S::Item>,
    {
        self.try_call::<S, R, A, Thread<S::Item>>(args)
    }

    pub fn try_thread_optional<S, R, A>(&self, args: A) -> Result<S::Item, CallError<S::Error>>
    where
        S: Returns<R>,
        A: Arguments<P, R> + WrapArguments<P, Threaded<S, R>> + ThreadedArguments<S::Item>,
    {
        self.try_call::<S, R, A, ThreadOptional<S::Item>>(args)
    }

    pub fn settle<S, R, A>(&self, args: A) -> Vec<Settled<S::Value, S::Error>>
    where
        S: Returns<R>,
        A: Arguments<P, R>,
    {
        self.settle_call::<S, R, A, _>(EachSettled, args).into_settled()
    }

    pub fn settle_first<S, R, A>(&self, args: A) -> Vec<Settled<S::Value, S::Error>>
    where
        S: Returns<R>,
        A: Arguments<P, R>,
    {
        self.settle_call::<S, R, A, _>(FirstSettled, args).into_settled()
    }

    pub fn settle_threaded<S, R, A>(&self, args: A) -> Piped<S::Item, S::Value, S::Error>
    where
        S: Returns<R>,
        S::Item: Clone,
        A: Arguments<P, R> + ThreadedArguments<S::Item>,
    {
        self.settle_call::<S, R, A, _>(ThreadSettled::new(P::INFO), args).into_piped()
    }

    pub fn results<S, R, A>(&self, args: A) -> impl FusedIterator<Item = Threaded<S, R>> + use<'p, P, S, R, A>
    where
        S: Returns<R>,
        A: Arguments<P, R>,
    {
        Iter::<S, R, P, A>::new(self.0.view.load(), args)
    }
}

/// Makes a call that has wrappers or predicates.
#[inline(never)]
fn slow<P, S, R, A, F>(snapshot: &Snapshot<'_>, args: A) -> Outcome<S, R, F::Success>
where
    P: PointTypes,
    S: Returns<R>,
    A: Arguments<P, R> + WrapArguments<P, S::Lift<F::Success>>,
    F: Fold<S, R, A>,
{
    let mut call = TypedCall::<Called, P, S, R, A, F>::new(args);
    Chain { snapshot, blame: None, host: None }.run_from(0, &mut call);
    call.into_outcome()
}
