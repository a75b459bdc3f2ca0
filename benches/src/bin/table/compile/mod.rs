//! The rows of compiling: hosts of a bundler's size, through the library and by hand, generated and compiled.
//!
//! All lie in one workspace in `target/table`, so their dependencies are built once. What counts is processor time
//! in user mode, of cargo and all that it starts; the sides take turns. Debug and release builds have cargo's own
//! settings, without incremental compilation; only a host of which one file is touched has it.

mod bundler;
mod crates;
mod sets;
mod smallest;
mod sync_only;

use std::path::Path;

use crate::{Failure, Row};
use bundler::{Context, Kind};
use crates::{Code, Crates};

/// The points of a real bundler's hooks.
const BUNDLER: usize = 103;

/// The number of points in the smaller of two hosts, and in the larger: the difference is shared out among points.
const FEW: usize = 20;
const MANY: usize = 80;

pub(crate) fn rows(runs: usize) -> Result<(), Failure> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("the crate is in a workspace")?;
    let mut crates = Crates::new(root, &root.join("target/table"), runs)?;
    for kind in [Kind::Async, Kind::Sync] {
        bundler_host(&mut crates, kind)?;
    }
    for kind in [Kind::Async, Kind::Sync] {
        smallest_points(&mut crates, kind)?;
    }
    one_point(&mut crates)?;
    many_points(&mut crates)?;
    contexts(&mut crates)?;
    sync_only::row(root, runs)
}

/// A pair of hosts in the crates of these names.
struct Hosts<'h> {
    what: &'h str,
    library: &'h str,
    by_hand: &'h str,
}

impl Hosts<'_> {
    fn row(&self, work: &str, target: &str, [library, by_hand]: [f64; 2], unit: &str, decimals: usize) {
        Row {
            work: &format!("{}: {work}", self.what),
            against: "by hand",
            target,
            ratio: format!("{:.2}", library / by_hand),
            library: format!("{library:.decimals$}{unit}"),
            other: format!("{by_hand:.decimals$}{unit}"),
        }
        .print();
    }

    /// The processor time of compiling both.
    fn time(
        &self,
        crates: &Crates,
        work: &str,
        target: &str,
        step: &[&str],
        touched: bool,
    ) -> Result<(), Failure> {
        let [library, by_hand] = crates.times([self.library, self.by_hand], step, touched)?;
        self.row(work, target, [library, by_hand], " s", 2);
        Ok(())
    }

    fn size(&self, crates: &Crates, work: &str, target: &str, profile: &str) -> Result<(), Failure> {
        let size = |name| crates.size(name, profile).map(|bytes| bytes / 1e6);
        self.row(work, target, [size(self.library)?, size(self.by_hand)?], " MB", 2);
        Ok(())
    }
}

fn bundler_host(crates: &mut Crates, kind: Kind) -> Result<(), Failure> {
    let points = bundler::points(BUNDLER, Context::InAThird);
    let (features, by_hand, what, names, targets) = match kind {
        Kind::Async => (
            "\"macros\", \"async\"",
            "async-trait = \"0.1\"\n",
            "103 points, async",
            ["bundler-async", "bundler-async-by-hand"],
            ["1.3", "2.5", "6", "6", "2.5"],
        ),
        Kind::Sync => (
            "\"macros\"",
            "",
            "103 points, sync",
            ["bundler-sync", "bundler-sync-by-hand"],
            ["1.3", "4", "10", "10", "2.5"],
        ),
    };
    let [library, hand] = names;
    crates.add(library, &crates.library(features), &[("main.rs", bundler::library(&points, kind))])?;
    crates.add(hand, by_hand, &[("main.rs", bundler::by_hand(&points, kind))])?;
    let hosts = Hosts { what, library, by_hand: hand };
    let [check, build, lines, functions, size] = targets;
    hosts.time(crates, "check", check, &["check"], false)?;
    hosts.time(crates, "debug build", build, &["build"], false)?;
    hosts.size(crates, "debug program", size, "debug")?;
    let (one, other) = (crates.code(library)?, crates.code(hand)?);
    hosts.row("lines of LLVM IR", lines, [one.lines, other.lines], "", 0);
    hosts.row("functions of these", functions, [one.functions, other.functions], "", 0);
    Ok(())
}

