//! The layers of the library: `lib.rs` declares its modules from the lowest to the highest, and each uses only those
//! declared before it.
//!
//! The test reads the sources. It follows the paths that begin with `crate`, `super` or `pluginkit`, also those of items
//! that `lib.rs` re-exports. `.ci/leaves` checks what needs a compiler: methods that one module adds to a type of another, and
//! the methods and fields that a feature uses.

mod features;
mod offered;
mod paths;
mod sources;

use std::collections::{BTreeMap, BTreeSet};

use sources::{Crate, Import};

/// An import that goes up, and may.
struct Exception {
    file: &'static str,
    /// The module that is imported.
    module: &'static str,
    reason: &'static str,
}

/// At most five.
const EXCEPTIONS: &[Exception] = &[Exception {
    file: "manager/builder.rs",
    module: "lib.rs",
    reason: "`INSTALL` is the one list of features: `lib.rs` names them, so that no other module has to",
}];

fn is_excepted(import: &Import) -> bool {
    EXCEPTIONS.iter().any(|exception| exception.file == import.file && exception.module == import.module)
}

fn upward(library: &Crate) -> Vec<&Import> {
    library
        .imports
        .iter()
        .filter(|import| library.rank(&import.module) > library.rank(import.folder()))
        .collect()
}

#[test]
fn each_module_imports_only_those_declared_before_it() {
    let library = Crate::read();
    let wrong: Vec<_> = upward(&library)
        .iter()
        .filter(|import| !is_excepted(import))
        .map(|import| {
            let Import { file, line, path, module } = import;
            format!(
                "pluginkit/src/{file}:{line}: `{path}` is in `{module}`, a higher layer than `{}`",
                import.folder()
            )
        })
        .collect();
    assert!(wrong.is_empty(), "move one of both, or turn the dependency round:\n{}", wrong.join("\n"));
}

#[test]
fn no_modules_import_each_other() {
    let library = Crate::read();
    let mut edges: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for import in library.imports.iter().filter(|import| !is_excepted(import)) {
        if import.folder() != import.module {
            edges.entry(import.folder()).or_default().insert(&import.module);
        }
    }
    for &start in edges.keys() {
        let mut reached = BTreeSet::new();
        let mut open = vec![start];
        while let Some(next) = open.pop() {
            for &module in edges.get(next).into_iter().flatten() {
                assert_ne!(
                    module, start,
                    "`{start}` imports modules that import it, the last of them `{next}`"
                );
                if reached.insert(module) {
                    open.push(module);
                }
            }
        }
    }
}

#[test]
fn exceptions_are_few_and_all_of_them_are_needed() {
    let library = Crate::read();
    assert!(EXCEPTIONS.len() <= 5);
    for exception in EXCEPTIONS {
        assert!(!exception.reason.is_empty());
        let is_needed = upward(&library)
            .iter()
            .any(|import| import.file == exception.file && import.module == exception.module);
        assert!(
            is_needed,
            "`{}` no longer imports `{}`: delete the exception",
            exception.file, exception.module
        );
    }
}

/// `ARCHITECTURE.md` has a table of the layers, whose rows begin with the name of a module.
#[test]
fn the_architecture_is_written_down_in_the_order_of_the_layers() {
    let library = Crate::read();
    let text = std::fs::read_to_string(sources::root().join("ARCHITECTURE.md")).unwrap();
    let rows = text.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
    let written: Vec<_> =
        rows.map(|(name, _)| name).filter(|name| library.layers.iter().any(|layer| layer == name)).collect();
    assert_eq!(written, library.layers.iter().map(String::as_str).collect::<Vec<_>>());
}
