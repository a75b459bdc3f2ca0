//! A few seconds of the program `programs`.

use std::process::Command;

#[test]
fn safe_programs_use_only_what_is_alive_and_drop_all_of_it_once() {
    let output = Command::new(env!("CARGO_BIN_EXE_programs")).args(["--programs", "40"]).output();
    let output = output.expect("the program starts");
    let (did, complaints) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{complaints}");
    assert!(did.contains("40 programs from seed 1 "), "{did}");
}
