//! The parameters of methods that take the arguments of a point.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::quote;

use crate::extension_point::expand::Expansion;
use crate::extension_point::model::{Arg, Point, list};
use crate::support::lifetimes::{names as lifetimes_of, with_lifetimes};
use crate::support::{editor, names};

/// The lifetimes and parameters of a method that keeps its arguments.
pub(crate) struct Kept {
    /// `'a, 'b: 'a,`
    pub(crate) declared: TokenStream,
    /// `'a, 'b,`
    pub(crate) used: TokenStream,
    /// `topic: &'a str, …`
    pub(crate) parameters: Vec<TokenStream>,
    /// The types of the arguments.
    pub(crate) types: Vec<syn::Type>,
}

/// Returns the parameters of a method whose body does not use them.
pub(crate) fn unused(parameters: Vec<TokenStream>) -> Vec<TokenStream> {
    let silence = |(position, token): (usize, TokenTree)| match token {
        TokenTree::Ident(name) if position == 0 && !editor::is_running() => names::silent(&name).into(),
        token => token,
    };
    let silent = |parameter: TokenStream| parameter.into_iter().enumerate().map(silence).collect();
    parameters.into_iter().map(silent).collect()
}

impl Expansion<'_> {
    /// `topic: &'__0 str, …`
    pub(crate) fn parameters(&self) -> Vec<TokenStream> {
        let parameter = |Arg { ident, ty, .. }: &Arg| quote!(#ident: #ty);
        self.point.args.iter().map(parameter).collect()
    }

    /// Returns the lifetimes and parameters of a method that users see, as in the source where possible.
    pub(crate) fn shown(&self) -> (TokenStream, Vec<TokenStream>) {
        let is_named = |lifetime: &syn::Lifetime| !lifetime.ident.to_string().starts_with("__");
        let returns_borrow = !lifetimes_of(&self.point.returns).is_empty();
        if returns_borrow || self.point.lifetimes.iter().any(is_named) {
            return (list(&self.point.lifetimes), self.parameters());
        }
        let parameter = |Arg { ident, written, .. }: &Arg| quote!(#ident: #written);
        (TokenStream::new(), self.point.args.iter().map(parameter).collect())
    }

    /// Returns the lifetimes, parameters and argument types of a method that keeps its arguments.
    ///
    /// Where possible, one lifetime serves for all references, so that `use<…>` can name it.
    pub(crate) fn kept(&self) -> Kept {
        let Point { args, lifetimes, .. } = self.point;
        let (used, types) = match &self.point.signature {
            Some(signature) => {
                // Users see these names.
                let name = |lifetime: &syn::Lifetime| match lifetime.ident.to_string().strip_prefix("__") {
                    Some(plain) => syn::Lifetime::new(&format!("'{plain}"), lifetime.span()),
                    None => lifetime.clone(),
                };
                let types = signature.types.iter().map(|ty| with_lifetimes(ty, &name)).collect();
                (signature.lifetimes().iter().map(name).collect(), types)
            }
            None => (lifetimes.clone(), args.iter().map(|arg| arg.ty.clone()).collect()),
        };
        let declared = match (&self.point.signature, used.split_first()) {
            (Some(_), Some((first, within))) => quote!(#first, #(#within: #first,)*),
            _ => list(&used),
        };
        let parameters = args.iter().zip(&types).map(|(Arg { ident, .. }, ty)| quote!(#ident: #ty)).collect();
        let (used, names) = (list(&used), self.names());
        Kept { declared, used: quote!(#used #names), parameters, types }
    }

    /// `topic, …`
    pub(crate) fn arguments(&self) -> Vec<&Ident> {
        self.point.args.iter().map(|arg| &arg.ident).collect()
    }
}
