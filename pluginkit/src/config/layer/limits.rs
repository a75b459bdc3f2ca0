//! The limits of plugins.
#![forbid(unsafe_code)]

use std::num::NonZeroUsize;
use std::time::Duration;

use super::super::error::{ConfigProblem, ProblemKind, Problems, Shown};
use super::super::value::{Node, Value};
use super::Layer;
use super::fields::{self, About, keep, wrong_type};
use crate::config::limits::{BreakerLimits, PluginLimits};

const KEYS: [&str; 3] = ["timeout", "max_concurrent", "breaker"];
const BREAKER: [&str; 7] = ["failures", "rate", "window", "min_calls", "retry_after", "probes", "wrappers"];

/// Reads the table `limits`.
pub(super) fn limits(node: &Node, layer: &mut Layer, problems: &mut Problems) {
    fields::each_plugin(node, "limits", problems, |id, entry, table, problems| {
        let about = About { plugin: Some(id), group: None };
        let mut limits = PluginLimits::new(entry.key_at.clone());
        for (key, entry) in &table.0 {
            let (node, full) = (&entry.node, format!("limits.{id}.{key}"));
            match key.as_str() {
                "timeout" => limits.timeout = keep(time(node, &full), about, problems),
                "max_concurrent" => {
                    let number = keep(number(node, &full), about, problems);
                    limits.max_concurrent =
                        number.and_then(|number| usize::try_from(number).ok()).and_then(NonZeroUsize::new);
                }
                "breaker" => limits.breaker = breaker(node, &full, about, problems),
                _ => problems.push(about.on(fields::unknown(key, entry, &KEYS))),
            }
        }
        layer.limits.lay(id, &limits);
    });
}

fn breaker(node: &Node, key: &str, about: About<'_>, problems: &mut Problems) -> Option<BreakerLimits> {
    let table = fields::table(node, key, about, problems)?;
    let mut breaker = BreakerLimits::new(node.at.clone());
    for (name, entry) in &table.0 {
        let (node, full) = (&entry.node, format!("{key}.{name}"));
        match name.as_str() {
            "failures" => breaker.failures = keep(number(node, &full), about, problems),
            "rate" => breaker.rate = keep(share(node, &full), about, problems),
            "window" => breaker.window = keep(time(node, &full), about, problems),
            "min_calls" => breaker.min_calls = keep(number(node, &full), about, problems),
            "retry_after" => breaker.retry_after = keep(time(node, &full), about, problems),
            "probes" => breaker.probes = keep(number(node, &full), about, problems),
            "wrappers" => breaker.wrappers = keep(fields::boolean(node, &full), about, problems),
            _ => problems.push(about.on(fields::unknown(name, entry, &BREAKER))),
        }
    }
    Some(breaker)
}

/// Reads a number of at least 1.
fn number(node: &Node, key: &str) -> Result<u32, Box<ConfigProblem>> {
    let Value::Integer(number) = node.value else {
        return Err(wrong_type(node, key, "an integer").into());
    };
    let found = u32::try_from(number).ok().filter(|number| *number > 0);
    found.ok_or_else(|| invalid(node, key, &format!("from 1 to {}", u32::MAX), &number.to_string()))
}

/// Reads a share of more than 0 and at most 1.
fn share(node: &Node, key: &str) -> Result<f64, Box<ConfigProblem>> {
    let share = match node.value {
        Value::Float(share) => share,
        Value::Integer(1) => 1.0,
        _ => return Err(wrong_type(node, key, "a number").into()),
    };
    if share > 0.0 && share <= 1.0 {
        return Ok(share);
    }
    Err(invalid(node, key, "more than 0 and at most 1", &share.to_string()))
}

/// Reads a time, such as `"250ms"`.
pub(super) fn time(node: &Node, key: &str) -> Result<Duration, Box<ConfigProblem>> {
    let Value::String(text) = &node.value else {
        return Err(wrong_type(node, key, "a string with a time, like \"250ms\"").into());
    };
    parse_time(text).ok_or_else(|| {
        let expected = "a whole number and a unit (`ns`, `us`, `ms`, `s`, `m` or `h`), like \"250ms\"";
        invalid(node, key, expected, &format!("{text:?}"))
    })
}

fn parse_time(text: &str) -> Option<Duration> {
    let unit_at = text.find(|character: char| !character.is_ascii_digit())?;
    let (number, unit) = text.split_at(unit_at);
    let nanoseconds: u64 = match unit.trim() {
        "ns" => 1,
        "us" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        _ => return None,
    };
    let nanoseconds = number.parse::<u64>().ok()?.checked_mul(nanoseconds)?;
    (nanoseconds > 0).then(|| Duration::from_nanos(nanoseconds))
}

fn invalid(node: &Node, key: &str, expected: &str, found: &str) -> Box<ConfigProblem> {
    let message = format!("`{}` must be {expected}, but it is {found}", Shown(key));
    ConfigProblem::new(ProblemKind::InvalidValue, node.at.clone(), message).at_key(key).into()
}
