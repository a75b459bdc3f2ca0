//! The attribute macros of [pluginkit](https://docs.rs/pluginkit).
//!
//! An implementation detail of that crate, which re-exports and documents them.
#![forbid(unsafe_code)]
// A re-export shows the documentation of a macro below its own, so that only this crate's own pages have it.
#![cfg_attr(not(doc), allow(missing_docs, reason = "`pluginkit` documents the macros"))]

mod extension;
mod extension_point;
#[cfg(test)]
mod fuzz;
mod plugin;
mod support;

use proc_macro::TokenStream;

#[cfg_attr(doc, doc = "Declares extension points; documented on `pluginkit::extension_point`.")]
#[proc_macro_attribute]
pub fn extension_point(args: TokenStream, item: TokenStream) -> TokenStream {
    support::debug::show("extension_point", extension_point::expand(args.into(), &item.into())).into()
}

#[cfg_attr(doc, doc = "Names the type of an extension point; documented on `pluginkit::point`.")]
#[proc_macro]
pub fn point(path: TokenStream) -> TokenStream {
    extension_point::point(path.into()).into()
}

#[cfg_attr(doc, doc = "Implements extension points; documented on `pluginkit::extension`.")]
#[proc_macro_attribute]
pub fn extension(args: TokenStream, item: TokenStream) -> TokenStream {
    support::debug::show("extension", extension::expand(args.into(), &item.into())).into()
}

#[cfg_attr(doc, doc = "Gives a plugin type an identity; documented on `pluginkit::plugin`.")]
#[proc_macro_attribute]
pub fn plugin(args: TokenStream, item: TokenStream) -> TokenStream {
    support::debug::show("plugin", plugin::expand(args.into(), &item.into())).into()
}
