//! Values of a configuration into types that serde can read, with every mistake that can be told.
//!
//! serde stops at the first mistake. So the value is read again and again: the mistakes found so far are marked,
//! what they are on is read after everything else and replaced by a [`Probe`], which is whatever it is asked to
//! be, and the next mistake comes up. A mistake that may only be there because of a probe is not told.
//!
//! Where a type does not say what it reads, further readings find out: in which form it reads a text of the
//! environment, under which name a key, which sources name the variant of an enum, and where a mistake is. Each of
//! these readings differs from a plain one by a [`Trial`]. There are only so many readings of one value, in the same
//! order for the same value and type.
#![forbid(unsafe_code)]

mod access;
mod attempt;
mod cursor;
mod error;
mod key;
mod layers;
mod marks;
mod names;
mod probe;
mod trial;
mod variant;

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::marker::PhantomData;

use serde::de::DeserializeOwned;

use self::attempt::Attempts;
use self::error::Mistake;
use self::layers::Since;
use self::marks::{Marks, Path};
use self::names::Unread;
use self::trial::{Form, Seen, Trial, Untyped};
use super::error::{ConfigError, ConfigProblem};
use super::location::Location;
use super::value::Node;

/// The greatest number of mistakes that are looked for in one value.
const MOST: usize = 100;

/// The greatest number of readings that look for mistakes in one value.
const MOST_READINGS: usize = 4 * MOST;

/// The greatest number of readings of one value.
const MOST_TRIALS: usize = 20 * MOST;

/// State that the parts of one reading share.
struct Reading<'a> {
    /// The values that nothing read, and the problem of each.
    unknown: RefCell<Vec<(Path, ConfigProblem)>>,
    seen: RefCell<Seen>,
    trial: &'a Trial,
}

/// What is known of a value after some readings.
struct Findings {
    marks: Marks,
    trial: Trial,
    problems: Vec<ConfigProblem>,
    unknown: Vec<(Path, ConfigProblem)>,
    /// Texts of which no form fits.
    unfit: HashSet<Path>,
}

/// Returns layers of a value as one value, the later over the earlier. Enums are joined like other tables.
pub(super) fn joined(layers: &[Node]) -> Option<Node> {
    layers::joined(layers, &Since::new())
}

/// Reads the `layers` of a value, the later over the earlier, or says what is wrong with them, in the order of the
/// places.
pub(super) fn deserialize<T: DeserializeOwned>(layers: &[Node], whole: &Node) -> Result<T, ConfigError> {
    let mut node = whole.clone();
    let mut since = Since::new();
    let left = Cell::new(MOST_TRIALS);
    let mut found = Findings {
        marks: Marks::default(),
        trial: Trial::default(),
        problems: Vec::new(),
        unknown: Vec::new(),
        unfit: HashSet::new(),
    };
    let mut readings = 0;
    let mut together = HashSet::new();
    loop {
        let attempts = Attempts::<T> { node: &node, marks: &found.marks, left: &left, of: PhantomData };
        let attempt = attempts.read(&found.trial);
        let replaced =
            layers::replaced(layers, &since, &attempts, &found.trial, &attempt.seen, &mut together);
        if let Some((path, began)) = replaced {
            since.insert(path, began);
            node = layers::joined(layers, &since).unwrap_or(node);
            continue;
        }
        let mut unknown = attempt.unknown.clone();
        if attempt.result.is_ok() {
            if let Some(better) = attempts.better(&found.trial, &attempt) {
                found.trial = better;
                continue;
            }
            let mut renamed = false;
            for unread in attempts.unread(&found.trial, &attempt) {
                match unread {
                    Unread::Name(path, name) => {
                        found.trial.names.insert(path, name);
                        renamed = true;
                    }
                    Unread::Problem(path, problem) => unknown.push((path, problem)),
                }
            }
            if renamed {
                continue;
            }
        }
        note(&mut found.unknown, unknown);
        let mistake = match attempt.result {
            Ok(value) if found.problems.is_empty() && found.unknown.is_empty() => return Ok(value),
            Ok(_) => break,
            Err(mistake) => mistake,
        };
        let mistake = match found.settle(&attempts, mistake, &attempt.seen) {
            Settled::Again(trial) => {
                found.trial = *trial;
                continue;
            }
            Settled::Unfit(path) => {
                found.trial.forms.insert(path.clone(), Form::Text);
                found.unfit.insert(path);
                continue;
            }
            Settled::Mistake(mistake) => mistake,
        };
        if let Some(past) = attempts.past(&found.trial, &mistake, &attempt.seen)
            && found.problems.len() + 1 < MOST
            && readings < MOST_READINGS
        {
            found.trial = past;
            found.problems.push(mistake.into_problem());
            readings += 1;
            continue;
        }
        // A mistake of a whole may be about a value that stands in for another.
        let is_of_whole = found.trial.instead.keys().any(|path| path.starts_with(mistake.path()));
        let is_new = found.marks.insert(mistake.path(), mistake.mark());
        // Without another to show, a doubtful mistake is better than none.
        let nothing_yet = found.problems.is_empty() && found.unknown.is_empty();
        if nothing_yet || (is_new && !mistake.is_doubtful() && !is_of_whole) {
            found.problems.push(mistake.into_problem());
        }
        readings += 1;
        if !is_new || found.marks.is_marked() || found.problems.len() >= MOST || readings >= MOST_READINGS {
            break;
        }
    }
    let mut problems = found.problems;
    problems.extend(found.unknown.into_iter().map(|(_, problem)| problem));
    problems.sort_by_key(|problem| problem.location().map_or(0, Location::offset));
    Err(ConfigError::of(problems))
}

