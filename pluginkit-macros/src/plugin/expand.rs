//! The expansion of `#[plugin]` on a type: its metadata, and a stub that managers find by the type.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;

use crate::plugin::args::PluginArgs;
use crate::plugin::{Declared, make};
use crate::support::attributes::{allow, carried};
use crate::support::checks::is_shared;
use crate::support::names;

pub(crate) fn plugin(args: &PluginArgs, item: &Declared<'_>) -> TokenStream {
    let Some(id) = &args.id else { return TokenStream::new() };
    let krate = &args.krate;
    let rt = quote!(#krate::__private);
    let ident = item.ident;
    let carried = carried(item.attributes);
    let allow = allow();
    let (generics, types, bounds) = item.generics.split_for_impl();
    let metadata = metadata(args, id);
    // A generic plugin has no stub: one stub cannot serve all its types.
    let stub = item.generics.params.is_empty().then(|| {
        let name = names::plain(ident);
        let (make, shared) = (make::of_type(args), is_shared(&rt, ident));
        quote! {
            const __CHECKS: ::core::primitive::bool = {
                #shared
                true
            };
            // The compiler reports nothing more about a type that fails the check.
            type __Plugin = <#rt::Checks<{ __CHECKS }> as #rt::Passed<#ident>>::Type;
            #make
            #rt::inventory::submit! {
                #rt::PluginStub::new::<__Plugin>(
                    #name,
                    ::core::module_path!(),
                    (::core::file!(), ::core::line!(), ::core::column!()),
                )
                .constructed(&(__construct as fn() -> ::core::option::Option<#rt::Construct>))
            }
        }
    });
    let stub = stub.unwrap_or_else(|| {
        let name = names::plain(ident);
        quote! {
            #rt::inventory::submit! {
                #rt::GenericPluginStub::new(#id, #name, ::core::module_path!())
            }
        }
    });
    quote! {
        #(#carried)*
        #allow
        #[allow(deprecated)]
        const _: () = {
            #[automatically_derived]
            impl #generics #krate::Plugin for #ident #types #bounds {
                fn metadata() -> #krate::__private::PluginMetadata {
                    #metadata
                }
            }
            #stub
        };
    }
}

/// Returns the metadata of the plugin, as the body of a function.
pub(crate) fn metadata(args: &PluginArgs, id: &syn::LitStr) -> TokenStream {
    let krate = &args.krate;
    let texts = args.texts.iter().map(|(setter, text)| {
        let setter = format_ident!("{setter}");
        quote!(.#setter(#text))
    });
    let list = |setter: &str, requirements: &[syn::LitStr]| {
        let setter = format_ident!("{setter}");
        (!requirements.is_empty()).then(|| quote!(.#setter([#(#requirements),*])))
    };
    let aliases = list("aliases", &args.aliases);
    let requires = list("requires", &args.requires.plugins);
    let optional_requires = list("optional_requires", &args.optional_requires.plugins);
    let services = [
        ("requires_service", &args.requires.services),
        ("optional_requires_service", &args.optional_requires.services),
        ("provides_service", &args.provides),
    ];
    let services = services.into_iter().flat_map(|(setter, services)| {
        let setter = format_ident!("{setter}");
        services.iter().map(move |service| quote!(.#setter::<#service>()))
    });
    let all = [&args.requires.services, &args.optional_requires.services, &args.provides];
    let checks = all.into_iter().flatten().map(|service| {
        let span = service.span();
        quote_spanned!(span=> #krate::__private::check::service::<#service>();)
    });
    let exclusive = args.exclusive.then(|| quote!(.exclusive(true)));
    quote! {
        #(#checks)*
        #krate::__private::PluginMetadata::new(#id)
            #aliases
            #(#texts)*
            #requires
            #optional_requires
            #(#services)*
            #exclusive
    }
}
