//! What the library costs at compile time: a host with many points and plugins, once through the library and
//! once by hand, generated, built and timed.
//!
//! `cargo run --release -p pluginkit-benches --bin build_time [folder]`; the crates stay in the folder, which
//! is `target/build_time` otherwise. `-- --sync-only` does nothing but the build of a user without async.

mod sync_only;

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// Sets of points; each has [`POINTS`], and [`PLUGINS`] plugins that extend half of them each.
const SETS: usize = 20;
const POINTS: usize = 10;
const PLUGINS: usize = 10;
/// Every this many sets, one whose extensions are `async fn`s.
const ASYNC: usize = 5;

fn main() -> Result<(), Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("the crate is in a workspace")?;
    let (flags, folder): (Vec<_>, Vec<_>) = std::env::args().skip(1).partition(|each| each.starts_with("--"));
    let folder = folder.first().map_or_else(|| root.join("target/build_time"), PathBuf::from);
    if flags == ["--sync-only"] {
        return sync_only::compare(root, &folder);
    }
    let library = generate(&folder.join("library"), &library_manifest(root), library_set)?;
    let by_hand = generate(&folder.join("by_hand"), BY_HAND_MANIFEST, by_hand_set)?;
    let count = SETS * POINTS;
    println!("{count} points, {} extensions, 1 in {ASYNC} of them async\n", SETS * PLUGINS * POINTS / 2);
    println!("| step | library | by hand | ratio |\n|---|---|---|---|");
    for (name, step) in [
        ("check, clean", Step { arguments: &["check"], touched: false }),
        ("check, one plugin touched", Step { arguments: &["check"], touched: true }),
        ("build, clean", Step { arguments: &["build"], touched: false }),
        ("build, one plugin touched", Step { arguments: &["build"], touched: true }),
        ("release build, clean", Step { arguments: &["build", "--release"], touched: false }),
    ] {
        let (one, other) = (step.time(&library)?, step.time(&by_hand)?);
        let ratio = one.as_secs_f64() / other.as_secs_f64();
        println!("| {name} | {:.2} s | {:.2} s | {ratio:.2} |", one.as_secs_f64(), other.as_secs_f64());
    }
    for profile in ["debug", "release"] {
        let size =
            |host: &Path| fs::metadata(host.join("target").join(profile).join("host")).map(|file| file.len());
        let (one, other) = (size(&library)?, size(&by_hand)?);
        #[expect(clippy::cast_precision_loss, reason = "sizes of programs")]
        let (ratio, mega) = (one as f64 / other as f64, |size: u64| size as f64 / 1e6);
        println!("| {profile} binary | {:.1} MB | {:.1} MB | {ratio:.2} |", mega(one), mega(other));
    }
    println!();
    sync_only::compare(root, &folder)
}

/// One `cargo` command on a generated crate whose dependencies are built.
struct Step<'s> {
    arguments: &'s [&'s str],
    /// Whether one plugin has changed since, or nothing is there.
    touched: bool,
}

impl Step<'_> {
    /// The median of three runs.
    fn time(&self, host: &Path) -> Result<Duration, Box<dyn Error>> {
        cargo(host, self.arguments)?;
        let mut times = Vec::new();
        for run in 0..3 {
            if self.touched {
                let source = host.join("src/set_1.rs");
                let text = fs::read_to_string(&source)?;
                fs::write(&source, format!("{text}\n// {run}"))?;
            } else {
                let release: &[&str] =
                    if self.arguments.contains(&"--release") { &["--release"] } else { &[] };
                cargo(host, &[&["clean", "-p", "host"], release].concat())?;
            }
            let started = Instant::now();
            cargo(host, self.arguments)?;
            times.push(started.elapsed());
        }
        times.sort();
        Ok(times[1])
    }
}

fn cargo(host: &Path, arguments: &[&str]) -> Result<(), Box<dyn Error>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(arguments).arg("--quiet").current_dir(host).env("CARGO_TARGET_DIR", host.join("target"));
    let status = command.env_remove("RUSTFLAGS").status()?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("cargo {arguments:?} failed in {}", host.display()).into())
    }
}

fn library_manifest(root: &Path) -> String {
    let library = root.join("pluginkit").display().to_string().replace(char::from(92), "/");
    format!(
        "[package]\nname = \"host\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\n\
         pluginkit = {{ path = \"{library}\" }}\npollster = \"0.4\"\n\n[workspace]\n"
    )
}

