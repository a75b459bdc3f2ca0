//! The arguments of predicates, extensions and wrappers, as expressions.

use proc_macro2::TokenStream;
use quote::quote;

use crate::extension_point::expand::Expansion;
use crate::extension_point::model::{Arg, Passing};

impl Expansion<'_> {
    /// Returns the arguments of predicates.
    pub(crate) fn peeks(&self, of: &TokenStream) -> Vec<TokenStream> {
        let rt = &self.rt;
        let peek = |Arg { ident, passing, .. }: &Arg| match passing {
            Passing::Give | Passing::Threaded => quote!(#rt::peek(&#of.#ident)),
            _ => quote!(&#of.#ident),
        };
        self.point.args.iter().map(peek).collect()
    }

    /// Returns the arguments of one extension.
    pub(crate) fn gives(&self, of: &TokenStream, last: &TokenStream) -> Vec<TokenStream> {
        let Self { rt, shape, .. } = self;
        let give = |(index, arg): (usize, &Arg)| {
            let Arg { ident, passing, .. } = arg;
            let is_apart = self.is_apart(arg);
            let clone = self.function("clone", index);
            match passing {
                Passing::Copy => quote!(#of.#ident),
                Passing::Reborrow => quote!(&mut *#of.#ident),
                Passing::ReborrowIfAny => quote!(::core::option::Option::as_deref_mut(&mut #of.#ident)),
                Passing::Give if is_apart => {
                    quote!(if #last { #rt::take_last(&mut #of.#ident) } else { #clone(#rt::peek(&#of.#ident)) })
                }
                Passing::Give => quote!(<#shape as #rt::CloneArgument<_>>::give(#last, &mut #of.#ident)),
                Passing::Threaded if self.threads_copies() && is_apart => {
                    quote!(#clone(#rt::peek(&#of.#ident)))
                }
                Passing::Threaded if self.threads_copies() => {
                    quote!(<#shape as #rt::CloneArgument<_>>::clone(#rt::peek(&#of.#ident)))
                }
                Passing::Threaded => quote!(#rt::take(&mut #of.#ident)),
            }
        };
        self.point.args.iter().enumerate().map(give).collect()
    }

    /// Returns the arguments of one of several concurrent extensions.
    pub(crate) fn clones(&self, of: &TokenStream) -> Vec<TokenStream> {
        let Self { rt, shape, .. } = self;
        let clone = |(index, arg): (usize, &Arg)| {
            let Arg { ident, passing, .. } = arg;
            let clone = self.function("clone", index);
            match passing {
                Passing::Give if self.is_apart(arg) => quote!(#clone(#rt::peek(&#of.#ident))),
                Passing::Give => quote!(<#shape as #rt::CloneArgument<_>>::clone(#rt::peek(&#of.#ident))),
                _ => quote!(#of.#ident),
            }
        };
        self.point.args.iter().enumerate().map(clone).collect()
    }

    /// Returns the arguments of a wrapper.
    pub(crate) fn moves(&self, of: &TokenStream) -> Vec<TokenStream> {
        let rt = &self.rt;
        let give = |Arg { ident, passing, .. }: &Arg| match passing {
            Passing::Give | Passing::Threaded => quote!(#rt::take_for_wrapper(#of.#ident)),
            _ => quote!(#of.#ident),
        };
        self.point.args.iter().map(give).collect()
    }

    /// Returns the access to the running value, and a copy of it.
    pub(crate) fn running(&self, of: &TokenStream) -> (TokenStream, TokenStream) {
        let rt = &self.rt;
        let spare = quote!((&&#rt::spare::Running(&#of)).spare());
        match self.runs_apart() {
            Some(position) => {
                let running = self.function("running", position);
                (quote!(#running(&mut #of)), quote!(#running(&mut #spare).take()))
            }
            None => (quote!(&mut #of), spare),
        }
    }

    /// Returns whether one extension at a time has an argument.
    pub(crate) fn is_exclusive(&self) -> bool {
        self.point.args.iter().any(|arg| arg.passing.is_exclusive())
    }
}