/// What follows from a mistake.
enum Settled {
    /// The value is to be read in another way.
    Again(Box<Trial>),
    /// No form of this text fits. It is read as it is, for the sake of the message.
    Unfit(Path),
    /// It is one, at its place.
    Mistake(Mistake),
}

/// Adds problems, each of another place.
fn note(all: &mut Vec<(Path, ConfigProblem)>, unknown: Vec<(Path, ConfigProblem)>) {
    for (path, problem) in unknown {
        if all.len() < MOST && !all.iter().any(|(other, _)| *other == path) {
            all.push((path, problem));
        }
    }
}

impl Findings {
    /// Finds out whether a mistake is one, and where.
    fn settle<T: DeserializeOwned>(
        &self,
        attempts: &Attempts<'_, T>,
        mistake: Mistake,
        seen: &Seen,
    ) -> Settled {
        if mistake.is_doubtful() || attempts.left.get() == 0 {
            return Settled::Mistake(mistake);
        }
        let trial = &self.trial;
        if let Some((path, name)) = names::missing(&mistake, seen)
            && !trial.names.contains_key(&path)
        {
            let mut trial = trial.clone();
            trial.names.insert(path, name);
            return Settled::Again(Box::new(trial));
        }
        if let Some(trial) = self.next_form_of_the_only(attempts, &mistake, seen) {
            return Settled::Again(Box::new(trial));
        }
        let place = attempts.place(trial, &mistake, seen);
        let base = match &place {
            Some((path, _)) => path.clone(),
            None => mistake.base().0.to_vec(),
        };
        if !self.unfit.contains(&base) {
            let text = seen.untyped.iter().find(|text| text.path == base && text.forms.len() > 1);
            if let Some(text) = text {
                return match self.next_form(text) {
                    Some(trial) => Settled::Again(Box::new(trial)),
                    None => Settled::Unfit(base),
                };
            }
            if let Some(forms) = attempts.forms(trial, &base, seen) {
                let mut trial = trial.clone();
                trial.forms.extend(forms);
                return Settled::Again(Box::new(trial));
            }
        }
        Settled::Mistake(match place {
            Some((path, at)) => mistake.moved_to(path, at),
            None => mistake,
        })
    }

    /// Returns the trial with the next form of a text, if there is one.
    fn next_form(&self, text: &Untyped) -> Option<Trial> {
        let now = self.trial.forms.get(&text.path).or(text.forms.first());
        let at = text.forms.iter().position(|form| Some(form) == now).unwrap_or(0);
        let mut trial = self.trial.clone();
        trial.forms.insert(text.path.clone(), *text.forms.get(at + 1)?);
        Some(trial)
    }

    /// Returns the trial with the next form of a text, if the mistake can be about no other value.
    fn next_form_of_the_only<T: DeserializeOwned>(
        &self,
        attempts: &Attempts<'_, T>,
        mistake: &Mistake,
        seen: &Seen,
    ) -> Option<Trial> {
        let mut those = seen.untyped.iter().filter(|untyped| mistake.is_about(&untyped.shown));
        let (Some(text), None) = (those.next(), those.next()) else { return None };
        let is_possible = text.path.starts_with(mistake.base().0) && !self.unfit.contains(&text.path);
        let trial = self.next_form(text).filter(|_| is_possible)?;
        (attempts.read(&trial).print() != Some(mistake.print())).then_some(trial)
    }
}
