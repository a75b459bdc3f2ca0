//! rustc's output without what differs between machines.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value;

use crate::compiler::package;

/// The diagnostics as rustc prints them, with a gutter of one width and no excerpts of other files.
pub(crate) fn of(diagnostics: &[Value]) -> String {
    let workspace = package().parent().map(Path::to_string_lossy).unwrap_or_default();
    let mut transcript = String::new();
    for diagnostic in diagnostics {
        let rendered = diagnostic["rendered"].as_str().expect("rustc renders its diagnostics");
        let gutter = rendered.lines().find_map(|line| line.find("--> ")).unwrap_or(0);
        let mut elsewhere = false;
        for line in rendered.trim_end().lines() {
            // Where rustc put a type too long to print, and how to print it.
            if line.contains("the full name for the type has been written to")
                || line.contains("consider using `--verbose`")
            {
                continue;
            }
            let (number, rest) = split(line, gutter);
            if let Some(place) = rest.strip_prefix("--> ").or_else(|| rest.strip_prefix("::: ")) {
                elsewhere = !place.starts_with("ui/");
                let place = if elsewhere { shorten(place, &workspace) } else { place.to_owned() };
                writeln!(transcript, "   {}{place}", &rest[..4]).expect("a string takes all");
                continue;
            }
            let is_excerpt = !number.is_empty() || rest.starts_with(" |") || line == "...";
            if elsewhere && is_excerpt {
                continue;
            }
            elsewhere &= is_excerpt;
            if number.is_empty() && !line.starts_with(' ') {
                transcript.push_str(line);
            } else {
                write!(transcript, "{number:<3}{rest}").expect("a string takes all");
            }
            transcript.push('\n');
        }
        transcript.push('\n');
    }
    transcript
}

/// The line number in the gutter, if any, and what is right of the gutter.
fn split(line: &str, gutter: usize) -> (&str, &str) {
    match line.split_at_checked(gutter) {
        Some((left, right)) if left.trim().bytes().all(|byte| byte.is_ascii_digit()) => (left.trim(), right),
        _ => ("", line),
    }
}

/// A place in the library or in the standard library, without its line.
fn shorten(place: &str, workspace: &str) -> String {
    let file = place.split(".rs:").next().unwrap_or(place).replace('\\', "/");
    if let Some(file) = file.strip_prefix(&*workspace.replace('\\', "/")) {
        return format!("$WORKSPACE{file}.rs");
    }
    match file.split_once("/library/") {
        Some((_, file)) => format!("$RUST/{file}.rs"),
        None => format!("{file}.rs"),
    }
}
