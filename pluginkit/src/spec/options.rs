//! [`Options`]: what one extension says about itself.
#![forbid(unsafe_code)]

use std::fmt;
use std::time::Duration;

use crate::spec::names::PluginNames;

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
/// context. The names in `before` and `after` may be made at run time:
///
/// ```
/// use pluginkit::Options;
///
/// const EARLY: Options = Options::new().tryfirst().priority(10);
/// let options = EARLY.before(format!("audit-{}", 7));
/// assert_eq!((options.priority, &*options.before), (10, &["audit-7".into()][..]));
/// ```
///
/// # Overrides
///
/// A host overrides options of a plugin when it registers the plugin, with
/// [`PluginBuilder::options`](crate::PluginBuilder::options), and in a
/// [configuration](crate::guide::loading#options-of-extensions). An override changes the options that are set in it,
/// and no others: an option is set if a method of `Options` has set it, or if it differs from the default.
///
/// Two `Options` are equal if they do the same, also as overrides.
#[derive(Clone)]
#[non_exhaustive]
pub struct Options {
    /// `tryfirst`, normal or `trylast`.
    pub bucket: Bucket,
    /// Within a bucket, higher runs earlier.
    pub priority: i32,
    /// The extension runs before the extensions of these plugins at the same point.
    pub before: PluginNames,
    /// The extension runs after the extensions of these plugins at the same point.
    pub after: PluginNames,
    /// Whether calls run the extension.
    pub enabled: bool,
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
    /// The options that were set to their defaults, or to other values, a bit each.
    set: u8,
}

const BUCKET: u8 = 1;
const PRIORITY: u8 = 2;
const BEFORE: u8 = 4;
const AFTER: u8 = 8;
const ENABLED: u8 = 16;

impl Options {
    /// Returns the options of a normal extension of priority 0.
    pub const fn new() -> Self {
        Self {
            bucket: Bucket::Normal,
            priority: 0,
            before: PluginNames::new(),
            after: PluginNames::new(),
            enabled: true,
            optional: false,
            blocking: false,
            timeout: None,
            requires: None,
            method: "",
            set: 0,
        }
    }

    /// Returns whether an option says where the extension stands among others.
    pub(crate) fn orders(&self) -> bool {
        self.bucket != Bucket::Normal || self.priority != 0 || self.names_others()
    }

    /// Makes the extension run before the normal extensions.
    #[must_use]
    pub const fn tryfirst(self) -> Self {
        self.bucket(Bucket::First)
    }

    /// Makes the extension run after the normal extensions.
    #[must_use]
    pub const fn trylast(self) -> Self {
        self.bucket(Bucket::Last)
    }

    /// Sets the bucket. As an override, `Bucket::Normal` takes back a `tryfirst` or `trylast`.
    #[must_use]
    pub const fn bucket(mut self, bucket: Bucket) -> Self {
        self.bucket = bucket;
        self.set |= BUCKET;
        self
    }

    /// Sets the priority. Within a bucket, higher runs earlier; the default is 0.
    #[must_use]
    pub const fn priority(mut self, priority: i32) -> Self {
        self.priority = priority;
        self.set |= PRIORITY;
        self
    }

    /// Makes the extension run before the extensions of the named plugins at the same point. `before` wins over buckets
    /// and priorities.
    ///
    /// Takes a name, or a list of names. A second call replaces the names of the first.
    #[must_use]
    pub fn before(mut self, plugins: impl Into<PluginNames>) -> Self {
        self.before = plugins.into();
        self.set |= BEFORE;
        self
    }

    /// Makes the extension run after the extensions of the named plugins at the same point. `after` wins over buckets
    /// and priorities.
    ///
    /// Takes a name, or a list of names. A second call replaces the names of the first.
    #[must_use]
    pub fn after(mut self, plugins: impl Into<PluginNames>) -> Self {
        self.after = plugins.into();
        self.set |= AFTER;
        self
    }

    /// Sets whether calls run the extension. The other extensions of the plugin are not affected.
    ///
    /// The extension is registered all the same: its `before` and `after` hold between other extensions.
    #[must_use]
    pub const fn enabled(mut self, enabled: bool) -> Self {
        self.enabled = enabled;
        self.set |= ENABLED;
        self
    }

    /// Lets a manager without these specs accept the plugin. The extension takes part once the specs are added.
    #[must_use]
    pub const fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    /// Makes an async manager run the extension on the blocking pool. A plugin without a `fn` extension at the point, but with an
    /// `async fn` or a wrapper, is refused.
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

    /// Returns a bit for each option that was set or differs from its default, of those that an override can set back.
    fn all_set(&self) -> u8 {
        let bit = |option, differs| if differs { option } else { 0 };
        self.set
            | bit(BUCKET, self.bucket != Bucket::Normal)
            | bit(PRIORITY, self.priority != 0)
            | bit(BEFORE, !self.before.is_empty())
            | bit(AFTER, !self.after.is_empty())
            | bit(ENABLED, !self.enabled)
    }

    /// Returns these options with those that `upper` sets in their place. The method stays.
    #[must_use]
    pub(crate) fn overridden(&self, upper: &Self) -> Self {
        let mut all = self.clone();
        let sets = |option| upper.all_set() & option != 0;
        if sets(BUCKET) {
            all.bucket = upper.bucket;
        }
        if sets(PRIORITY) {
            all.priority = upper.priority;
        }
        if sets(BEFORE) {
            all.before.clone_from(&upper.before);
        }
        if sets(AFTER) {
            all.after.clone_from(&upper.after);
        }
        if sets(ENABLED) {
            all.enabled = upper.enabled;
        }
        all.optional |= upper.optional;
        all.blocking |= upper.blocking;
        all.timeout = upper.timeout.or(all.timeout);
        all.requires = upper.requires.or(all.requires);
        all.set |= upper.set;
        all
    }

    /// Returns whether they have a `before` or an `after`.
    pub(crate) fn names_others(&self) -> bool {
        !(self.before.is_empty() && self.after.is_empty())
    }
}

impl Default for Options {
    fn default() -> Self {
        Self::new()
    }
}

impl PartialEq for Options {
    fn eq(&self, other: &Self) -> bool {
        let Self {
            bucket,
            priority,
            before,
            after,
            enabled,
            optional,
            blocking,
            timeout,
            requires,
            method,
            set: _,
        } = self;
        self.all_set() == other.all_set()
            && (*bucket, *priority, before, after)
                == (other.bucket, other.priority, &other.before, &other.after)
            && (*enabled, *optional, *blocking) == (other.enabled, other.optional, other.blocking)
            && (*timeout, *requires, *method) == (other.timeout, other.requires, other.method)
    }
}

impl Eq for Options {}

/// Shows only the options that differ from [`Options::new`].
#[expect(clippy::missing_fields_in_debug, reason = "which options were set shows in their values")]
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
        field("enabled", &self.enabled, !self.enabled);
        field("optional", &self.optional, self.optional);
        field("blocking", &self.blocking, self.blocking);
        field("timeout", &self.timeout, self.timeout.is_some());
        field("requires", &self.requires, self.requires.is_some());
        field("method", &self.method, !self.method.is_empty());
        shown.finish()
    }
}
