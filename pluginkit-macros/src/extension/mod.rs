//! `#[extension]` on an impl block: parse, validate, expand.
//!
//! The methods stay unchanged, even if the options contain mistakes.

pub(crate) mod args;
pub(crate) mod bind;
pub(crate) mod compare;
mod expand;
mod local;
pub(crate) mod model;
mod parameters;
mod result;
mod service;
mod unnamed;

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::Attribute;

use crate::support::errors::Errors;
use crate::support::{bodies, nesting, options};

pub(crate) fn expand(args: TokenStream, item: &TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let is_service = options::have(&args, "service");
    let tokens = args.clone();
    let args =
        if is_service { args::BlockArgs::default() } else { args::BlockArgs::parse(args, &mut errors) };
    if errors.ok(nesting::check_item(item.clone())).is_none() {
        return errors.into_tokens();
    }
    if let Some(Ok(mut function)) = bodies::function(item.clone()) {
        let is_plugin = |attribute: &Attribute| {
            attribute.path().segments.last().is_some_and(|last| last.ident == "plugin")
        };
        if function.attrs.iter().any(is_plugin) {
            // `#[plugin]` reads the options below it.
            function.attrs.push(syn::parse_quote!(#[extension(#tokens)]));
            return quote!(#function);
        }
        errors.add(syn::Error::new(
            Span::call_site(),
            "`#[extension]` belongs on an impl block: `#[extension] impl Specs for Plugin { … }`; for a function, add `#[plugin(id = \"weather\", extends = Specs::fetch)]`",
        ));
        let errors = errors.into_tokens();
        return quote!(#item #errors);
    }
    let item = match bodies::impl_block(item.clone(), &mut errors) {
        Ok(item) => item,
        Err(error) => {
            errors.add(match bodies::whole_item(item.clone()) {
                Ok(_) => syn::Error::new(
                    Span::call_site(),
                    "`#[extension]` belongs on an impl block: `#[extension] impl Specs for Plugin { … }`",
                ),
                Err(_) => error,
            });
            let errors = errors.into_tokens();
            return quote!(#item #errors);
        }
    };
    if is_service {
        return service::expand(tokens, item, errors);
    }
    let block = model::Block::new(args, item, &mut errors);
    let expansion = if block.local { local::block(&block) } else { expand::block(&block) };
    let errors = errors.into_tokens();
    quote!(#expansion #errors)
}
