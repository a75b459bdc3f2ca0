//! A static site generator whose every step is a plugin. A file lists the plugins, and sets them.
//!
//! ```text
//! cargo run -p example-site                             the guides of pluginkit, into target/site
//! cargo run -p example-site -- FILE                     another site, as FILE says
//! cargo run -p example-site -- FILE --output FOLDER     into another folder
//! cargo run -p example-site -- FILE --watch             builds again what changes, until Ctrl-C
//! ```
//!
//! The exit code is 1 if the site cannot be built, or has mistakes such as broken links.

mod engine;
mod plugins;
mod settings;
mod watch;

use std::path::PathBuf;
use std::process::ExitCode;

use pluginkit::prelude::BoxError;

// The plugins of this crate are found because the linker must take it whole. Those of another crate are found because
// this line names it.
use example_site_project as _;

use engine::Engine;

const USAGE: &str = "usage: example-site [FILE] [--output FOLDER] [--watch]";

struct Arguments {
    file: PathBuf,
    output: Option<PathBuf>,
    watch: bool,
}

fn arguments(mut words: impl Iterator<Item = String>) -> Option<Arguments> {
    let default = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/site.toml"));
    let mut arguments = Arguments { file: default, output: None, watch: false };
    while let Some(word) = words.next() {
        match word.as_str() {
            "--watch" => arguments.watch = true,
            "--output" => arguments.output = Some(words.next()?.into()),
            option if option.starts_with('-') => return None,
            file => arguments.file = file.into(),
        }
    }
    Some(arguments)
}

#[tokio::main]
async fn main() -> ExitCode {
    let Some(arguments) = arguments(std::env::args().skip(1)) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    match run(arguments).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Builds the site, and returns whether it is without mistakes.
async fn run(arguments: Arguments) -> Result<bool, BoxError> {
    let mut engine = Engine::new(arguments.file, arguments.output).await?;
    engine.start().await?;
    let built = engine.build().await;
    let is_good = if arguments.watch {
        if let Err(error) = built {
            println!("not built: {error}");
        }
        watch::watch(&mut engine).await.map(|()| true)
    } else {
        built
    };
    engine.stop().await?;
    is_good
}
