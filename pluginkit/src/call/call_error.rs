//! [`CallError`]: the failure of a guarded call.

use std::convert::Infallible;
use std::error::Error as StdError;
use std::fmt;
use std::slice;
use std::time::Duration;

use crate::base::boxed::BoxError;
use crate::base::drops::{Foreign, Gathered};
use crate::base::name::PluginId;
use crate::spec::point::PointInfo;

/// The failure of a call such as `try_call`, or of one extension in a call such as `settle`.
///
/// `E` is the error type of the point's `Result`, or [`Infallible`] if the point returns no `Result`.
#[derive(Debug)]
#[non_exhaustive]
pub enum CallError<E = Infallible> {
    /// An extension or a wrapper returned an `Err`.
    #[non_exhaustive]
    Failed {
        /// The plugin [whose failure](crate::guide::limits#whose-failure) it is; `None` if it cannot be named.
        plugin: Option<PluginId>,
        /// The point that was called.
        point: &'static PointInfo,
        /// The error.
        error: E,
    },
    /// An extension or a wrapper panicked.
    #[non_exhaustive]
    Panicked {
        /// The plugin [whose failure](crate::guide::limits#whose-failure) it is; `None` if it cannot be named.
        plugin: Option<PluginId>,
        /// The point that was called.
        point: &'static PointInfo,
        /// The message of the panic.
        message: String,
    },
    /// A destructor panicked. The dropped value was an argument, a value of a plugin, or a plugin that was unregistered
    /// during the call.
    #[non_exhaustive]
    DropPanicked {
        /// The plugin that owned the dropped value; `None` if it cannot be named.
        plugin: Option<PluginId>,
        /// The point that was called.
        point: &'static PointInfo,
        /// The message of the panic.
        message: String,
    },
    /// An extension or a wrapper exceeded its timeout.
    #[non_exhaustive]
    TimedOut {
        /// The plugin that was too slow.
        plugin: Option<PluginId>,
        /// The point that was called.
        point: &'static PointInfo,
        /// The shortest of its timeouts.
        limit: Duration,
        /// The time that the extension took.
        elapsed: Duration,
    },
    /// An extension returned an `Err`, and only the text of the error is kept.
    ///
    /// A call under [`FailurePolicy::Collect`](crate::limits::FailurePolicy::Collect) keeps errors that are `Send +
    /// 'static`. Of all other errors, the call keeps the text.
    #[non_exhaustive]
    Described {
        /// The plugin that returned it; `None` if it cannot be named.
        plugin: Option<PluginId>,
        /// The point that was called.
        point: &'static PointInfo,
        /// The text of the error.
        text: String,
    },
    /// Several extensions failed, in a call under [`FailurePolicy::Collect`](crate::limits::FailurePolicy::Collect).
    #[non_exhaustive]
    Several {
        /// The point that was called.
        point: &'static PointInfo,
        /// The failures in call order: at least two, none of them a `Several`.
        failures: Vec<Self>,
    },
    /// The call would have blocked async code.
    ///
    /// Two calls fail in this way in async code: `call_blocking`, and the `try_call` of a sync manager that has to wait
    /// for an `async fn`.
    #[non_exhaustive]
    InAsyncCode {
        /// The point that was called.
        point: &'static PointInfo,
    },
    /// `call_blocking` failed to create a runtime to wait on.
    #[non_exhaustive]
    NoRuntime {
        /// The point that was called.
        point: &'static PointInfo,
        /// The error of the operating system.
        source: std::io::Error,
    },
}

impl<E> CallError<E> {
    /// Returns the plugin that failed. Of [several](Self::failures) failures, returns the plugin of the first. `None`
    /// if the plugin cannot be named.
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

    /// Returns the point that was called.
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

    /// Returns the error that an extension returned, if there is one. Of several failures, returns the first such
    /// error.
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

    /// Returns all failures in call order; a single failure yields itself.
    pub fn failures(&self) -> slice::Iter<'_, Self> {
        match self {
            Self::Several { failures, .. } => failures.iter(),
            one => slice::from_ref(one).iter(),
        }
    }

    /// Returns all failures in call order, by value.
    pub fn into_failures(self) -> Vec<Self> {
        match self {
            Self::Several { failures, .. } => failures,
            one => vec![one],
        }
    }
}

impl<E: Into<BoxError>> CallError<E> {
    /// Boxes the failure. The error that an extension returned becomes the source of the boxed error.
    ///
    /// This method exists for every `E` that converts to a [`BoxError`], like `String`.
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

    /// Replaces the errors of extensions by their texts.
    #[doc(hidden)]
    pub fn described(self) -> CallError {
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

/// The error of an extension as a source, with its plugin and its point.
#[derive(Debug, thiserror::Error)]
#[error("{} failed in `{point}`", subject(.plugin.as_ref()))]
struct Boxed {
    plugin: Option<PluginId>,
    point: &'static PointInfo,
    source: BoxError,
}

fn subject(plugin: Option<&PluginId>) -> String {
    plugin.map_or_else(|| "the call".to_owned(), |plugin| format!("plugin `{plugin}`"))
}

impl<E: fmt::Display> fmt::Display for CallError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let subject = |plugin: &Option<PluginId>| subject(plugin.as_ref());
        match self {
            Self::Failed { plugin, point, error } => {
                write!(f, "{} failed in `{point}`: {error}", subject(plugin))
            }
            Self::Panicked { plugin, point, message } => {
                write!(f, "{} panicked in `{point}`: {message}", subject(plugin))
            }
            Self::DropPanicked { plugin, point, message } => match plugin {
                Some(plugin) => {
                    write!(f, "a destructor of plugin `{plugin}` panicked in a call of `{point}`: {message}")
                }
                None => write!(f, "a destructor panicked in a call of `{point}`: {message}"),
            },
            Self::TimedOut { plugin, point, limit, elapsed } => {
                write!(f, "{} took {elapsed:?} in `{point}`; the limit is {limit:?}", subject(plugin))
            }
            Self::Described { plugin, point, text } => {
                write!(f, "{} failed in `{point}`: {text}", subject(plugin))
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
                "`{point}` was called from async code, which must not block: use `call(…).await` of an `AsyncPluginManager`, or call it in `spawn_blocking`"
            ),
            Self::NoRuntime { point, source } => {
                write!(f, "`call_blocking` of `{point}` failed to create a runtime to wait on: {source}")
            }
        }
    }
}

impl<E: StdError + 'static> StdError for CallError<E> {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Failed { error, .. } => Some(error),
            Self::NoRuntime { source, .. } => Some(source),
            // The first failure represents all; its own source follows.
            Self::Several { failures, .. } => failures.first().map(|first| first as _),
            _ => None,
        }
    }
}
