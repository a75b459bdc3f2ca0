//! Calls of a local manager: objects that need not be `Send`, and the typed half of a call that runs them.
//!
//! The loops are in the module `local`. Here is what the [`Rest`] of a wrapper and the arguments of a point know of them.
#![forbid(unsafe_code)]

use std::fmt;
use std::marker::PhantomData;

use crate::base::drops::Foreign;
use crate::base::name::PluginId;
use crate::call::arguments::{Arguments, WrapArguments};
use crate::call::around::Host;
use crate::call::blame::Branch;
use crate::call::chain::CallErased;
use crate::call::fast::{Contained, drop_left};
use crate::call::fold::{Flow, Fold, Gather};
use crate::call::next::{Around, Rest, narrow};
use crate::call::outcome::Outcome;
use crate::call::settle::{SettleErased, SettleMode, SettleStep};
use crate::call::signature::{DynExtension, DynWrapper, ExtensionOf, WideSignature, WrapperOf};
use crate::call::typed::{Called, Single, TypedCall, missing_args, outcome_error_text};
use crate::erased::{Family, OwnThread, Scoped};
use crate::plugin::implementation::Contribution;
use crate::spec::point::PointTypes;
use crate::spec::returns::Returns;

/// An extension or a wrapper of a local manager.
pub struct LocalObject<'p>(Kind<'p>);

enum Kind<'p> {
    /// The object that other managers run, too.
    OfManagers(Box<Contribution>),
    /// An `Extension<P>` or a `Wrapper<P>`.
    Scoped(Foreign<Scoped<'p>>),
}

/// The extensions of the point `P` that may borrow.
struct Extensions<P>(PhantomData<P>);

impl<P: WideSignature> Family for Extensions<P> {
    type Of<'p> = dyn ExtensionOf<P> + 'p;
}

/// The wrappers of the point `P` that may borrow.
struct Wrappers<P>(PhantomData<P>);

impl<P: WideSignature> Family for Wrappers<P> {
    type Of<'p> = dyn WrapperOf<P> + 'p;
}

impl<'p> LocalObject<'p> {
    pub(crate) fn new_extension<P: WideSignature>(extension: Box<dyn ExtensionOf<P> + 'p>) -> Self {
        Self(Kind::Scoped(Foreign::new(Scoped::new::<Extensions<P>>(extension), None)))
    }

    pub(crate) fn new_wrapper<P: WideSignature>(wrapper: Box<dyn WrapperOf<P> + 'p>) -> Self {
        Self(Kind::Scoped(Foreign::new(Scoped::new::<Wrappers<P>>(wrapper), None)))
    }

    pub(crate) fn new_of_managers(contribution: Contribution) -> Self {
        Self(Kind::OfManagers(Box::new(contribution)))
    }

    /// Says that it belongs to `plugin`.
    pub(crate) fn set_plugin(&mut self, plugin: &PluginId) {
        match &mut self.0 {
            Kind::OfManagers(contribution) => contribution.object.set_plugin(plugin),
            Kind::Scoped(object) => object.set_plugin(plugin),
        }
    }

    /// Returns the object that other managers run, too.
    ///
    /// # Panics
    ///
    /// Panics if it is no such object.
    pub(crate) fn of_managers<O: ?Sized + 'static>(&self) -> &O {
        match &self.0 {
            Kind::OfManagers(contribution) => contribution.object.get::<O>(),
            Kind::Scoped(_) => unreachable!("only points with a signature have objects that may borrow"),
        }
    }

    /// Returns it as an extension of `P`.
    #[inline]
    pub(crate) fn extension<P: WideSignature>(&self) -> &(dyn ExtensionOf<P> + 'p) {
        match &self.0 {
            Kind::Scoped(object) => object.get::<Extensions<P>>(),
            Kind::OfManagers(contribution) => contribution.object.get::<DynExtension<P>>(),
        }
    }

    /// Returns it as a wrapper of `P`.
    #[inline]
    pub(crate) fn wrapper<P: WideSignature>(&self) -> &(dyn WrapperOf<P> + 'p) {
        match &self.0 {
            Kind::Scoped(object) => object.get::<Wrappers<P>>(),
            Kind::OfManagers(contribution) => contribution.object.get::<DynWrapper<P>>(),
        }
    }
}

impl fmt::Debug for LocalObject<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalObject").finish_non_exhaustive()
    }
}

/// The implementations of one call of a local manager, as wrappers see them.
pub(crate) trait LocalChain {
    /// Runs the rest of a call from the wrapper at `depth` on, and sets the outcome.
    fn run_from(&self, depth: usize, call: &mut dyn LocalCall);

    /// Returns the work of the host that runs in the place of the extensions, if there is some.
    fn host(&self) -> Option<&dyn Host>;
}

