//! The smallest programs that do what the library promises of a call. Where a row of the table misses its target, they
//! show how near to it a call can come.
//!
//! `cargo run --release -p pluginkit-benches --features limits --bin limits` prints them as `table` prints calls.

mod asynchronous;
#[path = "../table/calls.rs"]
#[allow(dead_code, reason = "the table's own file, of which this uses a part")]
mod calls;
mod guarded;
#[path = "../../../../pluginkit/src/erased/hazard_cell.rs"]
#[allow(unsafe_code, dead_code, reason = "the library's own file, of which this uses a part")]
mod hazard_cell;
mod observed;
#[path = "../cells/platform.rs"]
mod platform;
#[path = "../table/report.rs"]
#[allow(dead_code, reason = "the table's own file, of which this uses a part")]
mod report;
mod snapshots;
mod wrappers;

use std::env;

use pluginkit_benches::counted;
use pluginkit_benches::pairs::{Measure, Work};
use pluginkit_benches::{AsyncCall, AsyncLayer, AsyncLoop, ByHand, async_by_hand};
use report::Failure;

const LAYERS: &str = "nested `Box<dyn Fn>` layers";
const BOXED: &str = "boxed layers";

fn main() -> Result<(), Failure> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    if calls::measured(&arguments)? {
        return Ok(());
    }
    println!("{}\n", report::machine()?);
    println!("| smallest program | against | target | ratio | program | other |\n|---|---|---|---|---|---|");
    calls::rows(false)
}

/// Shows every program, beside the same work by hand, to `to`.
fn show(to: &mut impl Measure) {
    snapshots::all(to);
    wrappers::all(to);
    asynchronous::all(to);
    guarded::all(to);
    observed::all(to);
}

/// Calls one side of one program, to be counted.
fn count(name: &str, side: usize) {
    counted::count_in(name, side, |only| show(only));
}

fn work(row: &str, program: &str, against: &'static str, target: &'static str) -> Work {
    Work {
        name: format!("{row}/{program}").leak(),
        work: format!("{row}: {program}").leak(),
        against,
        target,
    }
}

type Plugins = Vec<Box<dyn ByHand>>;

fn thread(plugins: &[Box<dyn ByHand>], value: u64) -> u64 {
    plugins.iter().fold(value, |value, plugin| plugin.thread(value))
}

fn boxed(layers: u64, plugins: u64) -> Box<dyn AsyncCall> {
    let plugins: Box<dyn AsyncCall> = Box::new(AsyncLoop(async_by_hand(plugins)));
    (0..layers).fold(plugins, |rest, _| Box::new(AsyncLayer(rest)))
}
