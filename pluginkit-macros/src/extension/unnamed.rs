//! Parameters of extensions that are called `_`: calls leave them out.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use syn::{Attribute, FnArg, ImplItemFn, Meta, Pat, PatType, Stmt, Visibility};

use crate::support::attributes::is_one_of;
use crate::support::names;

/// Moves the body of a method with parameters called `_` to a method without them, and returns that method.
///
/// The method itself stays what it is for code that calls it, and calls the returned one.
///
/// `parameters` are those that the method got from its block, like `::<R>`.
pub(super) fn split(method: &mut ImplItemFn, parameters: Option<&TokenStream>) -> Option<ImplItemFn> {
    if !method.sig.inputs.iter().any(is_unnamed) {
        return None;
    }
    let mut inner = method.clone();
    inner.block.stmts.insert(0, Stmt::Expr(syn::Expr::Verbatim(mention(method, parameters)), None));
    inner.vis = Visibility::Inherited;
    inner.attrs.retain(|attribute| !is_of_callers(attribute));
    // The method without these parameters may not use all lifetimes.
    inner.attrs.push(syn::parse_quote! {
        #[allow(clippy::extra_unused_lifetimes, single_use_lifetimes, unused_lifetimes)]
    });
    inner.sig.ident = inner_name(&method.sig.ident);
    inner.sig.inputs = inner.sig.inputs.into_iter().filter(|input| !is_unnamed(input)).collect();

    method.attrs.retain(|attribute| is_of_both(&attribute.meta) || is_of_callers(attribute));
    let mut arguments = Vec::new();
    for input in &mut method.sig.inputs {
        if let FnArg::Typed(input) = input {
            input.attrs.retain(|attribute| is_of_both(&attribute.meta));
        }
        if is_unnamed(input) {
            continue;
        }
        match input {
            FnArg::Receiver(receiver) => {
                let this = receiver.self_token;
                arguments.push(quote!(#this));
            }
            FnArg::Typed(input) => arguments.push(variable(input)),
        }
    }
    let (ident, asyncness) = (&inner.sig.ident, &method.sig.asyncness);
    let awaited: Option<TokenStream> = asyncness.map(|_| quote!(.await));
    let call = quote!(Self::#ident #parameters(#(#arguments),*) #awaited);
    method.block.stmts = vec![Stmt::Expr(syn::Expr::Verbatim(call), None)];
    Some(inner)
}

/// Returns a statement that uses `method`, which calls leave out: the compiler would find it unused.
fn mention(method: &ImplItemFn, parameters: Option<&TokenStream>) -> TokenStream {
    let ident = &method.sig.ident;
    let is_deprecated = method.attrs.iter().any(|attribute| attribute.path().is_ident("deprecated"));
    let allow = is_deprecated.then(|| quote!(#[allow(deprecated)]));
    quote!(#allow let _ = Self::#ident #parameters;)
}

/// Returns the name of the method with the body.
pub(super) fn inner_name(method: &Ident) -> Ident {
    format_ident!("__{}", names::plain(method), span = Span::mixed_site().located_at(method.span()))
}

/// Returns whether an attribute is for code that calls the method, and not for its body.
fn is_of_callers(attribute: &Attribute) -> bool {
    ["doc", "deprecated", "must_use"].iter().any(|name| attribute.path().is_ident(name))
}

/// Returns whether an attribute is for the signature, which both methods have, and not for the body alone: `#[expect]` and
/// the attributes of other macros are.
fn is_of_both(attribute: &Meta) -> bool {
    const KEPT: &[&str] =
        &["cfg", "allow", "warn", "deny", "forbid", "inline", "cold", "track_caller", "doc", "must_use"];
    is_one_of(attribute, KEPT)
}

pub(super) fn is_unnamed(input: &FnArg) -> bool {
    matches!(input, FnArg::Typed(input) if matches!(&*input.pat, Pat::Wild(_)))
}

/// Returns the variable of a parameter, which is not `mut` any more.
fn variable(input: &mut PatType) -> TokenStream {
    let Pat::Ident(pat) = &mut *input.pat else { return TokenStream::new() };
    pat.mutability = None;
    let ident = &pat.ident;
    quote!(#ident)
}
