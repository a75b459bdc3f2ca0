//! [`Attempts`]: readings of one value, of which there are only so many, and which part of it a mistake is on.
//!
//! serde buffers parts of a value whose types it does not know yet: under `flatten`, and in enums that are untagged or
//! internally tagged. A mistake in such a part has no place. More readings find the place: in each of them, some parts
//! are spoiled, moved or left out.
#![forbid(unsafe_code)]

use std::cell::{Cell, RefCell};
use std::marker::PhantomData;

use serde::de::DeserializeOwned;

use super::Reading;
use super::cursor::{Cursor, Trail};
use super::error::{Mistake, is_about, watched};
use super::marks::{Marks, Path, Step};
use super::trial::{Form, Seen, Trial, Untyped, stand_ins, step};
use crate::config::error::{ConfigProblem, ProblemKind};
use crate::config::location::Location;
use crate::config::value::Node;

/// The greatest number of ways in which the texts of one place are read together.
const MOST_FORMS: usize = 64;

/// The outcome of a reading, to compare with those of others.
pub(super) type Print = Option<(Path, ProblemKind, String)>;

pub(super) struct Attempts<'a, T> {
    pub(super) node: &'a Node,
    pub(super) marks: &'a Marks,
    /// The number of readings that are left.
    pub(super) left: &'a Cell<usize>,
    pub(super) of: PhantomData<fn() -> T>,
}

/// A reading that came to its end.
pub(super) struct Attempt<T> {
    pub(super) result: Result<T, Mistake>,
    pub(super) seen: Seen,
    /// The keys that nothing read.
    pub(super) unknown: Vec<(Path, ConfigProblem)>,
    /// The refusals of types, also those of attempts that were given up.
    pub(super) refusals: Vec<String>,
}

impl<T> Attempt<T> {
    pub(super) fn print(&self) -> Print {
        self.result.as_ref().err().map(Mistake::print)
    }
}