/// The smallest program that offers what points offer, in the place of the library.
fn smallest_points(crates: &mut Crates, kind: Kind) -> Result<(), Failure> {
    let points = bundler::points(BUNDLER, Context::InAThird);
    let (what, library, by_hand) = match kind {
        Kind::Async => ("103 points, async, smallest program", "smallest-async", "bundler-async-by-hand"),
        Kind::Sync => ("103 points, sync, smallest program", "smallest-sync", "bundler-sync-by-hand"),
    };
    let core: [(&str, String); 1] = [("lib.rs", smallest::core())];
    crates.add("smallest-core", "", &core)?;
    crates.add(
        library,
        "smallest-core = { path = \"../smallest-core\" }\n",
        &[("main.rs", smallest::host(&points, kind))],
    )?;
    let hosts = Hosts { what, library, by_hand };
    hosts.time(crates, "check", "", &["check"], false)?;
    hosts.time(crates, "debug build", "", &["build"], false)?;
    hosts.size(crates, "debug program", "", "debug")?;
    let (one, other) = (crates.code(library)?, crates.code(by_hand)?);
    hosts.row("lines of LLVM IR", "", [one.lines, other.lines], "", 0);
    Ok(())
}

/// A host with one point: what any host pays for the library itself.
fn one_point(crates: &mut Crates) -> Result<(), Failure> {
    let points = bundler::points(1, Context::WithoutLifetime);
    let (library, by_hand) = ("one-async", "one-async-by-hand");
    crates.add(
        library,
        &crates.library("\"macros\", \"async\""),
        &[("main.rs", bundler::library(&points, Kind::Async))],
    )?;
    crates.add(by_hand, "async-trait = \"0.1\"\n", &[("main.rs", bundler::by_hand(&points, Kind::Async))])?;
    let hosts = Hosts { what: "1 point, async, for comparison", library, by_hand };
    hosts.time(crates, "debug build", "", &["build"], false)?;
    hosts.size(crates, "debug program", "", "debug")
}

fn many_points(crates: &mut Crates) -> Result<(), Failure> {
    let (library, by_hand) = ("sets", "sets-by-hand");
    let files = |set| sets::files(set);
    crates.add(
        library,
        &format!("{}pollster = \"0.4\"\n", crates.library("\"macros\", \"async\"")),
        &files(sets::library),
    )?;
    crates.add(by_hand, "async-trait = \"0.1\"\npollster = \"0.4\"\n", &files(sets::by_hand))?;
    let hosts = Hosts { what: "200 points, 1,000 extensions", library, by_hand };
    hosts.time(crates, "check", "1.5", &["check"], false)?;
    hosts.time(crates, "check, one file touched", "1.8", &["check"], true)?;
    hosts.time(crates, "debug build", "2", &["build"], false)?;
    hosts.time(crates, "debug build, one file touched", "2", &["build"], true)?;
    hosts.size(crates, "debug program", "", "debug")?;
    hosts.time(crates, "release build", "1.5", &["build", "--release"], false)?;
    hosts.size(crates, "release program", "1.3", "release")
}

/// A point with a lifetime in an argument's type, against one without.
fn contexts(crates: &mut Crates) -> Result<(), Failure> {
    for (kind, what, features) in
        [(Kind::Async, "async", "\"macros\", \"async\""), (Kind::Sync, "sync", "\"macros\"")]
    {
        let name = |context, count| match context {
            Context::WithLifetime => format!("context-{what}-{count}"),
            _ => format!("plain-{what}-{count}"),
        };
        let all = [Context::WithLifetime, Context::WithoutLifetime]
            .map(|context| [MANY, FEW].map(|count| (context, count, name(context, count))));
        for (context, count, name) in all.iter().flatten() {
            let source = bundler::library(&bundler::points(*count, *context), kind);
            crates.add(name, &crates.library(features), &[("main.rs", source)])?;
        }
        let names = [&all[0][0].2, &all[0][1].2, &all[1][0].2, &all[1][1].2].map(String::as_str);
        #[expect(clippy::cast_precision_loss, reason = "a small count")]
        let each = (MANY - FEW) as f64;
        let row = |work: &str, [with, without]: [f64; 2], unit: &str, decimals: usize| {
            Row {
                work: &format!("a point with `Ctx<'_>`, {what}: {work}"),
                against: "one with `Ctx`",
                target: "1.2",
                ratio: format!("{:.2}", with / without),
                library: format!("{with:.decimals$}{unit}"),
                other: format!("{without:.decimals$}{unit}"),
            }
            .print();
        };
        for (work, step) in [("check", "check"), ("debug build", "build")] {
            let [many, few, plain_many, plain_few] = crates.times(names, &[step], false)?;
            row(work, [many - few, plain_many - plain_few].map(|time| time * 1e3 / each), " ms", 1);
        }
        let mut lines = [0.0; 4];
        for (lines, name) in lines.iter_mut().zip(names) {
            let Code { lines: counted, .. } = crates.code(name)?;
            *lines = counted;
        }
        let [many, few, plain_many, plain_few] = lines;
        row("lines of LLVM IR", [(many - few) / each, (plain_many - plain_few) / each], "", 0);
    }
    Ok(())
}

/// The middle one of some times.
fn middle(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or(f64::NAN)
}
