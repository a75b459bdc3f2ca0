//! What is wanted of an answer, and what the server answered.

use serde_json::{Value, json};

use crate::project::{Project, offset};

/// What is wanted of the answer to a question.
#[derive(Clone, Copy)]
pub(crate) enum Wants {
    /// Completion offers these, and not those.
    Offers(&'static [&'static str], &'static [&'static str]),
    /// Completion offers this among the first few.
    OffersAmong(usize, &'static str),
    /// Completion of the name shows these texts, and not those.
    Shows(&'static str, &'static [&'static str], &'static [&'static str]),
    /// The documentation of what completion offers under the name has the text.
    Documents(&'static str, &'static str),
    /// A hover has these texts, not those, and at most this number of characters.
    Hovers(&'static [&'static str], &'static [&'static str], usize),
    /// Help with the arguments of a call has the text, and this argument is the active one.
    Helps(&'static str, u64),
    /// The hints in the line of the cursor.
    Hints(&'static [&'static str]),
    /// The definition is in lines with these texts.
    Defines(&'static [&'static str]),
    /// The implementations are in lines with these texts.
    Implements(&'static [&'static str]),
    /// The references, with the declaration, are in lines with these texts.
    Refers(&'static [&'static str]),
    /// After a rename to the name, the text has these, and not those.
    Renames(&'static str, &'static [&'static str], &'static [&'static str]),
    /// The first faults that are shown are in the lines with these texts, and each in one of them.
    Faults(&'static [&'static str]),
}

/// An answer, and its fault.
pub(crate) struct Judged {
    pub(crate) answer: String,
    pub(crate) fault: Option<String>,
}

impl Judged {
    pub(crate) fn holds(&self) -> bool {
        self.fault.is_none()
    }
}

impl Wants {
    /// Asks the server and compares its answer.
    pub(crate) fn judge(&self, project: &mut Project, name: &str, text: &str, cursor: usize) -> Judged {
        match self {
            Self::Offers(..) | Self::OffersAmong(..) | Self::Shows(..) | Self::Documents(..) => {
                self.completion(project, name, text, cursor)
            }
            Self::Hovers(has, lacks, most) => {
                let answer = project.ask("textDocument/hover", name, text, cursor, &json!({}));
                let shown = answer["contents"]["value"].as_str().unwrap_or_default().to_owned();
                let length = shown.chars().count();
                let long = (length > *most).then(|| format!("{length} characters are more than {most}"));
                Judged { fault: compare(&shown, has, lacks).or(long), answer: shown }
            }
            Self::Helps(has, active) => {
                let answer = project.ask("textDocument/signatureHelp", name, text, cursor, &json!({}));
                let shown = answer["signatures"][0]["label"].as_str().unwrap_or_default();
                let other = (answer["activeParameter"] != *active).then(|| "another argument".to_owned());
                let answer = format!("{shown} [{}]", answer["activeParameter"]);
                Judged { fault: compare(shown, &[has], &[]).or(other), answer }
            }
            Self::Hints(wanted) => {
                let line = text[..cursor].matches('\n').count();
                let whole = json!({ "textDocument": { "uri": project.uri(name) }, "range": {
                    "start": { "line": line, "character": 0 }, "end": { "line": line + 1, "character": 0 },
                } });
                let answer = project.client.ask("textDocument/inlayHint", &whole);
                let hints: Vec<String> = list(&answer).iter().map(|hint| label(&hint["label"])).collect();
                Judged { fault: same(&hints, wanted), answer: hints.join(" | ") }
            }
            Self::Defines(wanted) => {
                let answer = project.ask("textDocument/definition", name, text, cursor, &json!({}));
                places(project, name, text, &answer, wanted)
            }
            Self::Implements(wanted) => {
                let answer = project.ask("textDocument/implementation", name, text, cursor, &json!({}));
                places(project, name, text, &answer, wanted)
            }
            Self::Refers(wanted) => {
                let context = json!({ "context": { "includeDeclaration": true } });
                let answer = project.ask("textDocument/references", name, text, cursor, &context);
                places(project, name, text, &answer, wanted)
            }
            Self::Renames(new, has, lacks) => {
                let to = json!({ "newName": new });
                let answer = project.ask("textDocument/rename", name, text, cursor, &to);
                let Some(renamed) = edited(project, name, text, &answer) else {
                    return Judged { answer: answer.to_string(), fault: Some("no rename".to_owned()) };
                };
                let fault = compare(&renamed, has, lacks);
                let changed: Vec<&str> =
                    renamed.lines().zip(text.lines()).filter(|(a, b)| a != b).map(|(a, _)| a).collect();
                Judged { fault, answer: changed.join("\n") }
            }
            Self::Faults(wanted) => {
                let of = json!({ "textDocument": { "uri": project.uri(name) } });
                let answer = project.client.ask("textDocument/diagnostic", &of);
                let mut faults: Vec<(usize, String)> = list(&answer["items"])
                    .iter()
                    .filter(|fault| fault["severity"] == 1)
                    .map(|fault| {
                        let at = offset(text, &fault["range"]["start"]);
                        (at, format!("{} // {}", line_of(text, at), fault["message"].as_str().unwrap_or("")))
                    })
                    .collect();
                faults.sort();
                let faults: Vec<String> = faults.into_iter().map(|(_, fault)| fault).collect();
                let stray = faults.iter().find(|fault| !wanted.iter().any(|wanted| fault.contains(wanted)));
                let untold =
                    wanted.iter().find(|wanted| !faults.iter().any(|fault| fault.contains(**wanted)));
                let fault = match (stray, untold) {
                    (Some(stray), _) => Some(format!("a fault elsewhere: {stray}")),
                    (_, Some(untold)) => Some(format!("no fault at `{untold}`")),
                    _ => None,
                };
                Judged { fault, answer: faults.join("\n") }
            }
        }
    }

    fn completion(&self, project: &mut Project, name: &str, text: &str, cursor: usize) -> Judged {
        let answer = project.ask("textDocument/completion", name, text, cursor, &json!({}));
        let items = if answer.is_array() { &answer } else { &answer["items"] };
        let before = &text[..cursor];
        let is_word = |character: char| character.is_alphanumeric() || character == '_';
        let prefix = &before[before.trim_end_matches(is_word).len()..];
        let mut items: Vec<&Value> = list(items)
            .iter()
            .filter(|item| name_of(item).to_lowercase().starts_with(&prefix.to_lowercase()))
            .collect();
        items.sort_by_key(|item| (item["sortText"].as_str().unwrap_or("").to_owned(), name_of(item)));
        let names: Vec<String> = items.iter().map(|item| name_of(item)).collect();
        let found = |wanted: &str| items.iter().find(|item| name_of(item) == wanted);
        let mut answer = format!("{} items: {}", names.len(), names[..names.len().min(14)].join(", "));
        let fault = match self {
            Self::Offers(these, others) => {
                let missing = these.iter().find(|wanted| found(wanted).is_none());
                let stray = others.iter().find(|other| found(other).is_some());
                match (missing, stray) {
                    (Some(missing), _) => Some(format!("does not offer `{missing}`")),
                    (_, Some(stray)) => Some(format!("offers `{stray}`")),
                    _ => None,
                }
            }
            Self::OffersAmong(most, wanted) => match names.iter().position(|name| name == wanted) {
                Some(position) if position < *most => None,
                Some(position) => Some(format!("`{wanted}` is number {} of {}", position + 1, names.len())),
                None => Some(format!("does not offer `{wanted}`")),
            },
            Self::Shows(wanted, has, lacks) => match found(wanted) {
                Some(item) => {
                    let item = project.client.ask("completionItem/resolve", item);
                    answer = shown(&item);
                    compare(&answer, has, lacks)
                }
                None => Some(format!("does not offer `{wanted}`")),
            },
            Self::Documents(wanted, has) => match found(wanted) {
                Some(item) => {
                    let item = project.client.ask("completionItem/resolve", item);
                    answer = string(&item["documentation"]["value"]);
                    compare(&answer, &[has], &[])
                }
                None => Some(format!("does not offer `{wanted}`")),
            },
            _ => None,
        };
        Judged { answer, fault }
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn string(value: &Value) -> String {
    value.as_str().unwrap_or("").to_owned()
}

/// Returns what completion inserts, up to its arguments.
fn name_of(item: &Value) -> String {
    let label = item["label"].as_str().unwrap_or("");
    label.trim_start_matches("fn ").split(['(', '!', ' ', '{']).next().unwrap_or("").to_owned()
}

/// Returns what an editor shows of an item: what it inserts, and its type.
fn shown(item: &Value) -> String {
    let insert = match &item["textEdit"]["newText"] {
        Value::String(text) => text.clone(),
        _ => string(&item["insertText"]),
    };
    format!("{} | {} | {}", string(&item["label"]), insert, string(&item["detail"]))
}

fn label(label: &Value) -> String {
    match label {
        Value::String(text) => text.clone(),
        parts => list(parts).iter().map(|part| part["value"].as_str().unwrap_or("")).collect(),
    }
}

fn compare(shown: &str, has: &[&str], lacks: &[&str]) -> Option<String> {
    let missing = has.iter().find(|wanted| !shown.contains(**wanted));
    let stray = lacks.iter().find(|other| shown.contains(**other));
    match (missing, stray) {
        (Some(missing), _) => Some(format!("does not show `{missing}`")),
        (_, Some(stray)) => Some(format!("shows `{stray}`")),
        _ => None,
    }
}

fn same(found: &[String], wanted: &[&str]) -> Option<String> {
    (found != wanted).then(|| format!("`{}` instead of `{}`", found.join(" | "), wanted.join(" | ")))
}

/// Returns the line of a text that has the byte.
fn line_of(text: &str, at: usize) -> &str {
    let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
    text[start..].lines().next().unwrap_or("").trim()
}

/// Compares places with the lines where they are wanted.
fn places(project: &Project, name: &str, text: &str, answer: &Value, wanted: &[&str]) -> Judged {
    let one = [answer.clone()];
    let found = if answer.is_object() && answer.get("error").is_none() { &one[..] } else { list(answer) };
    let mut found: Vec<(usize, String)> = found
        .iter()
        .map(|place| {
            let uri = place["uri"].as_str().unwrap_or("");
            if uri == project.uri(name) {
                let at = offset(text, &place["range"]["start"]);
                (at, line_of(text, at).to_owned())
            } else {
                (usize::MAX, uri.to_owned())
            }
        })
        .collect();
    found.sort();
    let found: Vec<String> = found.into_iter().map(|(_, line)| line).collect();
    let fits =
        found.len() == wanted.len() && found.iter().zip(wanted).all(|(line, part)| line.contains(part));
    let fault = (!fits).then(|| format!("{} places instead of {}", found.len(), wanted.len()));
    Judged { fault, answer: found.join("\n") }
}

/// Returns a text after the edits to it.
fn edited(project: &Project, name: &str, text: &str, answer: &Value) -> Option<String> {
    let uri = project.uri(name);
    let changes = match &answer["documentChanges"] {
        Value::Array(documents) => documents
            .iter()
            .find(|document| document["textDocument"]["uri"] == uri.as_str())
            .map(|document| document["edits"].clone()),
        _ => answer["changes"].get(&uri).cloned(),
    }?;
    let mut edits: Vec<(usize, usize, String)> = list(&changes)
        .iter()
        .map(|edit| {
            let [start, end] = ["start", "end"].map(|end| offset(text, &edit["range"][end]));
            (start, end, edit["newText"].as_str().unwrap_or("").to_owned())
        })
        .collect();
    edits.sort();
    let mut result = text.to_owned();
    for (start, end, new) in edits.into_iter().rev() {
        result.replace_range(start..end, &new);
    }
    Some(result)
}
