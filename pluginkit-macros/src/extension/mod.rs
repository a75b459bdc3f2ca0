//! `#[extension]` on an impl block: parse, validate, expand.
//!
//! The methods stay what they are, whatever is wrong with the options around them.

mod args;
mod bind;
mod expand;
mod model;

pub(crate) use expand::carried;

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::ItemImpl;

use crate::support::errors::Errors;

pub(crate) fn expand(args: TokenStream, item: &TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let args = args::BlockArgs::parse(args, &mut errors);
    let item: ItemImpl = match syn::parse2(item.clone()) {
        Ok(item) => item,
        Err(error) => {
            errors.add(match syn::parse2::<syn::Item>(item.clone()) {
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
    let block = model::Block::new(args, item, &mut errors);
    let expansion = expand::block(&block);
    let errors = errors.into_tokens();
    quote!(#expansion #errors)
}
