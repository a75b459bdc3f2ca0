//! [`Report`]: the plugins of a manager, for people.

use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use crate::base::name::{PluginId, on_one_line};
#[cfg(feature = "serde")]
use crate::base::serialize::text;
#[cfg(feature = "config")]
use crate::config::ConfigProblem;
use crate::insight::Measurement;
use crate::insight::overview::{Overview, Wired};
#[cfg(feature = "serde")]
use crate::insight::serialize::seconds;
use crate::plugin::{LeftOut, PluginState, UnboundName};
use crate::spec::point::{Mode, PointInfo};

/// The width up to which cells of a column are padded.
const WIDEST: usize = 60;

/// A report of the plugins of a manager: their states, their places in calls, and their times.
///
/// [`Manager::report`](crate::Manager::report) returns a report, which prints as tables. A report has times if a
/// [`Metrics`](crate::insight::Metrics) observes the manager.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Report {
    /// The project of the manager.
    pub project: String,
    /// The plugins, slowest first. Plugins with the same time are in the order of their registration.
    pub plugins: Vec<PluginReport>,
    /// The measurements of plugins at points, the longest total first; empty if no `Metrics` observes the manager.
    pub extensions: Vec<Measurement>,
    /// The names that bind nothing: of plugins in `before`, `after` and views of callers, of groups in views, and of points
    /// and turned off plugins in a configuration.
    pub unbound: Vec<UnboundName>,
    /// The plugins that the configuration turns off, as far as nothing else has registered them.
    pub turned_off: Vec<PluginId>,
    /// What else may be a mistake in the configuration that was loaded last.
    #[cfg(feature = "config")]
    pub remarks: Vec<ConfigProblem>,
}

/// One plugin in a [`Report`].
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct PluginReport {
    /// The name under which the plugin is registered.
    pub id: PluginId,
    /// The version of the plugin.
    pub version: String,
    /// The state of the plugin.
    pub state: PluginState,
    /// Whether the plugin is enabled: neither disabled by the host nor left out by an open circuit.
    pub enabled: bool,
    /// The reason why calls leave the plugin out; `None` if the plugin takes part in calls.
    pub left_out: Option<LeftOut>,
    /// The reason why the plugin is disabled, or the error of a failed phase, if known.
    pub reason: Option<String>,
    /// The places of the plugin in calls: the point, the place from 1 on, and whether it is the place of a wrapper.
    /// Wrappers and extensions are counted separately.
    #[cfg_attr(feature = "serde", serde(serialize_with = "serialize_places"))]
    pub places: Vec<(&'static PointInfo, usize, bool)>,
    /// The points of optional extensions that wait for their specs, which the manager has not got.
    #[cfg_attr(feature = "serde", serde(serialize_with = "serialize_points"))]
    pub waiting: Vec<&'static PointInfo>,
    /// The number of calls.
    pub calls: u64,
    /// The number of failed calls: errors, panics and timeouts, without overruns.
    pub failures: u64,
    /// The total time.
    #[cfg_attr(feature = "serde", serde(rename = "total_seconds", serialize_with = "seconds"))]
    pub total: Duration,
}

/// Writes places as objects.
#[cfg(feature = "serde")]
fn serialize_places<S: serde::Serializer>(places: &[Stand], serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(serde::Serialize)]
    struct Shape {
        #[serde(serialize_with = "text")]
        point: &'static PointInfo,
        place: usize,
        is_wrapper: bool,
    }
    let shapes = places.iter().map(|&(point, place, is_wrapper)| Shape { point, place, is_wrapper });
    serializer.collect_seq(shapes)
}

