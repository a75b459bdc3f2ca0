//! The names that `pluginkit::manual` shows: each is a promise to those who write points by hand.
//!
//! `names.txt` lists them. A name that comes or goes is a change of that file, which a review sees.

use std::collections::BTreeSet;
use std::path::Path;

/// The names that `source` re-exports.
///
/// # Panics
///
/// If it makes something public in another way than by `pub use` of names.
fn names(source: &str) -> Vec<String> {
    let code: Vec<_> = source.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let code = code.join("\n");
    let mut names = Vec::new();
    for (at, _) in code.match_indices("pub ") {
        let statement = code[at..].split(';').next().unwrap_or_default();
        let Some(tree) = statement.strip_prefix("pub use ") else {
            panic!("`manual` re-exports names and defines nothing: {statement}")
        };
        assert!(!tree.contains('*'), "a glob hides names: {statement}");
        // What stands before a brace is a path; the rest are names, with or without a path.
        let parts = tree.split([',', '}', '\n']).map(|part| part.rsplit('{').next().unwrap_or(part));
        let parts = parts.map(str::trim).filter(|part| !part.is_empty());
        names.extend(parts.map(|part| part.rsplit([':', ' ']).next().unwrap_or(part).to_owned()));
    }
    names
}

#[test]
fn the_names_of_a_module_are_found_however_they_are_re_exported() {
    let source = "//! pub use of::nothing;\npub use a::One;\n#[cfg(x)]\npub use b::{Two, c::Three as Four};\n\
                  pub use d::{\n    e::{Five, Six},\n    f::Seven,\n};\n";
    assert_eq!(names(source), ["One", "Two", "Four", "Five", "Six", "Seven"]);
}

#[test]
fn manual_shows_the_names_that_are_listed_and_no_others() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let source = std::fs::read_to_string(root.join("../pluginkit/src/manual.rs")).unwrap();
    let listed: BTreeSet<&str> = include_str!("names.txt").lines().collect();
    let shown = names(&source);
    let shown: BTreeSet<&str> = shown.iter().map(String::as_str).collect();
    assert_eq!(shown.difference(&listed).collect::<Vec<_>>(), [&""; 0], "shown, and not listed");
    assert_eq!(listed.difference(&shown).collect::<Vec<_>>(), [&""; 0], "listed, and not shown");
}
