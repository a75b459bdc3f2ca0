//! Expansions under hostile surroundings: strict lints, shadowed names, other editions, another name of
//! the library. That this builds is most of the test.
#![deny(warnings, clippy::pedantic, clippy::nursery)]
#![deny(missing_debug_implementations, unreachable_pub, unused_qualifications, rust_2018_idioms)]
#![forbid(unsafe_code)]

extern crate pluginkit as pk;

mod across_crates;
mod cfgs;
mod constants;
mod deprecation;
mod functions;
mod generics;
mod macros;
mod names;
mod no_prelude;
mod raw;
mod renamed;
mod shadowed;
mod sync_only;
mod unnamed;
mod visibility;

#[test]
fn edition_2024_has_every_mode() {
    pluginkit_tests_hygiene::check();
}

#[test]
fn edition_2018_has_every_mode() {
    pluginkit_tests_edition_2018::check();
}

#[test]
fn edition_2021_has_every_mode() {
    pluginkit_tests_edition_2021::check();
}

#[test]
fn the_library_may_have_another_name_in_the_manifest() {
    pluginkit_tests_renamed::check();
}
