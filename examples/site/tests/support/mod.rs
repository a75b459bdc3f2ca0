//! What the tests share: folders with sites.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_example-site");

/// Returns an empty folder for a test.
pub(crate) fn scratch(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Returns the program, told to build the guides of this project into a folder.
pub(crate) fn guides(output: &Path) -> Command {
    let mut program = Command::new(PROGRAM);
    program.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("site.toml")).arg("--output").arg(output);
    program
}

/// Returns the names of the files of a folder with this extension, sorted.
pub(crate) fn names(folder: &Path, extension: &str) -> Vec<String> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let paths = paths.filter(|path| path.extension().is_some_and(|found| found == extension));
    let mut names: Vec<_> =
        paths.map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect();
    names.sort();
    names
}
