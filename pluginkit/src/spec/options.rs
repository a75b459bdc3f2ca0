//! [`Options`]: what one extension says about itself.
#![forbid(unsafe_code)]

use std::fmt;
use std::time::Duration;

/// The bucket of an extension. Extensions are ordered by bucket first, then by priority.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Bucket {
    /// `tryfirst`: before the normal extensions.
    First,
    /// Normal.
    #[default]
    Normal,
    /// `trylast`: after the normal extensions.
    Last,
}

/// The options of one extension or wrapper: its place in the order, and how it runs.
///
/// `#[extension(…)]` makes the options of a method. For a closure, the host builds the options, also in a `const`
/// context:
///
/// ```
/// use pluginkit::Options;
///
/// const EARLY: Options = Options::new().tryfirst().priority(10).before(&["audit"]);
/// assert_eq!(EARLY.priority, 10);
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// `tryfirst`, normal or `trylast`.
    pub bucket: Bucket,
    /// Within a bucket, higher runs earlier.
    pub priority: i32,
    /// The extension runs before the extensions of these plugins at the same point.
    pub before: &'static [&'static str],
    /// The extension runs after the extensions of these plugins at the same point.
    pub after: &'static [&'static str],
    /// Whether a manager without these specs accepts the plugin.
    pub optional: bool,
    /// Whether an async manager runs the extension on the blocking pool.
    pub blocking: bool,
    /// The timeout of the extension in `try_call`, `settle` and the phases of a lifecycle.
    pub timeout: Option<Duration>,
    /// The versions of the specs that the extension works with; all versions if `None`.
    pub requires: Option<&'static str>,
    /// The method's name in the plugin's source, for messages; empty for a closure.
    pub method: &'static str,
}

impl Options {
    /// Returns the options of a normal extension of priority 0.
    pub const fn new() -> Self {
        Self {
            bucket: Bucket::Normal,
            priority: 0,
            before: &[],
            after: &[],
            optional: false,
            blocking: false,
            timeout: None,
            requires: None,
            method: "",
        }
    }

    /// Makes the extension run before the normal extensions.
    #[must_use]
    pub const fn tryfirst(mut self) -> Self {
        self.bucket = Bucket::First;
        self
    }

    /// Makes the extension run after the normal extensions.
    #[must_use]
    pub const fn trylast(mut self) -> Self {
        self.bucket = Bucket::Last;
        self
    }

    /// Sets the priority. Within a bucket, higher runs earlier; the default is 0.
    #[must_use]
    pub const fn priority(mut self, priority: i32) -> Self {
        self.priority = priority;
        self
    }

    /// Makes the extension run before the extensions of the named plugins at the same point. `before` wins over buckets
    /// and priorities.
    #[must_use]
    pub const fn before(mut self, plugins: &'static [&'static str]) -> Self {
        self.before = plugins;
        self
    }

    /// Makes the extension run after the extensions of the named plugins at the same point. `after` wins over buckets
    /// and priorities.
    #[must_use]
    pub const fn after(mut self, plugins: &'static [&'static str]) -> Self {
        self.after = plugins;
        self
    }

    /// Lets a manager without these specs accept the plugin. The extension takes part once the specs are added.
    #[must_use]
    pub const fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    /// Makes an async manager run the extension on the blocking pool.
    #[must_use]
    pub const fn blocking(mut self) -> Self {
        self.blocking = true;
        self
    }

    /// Sets the timeout of the extension in `try_call`, `settle` and the phases of a lifecycle.
    #[must_use]
    pub const fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = Some(limit);
        self
    }

    /// Sets the versions of the specs that the extension works with, in the form of Cargo.
    ///
    /// Examples are `"^1.2"` and `">= 1.2, < 3"`. A manager refuses the plugin if the version of the specs is outside
    /// this range.
    #[must_use]
    pub const fn requires(mut self, versions: &'static str) -> Self {
        self.requires = Some(versions);
        self
    }

    /// Sets the name of the method, for messages.
    #[must_use]
    pub const fn method(mut self, name: &'static str) -> Self {
        self.method = name;
        self
    }
}

/// Shows only the options that differ from [`Options::new`].
impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Options");
        let mut field = |name, value: &dyn fmt::Debug, differs| {
            if differs {
                shown.field(name, value);
            }
        };
        field("bucket", &self.bucket, self.bucket != Bucket::Normal);
        field("priority", &self.priority, self.priority != 0);
        field("before", &self.before, !self.before.is_empty());
        field("after", &self.after, !self.after.is_empty());
        field("optional", &self.optional, self.optional);
        field("blocking", &self.blocking, self.blocking);
        field("timeout", &self.timeout, self.timeout.is_some());
        field("requires", &self.requires, self.requires.is_some());
        field("method", &self.method, !self.method.is_empty());
        shown.finish()
    }
}