const BY_HAND_MANIFEST: &str = "[package]\nname = \"host\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
    [dependencies]\nasync-trait = \"0.1\"\npollster = \"0.4\"\n\n[workspace]\n";

fn generate(
    folder: &Path,
    manifest: &str,
    set: fn(usize) -> Result<String, std::fmt::Error>,
) -> Result<PathBuf, Box<dyn Error>> {
    fs::create_dir_all(folder.join("src"))?;
    fs::write(folder.join("Cargo.toml"), manifest)?;
    let mut main = String::from("#![allow(dead_code)]\n");
    for number in 0..SETS {
        writeln!(main, "mod set_{number};")?;
        fs::write(folder.join(format!("src/set_{number}.rs")), set(number)?)?;
    }
    writeln!(main, "fn main() {{\n    let mut total = 0;")?;
    for number in 0..SETS {
        writeln!(main, "    total += set_{number}::run();")?;
    }
    writeln!(main, "    println!(\"{{total}}\");\n}}")?;
    fs::write(folder.join("src/main.rs"), main)?;
    Ok(folder.to_owned())
}

/// The signature of a point, by its number: a few shapes that hosts have.
fn signature(point: usize) -> (&'static str, &'static str, &'static str, &'static str) {
    match point % 5 {
        0 => ("", "text: &str, weight: u64", "u64", "weight + text.len() as u64 + self.0"),
        1 => ("firstresult", "text: &str", "Option<u64>", "(text.len() as u64 == self.0).then_some(self.0)"),
        2 => ("pipeline", "value: u64", "u64", "value.wrapping_add(self.0)"),
        3 => ("", "seen: &mut Vec<u64>", "()", "seen.push(self.0)"),
        _ => ("", "text: &str", "Result<u64, std::num::ParseIntError>", "text.parse::<u64>()"),
    }
}

/// What `run` does with a point: its call's arguments and what becomes of the result.
fn call(point: usize) -> (&'static str, &'static str) {
    match point % 5 {
        0 => ("\"text\", 1", "total += outcome.iter().sum::<u64>();"),
        1 => ("\"text\"", "total += outcome.unwrap_or(0);"),
        2 => ("7", "total += outcome;"),
        3 => ("&mut seen", "let () = outcome;"),
        _ => ("\"12\"", "total += outcome.map_or(0, |all| all.len() as u64);"),
    }
}

fn extends(plugin: usize) -> impl Iterator<Item = usize> {
    (0..POINTS).filter(move |point| (point + plugin).is_multiple_of(2))
}

fn library_set(number: usize) -> Result<String, std::fmt::Error> {
    let is_async = number.is_multiple_of(ASYNC);
    let (manager, asyncness) =
        if is_async { ("AsyncPluginManager", "async ") } else { ("PluginManager", "") };
    let mut text = String::from("use pluginkit::prelude::*;\n\n#[extension_point]\npub trait Specs {\n");
    for point in 0..POINTS {
        let (mode, parameters, returns, _) = signature(point);
        if !mode.is_empty() {
            writeln!(text, "    #[extension_point({mode})]")?;
        }
        writeln!(text, "    fn point_{point}(&self, {parameters}) -> {returns};")?;
    }
    text.push_str("}\n");
    for plugin in 0..PLUGINS {
        writeln!(
            text,
            "\npub struct Plugin{plugin}(u64);\n\n#[extension]\nimpl Specs for Plugin{plugin} {{"
        )?;
        for point in extends(plugin) {
            let (_, parameters, returns, body) = signature(point);
            writeln!(text, "    {asyncness}fn point_{point}(&self, {parameters}) -> {returns} {{ {body} }}")?;
        }
        text.push_str("}\n");
    }
    writeln!(text, "\npub fn run() -> u64 {{\n    let pm = {manager}::new(\"set\");")?;
    text.push_str(
        "    pm.add_extension_points(Specs).unwrap();\n    let (mut total, mut seen) = (0, Vec::new());\n",
    );
    for plugin in 0..PLUGINS {
        writeln!(text, "    pm.register(Plugin{plugin}({plugin})).unwrap();")?;
    }
    for point in 0..POINTS {
        let (arguments, sum) = call(point);
        let call = format!("pm.caller(Specs::point_{point}).call({arguments})");
        let call = if is_async { format!("pollster::block_on({call})") } else { call };
        writeln!(text, "    let outcome = {call};\n    {sum}")?;
    }
    text.push_str("    total + seen.len() as u64\n}\n");
    Ok(text)
}

