//! The tokens of Rust. Code that does not compile is colored as well as it goes.

use super::Colored;

const KEYWORDS: [&str; 38] = [
    "as", "async", "await", "break", "const", "continue", "crate", "dyn", "else", "enum", "extern", "false",
    "fn", "for", "if", "impl", "in", "let", "loop", "match", "mod", "move", "mut", "pub", "ref", "return",
    "self", "Self", "static", "struct", "super", "trait", "true", "type", "unsafe", "use", "where", "while",
];

pub(super) fn color(code: &str) -> String {
    let mut colored = Colored::default();
    let mut rest = code;
    while let Some(first) = rest.chars().next() {
        let (class, length) = token(rest, first);
        let (token, after) = rest.split_at(length);
        colored.push(class, token);
        rest = after;
    }
    colored.0
}

/// Returns the class and the length of the first token.
fn token(rest: &str, first: char) -> (&'static str, usize) {
    if rest.starts_with("//") {
        return ("c", rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return ("c", rest.find("*/").map_or(rest.len(), |end| end + 2));
    }
    if let Some(length) = string(rest) {
        return ("s", length);
    }
    if rest.starts_with("#[") || rest.starts_with("#![") {
        return ("a", attribute(rest));
    }
    if first == '\'' {
        return quote(rest);
    }
    if first.is_ascii_digit() {
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let mut length = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        // `1.5`, but not `1..5` and not `1.max(2)`.
        if rest[length..].starts_with('.') && rest[length + 1..].starts_with(|c: char| c.is_ascii_digit()) {
            length += 1 + rest[length + 1..].find(|c| !is_part(c)).unwrap_or(rest.len() - length - 1);
        }
        return ("n", length);
    }
    if first.is_alphabetic() || first == '_' {
        return word(rest);
    }
    ("", first.len_utf8())
}

fn word(rest: &str) -> (&'static str, usize) {
    let length = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
    let (word, after) = rest.split_at(length);
    let class = if KEYWORDS.contains(&word) {
        "k"
    } else if after.starts_with('!') && !after.starts_with("!=") {
        return ("m", length + 1);
    } else if word.starts_with(char::is_uppercase) {
        "t"
    } else if after.starts_with('(') || after.starts_with("::<") {
        "f"
    } else {
        ""
    };
    (class, length)
}

/// Returns the length of a string, if the code starts with one.
fn string(rest: &str) -> Option<usize> {
    let prefix = ["br", "cr", "b", "c", "r", ""].into_iter().find(|prefix| {
        let after = rest.strip_prefix(prefix).map(|after| after.trim_start_matches('#'));
        after.is_some_and(|after| after.starts_with('"'))
    })?;
    let hashes = rest[prefix.len()..].len() - rest[prefix.len()..].trim_start_matches('#').len();
    let start = prefix.len() + hashes + 1;
    if prefix.ends_with('r') {
        let end = format!("\"{}", "#".repeat(hashes));
        return Some(rest[start..].find(&end).map_or(rest.len(), |at| start + at + end.len()));
    }
    // `#"` outside of a raw string is no string.
    if hashes > 0 {
        return None;
    }
    let mut is_escaped = false;
    for (at, character) in rest[start..].char_indices() {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => return Some(start + at + 1),
            _ => {}
        }
    }
    Some(rest.len())
}

/// A character, or a lifetime.
fn quote(rest: &str) -> (&'static str, usize) {
    let mut characters = rest.char_indices().skip(1);
    match (characters.next(), characters.next()) {
        (Some((_, '\\')), _) => (
            "s",
            rest[2..].find('\'').map_or(rest.len(), |at| {
                // `'\''` has its end behind the escaped quote.
                let end = 2 + at + 1;
                if at == 0 && rest[end..].starts_with('\'') { end + 1 } else { end }
            }),
        ),
        (Some(_), Some((at, '\''))) => ("s", at + 1),
        _ => {
            let length = rest[1..].find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len() - 1);
            ("l", 1 + length)
        }
    }
}

/// Returns the length of an attribute, up to the bracket that ends it.
fn attribute(rest: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(character) = rest[at..].chars().next() {
        if let Some(length) = string(&rest[at..]).filter(|_| character == '"') {
            at += length;
            continue;
        }
        at += character.len_utf8();
        match character {
            '[' => depth += 1,
            ']' if depth == 1 => return at,
            ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::color;

    /// The tokens with a class, as `class:token`.
    fn tokens(code: &str) -> Vec<String> {
        let html = color(code);
        let spans = html.split("<span class=\"").skip(1);
        spans.map(|span| span.split_once("</span>").unwrap().0.replace("\">", ":")).collect()
    }

    #[test]
    fn each_token_has_its_class_and_no_character_is_lost() {
        let code = "#[plugin(id = \"a]\")]\nfn f<'a>(x: &'a str) -> Vec<u8> { g(x, 'c', '\\'', 1.5, 0..9); m!(r#\"\"\"#) } // end";
        let expected = [
            "a:#[plugin(id = &quot;a]&quot;)]",
            "k:fn",
            "l:'a",
            "l:'a",
            "t:Vec",
            "f:g",
            "s:'c'",
            "s:'\\''",
            "n:1.5",
            "n:0",
            "n:9",
            "m:m!",
            "s:r#&quot;&quot;&quot;#",
            "c:// end",
        ];
        assert_eq!(tokens(code), expected);
    }

    #[test]
    fn code_that_ends_early_ends_the_last_token() {
        for code in ["\"open", "'", "'\\", "/* open", "#[open", "r##\"open\"#", "b", "1.", "é'é"] {
            let text = color(code).replace("</span>", "");
            let text: String = text
                .split("<span class=\"")
                .map(|part| part.split_once("\">").map_or(part, |it| it.1))
                .collect();
            assert_eq!(text.replace("&quot;", "\""), code);
        }
    }
}
