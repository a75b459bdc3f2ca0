//! What is printed when a build is done: a summary, the mistakes, and the slowest plugins.

use std::fmt::Write;
use std::time::Duration;

use example_site_points::{Build, Site};
use pluginkit::prelude::*;
use serde::Deserialize;

#[plugin(id = "build-report", project = "site", extends = Site::report)]
fn build_report(build: &Build) -> Option<String> {
    let Build { rendered, pages, written, files, words, problems, .. } = build;
    let mut text = format!(
        "{rendered} of {pages} pages rendered, {written} of {files} files written, {words} words, {} problems",
        problems.len()
    );
    for problem in problems {
        let _ = write!(text, "\n  {}: {}", problem.page, problem.message);
    }
    Some(text)
}

#[derive(Deserialize)]
#[serde(default)]
struct Settings {
    /// The number of rows.
    rows: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { rows: 8 }
    }
}

/// A table of the slowest plugins.
#[plugin(id = "timing-table", project = "site", config = Settings)]
struct TimingTable(Settings);

impl From<Settings> for TimingTable {
    fn from(settings: Settings) -> Self {
        Self(settings)
    }
}

#[extension]
impl Site for TimingTable {
    #[extension(trylast)]
    fn report(&self, build: &Build) -> Option<String> {
        let rows = &build.timings[..build.timings.len().min(self.0.rows)];
        let width = rows.iter().map(|row| row.plugin.len()).max()?.max("plugin".len());
        let mut table = format!("{:width$}  {:9}  {:>5}  {:>9}", "plugin", "point", "calls", "time");
        for row in rows {
            let _ = write!(
                table,
                "\n{:width$}  {:9}  {:>5}  {:>9}",
                row.plugin,
                row.point,
                row.calls,
                milliseconds(row.total)
            );
        }
        let _ = write!(table, "\nin all {}", milliseconds(build.elapsed));
        Some(table)
    }
}

fn milliseconds(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1000.0)
}
