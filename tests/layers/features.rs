//! The features of the architecture: each could be taken out, and could be another crate's.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use crate::offered::{LEAVES, Offered};
use crate::paths;
use crate::sources::{Crate, Import, root};

/// No feature may need another.
#[test]
fn no_feature_imports_another() {
    let library = Crate::read();
    let is_feature = |module: &str| LEAVES.contains(&module) || module == "local";
    let wrong: Vec<_> = library
        .imports
        .iter()
        .filter(|import| is_feature(import.folder()) && is_feature(&import.module))
        .filter(|import| import.folder() != import.module)
        .map(|Import { file, line, path, .. }| format!("pluginkit/src/{file}:{line}: `{path}`"))
        .collect();
    assert!(wrong.is_empty(), "a feature uses what any other crate could use:\n{}", wrong.join("\n"));
}

/// Something that a feature uses of the rest of the library.
struct Use<'l> {
    feature: &'l str,
    file: &'l str,
    line: usize,
    /// From the root on.
    path: String,
}

/// What the features use of the rest of the library, by its path.
fn uses<'l>(library: &'l Crate, offered: &Offered) -> Vec<Use<'l>> {
    let mut uses = Vec::new();
    for Import { file, line, path, module } in &library.imports {
        let feature = crate::sources::top(file);
        if !LEAVES.contains(&feature) || module == feature {
            continue;
        }
        let path = path.trim_start_matches("crate::").to_owned();
        if offered.is_module(&path) {
            let name = path.rsplit("::").next().unwrap_or_default();
            for (line, item) in paths::in_module(&library.code[file], name) {
                uses.push(Use { feature, file, line, path: format!("{path}::{item}") });
            }
        }
        uses.push(Use { feature, file, line: *line, path });
    }
    uses
}

#[test]
fn a_feature_imports_what_any_other_crate_could_import() {
    let (library, offered) = (Crate::read(), Offered::read(&root().join("pluginkit/src")));
    let uses = uses(&library, &offered);
    assert!(uses.len() > 300, "the features import more than {} items", uses.len());
    let is_wrong = |each: &&Use<'_>| offered.name(&each.path).is_none();
    let wrong = uses.iter().filter(is_wrong).map(|Use { file, line, path, .. }| {
        format!("pluginkit/src/{file}:{line}: `crate::{path}` has no name for other crates\n")
    });
    let wrong: String = wrong.collect();
    assert!(
        wrong.is_empty(),
        "use a public item, move the item into the feature, or make it `pub` and add it to `pluginkit/src/__core.rs`:\n{wrong}"
    );
}

fn other_crate() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("layers/other_crate.rs")
}

/// The file is a crate of its own, which compiles if the features import nothing that another crate could not.
#[test]
fn another_crate_imports_what_the_features_import() {
    let (library, offered) = (Crate::read(), Offered::read(&root().join("pluginkit/src")));
    let mut features: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for Use { feature, path, .. } in uses(&library, &offered) {
        features.entry(feature).or_default().extend(offered.name(&path));
    }
    let mut text = String::from(
        "//! What the features import, as another crate imports it: it has to compile.\n//!\n\
         //! `PLUGINKIT_LAYERS=record cargo test -p pluginkit-tests --test layers` writes this file.\n\
         #![allow(unused_imports, reason = \"the names are all there is\")]\n",
    );
    for (feature, names) in features {
        let _ = writeln!(text, "\n#[rustfmt::skip]\nmod {feature} {{");
        for name in names {
            let _ = writeln!(text, "    use pluginkit::{name} as _;");
        }
        text.push_str("}\n");
    }
    if env::var_os("PLUGINKIT_LAYERS").is_some_and(|value| value == "record") {
        fs::write(other_crate(), text).expect("the file can be written");
        return;
    }
    let recorded = fs::read_to_string(other_crate()).expect("the file can be read").replace("\r\n", "\n");
    assert!(
        recorded == text,
        "the features import other items: run `PLUGINKIT_LAYERS=record cargo test -p pluginkit-tests --test layers`"
    );
}

/// What the methods and fields of other items of the interface are made of.
const IN_SIGNATURES: [&str; 4] = [
    "base::similar::Listed",
    "plugin::dependency::Graph",
    "registry::DeferredDrops",
    "spec::point::Declared",
];

#[test]
fn the_core_offers_nothing_that_no_feature_uses() {
    let (library, offered) = (Crate::read(), Offered::read(&root().join("pluginkit/src")));
    let used: BTreeSet<_> =
        uses(&library, &offered).into_iter().filter_map(|each| offered.name(&each.path)).collect();
    let unused: Vec<_> =
        offered.interface().filter(|name| !used.contains(&format!("__core::{name}"))).collect();
    assert_eq!(unused, IN_SIGNATURES, "take it out of `pluginkit/src/__core.rs`");
}

/// The core keeps a method for itself if each declaration of its name is not public. Names that the standard library has, too,
/// are left to `.ci/leaves`.
#[test]
fn a_feature_calls_no_method_that_the_core_keeps_for_itself() {
    let library = Crate::read();
    let mut declared: BTreeMap<&str, bool> = BTreeMap::new();
    for (file, code) in &library.code {
        for (name, is_public) in paths::functions(code) {
            let is_public = is_public || LEAVES.contains(&crate::sources::top(file));
            *declared.entry(name).or_default() |= is_public;
        }
    }
    let kept: BTreeSet<_> =
        declared.iter().filter(|(_, is_public)| !**is_public).map(|(name, _)| *name).collect();
    assert!(kept.len() > 300, "the core keeps more than {} names for itself", kept.len());
    let features = library.code.iter().filter(|(file, _)| LEAVES.contains(&crate::sources::top(file)));
    let wrong = features.flat_map(|(file, code)| {
        let calls = paths::calls(code).filter(|(_, name)| kept.contains(name) && !STANDARD.contains(name));
        calls.map(move |(line, name)| format!("pluginkit/src/{file}:{line}: `{name}`\n"))
    });
    let wrong: String = wrong.collect();
    assert!(
        wrong.is_empty(),
        "no other crate could call these methods: use a public one, or make it `pub`, with a sentence of documentation:\n{wrong}"
    );
}

/// Methods of the standard library, and one of `tracing`, that have the name of one that the core keeps for itself.
const STANDARD: [&str; 14] = [
    "append",
    "chain",
    "get_mut",
    "get_or_init",
    "is_ready",
    "iter_mut",
    "join",
    "or",
    "pop",
    "position",
    "record",
    "sort",
    "with",
    "with_capacity",
];
