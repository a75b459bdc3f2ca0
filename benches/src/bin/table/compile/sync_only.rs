//! A sync-only user, built from nothing with all that it depends on, beside what its macros and errors need
//! alone.

use std::fs;
use std::path::{Path, PathBuf};

use super::crates::{cargo, write_manifest};
use super::middle;
use crate::{Failure, Row};

const USER: &str = r#"use pluginkit::prelude::*;

#[extension_point]
pub trait Specs {
    fn score(&self, text: &str) -> u64;
}

pub struct Length;

#[extension]
impl Specs for Length {
    fn score(&self, text: &str) -> u64 {
        text.len() as u64
    }
}

fn main() -> Result<(), pluginkit::Error> {
    let pm = PluginManager::new("user");
    pm.add_extension_points(Specs)?;
    pm.register(Length)?;
    println!("{:?}", pm.caller(Specs::score).call("four"));
    Ok(())
}
"#;

const ALONE: &str = "use macros as _;\n\nfn main() {}\n";
const MACROS: &str = "use {proc_macro2 as _, quote as _, syn as _};\n";

/// Prints the row.
pub(crate) fn row(root: &Path, runs: usize) -> Result<(), Failure> {
    let folder = root.join("target/table");
    let library = root.join("pluginkit").display().to_string().replace('\\', "/");
    let user = format!(
        "pluginkit = {{ path = \"{library}\", default-features = false, features = [\"macros\"] }}\n"
    );
    let user = generate(root, &folder.join("user"), "", &user, USER)?;

    let declared = |name: &str| declared(root, name);
    let alone =
        format!("macros = {{ path = \"macros\" }}\n{}{}", declared("inventory")?, declared("thiserror")?);
    let alone = generate(root, &folder.join("alone"), "", &alone, ALONE)?;
    // Macros are built without what debuggers want: as ours are, so here.
    let macros = format!("{}{}{}", declared("proc-macro2")?, declared("quote")?, declared("syn")?);
    let library = "[lib]\nproc-macro = true\n\n";
    generate(root, &alone.join("macros"), library, &macros, MACROS)?;

    let (mut one, mut other) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        one.push(clean_build(&user)?);
        other.push(clean_build(&alone)?);
    }
    let (one, other) = (middle(one), middle(other));
    Row {
        work: "clean build of a sync-only user, dependencies included",
        against: "`inventory`, `thiserror`, the macro stack",
        target: "1.6",
        ratio: format!("{:.2}", one / other),
        library: format!("{one:.2} s"),
        other: format!("{other:.2} s"),
    }
    .print();
    Ok(())
}

fn clean_build(folder: &Path) -> Result<f64, Failure> {
    cargo(folder, &["clean"], false)?;
    cargo(folder, &["build"], false)
}

/// How the workspace depends on a crate, so that its features are ours.
fn declared(root: &Path, name: &str) -> Result<String, Failure> {
    let manifest = fs::read_to_string(root.join("Cargo.toml"))?;
    let line = manifest.lines().find(|line| line.split_once(" = ").is_some_and(|(key, _)| key == name));
    Ok(format!("{}\n", line.ok_or_else(|| format!("the workspace does not depend on {name}"))?))
}

/// A package, a library if its source is one; the versions are those of the workspace.
fn generate(
    root: &Path,
    folder: &Path,
    library: &str,
    dependencies: &str,
    source: &str,
) -> Result<PathBuf, Failure> {
    let file = if library.is_empty() { "main.rs" } else { "lib.rs" };
    // What is in a folder of another package belongs to that one's workspace.
    let workspace = if library.is_empty() { "\n[workspace]\n" } else { "" };
    fs::create_dir_all(folder.join("src"))?;
    write_manifest(folder, &format!("{library}[dependencies]\n{dependencies}{workspace}"))?;
    fs::write(folder.join("src").join(file), source)?;
    fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock"))?;
    Ok(folder.to_owned())
}
