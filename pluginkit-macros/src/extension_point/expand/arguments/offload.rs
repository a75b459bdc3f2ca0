//! The arguments of an extension that runs on the blocking pool.

use proc_macro2::TokenStream;
use quote::quote;

use crate::extension_point::expand::Expansion;
use crate::extension_point::model::{Arg, Passing};
use crate::support::lifetimes::Find;
use crate::support::names::local;

impl Expansion<'_> {
    /// Returns whether the arguments and the result can move to the blocking pool, as far as tokens tell: only the outermost
    /// type may borrow.
    pub(crate) fn may_offload(&self) -> bool {
        let borrows = |ty: &syn::Type| Find::in_type(ty).named.iter().any(|named| named.ident != "static");
        let stays = |arg: &Arg| borrows(arg.remembered());
        !borrows(&self.point.returns) && !self.point.args.iter().any(stays)
    }

    /// Returns whether the arguments and the result can move to the blocking pool, as a constant expression.
    pub(crate) fn offloads(&self) -> TokenStream {
        let Self { point, rt, returns, .. } = self;
        if !self.may_offload() {
            return quote!(false);
        }
        let offload = quote!(#rt::offload);
        let each = point.args.iter().map(|arg| match arg.reference().or(arg.optional_reference()) {
            Some(referent) => quote!(#offload::ByOwnedForm::<#referent>::IS_SENDABLE),
            None => {
                let ty = &arg.ty;
                quote!(#offload::ByClone::<#ty>::IS_SENDABLE)
            }
        });
        quote!({
            use #offload::NotSendable as _;
            #offload::AsResult::<#returns>::IS_SENDABLE #(&& #each)*
        })
    }

    /// Returns the function that runs an extension on the blocking pool.
    pub(super) fn offload(&self) -> TokenStream {
        if !self.may_offload() {
            return TokenStream::new();
        }
        let Self { specs, returns, rt, .. } = self;
        let extension = local("extension");
        let extension_type = self.path("Extension");
        let (owns, uses) = self.owned(&quote!(self));
        let work = self.work(&extension, &quote!(#(#uses),*));
        specs.krate.if_tokio(|| {
            quote! {
                fn offload<'__w>(
                    &self,
                    #extension: #rt::Shared<dyn #extension_type>,
                ) -> ::core::option::Option<#rt::ExtensionFuture<'__w, #returns>> {
                    #(#owns)*
                    #work
                }
            }
        })
    }

    /// Returns the statements that own the arguments of a call, and the expressions that use them.
    pub(crate) fn owned(&self, of: &TokenStream) -> (Vec<TokenStream>, Vec<TokenStream>) {
        let rt = &self.rt;
        let traits = quote!(use #rt::offload::{CanOffload as _, HasOwnedForm as _, CannotOffload as _, HasNoOwnedForm as _};);
        let (mut owns, mut uses) = (vec![traits], Vec::new());
        for (index, arg) in self.point.args.iter().enumerate() {
            let ident = &arg.ident;
            let owned = local(&format!("owned_{index}"));
            if arg.reference().is_some() {
                owns.push(quote!(let #owned = (&&#rt::offload::BorrowedArgument(#of.#ident)).own();));
                uses.push(quote!(#owned.get()));
            } else if arg.optional_reference().is_some() {
                let value = local("value");
                let own = quote!((&&#rt::offload::BorrowedArgument(#value)).own());
                owns.push(quote!(let #owned = #rt::peek(&#of.#ident).map(|#value| #own);));
                uses.push(quote!(#owned.as_ref().map(|#value| #value.get())));
            } else {
                let value = match arg.passing {
                    Passing::Give | Passing::Threaded => quote!(#rt::peek(&#of.#ident)),
                    _ => quote!(&#of.#ident),
                };
                owns.push(quote!(let #owned = (&&#rt::offload::ValueArgument(#value)).own();));
                uses.push(quote!(#owned.take()));
            }
        }
        (owns, uses)
    }

    /// Returns the work for the pool: a call of `extension` with `arguments`.
    pub(crate) fn work(&self, extension: &proc_macro2::Ident, arguments: &TokenStream) -> TokenStream {
        let (rt, work) = (&self.rt, local("work"));
        quote! {
            let mut #work = #rt::offload::Work::new(move || #extension.call(#arguments));
            (&mut &mut #work).start()
        }
    }
}
