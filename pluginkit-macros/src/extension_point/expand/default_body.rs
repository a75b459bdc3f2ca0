//! The default body of a point: a function that its specs add as an extension.

use proc_macro2::TokenStream;
use quote::quote;

use crate::extension_point::expand::Expansion;
use crate::extension_point::model::{Point, Specs};
use crate::support::names::{local, point_key};

/// Returns the statement that adds the default body of a point to `list`.
pub(super) fn added(specs: &Specs, point: &Point, list: &proc_macro2::Ident) -> TokenStream {
    if point.default.is_none() {
        return TokenStream::new();
    }
    let (krate, path, hash) = (&specs.krate, specs.path(), point_key(&point.ident));
    let kind = quote!(<#path as #krate::__private::HasPoint<#hash>>::Point);
    quote! {
        #list.set_default::<#kind>(<#kind as #krate::__private::BindFn<_>>::bind_fn(<#kind>::__default));
    }
}

impl Expansion<'_> {
    /// Returns the function of the default body.
    pub(super) fn default_body(&self) -> TokenStream {
        let Self { specs, point, returns, .. } = self;
        let Some(body) = &point.default else { return TokenStream::new() };
        // Without its braces, which a lint would find unnecessary.
        let statements = &body.stmts;
        let (kind, args, values) = (self.path("Point"), self.ident("Args"), local("args"));
        let (lifetimes, types) = match &point.signature {
            Some(signature) => (signature.lifetimes(), signature.types.clone()),
            None => (point.lifetimes.clone(), point.args.iter().map(|arg| arg.ty.clone()).collect()),
        };
        let fields = point.args.iter().map(|arg| {
            let (ident, mutable) = (&arg.ident, arg.mutable);
            quote!(#mutable #ident)
        });
        let (generics, bounds) = (self.of_impl(), specs.parameters.bounds(None));
        quote! {
            impl #generics #kind #bounds {
                fn __default<#(#lifetimes),*>(#values: #args<#(#types),*>) -> #returns {
                    let #args { #(#fields),* } = #values;
                    #(#statements)*
                }
            }
        }
    }
}
