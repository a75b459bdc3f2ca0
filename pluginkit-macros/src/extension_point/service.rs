//! `#[extension_point(service)]` on a trait. The trait stays unchanged, and its objects become services.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{ItemTrait, LitStr, TraitItem};

use crate::support::attributes::{allow, carried, take_own};
use crate::support::errors::Errors;
use crate::support::krate::Krate;
use crate::support::{names, options};

/// `#[extension_point(service, project = "feed", crate = ::pk)]`
#[derive(Default)]
struct ServiceArgs {
    krate: Krate,
    project: Option<LitStr>,
}

impl ServiceArgs {
    fn parse(tokens: TokenStream, errors: &mut Errors) -> Self {
        let mut args = Self::default();
        for item in options::parse([tokens], errors) {
            match item.key.to_string().as_str() {
                "service" => {
                    errors.ok(item.flag());
                }
                "project" => args.project = errors.ok(item.string("project = \"feed\"")),
                "crate" => args.krate = Krate(errors.ok(item.path("crate = ::pluginkit"))),
                "firstresult" | "pipeline" | "historic" | "fallible" | "reduce" | "on_failure" => errors.push(
                    &item.key,
                    format!(
                        "a service has no mode, because it is not called as a point: remove `{0}`, or remove `service`",
                        item.key
                    ),
                ),
                _ => errors.add(options::unknown(&item, "of a service trait", &["service", "project", "crate"])),
            }
        }
        args
    }
}

pub(crate) fn expand(tokens: TokenStream, mut item: ItemTrait, mut errors: Errors) -> TokenStream {
    let args = ServiceArgs::parse(tokens, &mut errors);
    let mut before = errors.len();
    if item.supertraits.is_empty() {
        errors.push(
            &item.ident,
            format!("a service is shared between threads: write `trait {}: Send + Sync`", item.ident),
        );
        // The compiler reports nothing more about its uses.
        item.supertraits = syn::parse_quote!(::core::marker::Send + ::core::marker::Sync);
        before = errors.len();
    }
    for lifetime in item.generics.lifetimes() {
        errors.push(
            lifetime,
            "a service trait cannot have lifetimes, because its objects are found by their type: remove this, or give the lifetime to its methods",
        );
    }
    for each in &mut item.items {
        match each {
            TraitItem::Type(ty) => errors.push(
                &ty.ident,
                "a service trait cannot have associated types, because its objects are found by one type: use a concrete type",
            ),
            TraitItem::Fn(method) => {
                let own = take_own(&mut method.attrs, "extension_point", &mut errors);
                if !own.is_empty() {
                    errors.push(
                        &method.sig.ident,
                        "a method of a service is not an extension point: remove `#[extension_point]` here, or `service` from the trait",
                    );
                }
            }
            _ => {}
        }
    }
    let is_right = errors.len() == before;
    let errors = errors.into_tokens();
    if !is_right {
        return quote!(#item #errors);
    }
    let ServiceArgs { krate, project } = args;
    let rt = quote!(#krate::__private);
    let (ident, carried, allow) = (&item.ident, carried(&item.attrs), allow());
    let name = names::plain(ident);
    let project = match project {
        Some(project) => quote!(::core::option::Option::Some(#project)),
        None => quote!(::core::option::Option::None),
    };
    let mut generics = item.generics.clone();
    for parameter in generics.type_params_mut() {
        parameter.bounds.push(syn::parse_quote!('static));
    }
    let (generics, arguments, bounds) = generics.split_for_impl();
    let object = quote_spanned!(ident.span()=> dyn #ident #arguments);
    let declared = if item.generics.params.is_empty() {
        quote! {
            const __CHECKS: ::core::primitive::bool = {
                #rt::check::services_are_send_and_sync::<#object>();
                true
            };
            // The compiler reports nothing more about a trait that fails the check.
            type __Service = <#rt::Checks<{ __CHECKS }> as #rt::PassedObject<#object>>::Type;
            #rt::inventory::submit! {
                #rt::ServicePointStub::new::<__Service>()
            }
        }
    } else {
        quote! {
            fn __checks #generics() #bounds {
                #rt::check::services_are_send_and_sync::<#object>();
            }
            struct __Beside;
            #rt::inventory::submit! {
                #rt::ServicePointStub::generic::<__Beside>(#name, #project)
            }
        }
    };
    quote! {
        #item

        #(#carried)*
        #allow
        #[allow(deprecated)]
        const _: () = {
            #[automatically_derived]
            impl #generics #rt::ServicePoint for #object #bounds {
                const NAME: &'static ::core::primitive::str = #name;
                const PROJECT: ::core::option::Option<&'static ::core::primitive::str> = #project;
            }
            #declared
        };
        #errors
    }
}
