//! The public items of the library, one a line, as `public_items.txt` lists them: a change of them shows in review.
//!
//! Rustdoc describes the items. It needs a nightly toolchain for that, and `public-api` must read its format. Elsewhere
//! the test passes, says that it has not compared, and only the names that the library re-exports are compared.
//!
//! `.ci/public-api` writes the list anew.
#![cfg(not(miri))]

mod described;
mod names;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn list() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("surface/public_items.txt")
}

fn listed() -> String {
    fs::read_to_string(list()).expect("the list can be read").replace("\r\n", "\n")
}

/// The lines that one of two texts has and the other does not.
fn changes(before: &str, now: &str) -> String {
    let (before, now): (BTreeSet<_>, BTreeSet<_>) = (before.lines().collect(), now.lines().collect());
    let removed = before.difference(&now).map(|item| format!("-{item}\n"));
    removed.chain(now.difference(&before).map(|item| format!("+{item}\n"))).collect()
}

#[test]
fn the_public_items_are_those_that_are_listed() {
    let records = env::var_os("PLUGINKIT_SURFACE").is_some_and(|value| value == "record");
    let items = match described::items() {
        Ok(items) => items,
        Err(why) => {
            assert!(!records, "the public items cannot be listed: {why}");
            eprintln!("the public items are not compared: {why}");
            return;
        }
    };
    if records {
        fs::write(list(), items).expect("the list can be written");
        return;
    }
    let changes = changes(&listed(), &items);
    assert!(
        changes.is_empty(),
        "public items have changed; if the change is meant, write them down with `.ci/public-api`:\n{changes}"
    );
}

#[test]
fn the_names_that_modules_re_export_are_those_that_are_listed() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../pluginkit/src");
    for (module, file) in
        [("pluginkit", "lib.rs"), ("pluginkit::manual", "manual.rs"), ("pluginkit::prelude", "prelude.rs")]
    {
        let source = fs::read_to_string(sources.join(file)).expect("a source can be read");
        let changes = changes(&names::listed(&listed(), module), &names::re_exported(&source));
        assert!(
            changes.is_empty(),
            "the names of `{module}` have changed; if the change is meant, write them down with `.ci/public-api`:\n{changes}"
        );
    }
}
