//! `settle`: runs every extension separately and returns the outcome of each.

use std::convert::Infallible;
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::base::drops::{DropPanic, Gathered, caught, contain, message, reported, scope};
use crate::base::name::PluginId;
use crate::call::CallError;
use crate::call::arguments::{Arguments, ThreadedArguments};
use crate::call::chain::{Chain, RunErased};
use crate::call::fold::{Flow, running};
use crate::call::guard::{Ended, GuardedSnapshot, Stopped, ended};
use crate::call::trace::Tracer;
use crate::call::typed::{Accepts, Place, Places};
use crate::plugin::implementation::{HOST, Implementation};
use crate::registry::Snapshot;
use crate::spec::point::PointInfo;
use crate::spec::point::PointTypes;
use crate::spec::returns::Returns;

/// The result of one extension in [`settle`](crate::Caller).
///
/// If the destructor of a dropped value panics, `settle` adds a `Settled` with a [`CallError::DropPanicked`].
#[derive(Debug)]
pub struct Settled<T, E = Infallible> {
    /// The plugin of the extension, or of the dropped value; `(host)` if the value had no plugin.
    pub plugin: PluginId,
    /// The value that it returned, or its failure.
    pub result: Result<T, CallError<E>>,
}

impl<T, E> Settled<T, E> {
    /// Returns the result of an extension of `plugin`.
    pub fn new(plugin: impl Into<PluginId>, result: Result<T, CallError<E>>) -> Self {
        Self { plugin: plugin.into(), result }
    }
}

/// The result of `settle` of a pipeline: the last value, and the result of each extension.
///
/// ```
/// use pluginkit::calls::Piped;
/// use pluginkit::prelude::*;
///
/// #[extension_point]
/// trait Specs {
///     #[extension_point(pipeline)]
///     fn transform(&self, text: String) -> Result<String, String>;
/// }
///
/// # fn main() -> Result<(), pluginkit::Error> {
/// let pm = PluginManager::new("feed");
/// pm.add_extension_points(Specs)?;
/// pm.register_fn("upper", Specs::transform, |args| Ok(args.text.to_uppercase()))?;
/// pm.register_fn("strict", Specs::transform, |args| Err(format!("`{}` is too loud", args.text)))?;
/// pm.register_fn("marks", Specs::transform, |args| Ok(args.text + "!"))?;
///
/// let Piped { value, settled, .. } = pm.caller(Specs::transform).settle("harbor".into());
/// assert_eq!(value, "HARBOR!");
/// assert_eq!(settled[0].result.as_ref().unwrap(), "HARBOR");
/// assert_eq!(settled[1].plugin, "strict");
/// assert!(settled[1].result.is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Piped<T, V = T, E = Infallible> {
    /// The last value of the pipeline. An extension that failed left the value unchanged.
    pub value: T,
    /// The result of each extension that ran, in call order. A success has a clone of the value that the extension
    /// returned.
    pub settled: Vec<Settled<V, E>>,
}

impl<T, E> Settled<T, E> {
    /// Returns the outcome for a destructor that panicked in a call of `point`.
    fn dropped(panic: &DropPanic, point: &'static PointInfo) -> Self {
        let plugin = panic.plugin.clone().unwrap_or_else(|| HOST.into());
        Self { plugin, result: Err(CallError::dropped(panic, point)) }
    }
}

/// A running call that settles its extensions, as the slow path sees it.
pub(crate) trait SettleErased: RunErased {
    /// Prepares for an extension that may fail.
    fn prepare(&mut self);

    /// Returns whether the held result is an error.
    fn is_error(&self) -> bool;

    /// Drops the held result.
    fn drop_held(&mut self);

    /// Takes in the end of an extension of `plugin`.
    fn settle(&mut self, plugin: &PluginId, ended: Ended) -> Flow;

    /// Drops the values that the call no longer needs.
    fn drop_used(&mut self);

    /// Takes in the panic of a destructor.
    fn settle_dropped(&mut self, panic: &DropPanic);

    /// Reserves memory for the outcomes of `extensions` extensions.
    fn reserve(&mut self, extensions: usize);
}

