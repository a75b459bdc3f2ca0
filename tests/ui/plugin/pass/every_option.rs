//! Every option of a plugin, on every kind of type.
#![deny(warnings, missing_docs)]

use pluginkit::prelude::*;

/// Says all there is to say.
#[plugin(
    crate = ::pluginkit,
    id = "json-formatter",
    version = "1.0.0",
    name = "JSON",
    author = "the text team",
    description = "Formats as JSON",
    requires = ["core >= 1.2, < 3", "text"],
    optional_requires = "cache 2",
    project = "feed",
)]
#[derive(Clone, Debug, Default)]
pub struct JsonFormatter {
    /// A field.
    pub pretty: bool,
}

/// Says no more than its id.
#[plugin(id = "a.b_c-1")]
pub enum Either {
    /// One.
    Left,
    /// The other.
    Right,
}

/// A generic one.
#[plugin(id = "cached")]
#[derive(Debug)]
pub struct Cached<'a, T: Clone, const N: usize>(pub &'a [T; N])
where
    T: Copy;

/// One whose name warns.
#[deprecated]
#[plugin(id = "old")]
pub struct Old;

/// Registers them.
pub fn uses() {
    let pm = PluginManager::new("feed");
    let _ = pm.register(JsonFormatter::default());
    let _ = pm.register(Either::Left);
    let _ = pm.register(Either::Right);
    let _ = <Cached<'_, u8, 1> as pluginkit::Plugin>::metadata();
    #[plugin(id = "local")]
    struct Local;
    let _ = pm.register(Local);
}
