//! The public items as rustdoc describes them.

use std::collections::HashSet;
use std::path::Path;
use std::process::Command;

use public_api::Builder;

/// Methods that the line of an `impl` of a standard trait implies.
const IMPLIED: &[&str] = &["clone", "cmp", "eq", "fmt", "hash", "partial_cmp"];

/// The public items of the library with all its features, one a line.
///
/// # Errors
///
/// Why they are not described.
pub(crate) fn items() -> Result<String, String> {
    let nightly = Command::new("cargo").args(["+nightly", "--version"]).output();
    if !nightly.is_ok_and(|nightly| nightly.status.success()) {
        return Err("there is no nightly toolchain".to_owned());
    }
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("surface");
    let rustdoc = Command::new("cargo")
        .args(["+nightly", "rustdoc", "--quiet", "--package", "pluginkit", "--all-features", "--lib"])
        .arg("--target-dir")
        .arg(&target)
        .args(["--", "-Z", "unstable-options", "--output-format", "json", "--cap-lints", "allow"])
        .env_remove("RUSTFLAGS")
        .env_remove("RUSTDOCFLAGS")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo starts");
    assert!(rustdoc.status.success(), "rustdoc fails:\n{}", String::from_utf8_lossy(&rustdoc.stderr));
    let items = Builder::from_rustdoc_json(target.join("doc/pluginkit.json"))
        .omit_blanket_impls(true)
        .omit_auto_trait_impls(true)
        .include_function_parameter_names(true)
        .build()
        .map_err(|error| format!("this nightly describes them in another format: {error}"))?;
    let lines: Vec<_> = items.items().filter_map(|item| line(item.to_string())).collect();
    Ok(once(&lines))
}

/// The line of an item; `None` for what another line says.
fn line(item: String) -> Option<String> {
    const PRELUDE: &str = "pluginkit::prelude::";
    if let Some((_, path)) = item.split_once(PRELUDE) {
        // All items of the prelude have a line of their own elsewhere.
        let path = path.split(' ').next()?;
        let name = path.split(['<', '(']).next()?;
        return (!path.contains("::")).then(|| format!("pub use {PRELUDE}{name}"));
    }
    let path = item.split_once('(').map_or("", |(path, _)| path);
    let name = path.rsplit("::").next().and_then(|name| name.split('<').next());
    let is_implied = path.starts_with("pub fn ") && name.is_some_and(|name| IMPLIED.contains(&name));
    (!is_implied).then_some(item)
}

/// The lines with each that repeats at its last place, where its type is listed under its shortest path.
fn once(lines: &[String]) -> String {
    let mut seen = HashSet::new();
    let mut last: Vec<_> = lines.iter().rev().filter(|line| seen.insert(*line)).collect();
    last.reverse();
    last.into_iter().flat_map(|line| [line.as_str(), "\n"]).collect()
}
