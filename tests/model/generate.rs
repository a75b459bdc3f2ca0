//! Random cases.

use pluginkit::points::Bucket;
use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;

use crate::plan::{
    Around, Body, Case, Condition, Entry, INDICES, Manner, Mode, NAMES, Plugin, REFERENCES, Step, Work,
    WorkBody,
};
use crate::stepwise::Limits;

pub(crate) fn case() -> impl Strategy<Value = Case> {
    let mode = prop::sample::select(&Mode::ALL[..]);
    let plugins = vec((condition(), vec(entry(), 1..=3)), 1..=NAMES.len());
    (mode, -3..4_i64, any::<bool>(), plugins, work(), vec(step(), 0..6)).prop_map(
        |(mode, argument, observed, plugins, mut work, mut steps)| {
            let plugins: Vec<_> = NAMES
                .into_iter()
                .zip(plugins)
                .map(|(name, (condition, entries))| plugin(mode, name, condition, entries))
                .collect();
            for step in &mut steps {
                let (Step::Unregister(at) | Step::Register(at) | Step::Disable(at) | Step::Enable(at)) = step;
                *at %= plugins.len();
            }
            if let (WorkBody::Fails(number), false) = (work.body, mode.may_fail()) {
                work.body = WorkBody::Adds(number);
            }
            Case { mode, argument, observed, plugins, work, steps }
        },
    )
}

fn plugin(mode: Mode, name: &'static str, condition: Condition, entries: Vec<Entry>) -> Plugin {
    let entries = entries.into_iter().enumerate().map(|(index, entry)| Entry {
        plugin: name,
        index,
        when: entry.when.and(Some(condition)),
        body: possible(mode, entry.body),
        ..entry
    });
    Plugin { name, condition, entries: entries.collect() }
}

/// What comes closest to `body` in a mode that cannot fail or abstain.
fn possible(mode: Mode, body: Body) -> Body {
    match body {
        Body::Abstains if !mode.may_abstain() => Body::Adds(0),
        Body::Fails(number) if !mode.may_fail() => Body::Adds(number),
        Body::Around(Around::RaisesBefore(number)) if !mode.may_fail() => {
            Body::Around(Around::NeverRuns(number))
        }
        Body::Around(Around::RaisesAfter(number)) if !mode.may_fail() => {
            Body::Around(Around::ReplacesOutcome(number))
        }
        possible => possible,
    }
}

fn entry() -> impl Strategy<Value = Entry> {
    let bucket = prop_oneof![3 => Just(Bucket::Normal), 1 => Just(Bucket::First), 1 => Just(Bucket::Last)];
    let priority = prop_oneof![2 => Just(0), 1 => -2..3];
    let conditional = weighted(0.2, condition());
    (bucket, priority, references(), references(), conditional, body()).prop_map(
        |(bucket, priority, before, after, when, body)| Entry {
            plugin: "",
            index: 0,
            bucket,
            priority,
            before,
            after,
            when,
            body,
            manner: Manner::default(),
        },
    )
}

pub(crate) fn references() -> impl Strategy<Value = &'static [&'static str]> {
    let some = (0..REFERENCES.len() - 1, 1..3_usize).prop_map(|(at, count)| &REFERENCES[at..at + count]);
    prop_oneof![5 => Just(&[][..]), 1 => some]
}

fn condition() -> impl Strategy<Value = Condition> {
    prop_oneof![Just(Condition::Even), Just(Condition::Odd), (-3..6_i64).prop_map(Condition::Below)]
}

fn body() -> impl Strategy<Value = Body> {
    let number = -9..10_i64;
    let around = prop_oneof![
        3 => Just(Around::PassesThrough),
        2 => number.clone().prop_map(Around::AddsToArgument),
        2 => number.clone().prop_map(Around::AddsToOutcome),
        1 => number.clone().prop_map(Around::ReplacesOutcome),
        2 => number.clone().prop_map(Around::SwallowsError),
        1 => number.clone().prop_map(Around::RaisesBefore),
        1 => number.clone().prop_map(Around::RaisesAfter),
        1 => number.clone().prop_map(Around::NeverRuns),
        2 => (1..3_u8).prop_map(Around::Retries),
        2 => number.clone().prop_map(Around::RunsTwice),
    ];
    prop_oneof![
        4 => number.clone().prop_map(Body::Adds),
        2 => Just(Body::Abstains),
        1 => number.prop_map(Body::Fails),
        3 => around.prop_map(Body::Around),
    ]
}

fn work() -> impl Strategy<Value = Work> {
    let number = -9..10_i64;
    let body = prop_oneof![
        4 => number.clone().prop_map(WorkBody::Adds),
        2 => number.prop_map(WorkBody::Fails),
        1 => Just(WorkBody::Panics),
    ];
    (body, 0..3_u8).prop_map(|(body, yields)| Work { body, yields })
}

fn step() -> impl Strategy<Value = Step> {
    let at = 0..NAMES.len();
    prop_oneof![
        at.clone().prop_map(Step::Unregister),
        at.clone().prop_map(Step::Register),
        at.clone().prop_map(Step::Disable),
        at.prop_map(Step::Enable),
    ]
}

/// A case whose bodies panic now and then.
pub(crate) fn panicking() -> impl Strategy<Value = Case> {
    let manner = prop::bool::weighted(0.15).prop_map(|panics| Manner { panics, ..Manner::default() });
    (case(), vec(manner, NAMES.len() * INDICES.len())).prop_map(|(case, manners)| mannered(case, &manners))
}

/// A case for an async manager, and what its calls are held to.
pub(crate) fn awaited() -> impl Strategy<Value = (Case, Limits)> {
    let manners = vec(manner(), NAMES.len() * INDICES.len());
    (case(), manners, limits()).prop_map(|(case, manners, limits)| (mannered(case, &manners), limits))
}

fn mannered(mut case: Case, manners: &[Manner]) -> Case {
    for (plugin, manners) in case.plugins.iter_mut().zip(manners.chunks(INDICES.len())) {
        for (entry, manner) in plugin.entries.iter_mut().zip(manners) {
            entry.manner = *manner;
            entry.manner.is_async |= entry.is_wrapper();
            if !entry.manner.is_async {
                entry.manner = Manner { panics: manner.panics, limit: manner.limit, ..Manner::default() };
            }
        }
    }
    case
}

/// Waits are whole hundreds and limits are not, so that none ends when another does.
fn manner() -> impl Strategy<Value = Manner> {
    let waits = prop_oneof![2 => Just(0), 2 => (1..4_u32).prop_map(|waits| waits * 100)];
    (prop::bool::weighted(0.7), waits, 0..3_u8, prop::bool::weighted(0.1), weighted(0.3, limit(7))).prop_map(
        |(is_async, waits, yields, panics, limit)| Manner { is_async, waits, yields, panics, limit },
    )
}

fn limit(rest: u32) -> impl Strategy<Value = u32> {
    (0..6_u32).prop_map(move |limit| limit * 100 + rest)
}

fn limits() -> impl Strategy<Value = Limits> {
    (vec(weighted(0.2, limit(13)), NAMES.len()), weighted(0.2, limit(29)), weighted(0.2, limit(41)))
        .prop_map(|(plugins, point, call)| Limits { plugins, point, call })
}

/// After how many polls calls are dropped.
pub(crate) fn polls() -> impl Strategy<Value = Option<u32>> {
    (0..10_u32).prop_map(Some)
}
