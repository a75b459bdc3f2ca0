//! Random documents: valid ones, most of which are spoiled afterwards.

use std::fmt::Write;

use pluginkit_tests::Random;

use super::plugins::{REFERENCES, STRANGERS};

const GROUPS: [&str; 4] = ["web", "hooks", "jobs", "größe"];
const PROFILES: [&str; 3] = ["development", "staging", "production"];

/// A setting and what it may be; the last is none that its plugin takes.
type Setting = (&'static str, &'static [&'static str]);

/// The settings of each plugin.
const SETTINGS: [(&str, &[Setting]); 7] = [
    ("alone", &[("anything", &["1", "{ a = [1, 'x', { b = 1979-05-27 }] }"])]),
    (
        "text",
        &[
            ("text", &["'a'", "\"b\\n\"", "'''c\nd'''", "7"]),
            ("count", &["0", "255", "7", "256"]),
            ("ratio", &["1.5", "2", "inf", "'x'"]),
        ],
    ),
    (
        "deep",
        &[
            ("inner", &["{ on = true }", "{ sizes = [1, 2] }", "{ off = 1 }"]),
            ("inner.on", &["true", "false", "'yes'"]),
            ("list", &["[]", "[1, 'x', { on = true }]", "[[1]]"]),
            (
                "level",
                &["'low'", "'high'", "{ custom = 3 }", "{ range = { from = 1, to = 2 } }", "'highest'"],
            ),
            ("maybe", &["-1", "0x10", "9223372036854775807", "'none'"]),
            ("by_name", &["{ a = { on = true }, 'b c' = {} }", "{}", "[]"]),
            ("pair", &["[1, 'x']", "[255, '']", "[1]"]),
        ],
    ),
    (
        "strict",
        &[("needed", &["1", "4294967295", "-1"]), ("also", &["true", "false", "1"]), ("other", &["1"])],
    ),
    (
        "picky",
        &[
            ("fails", &["false", "false", "false", "true", "1"]),
            ("panics", &["false", "false", "false", "true", "1"]),
            ("wish", &["1", "2", "'x'"]),
        ],
    ),
    ("lives", &[("start_fails", &["false", "false", "true", "1"]), ("name", &["'a'", "'b'", "1"])]),
    ("leans", &[("start_fails", &["false", "false", "true", "1"]), ("name", &["'a'", "'b'", "1"])]),
];

/// Pieces of documents, put where they do not belong.
const PIECES: [&str; 36] = [
    "[",
    "]",
    "[[",
    "]]",
    "{",
    "}",
    "=",
    "\"",
    "'",
    "'''",
    "\"\"\"",
    "\n",
    ",",
    ".",
    "#",
    "-",
    "0x",
    "1e400",
    "99999999999999999999",
    "nan",
    "true",
    "1979-05-27T07:32:00Z",
    "\u{0}",
    "\u{feff}",
    "\r",
    "größe",
    "id",
    "plugins",
    "plugin",
    "profile",
    "enabled",
    "before",
    "config",
    "[plugins]",
    "[plugin.text]",
    "\\u12",
];

/// Documents that are right, to be spoiled.
const SEEDS: [&str; 4] = [
    "active_profile = 'staging'\n[plugins]\nenabled = true\ndisabled = ['text']\nweb = ['alone', { id = 'deep', enabled = true, priority = 3, before = 'alone', config = { maybe = 1 } }]\nhooks = []\n[plugin.deep.inner]\non = true\n[profile.production.plugins]\nweb = ['text']\n[profile.staging.plugin.text]\ntext = 'k'\n",
    "[plugins]\nweb = ['loading::fuzz::plugins::Deep', 'shout']\n[plugin.deep]\nlist = [1, 'x', { sizes = [1] }]\n[plugin.deep.level.range]\nfrom = 1\nto = 2\n",
    "plugins.web = [ 'strict' ]\nplugin.strict = { needed = 7 }\nplugins.jobs = [{ id = 'lives', after = ['strict', 'nobody'] }]\n",
    "[plugins]\nweb = ['picky', 'lives', 'leans']\njobs = ['leans', 'mine']\n[plugin.\"picky\"]\nwish = 2\n[plugin.lives]\nname = \"\"\"a\nb\"\"\"\n",
];

/// What one source says.
#[derive(Clone, Debug)]
pub(super) struct Document(pub(super) String);

/// A document that says what may be, but for one in so `few`.
pub(super) fn right(random: &mut Random, few: usize) -> Document {
    let mut text = String::new();
    if random.once_in(8) {
        let profile = if random.once_in(few) { "holiday" } else { random.one_of(&PROFILES) };
        let _ = writeln!(text, "active_profile = '{profile}'");
    }
    plugins(random, "", few, &mut text);
    for (id, settings) in SETTINGS {
        if random.once_in(3) {
            section(random, "", id, settings, few, &mut text);
        }
    }
    if random.once_in(4) {
        let profile = format!("profile.{}.", random.one_of(&PROFILES));
        if random.once_in(2) {
            plugins(random, &profile, few, &mut text);
        }
        let (id, settings) = SETTINGS[random.below(SETTINGS.len())];
        section(random, &profile, id, settings, few, &mut text);
    }
    if random.once_in(few * 2) {
        let _ = writeln!(text, "[plugin.'{}']\nkey = 1", random.one_of(&STRANGERS));
    }
    Document(text)
}

/// Any document.
pub(super) fn any(random: &mut Random) -> Document {
    let mut document =
        if random.once_in(4) { Document(random.one_of(&SEEDS).to_owned()) } else { right(random, 40) };
    if random.once_in(5) {
        for _ in 0..=random.below(3) {
            spoil(random, &mut document.0);
        }
    }
    document
}

fn reference(random: &mut Random, few: usize) -> &'static str {
    if random.once_in(few * 2) { random.one_of(&STRANGERS) } else { random.one_of(&REFERENCES) }
}

fn plugins(random: &mut Random, within: &str, few: usize, text: &mut String) {
    let _ = writeln!(text, "[{within}plugins]");
    if random.once_in(12) {
        let _ = writeln!(text, "enabled = {}", random.one_of(&["true", "false"]));
    }
    if random.once_in(6) {
        let _ = writeln!(text, "disabled = ['{}']", reference(random, few));
    }
    for group in GROUPS {
        if random.once_in(2) {
            continue;
        }
        let entries: Vec<_> = (0..random.below(5)).map(|_| entry(random, few)).collect();
        let _ = writeln!(text, "'{group}' = [{}]", entries.join(", "));
    }
}

fn entry(random: &mut Random, few: usize) -> String {
    let id = reference(random, few);
    if !random.once_in(4) {
        return format!("'{id}'");
    }
    let mut parts = vec![format!("id = '{id}'")];
    if random.once_in(3) {
        parts.push(format!("enabled = {}", random.one_of(&["true", "true", "false"])));
    }
    if random.once_in(3) {
        parts.push(format!("priority = {}", random.one_of(&["1", "-5", "0"])));
    }
    if random.once_in(4) {
        let wish = random.one_of(&["before", "after"]);
        parts.push(format!("{wish} = '{}'", reference(random, few)));
    }
    if random.once_in(4) {
        let known = SETTINGS.iter().find(|(known, _)| *known == id);
        let settings = known.map_or(&SETTINGS[1], |known| known).1;
        let (key, values) = settings[random.below(settings.len())];
        parts.push(format!("config = {{ {key} = {} }}", value(random, values, few)));
    }
    if random.once_in(few * 3) {
        parts.push("surprise = 1".to_owned());
    }
    format!("{{ {} }}", parts.join(", "))
}

fn value(random: &mut Random, values: &[&'static str], few: usize) -> &'static str {
    let good = if random.once_in(few) { values.len() } else { values.len().saturating_sub(1).max(1) };
    values[random.below(good)]
}

fn section(random: &mut Random, within: &str, id: &str, settings: &[Setting], few: usize, text: &mut String) {
    let _ = writeln!(text, "[{within}plugin.{id}]");
    let mut said: Vec<&str> = Vec::new();
    for (at, (key, values)) in settings.iter().enumerate() {
        // What must be given is given, and the same is not said twice.
        let wanted = (id == "strict" && at == 0) || random.once_in(2);
        let root = key.split('.').next().unwrap_or(key);
        let unknown = *key == "other" && !random.once_in(few);
        if !wanted || unknown || (said.contains(&root) && !random.once_in(few)) {
            continue;
        }
        said.push(root);
        let _ = writeln!(text, "{key} = {}", value(random, values, few));
    }
}

fn place(random: &mut Random, text: &str) -> usize {
    let mut at = random.below(text.len() + 1);
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// Changes a document at a place or two.
fn spoil(random: &mut Random, text: &mut String) {
    let (one, two) = (place(random, text), place(random, text));
    let (start, end) = (one.min(two), one.max(two));
    match random.below(6) {
        0 => text.insert_str(start, random.one_of(&PIECES)),
        1 => {
            let short = (start..=end.min(start + 6)).rev().find(|end| text.is_char_boundary(*end));
            text.replace_range(start..short.unwrap_or(start), random.one_of(&PIECES));
        }
        2 => text.truncate(end),
        3 => drop(text.drain(start..end)),
        4 => {
            let part = text[start..end].to_owned();
            text.insert_str(start, &part);
        }
        _ => {
            let mut lines: Vec<&str> = text.lines().collect();
            if lines.len() > 1 {
                let (one, two) = (random.below(lines.len()), random.below(lines.len()));
                lines.swap(one, two);
                *text = lines.join("\n");
            }
        }
    }
}

/// Random variables of the environment.
pub(super) fn variables(random: &mut Random) -> Vec<(String, String)> {
    let names = [
        "PROFILE",
        "PLUGINS_ENABLED",
        "PLUGINS_DISABLED",
        "PLUGINS__WEB",
        "PLUGINS__GR\u{d6}SSE",
        "PLUGIN__TEXT__COUNT",
        "PLUGIN__DEEP__INNER__ON",
        "PLUGIN__STRICT__NEEDED",
        "PLUGIN__TEXT",
        "PLUGIN____",
        "PLUGINS__",
        "ELSE",
    ];
    let values = [
        "",
        "true",
        "false",
        "staging",
        "7",
        "-1",
        "text,deep",
        "['alone', 'shout']",
        "[",
        "{ on = true }",
        "x\u{0}y",
        "'",
        "nobody",
    ];
    let some = if random.once_in(3) { random.below(4) } else { 0 };
    (0..some)
        .map(|_| (format!("FUZZ_{}", random.one_of(&names)), random.one_of(&values).to_owned()))
        .collect()
}
