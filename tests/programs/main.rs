//! Random programs over the public interface, whose plugins, arguments and destructors do the same again.
//!
//! `cargo run --release -p pluginkit-tests --bin programs -- --programs 1000`
#![forbid(unsafe_code)]

mod actions;
mod canary;
mod driver;
mod kept;
mod plugins;
mod points;
mod program;
mod violations;
mod world;

use std::process::ExitCode;

fn main() -> ExitCode {
    driver::main()
}
