//! `#[plugin]` on a function: a plugin with one extension.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{FnArg, ItemFn, Pat};

use crate::plugin::args::PluginArgs;
use crate::plugin::expand::metadata;
use crate::support::attributes::{allow, carried};
use crate::support::errors::Errors;
use crate::support::names;

pub(crate) fn plugin(args: &PluginArgs, item: &ItemFn, errors: &mut Errors) -> TokenStream {
    let signature = &item.sig;
    if let Some(parameter) = signature.generics.type_params().next() {
        errors.push(
            parameter,
            "a function that is a plugin cannot have type parameters: write the types of the point",
        );
        return TokenStream::new();
    }
    let Some(fields) = fields(item, errors) else { return TokenStream::new() };
    let (Some(id), Some(extends)) = (&args.id, &args.extends) else { return TokenStream::new() };
    let krate = &args.krate;
    let rt = quote!(#krate::__private);
    let metadata = metadata(args, id);
    let ident = &signature.ident;
    let name = names::plain(ident);
    let carried = carried(&item.attrs);
    let allow = allow();
    let make = if signature.asyncness.is_some() {
        let call = quote_spanned! {ident.span()=>
            |_, __args, __slot| __slot.put(#ident(#(__args.#fields),*))
        };
        quote!(#krate::__async_extension! {
            #extends, #rt::build::async_function(__settings, __metadata(), #extends, #call)
        })
    } else {
        let call = quote_spanned!(ident.span()=> |__args| #ident(#(__args.#fields),*));
        quote!(#rt::build::function(__settings, __metadata(), #extends, #call))
    };
    quote! {
        #(#carried)*
        #allow
        #[allow(deprecated)]
        const _: () = {
            fn __metadata() -> #krate::__private::PluginMetadata {
                #metadata
            }
            struct __Function;
            #[automatically_derived]
            impl #krate::Plugin for __Function {
                fn metadata() -> #krate::__private::PluginMetadata {
                    __metadata()
                }
            }
            fn __make(
                __settings: &#rt::Settings<'_>,
            ) -> ::core::result::Result<#rt::Made, #rt::BuildError> {
                #make
            }
            fn __construct() -> ::core::option::Option<#rt::Construct> {
                ::core::option::Option::Some(#rt::Construct::new(__make).of(#rt::build::project_of(#extends)))
            }
            #rt::inventory::submit! {
                #rt::PluginStub::new::<__Function>(
                    #name,
                    ::core::module_path!(),
                    (::core::file!(), ::core::line!(), ::core::column!()),
                )
                .constructed(&(__construct as fn() -> ::core::option::Option<#rt::Construct>))
            }
        };
    }
}

/// Returns the names of the arguments of the point that the function takes.
fn fields(item: &ItemFn, errors: &mut Errors) -> Option<Vec<syn::Ident>> {
    let mut fields = Vec::new();
    let mut is_right = true;
    for input in &item.sig.inputs {
        match input {
            FnArg::Typed(typed) => match &*typed.pat {
                Pat::Ident(pattern) => fields.push(names::field(&pattern.ident)),
                other => {
                    errors
                        .push(other, "an argument is identified by its name: write the name from the point");
                    is_right = false;
                }
            },
            FnArg::Receiver(receiver) => {
                errors.push(
                    receiver,
                    "a function that is a plugin cannot have a receiver: put `#[plugin]` on the type",
                );
                is_right = false;
            }
        }
    }
    is_right.then_some(fields)
}
