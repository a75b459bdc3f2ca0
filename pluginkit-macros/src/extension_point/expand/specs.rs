//! The specs: their struct, and what it declares.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::extension_point::expand::{Expansion, cfgs, compare, default_body};
use crate::extension_point::model::{Broken, Specs};
use crate::support::attributes::allow;
use crate::support::krate::Runtime;
use crate::support::{editor, names};

/// Returns the specs struct and all its points.
pub(crate) fn specs(specs: &Specs) -> TokenStream {
    let Specs { krate, attributes, visibility, ident, parameters, .. } = specs;
    let (rt, path) = (Runtime, specs.path());
    let (generics, bounds) = (parameters.of_impl(), parameters.bounds(None));
    let project = match &specs.project {
        Some(project) => quote!(::core::option::Option::Some(#project)),
        None => quote!(::core::option::Option::None),
    };
    let version = match &specs.version {
        Some(version) => quote!(::core::option::Option::Some(#version)),
        None => quote!(::core::option_env!("CARGO_PKG_VERSION")),
    };
    let name = names::plain(ident);
    let cfgs = cfgs(attributes);
    let list = names::local("points");
    let declarations = specs.points.iter().map(|point| {
        let cfgs = self::cfgs(&point.attributes);
        let hash = names::point_key(&point.ident);
        let default = default_body::added(specs, point, &list);
        let add = quote!(#list.add::<<#path as #rt::HasPoint<#hash>>::Point>(););
        quote!(#(#cfgs)* { #add #default })
    });
    let asynchronous = krate.if_async(|| {
        let declarations = specs.points.iter().map(|point| {
            let cfgs = self::cfgs(&point.attributes);
            let hash = names::point_key(&point.ident);
            let default = default_body::added(specs, point, &list);
            let add = quote!(#list.add_async::<<#path as #rt::HasPoint<#hash>>::Point>(););
            quote!(#(#cfgs)* { #add #default })
        });
        quote! {
            #[automatically_derived]
            impl #generics #rt::AsyncSpecs for #path #bounds {
                fn declare_async(#list: &mut #rt::Points) {
                    let _ = &#list;
                    #(#declarations)*
                }
            }
        }
    });
    let points = specs.points.iter().map(|point| Expansion::new(specs, point).point());
    let broken = specs.broken.iter().map(|point| broken(specs, point));
    let (allow, runtime) = (allow(), krate.runtime());
    let definition = definition(specs);
    let value = parameters.marker().map(|_| {
        quote! {
            impl #generics #path #bounds {
                /// The specs as a value.
                #visibility const SPECS: Self = Self(::core::marker::PhantomData);
            }
        }
    });
    let impls = quote! {
            #[automatically_derived]
            impl #generics ::core::clone::Clone for #path #bounds {
                #[inline]
                fn clone(&self) -> Self {
                    *self
                }
            }
            #[automatically_derived]
            impl #generics ::core::marker::Copy for #path #bounds {}
            #[automatically_derived]
            impl #generics ::core::fmt::Debug for #path #bounds {
                fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    f.write_str(#name)
                }
            }
            #[automatically_derived]
            impl #generics #rt::Specs for #path #bounds {
                const NAME: &'static ::core::primitive::str = #name;
                const PROJECT: ::core::option::Option<&'static ::core::primitive::str> = #project;
                const VERSION: ::core::option::Option<&'static ::core::primitive::str> = #version;
                const MODULE: &'static ::core::primitive::str = ::core::module_path!();
                fn declare(#list: &mut #rt::Points) {
                    let _ = &#list;
                    #(#declarations)*
                }
            }
            #asynchronous
            #value
    };
    let (declared, impls) = if editor::is_running() {
        (declared(specs), editor::placed(impls, specs.place))
    } else {
        let named = compare::named(specs);
        (TokenStream::new(), quote!(#impls #named))
    };
    quote! {
        #definition

        #(#cfgs)*
        #allow
        #[allow(deprecated)]
        const _: () = {
            #runtime
            #declared
            #impls
            #(#points)*
            #(#broken)*
        };
    }
}

/// Returns the declarations of the source as a trait, which an editor shows and completes like any other.
fn declared(specs: &Specs) -> TokenStream {
    let points = specs.points.iter().map(|point| {
        let expansion = Expansion::new(specs, point);
        let cfgs = cfgs(&point.attributes);
        let (lifetimes, parameters) = expansion.shown();
        let (name, returns, bounds) =
            (format_ident!("__{}", point.ident), &point.returns, &point.where_clause);
        let head = editor::placed(quote!(fn #name<#lifetimes>), point.place);
        quote!(#(#cfgs)* #head(&self, #(#parameters),*) -> #returns #bounds;)
    });
    let (generics, bounds) = (specs.parameters.of_impl(), specs.parameters.bounds(None));
    quote!(trait __Declared #generics #bounds { #(#points)* })
}

/// Returns the definition of the struct of specs.
fn definition(specs: &Specs) -> TokenStream {
    let Specs { attributes, visibility, ident, parameters, .. } = specs;
    // Nobody adds fields to specs.
    let allow = quote!(#[allow(clippy::exhaustive_structs)]);
    let Some(marker) = parameters.marker() else {
        return quote! {
            #(#attributes)*
            #allow
            #visibility struct #ident;
        };
    };
    let (generics, bounds) = (parameters.of_struct(), parameters.bounds(None));
    quote! {
        #(#attributes)*
        #allow
        #visibility struct #ident #generics(#marker) #bounds;
    }
}

/// Returns a point that consists of its mistake.
///
/// A `compile_error!` in the position of a type gives a type about which the compiler reports nothing more.
fn broken(specs: &Specs, point: &Broken) -> TokenStream {
    let (Specs { visibility, parameters, .. }, Broken { attributes, ident, mistake }) = (specs, point);
    let (specs, generics, bounds) = (specs.path(), parameters.of_impl(), parameters.bounds(None));
    let (rt, cfgs) = (Runtime, cfgs(attributes));
    let hash = names::point_key(ident);
    let mistake = mistake.to_compile_error();
    quote! {
        #(#cfgs)*
        const _: () = {
            type __Mistake = [(); { #mistake }];
            impl #generics #specs #bounds {
                #(#attributes)*
                #visibility const #ident: __Mistake = loop {};
            }
            #[automatically_derived]
            impl #generics #rt::HasPoint<#hash> for #specs #bounds {
                type Point = __Mistake;
                type Args<'__a> = __Mistake;
                type Return<'__a> = __Mistake;
                type Outcome<'__a> = __Mistake;
            }
        };
    }
}
