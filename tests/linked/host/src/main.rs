//! A host that knows of its plugins that they are in these crates, and of one crate not even that.

use linked_weather as _;
use linked_words as _;

#[cfg(feature = "named")]
use linked_unnamed as _;

fn main() -> Result<(), pluginkit::Error> {
    println!("{}", linked_api::report()?);
    Ok(())
}
