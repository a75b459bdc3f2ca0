//! Assertions that only the type checker can evaluate.

use proc_macro2::TokenStream;
use quote::quote;

use crate::extension_point::expand::Expansion;
use crate::extension_point::model::{Mode, Passing, Point, Shape, Specs};
use crate::support::lifetimes::{Find, without_lifetimes};

/// Returns the path of the reading, like `krate::__private::Values`.
pub(super) fn shape_path(point: &Point, rt: &TokenStream) -> TokenStream {
    let shape = point.shape.ident();
    quote!(#rt::#shape)
}

/// Returns the type of the reducer, which is an error if the checks fail.
pub(super) fn reducer(specs: &Specs, point: &Point) -> Option<TokenStream> {
    let reducer = point.reduce.as_ref()?;
    Some(if specs.parameters.is_empty() && names_no_lifetime(reducer) {
        quote!(__Reducer)
    } else {
        quote!(#reducer)
    })
}

/// Returns whether a type names no lifetime of a method.
fn names_no_lifetime(ty: &syn::Type) -> bool {
    Find::in_type(ty).named.iter().all(|named| named.ident == "static")
}

/// Returns the assertions about the types of a point.
pub(super) fn checks(point: &Point, rt: &TokenStream) -> Vec<TokenStream> {
    let returns = without_lifetimes(&point.returns);
    let shape = shape_path(point, rt);
    let mut checks = Vec::new();
    if let Mode::Pipeline(position) = point.mode {
        let threaded = without_lifetimes(&point.args[position].ty);
        checks.push(quote!(#rt::check::pipeline_return_type::<#returns, #shape, #threaded>();));
        if matches!(point.shape, Shape::Somes | Shape::TrySomes) {
            checks.push(quote!(#rt::check::cloned_argument::<#threaded>();));
        }
    } else if let Mode::HandsOn(position) = point.mode {
        let handed = without_lifetimes(&point.args[position].ty);
        checks.push(quote!(#rt::check::handing_return_type::<#returns, #shape, #handed>();));
    } else if !matches!(point.shape, Shape::Values | Shape::Units) {
        checks.push(quote!(#rt::check::return_type::<#returns, #shape>();));
    }
    if let Some(reducer) = &point.reduce {
        let reducer = without_lifetimes(reducer);
        checks.push(quote!(#rt::check::reducer::<#reducer, #returns, #shape>();));
    }
    for arg in &point.args {
        if point.mode == Mode::Historic {
            let remembered = without_lifetimes(arg.remembered());
            checks.push(quote!(#rt::check::remembered_argument::<#remembered>();));
        } else if matches!(arg.passing, Passing::Give) {
            let ty = without_lifetimes(&arg.ty);
            checks.push(quote!(#rt::check::cloned_argument::<#ty>();));
        }
    }
    checks
}

impl Expansion<'_> {
    /// Returns the reading of the return type, which is an error if the checks fail.
    pub(super) fn checks(&self) -> TokenStream {
        let Self { point, rt, .. } = self;
        let checks = checks(point, rt);
        if checks.is_empty() {
            return TokenStream::new();
        }
        let parameters = &self.specs.parameters;
        if !parameters.is_empty() {
            // A constant cannot name the parameters.
            let (generics, bounds) = (parameters.of_impl(), parameters.bounds(None));
            return quote! {
                fn __checks #generics() #bounds {
                    #(#checks)*
                }
            };
        }
        let shape = shape_path(point, rt);
        let reducer = point.reduce.iter().filter(|reducer| names_no_lifetime(reducer)).map(
            |reducer| quote!(type __Reducer = <#rt::Checks<{ __CHECKS }> as #rt::Passed<#reducer>>::Type;),
        );
        let reducer = quote!(#(#reducer)*);
        quote! {
            const __CHECKS: ::core::primitive::bool = {
                #(#checks)*
                true
            };
            type __Shape = <#rt::Checks<{ __CHECKS }> as #rt::Passed<#shape>>::Type;
            #reducer
        }
    }
}
