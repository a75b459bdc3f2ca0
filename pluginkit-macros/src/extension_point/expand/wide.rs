//! A point with lifetimes within the types of its arguments: its signature.
//!
//! The signature of a point with one lifetime has the types of its arguments as associated types. Here, another trait has
//! them, whose parameters are the lifetimes.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Type;

use crate::extension_point::expand::Expansion;
use crate::extension_point::expand::compare::associated;
use crate::extension_point::model::{Arg, Signature};
use crate::support::names::local;

impl Expansion<'_> {
    /// Returns the `WideSignature` of a point, and the types of its arguments.
    pub(super) fn wide(&self, signature: &Signature) -> TokenStream {
        let (rt, kind, args) = (&self.rt, self.path("Point"), self.ident("Args"));
        let (generics, declared, bounds) = (self.of_impl(), self.declared(), self.bounds());
        let fields = self.arguments();
        let (held, last) = (local("held"), local("last"));
        let of = quote!(#held);
        let (peeks, gives, moves) = (self.peeks(&of), self.gives(&of, &quote!(#last)), self.moves(&of));
        let (holds, common, types) = (self.hold_fields(), self.common(), &signature.types);
        let held_types = self.held_types(types);
        let peeked = types.iter().map(|ty: &Type| quote!(&'__a #ty));
        let associated: TokenStream = [
            (quote!(Args), quote!(#args<#(#types),*>)),
            (quote!(Held), quote!(#args<#(#held_types),*>)),
            (quote!(Peeked), quote!(#args<#(#peeked),*>)),
        ]
        .into_iter()
        .map(|(name, ty)| associated(&name, &ty, self.place_of_args()))
        .collect();
        let (share, threaded) = (self.share_wide(), self.threads_wide());
        let held_of_a = quote!(#rt::wide::HeldOf<'__a, '__b, '__c, Self>);
        quote! {
            #[automatically_derived]
            impl<'__a, '__b, '__c, #declared> #rt::wide::ArgumentTypes<'__a, '__b, '__c> for #kind #bounds {
                #associated
            }
            #[automatically_derived]
            impl #generics #rt::wide::WideSignature for #kind #bounds {
                #common
                #[inline]
                fn open<'__w, '__a: '__w, '__b: '__a, '__c: '__a>(
                    #held: #held_of_a,
                ) -> #rt::wide::ArgsOf<'__w, '__b, '__c, Self> {
                    #args { #(#fields: #moves),* }
                }
                #[inline]
                fn close<'__a, '__b: '__a, '__c: '__a>(
                    #args { #(#fields),* }: #rt::wide::ArgsOf<'__a, '__b, '__c, Self>,
                ) -> #held_of_a {
                    #holds
                }
                #[inline]
                fn peek<'__x, '__a: '__x, '__b: '__a, '__c: '__a>(
                    #held: &'__x #held_of_a,
                ) -> #rt::wide::PeekedOf<'__x, '__b, '__c, Self> {
                    #args { #(#fields: #peeks),* }
                }
                #[inline]
                fn give<'__s, '__a: '__s, '__b: '__a, '__c: '__a>(
                    #held: &'__s mut #held_of_a,
                    #last: ::core::primitive::bool,
                ) -> #rt::wide::ArgsOf<'__s, '__b, '__c, Self> {
                    #args { #(#fields: #gives),* }
                }
                #share
            }
            #threaded
        }
    }

    /// Returns the function for the arguments of concurrent extensions.
    fn share_wide(&self) -> TokenStream {
        if !self.is_concurrent() {
            return TokenStream::new();
        }
        let (rt, args, held, fields) = (&self.rt, self.ident("Args"), local("held"), self.arguments());
        let clones = self.clones(&quote!(#held));
        quote! {
            #[inline]
            fn share<'__w, '__a: '__w, '__b: '__a, '__c: '__a>(
                #held: &#rt::wide::HeldOf<'__a, '__b, '__c, Self>,
            ) -> #rt::wide::ArgsOf<'__w, '__b, '__c, Self> {
                #args { #(#fields: #clones),* }
            }
        }
    }

    /// Returns the access to the threaded argument.
    fn threads_wide(&self) -> TokenStream {
        let Some(position) = self.point.mode.running() else {
            return TokenStream::new();
        };
        let (rt, kind) = (&self.rt, self.path("Point"));
        let (generics, bounds) = (self.of_impl(), self.bounds());
        let Arg { ident, .. } = &self.point.args[position];
        let held = local("held");
        let (threaded, spare) = self.running(&quote!(#held.#ident));
        quote! {
            #[automatically_derived]
            impl #generics #rt::wide::WideThreadsArgument for #kind #bounds {
                #[inline]
                fn threaded<'__s, '__a: '__s, '__b: '__a, '__c: '__a>(
                    #held: &'__s mut #rt::wide::HeldOf<'__a, '__b, '__c, Self>,
                ) -> &'__s mut ::core::option::Option<#rt::RunningOf<Self>> {
                    #threaded
                }
                #[inline]
                fn spare<'__a, '__b: '__a, '__c: '__a>(
                    #held: &#rt::wide::HeldOf<'__a, '__b, '__c, Self>,
                ) -> ::core::option::Option<#rt::RunningOf<Self>> {
                    use #rt::spare::{IsClone as _, IsNotClone as _};
                    #spare
                }
            }
        }
    }
}
