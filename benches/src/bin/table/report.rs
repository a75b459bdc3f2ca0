//! What a table shows.

use std::env;
use std::error::Error;
use std::fs;
use std::process::Command;

pub(crate) type Failure = Box<dyn Error>;

/// A row of the table.
pub(crate) struct Row<'r> {
    pub(crate) work: &'r str,
    pub(crate) against: &'r str,
    pub(crate) target: &'r str,
    pub(crate) ratio: String,
    pub(crate) library: String,
    pub(crate) other: String,
}

impl Row<'_> {
    pub(crate) fn print(&self) {
        let cells = [self.work, self.against, self.target, &self.ratio, &self.library, &self.other];
        println!("| {} |", cells.map(|cell| if cell.is_empty() { "–" } else { cell }).join(" | "));
    }
}

/// Returns the names of the processor and of the compiler.
pub(crate) fn machine() -> Result<String, Failure> {
    Ok(format!("{}, {}", processor(), compiler()?))
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
pub(crate) fn median(mut figures: Vec<f64>, spread: bool) -> String {
    figures.sort_by(f64::total_cmp);
    let at = |quarter: usize| figures.get(figures.len() * quarter / 4).copied().unwrap_or(f64::NAN);
    if spread { format!("{:.2} ({:.2} to {:.2})", at(2), at(1), at(3)) } else { format!("{:.2}", at(2)) }
}
