//! The layers of a value, and from which one on a part of it counts.
//!
//! Tables of several sources are joined key by key. The variants of an enum are not: a source that names another one
//! replaces it. Which tables are enums is found when they are read. Nothing names the variant of an untagged enum: it is
//! the one that a source fits by itself.
#![forbid(unsafe_code)]

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use serde::de::DeserializeOwned;

use super::attempt::{Attempt, Attempts};
use super::marks::{Path, Step};
use super::trial::{Seen, Trial, step};
use crate::base::similar::normal_form;
use crate::config::value::{Entry, Node, Table, Value};

/// The layer from which on each part counts, by its place in normal form.
pub(super) type Since = HashMap<Path, usize>;

/// Returns a place without differences of spelling.
fn normal(path: &[Step]) -> Path {
    path.iter()
        .map(|step| match step {
            Step::Key(key) => Step::Key(normal_form(key)),
            Step::Index(index) => Step::Index(*index),
        })
        .collect()
}

/// Returns all layers joined.
pub(super) fn joined(layers: &[Node], since: &Since) -> Option<Node> {
    let mut layers = layers.iter().enumerate();
    let mut whole = layers.next()?.1.clone();
    for (number, layer) in layers {
        whole.overlay_where(layer, &mut Vec::new(), &|path| {
            !since.is_empty() && since.get(&normal(&keys(path))) == Some(&number)
        });
    }
    Some(whole)
}

fn keys(path: &[&str]) -> Path {
    path.iter().map(|key| Step::Key((*key).to_owned())).collect()
}

/// Returns the part of a layer at a place.
fn part<'n>(layer: &'n Node, path: &[Step]) -> Option<Cow<'n, Node>> {
    let mut node = Cow::Borrowed(layer);
    for step in path {
        let Step::Key(key) = step else { return None };
        node = match node {
            Cow::Borrowed(Node { value: Value::Table(table), .. }) => Cow::Borrowed(&named(table, key)?.node),
            other => Cow::Owned(named(&*other.table_within()?, key)?.node.clone()),
        };
    }
    Some(node)
}

fn named<'t>(table: &'t Table, key: &str) -> Option<&'t Entry> {
    table.0.get(key).or_else(|| {
        let normal = normal_form(key);
        table.0.iter().find(|(own, _)| normal_form(own) == normal).map(|(_, entry)| entry)
    })
}

/// Returns the layer in which the latest name began to count.
fn latest(layers: &[Node], name: impl Fn(&Node) -> Option<String>) -> Option<usize> {
    let mut current: Option<String> = None;
    let mut began = 0;
    for (number, layer) in layers.iter().enumerate() {
        let Some(name) = name(layer) else { continue };
        if current.as_ref().is_some_and(|current| *current != name) {
            began = number;
        }
        current = Some(name);
    }
    (began > 0).then_some(began)
}

/// Returns the same value with another part at a place, if it has one there.
fn with_part(node: &Node, path: &[Step], part: &Node) -> Option<Node> {
    let Some((Step::Key(key), inner)) = path.split_first() else {
        return path.is_empty().then(|| part.clone());
    };
    let mut node = node.clone();
    let Value::Table(table) = &mut node.value else { return None };
    let normal = normal_form(key);
    let own = table
        .0
        .keys()
        .find(|own| *own == key)
        .or_else(|| table.0.keys().find(|own| normal_form(own) == normal));
    let own = own.cloned()?;
    let entry = table.0.get_mut(&own)?;
    entry.node = with_part(&entry.node, inner, part)?;
    Some(node)
}

