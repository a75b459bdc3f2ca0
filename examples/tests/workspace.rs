//! Builds `examples/workspace` as its users do who copy it: from packed crates, outside this workspace. Then runs its
//! tests and its program.

use std::env::consts::EXE_SUFFIX;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use pluginkit_examples::{prints, read};

const LIBRARY: [&str; 2] = ["pluginkit-macros", "pluginkit"];
const CRATES: [&str; 4] = ["feed-points", "feed-weather", "feed-editor", "feed"];

fn cargo(folder: &Path, target: &Path, command: &str) -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(folder).args([command, "--quiet"]).env("CARGO_TARGET_DIR", target);
    // What is built here is run once, beside what other tests build so.
    cargo.envs([("CARGO_PROFILE_DEV_DEBUG", "0"), ("CARGO_INCREMENTAL", "0")]);
    cargo
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() {
            copy(&from, &to);
        } else {
            fs::copy(from, to).unwrap();
        }
    }
}

/// Packs crates of a workspace, and returns the folders that the packages are unpacked to.
fn pack(workspace: &Path, crates: &[&str], scratch: &Path) -> Vec<PathBuf> {
    let target = scratch.join("target");
    let mut package = cargo(workspace, &target, "package");
    package.args(["--no-verify", "--allow-dirty", "--exclude-lockfile"]);
    prints(package.args(crates.iter().flat_map(|name| ["--package", name])));
    let unpacked = crates.iter().map(|name| {
        let folder = format!("{name}-{}", env!("CARGO_PKG_VERSION"));
        let file = target.join(format!("package/{folder}.crate"));
        prints(Command::new("tar").arg("-xzf").arg(file).arg("-C").arg(scratch));
        scratch.join(folder)
    });
    unpacked.collect()
}

#[test]
fn the_workspace_builds_from_its_packed_crates_and_prints_what_its_readme_says() {
    let (examples, scratch) =
        (Path::new(env!("CARGO_MANIFEST_DIR")), Path::new(env!("CARGO_TARGET_TMPDIR")).join("workspace"));
    let (root, original) = (examples.join(".."), examples.join("workspace"));
    if scratch.exists() {
        fs::remove_dir_all(&scratch).unwrap();
    }
    let workspace = scratch.join("copy");
    copy(&original, &workspace);
    let lock = root.join("Cargo.lock");
    fs::copy(&lock, workspace.join("Cargo.lock")).unwrap();

    let mut unpacked = pack(&root, &LIBRARY, &scratch);
    let manifest = read(&workspace.join("Cargo.toml"));
    let (kept, _) = manifest.split_once("\n# Takes the library").expect("the manifest says what to delete");
    let patch = |folders: &[PathBuf]| {
        let lines = LIBRARY.iter().chain(&CRATES).zip(folders);
        let lines: Vec<_> = lines.map(|(name, path)| format!("{name} = {{ path = {path:?} }}")).collect();
        format!("\n[patch.crates-io]\n{}\n", lines.join("\n"))
    };
    fs::write(workspace.join("Cargo.toml"), format!("{kept}{}", patch(&unpacked))).unwrap();
    unpacked.extend(pack(&workspace, &CRATES, &scratch));

    // A workspace of the packages, in which each takes the others from their packages, too.
    let members: Vec<_> = unpacked[LIBRARY.len()..].iter().filter_map(|path| path.file_name()).collect();
    let others: Vec<_> = unpacked[..LIBRARY.len()].iter().filter_map(|path| path.file_name()).collect();
    let exclude: Vec<_> = others.into_iter().chain([OsStr::new("copy"), OsStr::new("target")]).collect();
    let packed = format!(
        "[workspace]\nresolver = '3'\nmembers = {members:?}\nexclude = {exclude:?}\n{}",
        patch(&unpacked[..unpacked.len() - 1])
    );
    fs::write(scratch.join("Cargo.toml"), packed).unwrap();
    fs::copy(&lock, scratch.join("Cargo.lock")).unwrap();
    fs::copy(original.join("feed.toml"), scratch.join("feed.toml")).unwrap();
    let test = env::current_exe().expect("this test is a file");
    let target = test.ancestors().nth(3).expect("it is in target/<profile>/deps").join("linked");
    prints(&mut cargo(&scratch, &target, "test"));

    let program = target.join(format!("debug/feed{EXE_SUFFIX}"));
    let printed = prints(Command::new(program).current_dir(&scratch));
    let readme = read(&original.join("README.md"));
    assert!(readme.contains(&format!("```text\n{printed}```\n")), "the README is without\n{printed}");
}
