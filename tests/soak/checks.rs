//! What must hold of the outcome of one call, whatever else goes on.

use crate::ledger::must;
use crate::plugins::{Answer, Order, RESIDENTS};

/// One consistent snapshot: every resident once, every other plugin whole or not at all, in order.
pub(crate) fn answers(answers: &[Answer], order: &Order) {
    let mine = answers.iter().all(|answer| answer.order == order.number);
    must!(mine, "a call got answers to another: {answers:?}");
    let runs = order.runs();
    must!(runs == answers.len(), "{runs} extensions ran, and {} answers came", answers.len());
    residents(answers.iter().map(|answer| answer.plugin));
    whole(answers);
    let sorted = answers.is_sorted_by(|one, two| one.priority >= two.priority);
    must!(sorted, "answers are not in order: {answers:?}");
}

/// Every plugin that is not a resident answers with both its halves, one after the other.
pub(crate) fn whole(answers: &[Answer]) {
    let others: Vec<_> = answers.iter().filter(|answer| answer.plugin >= RESIDENTS).collect();
    let pairs = others
        .chunks(2)
        .all(|pair| matches!(pair, [one, two] if one.plugin == two.plugin && (one.half, two.half) == (0, 1)));
    must!(pairs, "a call saw a part of a plugin: {answers:?}");
    let mut seen: Vec<_> = others.iter().step_by(2).map(|answer| answer.plugin).collect();
    seen.sort_unstable();
    seen.dedup();
    must!(seen.len() * 2 == others.len(), "a plugin was called twice: {answers:?}");
}

/// Every resident once, in the order they were registered in.
pub(crate) fn residents(plugins: impl Iterator<Item = u64>) {
    let seen: Vec<_> = plugins.filter(|plugin| *plugin < RESIDENTS).collect();
    must!(seen.iter().copied().eq(0..RESIDENTS), "residents were lost or called twice: {seen:?}");
}

/// Whether `plugin` answered, with all it has.
pub(crate) fn has(answers: &[Answer], plugin: u64, expected: bool) {
    let count = answers.iter().filter(|answer| answer.plugin == plugin).count();
    let right = if expected { 2 } else { 0 };
    must!(count == right, "plugin {plugin} answered {count} times, which must be {right}");
}