/// The rules of `settle` for one mode.
pub(crate) trait SettleMode<S: Returns<R>, R, A> {
    /// Prepares for an extension.
    fn prepare(&mut self, args: &mut A) {
        let _ = args;
    }

    /// Takes in the result of an extension.
    fn take(&mut self, args: &mut A, result: &mut Result<S::Value, CallError<S::Error>>) -> Flow;

    /// Drops the values that the call no longer needs.
    fn drop_used(&mut self) {}
}

/// Every extension runs.
pub(crate) struct EachSettled;

impl<S: Returns<R>, R, A> SettleMode<S, R, A> for EachSettled {
    fn take(&mut self, _: &mut A, result: &mut Result<S::Value, CallError<S::Error>>) -> Flow {
        match result {
            Ok(value) if S::item(value).is_some() => Flow::Next,
            _ => Flow::Pass,
        }
    }
}

/// Extensions run until one answers.
pub(crate) struct FirstSettled;

impl<S: Returns<R>, R, A> SettleMode<S, R, A> for FirstSettled {
    fn take(&mut self, _: &mut A, result: &mut Result<S::Value, CallError<S::Error>>) -> Flow {
        match result {
            Ok(value) if S::item(value).is_some() => Flow::Done,
            _ => Flow::Pass,
        }
    }
}

/// Extensions run until one fails.
pub(crate) struct SettledUntilFailure;

impl<S: Returns<R>, R, A> SettleMode<S, R, A> for SettledUntilFailure {
    fn take(&mut self, _: &mut A, result: &mut Result<S::Value, CallError<S::Error>>) -> Flow {
        if result.is_err() { Flow::Done } else { Flow::Next }
    }
}

/// The running value passes through every extension. An extension that fails leaves it unchanged.
pub(crate) struct ThreadSettled<T, V> {
    point: &'static PointInfo,
    /// A clone of the running value, for the case that an extension fails.
    before: Option<T>,
    /// A running value that was replaced.
    replaced: Option<T>,
    /// A value that an extension returned, of which a clone failed.
    refused: Option<V>,
}

impl<T, V> ThreadSettled<T, V> {
    pub(crate) fn new(point: &'static PointInfo) -> Self {
        Self { point, before: None, replaced: None, refused: None }
    }

    /// Drops the values one at a time, in the scope that is open.
    fn clear(&mut self) {
        contain(None, &mut || self.before = None);
        contain(None, &mut || self.replaced = None);
        contain(None, &mut || self.refused = None);
    }
}

impl<T, V> Drop for ThreadSettled<T, V> {
    /// Drops what a call has left that is dropped early. It does so in a scope of its own, or beside another panic.
    fn drop(&mut self) {
        if self.before.is_some() || self.replaced.is_some() || self.refused.is_some() {
            scope(&|_| (), &mut || self.clear());
        }
    }
}

impl<S, R, A> SettleMode<S, R, A> for ThreadSettled<S::Item, S::Value>
where
    S: Returns<R>,
    S::Item: Clone,
    A: ThreadedArguments<S::Item>,
{
    fn prepare(&mut self, args: &mut A) {
        self.before.clone_from(args.threaded());
    }

    fn take(&mut self, args: &mut A, result: &mut Result<S::Value, CallError<S::Error>>) -> Flow {
        let mut next = None;
        if let Ok(value) = result {
            match catch_unwind(AssertUnwindSafe(|| S::item(value).cloned())) {
                Ok(item) => next = item,
                Err(panic) => {
                    let failure =
                        CallError::Panicked { plugin: None, point: self.point, message: message(panic) };
                    self.refused = std::mem::replace(result, Err(failure)).ok();
                }
            }
        }
        let flow = if next.is_some() { Flow::Next } else { Flow::Pass };
        if let Some(next) = next.or_else(|| self.before.take()) {
            self.replaced = args.threaded().replace(next);
        }
        flow
    }

    fn drop_used(&mut self) {
        self.clear();
    }
}

