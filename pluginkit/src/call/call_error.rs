//! [`CallError`]: why a call did not end well.

use std::convert::Infallible;
use std::error::Error as StdError;
use std::fmt;
use std::slice;
use std::time::Duration;

use crate::base::drops::{Foreign, Gathered};
use crate::base::name::PluginId;
use crate::registry::BoxError;
use crate::spec::point::PointInfo;

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
    /// A destructor panicked: of a plugin that was unregistered during the call, or of a value that it left.
    #[non_exhaustive]
    DropPanicked {
        /// The plugin that the dropped value belonged to, if it belonged to one.
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
    /// An extension returned an `Err` that is told by its text: it is not `Send + 'static`, so that a call under
    /// [`FailurePolicy::Collect`](crate::FailurePolicy::Collect) cannot keep it.
    #[non_exhaustive]
    Described {
        /// The plugin it came from, if it came from one.
        plugin: Option<PluginId>,
        /// The point that was called.
        point: &'static PointInfo,
        /// What it says.
        text: String,
    },
    /// Several failed, in a call under [`FailurePolicy::Collect`](crate::FailurePolicy::Collect).
    #[non_exhaustive]
    Several {
        /// The point that was called.
        point: &'static PointInfo,
        /// How they failed, in call order: at least two, none of which is a `Several`.
        failures: Vec<Self>,
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
    /// The plugin that is to blame, if one is; of [several](Self::failures), the first.
    pub fn plugin(&self) -> Option<&PluginId> {
        match self {
            Self::Failed { plugin, .. }
            | Self::Panicked { plugin, .. }
            | Self::DropPanicked { plugin, .. }
            | Self::TimedOut { plugin, .. }
            | Self::Described { plugin, .. } => plugin.as_ref(),
            Self::Several { failures, .. } => failures.iter().find_map(Self::plugin),
            Self::InAsyncCode { .. } | Self::NoRuntime { .. } => None,
        }
    }

    /// The point that was called.
    pub fn extension_point(&self) -> &'static PointInfo {
        match self {
            Self::Failed { point, .. }
            | Self::Panicked { point, .. }
            | Self::DropPanicked { point, .. }
            | Self::TimedOut { point, .. }
            | Self::Described { point, .. }
            | Self::Several { point, .. }
            | Self::InAsyncCode { point }
            | Self::NoRuntime { point, .. } => point,
        }
    }

    /// The error that an extension returned, if it did; of several, the first.
    pub fn into_inner(self) -> Option<E> {
        match self {
            Self::Failed { error, .. } => Some(error),
            Self::Several { failures, .. } => {
                let mut failures = Gathered(failures).into_iter();
                let first = Foreign::new(failures.find_map(Self::into_inner), None);
                drop(failures);
                first.into_inner()
            }
            _ => None,
        }
    }

    /// All that failed, in call order: itself, if it is but one.
    pub fn failures(&self) -> slice::Iter<'_, Self> {
        match self {
            Self::Several { failures, .. } => failures.iter(),
            one => slice::from_ref(one).iter(),
        }
    }

    /// All that failed, in call order, as [`failures`](Self::failures) has them.
    pub fn into_failures(self) -> Vec<Self> {
        match self {
            Self::Several { failures, .. } => failures,
            one => vec![one],
        }
    }
}

impl<E: Into<BoxError>> CallError<E> {
    /// As an error of any type, for where `E` is an error only once it is boxed, as a `String` and a
    /// [`BoxError`] are. What an extension returned is its source.
    ///
    /// ```
    /// use pluginkit::prelude::*;
    ///
    /// #[extension_point]
    /// trait Specs {
    ///     fn fetch(&self, topic: &str) -> Result<String, String>;
    /// }
    ///
    /// # fn main() -> Result<(), pluginkit::Error> {
    /// let pm = PluginManager::new("feed");
    /// pm.add_extension_points(Specs)?;
    /// pm.register_fn("far", Specs::fetch, |args| Err(format!("no way to {}", args.topic)))?;
    /// let error: BoxError = pm.caller(Specs::fetch).try_call("harbor").unwrap_err().boxed();
    /// assert_eq!(error.to_string(), "plugin `far` failed in `Specs::fetch`");
    /// assert_eq!(error.source().unwrap().to_string(), "no way to harbor");
    /// # Ok(())
    /// # }
    /// ```
    pub fn boxed(self) -> BoxError {
        match self {
            Self::Failed { plugin, point, error } => Box::new(Boxed { plugin, point, source: error.into() }),
            other => Box::new(other.described()),
        }
    }

    /// The same, with what extensions returned told by its text.
    pub(crate) fn described(self) -> CallError {
        match self {
            Self::Failed { plugin, point, error } => {
                let error = Foreign::new(error.into(), plugin.as_ref());
                CallError::Described { plugin, point, text: error.to_string() }
            }
            Self::Panicked { plugin, point, message } => CallError::Panicked { plugin, point, message },
            Self::DropPanicked { plugin, point, message } => {
                CallError::DropPanicked { plugin, point, message }
            }
            Self::TimedOut { plugin, point, limit, elapsed } => {
                CallError::TimedOut { plugin, point, limit, elapsed }
            }
            Self::Described { plugin, point, text } => CallError::Described { plugin, point, text },
            Self::Several { point, failures } => {
                let failures = Gathered(failures).into_iter().map(Self::described).collect();
                CallError::Several { point, failures }
            }
            Self::InAsyncCode { point } => CallError::InAsyncCode { point },
            Self::NoRuntime { point, source } => CallError::NoRuntime { point, source },
        }
    }
}

/// What an extension returned, and whose it is.
#[derive(Debug, thiserror::Error)]
#[error("{} failed in `{point}`", who(.plugin.as_ref()))]
struct Boxed {
    plugin: Option<PluginId>,
    point: &'static PointInfo,
    source: BoxError,
}

fn who(plugin: Option<&PluginId>) -> String {
    plugin.map_or_else(|| "the call".to_owned(), |plugin| format!("plugin `{plugin}`"))
}

impl<E: fmt::Display> fmt::Display for CallError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let who = |plugin: &Option<PluginId>| who(plugin.as_ref());
        match self {
            Self::Failed { plugin, point, error } => {
                write!(f, "{} failed in `{point}`: {error}", who(plugin))
            }
            Self::Panicked { plugin, point, message } => {
                write!(f, "{} panicked in `{point}`: {message}", who(plugin))
            }
            Self::DropPanicked { plugin, point, message } => match plugin {
                Some(plugin) => {
                    write!(f, "a destructor of plugin `{plugin}` panicked in a call of `{point}`: {message}")
                }
                None => write!(f, "a destructor panicked in a call of `{point}`: {message}"),
            },
            Self::TimedOut { plugin, point, limit, elapsed } => {
                write!(f, "{} took {elapsed:?} in `{point}`; the limit is {limit:?}", who(plugin))
            }
            Self::Described { plugin, point, text } => {
                write!(f, "{} failed in `{point}`: {text}", who(plugin))
            }
            Self::Several { point, failures } => {
                write!(f, "{} failures in `{point}`: ", failures.len())?;
                for (index, failure) in failures.iter().enumerate() {
                    write!(f, "{}{failure}", if index > 0 { "; " } else { "" })?;
                }
                Ok(())
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
            // The first stands for all; its own source comes after it.
            Self::Several { failures, .. } => failures.first().map(|first| first as _),
            _ => None,
        }
    }
}
