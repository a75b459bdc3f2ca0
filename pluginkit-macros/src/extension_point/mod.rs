//! `#[extension_point]` on a trait: parse, validate, expand.
//!
//! Mistakes are reported and left out, and the correct rest is expanded. So a mistake in one point causes no errors in the
//! uses of others.

mod args;
mod expand;
mod model;
mod service;

use proc_macro2::{Span, TokenStream};
use quote::quote;

use crate::extension::model::named;
use crate::support::errors::Errors;
use crate::support::{bodies, editor, names, nesting, options};

/// Expands `point!(Specs::fetch)` to the type of the point.
pub(crate) fn point(path: TokenStream) -> TokenStream {
    let mut path: syn::Path = match nesting::check(path.clone()).and_then(|()| syn::parse2(path)) {
        Ok(path) => path,
        Err(error) => return error.to_compile_error(),
    };
    let Some(point) = path.segments.pop().filter(|_| !path.segments.is_empty()) else {
        let message = "expected the path of an extension point, like `point!(Specs::fetch)`";
        return syn::Error::new_spanned(path, message).to_compile_error();
    };
    path.segments.pop_punct();
    let (rt, hash) = (quote!(::pluginkit::__private), names::point_key(&point.ident));
    let is_generic = path.segments.iter().any(|segment| !segment.arguments.is_none());
    let specs = if is_generic || editor::is_running() {
        // The path may name parameters, which a constant cannot.
        quote!(#path)
    } else {
        named(&rt, &quote!(#path), &point.ident)
    };
    quote!(<#specs as #rt::HasPoint<#hash>>::Point)
}

pub(crate) fn expand(args: TokenStream, item: &TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let is_service = options::have(&args, "service");
    let tokens = args.clone();
    let args =
        if is_service { args::TraitArgs::default() } else { args::TraitArgs::parse(args, &mut errors) };
    if errors.ok(nesting::check_item(item.clone())).is_none() {
        return errors.into_tokens();
    }
    let item = match bodies::trait_item(item.clone(), &mut errors) {
        Ok(item) => item,
        Err(error) => {
            errors.add(match bodies::whole_item(item.clone()) {
                Ok(syn::Item::Fn(function)) => syn::Error::new_spanned(
                    &function.sig,
                    "a point is a method of a trait: put `#[extension_point]` on the trait that declares it",
                ),
                Ok(_) => syn::Error::new(
                    Span::call_site(),
                    "`#[extension_point]` belongs on the trait that declares the points: `#[extension_point] trait Specs { … }`",
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
    let specs = model::Specs::new(args, item, &mut errors);
    let expansion = expand::specs(&specs);
    let errors = errors.into_tokens();
    quote!(#expansion #errors)
}