/// A running call of the point `P` that settles its extensions.
pub(crate) struct SettledCall<K, P, S: Returns<R>, R, A, M> {
    settled: Gathered<Settled<S::Value, S::Error>>,
    mode: M,
    /// Dropped last, because outcomes may borrow from the arguments.
    pub(crate) args: A,
    kind: PhantomData<fn(K, P) -> R>,
}

impl<K, P, S, R, A, M> SettledCall<K, P, S, R, A, M>
where
    P: PointTypes,
    S: Returns<R>,
{
    pub(crate) fn new(mode: M, args: A) -> Self {
        Self { settled: Gathered(Vec::new()), mode, args, kind: PhantomData }
    }

    /// Returns the outcome of each extension that ran.
    pub(crate) fn into_settled(self) -> Vec<Settled<S::Value, S::Error>> {
        let Self { mut settled, mode, args, .. } = self;
        let (mut mode, mut args) = (Some(mode), Some(args));
        let panic = caught(&|_| (), &mut || {
            contain(None, &mut || mode = None);
            contain(None, &mut || args = None);
        });
        settled.0.extend(panic.map(|panic| Settled::dropped(&panic, P::INFO)));
        settled.into_vec()
    }

    /// Returns the outcome of the pipeline and of each extension that ran.
    pub(crate) fn into_piped(mut self) -> Piped<S::Item, S::Value, S::Error>
    where
        A: ThreadedArguments<S::Item>,
    {
        let value = running(&mut self.args);
        Piped { value, settled: self.into_settled() }
    }

    /// Returns the items of a call that ends with its first failure.
    ///
    /// # Errors
    ///
    /// Returns the failure. `report` is told of the panics of the destructors of items.
    pub(crate) fn into_items(self, report: &dyn Fn(&DropPanic)) -> Result<S::All, CallError<S::Error>> {
        let mut settled = Some(Gathered(self.into_settled()).into_iter());
        let (mut items, mut failure) = (Some(Gathered(Vec::new())), None);
        for Settled { result, .. } in settled.iter_mut().flatten() {
            match (result, &mut items) {
                (Ok(value), Some(items)) => items.0.extend(S::into_item(value)),
                (result, _) => {
                    failure = result.err();
                    break;
                }
            }
        }
        let Some(failure) = failure else {
            return Ok(S::all(items.map(Gathered::into_vec).unwrap_or_default()));
        };
        reported(report, &mut || {
            items = None;
            settled = None;
        });
        Err(failure)
    }
}

/// A settling call with the result of its last extension.
pub(crate) struct SettleStep<'c, K: Places, P, S: Returns<R>, R, A, M> {
    /// The result of the last extension, until it is taken in.
    pub(crate) held: K::Place<R>,
    pub(crate) call: &'c mut SettledCall<K, P, S, R, A, M>,
}

impl<K: Places, P, S: Returns<R>, R, A, M> SettledCall<K, P, S, R, A, M> {
    pub(crate) fn step(&mut self) -> SettleStep<'_, K, P, S, R, A, M> {
        SettleStep { held: K::Place::EMPTY, call: self }
    }
}

impl<K, P, S, R, A, M> RunErased for SettleStep<'_, K, P, S, R, A, M>
where
    K: Accepts<P, R, A> + Places,
    P: PointTypes,
    S: Returns<R>,
    A: Arguments<P, R>,
{
    fn accepts(&self, extension: &Implementation) -> bool {
        K::accepts(&self.call.args, extension)
    }

    fn run(&mut self, extension: &Implementation, last: bool) {
        self.held.set(self.call.args.call(extension.object().get::<P::Extension>(), last));
    }

    fn error_text(&self) -> Option<String> {
        A::error_text(self.held.get()?)
    }

    fn holds_error(&mut self) -> Option<bool> {
        self.held.get().map(|held| S::returned_error(held).is_some())
    }
}

