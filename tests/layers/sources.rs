//! The modules of the library and what they import.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use crate::paths;

/// The name that items of `lib.rs` itself are in.
pub(crate) const ROOT: &str = "lib.rs";

/// A path in a file that leads to a module of the top level.
#[derive(Debug)]
pub(crate) struct Import {
    /// The file, from `pluginkit/src` on.
    pub file: String,
    pub line: usize,
    pub path: String,
    /// The module of the top level that has the item; [`ROOT`], if it is in none.
    pub module: String,
}

impl Import {
    /// The module of the top level that the file is in.
    pub(crate) fn folder(&self) -> &str {
        top(&self.file)
    }
}

/// The modules of the library.
pub(crate) struct Crate {
    /// The modules of the top level, in the order of their declaration.
    pub layers: Vec<String>,
    pub imports: Vec<Import>,
    /// The code of each file, without comments and tests.
    pub code: BTreeMap<String, String>,
}

/// The folder of the workspace.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The module of the top level that a file is in.
pub(crate) fn top(file: &str) -> &str {
    file.split_once('/').map_or_else(|| file.trim_end_matches(".rs"), |(folder, _)| folder)
}

impl Crate {
    pub(crate) fn read() -> Self {
        let source = root().join("pluginkit/src");
        let lib = paths::code(&fs::read_to_string(source.join(ROOT)).unwrap());
        // A module with a body in `lib.rs` itself only re-exports.
        let layers: Vec<String> = lib
            .split(';')
            .filter_map(|item| {
                item.rsplit(['{', '}', ']']).next()?.trim().trim_start_matches("pub ").strip_prefix("mod ")
            })
            .map(|name| name.trim().to_owned())
            .collect();
        assert!(layers.len() > 10, "`lib.rs` declares its modules with `mod name;`, found {layers:?}");
        let exports = exports(&lib, &layers);
        let (mut imports, mut all) = (Vec::new(), BTreeMap::new());
        let mut files = Vec::new();
        files_in(&source, &mut files);
        files.sort();
        assert!(files.len() > 100, "the library has more files than {}", files.len());
        for path in files {
            let file = path.strip_prefix(&source).unwrap().to_str().unwrap().replace('\\', "/");
            if file == ROOT {
                continue;
            }
            let code = paths::code(&fs::read_to_string(&path).unwrap());
            for found in paths::of(&code, &module_path(&file)) {
                let first = found.path[0].as_str();
                let module = if layers.iter().any(|layer| layer == first) {
                    first
                } else {
                    exports.get(first).map_or(ROOT, String::as_str)
                };
                let path = format!("crate::{}", found.path.join("::"));
                imports.push(Import {
                    file: file.clone(),
                    line: found.line,
                    path,
                    module: module.to_owned(),
                });
            }
            all.insert(file, code);
        }
        Self { layers, imports, code: all }
    }

    /// Where a module is among the layers, from the lowest on. `lib.rs` is above all.
    pub(crate) fn rank(&self, module: &str) -> usize {
        self.layers.iter().position(|layer| layer == module).unwrap_or(self.layers.len())
    }
}

/// The names that `lib.rs` re-exports, and the modules they are from.
fn exports(lib: &str, layers: &[String]) -> HashMap<String, String> {
    let mut exports = HashMap::new();
    for item in lib.split("pub use ").skip(1) {
        let item = item.split(';').next().unwrap_or_default();
        for path in paths::tree(item) {
            if let (Some(module), Some(name)) = (path.first(), path.last()) {
                // What is of another crate is in the lowest layer, for all that it matters here.
                let module = if layers.contains(module) { module } else { &layers[0] };
                exports.insert(name.clone(), module.clone());
            }
        }
    }
    // What `macro_export` puts at the root.
    exports.extend(["__if_async", "__if_tokio", "__if_config"].map(|name| (name.into(), "__private".into())));
    exports
}

/// `call/asynchronous/mod.rs` as `["call", "asynchronous"]`.
fn module_path(file: &str) -> Vec<String> {
    let mut path: Vec<String> = file.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    if path.last().is_some_and(|last| last == "mod") {
        path.pop();
    }
    path
}

fn files_in(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files_in(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}
