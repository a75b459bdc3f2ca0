//! The names of a module: by its source, and by the list.

use std::collections::BTreeSet;

/// The names of `module` that `list` has, one a line.
pub(crate) fn listed(list: &str, module: &str) -> String {
    let prefix = format!("{module}::");
    let names = list.lines().filter(|line| !line.starts_with("impl")).filter_map(|line| {
        let mut words = line.split(' ');
        let path = words.find(|word| word.starts_with(&prefix))?.strip_prefix(&prefix)?;
        let name = path.split(|next: char| !next.is_alphanumeric() && next != '_').next()?;
        let rest = &path[name.len()..];
        (!rest.starts_with("::") && !rest.contains(">::")).then(|| name.to_owned())
    });
    lines(names.collect())
}

/// The names that the source of a module makes public, one a line.
///
/// # Panics
///
/// If it makes something public in another way than by `pub mod` and `pub use` of names.
pub(crate) fn re_exported(source: &str) -> String {
    let code: Vec<_> = source.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let code = code.join("\n").replace("#[doc(hidden)]\npub ", "");
    let (mut names, mut inside) = (BTreeSet::new(), 0);
    for (at, _) in code.match_indices("pub ") {
        if at < inside {
            continue;
        }
        let statement = code[at..].split(';').next().unwrap_or_default();
        if let Some(module) = statement.strip_prefix("pub mod ") {
            names.extend(module.split(' ').next().map(str::to_owned));
            if module.lines().next().is_some_and(|line| line.ends_with('{')) {
                // Names of an inline module, which ends with the first brace that begins a line.
                inside = code[at..].find("\n}").map_or(code.len(), |end| at + end);
            }
            continue;
        }
        let Some(tree) = statement.strip_prefix("pub use ") else {
            panic!("a module that re-exports defines nothing: {statement}")
        };
        assert!(!tree.contains('*'), "a glob hides names: {statement}");
        // Before a brace there is a path; the rest are names, with or without a path.
        let parts = tree.split([',', '}', '\n']).map(|part| part.rsplit('{').next().unwrap_or(part));
        let parts = parts.map(str::trim).filter(|part| !part.is_empty());
        names.extend(parts.map(|part| part.rsplit([':', ' ']).next().unwrap_or(part).to_owned()));
    }
    lines(names)
}

fn lines(names: BTreeSet<String>) -> String {
    names.into_iter().map(|name| name + "\n").collect()
}

#[test]
fn the_names_of_a_module_are_found_however_they_are_re_exported() {
    let source = "//! pub use of::nothing;\npub use a::One;\n#[cfg(x)]\npub use b::{Two, c::Three as Four};\n\
                  pub use d::{\n    e::{Five, Six},\n    f::Seven,\n};\n#[doc(hidden)]\npub mod hidden;\n\
                  #[doc(hidden)]\npub use h::{Hidden, i::Too};\npub mod empty {}\npub mod eight {\n    pub use g::Nine;\n}\n";
    assert_eq!(re_exported(source), "Five\nFour\nOne\nSeven\nSix\nTwo\neight\nempty\n");
}

#[test]
fn the_names_of_a_module_are_found_in_the_list() {
    let list = "pub mod a\npub use a::One\npub struct a::Two<T: a::X>\npub fn a::Two<T>::new() -> a::Two<T>\n\
                pub a::Two::field: a::Three\n#[non_exhaustive] pub enum a::Four\npub fn a::five(x: a::X)\nimpl a::Six for a::X\n\
                pub type a::Seven<P> = <P as a::X>::Y\npub struct a::b::Eight\n";
    assert_eq!(listed(list, "a"), "Four\nOne\nSeven\nTwo\nfive\n");
}
