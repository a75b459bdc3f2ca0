//! The guarantees of one call's outcome, at any time.

use std::time::Duration;

use pluginkit::Settled;
use pluginkit::prelude::*;

use crate::ledger::{must, violation};
use crate::plugins::{Answer, Order, RESIDENTS, Refusal};

/// One consistent snapshot: every resident once, every other plugin whole or not at all, in order.
pub(crate) fn answers(answers: &[Answer], order: &Order) {
    let mine = answers.iter().all(|answer| answer.order == order.number);
    must(mine, format_args!("a call got answers to another: {answers:?}"));
    let runs = order.runs();
    must(runs == answers.len(), format_args!("{runs} extensions ran, and {} answers came", answers.len()));
    residents(answers.iter().map(|answer| answer.plugin));
    whole(answers);
    let sorted = answers.is_sorted_by(|one, two| one.priority >= two.priority);
    must(sorted, format_args!("answers are not in order: {answers:?}"));
}

/// Every plugin that is not a resident answers with both its halves, one after the other.
pub(crate) fn whole(answers: &[Answer]) {
    let others: Vec<_> = answers.iter().filter(|answer| answer.plugin >= RESIDENTS).collect();
    let pairs = others
        .chunks(2)
        .all(|pair| matches!(pair, [one, two] if one.plugin == two.plugin && (one.half, two.half) == (0, 1)));
    must(pairs, format_args!("a call saw a part of a plugin: {answers:?}"));
    let mut seen: Vec<_> = others.iter().step_by(2).map(|answer| answer.plugin).collect();
    seen.sort_unstable();
    seen.dedup();
    must(seen.len() * 2 == others.len(), format_args!("a plugin was called twice: {answers:?}"));
}

/// Every resident once, in the order they were registered in.
pub(crate) fn residents(plugins: impl Iterator<Item = u64>) {
    let seen: Vec<_> = plugins.filter(|plugin| *plugin < RESIDENTS).collect();
    must(
        seen.iter().copied().eq(0..RESIDENTS),
        format_args!("residents were lost or called twice: {seen:?}"),
    );
}

/// Whether `plugin` answered, with all it has.
pub(crate) fn has(answers: &[Answer], plugin: u64, expected: bool) {
    let count = answers.iter().filter(|answer| answer.plugin == plugin).count();
    let right = if expected { 2 } else { 0 };
    must(count == right, format_args!("plugin {plugin} answered {count} times, which must be {right}"));
}

/// Whether a call came out as the panic that `plugin` was told to have.
pub(crate) fn panicked<T, E>(outcome: &Result<T, CallError<E>>, plugin: &str, order: &Order) -> bool {
    let expected = format!("injected panic {}", order.number);
    matches!(outcome, Err(CallError::Panicked { plugin: Some(whose), message, .. })
        if *whose == *plugin && *message == expected)
}

/// Whether a call came out as the error that `plugin` was told to have.
pub(crate) fn failed<T>(outcome: &Result<T, CallError<Refusal>>, plugin: &str, order: &Order) -> bool {
    matches!(outcome, Err(CallError::Failed { plugin: Some(whose), error, .. })
        if *whose == *plugin && error.0 == order.number)
}

/// Whether a call came out as late by `plugin`, which has `expected`.
pub(crate) fn timed_out<T, E>(outcome: &Result<T, CallError<E>>, plugin: &str, expected: Duration) -> bool {
    matches!(outcome, Err(CallError::TimedOut { plugin: Some(whose), limit, elapsed, .. })
        if *whose == *plugin && *limit == expected && elapsed >= limit)
}

/// Whether what settled has the panic of `culprit`; what else it has is answers, and plugins that were late because
/// the machine was.
pub(crate) fn settled(settled: Vec<Settled<Answer>>, culprit: &str, order: &Order) -> bool {
    let mut survived = false;
    let mut answers = Vec::new();
    for Settled { plugin, result } in settled {
        let is_culprit = plugin == *culprit;
        match result {
            Ok(answer) => answers.push(answer),
            Err(CallError::TimedOut { elapsed, limit, .. }) if elapsed >= limit => survived |= is_culprit,
            result if is_culprit && panicked(&result, culprit, order) => survived = true,
            Err(error) => violation(format!("a settled call has the error {error}")),
        }
    }
    whole(&answers);
    survived
}

/// Whether all residents but `culprit` answered, in order; the one that is `slow` may have been late.
pub(crate) fn spared(answers: &[Answer], culprit: u64, slow: u64) -> bool {
    let seen: Vec<_> =
        answers.iter().map(|answer| answer.plugin).filter(|plugin| *plugin < RESIDENTS).collect();
    let others =
        |late: Option<u64>| (0..RESIDENTS).filter(move |each| *each != culprit && Some(*each) != late);
    whole(answers);
    seen.iter().copied().eq(others(None)) || seen.iter().copied().eq(others(Some(slow)))
}

/// Whether failures are the panic of `culprit` and, where the machine was late, that `slow` was.
pub(crate) fn told<E: std::fmt::Debug>(
    failures: Vec<CallError<E>>,
    culprit: &str,
    slow: &str,
    order: &Order,
) -> bool {
    let mut survived = false;
    let expected = failures.into_iter().all(|failure| {
        let outcome = Err::<(), _>(failure);
        let is_late =
            matches!(&outcome, Err(CallError::TimedOut { plugin: Some(whose), .. }) if *whose == *slow);
        survived |= panicked(&outcome, culprit, order) || (is_late && culprit == slow);
        is_late || panicked(&outcome, culprit, order)
    });
    expected && survived
}