/// Writes points as their names.
#[cfg(feature = "serde")]
fn serialize_points<S: serde::Serializer>(
    points: &[&'static PointInfo],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(points.iter().map(ToString::to_string))
}

impl Report {
    pub(crate) fn new(
        project: &str,
        overview: &Overview,
        extensions: Vec<Measurement>,
        unbound: Vec<UnboundName>,
    ) -> Self {
        let mut places = places(&overview.points);
        let mut measured: HashMap<&PluginId, Vec<&Measurement>> = HashMap::new();
        for each in &extensions {
            if let Some(plugin) = &each.plugin {
                measured.entry(plugin).or_default().push(each);
            }
        }
        let mut waiting: HashMap<&PluginId, Vec<&'static PointInfo>> = HashMap::new();
        for (plugin, point) in &overview.waiting {
            waiting.entry(plugin).or_default().push(*point);
        }
        let mut plugins: Vec<_> = overview
            .plugins
            .iter()
            .map(|descriptor| {
                let own = || measured.get(&descriptor.id).into_iter().flatten();
                PluginReport {
                    id: descriptor.id.clone(),
                    version: descriptor.metadata.version.clone(),
                    state: descriptor.state,
                    enabled: descriptor.enabled,
                    left_out: descriptor.left_out.clone(),
                    reason: descriptor.disabled_reason.clone().or_else(|| descriptor.failed_reason.clone()),
                    places: places.remove(&descriptor.id).unwrap_or_default(),
                    waiting: waiting.remove(&descriptor.id).unwrap_or_default(),
                    calls: own().map(|each| each.calls).sum(),
                    failures: own().map(|each| each.failures()).sum(),
                    total: own().map(|each| each.total).sum(),
                }
            })
            .collect();
        plugins.sort_by_key(|plugin| std::cmp::Reverse(plugin.total));
        Self {
            project: project.to_owned(),
            plugins,
            extensions,
            unbound,
            turned_off: overview.turned_off.clone(),
            #[cfg(feature = "config")]
            remarks: overview.remarks.clone(),
        }
    }
}

impl Measurement {
    /// Returns the number of failed calls: errors, panics and timeouts, without overruns.
    pub fn failures(&self) -> u64 {
        self.errors + self.panics + self.timeouts
    }
}

/// Where something stands at a point: the point, the place from 1 on, and whether it is a wrapper.
type Stand = (&'static PointInfo, usize, bool);

/// Returns the places of each plugin at each point.
fn places(wired: &[Wired]) -> HashMap<&PluginId, Vec<Stand>> {
    let mut places: HashMap<&PluginId, Vec<Stand>> = HashMap::new();
    for (point, all) in wired {
        let (mut wrappers, mut extensions) = (0, 0);
        for each in all {
            let count = if each.is_wrapper { &mut wrappers } else { &mut extensions };
            *count += 1;
            places.entry(&each.plugin).or_default().push((*point, *count, each.is_wrapper));
        }
    }
    places
}

/// Returns a time with three digits and its unit.
fn short(time: Duration) -> String {
    let nanoseconds = time.as_nanos();
    let (value, unit) = match nanoseconds {
        0..1_000 => return format!("{nanoseconds} ns"),
        1_000..1_000_000 => (time.as_secs_f64() * 1e6, "µs"),
        1_000_000..1_000_000_000 => (time.as_secs_f64() * 1e3, "ms"),
        _ => (time.as_secs_f64(), "s"),
    };
    let digits = if value < 10.0 { 2 } else { usize::from(value < 100.0) };
    format!("{value:.digits$} {unit}")
}

/// Writes rows as columns that are as wide as what is in them; all but the first `left` stand at the right.
fn table(f: &mut fmt::Formatter<'_>, left: usize, rows: &[Vec<String>]) -> fmt::Result {
    let columns = rows.first().map_or(0, Vec::len);
    // One long name does not widen every row.
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.filter(|width| *width <= WIDEST).max().unwrap_or(0)
    };
    let widths: Vec<_> = (0..columns).map(width).collect();
    for row in rows {
        let mut line = String::new();
        for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
            let gap = if column == 0 { "" } else { "  " };
            line += gap;
            let padding = " ".repeat(width.saturating_sub(cell.chars().count()));
            line += &if column < left {
                [cell.as_str(), &padding].concat()
            } else {
                [&padding, cell.as_str()].concat()
            };
        }
        writeln!(f, "{}", line.trim_end())?;
    }
    Ok(())
}

