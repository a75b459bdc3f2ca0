//! The same host as an archive, which a program in C links.

use linked_weather as _;
use linked_words as _;

/// Prints what the host has found, or the error.
#[unsafe(no_mangle)]
pub extern "C" fn report() -> i32 {
    match linked_api::report() {
        Ok(report) => println!("{report}"),
        Err(error) => println!("{error}"),
    }
    0
}
