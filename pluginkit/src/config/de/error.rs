//! [`Mistake`]: what a type says of a value it does not accept, and where that is.
#![forbid(unsafe_code)]

use std::cell::RefCell;
use std::fmt;
use std::mem::ManuallyDrop;

use serde::de::{Error, Expected, Unexpected};

use super::cursor::Trail;
use super::marks::{Mark, Marks, Path, Step, written};
use crate::base::similar::{Known, closest};
use crate::config::error::{ConfigProblem, ProblemKind, Shown};
use crate::config::location::Location;
use crate::config::value::Node;

#[derive(Debug)]
pub(super) struct Mistake(Box<Detail>);

#[derive(Debug)]
struct Detail {
    kind: ProblemKind,
    message: String,
    /// The key that is missing or unknown, until the table it belongs to is known.
    field: Option<String>,
    suggestion: Option<String>,
    found: Option<(Location, Path)>,
    /// Whether the key itself is wrong, and not its value.
    is_key: bool,
    /// Whether it is the name of a variant that is wrong.
    is_variant: bool,
    is_doubtful: bool,
}

thread_local! {
    /// The refusals of types in the current reading, also those of attempts that were given up.
    ///
    /// It has no destructor, so that destructors of other thread locals can load. Between readings it owns no memory.
    static REFUSALS: ManuallyDrop<RefCell<Option<Vec<String>>>> = const { ManuallyDrop::new(RefCell::new(None)) };
}

/// The greatest number of refusals that are kept of one reading.
const MOST_REFUSALS: usize = 1_000;

/// Runs a reading, and returns all refusals in it. An untagged enum tries its variants, and drops the refusals of those
/// that do not fit.
pub(super) fn watched<R>(read: impl FnOnce() -> R) -> (R, Vec<String>) {
    /// Brings back the refusals of the reading around, also after a panic. A type may read other settings within its own.
    struct Outer(Option<Vec<String>>);
    impl Drop for Outer {
        fn drop(&mut self) {
            REFUSALS.with(|refusals| refusals.replace(self.0.take()));
        }
    }
    let _outer = Outer(REFUSALS.with(|refusals| refusals.replace(Some(Vec::new()))));
    let result = read();
    (result, REFUSALS.with(|refusals| refusals.take()).unwrap_or_default())
}

/// Returns whether a message is about a value that messages call this.
pub(super) fn is_about(message: &str, shown: &str) -> bool {
    message.strip_suffix(shown).is_some_and(|before| before.ends_with("found "))
}

impl Mistake {
    fn new(kind: ProblemKind, message: String) -> Self {
        REFUSALS.with(|refusals| {
            if let Some(refusals) = &mut *refusals.borrow_mut()
                && refusals.len() < MOST_REFUSALS
            {
                refusals.push(message.clone());
            }
        });
        let (field, suggestion, found) = (None, None, None);
        let (is_key, is_variant, is_doubtful) = (false, false, false);
        Self(Box::new(Detail { kind, message, field, suggestion, found, is_key, is_variant, is_doubtful }))
    }

    pub(super) fn doubtful() -> Self {
        let message = "the value is not accepted".to_owned();
        let mut mistake = Self::new(ProblemKind::InvalidValue, message);
        mistake.0.is_doubtful = true;
        mistake
    }

    /// Returns whether it may be a consequence of another.
    pub(super) fn is_doubtful(&self) -> bool {
        self.0.is_doubtful
    }

    /// Returns the error that the value is not `expected`.
    pub(super) fn wrong_type(node: &Node, expected: &dyn Expected) -> Self {
        Self::new(ProblemKind::WrongType, format!("expected {expected}, found {}", node.describe()))
    }

    /// Places the mistake on `node`, unless it is placed inside of it already.
    pub(super) fn found_at(mut self, node: &Node, trail: &Trail<'_>, marks: &Marks) -> Self {
        if self.0.found.is_none() {
            let mut path = trail.path();
            let mut at = node.at.clone();
            if let Some(field) = &self.0.field {
                path.push(Step::Key(field.clone()));
                if self.0.kind == ProblemKind::UnknownKey {
                    let entry = node.as_table().and_then(|table| table.0.get(field));
                    at = entry.map_or(at, |entry| entry.key_at.clone());
                }
            }
            // A mistake of the whole may come from a stand-in for a part.
            let is_missing = self.0.kind == ProblemKind::Missing && self.0.field.is_some();
            self.0.is_doubtful |= marks.has_inside() && !is_missing;
            self.0.found = Some((at, path));
        }
        self
    }

    /// Places the mistake on a key.
    pub(super) fn found_at_key(mut self, key: &str, at: &Location, trail: &Trail<'_>) -> Self {
        if self.0.found.is_none() {
            let mut path = trail.path();
            path.push(Step::Key(key.to_owned()));
            self.0.found = Some((at.clone(), path));
            self.0.is_key = true;
        }
        self
    }

    /// Returns whether the value should have been the name of a variant.
    pub(super) fn is_variant(&self) -> bool {
        self.0.is_variant
    }

    /// Returns whether it is about a value that a message calls this.
    pub(super) fn is_about(&self, shown: &str) -> bool {
        is_about(&self.0.message, shown)
    }

