//! [`ConfigError`]: all that is wrong with a configuration.
#![forbid(unsafe_code)]

use std::collections::{HashMap, HashSet};
use std::error::Error;
use std::fmt;
use std::sync::Arc;

use super::location::{Documents, Location, SourceId};

/// The error of a configuration: one or more [problems](ConfigProblem), each with its place.
///
/// The `Display` and `Debug` forms show every problem with the line of the configuration. This line may contain a
/// secret.
///
/// ```
/// use pluginkit::config::{PluginConfig, ProblemKind};
///
/// let error = PluginConfig::from_toml_str(r#"
/// [plugins]
/// middleware = ["auth", 7, { id = "cors", enabeld = false }]
/// "#).unwrap_err();
///
/// assert_eq!(error.problems().len(), 2);
/// assert_eq!(error.problems()[0].kind(), ProblemKind::WrongType);
/// assert_eq!(error.problems()[1].suggestion(), Some("enabled"));
/// assert_eq!(error.problems()[1].location().and_then(|location| location.line()), Some(3));
/// ```
#[derive(Clone)]
pub struct ConfigError {
    /// Never empty.
    problems: Vec<ConfigProblem>,
}

impl ConfigError {
    /// Returns the problems, sorted by source and by place.
    pub fn problems(&self) -> &[ConfigProblem] {
        &self.problems
    }

    /// Returns one error with the problems of both errors, each problem once.
    ///
    /// ```
    /// use pluginkit::config::{ConfigError, PluginConfig};
    ///
    /// let texts = ["plugins = 1", "plugin = 2"];
    /// let errors = texts.into_iter().filter_map(|text| PluginConfig::from_toml_str(text).err());
    /// let all: Option<ConfigError> = errors.reduce(ConfigError::and);
    /// assert_eq!(all.unwrap().problems().len(), 2);
    /// ```
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.problems.extend(other.problems);
        Self::each_once(self.problems)
    }

    /// Returns an error with these problems, each once for each plugin. There is at least one.
    #[doc(hidden)]
    pub fn each_once(mut problems: Vec<ConfigProblem>) -> Self {
        let mut told = HashSet::new();
        let mut documents = Documents::default();
        problems.retain(|problem| {
            let place =
                problem.location.as_ref().map(|location| (documents.source_id(location), location.span()));
            let about = (problem.key.clone(), problem.plugin.clone());
            told.insert((place, about, problem.message.clone()))
        });
        Self::of(problems)
    }

    /// Returns an error with these problems. There is at least one.
    pub(crate) fn of(mut problems: Vec<ConfigProblem>) -> Self {
        debug_assert!(!problems.is_empty(), "an error without a problem");
        let mut sources: HashMap<SourceId, usize> = HashMap::new();
        problems.sort_by_cached_key(|problem| {
            let Some(location) = &problem.location else { return (usize::MAX, 0) };
            let next = sources.len();
            let source = *sources.entry(location.source_id()).or_insert(next);
            (source, location.offset())
        });
        Self { problems }
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut ConfigProblem> {
        self.problems.iter_mut()
    }
}

impl From<ConfigProblem> for ConfigError {
    fn from(problem: ConfigProblem) -> Self {
        Self { problems: vec![problem] }
    }
}

impl IntoIterator for ConfigError {
    type Item = ConfigProblem;
    type IntoIter = std::vec::IntoIter<ConfigProblem>;

    fn into_iter(self) -> Self::IntoIter {
        self.problems.into_iter()
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.problems.len() {
            1 => f.write_str("the configuration has a problem:")?,
            many => write!(f, "the configuration has {many} problems:")?,
        }
        for problem in &self.problems {
            write!(f, "\n- {problem}")?;
            let Some((text, indent, width)) = problem.location.as_ref().and_then(Location::excerpt) else {
                continue;
            };
            let line = problem.location.as_ref().and_then(Location::line).unwrap_or_default().to_string();
            let text = text.replace('\t', " ");
            let (margin, carets) = (" ".repeat(line.len()), "^".repeat(width));
            write!(f, "\n  {line} | {text}\n  {margin} | {}{carets}", " ".repeat(indent))?;
        }
        Ok(())
    }
}

impl fmt::Debug for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Error for ConfigError {
    /// Returns the cause of the first problem that has one.
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.problems.iter().find_map(Error::source)
    }
}

/// One problem of a configuration.
#[derive(Clone, Debug)]
pub struct ConfigProblem {
    pub(crate) kind: ProblemKind,
    pub(crate) message: String,
    pub(crate) location: Option<Location>,
    pub(crate) group: Option<String>,
    pub(crate) plugin: Option<String>,
    pub(crate) key: Option<String>,
    pub(crate) suggestion: Option<String>,
    pub(crate) cause: Option<Arc<dyn Error + Send + Sync>>,
}