/// Returns the layer in which the latest variant of an untagged enum at a place began to count.
///
/// A source that is a variant by itself begins anew if it is another variant than together with the earlier sources, or if
/// it is none together with them, though these are one.
fn latest_untagged<T: DeserializeOwned>(
    layers: &[Node],
    attempts: &Attempts<'_, T>,
    trial: &Trial,
    path: &[Step],
) -> Option<usize> {
    let is_table = |node: &Node| node.table_within().is_some();
    let parts = layers.iter().enumerate();
    let parts = parts.filter_map(|(number, layer)| Some((number, part(layer, path)?.into_owned())));
    let mut parts = parts.filter(|(_, part)| is_table(part));
    let (_, mut before) = parts.next()?;
    let read = |part: &Node| -> Option<Attempt<T>> {
        let node = with_part(attempts.node, path, part)?;
        (attempts.left.get() > 0).then(|| Attempts { node: &node, ..*attempts }.read(trial))
    };
    let mut began = None;
    for (number, own) in parts {
        let both = joined(&[before.clone(), own.clone()], &Since::new())?;
        let (alone, together) = (read(&own)?, read(&both)?);
        let is_other = match (&alone.result, &together.result) {
            // A variant that does not fit is refused before the next one is tried.
            (Ok(_), Ok(_)) => alone.refusals.len() != together.refusals.len(),
            (Ok(_), Err(_)) => read(&before)?.result.is_ok(),
            (Err(_), _) => false,
        };
        if is_other {
            began = Some(number);
        }
        before = if is_other { own } else { both };
    }
    began
}

/// Returns the variant that a layer names by the only key of a table, or by its text.
fn variant(node: &Node) -> Option<String> {
    match &node.value {
        Value::String(text) => Some(normal_form(text)),
        _ => match node.table_within() {
            Some(table) => table.0.keys().next().filter(|_| table.0.len() == 1).map(|key| normal_form(key)),
            None => node.text().map(normal_form),
        },
    }
}

/// Returns the parts of a value that begin to count with a later layer than it seemed.
pub(super) fn replaced<T: DeserializeOwned>(
    layers: &[Node],
    since: &Since,
    attempts: &Attempts<'_, T>,
    trial: &Trial,
    seen: &Seen,
    together: &mut HashSet<Path>,
) -> Option<(Path, usize)> {
    if layers.len() < 2 {
        return None;
    }
    let new = |base: &[Step], began: Option<usize>| {
        let path = normal(base);
        began.filter(|_| !since.contains_key(&path)).map(|began| (path, began))
    };
    for base in &seen.variants {
        let began = latest(layers, |layer| variant(&*part(layer, base)?));
        if let Some(found) = new(base, began) {
            return Some(found);
        }
    }
    let differs = |tag: &[Step]| latest(layers, |layer| part(layer, tag)?.text().map(str::to_owned));
    for tag in &seen.tags {
        let base = &tag[..tag.len().saturating_sub(1)];
        if let Some(found) = new(base, differs(tag)) {
            return Some(found);
        }
    }
    // Content that is read before its tag is kept, and so read without a kind.
    for (base, [tag, content]) in &seen.pairs {
        let content = step(base, content);
        if let Some(found) = new(base, differs(&step(base, tag))) {
            let untyped = |seen: &Seen| {
                seen.untyped.iter().filter(|untyped| untyped.path.starts_with(&content)).count()
            };
            let first = Trial { first: Some(content.clone()), ..trial.clone() };
            if attempts.left.get() > 0 && untyped(seen) < untyped(&attempts.read(&first).seen) {
                return Some(found);
            }
        }
    }
    // A tag under `flatten` is told from other texts by what is said of a wrong one.
    for untyped in &seen.untyped {
        let base = &untyped.path[..untyped.path.len().saturating_sub(1)];
        if untyped.path.is_empty() || attempts.left.get() == 0 {
            continue;
        }
        if let Some(found) = new(base, differs(&untyped.path)) {
            let result = attempts.read(&trial.spoiling(&[(&untyped.path, 0)])).result;
            if result.is_err_and(|mistake| mistake.is_variant()) {
                return Some(found);
            }
        }
    }
    // The outer ones first.
    let mut untyped: Vec<&Path> = seen.untyped.iter().map(|untyped| &untyped.path).collect();
    untyped.sort_by_key(|path| path.len());
    for path in untyped {
        if !together.insert(normal(path)) {
            continue;
        }
        if let Some(found) = new(path, latest_untagged(layers, attempts, trial, path)) {
            return Some(found);
        }
    }
    None
}
