//! The paths in Rust code that lead to the root of the crate.

/// A path from the root on.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub line: usize,
    pub path: Vec<String>,
}

/// Code without comments, the contents of literals, and modules of tests. Lines stay where they are.
pub(crate) fn code(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let skipped = match next {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => comment(rest),
            'r' | 'b' if !code.ends_with(|last: char| last.is_alphanumeric() || last == '_') => {
                raw_string(rest)
            }
            '"' => string(rest),
            '\'' => character(rest),
            _ => 0,
        };
        if skipped == 0 {
            code.push(next);
            rest = &rest[next.len_utf8()..];
        } else {
            code.extend(rest[..skipped].chars().filter(|&each| each == '\n'));
            rest = &rest[skipped..];
        }
    }
    without_tests(&code)
}

/// The length of a block comment, with those within.
fn comment(text: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < text.len() {
        if text[at..].starts_with("/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if text[at..].starts_with("*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                return at;
            }
        } else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

/// The length of a raw string; 0, if there is none.
fn raw_string(text: &str) -> usize {
    let start = text.trim_start_matches('b');
    let Some(start) = start.strip_prefix('r') else { return 0 };
    let hashes = start.len() - start.trim_start_matches('#').len();
    if !start[hashes..].starts_with('"') {
        return 0;
    }
    let end = format!("\"{}", "#".repeat(hashes));
    let open = text.len() - start.len() + hashes + 1;
    text[open..].find(&end).map_or(text.len(), |at| open + at + end.len())
}

fn string(text: &str) -> usize {
    let mut escaped = false;
    for (at, each) in text.char_indices().skip(1) {
        match each {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// The length of a character; 0, if it is a lifetime.
fn character(text: &str) -> usize {
    let mut each = text.char_indices().skip(1);
    match each.next() {
        Some((_, '\\')) => text[2..].find('\'').map_or(0, |at| if at == 0 { 4 } else { at + 3 }),
        Some(_) => each.next().filter(|(_, end)| *end == '\'').map_or(0, |(at, _)| at + 1),
        None => 0,
    }
}

/// Code without the modules under `#[cfg(test)]`.
fn without_tests(code: &str) -> String {
    let mut left = String::with_capacity(code.len());
    let mut rest = code;
    while let Some(at) = rest.find("#[cfg(test)]\nmod ") {
        left.push_str(&rest[..at]);
        let tests = &rest[at..];
        let Some(open) = tests.find('{') else { break };
        let mut depth = 0;
        let end = tests[open..].char_indices().find_map(|(at, each)| {
            depth += i32::from(each == '{') - i32::from(each == '}');
            (depth == 0).then_some(open + at + 1)
        });
        let end = end.unwrap_or(tests.len());
        left.extend(tests[..end].chars().filter(|&each| each == '\n'));
        rest = &tests[end..];
    }
    left.push_str(rest);
    left
}

/// The paths in `code`, of the module with this path, that lead to the root of the crate.
pub(crate) fn of(code: &str, module: &[String]) -> Vec<Found> {
    let mut found = Vec::new();
    for word in ["crate", "pluginkit", "super"] {
        for (at, _) in code.match_indices(word) {
            let before = code[..at].chars().next_back();
            let after = &code[at + word.len()..];
            let is_word = !before.is_some_and(|each| each.is_alphanumeric() || each == '_');
            let is_inner = code[..at].ends_with("::");
            if !is_word || is_inner || !after.starts_with("::") {
                continue;
            }
            let line = code[..at].matches('\n').count() + 1;
            for path in tree(&code[at..]) {
                let path = match word {
                    "super" => from_root(module, &path),
                    _ => Some(path[1..].to_vec()),
                };
                found.extend(path.filter(|path| !path.is_empty()).map(|path| Found { line, path }));
            }
        }
    }
    found
}

fn is_part_of_name(each: char) -> bool {
    each.is_alphanumeric() || each == '_'
}

/// The name that `text` begins with.
fn name(text: &str) -> &str {
    &text[..text.find(|each| !is_part_of_name(each)).unwrap_or(text.len())]
}

fn line(code: &str, at: usize) -> usize {
    code[..at].matches('\n').count() + 1
}

/// The items that `code` names as those of `module`: the `a` of `module::a`.
pub(crate) fn in_module<'c>(code: &'c str, module: &str) -> Vec<(usize, &'c str)> {
    let path = format!("{module}::");
    let items = code.match_indices(&path).filter_map(|(at, _)| {
        let is_inner = code[..at].ends_with(|before| is_part_of_name(before) || before == ':');
        let item = name(&code[at + path.len()..]);
        (!is_inner && !item.is_empty()).then(|| (line(code, at), item))
    });
    items.collect()
}

/// The functions that `code` declares, each with whether it is public. A function of a trait is as public as the trait.
pub(crate) fn functions(code: &str) -> impl Iterator<Item = (&str, bool)> {
    let mut is_trait = false;
    code.lines().filter_map(move |line| {
        // An item of the file itself, after which a block follows.
        if line.starts_with(|first: char| first.is_alphabetic()) {
            is_trait = line.contains("trait ") || (line.starts_with("impl") && line.contains(" for "));
        }
        let (before, after) = line.split_once("fn ")?;
        let is_declaration = before.trim_start().split(' ').all(|word| {
            word.is_empty()
                || word.starts_with("pub")
                || ["const", "async", "unsafe", "in"].contains(&word)
                || word.ends_with(')')
        });
        let is_public = before.trim_start().starts_with("pub ") || (is_trait && line.starts_with(' '));
        is_declaration.then(|| (name(after), is_public))
    })
}

/// The methods and functions of types that `code` calls.
pub(crate) fn calls(code: &str) -> impl Iterator<Item = (usize, &str)> {
    let of = |sign: &'static str| {
        code.match_indices(sign).filter_map(move |(at, _)| {
            let called = name(&code[at + sign.len()..]);
            let after = &code[at + sign.len() + called.len()..];
            let is_call = after.starts_with('(') || after.starts_with("::<");
            (is_call && !called.is_empty()).then(|| (line(code, at), called))
        })
    };
    of(".").chain(of("::"))
}

/// A path that begins with `super`, as one from the root on.
fn from_root(module: &[String], path: &[String]) -> Option<Vec<String>> {
    let up = path.iter().take_while(|part| *part == "super").count();
    let kept = module.get(..module.len().checked_sub(up)?)?;
    Some(kept.iter().chain(&path[up..]).cloned().collect())
}

/// The paths of a tree such as `crate::{a::b, c}`, which `text` begins with.
pub(crate) fn tree(text: &str) -> Vec<Vec<String>> {
    let mut rest = text;
    let mut paths = Vec::new();
    branch(&mut rest, &[], &mut paths);
    paths
}

fn branch(rest: &mut &str, before: &[String], paths: &mut Vec<Vec<String>>) {
    let mut path = before.to_vec();
    loop {
        *rest = rest.trim_start();
        if let Some(inner) = rest.strip_prefix('{') {
            *rest = inner;
            loop {
                *rest = rest.trim_start();
                if let Some(after) = rest.strip_prefix('}') {
                    *rest = after;
                    return;
                }
                let length = rest.len();
                branch(rest, &path, paths);
                *rest = rest.trim_start();
                *rest = rest.strip_prefix(',').unwrap_or(rest);
                if rest.len() == length {
                    return;
                }
            }
        }
        let end = rest.find(|each: char| !(each.is_alphanumeric() || each == '_')).unwrap_or(rest.len());
        if end == 0 {
            // A glob, or generic arguments: what is before them is the path.
            *rest = rest.strip_prefix('*').unwrap_or(rest);
            paths.push(path);
            return;
        }
        if &rest[..end] != "self" {
            path.push(rest[..end].to_owned());
        }
        *rest = &rest[end..];
        match rest.strip_prefix("::") {
            Some(after) => *rest = after,
            None => break,
        }
    }
    if let Some((alias, after)) = rest
        .strip_prefix(" as ")
        .map(|renamed| renamed.split_at(renamed.find([',', '}', ';']).unwrap_or(renamed.len())))
    {
        *rest = after;
        let _ = alias;
    }
    paths.push(path);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(code_text: &str) -> Vec<String> {
        let module = ["call".to_owned(), "view".to_owned()];
        let found = of(&code(code_text), &module);
        found.into_iter().map(|found| format!("{} {}", found.line, found.path.join("::"))).collect()
    }

    #[test]
    fn paths_are_found_in_imports_and_in_code() {
        assert_eq!(
            found("use crate::base::name;\nfn f() -> crate::Error { pluginkit::x(); }"),
            ["1 base::name", "2 Error", "2 x"]
        );
        assert_eq!(
            found("use crate::{a::b, c::{self, d as e, f::*}, g};"),
            ["1 a::b", "1 c", "1 c::d", "1 c::f", "1 g"]
        );
        assert_eq!(found("pub(crate) fn f(x: Vec<crate::a::B<u8>>) {}"), ["1 a::B"]);
    }

    #[test]
    fn a_path_from_the_parent_leads_to_the_root() {
        assert_eq!(
            found("use super::next;\nuse super::super::spec::point;"),
            ["1 call::next", "2 spec::point"]
        );
    }

    #[test]
    fn comments_literals_and_tests_have_no_paths() {
        let text = "/// [`x`](crate::a)\n/* crate::b /* crate::c */ */\nlet a = \"crate::d \\\" crate::e\";\nlet b = r#\"crate::f\"#;\nlet c: &'static str = ['\"', '\\'', '\\u{7}'];\n#[cfg(test)]\nmod tests {\n    use crate::g;\n}\nuse crate::h;";
        assert_eq!(found(text), ["10 h"]);
    }

    #[test]
    fn functions_are_found_with_their_visibility() {
        let text = "pub fn a() {}\npub(crate) const fn b() {}\nimpl X {\n    fn c(&self) {}\n    pub async fn d() {}\n}\nimpl Y for X {\n    fn e() {}\n}\nfn f(g: fn (u8)) {}";
        let found: Vec<_> = functions(text).collect();
        let expected = [("a", true), ("b", false), ("c", false), ("d", true), ("e", true), ("f", false)];
        assert_eq!(found, expected);
    }

    #[test]
    fn calls_are_found_with_their_lines() {
        let text = "a.b(c);\nX::d::<u8>();\ne.f;\ng::h()";
        let mut found: Vec<_> = calls(text).collect();
        found.sort_unstable();
        assert_eq!(found, [(1, "b"), (2, "d"), (4, "h")]);
        assert_eq!(in_module("a::b();\nx::a::c(); aa::d()", "a"), [(1, "b")]);
    }
}
