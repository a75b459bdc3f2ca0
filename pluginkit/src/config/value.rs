//! Values of a configuration, each with the place it comes from, and how one is laid over another.
#![forbid(unsafe_code)]

use std::borrow::Cow;

use indexmap::IndexMap;
use toml::value::Datetime;

use super::location::Location;
use crate::base::similar::normal_form;

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) value: Value,
    pub(crate) at: Location,
}

#[derive(Clone, Debug)]
pub(crate) enum Value {
    Bool(bool),
    Integer(i128),
    Float(f64),
    String(String),
    Datetime(Datetime),
    Array(Vec<Node>),
    Table(Table),
    /// The text of an environment variable. It has the type that it is read into.
    Text(String),
}

/// The values of a table by key, in the order of the document.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table(pub(crate) IndexMap<String, Entry>);

/// The value of a table under a key.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// The place of the key.
    pub(crate) key_at: Location,
    pub(crate) node: Node,
}

impl Node {
    pub(crate) fn empty_table(at: Location) -> Self {
        Self { value: Value::Table(Table::default()), at }
    }

    pub(crate) fn as_table(&self) -> Option<&Table> {
        match &self.value {
            Value::Table(table) => Some(table),
            _ => None,
        }
    }

    /// Returns its name in messages.
    pub(crate) fn describe(&self) -> String {
        match &self.value {
            Value::Bool(value) => format!("the boolean `{value}`"),
            Value::Integer(value) => format!("the integer `{value}`"),
            Value::Float(value) => format!("the float `{value}`"),
            Value::String(text) | Value::Text(text) => format!("the string {:?}", short(text)),
            Value::Datetime(value) => format!("the date or time `{value}`"),
            Value::Array(_) => "an array".to_owned(),
            Value::Table(_) => "a table".to_owned(),
        }
    }

    /// Returns it as a text, if it is one.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) | Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Returns it as a table. A variable may hold a table, too.
    pub(crate) fn table_within(&self) -> Option<Cow<'_, Table>> {
        match &self.value {
            Value::Table(table) => Some(Cow::Borrowed(table)),
            Value::Text(text) => match super::parse::text_value(text, &self.at)?.value {
                Value::Table(table) => Some(Cow::Owned(table)),
                _ => None,
            },
            _ => None,
        }
    }

    /// Lays `upper` over this: tables are joined key by key, anything else is replaced.
    pub(crate) fn overlay(&mut self, upper: &Self) {
        self.overlay_where(upper, &mut Vec::new(), &|_| false);
    }

    /// Lays `upper` over this, as [`overlay`](Self::overlay) does, and replaces tables at the places for which
    /// `replaces` returns true. `path` is the place of this.
    pub(crate) fn overlay_where<'k>(
        &mut self,
        upper: &'k Self,
        path: &mut Vec<&'k str>,
        replaces: &dyn Fn(&[&str]) -> bool,
    ) {
        if let Value::Table(lower) = &mut self.value
            && !replaces(path)
        {
            match (&upper.value, upper.table_within()) {
                (Value::Table(upper), _) => return lower.overlay(upper, path, replaces),
                // A place inside of a variable is none of a layer.
                (_, Some(upper)) => return lower.overlay(&upper, &mut Vec::new(), &|_| false),
                (_, None) => {}
            }
        }
        *self = upper.clone();
    }

    /// Returns whether both have the same values, from whatever place.
    pub(crate) fn same_value(&self, other: &Self) -> bool {
        match (&self.value, &other.value) {
            (Value::Bool(one), Value::Bool(two)) => one == two,
            (Value::Integer(one), Value::Integer(two)) => one == two,
            (Value::Float(one), Value::Float(two)) => one.to_bits() == two.to_bits(),
            (Value::String(one), Value::String(two)) | (Value::Text(one), Value::Text(two)) => one == two,
            (Value::Datetime(one), Value::Datetime(two)) => one == two,
            (Value::Array(one), Value::Array(two)) => {
                one.len() == two.len() && one.iter().zip(two).all(|(one, two)| one.same_value(two))
            }
            (Value::Table(one), Value::Table(two)) => {
                let same = |(key, entry): (&String, &Entry)| {
                    two.0.get(key).is_some_and(|other| entry.node.same_value(&other.node))
                };
                one.0.len() == two.0.len() && one.0.iter().all(same)
            }
            _ => false,
        }
    }
}

impl Table {
    fn overlay<'k>(&mut self, upper: &'k Self, path: &mut Vec<&'k str>, replaces: &dyn Fn(&[&str]) -> bool) {
        for (key, entry) in &upper.0 {
            let lower =
                self.counterpart(key, entry.key_at.is_environment()).and_then(|at| self.0.get_index_mut(at));
            match lower {
                Some((_, lower)) => {
                    path.push(key);
                    lower.node.overlay_where(&entry.node, path, replaces);
                    path.pop();
                }
                None => {
                    self.0.insert(key.clone(), entry.clone());
                }
            }
        }
    }

    /// Returns the index of the entry that `key` means. A variable cannot spell every key.
    fn counterpart(&self, key: &str, from_environment: bool) -> Option<usize> {
        self.0.get_index_of(key).or_else(|| {
            let normal = from_environment.then(|| normal_form(key))?;
            self.0.keys().position(|own| normal_form(own) == normal)
        })
    }
}

/// Returns the beginning of a text.
fn short(text: &str) -> &str {
    text.char_indices().nth(60).map_or(text, |(end, _)| &text[..end])
}
