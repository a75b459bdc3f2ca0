//! A build script with plugins. It builds the library with features that the program does not have.

use pluginkit::prelude::*;

/// What the build script lets plugins extend.
#[extension_point]
pub trait Specs {
    /// Collects.
    fn generate(&self, name: &str) -> String;
}

/// Extends it.
#[derive(Debug)]
pub struct Header;

#[extension]
impl Specs for Header {
    async fn generate(&self, name: &str) -> String {
        format!("// {name}")
    }
}

fn main() {
    let pm = AsyncPluginManager::new("build");
    pm.add_extension_points(Specs).expect("nobody has these yet");
    pm.register(Header).expect("it fits");
    let generated = pm.caller(Specs::generate).call_blocking("file").expect("nothing fails");
    assert_eq!(generated, ["// file"]);
    println!("cargo::rerun-if-changed=build.rs");
}
