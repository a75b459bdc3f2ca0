//! What a host that does without async depends on.

use std::path::Path;
use std::process::Command;

/// The names of all that a package of the workspace depends on, and its own.
fn dependencies_of(package: &str) -> Vec<String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let output = Command::new(cargo)
        .args(["tree", "--offline", "--package", package, "--edges", "normal", "--prefix", "none"])
        .current_dir(workspace)
        .output()
        .expect("cargo runs this test");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let listed = String::from_utf8(output.stdout).expect("cargo prints text");
    listed.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

fn is_async(name: &str) -> bool {
    name.starts_with("futures") || ["tokio", "pollster", "tracing"].iter().any(|each| name.starts_with(each))
}

#[test]
fn who_does_without_async_compiles_no_async_crate() {
    let dependencies = dependencies_of("pluginkit-tests-sync-only");
    assert!(dependencies.iter().any(|name| name == "pluginkit-macros"), "{dependencies:?}");
    assert!(!dependencies.iter().any(|name| is_async(name)), "{dependencies:?}");
    // The same look at one who does not finds them.
    assert!(dependencies_of("pluginkit-tests").iter().any(|name| is_async(name)));
}

#[test]
fn every_mode_works_without_async() {
    pluginkit_tests_sync_only::check();
}