impl<T: DeserializeOwned> Attempts<'_, T> {
    /// Reads the value once.
    pub(super) fn read(&self, trial: &Trial) -> Attempt<T> {
        self.left.set(self.left.get().saturating_sub(1));
        let reading = Reading { unknown: RefCell::default(), seen: RefCell::default(), trial };
        let cursor = Cursor::root(self.node, self.marks, &reading);
        let (result, refusals) = watched(|| T::deserialize(cursor));
        let result = result.map_err(|mistake| mistake.found_at(self.node, &Trail::Root, self.marks));
        let Reading { unknown, seen, .. } = reading;
        Attempt { result, seen: seen.into_inner(), unknown: unknown.into_inner(), refusals }
    }

    /// Returns the outcome of a reading; the plain one, if there are no more.
    fn print(&self, trial: &Trial, plain: &Print) -> Print {
        if self.left.get() == 0 { plain.clone() } else { self.read(trial).print() }
    }

    /// Returns the place of a mistake that is told of a whole, and where it is.
    pub(super) fn place(&self, trial: &Trial, mistake: &Mistake, seen: &Seen) -> Option<(Path, Location)> {
        let plain = Some(mistake.print());
        let (base, field) = mistake.base();
        let mut base = base.to_vec();
        let mut found = None;
        loop {
            if let Some(field) = field {
                let path = step(&base, field);
                let is_here = if mistake.is_missing() {
                    let added = Trial { added: Some(path), ..trial.clone() };
                    self.print(&added, &plain) != plain
                } else {
                    seen.untyped.iter().any(|untyped| untyped.path == path)
                };
                if is_here {
                    return found;
                }
            }
            let Some((path, at)) = self.blamed(trial, &plain, &base, seen) else { return found };
            base.clone_from(&path);
            found = Some((path, at));
        }
    }

    /// Returns the trial with a value instead of a mistake that the type accepts there, if the type does not say what it
    /// reads. serde gives such a part up with its first mistake.
    pub(super) fn past(&self, trial: &Trial, mistake: &Mistake, seen: &Seen) -> Option<Trial> {
        let (path, at) = (mistake.path(), mistake.location()?);
        let (_, base) = path.split_last()?;
        let is_untold = seen.unnamed.iter().any(|table| table == base) || seen.inside(base).next().is_some();
        if mistake.is_doubtful() || trial.instead.contains_key(path) || !is_untold {
            return None;
        }
        stand_ins(at).find_map(|node| {
            if self.left.get() == 0 {
                return None;
            }
            let other = trial.with_stand_in(path, node);
            let read = self.read(&other);
            let is_past = match &read.result {
                Ok(_) => true,
                Err(next) => {
                    let place = self.place(&other, next, &read.seen).map(|(place, _)| place);
                    let place = place.unwrap_or_else(|| next.path().to_vec());
                    // A mistake of a whole may be about the value that stands in.
                    !next.is_doubtful() && !place.starts_with(path) && !path.starts_with(&place)
                }
            };
            is_past.then_some(other)
        })
    }

    /// Returns the part of `base` that a mistake is on.
    fn blamed(&self, trial: &Trial, plain: &Print, base: &[Step], seen: &Seen) -> Option<(Path, Location)> {
        let parts: Vec<_> = seen
            .inside(base)
            .enumerate()
            .filter(|(_, part)| !self.marks.at(&part.path).is_some_and(Marks::is_marked))
            .collect();
        let spoil = |those: &[usize]| {
            let those: Vec<_> = those.iter().map(|&at| (&parts[at].1.path, parts[at].0)).collect();
            trial.spoiling(&those)
        };
        let alone: Vec<Print> = (0..parts.len()).map(|at| self.print(&spoil(&[at]), plain)).collect();
        // The parts that are read before the mistake, and the part of the mistake.
        let read: Vec<usize> = (0..parts.len()).filter(|&at| alone[at] != *plain).collect();
        // An untagged enum has one message for all mistakes.
        let silent = (0..parts.len()).filter(|at| !read.contains(at)).filter(|&at| {
            let omitted = Trial { omitted: Some(parts[at].1.path.clone()), ..trial.clone() };
            self.print(&omitted, plain) != *plain
        });
        let silent: Vec<usize> = silent.collect();
        let place = |at: usize| Some((parts[at].1.path.clone(), parts[at].1.at.clone()));
        if let [at] = silent[..] {
            return place(at);
        }
        let mut last = *read.first()?;
        for &other in &read[1..] {
            if self.print(&spoil(&[last, other]), plain) == alone[last] {
                last = other;
            }
        }
        // Of the parts that one type reads, the first is read first. If the mistake is of all of them, it comes after
        // each.
        let beside = read.iter().copied().find(|&other| {
            let leads = |own: usize| {
                let trial = spoil(&[last, other]).first(&parts[own].1.path);
                self.print(&trial, plain) == alone[own]
            };
            other != last && leads(last) && leads(other)
        });
        let is_own = beside.is_none_or(|other| {
            let trial = spoil(&[other]).first(&parts[last].1.path);
            self.print(&trial, plain) == *plain
        });
        if is_own { place(last) } else { None }
    }

    /// Returns the trial with another form of a text, if types have refused less then.
    ///
    /// A type that tries several things takes the first that fits: of an untagged enum, the first variant. A text that
    /// is an array or a table is taken as such, and one that is a list only between commas is taken as a text, wherever
    /// the type accepts that.
    pub(super) fn better(&self, trial: &Trial, attempt: &Attempt<T>) -> Option<Trial> {
        let refused = |text: &&Untyped| {
            text.forms.len() > 1 && attempt.refusals.iter().any(|message| is_about(message, &text.shown))
        };
        for text in attempt.seen.untyped.iter().filter(refused) {
            let now = trial.forms.get(&text.path).or(text.forms.first());
            let spoiled = trial.spoiling(&[(&text.path, 0)]);
            // A part that may be missing is left out, if a value in it is refused.
            let is_accepted = self.left.get() == 0 || self.read(&spoiled).result.is_err();
            let is_scalar = !matches!(text.shown.as_str(), "an array" | "a table");
            let mut is_later = false;
            for form in &text.forms {
                if Some(form) == now {
                    is_later = true;
                    continue;
                }
                if is_accepted && (!is_scalar || *form == Form::List) {
                    continue;
                }
                if self.left.get() == 0 {
                    return None;
                }
                let mut other = trial.clone();
                other.forms.insert(text.path.clone(), *form);
                let tried = self.read(&other);
                let is_gone = !tried.refusals.iter().any(|message| attempt.refusals.contains(message));
                let is_less = tried.refusals.len() < attempt.refusals.len()
                    || is_later && tried.refusals.len() == attempt.refusals.len() && is_gone;
                if tried.result.is_ok() && is_less {
                    return Some(other);
                }
            }
        }
        None
    }

    /// Returns forms of the texts at a place with which the mistake there is gone.
    pub(super) fn forms(&self, trial: &Trial, base: &[Step], seen: &Seen) -> Option<Vec<(Path, Form)>> {
        let texts: Vec<_> = seen.texts(base).map(|text| (&text.path, &text.forms)).collect();
        if texts.is_empty() {
            return None;
        }
        let choose = |chosen: &[usize]| -> Vec<(Path, Form)> {
            texts.iter().zip(chosen).map(|((path, forms), &at)| ((*path).clone(), forms[at])).collect()
        };
        let text = |forms: &&Vec<Form>| forms.iter().position(|form| *form == Form::Text).unwrap_or(0);
        let mut chosen: Vec<usize> = texts.iter().map(|(_, forms)| text(forms)).collect();
        let mut next = vec![0; texts.len()];
        for _ in 0..MOST_FORMS {
            if self.left.get() == 0 {
                return None;
            }
            let mut other = trial.clone();
            other.forms.extend(choose(&chosen));
            match self.read(&other).result {
                Err(mistake) if mistake.path().starts_with(base) => {}
                _ => return Some(choose(&chosen)),
            }
            // The next combination, the first text fastest.
            let at = (0..texts.len()).find(|&at| next[at] + 1 < texts[at].1.len())?;
            next[at] += 1;
            next[..at].fill(0);
            chosen.clone_from(&next);
        }
        None
    }
}