impl ConfigProblem {
    /// Returns a problem at a place of the configuration.
    #[doc(hidden)]
    pub fn new(kind: ProblemKind, location: Location, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            location: Some(location),
            group: None,
            plugin: None,
            key: None,
            suggestion: None,
            cause: None,
        }
    }

    /// Returns a problem that no source has a place of.
    #[cfg(feature = "macros")]
    #[doc(hidden)]
    pub fn nowhere(kind: ProblemKind, message: impl Into<String>) -> Self {
        Self { location: None, ..Self::new(kind, Location::caller(), message) }
    }

    /// Returns the same problem as one of another kind.
    #[cfg(feature = "macros")]
    #[doc(hidden)]
    #[must_use]
    pub fn of_kind(self, kind: ProblemKind) -> Self {
        Self { kind, ..self }
    }

    /// Returns the same problem as one of a group.
    #[doc(hidden)]
    #[must_use]
    pub fn in_group(mut self, group: &str) -> Self {
        self.group = Some(group.to_owned());
        self
    }

    /// Returns the same problem as one of a plugin.
    #[doc(hidden)]
    #[must_use]
    pub fn of_plugin(mut self, plugin: &str) -> Self {
        self.plugin = Some(plugin.to_owned());
        self
    }

    /// Returns the same problem as one of a key.
    #[doc(hidden)]
    #[must_use]
    pub fn at_key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// Returns the same problem with the name that was meant, if there is one.
    #[doc(hidden)]
    #[must_use]
    pub fn suggesting(mut self, suggestion: Option<&str>) -> Self {
        self.suggestion = suggestion.map(str::to_owned);
        self
    }

    pub(crate) fn caused_by(mut self, cause: impl Error + Send + Sync + 'static) -> Self {
        self.cause = Some(Arc::new(cause));
        self
    }

    /// Returns the kind of the problem.
    pub fn kind(&self) -> ProblemKind {
        self.kind
    }

    /// Returns the message without the place: what was expected, what was found, and what to do.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Returns the place of the problem. For a missing value, returns the place where the value belongs.
    pub fn location(&self) -> Option<&Location> {
        self.location.as_ref()
    }

    /// Returns the group of the problem.
    pub fn group(&self) -> Option<&str> {
        self.group.as_deref()
    }

    /// Returns the plugin of the problem, as the configuration names it.
    pub fn plugin(&self) -> Option<&str> {
        self.plugin.as_deref()
    }

    /// Returns the key of the problem, relative to the plugin's settings or to the document: `limits.burst`,
    /// `servers[2].port`.
    pub fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    /// Returns the name that the author of the configuration probably meant.
    pub fn suggestion(&self) -> Option<&str> {
        self.suggestion.as_deref()
    }
}

impl fmt::Display for ConfigProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(location) = &self.location {
            write!(f, "{location}: ")?;
        }
        match (&self.plugin, &self.group) {
            (Some(plugin), Some(group)) => {
                write!(f, "plugin `{}` of group `{}`: ", Shown(plugin), Shown(group))?;
            }
            (Some(plugin), None) => write!(f, "plugin `{}`: ", Shown(plugin))?,
            (None, Some(group)) => write!(f, "group `{}`: ", Shown(group))?,
            (None, None) => {}
        }
        f.write_str(&self.message)?;
        match &self.suggestion {
            Some(suggestion) => write!(f, "; did you mean `{}`?", Shown(suggestion)),
            None => Ok(()),
        }
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for ConfigProblem {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;

        let mut shape = serializer.serialize_struct("ConfigProblem", 7)?;
        shape.serialize_field("kind", &self.kind)?;
        shape.serialize_field("message", &self.message)?;
        shape.serialize_field("location", &self.location.as_ref().map(ToString::to_string))?;
        shape.serialize_field("group", &self.group)?;
        shape.serialize_field("plugin", &self.plugin)?;
        shape.serialize_field("key", &self.key)?;
        shape.serialize_field("suggestion", &self.suggestion)?;
        shape.end()
    }
}

impl Error for ConfigProblem {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.as_deref().map(|cause| cause as &(dyn Error + 'static))
    }
}

/// The kind of a [`ConfigProblem`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum ProblemKind {
    /// A file cannot be read.
    Unreadable,
    /// A text is not TOML.
    Syntax,
    /// An unknown key, table or variable.
    UnknownKey,
    /// A value of another type than expected.
    WrongType,
    /// A value that has no default is missing.
    Missing,
    /// A value of the right type that is not accepted.
    InvalidValue,
    /// A reference that cannot name a plugin.
    InvalidReference,
    /// A profile that does not exist.
    UnknownProfile,
    /// `before` and `after` of one source contradict each other.
    OrderCycle,
    /// A reference to a plugin that does not exist.
    UnknownPlugin,
    /// A name in `before`, `after` or `disabled` that has no effect, because nothing has that name. This may be right.
    UnboundName,
    /// A second entry of a plugin in a group of one source.
    Repeated,
    /// A name of several plugins, of which one comes first. This may be right.
    Ambiguous,
}

/// A name of a document as a message shows it: no line breaks, no control characters, not too long.
pub(crate) struct Shown<'n>(pub(crate) &'n str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut characters = self.0.chars();
        for character in characters.by_ref().take(100) {
            if character.is_control() {
                write!(f, "{}", character.escape_default())?;
            } else {
                write!(f, "{character}")?;
            }
        }
        if characters.next().is_some() { f.write_str("…") } else { Ok(()) }
    }
}

/// Problems as they are found.
#[derive(Default)]
pub(crate) struct Problems(Vec<ConfigProblem>);

impl Problems {
    pub(crate) fn push(&mut self, problem: ConfigProblem) {
        self.0.push(problem);
    }

    pub(crate) fn append(&mut self, problems: impl IntoIterator<Item = ConfigProblem>) {
        self.0.extend(problems);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `value`, if there are none.
    pub(crate) fn or<T>(self, value: T) -> Result<T, ConfigError> {
        match self.into_error() {
            None => Ok(value),
            Some(error) => Err(error),
        }
    }

    pub(crate) fn into_error(self) -> Option<ConfigError> {
        (!self.0.is_empty()).then(|| ConfigError::of(self.0))
    }
}
