//! `#[extension(service)]` on an impl block. The block stays unchanged, and managers find by a stub that the type provides
//! the service.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{ImplItem, ItemImpl};

use crate::extension::parameters::{are_of_specs_only, generic_block, static_types};
use crate::support::attributes::{allow, carried, take_own};
use crate::support::checks::is_shared;
use crate::support::errors::Errors;
use crate::support::krate::Krate;
use crate::support::lifetimes::Find;
use crate::support::options;

/// `#[extension(service, priority = 10, crate = ::pk)]`
#[derive(Default)]
struct ServiceArgs {
    krate: Krate,
    priority: Option<i32>,
}

impl ServiceArgs {
    fn parse(tokens: TokenStream, errors: &mut Errors) -> Self {
        let mut args = Self::default();
        for item in options::parse([tokens], errors) {
            match item.key.to_string().as_str() {
                "service" => {
                    errors.ok(item.flag());
                }
                "priority" => args.priority = errors.ok(item.integer("priority = 10")),
                "crate" => args.krate = Krate(errors.ok(item.path("crate = ::pluginkit"))),
                _ => errors.add(options::unknown(&item, "of a service", &["service", "priority", "crate"])),
            }
        }
        args
    }
}

pub(crate) fn expand(tokens: TokenStream, mut item: ItemImpl, mut errors: Errors) -> TokenStream {
    let args = ServiceArgs::parse(tokens, &mut errors);
    for each in &mut item.items {
        let ImplItem::Fn(method) = each else { continue };
        if !take_own(&mut method.attrs, "extension", &mut errors).is_empty() {
            errors.push(
                &method.sig.ident,
                "a method of a service is not an extension: remove `#[extension]` here, or `service` from the block",
            );
        }
    }
    let Some((service, _)) = &item.trait_ else {
        errors
            .push(&item.self_ty, "a service is an implementation of a trait: write `impl Trait for Plugin`");
        let errors = errors.into_tokens();
        return quote!(#item #errors);
    };
    let ServiceArgs { krate, priority } = args;
    let rt = quote!(#krate::__private);
    let (ty, carried, allow) = (&item.self_ty, carried(&item.attrs), allow());
    let priority = priority.unwrap_or(0);
    let object = quote_spanned!(service.span()=> dyn #service);
    let is_generic = !item.generics.params.is_empty() || Find::in_type(ty).elided;
    let mut generics = item.generics.clone();
    if is_generic {
        let bounds = generics.make_where_clause();
        bounds
            .predicates
            .push(syn::parse_quote!(Self: ::core::marker::Send + ::core::marker::Sync + 'static));
        bounds.predicates.extend(static_types(&item.generics, service));
    }
    let stub = (!is_generic).then(|| {
        let shared = is_shared(&rt, ty);
        quote! {
            const __CHECKS: ::core::primitive::bool = {
                #rt::check::service::<#object>();
                #shared
                true
            };
            // The compiler reports nothing more about a type that fails a check.
            type __Plugin = <#rt::Checks<{ __CHECKS }> as #rt::Passed<#ty>>::Type;
            #rt::inventory::submit! {
                #rt::OfferStub::service::<__Plugin, #object>(
                    #priority,
                    (::core::file!(), ::core::line!(), ::core::column!()),
                )
            }
        }
    });
    let generic_block = are_of_specs_only(&item.generics, ty).then(|| generic_block(&rt, ty, service, true));
    let (generics, _, bounds) = generics.split_for_impl();
    let errors = errors.into_tokens();
    quote! {
        #item

        #(#carried)*
        #allow
        const _: () = {
            #[automatically_derived]
            impl #generics #rt::Provides<#object> for #ty #bounds {
                fn provide(self: ::std::sync::Arc<Self>) -> ::std::sync::Arc<#object> {
                    self
                }
            }
            #stub
            #generic_block
        };
        #errors
    }
}
