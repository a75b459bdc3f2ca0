//! `#[plugin]` on a type or a function: parse, validate, expand.
//!
//! The type stays unchanged, even if the options contain mistakes.

mod args;
mod expand;
mod function;
mod make;

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::Item;

use crate::support::attributes::signature_lints;
use crate::support::bodies;
use crate::support::errors::Errors;

/// The type under the attribute.
pub(crate) struct Declared<'i> {
    pub(crate) ident: &'i syn::Ident,
    pub(crate) generics: &'i syn::Generics,
    pub(crate) attributes: &'i [syn::Attribute],
}

pub(crate) fn expand(args: TokenStream, item: &TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let mut args = args::PluginArgs::parse(args, &mut errors);
    let mut of_type = |ident, generics: &syn::Generics, attributes, errors: &mut Errors| {
        args.check_type(!generics.params.is_empty(), errors);
        expand::plugin(&args, &Declared { ident, generics, attributes })
    };
    let parsed = match bodies::function(item.clone()) {
        Some(function) => function.map(Item::Fn),
        None => bodies::whole_item(item.clone()),
    };
    let expansion = match parsed {
        Ok(Item::Struct(item)) => of_type(&item.ident, &item.generics, &item.attrs, &mut errors),
        Ok(Item::Enum(item)) => of_type(&item.ident, &item.generics, &item.attrs, &mut errors),
        Ok(Item::Fn(mut function)) => {
            args.check_function(&mut errors);
            let lints = signature_lints();
            let expansion = function::plugin(&args, &mut function, &mut errors);
            let errors = errors.into_tokens();
            return quote!(#lints #function #expansion #errors);
        }
        Ok(_) => {
            errors.add(syn::Error::new(
                Span::call_site(),
                "`#[plugin]` belongs on the struct, enum or function that is the plugin: `#[plugin(id = \"weather\")] struct Weather;`",
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
