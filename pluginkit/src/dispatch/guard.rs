//! Guarded calls: a panic or an error is caught and attributed to a plugin.

use std::any::Any;
use std::convert::Infallible;
use std::error::Error as StdError;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use crate::arguments::{Arguments, WrapArguments};
use crate::dispatch::chain::{Extensions, Loaded};
use crate::dispatch::next::RawNext;
use crate::dispatch::trace::Tracer;
use crate::name::PluginId;
use crate::point::{ExtensionPoint, PointInfo};
use crate::returns::Returns;

/// Why a guarded call, or one extension of it, did not end well.
///
/// `E` is the error type of the point's own `Result`, or [`Infallible`] where it has none.
#[derive(Debug)]
#[non_exhaustive]
pub enum CallError<E = Infallible> {
    /// An extension returned an `Err`.
    #[non_exhaustive]
    Failed {
        /// The plugin it came from, if it came from one.
        plugin: Option<PluginId>,
        /// The point that was called.
        point: &'static PointInfo,
        /// What it returned.
        error: E,
    },
    /// An extension panicked.
    #[non_exhaustive]
    Panicked {
        /// The plugin that panicked, if it was one.
        plugin: Option<PluginId>,
        /// The point that was called.
        point: &'static PointInfo,
        /// The panic's message, if it had a text.
        message: String,
    },
    /// An extension took longer than the tightest of the timeouts that it is held to allows.
    #[non_exhaustive]
    TimedOut {
        /// The plugin that was too slow.
        plugin: Option<PluginId>,
        /// The point that was called.
        point: &'static PointInfo,
        /// What the tightest timeout allows.
        limit: Duration,
        /// How long it took.
        elapsed: Duration,
    },
    /// The call would have had to wait in async code, which must not: a `call_blocking`, or a call of a sync
    /// manager that awaits its `async fn` extensions on a runtime.
    #[non_exhaustive]
    InAsyncCode {
        /// The point that was called.
        point: &'static PointInfo,
    },
    /// `call_blocking` could not make a runtime to wait on.
    #[non_exhaustive]
    NoRuntime {
        /// The point that was called.
        point: &'static PointInfo,
        /// Why not.
        source: std::io::Error,
    },
}

impl<E> CallError<E> {
    /// The plugin that is to blame, if one is.
    pub fn plugin(&self) -> Option<&PluginId> {
        match self {
            Self::Failed { plugin, .. } | Self::Panicked { plugin, .. } | Self::TimedOut { plugin, .. } => {
                plugin.as_ref()
            }
            Self::InAsyncCode { .. } | Self::NoRuntime { .. } => None,
        }
    }

    /// The point that was called.
    pub fn extension_point(&self) -> &'static PointInfo {
        match self {
            Self::Failed { point, .. }
            | Self::Panicked { point, .. }
            | Self::TimedOut { point, .. }
            | Self::InAsyncCode { point }
            | Self::NoRuntime { point, .. } => point,
        }
    }

    /// The error that an extension returned, if it did.
    pub fn into_inner(self) -> Option<E> {
        match self {
            Self::Failed { error, .. } => Some(error),
            _ => None,
        }
    }
}

impl<E> CallError<E> {
    /// The same, of a point without errors of its own.
    ///
    /// # Panics
    ///
    /// If an extension returned an error, which is then lost: ask for [`into_inner`](Self::into_inner).
    pub(crate) fn without_error(self) -> CallError {
        match self {
            Self::Failed { .. } => unreachable!("its error is taken out instead"),
            Self::Panicked { plugin, point, message } => CallError::Panicked { plugin, point, message },
            Self::TimedOut { plugin, point, limit, elapsed } => {
                CallError::TimedOut { plugin, point, limit, elapsed }
            }
            Self::InAsyncCode { point } => CallError::InAsyncCode { point },
            Self::NoRuntime { point, source } => CallError::NoRuntime { point, source },
        }
    }
}

impl<E: fmt::Display> fmt::Display for CallError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let who = |plugin: &Option<PluginId>| match plugin {
            Some(plugin) => format!("plugin `{plugin}`"),
            None => "the call".to_owned(),
        };
        match self {
            Self::Failed { plugin, point, error } => {
                write!(f, "{} failed in `{point}`: {error}", who(plugin))
            }
            Self::Panicked { plugin, point, message } => {
                write!(f, "{} panicked in `{point}`: {message}", who(plugin))
            }
            Self::TimedOut { plugin, point, limit, elapsed } => {
                write!(f, "{} took {elapsed:?} in `{point}`; its timeout is {limit:?}", who(plugin))
            }
            Self::InAsyncCode { point } => write!(
                f,
                "`{point}` was called from async code, which must not wait for it: use `call(…).await` of an `AsyncPluginManager`, or call it in `spawn_blocking`"
            ),
            Self::NoRuntime { point, source } => {
                write!(f, "`call_blocking` of `{point}` could not make a runtime to wait on: {source}")
            }
        }
    }
}

