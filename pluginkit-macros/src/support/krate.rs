//! Where generated code finds the library.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::Path;

/// The path of the library: `::pluginkit`, or what `crate = …` says.
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
