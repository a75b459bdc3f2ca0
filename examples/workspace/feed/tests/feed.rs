//! The program with its file: every plugin that the file lists is linked.

use std::path::Path;
use std::process::Command;

#[test]
fn the_file_chooses_plugins_and_the_environment_sets_them() {
    let mut program = Command::new(env!("CARGO_BIN_EXE_feed"));
    program.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("..")).arg("harbor");
    let output = program.env("FEED_PLUGIN__EDITOR__LONGEST", "20").output().unwrap();
    let expected =
        "plugins: weather, newsroom, editor\nharbor\n  18 °C at the harbor\n  nothing new from the …\n";
    assert_eq!(String::from_utf8(output.stdout).unwrap(), expected);
}
