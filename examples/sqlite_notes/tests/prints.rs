//! Runs the program and checks what it prints.

use std::path::Path;
use std::process::Command;

use pluginkit_examples::{assert_expected, prints};

#[test]
fn the_notes_print_what_is_expected() {
    let printed = prints(&mut Command::new(env!("CARGO_BIN_EXE_example-sqlite-notes")));
    assert_expected(&printed, &Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sqlite_notes.txt"));
}
