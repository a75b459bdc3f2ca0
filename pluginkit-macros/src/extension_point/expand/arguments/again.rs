//! The rest of a call that runs more than once: its arguments, and what they need.

use proc_macro2::TokenStream;
use quote::quote;

use crate::extension_point::expand::Expansion;
use crate::extension_point::expand::docs::CLONE;
use crate::extension_point::model::{Arg, Passing};
use crate::support::lifetimes::without_lifetimes;

impl Expansion<'_> {
    /// Returns the arguments of one of several runs of the rest of a call.
    pub(crate) fn repeats(&self, of: &TokenStream, last: &TokenStream) -> Vec<TokenStream> {
        let rt = &self.rt;
        let repeat = |(Arg { ident, passing, .. }, give): (&Arg, _)| match passing {
            Passing::Threaded => quote!(#rt::spare::give(#last, &mut #of.#ident, |#of| {
                use #rt::spare::{IsClone as _, IsNotClone as _};
                (&&#rt::spare::Running(#of)).spare()
            })),
            _ => give,
        };
        self.point.args.iter().zip(self.gives(of, last)).map(repeat).collect()
    }

    /// Returns the arguments of one of several runs of the rest of an async call.
    pub(crate) fn async_repeats(&self, of: &TokenStream) -> Vec<TokenStream> {
        let Self { rt, shape, .. } = self;
        let repeat = |(index, arg): (usize, &Arg)| {
            let Arg { ident, passing, .. } = arg;
            let clone = self.function("clone", index);
            match passing {
                Passing::Copy => quote!(#of.#ident),
                Passing::Reborrow => quote!(&mut *#of.#ident),
                Passing::ReborrowIfAny => quote!(::core::option::Option::as_deref_mut(&mut #of.#ident)),
                Passing::Give if self.is_apart(arg) => quote!(#clone(&#of.#ident)),
                Passing::Give => quote!(<#shape as #rt::CloneArgument<_>>::clone(&#of.#ident)),
                Passing::Threaded => quote!({
                    use #rt::spare::{IsNotRepeated as _, IsRepeated as _};
                    (&&#rt::spare::Repeated(&#of.#ident)).repeat()
                }),
            }
        };
        self.point.args.iter().enumerate().map(repeat).collect()
    }

    /// Returns the type of the argument that is not `Clone` of necessity, so that the rest of a call may not run again.
    fn unrepeated(&self) -> Option<syn::Type> {
        let threaded = self.point.args.iter().find(|arg| matches!(arg.passing, Passing::Threaded))?;
        Some(without_lifetimes(&threaded.ty))
    }

    /// The same, if generic specs decide whether it is `Clone`.
    fn repeats_generic(&self) -> Option<syn::Type> {
        self.unrepeated().filter(|ty| self.specs.parameters.are_in(ty))
    }

    /// Returns what the rest of a call needs to run again.
    pub(crate) fn runs_again(&self) -> TokenStream {
        let (rt, kind) = (&self.rt, self.path("Point"));
        let (generics, bounds) = (self.of_impl(), self.bounds());
        let argument = self.unrepeated().map_or_else(|| quote!(()), |ty| quote!(#ty));
        let is_repeated = self.repeats_generic().map(|ty| {
            quote! {
                const IS_REPEATED: bool = {
                    use #rt::spare::NotRepeated as _;
                    #rt::spare::Repeats::<#ty>::IS_REPEATED
                };
            }
        });
        quote! {
            #[automatically_derived]
            impl #generics #rt::RunsAgain for #kind #bounds {
                type Argument = #argument;
                #is_repeated
            }
        }
    }

    /// Returns the `Clone` of the type `next`.
    pub(crate) fn clone_of_next(&self, next: &proc_macro2::Ident) -> TokenStream {
        let (rt, visibility) = (&self.rt, &self.specs.visibility);
        let (declared, names, predicates) = (self.declared(), self.names(), self.predicates());
        // For all `'__h`: without it, the compiler reports an unmet bound here and not at the call of `clone`.
        let kind = self.path("Point");
        let bounds = self.unrepeated().map(|ty| quote!(for<'__h> #ty: #rt::RepeatedArgument<#kind>));
        let check = self.repeats_generic().map(|_| quote!(const { #rt::repeats::<#kind>() };));
        // A method of its own explains an unmet bound.
        let explained = bounds.as_ref().map(|bounds| {
            let clone = self.method("clone");
            quote! {
                impl<'__n, #declared> #next<'__n, #names>
                where
                    #predicates
                {
                    #[doc = #CLONE]
                    #[inline]
                    #visibility fn #clone(&self) -> Self
                    where
                        #bounds,
                    {
                        #check
                        Self(::core::clone::Clone::clone(&self.0))
                    }
                }
            }
        });
        quote! {
            #explained
            #[automatically_derived]
            impl<'__n, #declared> ::core::clone::Clone for #next<'__n, #names>
            where
                #predicates
                #bounds
            {
                #[inline]
                fn clone(&self) -> Self {
                    #check
                    Self(::core::clone::Clone::clone(&self.0))
                }
            }
        }
    }
}
