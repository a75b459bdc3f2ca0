//! Parts of messages, and the `Debug` form of an [`Error`].

use std::error::Error as _;
use std::fmt;

use crate::base::name::PluginId;
use crate::base::similar::Listed;
use crate::error::Error;
use crate::plugin::GenericPluginStub;
use crate::spec::point::PointInfo;

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)?;
        let mut source = self.source();
        if let Self::Factory { .. } = self {
            // The message has the cause.
            source = source.and_then(|cause| cause.source());
        }
        while let Some(cause) = source {
            write!(f, ": {cause}")?;
            source = cause.source();
        }
        Ok(())
    }
}

/// Returns each error with its causes, on a line of its own.
pub(super) fn itemized(errors: &[Error]) -> String {
    let mut list = String::new();
    for error in errors {
        list.push_str("\n- ");
        list.push_str(&format!("{error:?}").replace('\n', "\n  "));
    }
    list
}

/// Returns the part of a message on the errors of a rollback.
pub(super) fn failed_too(errors: &[Error]) -> String {
    let texts: Vec<_> = errors.iter().map(|error| format!("{error:?}")).collect();
    if texts.is_empty() {
        String::new()
    } else {
        format!(" (the rollback failed, too: {})", texts.join("; "))
    }
}

/// What to do about a plugin of a generic type.
pub const GENERIC: &str = "its type is generic, so that no program can make it by itself: add a `PluginFactory`, or register it with `PluginBuilder::new(value).extends(Specs).register(&pm)`";

/// Returns what to do about a plugin that is not linked, in a program where others are, or nothing is.
pub fn link_hint(nothing_is: bool) -> String {
    let staticlib = staticlib_hint(nothing_is);
    format!("if its crate is a dependency, name it in code, as in `use its_crate as _;`{staticlib}")
}

/// Returns what to do about a requested plugin that is not linked.
pub(super) fn linked_instead(plugin: &PluginId, linked: &[PluginId], is_crate_linked: bool) -> String {
    if GenericPluginStub::is_meant_by(plugin) {
        format!("; {GENERIC}")
    } else if is_crate_linked {
        String::new()
    } else {
        format!("; {}", link_hint(linked.is_empty()))
    }
}

/// Returns what to do where nothing at all is linked, which happens to a `staticlib` and to a WebAssembly module.
pub(super) fn staticlib_hint(nothing_is: bool) -> &'static str {
    if nothing_is && cfg!(target_family = "wasm") {
        "; the constructors of this WebAssembly module have not run: call its `__wasm_call_ctors` once before anything else, or name the specs, as in `PluginBuilder::new(value).extends(Specs).register(&pm)`"
    } else if nothing_is {
        "; in a program that links a `staticlib`, link the whole archive, as with `-Wl,--whole-archive`"
    } else {
        ""
    }
}

pub(super) fn list(names: &[PluginId], others: usize) -> String {
    Listed { names: names.iter().collect(), others }.to_string()
}

/// Returns the points that a plugin extends, and what to do.
pub(super) fn extended_instead(extended: &[&'static PointInfo]) -> String {
    match extended {
        [] => "it extends no point: leave it out".to_owned(),
        [one] => format!("it extends `{one}`: name this point, or leave it out"),
        several => {
            let names: Vec<_> = several.iter().map(|point| format!("`{point}`")).collect();
            format!("it extends {}: name one of these points, or leave it out", names.join(", "))
        }
    }
}

/// Returns the version that specs have.
pub(super) fn found_version(found: Option<&str>) -> String {
    match found {
        Some(version) => format!("version {version}"),
        None => "specs without a version, which `#[extension_point(version = \"…\")]` declares".to_owned(),
    }
}

/// Returns why an extension cannot run on the blocking pool, and what to do.
pub(super) fn not_offloaded(is_never_blocking: bool) -> &'static str {
    if is_never_blocking {
        "but has no `fn` there: an `async fn` is awaited, and a wrapper runs around the rest of the call; remove `blocking`, or write a `fn`"
    } else if cfg!(feature = "tokio") {
        "but its arguments or its result cannot go there: each must be `Send + 'static` or have an owned form that is; remove `blocking`, or change the types of the point"
    } else {
        "which needs the feature `tokio` of pluginkit: turn it on, or remove `blocking`"
    }
}

/// Returns plugins of which each points to the next.
pub(super) fn circle(plugins: &[PluginId]) -> String {
    plugins.iter().map(|plugin| format!("`{plugin}`")).collect::<Vec<_>>().join(" -> ")
}

/// Returns what to do about a service that only `hidden` plugins provide.
pub(super) fn provided_by(hidden: &[PluginId]) -> String {
    if hidden.is_empty() {
        ": register a plugin with `#[extension(service)]` for it".to_owned()
    } else {
        format!(" now: start or enable one of the plugins that have it: {}", Listed::first(hidden.iter()))
    }
}