/// The arguments of a running call, as the loops of a local manager see them.
pub(crate) trait LocalRun {
    /// Returns whether the predicate of `extension` accepts the call.
    fn accepts_local(&self, extension: &LocalObject<'_>) -> bool;

    /// Runs `extension` and holds its result. The `last` extension may take the arguments.
    fn run_local(&mut self, extension: &LocalObject<'_>, last: bool);
}

/// A running call of a local manager that takes in results.
pub(crate) trait LocalGather: CallErased + LocalRun {}

impl<C: CallErased + LocalRun> LocalGather for C {}

/// A running call of a local manager, as its loops see it.
pub(crate) trait LocalCall: CallErased + LocalRun {
    /// Returns whether the predicate of `wrapper` accepts the call.
    fn accepts_wrapper_local(&self, wrapper: &LocalObject<'_>) -> bool;

    /// Runs the wrapper around the rest of `chain` from `depth` on, and sets the outcome.
    fn wrap_local(&mut self, wrapper: &LocalObject<'_>, chain: &dyn LocalChain, depth: usize);

    /// Runs the work of `host` behind the `depth` wrappers of `chain`, and sets the outcome.
    fn wrap_host(&mut self, host: &dyn Host, chain: &dyn LocalChain, depth: usize);

    /// Returns the text of the outcome, if it is an error.
    fn outcome_text(&self) -> Option<String>;
}

impl<P, S, R, A, F> LocalRun for TypedCall<Called, P, S, R, A, F>
where
    P: PointTypes,
    S: Returns<R>,
    A: Arguments<P, R>,
    F: Gather<S, R>,
{
    fn accepts_local(&self, extension: &LocalObject<'_>) -> bool {
        let Some(args) = &self.args else { missing_args() };
        args.accepts_local(extension)
    }

    fn run_local(&mut self, extension: &LocalObject<'_>, last: bool) {
        let Some(args) = &mut self.args else { missing_args() };
        self.results.held = Some(args.call_local(extension, last));
    }
}

impl<P, S, R, A, F> LocalCall for TypedCall<Called, P, S, R, A, F>
where
    P: PointTypes,
    S: Returns<R>,
    A: Arguments<P, R> + WrapArguments<P, S::Lift<F::Success>>,
    F: Fold<S, R, A>,
{
    fn accepts_wrapper_local(&self, wrapper: &LocalObject<'_>) -> bool {
        let Some(args) = &self.args else { missing_args() };
        args.accepts_wrapper_local(wrapper)
    }

    fn wrap_local(&mut self, wrapper: &LocalObject<'_>, chain: &dyn LocalChain, depth: usize) {
        match self.args.take() {
            Some(args) => {
                let around = Around::Local(OwnThread::new(chain));
                let next = Rest { around: &around, depth: narrow(depth), branch: Branch::MAIN };
                self.results.outcome = Some(args.wrap_local(wrapper, next));
            }
            None => missing_args(),
        }
    }

    fn wrap_host(&mut self, host: &dyn Host, chain: &dyn LocalChain, depth: usize) {
        match self.args.take() {
            Some(args) => {
                let around = Around::Local(OwnThread::new(chain));
                let next = Rest { around: &around, depth: narrow(depth), branch: Branch::MAIN };
                self.results.outcome = Some(args.wrap(host.wrapper().get::<P::Wrapper>(), next));
            }
            None => missing_args(),
        }
    }

    fn outcome_text(&self) -> Option<String> {
        if S::FAILS { outcome_error_text::<P, S::Lift<F::Success>, A>(&self.results.outcome) } else { None }
    }
}

/// Runs extensions that have nothing to do but to run, until the call ends: the fast path of a local manager.
///
/// The results and the arguments are dropped while the outcome is in a variable, as in [`run_fast`](crate::call::fast::run_fast).
#[inline]
pub(crate) fn run_fast_local<'o, 'p: 'o, P, S, R, A, F>(
    mut extensions: impl ExactSizeIterator<Item = &'o LocalObject<'p>>,
    has_default: bool,
    args: A,
) -> Outcome<S, R, F::Success>
where
    P: PointTypes,
    S: Returns<R>,
    A: Arguments<P, R>,
    F: Fold<S, R, A>,
{
    let mut fold = F::new(extensions.len());
    let mut contained = Contained(Some(args));
    let args = contained.get();
    // For most points, the compiler knows that there is no default body.
    let has_default = P::INFO.has_default_body && has_default;
    let mut has_answer = false;
    while let Some(extension) = extensions.next() {
        let last = extensions.len() == 0;
        if has_default && last && has_answer {
            break;
        }
        let returned = args.call_local(extension, last);
        match fold.take(returned) {
            Ok(flow @ (Flow::Next | Flow::Pass)) => {
                has_answer |= flow == Flow::Next;
                if fold.lend(args) {
                    fold.drop_left();
                }
            }
            Ok(Flow::Done) => break,
            Err(error) => {
                let outcome = Outcome::new(S::lift(Err(error)), F::discard);
                drop_left(None, &mut Some(fold));
                drop(contained.0.take());
                return outcome;
            }
        }
    }
    fold.reclaim(args);
    let outcome = Outcome::new(S::lift(Ok(fold.finish())), F::discard);
    drop(contained.0.take());
    outcome
}

impl<P, R, A> LocalRun for Single<Called, P, R, A>
where
    P: PointTypes,
    A: Arguments<P, R>,
{
    fn accepts_local(&self, extension: &LocalObject<'_>) -> bool {
        self.args.accepts_local(extension)
    }

    fn run_local(&mut self, extension: &LocalObject<'_>, last: bool) {
        self.held = Some(self.args.call_local(extension, last));
    }
}

/// A settling call of a local manager, as its loop sees it.
pub(crate) trait LocalSettle: SettleErased + LocalRun {}

impl<P, S, R, A, M> LocalRun for SettleStep<'_, Called, P, S, R, A, M>
where
    P: PointTypes,
    S: Returns<R>,
    A: Arguments<P, R>,
{
    fn accepts_local(&self, extension: &LocalObject<'_>) -> bool {
        self.call.args.accepts_local(extension)
    }

    fn run_local(&mut self, extension: &LocalObject<'_>, last: bool) {
        self.held = Some(self.call.args.call_local(extension, last));
    }
}

impl<P, S, R, A, M> LocalSettle for SettleStep<'_, Called, P, S, R, A, M>
where
    P: PointTypes,
    S: Returns<R>,
    A: Arguments<P, R>,
    M: SettleMode<S, R, A>,
{
}