impl<E: StdError + 'static> StdError for CallError<E> {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Failed { error, .. } => Some(error),
            Self::NoRuntime { source, .. } => Some(source),
            _ => None,
        }
    }
}

/// What became of one extension in [`settle`](crate::Caller).
#[derive(Debug)]
pub struct Settled<T, E = Infallible> {
    /// The plugin it belongs to.
    pub plugin: PluginId,
    /// What it returned, or why it did not.
    pub result: Result<T, CallError<E>>,
}

impl<P: ExtensionPoint> Loaded<P> {
    /// Runs a call as [`Loaded::call`] does; a panic, an error or an overrun names its plugin.
    ///
    /// A sync call cannot be interrupted: an extension over its timeout is reported when it returns.
    ///
    /// # Errors
    ///
    /// What stopped the call, and whose it is.
    pub(crate) fn try_call<S, R, X, A>(
        &self,
        args: A,
        run: fn(RawNext<'_, P>, A) -> S::Lift<X>,
    ) -> Result<X, CallError<S::Error>>
    where
        S: Returns<R>,
        A: WrapArguments<P, S::Lift<X>>,
    {
        let point = P::INFO;
        let chain = self.chain();
        if chain.snapshot.implementations().iter().any(|each| each.contribution.must_not_wait()) {
            return Err(CallError::InAsyncCode { point });
        }
        let tracer = Tracer::timed(chain.snapshot, point);
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            let span = tracer.call();
            let outcome = run(RawNext::start(&chain.followed(&tracer)), args);
            span.end(A::outcome_error_text(&outcome).as_deref());
            outcome
        }));
        let outcome = outcome.map(S::lower).map_err(|panic| Stopped::Panicked(message(&*panic)));
        verdict(&tracer, point, outcome)
    }
}

/// What ended a guarded call before it returned.
pub(crate) enum Stopped {
    /// A panic with this message.
    Panicked(String),
    /// An implementation that was dropped when its timeout was over.
    #[cfg(feature = "async")]
    Expired,
}

/// What became of a guarded call that `tracer` followed.
pub(crate) fn verdict<T, E>(
    tracer: &Tracer<'_>,
    point: &'static PointInfo,
    outcome: Result<Result<T, E>, Stopped>,
) -> Result<T, CallError<E>> {
    let plugin = || tracer.blamed().cloned();
    let overrun = match outcome {
        Err(Stopped::Panicked(message)) => {
            return Err(CallError::Panicked { plugin: plugin(), point, message });
        }
        Ok(Err(error)) => return Err(CallError::Failed { plugin: plugin(), point, error }),
        Ok(Ok(outcome)) => match tracer.overrun() {
            None => return Ok(outcome),
            overrun => overrun,
        },
        #[cfg(feature = "async")]
        Err(Stopped::Expired) => tracer.overrun(),
    };
    let (plugin, limit, elapsed) = overrun.expect("who has expired has been noted");
    Err(CallError::TimedOut { plugin: Some(plugin.clone()), point, limit, elapsed })
}

impl<P: ExtensionPoint> Loaded<P> {
    /// Runs every extension by itself, until `enough` says so; none stops the others.
    pub fn settle<S, R, A>(
        &self,
        mut args: A,
        enough: impl Fn(&S::Value) -> bool,
    ) -> Vec<Settled<S::Value, S::Error>>
    where
        S: Returns<R>,
        A: Arguments<P, R>,
    {
        let chain = self.chain();
        let mut settled = Vec::with_capacity(chain.len());
        for index in 0..chain.len() {
            let implementation = chain.snapshot.extension(index);
            let tracer = Tracer::timed(chain.snapshot, P::INFO);
            let extensions = Extensions { chain: &chain, tracer: Some(&tracer) };
            let last = index + 1 == chain.len();
            let result = if implementation.contribution.must_not_wait() {
                Err(CallError::InAsyncCode { point: P::INFO })
            } else {
                let returned = catch_unwind(AssertUnwindSafe(|| extensions.visit(index, last, &mut args)));
                let outcome = match returned {
                    Ok(None) => continue,
                    Ok(Some(returned)) => Ok(S::value(returned)),
                    Err(panic) => Err(Stopped::Panicked(message(&*panic))),
                };
                verdict(&tracer, P::INFO, outcome)
            };
            let done = result.as_ref().is_ok_and(&enough);
            settled.push(Settled { plugin: implementation.plugin().clone(), result });
            if done {
                break;
            }
        }
        settled
    }
}

/// The text of a panic.
pub(crate) fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("(a panic without a text)")
        .to_owned()
}
