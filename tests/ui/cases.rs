//! The cases of one folder, and what is expected of them.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use crate::compiler::{Compiler, Verdict, compiler, package};
use crate::{RECORDED_WITH, transcript};

/// How the output of a mistaken file is judged.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Judge {
    /// It is what was recorded.
    Transcript,
    /// It holds the named texts.
    Messages,
    /// It is recorded.
    Record,
}

impl Judge {
    fn chosen(compiler: &Compiler) -> Self {
        match env::var("PLUGINKIT_UI").as_deref() {
            Ok("record") => Self::Record,
            Ok("messages") => Self::Messages,
            Ok(other) => panic!("PLUGINKIT_UI is `record` or `messages`, not `{other}`"),
            Err(_) if compiler.release == RECORDED_WITH => Self::Transcript,
            Err(_) => Self::Messages,
        }
    }
}

/// Each file of `folder` gives the errors it names, and nothing else.
pub(crate) fn all_fail(folder: &str) {
    let judge = Judge::chosen(compiler());
    run(folder, |case, source| {
        let expected: Vec<_> = source.lines().filter_map(|line| line.strip_prefix("//~ ERROR: ")).collect();
        if expected.is_empty() {
            return Err("it names no `//~ ERROR: …` to expect".to_owned());
        }
        let verdict = compile(case, source);
        if verdict.accepted {
            return Err("it compiles".to_owned());
        }
        let transcript = transcript::of(&verdict.diagnostics);
        for text in &expected {
            let all = verdict.diagnostics.iter().any(|each| says(each, text));
            if !all {
                return Err(format!("no error says `{text}`; instead:\n{transcript}"));
            }
        }
        // An error of the build cites files of the library, whose folder each clone has elsewhere.
        if judge == Judge::Messages || is_built(source) {
            return Ok(());
        }
        if verdict.diagnostics.len() != expected.len() {
            let (told, named) = (verdict.diagnostics.len(), expected.len());
            return Err(format!("{told} errors and warnings, where it names {named}:\n{transcript}"));
        }
        compare(judge, &package().join(case).with_extension("stderr"), &transcript)
    });
}

/// Each file of `folder` compiles without a warning.
pub(crate) fn all_pass(folder: &str) {
    run(folder, |case, source| {
        let verdict = compile(case, source);
        if verdict.accepted && verdict.diagnostics.is_empty() {
            return Ok(());
        }
        Err(transcript::of(&verdict.diagnostics))
    });
}

fn run(folder: &str, check: impl Fn(&Path, &str) -> Result<(), String>) {
    let folder = Path::new("ui").join(folder);
    let mut cases: Vec<PathBuf> = fs::read_dir(package().join(&folder))
        .expect("the folder is there")
        .map(|entry| folder.join(entry.expect("the folder can be read").file_name()))
        .collect();
    cases.sort();
    let only = env::var("PLUGINKIT_UI_ONLY").unwrap_or_default();
    let mut complaints = String::new();
    for case in &cases {
        if !case.to_string_lossy().contains(&only) {
            continue;
        }
        let result = match case.extension().and_then(|extension| extension.to_str()) {
            Some("rs") => {
                let source = fs::read_to_string(package().join(case)).expect("a case can be read");
                check(case, &source)
            }
            Some("stderr") if cases.contains(&case.with_extension("rs")) => Ok(()),
            _ => Err("it belongs to no case".to_owned()),
        };
        if let Err(complaint) = result {
            write!(complaints, "\n{}: {complaint}\n", case.display()).expect("a string takes all");
        }
    }
    assert!(complaints.is_empty(), "{complaints}");
}

fn compile(case: &Path, source: &str) -> Verdict {
    let edition = source.lines().find_map(|line| line.strip_prefix("//@ edition: ")).unwrap_or("2024");
    compiler().compile(case, edition, is_built(source))
}

/// Whether the compiler tells a mistake only when it builds, after all checks.
fn is_built(source: &str) -> bool {
    source.lines().any(|line| line == "//@ build")
}

/// Whether a diagnostic holds `text`, in its message, its labels or its notes.
fn says(diagnostic: &serde_json::Value, text: &str) -> bool {
    let message = |each: &serde_json::Value| each["message"].as_str().is_some_and(|said| said.contains(text));
    let labels = diagnostic["spans"].as_array().into_iter().flatten();
    let mut labels = labels.filter_map(|span| span["label"].as_str());
    message(diagnostic)
        || labels.any(|label| label.contains(text))
        || diagnostic["children"].as_array().into_iter().flatten().any(message)
}

fn compare(judge: Judge, recorded: &Path, transcript: &str) -> Result<(), String> {
    if judge == Judge::Record {
        return fs::write(recorded, transcript).map_err(|error| error.to_string());
    }
    let expected = fs::read_to_string(recorded).unwrap_or_default().replace("\r\n", "\n");
    if expected == transcript {
        return Ok(());
    }
    Err(format!("not the output that was recorded (`PLUGINKIT_UI=record` records it):\n{transcript}"))
}
