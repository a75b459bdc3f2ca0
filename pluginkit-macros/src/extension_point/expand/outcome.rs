//! The types of results and outcomes: those of the source where tokens tell them.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::extension_point::expand::checks::reducer;
use crate::extension_point::model::{Mode, Point, Shape, Specs};
use crate::support::krate::Runtime;
use crate::support::lifetimes::head;

/// Returns the success of an outcome, and the outcome.
///
/// The types are those of the source where tokens tell them, else associated types of the `reading`.
pub(super) fn outcome(
    specs: &Specs,
    point: &Point,
    reading: &TokenStream,
    rt: &Runtime,
) -> (TokenStream, TokenStream) {
    let success = |item: &TokenStream, all: &TokenStream| match (point.mode, reducer(specs, point)) {
        (_, Some(reducer)) => quote!(#rt::Reduced<#reducer, #item>),
        (Mode::Collecting | Mode::PipelineInPlace | Mode::Historic, None) => quote!(#all),
        (Mode::FirstResult, None) => quote!(::core::option::Option<#item>),
        (Mode::Pipeline(_) | Mode::HandsOn(_), None) => quote!(#item),
    };
    let Some(WrittenReturn { item, error }) = written_return(&point.returns, point.shape) else {
        let success = success(&quote!(#reading::Item), &quote!(#reading::All));
        return (success.clone(), quote!(#reading::Lift<#success>));
    };
    let all = match point.shape {
        Shape::Units | Shape::TryUnits => quote!(()),
        _ => quote!(::std::vec::Vec<#item>),
    };
    let success = success(&item, &all);
    match error {
        None => (success.clone(), success),
        Some(error) => (success.clone(), quote!(::core::result::Result<#success, #error>)),
    }
}

/// The parts of a return type, as its tokens tell them.
pub(super) struct WrittenReturn {
    /// The item of one extension.
    pub(super) item: TokenStream,
    error: Option<TokenStream>,
}

/// Returns the parts of the return type `ty`; `None` for an alias.
pub(super) fn written_return(ty: &syn::Type, shape: Shape) -> Option<WrittenReturn> {
    let value = match shape {
        Shape::Values => return Some(WrittenReturn { item: quote!(#ty), error: None }),
        Shape::Units => return Some(WrittenReturn { item: quote!(()), error: None }),
        Shape::Somes => {
            let (_, types) = head(ty).filter(|(name, types)| *name == "Option" && types.len() == 1)?;
            let item = types[0];
            return Some(WrittenReturn { item: quote!(#item), error: None });
        }
        Shape::TryValues | Shape::TrySomes | Shape::TryUnits => {
            head(ty).filter(|(name, types)| *name == "Result" && types.len() == 2)?.1
        }
    };
    let (value, error) = (value[0], value[1]);
    let item = match shape {
        Shape::TrySomes => {
            let (_, types) = head(value).filter(|(name, types)| *name == "Option" && types.len() == 1)?;
            let item = types[0];
            quote!(#item)
        }
        _ => quote!(#value),
    };
    Some(WrittenReturn { item, error: Some(quote!(#error)) })
}

/// The types of one result: as a point yields it alone, its success, and its error.
///
/// They are those of the source where tokens tell them, else associated types of the `reading`.
pub(super) fn each(point: &Point, reading: &TokenStream) -> [TokenStream; 3] {
    let Some(WrittenReturn { item, error }) = written_return(&point.returns, point.shape) else {
        let [item, value, error] = ["Item", "Value", "Error"].map(|name| format_ident!("{name}"));
        return [quote!(#reading::Lift<#reading::#item>), quote!(#reading::#value), quote!(#reading::#error)];
    };
    let value = match point.shape {
        Shape::Somes | Shape::TrySomes => quote!(::core::option::Option<#item>),
        _ => item.clone(),
    };
    match error {
        None => [item, value, quote!(::core::convert::Infallible)],
        Some(error) => [quote!(::core::result::Result<#item, #error>), value, error],
    }
}
