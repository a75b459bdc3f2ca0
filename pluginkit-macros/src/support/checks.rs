//! Checks that several attributes make, at the place of the source.

use proc_macro2::{Ident, Punct, Spacing, TokenStream};
use quote::{ToTokens, quote};

use crate::support::names::ends;

/// Returns the path `<ty as holds>::item`, at the place of `written`. The compiler does not say that a macro made it.
pub(crate) fn at(
    written: &impl ToTokens,
    ty: &impl ToTokens,
    holds: &TokenStream,
    item: &str,
) -> TokenStream {
    let (first, last) = ends(written);
    let mut opening = Punct::new('<', Spacing::Alone);
    opening.set_span(first);
    let item = Ident::new(item, last);
    quote!(#opening #ty as #holds>::#item)
}

/// Returns the path `<parameter as holds>::item`, whose type parameter is at the place of `written`: the compiler points there
/// if the parameter does not implement the trait.
pub(crate) fn of_parameter(
    rt: &impl ToTokens,
    written: &impl ToTokens,
    parameter: &Ident,
    holds: &TokenStream,
    item: &str,
) -> TokenStream {
    let parameter = at(written, parameter, &quote!(#rt::compare::Itself), "Type");
    at(written, &parameter, holds, item)
}

/// Returns the statement that asserts that threads may share a plugin of this type. A type that cannot be sent is one error.
pub(crate) fn is_shared(rt: &impl ToTokens, ty: &impl ToTokens) -> TokenStream {
    let sent = at(ty, &quote!(#rt::Checks<{ __SENT }>), &quote!(#rt::Passed<#ty>), "Type");
    quote! {
        const __SENT: ::core::primitive::bool = {
            #rt::check::plugins_are_sent::<#ty>();
            true
        };
        #rt::check::plugins_are_shared::<#sent>();
    }
}

/// Returns the statement that asserts that a type declares points.
pub(crate) fn declares(rt: &impl ToTokens, specs: &impl ToTokens) -> TokenStream {
    let name = at(specs, specs, &quote!(#rt::Specs), "NAME");
    quote!(let _ = #name;)
}
