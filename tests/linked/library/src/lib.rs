//! The same host as a library that other programs load.

use linked_weather as _;
use linked_words as _;

/// Prints what the host has found.
#[unsafe(no_mangle)]
pub extern "C" fn report() -> i32 {
    match linked_api::report() {
        Ok(report) => println!("{report}"),
        Err(error) => {
            println!("{error}");
            return 1;
        }
    }
    0
}
