//! Runs the programs and checks what they print.

use std::path::Path;
use std::process::Command;

use pluginkit_examples::{assert_expected, prints};

fn prints_what_is_expected(program: &str, name: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/expected/{name}.txt"));
    assert_expected(&prints(&mut Command::new(program)), &file);
}

#[test]
fn the_feed_host_prints_what_is_expected() {
    prints_what_is_expected(env!("CARGO_BIN_EXE_async_fetch"), "async_fetch");
}

#[test]
fn the_formatters_print_what_is_expected() {
    prints_what_is_expected(env!("CARGO_BIN_EXE_formatters"), "formatters");
}

#[test]
fn the_bookings_print_what_is_expected() {
    prints_what_is_expected(env!("CARGO_BIN_EXE_booking"), "booking");
}
