//! Values of a configuration into types that serde can read, with every mistake that can be told.
//!
//! serde stops at the first mistake. So the value is read again and again: the mistakes found so far are marked,
//! what they are on is read after everything else and replaced by a [`Probe`], which is whatever it is asked to
//! be, and the next mistake comes up. A mistake that may only be there because of a probe is not told.
#![forbid(unsafe_code)]

mod access;
mod cursor;
mod error;
mod key;
mod marks;
mod probe;
mod variant;

use std::cell::RefCell;

use serde::de::DeserializeOwned;

use self::cursor::{Cursor, Trail};
use self::marks::{Marks, Path};
use super::error::{ConfigError, ConfigProblem};
use super::value::Node;

/// The greatest number of mistakes that are looked for in one value.
const MOST: usize = 100;

/// The greatest number of readings of one value.
const MOST_READINGS: usize = 4 * MOST;

/// State that the parts of one reading share.
struct Reading<'a> {
    /// The values that nothing read, and the problem of each.
    unknown: &'a RefCell<Vec<(Path, ConfigProblem)>>,
}

/// Reads `node`, or says what is wrong with it, in the order of the places.
pub(super) fn deserialize<T: DeserializeOwned>(node: &Node) -> Result<T, ConfigError> {
    let unknown = RefCell::new(Vec::new());
    let reading = Reading { unknown: &unknown };
    let mut marks = Marks::default();
    let mut problems: Vec<ConfigProblem> = Vec::new();
    let mut readings = 0;
    loop {
        let cursor = Cursor::root(node, &marks, &reading);
        let mistake = match T::deserialize(cursor) {
            Ok(value) if problems.is_empty() && unknown.borrow().is_empty() => return Ok(value),
            Ok(_) => break,
            Err(mistake) => mistake.found_at(node, &Trail::Root, &marks),
        };
        let is_new = marks.insert(mistake.path(), mistake.mark());
        // Without another to show, a doubtful mistake is better than none.
        let nothing_yet = problems.is_empty() && unknown.borrow().is_empty();
        if nothing_yet || (is_new && !mistake.is_doubtful()) {
            problems.push(mistake.into_problem());
        }
        readings += 1;
        if !is_new || marks.is_marked() || problems.len() >= MOST || readings >= MOST_READINGS {
            break;
        }
    }
    problems.extend(unknown.into_inner().into_iter().map(|(_, problem)| problem));
    problems.sort_by_key(|problem| problem.location().map_or(0, super::location::Location::offset));
    Err(ConfigError::of(problems))
}
