//! The path of the library in generated code.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
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

/// The name of the hidden module of the library in the block of an expansion: one token in the place of six.
///
/// The block [imports](Krate::runtime) it.
pub(crate) struct Runtime;

impl ToTokens for Runtime {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend([TokenTree::from(Ident::new("__pluginkit", Span::mixed_site()))]);
    }
}

impl Krate {
    /// Returns the import of [`Runtime`].
    pub(crate) fn runtime(&self) -> TokenStream {
        quote!(use #self::__private as #Runtime;)
    }

    /// Returns code for builds of the library with async extensions.
    pub(crate) fn if_async(&self, code: impl FnOnce() -> TokenStream) -> TokenStream {
        self.in_builds(cfg!(any(test, feature = "async")), "__if_async", code)
    }

    /// Returns code for builds of the library with local managers.
    pub(crate) fn if_local(&self, code: impl FnOnce() -> TokenStream) -> TokenStream {
        self.in_builds(cfg!(any(test, feature = "local")), "__if_local", code)
    }

    /// Returns code for builds of the library with a blocking pool.
    pub(crate) fn if_tokio(&self, code: impl FnOnce() -> TokenStream) -> TokenStream {
        self.in_builds(cfg!(any(test, feature = "tokio")), "__if_tokio", code)
    }

    /// Returns code within a macro of the library, which drops it in other builds; nothing if no build of the library asked
    /// for it.
    ///
    /// There may be several builds of the library at once, which share these macros: those of a build script have other
    /// features than those of the program.
    fn in_builds(&self, is_any: bool, of: &str, code: impl FnOnce() -> TokenStream) -> TokenStream {
        if !is_any {
            return TokenStream::new();
        }
        let (of, code) = (Ident::new(of, Span::mixed_site()), code());
        quote!(#self::#of! { #code })
    }
}
