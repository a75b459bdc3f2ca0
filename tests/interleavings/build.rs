//! Has the library built for the model checker, without the features that this package has not got.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-cfg=pluginkit_shuttle");
    println!(
        r#"cargo::rustc-check-cfg=cfg(feature, values("local", "metrics", "schema", "serde", "testing", "tokio", "tracing"))"#
    );
}
