//! Plugins of other crates, in programs of their own: `tests/linked`.
//!
//! Debug builds are made by every run. `PLUGINKIT_LINKED=all` makes release builds and those with link-time
//! optimization, too.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

const FOUND: &str = "weather words|weather[x] words[x]|refused with the fix";
const ALL_FOUND: &str = "unnamed weather words|unnamed[x] weather[x] words[x]|accepted";

struct Built {
    target: PathBuf,
    profile: &'static str,
}

impl Built {
    /// The directory with what was built.
    fn directory(&self) -> PathBuf {
        self.target.join(if self.profile == "dev" { "debug" } else { self.profile })
    }
}

fn profiles() -> Vec<&'static str> {
    let all = env::var_os("PLUGINKIT_LINKED").is_some_and(|which| which == "all");
    if all { vec!["dev", "release", "lto"] } else { vec!["dev"] }
}

/// Builds packages of the workspace there, beside what this test was built to.
fn build(profile: &'static str, arguments: &[&str]) -> Built {
    let test = env::current_exe().expect("this test is a file");
    let target = test.ancestors().nth(3).expect("it is in target/<profile>/deps").join("linked");
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("linked/Cargo.toml");
    let output = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["build", "--quiet", "--profile", profile])
        .args(arguments)
        .arg("--manifest-path")
        .arg(manifest)
        .env("CARGO_TARGET_DIR", &target)
        .output()
        .expect("cargo is there");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Built { target, profile }
}

fn prints(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("it prints text").trim().to_owned()
}

fn program(built: &Built, name: &str) -> Command {
    Command::new(built.directory().join(format!("{name}{}", env::consts::EXE_SUFFIX)))
}

// One test, as these builds share a directory.
#[test]
fn plugins_of_crates_that_are_named_are_found_and_those_of_a_mere_dependency_are_not() {
    for profile in profiles() {
        // The linker drops what nothing names.
        let built = build(profile, &["--package", "linked-host"]);
        assert_eq!(prints(&mut program(&built, "linked-host")), FOUND, "{profile}");
        // `use linked_unnamed as _;` is the fix.
        let built = build(profile, &["--package", "linked-host", "--features", "linked-host/named"]);
        assert_eq!(prints(&mut program(&built, "linked-host")), ALL_FOUND, "{profile}");
        // A host that is a library others load has them, too.
        let built = build(profile, &["--package", "linked-library", "--package", "linked-loader"]);
        let library = built.directory().join(format!(
            "{}linked_library{}",
            env::consts::DLL_PREFIX,
            env::consts::DLL_SUFFIX
        ));
        assert_eq!(prints(program(&built, "linked-loader").arg(library)), FOUND, "{profile}");
        #[cfg(target_os = "linux")]
        archive(profile);
    }
}

/// A program in C that links the host as an archive loses its plugins, unless it links the whole archive.
#[cfg(target_os = "linux")]
fn archive(profile: &'static str) {
    let built = build(profile, &["--package", "linked-archive"]);
    let archive = built.directory().join("liblinked_archive.a");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("linked/archive/main.c");
    let link = |name: &str, whole: [&str; 2]| {
        let program = built.directory().join(name);
        let linked = Command::new(env::var_os("CC").unwrap_or_else(|| "cc".into()))
            .arg(&source)
            .arg(whole[0])
            .arg(&archive)
            .arg(whole[1])
            .args(["-lpthread", "-ldl", "-lm", "-lgcc_s", "-o"])
            .arg(&program)
            .output()
            .expect("the linker of Rust programs is there");
        assert!(linked.status.success(), "{}", String::from_utf8_lossy(&linked.stderr));
        prints(&mut Command::new(program))
    };
    let whole = link("whole-archive", ["-Wl,--whole-archive", "-Wl,--no-whole-archive"]);
    assert_eq!(whole, FOUND, "{profile}");
    let lost = link("parts-of-archive", ["-Wl,--no-whole-archive"; 2]);
    assert_eq!(lost, "||refused with the fix for archives", "{profile}");
}