impl<K, P, S, R, A, M> SettleErased for SettleStep<'_, K, P, S, R, A, M>
where
    K: Accepts<P, R, A> + Places,
    P: PointTypes,
    S: Returns<R>,
    A: Arguments<P, R>,
    M: SettleMode<S, R, A>,
{
    fn prepare(&mut self) {
        self.call.mode.prepare(&mut self.call.args);
    }

    fn is_error(&self) -> bool {
        self.held.get().is_some_and(|held| S::returned_error(held).is_some())
    }

    fn drop_held(&mut self) {
        drop(self.held.take());
    }

    fn settle(&mut self, plugin: &PluginId, ended: Ended) -> Flow {
        let held = self.held.take();
        let value = || S::value(held.expect("an extension that returned has a result"));
        let mut result = ended.into_result(P::INFO, value);
        let SettledCall { settled, mode, args, .. } = &mut *self.call;
        let flow = mode.take(args, &mut result);
        settled.0.push(Settled { plugin: plugin.clone(), result });
        flow
    }

    fn drop_used(&mut self) {
        self.call.mode.drop_used();
    }

    fn settle_dropped(&mut self, panic: &DropPanic) {
        self.call.settled.0.push(Settled::dropped(panic, P::INFO));
    }

    fn reserve(&mut self, extensions: usize) {
        self.call.settled.0.reserve_exact(extensions);
    }
}

/// Runs the extension of a sync call at `index` separately.
pub(crate) fn settle_extension(
    snapshot: &Snapshot,
    point: &'static PointInfo,
    index: usize,
    last: bool,
    call: &mut dyn SettleErased,
) -> Flow {
    let plugin = snapshot.extension(index).plugin();
    if snapshot.extension(index).contribution.must_not_wait() {
        return call.settle(plugin, Ended::InAsyncCode);
    }
    if let Err(flow) = prepare(plugin, call) {
        return flow;
    }
    let tracer = Tracer::timed(snapshot, point);
    let chain = Chain::new(snapshot, Some(&tracer));
    let ran = catch_unwind(AssertUnwindSafe(|| chain.run_extension(index, last, call)));
    settle(&tracer, plugin, ran.map_err(|panic| Stopped::Panicked(message(panic))), call)
}

/// Prepares for an extension of `plugin`.
///
/// # Errors
///
/// Returns the continuation of the call if a clone panics. The extension does not run.
pub(crate) fn prepare(plugin: &PluginId, call: &mut dyn SettleErased) -> Result<(), Flow> {
    catch_unwind(AssertUnwindSafe(|| call.prepare()))
        .map_err(|panic| call.settle(plugin, Ended::Panicked(None, message(panic))))
}

/// Takes in the end of an extension of `plugin`, which `tracer` followed.
///
/// `ran` holds whether its predicate accepted the call.
pub(crate) fn settle(
    tracer: &Tracer<'_>,
    plugin: &PluginId,
    ran: Result<bool, Stopped>,
    call: &mut dyn SettleErased,
) -> Flow {
    let flow = if let Ok(false) = ran {
        Flow::Pass
    } else {
        let ended = ended(tracer, ran.map(|_| call.is_error()), &mut || call.drop_held());
        call.settle(plugin, ended)
    };
    if let Some(panic) = tracer.caught(&mut || call.drop_used()) {
        call.settle_dropped(&panic);
    }
    flow
}

/// Settles the extensions of a sync call of `point`.
pub(crate) fn settle_all<K>(
    loaded: Result<GuardedSnapshot<K>, DropPanic>,
    point: &'static PointInfo,
    call: &mut dyn SettleErased,
) where
    K: std::ops::Deref<Target = Snapshot>,
{
    let dropped = match loaded {
        Err(panic) => Some(panic),
        Ok(loaded) => {
            let snapshot = &*loaded.snapshot;
            let count = snapshot.extension_count();
            call.reserve(count);
            let mut has_answer = false;
            for index in 0..count {
                if has_answer && snapshot.is_default(index) {
                    break;
                }
                match settle_extension(snapshot, point, index, index + 1 == count, call) {
                    Flow::Next => has_answer = true,
                    Flow::Pass => {}
                    Flow::Done => break,
                }
            }
            loaded.settle()
        }
    };
    if let Some(panic) = dropped {
        call.settle_dropped(&panic);
    }
}
