//! The default body of a point: a function that its specs add as an extension.

use proc_macro2::TokenStream;
use quote::quote;

use crate::extension_point::expand::Expansion;
use crate::extension_point::model::{Arg, Point, Relation, Specs, list};
use crate::support::attributes::of_lints;
use crate::support::krate::Runtime;
use crate::support::names::{local, point_key, silent};

/// Returns the statement that adds the default body of a point to `list`.
pub(super) fn added(specs: &Specs, point: &Point, list: &proc_macro2::Ident) -> TokenStream {
    if point.default.is_none() {
        return TokenStream::new();
    }
    let (rt, path, hash) = (Runtime, specs.path(), point_key(&point.ident));
    let kind = quote!(<#path as #rt::HasPoint<#hash>>::Point);
    quote! {
        #list.set_default::<#kind>(<#kind as #rt::BindFn<_>>::bind_fn(<#kind>::__default));
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
        let (lifetimes, witness) = (list(&point.lifetimes), self.witness());
        let types = point.args.iter().map(|arg| &arg.ty);
        let field = |Arg { ident, pattern, .. }: &Arg| {
            let ident = silent(ident);
            quote!(#ident: #pattern)
        };
        let fields: Vec<_> = point.args.iter().map(field).collect();
        // The names are those of the point, also where the body does not need them.
        let variables = point.args.iter().filter_map(|arg| arg.pattern.clone().into_iter().last());
        let used =
            variables.filter(|variable| variable.to_string() != "_").map(|each| quote!(let _ = &#each;));
        let used: TokenStream = used.collect();
        let fields = self.struct_of(&fields);
        let body = quote!((#values: #args<#(#types,)* #witness>) -> #returns);
        let lints = of_lints(&point.attributes);
        let body = |name: &TokenStream, bounds: &TokenStream| {
            quote! {
                #(#lints)*
                fn #name<#lifetimes>#body #bounds {
                    let #fields = #values;
                    #used
                    #(#statements)*
                }
            }
        };
        let functions = match &point.signature {
            // Extensions have no bounds between their lifetimes.
            Some(signature) if !point.relations.is_empty() => {
                let (lifetimes, types) = (signature.lifetimes(), &signature.types);
                let relations =
                    point.relations.iter().map(|Relation { longer, shorter }| quote!(#longer: #shorter));
                let body = body(&quote!(__body), &quote!(where #(#relations),*));
                quote! {
                    #body
                    fn __default<#(#lifetimes),*>(#values: #args<#(#types),*>) -> #returns {
                        Self::__body(#values)
                    }
                }
            }
            _ => body(&quote!(__default), &TokenStream::new()),
        };
        let (generics, bounds) = (self.of_impl(), specs.parameters.bounds(None));
        quote! {
            impl #generics #kind #bounds {
                #functions
            }
        }
    }
}
