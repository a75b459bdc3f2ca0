//! The rules, written down as plainly as they can be.

use std::cmp::Reverse;

use pluginkit_tests::Log;

use crate::plan::{Entry, Kind, Mode, Outcome, answers, default_of, suffices};

/// The order of `entries`, which stand as registered, before `before` and `after` are looked at.
pub(crate) fn base<'e>(entries: &[&'e Entry]) -> Vec<&'e Entry> {
    let mut base = entries.to_vec();
    base.sort_by_key(|entry| (entry.bucket, Reverse(entry.priority)));
    base
}

/// Whether a constraint wants `first` before `second`.
pub(crate) fn precedes(first: &Entry, second: &Entry) -> bool {
    first.before.contains(&second.plugin) || second.after.contains(&first.plugin)
}

/// Whether any order satisfies all constraints.
pub(crate) fn is_possible(entries: &[&Entry]) -> bool {
    let mut left = entries.to_vec();
    while let Some(free) = left.iter().position(|each| !left.iter().any(|other| precedes(other, each))) {
        left.remove(free);
    }
    left.is_empty()
}

/// Whether no constraint is broken.
pub(crate) fn is_kept(order: &[&Entry]) -> bool {
    (0..order.len()).all(|at| !order[at..].iter().any(|later| precedes(later, order[at])))
}

/// The order after `before` and `after`: those that declare move as little as they must, the others
/// stay. `None` where declarers name declarers, or stayers would have to move: then any order will do
/// that keeps the constraints.
pub(crate) fn exact<'e>(base: &[&'e Entry]) -> Option<Vec<&'e Entry>> {
    if is_kept(base) {
        return Some(base.to_vec());
    }
    let names = |one: &Entry, other: &Entry| one.before.iter().chain(one.after).any(|&n| n == other.plugin);
    let (movers, stayers): (Vec<&Entry>, Vec<&Entry>) =
        base.iter().partition(|one| base.iter().any(|other| names(one, other)));
    if movers.iter().any(|one| movers.iter().any(|other| precedes(one, other))) {
        return None;
    }
    let rank = |entry: &Entry| base.iter().position(|other| *other == entry);
    let mut placed: Vec<_> = stayers.iter().enumerate().map(|(gap, &stayer)| (gap, true, stayer)).collect();
    for mover in movers {
        let natural = stayers.iter().filter(|stayer| rank(stayer) < rank(mover)).count();
        let least = stayers.iter().rposition(|stayer| precedes(stayer, mover)).map_or(0, |at| at + 1);
        let most = stayers.iter().position(|stayer| precedes(mover, stayer)).unwrap_or(stayers.len());
        placed.push((if least > most { return None } else { natural.clamp(least, most) }, false, mover));
    }
    placed.sort_by_key(|&(gap, stays, entry)| (gap, stays, rank(entry)));
    Some(placed.into_iter().map(|(_, _, entry)| entry).collect())
}

/// A call, wrappers and extensions each in call order.
pub(crate) fn call(mode: Mode, around: &[&Entry], plain: &[&Entry], mut argument: i64, log: &Log) -> Outcome {
    if let Some((wrapper, rest)) = around.split_first() {
        let run = |argument, _| call(mode, rest, plain, argument, log);
        return if wrapper.accepts(argument) {
            wrapper.around(argument, log, run)
        } else {
            run(argument, true)
        };
    }
    let kind = mode.kind();
    let (mut all, mut sum, mut has_answer) = (Vec::new(), 0, false);
    for entry in plain.iter().copied().map(Some).chain(mode.has_default().then_some(None)) {
        let answer = match entry {
            Some(entry) if entry.accepts(argument) => entry.answer(argument, log)?,
            Some(_) => None,
            None if has_answer => break,
            None => Some(default_of(argument)),
        };
        has_answer |= answer.is_some() && kind != Kind::HandsOn;
        match (kind, answer) {
            (_, None) => {}
            (Kind::Collecting, Some(item)) => all.push(item),
            (Kind::FirstResult, Some(item)) => return Ok(vec![item]),
            (Kind::HandsOn, Some(value)) if answers(value) => return Ok(vec![value, value]),
            (Kind::Pipeline | Kind::HandsOn, Some(value)) => argument = value,
            (Kind::Reduces, Some(item)) => {
                sum += item;
                if suffices(sum) {
                    break;
                }
            }
        }
    }
    Ok(match kind {
        Kind::Pipeline | Kind::HandsOn => vec![argument],
        Kind::Reduces => vec![sum],
        Kind::Collecting | Kind::FirstResult => all,
    })
}
