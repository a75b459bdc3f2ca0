//! Languages of which a line at a time is enough: TOML, JSON, commands of a shell.

use super::Colored;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Syntax {
    Toml,
    Json,
    Shell,
}

impl Syntax {
    pub(super) fn of(language: &str) -> Option<Self> {
        match language {
            "toml" => Some(Self::Toml),
            "json" => Some(Self::Json),
            "sh" | "bash" | "console" => Some(Self::Shell),
            _ => None,
        }
    }
}

pub(super) fn color(code: &str, syntax: Syntax) -> String {
    let mut colored = Colored::default();
    for line in code.split_inclusive('\n') {
        let trimmed = line.trim();
        if syntax == Syntax::Toml
            && trimmed.starts_with('[')
            && trimmed.ends_with(']')
            && !trimmed.contains('"')
        {
            colored.push("t", line);
        } else {
            tokens(line, syntax, &mut colored);
        }
    }
    colored.0
}

fn tokens(line: &str, syntax: Syntax, colored: &mut Colored) {
    let (mut rest, mut is_start) = (line, true);
    while let Some(first) = rest.chars().next() {
        let (class, length) = token(rest, first, syntax, is_start);
        let (token, after) = rest.split_at(length);
        // What stands before `=` or `:` is a key.
        let follows = after.trim_start();
        let is_key = match syntax {
            Syntax::Toml => follows.starts_with('=') && !class.is_empty(),
            Syntax::Json => follows.starts_with(':') && class == "s",
            Syntax::Shell => false,
        };
        colored.push(
            if is_key {
                "k"
            } else if class == "w" {
                ""
            } else {
                class
            },
            token,
        );
        is_start = is_start && token.trim().is_empty();
        rest = after;
    }
}

fn token(rest: &str, first: char, syntax: Syntax, is_start: bool) -> (&'static str, usize) {
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    if first == '#' && syntax != Syntax::Json {
        return ("c", rest.find('\n').unwrap_or(rest.len()));
    }
    if first == '"' || (first == '\'' && syntax != Syntax::Json) {
        let end = rest[1..].find([first, '\n']).map_or(rest.len(), |at| at + 2);
        return ("s", end.min(rest.len()));
    }
    if is_word(first) {
        let length = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        let word = &rest[..length];
        let class = match syntax {
            Syntax::Shell if is_start => "f",
            Syntax::Shell if word.starts_with('-') => "a",
            Syntax::Shell => "w",
            _ if matches!(word, "true" | "false" | "null") || first.is_ascii_digit() => "n",
            _ => "w",
        };
        return (class, length);
    }
    ("", first.len_utf8())
}

#[cfg(test)]
mod tests {
    use super::{Syntax, color};

    #[test]
    fn keys_values_and_comments_have_their_classes() {
        let html = color("[plugin.a]\nkey = \"x\" # why\nn = 1\n", Syntax::Toml);
        assert!(html.contains("<span class=\"t\">[plugin.a]\n</span>"), "{html}");
        assert!(
            html.contains("<span class=\"k\">key</span> = <span class=\"s\">&quot;x&quot;</span>"),
            "{html}"
        );
        assert!(html.contains("<span class=\"c\"># why</span>"), "{html}");
        let html = color("{\"a\": true}", Syntax::Json);
        assert!(
            html.contains("<span class=\"k\">&quot;a&quot;</span>: <span class=\"n\">true</span>"),
            "{html}"
        );
        let html = color("cargo test --workspace # all\n", Syntax::Shell);
        assert!(
            html.contains("<span class=\"f\">cargo</span> test <span class=\"a\">--workspace</span>"),
            "{html}"
        );
    }

    #[test]
    fn text_that_ends_early_ends_the_last_token() {
        for code in ["\"", "'", "\"open\nnext", "é = \"", "#"] {
            for syntax in [Syntax::Toml, Syntax::Json, Syntax::Shell] {
                color(code, syntax);
            }
        }
    }
}
