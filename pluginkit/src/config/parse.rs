//! TOML text into [`Node`]s.
#![forbid(unsafe_code)]

use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::{ConfigProblem, ProblemKind, Problems};
use super::location::{Document, Location};
use super::value::{Entry, Node, Table, Value};

/// Returns the table of a document, or all mistakes of its syntax.
pub(crate) fn document(document: &Arc<Document>, problems: &mut Problems) -> Option<Node> {
    let (root, mut errors) = DeTable::parse_recoverable(&document.text);
    if errors.is_empty() {
        let convert = &mut Convert { locate: &|span| Location::document(document, span), problems };
        let table = convert.table(root.get_ref());
        return Some(Node { value: Value::Table(table), at: Location::document(document, root.span()) });
    }
    errors.sort_by_key(|error| error.span().map_or(0, |span| span.start));
    // Text after a mistake is often read wrongly because of it.
    for error in errors.into_iter().take(MOST_SYNTAX_ERRORS) {
        let at = Location::document(document, error.span().unwrap_or_default());
        let message = format!("this is not TOML: {}", error.message());
        problems.push(ConfigProblem::new(ProblemKind::Syntax, at, message).caused_by(error));
    }
    None
}

const MOST_SYNTAX_ERRORS: usize = 20;

/// Returns a text as a TOML value, if it is one. All of it is `at` one place.
pub(crate) fn text_value(text: &str, at: &Location) -> Option<Node> {
    let value = DeValue::parse(text).ok()?;
    let mut problems = Problems::default();
    let node = Convert { locate: &|_| at.clone(), problems: &mut problems }.node(&value);
    problems.is_empty().then_some(node)
}

struct Convert<'c> {
    locate: &'c dyn Fn(Range<usize>) -> Location,
    problems: &'c mut Problems,
}

impl Convert<'_> {
    fn table(&mut self, table: &DeTable<'_>) -> Table {
        let entries = table.iter().map(|(key, value)| {
            let entry = Entry { key_at: (self.locate)(key.span()), node: self.node(value) };
            (key.get_ref().to_string(), entry)
        });
        Table(entries.collect())
    }

    fn node(&mut self, value: &Spanned<DeValue<'_>>) -> Node {
        let at = (self.locate)(value.span());
        let value = match value.get_ref() {
            DeValue::Boolean(value) => Value::Bool(*value),
            DeValue::String(text) => Value::String(text.to_string()),
            DeValue::Datetime(value) => Value::Datetime(*value),
            DeValue::Array(items) => Value::Array(items.iter().map(|item| self.node(item)).collect()),
            DeValue::Table(table) => Value::Table(self.table(table)),
            DeValue::Integer(integer) => match i128::from_str_radix(integer.as_str(), integer.radix()) {
                Ok(value) => Value::Integer(value),
                Err(error) => self.number(&at, integer.as_str(), error, Value::Integer(0)),
            },
            DeValue::Float(float) => match float.as_str().parse() {
                Ok(value) => Value::Float(value),
                Err(error) => self.number(&at, float.as_str(), error, Value::Float(0.0)),
            },
        };
        Node { value, at }
    }

    fn number(
        &mut self,
        at: &Location,
        text: &str,
        error: impl std::error::Error + Send + Sync + 'static,
        instead: Value,
    ) -> Value {
        let message = format!("the number `{}` cannot be read: {error}", super::error::Shown(text));
        self.problems
            .push(ConfigProblem::new(ProblemKind::InvalidValue, at.clone(), message).caused_by(error));
        instead
    }
}
