//! [`Options`]: what one extension says about itself.
#![forbid(unsafe_code)]

use std::fmt;
use std::time::Duration;

/// The bucket of an extension. The order of a point goes by bucket first, then by priority.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Bucket {
    /// Before the normal ones.
    First,
    /// Neither first nor last.
    #[default]
    Normal,
    /// After the normal ones.
    Last,
}

/// The options of one extension: its place in the order and how it is run.
///
/// `#[extension(…)]` writes these; by hand they are built in a `const` context or at run time.
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
    /// The extension runs before those of these plugins at the same point.
    pub before: &'static [&'static str],
    /// The extension runs after those of these plugins at the same point.
    pub after: &'static [&'static str],
    /// Whether a manager without these specs accepts the plugin.
    pub optional: bool,
    /// Whether an async manager runs the extension on the blocking pool.
    pub blocking: bool,
    /// The time limit of the extension in `try_call` and `settle`.
    pub timeout: Option<Duration>,
    /// The versions of the specs that the extension is made for; all if `None`.
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

    /// Makes the extension run before the normal ones.
    #[must_use]
    pub const fn tryfirst(mut self) -> Self {
        self.bucket = Bucket::First;
        self
    }

    /// Makes the extension run after the normal ones.
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

    /// Makes the extension run before those of the named plugins at the same point, whatever the buckets and
    /// priorities.
    #[must_use]
    pub const fn before(mut self, plugins: &'static [&'static str]) -> Self {
        self.before = plugins;
        self
    }

    /// Makes the extension run after those of the named plugins at the same point, whatever the buckets and priorities.
    #[must_use]
    pub const fn after(mut self, plugins: &'static [&'static str]) -> Self {
        self.after = plugins;
        self
    }

    /// Lets a manager without these specs accept the plugin. The extension is wired when they are added later.
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

    /// Sets the time limit of the extension in `try_call` and `settle`.
    #[must_use]
    pub const fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = Some(limit);
        self
    }

    /// Sets the versions of the specs that the extension is made for, as Cargo writes them.
    ///
    /// Examples are `"^1.2"` and `">= 1.2, < 3"`. A manager whose specs have another version refuses the plugin.
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
