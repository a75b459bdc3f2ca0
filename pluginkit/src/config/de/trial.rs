//! [`Trial`]: the differences between one reading of a value and a plain one, and [`Seen`]: the values that further
//! readings may change.
#![forbid(unsafe_code)]

use std::collections::HashMap;

use super::marks::{Path, Step};
use crate::config::location::Location;
use crate::config::parse::text_value;
use crate::config::value::{Node, Value};

/// The way in which a text of the environment is read where the type does not ask for one kind of value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// As the value that it is in TOML.
    Value,
    /// As it is.
    Text,
    /// As texts between commas.
    List,
}

/// Returns the forms that a text may have, the first first.
pub(super) fn forms(text: &str, at: &Location) -> Vec<Form> {
    let value = value_of(text, at);
    let is_array = value.as_ref().is_some_and(|node| matches!(node.value, Value::Array(_)));
    let mut forms = vec![Form::Text];
    if value.is_some() {
        forms.insert(0, Form::Value);
    }
    if !is_array {
        forms.push(Form::List);
    }
    forms
}

/// Returns the value of a text that is more than a text.
pub(super) fn value_of(text: &str, at: &Location) -> Option<Node> {
    let value = match text.trim() {
        yes if yes.eq_ignore_ascii_case("true") => Value::Bool(true),
        no if no.eq_ignore_ascii_case("false") => Value::Bool(false),
        trimmed => match text_value(trimmed, at)?.value {
            // A name like `inf` is no number, and TOML has strings and dates in texts.
            Value::String(_) | Value::Datetime(_) => return None,
            Value::Float(number) if !number.is_finite() => return None,
            value => value,
        },
    };
    Some(Node { value, at: at.clone() })
}

/// Returns the texts between the commas of a text.
pub(super) fn list_of(text: &str, at: &Location) -> Node {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    let node = |part: &str| Node { value: Value::Text(part.to_owned()), at: at.clone() };
    Node { value: Value::Array(parts.map(node).collect()), at: at.clone() }
}

/// The differences between one reading and a plain one.
#[derive(Clone, Default)]
pub(super) struct Trial {
    /// The forms of texts; the first that a text has, if there is none.
    pub(super) forms: HashMap<Path, Form>,
    /// The names of keys that the environment spells in another way.
    pub(super) names: HashMap<Path, String>,
    /// Values that are replaced by bytes that no type accepts. The number makes them differ.
    pub(super) spoiled: HashMap<Path, usize>,
    /// Values that stand in for mistakes where the type does not say what it reads, so that the reading goes on to the next
    /// mistake.
    pub(super) instead: HashMap<Path, Node>,
    /// A value that its table does not have, and that is spoiled.
    pub(super) added: Option<Path>,
    /// A value that is left out.
    pub(super) omitted: Option<Path>,
    /// A value that is read before the others of its table.
    pub(super) first: Option<Path>,
}

impl Trial {
    /// Returns the value that stands in for one.
    pub(super) fn stand_in(&self, path: impl FnOnce() -> Path) -> Option<&Node> {
        if self.instead.is_empty() { None } else { self.instead.get(&path()) }
    }

    /// Returns the same with a value that stands in for a mistake.
    pub(super) fn with_stand_in(&self, path: &[Step], node: Node) -> Self {
        let mut trial = self.clone();
        trial.instead.insert(path.to_vec(), node);
        trial
    }

    /// Returns the bytes instead of a value, if it is spoiled.
    pub(super) fn bytes(&self, path: &Path) -> Option<Vec<u8>> {
        if self.spoiled.is_empty() {
            return None;
        }
        self.spoiled.get(path).map(|&number| spoiled(number))
    }

    /// Returns the same with values spoiled.
    pub(super) fn spoiling(&self, those: &[(&Path, usize)]) -> Self {
        let spoiled = those.iter().map(|&(path, number)| (path.clone(), number)).collect();
        Self { spoiled, ..self.clone() }
    }

    /// Returns the same with a value read first.
    pub(super) fn first(self, path: &Path) -> Self {
        Self { first: Some(path.clone()), ..self }
    }
}

/// Returns values of each kind, one of which a type may accept.
pub(super) fn stand_ins(at: &Location) -> impl Iterator<Item = Node> {
    let values = [
        Value::Integer(1),
        Value::String(String::new()),
        Value::Bool(false),
        Value::Float(0.5),
        Value::Array(Vec::new()),
        Value::Table(crate::config::value::Table::default()),
    ];
    let at = at.clone();
    values.into_iter().map(move |value| Node { value, at: at.clone() })
}

/// Returns bytes that are not UTF-8.
pub(super) fn spoiled(number: usize) -> Vec<u8> {
    let mut bytes = vec![0xff];
    bytes.extend(number.to_string().into_bytes());
    bytes
}

/// A value that a type asked for without a kind.
pub(super) struct Untyped {
    pub(super) path: Path,
    pub(super) at: Location,
    /// Its name in messages, in the form in which it was read.
    pub(super) shown: String,
    /// The forms that it may have, if it is a text of the environment.
    pub(super) forms: Vec<Form>,
}

/// A key of the environment in a table whose keys the type did not tell.
pub(super) struct Spelled {
    pub(super) table: Path,
    /// The key as the environment has it.
    pub(super) key: String,
    /// The name under which it was read.
    pub(super) name: String,
    pub(super) at: Location,
}

/// The values of a reading that further readings may change.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) untyped: Vec<Untyped>,
    pub(super) spelled: Vec<Spelled>,
    /// Tables that name a variant, but have several keys.
    pub(super) variants: Vec<Path>,
    /// Tags of enums that are read without a kind.
    pub(super) tags: Vec<Path>,
    /// Tables whose keys the type did not tell.
    pub(super) unnamed: Vec<Path>,
    /// The tables of structs with two fields, and their keys.
    pub(super) pairs: Vec<(Path, [String; 2])>,
}

impl Seen {
    /// Returns the values directly inside of a table or an array that were asked for without a kind.
    pub(super) fn inside(&self, base: &[Step]) -> impl Iterator<Item = &Untyped> {
        self.untyped
            .iter()
            .filter(move |untyped| untyped.path.len() == base.len() + 1 && untyped.path.starts_with(base))
    }

    /// Returns the texts at a place and inside of it that have several forms.
    pub(super) fn texts<'s>(&'s self, base: &'s [Step]) -> impl Iterator<Item = &'s Untyped> {
        self.untyped.iter().filter(move |untyped| untyped.forms.len() > 1 && untyped.path.starts_with(base))
    }
}

/// Returns a place one step further in.
pub(super) fn step(base: &[Step], key: &str) -> Path {
    let mut path = base.to_vec();
    path.push(Step::Key(key.to_owned()));
    path
}
