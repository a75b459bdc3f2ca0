//! The names of keys that the environment spells in another way than a type that does not tell its keys.
#![forbid(unsafe_code)]

use serde::de::DeserializeOwned;

use super::attempt::{Attempt, Attempts};
use super::error::{Mistake, unread_key};
use super::marks::Path;
use super::trial::{Seen, Spelled, Trial, step};
use crate::base::similar::normal_form;
use crate::config::error::ConfigProblem;

/// Returns the key of the environment that means a missing field, and the field.
pub(super) fn missing(mistake: &Mistake, seen: &Seen) -> Option<(Path, String)> {
    let (base, field) = mistake.base();
    let field = field.filter(|_| mistake.is_missing())?;
    let normal = normal_form(field);
    let means = |spelled: &&Spelled| {
        spelled.table == base && spelled.name != field && normal_form(&spelled.key) == normal
    };
    seen.spelled.iter().find(means).map(|spelled| (step(base, &spelled.key), field.to_owned()))
}

/// A key of the environment that nothing read as it is spelled.
pub(super) enum Unread {
    /// It is read under this name.
    Name(Path, String),
    /// It is read under no name.
    Problem(Path, ConfigProblem),
}

impl<T: DeserializeOwned> Attempts<'_, T> {
    /// Looks for the keys of the environment that nothing read. A value that is read cannot be spoiled.
    pub(super) fn unread(&self, trial: &Trial, attempt: &Attempt<T>) -> Vec<Unread> {
        let mut unread = Vec::new();
        for spelled in &attempt.seen.spelled {
            let is_read = |name: &str| {
                let mut other = trial.spoiling(&[(&step(&spelled.table, name), 0)]);
                other.names.insert(step(&spelled.table, &spelled.key), name.to_owned());
                if self.left.get() == 0 {
                    return true;
                }
                let tried = self.read(&other);
                tried.result.is_err() || tried.refusals != attempt.refusals
            };
            if is_read(&spelled.name) {
                continue;
            }
            let path = step(&spelled.table, &spelled.key);
            match spellings(&spelled.key).into_iter().find(|name| is_read(name)) {
                Some(name) => unread.push(Unread::Name(path, name)),
                None => unread.push(Unread::Problem(path.clone(), unread_key(&path, &spelled.at))),
            }
        }
        unread
    }
}

/// Returns a name as the conventions of serde's `rename_all` spell it.
fn spellings(name: &str) -> Vec<String> {
    let words: Vec<&str> = name.split('_').filter(|word| !word.is_empty()).collect();
    let capital = |word: &&str| {
        let mut letters = word.chars();
        letters
            .next()
            .map_or_else(String::new, |first| first.to_uppercase().collect::<String>() + letters.as_str())
    };
    let pascal: String = words.iter().map(capital).collect();
    let first = words.first().copied().unwrap_or_default();
    let camel = first.to_owned() + &words.iter().skip(1).map(capital).collect::<String>();
    let kebab = words.join("-");
    let all = [camel, pascal, kebab.clone(), words.concat(), name.to_uppercase(), kebab.to_uppercase()];
    all.into_iter().filter(|other| other != name).collect()
}
