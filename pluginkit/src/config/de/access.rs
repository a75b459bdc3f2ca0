//! The elements of an array and the fields of a table, one after the other.
#![forbid(unsafe_code)]

use serde::de::value::BytesDeserializer;
use serde::de::{DeserializeSeed, MapAccess, SeqAccess};

use super::cursor::{Cursor, Known, Trail};
use super::error::Mistake;
use super::key::Key;
use super::marks::{Mark, Marks, Step};
use super::probe::Probe;
use super::trial::{Spelled, step};
use crate::base::similar::normal_form;
use crate::config::value::{Entry, Node, Table};

pub(super) struct Elements<'a> {
    items: &'a [Node],
    next: usize,
    whole: Cursor<'a>,
}

impl<'a> Elements<'a> {
    pub(super) fn new(items: &'a [Node], whole: Cursor<'a>) -> Self {
        Self { items, next: 0, whole }
    }
}

impl<'de> SeqAccess<'de> for Elements<'_> {
    type Error = Mistake;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Mistake> {
        let index = self.next;
        let Some(node) = self.items.get(index) else { return Ok(None) };
        self.next += 1;
        let marks = self.whole.marks.inside(&Step::Index(index));
        let trail = Trail::Index(&self.whole.trail, index);
        let cursor = Cursor { node, trail, marks, reading: self.whole.reading, known: None };
        cursor.read(seed).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len() - self.next)
    }
}

/// The fields of a table: first those without a mistake, then those with one inside, then the mistakes and what
/// is missing.
pub(super) struct Fields<'a> {
    order: std::vec::IntoIter<Field<'a>>,
    current: Option<Field<'a>>,
    names: Option<&'a [&'a str]>,
    whole: Cursor<'a>,
}

#[derive(Clone, Copy)]
struct Field<'a> {
    /// The key as the type has it.
    name: &'a str,
    /// Returns the value in the table, if there is one.
    entry: Option<&'a Entry>,
    marks: &'a Marks,
}

impl<'a> Fields<'a> {
    pub(super) fn new(table: &'a Table, names: Option<&'a [&'a str]>, whole: Cursor<'a>) -> Self {
        let mut fields = Vec::with_capacity(table.0.len());
        let trial = whole.reading.trial;
        for (key, entry) in &table.0 {
            let name = match whole.renamed(key) {
                Some(name) => name,
                None => {
                    let names = names.unwrap_or_default();
                    let name = name_of(key, entry, names);
                    if table.0.contains_key(name) { key } else { name }
                }
            };
            if names.is_none() && entry.key_at.is_environment() {
                let (table, at) = (whole.trail.path(), entry.key_at.clone());
                let spelled = Spelled { table, key: key.clone(), name: name.to_owned(), at };
                whole.reading.seen.borrow_mut().spelled.push(spelled);
            }
            let marks = whole.marks.inside(&Step::Key(name.to_owned()));
            let is_omitted =
                trial.omitted.as_ref().is_some_and(|path| *path == step(&whole.trail.path(), name));
            if marks.here() != Some(Mark::Omit) && !is_omitted {
                fields.push(Field { name, entry: Some(entry), marks });
            }
        }
        if let Some([tag, content]) = names {
            // If it is a tag, it says how the content is read.
            fields.sort_by_key(|field| field.name != *tag);
            let pair = (whole.trail.path(), [(*tag).to_owned(), (*content).to_owned()]);
            whole.reading.seen.borrow_mut().pairs.push(pair);
        }
        if whole.marks.has_inside() {
            let is_there = |name: &str, fields: &[Field<'_>]| fields.iter().any(|field| field.name == name);
            let missing = whole
                .marks
                .keys()
                .filter(|(name, marks)| marks.here() == Some(Mark::Probe) && !is_there(name, &fields));
            let missing: Vec<_> = missing.map(|(name, marks)| Field { name, entry: None, marks }).collect();
            fields.extend(missing);
            fields.sort_by_key(|field| (field.marks.is_marked(), field.marks.has_inside()));
        }
        let path_of = |name: &str| step(&whole.trail.path(), name);
        if let Some(first) = &trial.first {
            fields.sort_by_key(|field| path_of(field.name) != *first);
        }
        if let Some((Step::Key(name), base)) = trial.added.as_ref().and_then(|path| path.split_last())
            && whole.trail.path() == base
        {
            fields.push(Field { name, entry: None, marks: Marks::none() });
        }
        if names.is_none() {
            whole.reading.seen.borrow_mut().unnamed.push(whole.trail.path());
        }
        if !trial.instead.is_empty() {
            let base = whole.trail.path();
            for path in trial.instead.keys() {
                if let Some((Step::Key(name), own)) = path.split_last()
                    && *own == *base
                    && !fields.iter().any(|field| field.name == name)
                {
                    fields.push(Field { name, entry: None, marks: Marks::none() });
                }
            }
        }
        Self { order: fields.into_iter(), current: None, names, whole }
    }
}

/// Returns the type's own name for a key. A variable cannot spell every key.
pub(super) fn name_of<'a>(key: &'a str, entry: &Entry, names: &[&'a str]) -> &'a str {
    if !entry.key_at.is_environment() || names.contains(&key) {
        return key;
    }
    let normal = normal_form(key);
    names.iter().copied().find(|name| normal_form(name) == normal).unwrap_or(key)
}

impl<'de> MapAccess<'de> for Fields<'_> {
    type Error = Mistake;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Mistake> {
        self.current = self.order.next();
        let Some(Field { name, entry, .. }) = self.current else { return Ok(None) };
        let result = seed.deserialize(Key(name));
        let at = entry.map_or(&self.whole.node.at, |entry| &entry.key_at);
        result.map(Some).map_err(|mistake| mistake.found_at_key(name, at, &self.whole.trail))
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Mistake> {
        let Some(Field { name, entry, marks }) = self.current.take() else {
            return Err(serde::de::Error::custom("the type asked for a value before its key"));
        };
        // With two fields it may be the tag of an enum, which says what the other one is.
        let is_tag = self.names.is_some_and(|names| names.len() == 2);
        let stand_in = || step(&self.whole.trail.path(), name);
        if entry.is_none()
            && let Some(node) = self.whole.reading.trial.stand_in(stand_in)
        {
            let trail = Trail::Key(&self.whole.trail, name);
            return Cursor { node, trail, marks, reading: self.whole.reading, known: None }.read(seed);
        }
        if entry.is_none() && !marks.is_marked() {
            return seed.deserialize(BytesDeserializer::new(&[0xff]));
        }
        let Some(entry) = entry.filter(|_| !marks.is_marked()) else {
            return seed.deserialize(Probe::instead_of(is_tag));
        };
        let known = self.names.map(|fields| Known { fields, key: name, key_at: &entry.key_at });
        let trail = Trail::Key(&self.whole.trail, name);
        Cursor { node: &entry.node, trail, marks, reading: self.whole.reading, known }.read(seed)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.order.len())
    }
}
