//! What the library costs beside the same work by hand, as one table.
//!
//! `cargo run --release -p pluginkit-benches --bin table` prints all of it; with `-- compile`, `-- calls`, `-- changes` or
//! `-- limits` only that part. `--runs N` sets how often each compilation is timed, `--spread` adds the quartiles of calls.

mod calls;
mod changes;
mod compile;

use std::env;
use std::error::Error;
use std::fs;
use std::process::Command;

type Failure = Box<dyn Error>;

const PARTS: [&str; 4] = ["compile", "calls", "changes", "limits"];

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
    println!("{}, {}\n", processor(), compiler()?);
    if options.parts != ["limits"] {
        println!("| work | against | target | ratio | library | other |\n|---|---|---|---|---|---|");
    }
    if options.wants("compile") {
        compile::rows(options.runs)?;
    }
    if options.wants("calls") {
        calls::rows(calls::Part::Calls, options.spread)?;
    }
    if options.wants("changes") {
        changes::rows(options.spread)?;
    }
    if options.wants("limits") {
        println!(
            "\n| smallest program | against | target | ratio | program | other |\n|---|---|---|---|---|---|"
        );
        calls::rows(calls::Part::Limits, options.spread)?;
    }
    Ok(())
}

/// A row of the table.
struct Row<'r> {
    work: &'r str,
    against: &'r str,
    target: &'r str,
    ratio: String,
    library: String,
    other: String,
}

impl Row<'_> {
    fn print(&self) {
        let cells = [self.work, self.against, self.target, &self.ratio, &self.library, &self.other];
        println!("| {} |", cells.map(|cell| if cell.is_empty() { "–" } else { cell }).join(" | "));
    }
}

fn processor() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = text.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    name.map_or_else(|| format!("{} on {}", env::consts::ARCH, env::consts::OS), |(_, name)| name.to_owned())
}

fn compiler() -> Result<String, Failure> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("--version").output()?;
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

/// The middle of some figures, with the quartiles if they are asked for.
fn median(mut figures: Vec<f64>, spread: bool) -> String {
    figures.sort_by(f64::total_cmp);
    let at = |quarter: usize| figures.get(figures.len() * quarter / 4).copied().unwrap_or(f64::NAN);
    if spread { format!("{:.2} ({:.2} to {:.2})", at(2), at(1), at(3)) } else { format!("{:.2}", at(2)) }
}

#[expect(clippy::cast_precision_loss, reason = "counts are small")]
fn float(count: u64) -> f64 {
    count as f64
}
