//! What the library costs beside the same work by hand, as one table.
//!
//! `cargo run --release -p pluginkit-benches --bin table` prints all of it; with `-- compile`, `-- calls` or `-- changes`
//! only that part. `--runs N` sets how often each compilation is timed, `--spread` adds the quartiles of calls.

mod calls;
mod changes;
mod compile;
mod report;

use std::env;

use pluginkit_benches::counted::count;
use pluginkit_benches::pairs::{self, Measure};
use report::{Failure, Row, median};

const PARTS: [&str; 3] = ["compile", "calls", "changes"];

struct Options {
    parts: Vec<String>,
    /// Whether to show how far the turns are apart.
    spread: bool,
    /// How often each compilation is timed.
    runs: usize,
}

impl Options {
    fn read(arguments: &[String]) -> Result<Self, Failure> {
        let mut options = Self { parts: Vec::new(), spread: false, runs: 3 };
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--spread" => options.spread = true,
                "--runs" => options.runs = arguments.next().ok_or("`--runs` takes a number")?.parse()?,
                part if PARTS.contains(&part) => options.parts.push(part.to_owned()),
                other => return Err(format!("`{other}` is neither an option nor one of {PARTS:?}").into()),
            }
        }
        Ok(options)
    }

    fn wants(&self, part: &str) -> bool {
        self.parts.is_empty() || self.parts.iter().any(|each| each == part)
    }
}

fn main() -> Result<(), Failure> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    if calls::measured(&arguments)? {
        return Ok(());
    }
    let options = Options::read(&arguments)?;
    println!("{}\n", report::machine()?);
    println!("| work | against | target | ratio | library | other |\n|---|---|---|---|---|---|");
    if options.wants("compile") {
        compile::rows(options.runs)?;
    }
    if options.wants("calls") {
        calls::rows(options.spread)?;
    }
    if options.wants("changes") {
        changes::rows(options.spread)?;
    }
    Ok(())
}

/// Shows all pairs of calls to `to`.
fn show(to: &mut impl Measure) {
    pairs::all(to);
}

#[expect(clippy::cast_precision_loss, reason = "counts are small")]
fn float(count: u64) -> f64 {
    count as f64
}
