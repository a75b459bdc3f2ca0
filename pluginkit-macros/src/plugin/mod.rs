//! `#[plugin]` on a type: parse, validate, expand.
//!
//! The type stays what it is, whatever is wrong with the options above it.

mod args;
mod expand;
mod grammar;

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::Item;

use crate::support::errors::Errors;

/// What the attribute stands on.
pub(crate) struct Declared<'i> {
    pub(crate) ident: &'i syn::Ident,
    pub(crate) generics: &'i syn::Generics,
    pub(crate) attributes: &'i [syn::Attribute],
}

pub(crate) fn expand(args: TokenStream, item: &TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let args = args::PluginArgs::parse(args, &mut errors);
    let expansion = match syn::parse2::<Item>(item.clone()) {
        Ok(Item::Struct(item)) => expand::plugin(
            &args,
            &Declared { ident: &item.ident, generics: &item.generics, attributes: &item.attrs },
        ),
        Ok(Item::Enum(item)) => expand::plugin(
            &args,
            &Declared { ident: &item.ident, generics: &item.generics, attributes: &item.attrs },
        ),
        Ok(_) => {
            errors.add(syn::Error::new(
                Span::call_site(),
                "`#[plugin]` belongs on the struct or enum that is the plugin: `#[plugin(id = \"weather\")] struct Weather;`",
            ));
            TokenStream::new()
        }
        Err(error) => {
            errors.add(error);
            TokenStream::new()
        }
    };
    let errors = errors.into_tokens();
    quote!(#item #expansion #errors)
}
