//! [`Cursor`]: a value as serde reads it.
#![forbid(unsafe_code)]

use serde::de::value::BytesDeserializer;
use serde::de::{DeserializeSeed, Deserializer, IntoDeserializer, Visitor};
use toml_datetime::de::{DatetimeDeserializer, is_datetime};

use super::access::{Elements, Fields, name_of};
use super::error::{Mistake, unknown_key};
use super::marks::{Marks, Path, Step};
use super::trial::{Form, Untyped, forms, list_of, step, value_of};
use super::variant::Variant;
use super::{Reading, probe};
use crate::config::parse::text_value;
use crate::config::value::{Node, Value};

/// The way from the whole to a value.
#[derive(Clone, Copy)]
pub(super) enum Trail<'a> {
    Root,
    Key(&'a Self, &'a str),
    Index(&'a Self, usize),
}

impl Trail<'_> {
    pub(super) fn path(&self) -> Path {
        let mut path = Vec::new();
        let mut trail = self;
        loop {
            trail = match trail {
                Trail::Root => break,
                Trail::Key(outer, key) => {
                    path.push(Step::Key((*key).to_owned()));
                    outer
                }
                Trail::Index(outer, index) => {
                    path.push(Step::Index(*index));
                    outer
                }
            };
        }
        path.reverse();
        path
    }
}

/// The keys of the struct that a value is read into as a field.
#[derive(Clone, Copy)]
pub(super) struct Known<'a> {
    pub(super) fields: &'a [&'a str],
    pub(super) key: &'a str,
    pub(super) key_at: &'a crate::config::location::Location,
}

#[derive(Clone, Copy)]
pub(super) struct Cursor<'a> {
    pub(super) node: &'a Node,
    pub(super) trail: Trail<'a>,
    pub(super) marks: &'a Marks,
    pub(super) reading: &'a Reading<'a>,
    pub(super) known: Option<Known<'a>>,
}

impl<'a> Cursor<'a> {
    pub(super) fn root(node: &'a Node, marks: &'a Marks, reading: &'a Reading<'a>) -> Self {
        Self { node, trail: Trail::Root, marks, reading, known: None }
    }

    /// Reads a value inside of this one, or its probe if it is marked.
    pub(super) fn read<'de, S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Mistake> {
        if self.marks.is_marked() {
            return seed.deserialize(probe::Probe::new());
        }
        let trial = self.reading.trial;
        if let Some(bytes) = (!trial.spoiled.is_empty()).then(|| trial.bytes(&self.trail.path())).flatten() {
            let result = seed.deserialize(BytesDeserializer::new(&bytes));
            return result.map_err(|mistake: Mistake| mistake.found_at(self.node, &self.trail, self.marks));
        }
        let node = trial.stand_in(|| self.trail.path()).unwrap_or(self.node);
        seed.deserialize(self.with(node)).map_err(|mistake| mistake.found_at(node, &self.trail, self.marks))
    }

    /// Returns the name of a key of this table that the environment spells in another way, if it was found.
    pub(super) fn renamed(&self, key: &str) -> Option<&'a str> {
        let names = &self.reading.trial.names;
        if names.is_empty() {
            return None;
        }
        names.get(&step(&self.trail.path(), key)).map(String::as_str)
    }

    /// Returns the same place with another value.
    pub(super) fn with(self, node: &'a Node) -> Self {
        Self { node, ..self }
    }

    fn found<T>(&self, result: Result<T, Mistake>) -> Result<T, Mistake> {
        result.map_err(|mistake| mistake.found_at(self.node, &self.trail, self.marks))
    }

    /// Reads a text of the environment as a number, and anything else as what it is.
    fn number<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        let Value::Text(text) = &self.node.value else { return self.plain(visitor) };
        let text = text.trim();
        let result = match text_value(text, &self.node.at).map(|node| node.value) {
            Some(Value::Integer(number)) => integer(number, visitor),
            Some(Value::Float(number)) => visitor.visit_f64(number),
            _ => match text.parse::<i128>() {
                Ok(number) => integer(number, visitor),
                Err(_) => Err(Mistake::wrong_type(self.node, &visitor)),
            },
        };
        self.found(result)
    }

    /// Reads a text of the environment as an array, in TOML or with commas.
    fn elements<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        let Value::Text(text) = &self.node.value else { return self.plain(visitor) };
        let node = match text_value(text, &self.node.at) {
            Some(node) if matches!(node.value, Value::Array(_)) => node,
            _ => list_of(text, &self.node.at),
        };
        self.with(&node).plain(visitor)
    }

    fn fields<'de, V: Visitor<'de>>(self, names: Option<&[&str]>, visitor: V) -> Result<V::Value, Mistake> {
        let parsed = match &self.node.value {
            Value::Text(text) => text_value(text, &self.node.at).filter(|node| node.as_table().is_some()),
            _ => None,
        };
        let node = parsed.as_ref().unwrap_or(self.node);
        match &node.value {
            Value::Table(table) => self.found(visitor.visit_map(Fields::new(table, names, self.with(node)))),
            _ => self.plain(visitor),
        }
    }

    /// Reads the value as what it is.
    fn plain<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        let result = match &self.node.value {
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::Integer(number) => integer(*number, visitor),
            Value::Float(number) => visitor.visit_f64(*number),
            Value::String(text) | Value::Text(text) => visitor.visit_str(text),
            Value::Datetime(value) => visitor.visit_string(value.to_string()),
            Value::Array(items) => visitor.visit_seq(Elements::new(items, self)),
            Value::Table(table) => visitor.visit_map(Fields::new(table, None, self)),
        };
        self.found(result)
    }

    /// Returns the form in which a text is read for a type that asks for no kind, and notes that it does.
    fn untyped(&self) -> Form {
        let path = self.trail.path();
        let forms = match &self.node.value {
            Value::Text(text) => forms(text, &self.node.at),
            _ => Vec::new(),
        };
        let form = self.reading.trial.forms.get(&path).or(forms.first()).copied().unwrap_or(Form::Text);
        let at = self.node.at.clone();
        let value = match (&self.node.value, form) {
            (Value::Text(text), Form::Value) => value_of(text, &at),
            (Value::Text(text), Form::List) => Some(list_of(text, &at)),
            _ => None,
        };
        let shown = value.as_ref().unwrap_or(self.node).describe();
        self.reading.seen.borrow_mut().untyped.push(Untyped { path, at, shown, forms });
        form
    }
}

