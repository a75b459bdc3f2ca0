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

#[cfg(test)]
mod tests {
    use crate::{program, violations};

    /// As many as a few seconds allow.
    const PROGRAMS: u64 = 40;

    #[test]
    fn safe_programs_use_only_what_is_alive_and_drop_all_of_it_once() {
        violations::watch_panics();
        for number in 1..=PROGRAMS {
            program::run(number, program::Limits { drops_panic: true });
            assert_eq!(violations::count(), 0, "program {number}");
        }
    }
}
