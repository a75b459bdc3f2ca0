//! The path of the library in generated code.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::Path;

/// The path of the library: `::pluginkit`, or the value of `crate = …`.
#[derive(Default)]
pub(crate) struct Krate(pub(crate) Option<Path>);

impl ToTokens for Krate {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match &self.0 {
            Some(path) => path.to_tokens(tokens),
            None => tokens.extend(quote!(::pluginkit)),
        }
    }
}