    /// Returns whether a value is missing.
    pub(super) fn is_missing(&self) -> bool {
        self.0.kind == ProblemKind::Missing
    }

    /// Returns the place of the value that refused, and the missing or unknown key in it.
    pub(super) fn base(&self) -> (&[Step], Option<&str>) {
        let path = self.path();
        match &self.0.field {
            Some(field) => (&path[..path.len().saturating_sub(1)], Some(field)),
            None => (path, None),
        }
    }

    /// Returns its place, kind and message, to compare it with other mistakes.
    pub(super) fn print(&self) -> (Path, ProblemKind, String) {
        (self.path().to_vec(), self.0.kind, self.0.message.clone())
    }

    /// Places it at another value.
    pub(super) fn moved_to(mut self, mut path: Path, at: Location) -> Self {
        path.extend(self.0.field.clone().map(Step::Key));
        self.0.found = Some((at, path));
        self
    }

    pub(super) fn location(&self) -> Option<&Location> {
        self.0.found.as_ref().map(|(at, _)| at)
    }

    pub(super) fn path(&self) -> &[Step] {
        self.0.found.as_ref().map_or(&[], |(_, path)| path)
    }

    pub(super) fn mark(&self) -> Mark {
        if self.0.is_key || self.0.kind == ProblemKind::UnknownKey { Mark::Omit } else { Mark::Probe }
    }

    pub(super) fn into_problem(self) -> ConfigProblem {
        let detail = *self.0;
        let Some((at, path)) = detail.found else {
            unreachable!("a reading ends by saying where its mistake is");
        };
        let key = written(&path);
        let message = match detail.kind {
            ProblemKind::Missing => format!("`{key}` is missing, and has no default; set it"),
            ProblemKind::UnknownKey => detail.message,
            _ if key.is_empty() => detail.message,
            _ => format!("`{}`: {}", Shown(&key), detail.message),
        };
        let mut problem =
            ConfigProblem::new(detail.kind, at, message).suggesting(detail.suggestion.as_deref());
        problem.key = (!key.is_empty()).then_some(key);
        problem
    }
}

/// Returns the problem that nothing reads a key.
pub(super) fn unknown_key(path: &[Step], key: &str, at: &Location, known: &[&str]) -> ConfigProblem {
    ConfigProblem::new(ProblemKind::UnknownKey, at.clone(), unknown_message(key, known))
        .at_key(written(path))
        .suggesting(closest(key, known.iter().copied()))
}

/// Returns the problem that nothing reads a key, where it is not known which keys are read.
pub(super) fn unread_key(path: &[Step], at: &Location) -> ConfigProblem {
    let key = written(path);
    let message = format!("unknown key `{}`; the settings have no such key", Shown(&key));
    ConfigProblem::new(ProblemKind::UnknownKey, at.clone(), message).at_key(key)
}

fn unknown_message(key: &str, known: &[&str]) -> String {
    if known.is_empty() {
        return format!("unknown key `{}`; there are no keys here", Shown(key));
    }
    format!("unknown key `{}`; expected {}", Shown(key), one_of(key, known))
}

fn one_of(name: &str, known: &[&str]) -> String {
    Known::new(known.iter().copied()).nearest(name).quoted().to_string()
}

fn describe(unexpected: Unexpected<'_>) -> String {
    match unexpected {
        Unexpected::Str(text) => format!("the string {text:?}"),
        Unexpected::Map => "a table".to_owned(),
        Unexpected::Seq => "an array".to_owned(),
        Unexpected::Bool(value) => format!("the boolean `{value}`"),
        Unexpected::Signed(value) => format!("the integer `{value}`"),
        Unexpected::Unsigned(value) => format!("the integer `{value}`"),
        Unexpected::Float(value) => format!("the float `{value}`"),
        Unexpected::Bytes(bytes) => format!("the bytes {bytes:?}"),
        other => other.to_string(),
    }
}

impl Error for Mistake {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(ProblemKind::InvalidValue, message.to_string())
    }

    fn invalid_type(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(ProblemKind::WrongType, format!("expected {expected}, found {}", describe(unexpected)))
    }

    fn invalid_value(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(ProblemKind::InvalidValue, format!("expected {expected}, found {}", describe(unexpected)))
    }

    fn invalid_length(length: usize, expected: &dyn Expected) -> Self {
        Self::new(ProblemKind::InvalidValue, format!("expected {expected}, found {length} elements"))
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        let message =
            format!("unknown variant `{}`; expected one of {}", Shown(variant), one_of(variant, expected));
        let suggestion = closest(variant, expected.iter().copied()).map(str::to_owned);
        let mut mistake = Self::new(ProblemKind::InvalidValue, message);
        mistake.0.suggestion = suggestion;
        mistake.0.is_variant = true;
        mistake
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        let mut mistake = Self::new(ProblemKind::UnknownKey, unknown_message(field, expected));
        mistake.0.field = Some(field.to_owned());
        mistake.0.suggestion = closest(field, expected.iter().copied()).map(str::to_owned);
        mistake
    }

    fn missing_field(field: &'static str) -> Self {
        let mut mistake = Self::new(ProblemKind::Missing, String::new());
        mistake.0.field = Some(field.to_owned());
        mistake
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::new(ProblemKind::InvalidValue, format!("`{field}` is given twice, under two of its names"))
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for Mistake {}
