//! `#[extension_point]` on a trait: parse, validate, expand.
//!
//! What is wrong is told and left out; what is right is expanded all the same, so that a mistake in
//! one point does not turn red what uses the others.

mod args;
mod calls;
mod expand;
mod model;

pub(crate) use args::take_own;
pub(crate) use expand::{allow, cfgs, hash};

use proc_macro2::TokenStream;
use quote::quote;
use syn::ItemTrait;

use crate::support::errors::Errors;

pub(crate) fn expand(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let args = args::TraitArgs::parse(args, &mut errors);
    let item: ItemTrait = match syn::parse2(item.clone()) {
        Ok(item) => item,
        Err(error) => {
            let message = if syn::parse2::<syn::TraitItemFn>(item.clone()).is_ok() {
                syn::Error::new_spanned(
                    &item,
                    "a point is a method of a trait: put `#[extension_point]` on the trait that declares it",
                )
            } else {
                error
            };
            errors.add(message);
            let errors = errors.into_tokens();
            return quote!(#item #errors);
        }
    };
    let specs = model::Specs::new(args, item, &mut errors);
    let expansion = expand::specs(&specs);
    let errors = errors.into_tokens();
    quote!(#expansion #errors)
}
