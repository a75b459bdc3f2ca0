//! `settle`: every extension by itself, and what became of each.

use std::convert::Infallible;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::base::drops::{Gathered, message};
use crate::base::name::PluginId;
use crate::call::CallError;
use crate::call::arguments::{Arguments, ThreadedArguments};
use crate::call::caller::Handle;
use crate::call::chain::{Chain, Extensions};
use crate::call::guard::{Stopped, verdict};
use crate::call::pipeline::running;
use crate::call::release::Loaded;
use crate::call::trace::Tracer;
use crate::spec::point::ExtensionPoint;
use crate::spec::returns::Returns;

/// What became of one extension in [`settle`](crate::Caller).
#[derive(Debug)]
pub struct Settled<T, E = Infallible> {
    /// The plugin it belongs to.
    pub plugin: PluginId,
    /// What it returned, or why it did not.
    pub result: Result<T, CallError<E>>,
}

/// What became of the value of a pipeline, and of its extensions, in [`settle`](crate::Caller).
///
/// ```
/// use pluginkit::Piped;
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
    /// The value that the pipeline ends with: one that failed left it as it was before.
    pub value: T,
    /// What became of each extension that ran, in call order. What one returned is a clone of the value then.
    pub settled: Vec<Settled<V, E>>,
}

impl<P: ExtensionPoint> Handle<P> {
    /// Runs every extension by itself and returns the outcome of each; none stops the others.
    ///
    /// Wrappers take no part.
    #[inline]
    pub fn settle<S, R, A>(&self, args: A) -> Vec<Settled<S::Value, S::Error>>
    where
        S: Returns<R>,
        A: Arguments<P, R>,
    {
        self.settle_until::<S, R, A>(args, |_| false)
    }

    /// Runs extensions by themselves until one answers, and returns the outcome of each that ran.
    ///
    /// Wrappers take no part.
    #[inline]
    pub fn settle_first<S, R, A>(&self, args: A) -> Vec<Settled<S::Value, S::Error>>
    where
        S: Returns<R>,
        A: Arguments<P, R>,
    {
        self.settle_until::<S, R, A>(args, |value| S::item(value).is_some())
    }

    fn settle_until<S, R, A>(
        &self,
        mut args: A,
        enough: fn(&S::Value) -> bool,
    ) -> Vec<Settled<S::Value, S::Error>>
    where
        S: Returns<R>,
        A: Arguments<P, R>,
    {
        let loaded = match Loaded::by(|| self.seen.load()) {
            Ok(loaded) => loaded,
            Err(panic) => return vec![Settled::dropped(&panic, P::INFO)],
        };
        let chain = Chain::<P>::new(&loaded.snapshot);
        chain.snapshot.tell_called();
        let mut settled = Gathered(Vec::with_capacity(chain.len()));
        for index in 0..chain.len() {
            let Some(result) = alone::<P, S, R, A>(&chain, index, &mut args) else { continue };
            let done = result.as_ref().is_ok_and(enough);
            settled.0.push(Settled { plugin: chain.snapshot.extension(index).plugin().clone(), result });
            if done {
                break;
            }
        }
        settled.0.extend(loaded.settle(P::INFO));
        settled.into_vec()
    }

    /// Passes the threaded argument through every extension, each run by itself; one that fails leaves it unchanged.
    ///
    /// Wrappers take no part.
    pub fn settle_threaded<S, R, A>(&self, mut args: A) -> Piped<S::Item, S::Value, S::Error>
    where
        S: Returns<R>,
        S::Item: Clone,
        A: Arguments<P, R> + ThreadedArguments<S::Item>,
    {
        let loaded = match Loaded::by(|| self.seen.load()) {
            Ok(loaded) => loaded,
            Err(panic) => {
                let settled = vec![Settled::dropped(&panic, P::INFO)];
                return Piped { value: running(&mut args), settled };
            }
        };
        let chain = Chain::<P>::new(&loaded.snapshot);
        chain.snapshot.tell_called();
        let mut settled = Gathered(Vec::with_capacity(chain.len()));
        for index in 0..chain.len() {
            let before = args.threaded().clone();
            let result = alone::<P, S, R, A>(&chain, index, &mut args);
            go_on::<S, R, A>(&mut args, result.as_ref(), before);
            let Some(result) = result else { continue };
            settled.0.push(Settled { plugin: chain.snapshot.extension(index).plugin().clone(), result });
        }
        settled.0.extend(loaded.settle(P::INFO));
        Piped { value: running(&mut args), settled: settled.into_vec() }
    }
}

/// Runs the extension at `index` by itself; `None` if it declined.
fn alone<P, S, R, A>(
    chain: &Chain<'_, P>,
    index: usize,
    args: &mut A,
) -> Option<Result<S::Value, CallError<S::Error>>>
where
    P: ExtensionPoint,
    S: Returns<R>,
    A: Arguments<P, R>,
{
    attempt::<P, S, R, A, _>(chain, index, index + 1 == chain.len(), args, S::value)
}

/// Runs the extension at `index` by itself, and makes of what it returned what is asked for; `None` if it declined.
pub(super) fn attempt<P, S, R, A, T>(
    chain: &Chain<'_, P>,
    index: usize,
    last: bool,
    args: &mut A,
    make: impl FnOnce(R) -> Result<T, S::Error>,
) -> Option<Result<T, CallError<S::Error>>>
where
    P: ExtensionPoint,
    S: Returns<R>,
    A: Arguments<P, R>,
{
    if chain.snapshot.extension(index).contribution.must_not_wait() {
        return Some(Err(CallError::InAsyncCode { point: P::INFO }));
    }
    let tracer = Tracer::timed(chain.snapshot, P::INFO);
    let extensions = Extensions { chain, tracer: Some(&tracer) };
    let outcome = match catch_unwind(AssertUnwindSafe(|| extensions.visit(index, last, args))) {
        Ok(returned) => Ok(make(returned?)),
        Err(panic) => Err(Stopped::Panicked(message(panic))),
    };
    Some(verdict(&tracer, P::INFO, outcome, drop))
}

/// Sets the running value of a pipeline after an extension that ran by itself, if it did.
pub(super) fn go_on<S, R, A>(
    args: &mut A,
    result: Option<&Result<S::Value, CallError<S::Error>>>,
    before: Option<S::Item>,
) where
    S: Returns<R>,
    S::Item: Clone,
    A: ThreadedArguments<S::Item>,
{
    let returned = result.and_then(|result| S::item(result.as_ref().ok()?));
    *args.threaded() = returned.cloned().or(before);
}
