//! Every mechanism of the library, one step each, over a text or log file.
//!
//! ```text
//! cargo run --example tour                  every step, over the project's README.md
//! cargo run --example tour -- list          what the steps are
//! cargo run --example tour -- wrappers      one step
//! cargo run --example tour -- app.log       every step, over another file
//! cargo run --example tour -- lazy app.log  one step, over another file
//! ```

mod host;
mod steps;

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::ExitCode;

use host::Document;
use steps::{STEPS, Step};

const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../pluginkit/README.md");
const USAGE: &str = "usage: tour [STEP] [FILE]\n       tour list";

/// Why the tour ended early, and with what exit code.
struct Failure(u8, String);

fn main() -> ExitCode {
    let args: Vec<OsString> = std::env::args_os().skip(1).collect();
    match tour(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure(code, message)) => {
            eprintln!("tour: {message}");
            ExitCode::from(code)
        }
    }
}

fn tour(args: &[OsString]) -> Result<(), Failure> {
    match args {
        [] => run(STEPS, README.as_ref()),
        [word] if word == "list" => {
            for step in STEPS {
                println!("{:<12}{}", step.name, step.about);
            }
            Ok(())
        }
        [word] if word == "help" || word == "--help" || word == "-h" => {
            println!("{USAGE}");
            Ok(())
        }
        [word] => match find(word) {
            Some(step) => run(&[step], README.as_ref()),
            None if looks_like_a_file(word) => run(STEPS, word.as_ref()),
            None => Err(unknown(word)),
        },
        [name, file] => run(&[find(name).ok_or_else(|| unknown(name))?], file.as_ref()),
        _ => Err(Failure(2, format!("expected at most a step and a file\n{USAGE}"))),
    }
}

fn run(steps: &[Step], file: &Path) -> Result<(), Failure> {
    let document = Document::read(file)
        .map_err(|error| Failure(1, format!("cannot read `{}`: {error}", file.display())))?;
    for (position, step) in steps.iter().enumerate() {
        if position > 0 {
            println!();
        }
        println!("== {}: {}", step.name, step.about);
        (step.run)(&document).map_err(|error| Failure(1, format!("step `{}`: {error}", step.name)))?;
    }
    Ok(())
}

fn find(name: &OsStr) -> Option<Step> {
    STEPS.iter().find(|step| name == step.name).copied()
}

fn looks_like_a_file(word: &OsStr) -> bool {
    let path = Path::new(word);
    path.exists() || path.extension().is_some() || path.components().count() > 1
}

fn unknown(name: &OsStr) -> Failure {
    let names: Vec<_> = STEPS.iter().map(|step| step.name).collect();
    Failure(2, format!("`{}` is not a step; the steps are: {}", name.display(), names.join(", ")))
}