fn integer<'de, V: Visitor<'de>>(number: i128, visitor: V) -> Result<V::Value, Mistake> {
    if let Ok(number) = i64::try_from(number) {
        visitor.visit_i64(number)
    } else if let Ok(number) = u64::try_from(number) {
        visitor.visit_u64(number)
    } else {
        visitor.visit_i128(number)
    }
}

impl<'de> Deserializer<'de> for Cursor<'_> {
    type Error = Mistake;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        let form = self.untyped();
        let Value::Text(text) = &self.node.value else { return self.plain(visitor) };
        match form {
            Form::Text => self.plain(visitor),
            Form::Value => match value_of(text, &self.node.at) {
                Some(node) => self.with(&node).plain(visitor),
                None => self.plain(visitor),
            },
            Form::List => self.with(&list_of(text, &self.node.at)).plain(visitor),
        }
    }

    fn deserialize_i8<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        self.number(visitor)
    }

    fn deserialize_i16<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        self.number(visitor)
    }

    fn deserialize_i32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        self.number(visitor)
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        self.number(visitor)
    }

    fn deserialize_i128<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        self.number(visitor)
    }

    fn deserialize_u8<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        self.number(visitor)
    }

    fn deserialize_u16<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        self.number(visitor)
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        self.number(visitor)
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        self.number(visitor)
    }

    fn deserialize_u128<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        self.number(visitor)
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        self.number(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        self.number(visitor)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        let Value::Text(text) = &self.node.value else { return self.plain(visitor) };
        let result = match text.trim().to_ascii_lowercase().as_str() {
            "true" => visitor.visit_bool(true),
            "false" => visitor.visit_bool(false),
            _ => Err(Mistake::wrong_type(self.node, &"`true` or `false`")),
        };
        self.found(result)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        match &self.node.value {
            Value::Text(text) => self.found(visitor.visit_str(text)),
            _ => self.plain(visitor),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        self.deserialize_str(visitor)
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        self.deserialize_str(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        // Only the tag of an enum is a value that names something.
        self.reading.seen.borrow_mut().tags.push(self.trail.path());
        self.deserialize_str(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        self.deserialize_str(visitor)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        self.found(visitor.visit_some(self))
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        self.plain(visitor)
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Mistake> {
        match &self.node.value {
            // A type without settings has none to be given.
            Value::Table(table) if table.0.is_empty() => self.found(visitor.visit_unit()),
            _ => self.deserialize_newtype_struct(name, visitor),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Mistake> {
        self.found(visitor.visit_newtype_struct(self))
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        self.elements(visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _length: usize, visitor: V) -> Result<V::Value, Mistake> {
        self.elements(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _length: usize,
        visitor: V,
    ) -> Result<V::Value, Mistake> {
        self.elements(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        self.fields(None, visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mistake> {
        if is_datetime(name) {
            let datetime = match &self.node.value {
                Value::Datetime(datetime) => Some(*datetime),
                Value::Text(text) => text.trim().parse().ok(),
                _ => None,
            };
            let result = match datetime {
                Some(datetime) => visitor.visit_map(DatetimeDeserializer::new(datetime)),
                None => Err(Mistake::wrong_type(self.node, &"a date or time")),
            };
            return self.found(result);
        }
        self.fields(Some(fields), visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mistake> {
        let parsed = match &self.node.value {
            Value::Text(text) => text_value(text, &self.node.at).filter(|node| node.as_table().is_some()),
            _ => None,
        };
        let node = parsed.as_ref().unwrap_or(self.node);
        let result = match &node.value {
            Value::String(text) | Value::Text(text) => visitor.visit_enum(text.as_str().into_deserializer()),
            Value::Table(table) => match table.0.first() {
                Some((name, entry)) if table.0.len() == 1 => {
                    visitor.visit_enum(Variant::new(name_of(name, entry, variants), entry, self.with(node)))
                }
                _ => {
                    self.reading.seen.borrow_mut().variants.push(self.trail.path());
                    Err(Mistake::wrong_type(
                        node,
                        &"the name of a variant, or a table with it as its only key",
                    ))
                }
            },
            _ => Err(Mistake::wrong_type(node, &"the name of a variant")),
        };
        self.found(result)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        if let Some(known) = self.known.filter(|known| !known.fields.contains(&known.key)) {
            let path = self.trail.path();
            let mut unknown = self.reading.unknown.borrow_mut();
            if unknown.len() < super::MOST && !unknown.iter().any(|(other, _)| *other == path) {
                let problem = unknown_key(&path, known.key, known.key_at, known.fields);
                unknown.push((path, problem));
            }
        }
        visitor.visit_unit()
    }
}
