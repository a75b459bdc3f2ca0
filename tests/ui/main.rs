//! Mistakes, and what the compiler says of them.
//!
//! Every `fail/*.rs` holds one mistake amid correct code and names, in `//~ ERROR: …` lines at its top,
//! the text of each error it must give and no other. The complete output stands in the `.stderr` beside
//! it and is compared under the toolchain it was recorded with; every other toolchain words its own part
//! differently, so there only the named texts are looked for. Every `pass/*.rs` compiles without a word.
//!
//! `PLUGINKIT_UI=record` writes the `.stderr` files, `PLUGINKIT_UI=messages` looks for the named texts only.

mod cases;
mod compiler;
mod transcript;

use std::path::Path;

/// The release under which the `.stderr` files were recorded.
const RECORDED_WITH: &str = "1.95.0";

#[test]
fn mistakes_in_specs_are_told_with_their_fix() {
    cases::all_fail("extension_point/fail");
}

#[test]
fn mistakes_in_extensions_are_told_with_their_fix() {
    cases::all_fail("extension/fail");
}

#[test]
fn mistakes_in_calls_are_told_with_their_fix() {
    cases::all_fail("calls/fail");
}

#[test]
fn correct_specs_compile_without_a_warning() {
    cases::all_pass("extension_point/pass");
}

#[test]
fn correct_extensions_compile_without_a_warning() {
    cases::all_pass("extension/pass");
}

#[test]
fn mistakes_in_identities_are_told_with_their_fix() {
    cases::all_fail("plugin/fail");
}

#[test]
fn correct_identities_compile_without_a_warning() {
    cases::all_pass("plugin/pass");
}

#[test]
fn mistakes_in_services_are_told_with_their_fix() {
    cases::all_fail("service/fail");
}

#[test]
fn correct_services_compile_without_a_warning() {
    cases::all_pass("service/pass");
}

#[test]
fn mistakes_in_points_written_by_hand_are_told_with_their_fix() {
    cases::all_fail("manual/fail");
}

#[test]
fn correct_points_written_by_hand_compile_without_a_warning() {
    cases::all_pass("manual/pass");
}

#[test]
fn mistakes_with_local_managers_are_told_with_their_fix() {
    cases::all_fail("local/fail");
}

#[test]
fn correct_plugins_of_local_managers_compile_without_a_warning() {
    cases::all_pass("local/pass");
}

#[test]
fn a_crate_may_forbid_lints() {
    cases::all_pass("lints/pass");
}

#[test]
fn correct_items_compile_as_an_editor_expands_them() {
    for folder in ["extension_point", "extension", "plugin", "service", "manual", "local"] {
        cases::all_pass_in_an_editor(&format!("{folder}/pass"));
    }
    for file in ["every_mode", "generics", "names", "no_prelude", "raw"] {
        let file = Path::new("hygiene").join(file).with_extension("rs");
        if let Err(transcript) = cases::passes_in_an_editor(&file, "2024") {
            panic!("{}: {transcript}", file.display());
        }
    }
}