fn row<const N: usize>(cells: [&str; N]) -> Vec<String> {
    cells.map(str::to_owned).to_vec()
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "plugins of `{}`: {}", on_one_line(&self.project), self.plugins.len())?;
        let mut rows = vec![row(["plugin", "version", "state", "place in calls", "remark"])];
        for plugin in &self.plugins {
            let place = |(point, place, wrapper): &(&'static PointInfo, usize, bool)| {
                let note = match (point.mode, wrapper) {
                    (_, true) => " (wrapper)",
                    // Historic calls reach a plugin also while other calls leave it out.
                    (Mode::Historic, _) => " (historic)",
                    _ => "",
                };
                format!("{} #{place}{note}", point.name)
            };
            let places: Vec<_> = plugin.places.iter().map(place).collect();
            let state = match &plugin.left_out {
                Some(LeftOut::Circuit(_)) => "circuit open".to_owned(),
                _ if plugin.enabled => plugin.state.to_string(),
                _ => "disabled".to_owned(),
            };
            let left_out = match &plugin.left_out {
                Some(why @ LeftOut::State(_)) => format!("takes no part in calls: {why}"),
                _ => String::new(),
            };
            let remark = plugin.reason.as_deref().unwrap_or(&left_out);
            let remark = remark.split_whitespace().collect::<Vec<_>>().join(" ");
            let (id, version) = (plugin.id.to_string(), on_one_line(&plugin.version).into_owned());
            rows.push(vec![id, version, state, places.join(", "), on_one_line(&remark).into_owned()]);
        }
        table(f, 5, &rows)?;
        let waiting = || self.plugins.iter().filter(|plugin| !plugin.waiting.is_empty());
        if waiting().next().is_some() {
            writeln!(f, "\noptional extensions that wait for their specs")?;
            for plugin in waiting() {
                let points: Vec<_> = plugin.waiting.iter().map(ToString::to_string).collect();
                writeln!(f, "{}: {}", plugin.id, points.join(", "))?;
            }
        }
        if !self.unbound.is_empty() {
            writeln!(f, "\nnames that bind nothing")?;
            self.unbound.iter().try_for_each(|unbound| writeln!(f, "{unbound}"))?;
        }
        if !self.turned_off.is_empty() {
            writeln!(f, "\nturned off by the configuration")?;
            self.turned_off.iter().try_for_each(|id| writeln!(f, "{id}"))?;
        }
        #[cfg(feature = "config")]
        if !self.remarks.is_empty() {
            writeln!(f, "\nremarks on the configuration")?;
            self.remarks.iter().try_for_each(|remark| writeln!(f, "{remark}"))?;
        }
        if self.extensions.is_empty() {
            return Ok(());
        }
        writeln!(f, "\nslowest first")?;
        let head = [
            "plugin", "point", "calls", "errors", "panics", "timeouts", "total", "mean", "p50", "p99", "max",
        ];
        let mut rows = vec![row(head)];
        for each in &self.extensions {
            let plugin = each.plugin.as_ref().map_or_else(String::new, ToString::to_string);
            let mut cells = vec![plugin, each.point.to_string()];
            cells.extend(
                [each.calls, each.errors, each.panics, each.timeouts + each.overruns]
                    .map(|count| count.to_string()),
            );
            let times = [each.total, each.mean(), each.percentile(50.0), each.percentile(99.0), each.max];
            cells.extend(times.map(short));
            rows.push(cells);
        }
        table(f, 2, &rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_three_digits_and_a_unit() {
        let shown = [7, 999, 1_000, 12_345, 123_456, 1_234_567, 99_999_999, 2_500_000_000, 75_000_000_000]
            .map(|time| short(Duration::from_nanos(time)));
        let expected =
            ["7 ns", "999 ns", "1.00 µs", "12.3 µs", "123 µs", "1.23 ms", "100.0 ms", "2.50 s", "75.0 s"];
        assert_eq!(shown, expected);
    }
}
