//! What another crate can name of the library, by its `pub use`s. The compiler lets them re-export nothing that is not public.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::paths;

/// The folders that could be taken out. They use what any other crate could use.
///
/// `local` is none of them: it is a kind of manager, with loops of its own over what the core keeps for itself.
pub(crate) const LEAVES: [&str; 6] = ["services", "lifecycle", "loading", "insight", "limits", "saga"];

/// A name that another crate has for something in the library.
#[derive(Clone)]
enum Name {
    /// The name of an item, or of a module with all that is public in it.
    Item(String),
    /// The name of a module that has some items of one in the core.
    Module(String),
}

impl Name {
    fn text(&self) -> &str {
        match self {
            Self::Item(name) | Self::Module(name) => name,
        }
    }
}

/// The names that other crates have for items, by the paths in the library.
pub(crate) struct Offered {
    names: BTreeMap<String, Name>,
}

impl Offered {
    /// Reads what `lib.rs` and its public modules have. What only a leaf re-exports is not offered to the others, and the names
    /// of expansions are for expansions.
    pub(crate) fn read(source: &Path) -> Self {
        let mut offered = Self { names: BTreeMap::new() };
        let lib = paths::code(&fs::read_to_string(source.join("lib.rs")).unwrap());
        offered.add(source, &lib, &[], &[]);
        assert!(offered.names.len() > 100, "the library offers more than {} items", offered.names.len());
        offered
    }

    /// Adds what `code` re-exports: the module with the path `inside`, which other crates name `public`.
    fn add(&mut self, source: &Path, code: &str, inside: &[String], public: &[String]) {
        let mut rest = code;
        while let Some(at) = rest.find("pub ") {
            // For messages of the compiler, and not for programs.
            let is_hidden = rest[..at].trim_end().ends_with("#[doc(hidden)]");
            rest = &rest[at + "pub ".len()..];
            if is_hidden && rest.starts_with("use ") {
                continue;
            }
            if let Some(tree) = rest.strip_prefix("use ") {
                for path in paths::tree(tree.split(';').next().unwrap_or_default()) {
                    let path = match path.first().map(String::as_str) {
                        Some("crate") => path[1..].to_vec(),
                        _ => [inside, &path].concat(),
                    };
                    let Some(name) = path.last() else { continue };
                    let public = Name::Item([public, std::slice::from_ref(name)].concat().join("::"));
                    let names = self.names.entry(path.join("::"));
                    // The shortest of several names, as a program would name it.
                    names
                        .and_modify(|other| {
                            if other.text().len() > public.text().len() {
                                *other = public.clone();
                            }
                        })
                        .or_insert(public);
                }
            } else if let Some(module) = rest.strip_prefix("mod ") {
                let end = module.find([' ', ';']).unwrap_or(module.len());
                let name = module[..end].to_owned();
                let nested = [public, std::slice::from_ref(&name)].concat();
                if let Some(body) = module[end..].strip_prefix(" {") {
                    let body = &body[..block(body)];
                    if let Some((interface, module)) = nested.split_first()
                        && interface == "__core"
                    {
                        self.names.insert(module.join("::"), Name::Module(nested.join("::")));
                    }
                    self.add(source, body, inside, &nested);
                    rest = &module[end + body.len()..];
                } else if inside.is_empty() && name != "__private" && !LEAVES.contains(&&*name) {
                    let folder = source.join(&name).join("mod.rs");
                    let file = if folder.exists() { folder } else { source.join(format!("{name}.rs")) };
                    let code = paths::code(&fs::read_to_string(file).unwrap());
                    self.add(source, &code, std::slice::from_ref(&name), &nested);
                }
            }
        }
    }

    /// Returns the name that another crate has for the item at this path from the root on. For what is in a type, that is the
    /// name of the type.
    pub(crate) fn name(&self, path: &str) -> Option<String> {
        if let Some(Name::Module(name)) = self.names.get(path) {
            return Some(name.clone());
        }
        let ends = std::iter::once(path.len()).chain(path.rmatch_indices("::").map(|(at, _)| at));
        { ends }.find_map(|end| {
            let (item, rest) = path.split_at(end);
            let is_type = item.rsplit("::").next().is_some_and(|last| last.starts_with(char::is_uppercase));
            let rest = if is_type { "" } else { rest };
            match self.names.get(item) {
                Some(Name::Item(name)) => return Some(format!("{name}{rest}")),
                Some(Name::Module(_)) => return None,
                None => {}
            }
            let is_it = |name: &Name| matches!(name, Name::Item(name) if name == item);
            self.names.values().any(is_it).then(|| format!("{item}{rest}"))
        })
    }

    /// The items of `__core`, by their names in it.
    pub(crate) fn interface(&self) -> impl Iterator<Item = &str> {
        let items = self.names.values().filter(|name| matches!(name, Name::Item(_)));
        items.filter_map(|name| name.text().strip_prefix("__core::"))
    }

    /// Returns whether the path is that of a module of which other crates see some items.
    pub(crate) fn is_module(&self, path: &str) -> bool {
        matches!(self.names.get(path), Some(Name::Module(_)))
    }
}

/// The length of a block up to its closing brace.
fn block(body: &str) -> usize {
    let mut depth = 1;
    let end = body.char_indices().find(|(_, each)| {
        depth += i32::from(*each == '{') - i32::from(*each == '}');
        depth == 0
    });
    end.map_or(body.len(), |(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::root;

    #[test]
    fn what_the_core_keeps_for_itself_has_no_name() {
        let offered = Offered::read(&root().join("pluginkit/src"));
        for (path, name) in [
            ("base::drops::Foreign", Some("__core::base::drops::Foreign")),
            ("base::drops::contain", None),
            ("base::kind::Kind", Some("kind::Kind")),
            ("plugin::Phase", Some("metadata::Phase")),
            ("observe::FaultKind::Failed", Some("observe::FaultKind")),
            ("registry::Registry", Some("__core::registry::Registry")),
            ("registry::Snapshot", None),
        ] {
            assert_eq!(offered.name(path).as_deref(), name, "{path}");
        }
    }
}
