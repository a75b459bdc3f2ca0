//! `#[extension]` on an impl block: parse, validate, expand.
//!
//! The methods stay what they are, whatever is wrong with the options around them.

mod args;
mod expand;
mod model;

use proc_macro2::TokenStream;
use quote::quote;
use syn::ItemImpl;

use crate::support::errors::Errors;

pub(crate) fn expand(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let args = args::BlockArgs::parse(args, &mut errors);
    let item: ItemImpl = match syn::parse2(item.clone()) {
        Ok(item) => item,
        Err(error) => {
            let misplaced = syn::parse2::<syn::ItemStruct>(item.clone()).is_ok()
                || syn::parse2::<syn::ItemFn>(item.clone()).is_ok();
            errors.add(if misplaced {
                syn::Error::new_spanned(
                    &item,
                    "`#[extension]` belongs on an impl block: `#[extension] impl Specs for Plugin { … }`",
                )
            } else {
                error
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