fn by_hand_set(number: usize) -> Result<String, std::fmt::Error> {
    let is_async = number.is_multiple_of(ASYNC);
    let (asyncness, awaited, attribute) =
        if is_async { ("async ", ".await", "#[async_trait::async_trait]\n") } else { ("", "", "") };
    let mut text = String::new();
    for point in 0..POINTS {
        let (_, parameters, returns, _) = signature(point);
        writeln!(
            text,
            "{attribute}pub trait Point{point}: Send + Sync {{\n    {asyncness}fn call(&self, {parameters}) -> {returns};\n}}"
        )?;
    }
    text.push_str("\n#[derive(Default)]\npub struct Host {\n");
    for point in 0..POINTS {
        writeln!(text, "    point_{point}: Vec<std::sync::Arc<dyn Point{point}>>,")?;
    }
    text.push_str("}\n\nimpl Host {\n");
    for point in 0..POINTS {
        let (mode, parameters, returns, _) = signature(point);
        let names: Vec<_> = parameters.split(", ").filter_map(|each| each.split(':').next()).collect();
        let names = names.join(", ");
        let (outcome, body) = match (mode, returns) {
            ("firstresult", _) => (
                returns.to_owned(),
                format!(
                    "for each in &self.point_{point} {{ if let Some(found) = each.call({names}){awaited} {{ return Some(found); }} }}\nNone"
                ),
            ),
            ("pipeline", _) => (
                returns.to_owned(),
                format!(
                    "let mut value = value;\nfor each in &self.point_{point} {{ value = each.call(value){awaited}; }}\nvalue"
                ),
            ),
            (_, "()") => (
                "()".to_owned(),
                format!("for each in &self.point_{point} {{ each.call({names}){awaited}; }}"),
            ),
            (_, fallible) if fallible.starts_with("Result") => (
                "Result<Vec<u64>, std::num::ParseIntError>".to_owned(),
                format!(
                    "let mut all = Vec::with_capacity(self.point_{point}.len());\nfor each in &self.point_{point} {{ all.push(each.call({names}){awaited}?); }}\nOk(all)"
                ),
            ),
            _ => (
                format!("Vec<{returns}>"),
                format!(
                    "let mut all = Vec::with_capacity(self.point_{point}.len());\nfor each in &self.point_{point} {{ all.push(each.call({names}){awaited}); }}\nall"
                ),
            ),
        };
        writeln!(
            text,
            "    pub {asyncness}fn point_{point}(&self, {parameters}) -> {outcome} {{\n{body}\n    }}"
        )?;
    }
    text.push_str("}\n");
    for plugin in 0..PLUGINS {
        writeln!(text, "\npub struct Plugin{plugin}(u64);")?;
        for point in extends(plugin) {
            let (_, parameters, returns, body) = signature(point);
            writeln!(
                text,
                "{attribute}impl Point{point} for Plugin{plugin} {{\n    {asyncness}fn call(&self, {parameters}) -> {returns} {{ {body} }}\n}}"
            )?;
        }
        writeln!(
            text,
            "impl Plugin{plugin} {{\n    fn register(self, host: &mut Host) {{\n        let this = std::sync::Arc::new(self);"
        )?;
        for point in extends(plugin) {
            writeln!(text, "        host.point_{point}.push(this.clone());")?;
        }
        text.push_str("    }\n}\n");
    }
    text.push_str("\npub fn run() -> u64 {\n    let mut pm = Host::default();\n    let (mut total, mut seen) = (0, Vec::new());\n");
    for plugin in 0..PLUGINS {
        writeln!(text, "    Plugin{plugin}({plugin}).register(&mut pm);")?;
    }
    for point in 0..POINTS {
        let (arguments, sum) = call(point);
        let call = format!("pm.point_{point}({arguments})");
        let call = if is_async { format!("pollster::block_on({call})") } else { call };
        writeln!(text, "    let outcome = {call};\n    {sum}")?;
    }
    text.push_str("    total + seen.len() as u64\n}\n");
    Ok(text)
}
