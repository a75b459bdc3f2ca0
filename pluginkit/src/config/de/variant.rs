//! A variant of an enum that has something inside.
#![forbid(unsafe_code)]

use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, IntoDeserializer, Unexpected, VariantAccess, Visitor,
};

use super::cursor::{Cursor, Trail};
use super::error::Mistake;
use super::marks::{Marks, Step};
use crate::config::value::{Entry, Value};

/// `name = content`, as the only key of a table.
pub(super) struct Variant<'a> {
    name: &'a str,
    entry: &'a Entry,
    whole: Cursor<'a>,
    marks: &'a Marks,
}

impl<'a> Variant<'a> {
    pub(super) fn new(name: &'a str, entry: &'a Entry, whole: Cursor<'a>) -> Self {
        let marks = whole.marks.inside(&Step::Key(name.to_owned()));
        Self { name, entry, whole, marks }
    }

    fn read<T>(&self, read: impl FnOnce(Cursor<'_>) -> Result<T, Mistake>) -> Result<T, Mistake> {
        let marks = self.marks;
        if marks.is_marked() {
            return Err(Mistake::doubtful());
        }
        let trail = Trail::Key(&self.whole.trail, self.name);
        let (node, reading) = (&self.entry.node, self.whole.reading);
        let cursor = Cursor { node, trail, marks, reading, known: None };
        read(cursor).map_err(|mistake| mistake.found_at(node, &trail, marks))
    }
}

impl<'de> EnumAccess<'de> for Variant<'_> {
    type Error = Mistake;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self), Mistake> {
        match seed.deserialize(self.name.into_deserializer()) {
            Ok(value) => Ok((value, self)),
            Err(mistake) => {
                let mistake: Mistake = mistake;
                Err(mistake.found_at_key(self.name, &self.entry.key_at, &self.whole.trail))
            }
        }
    }
}

impl<'de> VariantAccess<'de> for Variant<'_> {
    type Error = Mistake;

    fn unit_variant(self) -> Result<(), Mistake> {
        self.read(|cursor| match &cursor.node.value {
            Value::Table(table) if table.0.is_empty() => Ok(()),
            _ => Err(Error::invalid_type(Unexpected::Other("a value"), &"a variant without one")),
        })
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Mistake> {
        self.read(|cursor| seed.deserialize(cursor))
    }

    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Mistake> {
        self.read(|cursor| cursor.deserialize_tuple(length, visitor))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mistake> {
        self.read(|cursor| cursor.deserialize_struct("", fields, visitor))
    }
}
