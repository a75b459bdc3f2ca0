//! Which values were found to be mistakes, by their place in the whole.
#![forbid(unsafe_code)]

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::LazyLock;

/// A step from a value to one inside it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Step {
    Key(String),
    Index(usize),
}

pub(super) type Path = Vec<Step>;

/// The treatment of a mistake in the next reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// Read something else in its place.
    Probe,
    /// Leave the key out.
    Omit,
}

/// The marks on a value and inside of it.
#[derive(Debug, Default)]
pub(super) struct Marks {
    here: Option<Mark>,
    inside: HashMap<Step, Self>,
}

impl Marks {
    /// Puts a mark, and says whether there was none.
    pub(super) fn insert(&mut self, path: &[Step], mark: Mark) -> bool {
        match path.split_first() {
            None => self.here.replace(mark).is_none(),
            Some((step, rest)) => self.inside.entry(step.clone()).or_default().insert(rest, mark),
        }
    }

    /// Returns no marks.
    pub(super) fn none() -> &'static Self {
        static NONE: LazyLock<Marks> = LazyLock::new(Marks::default);
        &NONE
    }

    /// Returns the marks one step further in.
    pub(super) fn inside(&self, step: &Step) -> &Self {
        self.inside.get(step).unwrap_or_else(|| Self::none())
    }

    /// Returns the marks at a place, if there are any at it or inside.
    pub(super) fn at(&self, path: &[Step]) -> Option<&Self> {
        path.iter().try_fold(self, |marks, step| marks.inside.get(step))
    }

    pub(super) fn here(&self) -> Option<Mark> {
        self.here
    }

    pub(super) fn is_marked(&self) -> bool {
        self.here.is_some()
    }

    /// Returns whether anything inside has a mark.
    pub(super) fn has_inside(&self) -> bool {
        !self.inside.is_empty()
    }

    /// Returns the keys that are marked, or have a mark inside.
    pub(super) fn keys(&self) -> impl Iterator<Item = (&str, &Self)> {
        self.inside.iter().filter_map(|(step, marks)| match step {
            Step::Key(key) => Some((key.as_str(), marks)),
            Step::Index(_) => None,
        })
    }
}

/// Returns a path as people write it: `servers[2].port`.
pub(super) fn written(path: &[Step]) -> String {
    let mut text = String::new();
    for step in path {
        match step {
            Step::Index(index) => text.write_fmt(format_args!("[{index}]")).unwrap_or_default(),
            Step::Key(key) => {
                if !text.is_empty() {
                    text.push('.');
                }
                let is_bare =
                    |character: char| character.is_ascii_alphanumeric() || matches!(character, '-' | '_');
                if !key.is_empty() && key.chars().all(is_bare) {
                    text.push_str(key);
                } else {
                    text.write_fmt(format_args!("{key:?}")).unwrap_or_default();
                }
            }
        }
    }
    text
}
