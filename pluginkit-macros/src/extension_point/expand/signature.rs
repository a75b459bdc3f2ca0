//! A point for which one lifetime is enough: it implements `Signature`, and the library does the rest.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use syn::Lifetime;

use crate::extension_point::expand::Expansion;
use crate::extension_point::model::{Arg, Mode, Passing};
use crate::support::lifetimes::with_lifetime;
use crate::support::names::local;

impl Expansion<'_> {
    /// Returns the `Signature` of a point that [has one](crate::extension_point::model::Point::has_signature).
    pub(super) fn signature(&self) -> TokenStream {
        let Self { specs, point, rt, shape, returns, .. } = self;
        let (specs, kind, args) = (&specs.ident, self.ident("Point"), self.ident("Args"));
        let fields = self.arguments();
        let form = self.form();
        let (held, last) = (local("held"), local("last"));
        let of = quote!(#held);
        let (peeks, gives, moves) = (self.peeks(&of), self.gives(&of, &quote!(#last)), self.moves(&of));
        let [a, x] = ["'__a", "'__x"].map(lifetime);
        let types: Vec<_> = point.args.iter().map(|arg| with_lifetime(&arg.ty, &a, false)).collect();
        let peeked = point.args.iter().map(|arg| with_lifetime(&arg.ty, &x, false));
        let held_types = point.args.iter().zip(&types).map(|(arg, ty)| match arg.passing {
            Passing::Copy | Passing::Reborrow => quote!(#ty),
            Passing::Give | Passing::Threaded => quote!(::core::option::Option<#ty>),
        });
        let holds = self.hold_fields();
        let info = self.info();
        let (share, error_text, offload) = (self.share(), self.text_of_error(), self.offload_by_signature());
        let marks = self.marks();
        let krate = &self.specs.krate;
        let (next, async_next, rest) = (self.ident("Next"), self.ident("AsyncNext"), local("rest"));
        let (next_type, async_next_type) = (self.next(), self.async_next());
        let (caller, async_caller) = (self.caller(), self.async_caller());
        quote! {
            #[automatically_derived]
            impl #rt::Signature for #kind {
                type Specs = #specs;
                type Form = #rt::#form;
                type Shape = #shape;
                type Return = #returns;
                type Args<#a> = #args<#(#types),*>;
                type Held<#a> = #args<#(#held_types),*>;
                type Peeked<#x> = #args<#(&#x #peeked),*>;
                #info
                #[inline]
                fn open<'__w, #a: '__w>(#held: Self::Held<#a>) -> Self::Args<'__w> {
                    #args { #(#fields: #moves),* }
                }
                #[inline]
                fn close<#a>(#args { #(#fields),* }: Self::Args<#a>) -> Self::Held<#a> {
                    #holds
                }
                #[inline]
                fn peek<#x>(#held: &#x Self::Held<'_>) -> Self::Peeked<#x> {
                    #args { #(#fields: #peeks),* }
                }
                #[inline]
                fn give<#a>(#held: &#a mut Self::Held<'_>, #last: ::core::primitive::bool) -> Self::Args<#a> {
                    #args { #(#fields: #gives),* }
                }
                type Next<'__n> = #next<'__n>;
                #[inline]
                fn next(#rest: #rt::Rest<'_, Self>) -> Self::Next<'_> {
                    #next(#rest)
                }
                #krate::__if_async! {
                    type AsyncNext<'__n> = #async_next<'__n>;
                    #[inline]
                    fn async_next(#rest: #rt::AsyncRest<'_, Self>) -> Self::AsyncNext<'_> {
                        #async_next(#rest)
                    }
                }
                #share
                #error_text
                #offload
            }
            #next_type
            #caller
            #krate::__if_async! {
                #async_next_type
                #async_caller
            }
            #marks
        }
    }

    /// Returns the name of the mode in the library.
    fn form(&self) -> proc_macro2::Ident {
        let name = match self.point.mode {
            Mode::Collecting => "Collects",
            Mode::FirstResult => "AnswersFirst",
            Mode::PipelineInPlace => "EditsInPlace",
            Mode::Pipeline(_) if self.threads_copies() => "ThreadsIfAny",
            Mode::Pipeline(_) => "Threads",
            Mode::Historic => unreachable!("a historic point has no signature"),
        };
        format_ident!("{name}")
    }

    /// Returns the further traits of the point.
    fn marks(&self) -> TokenStream {
        let (rt, kind) = (&self.rt, self.ident("Point"));
        if let Mode::Pipeline(position) = self.point.mode {
            let Arg { ident, .. } = &self.point.args[position];
            let held = local("held");
            return quote! {
                #[automatically_derived]
                impl #rt::ThreadsArgument for #kind {
                    #[inline]
                    fn threaded<'__s>(
                        #held: &'__s mut Self::Held<'_>,
                    ) -> &'__s mut ::core::option::Option<#rt::ItemOf<Self>> {
                        &mut #held.#ident
                    }
                    #[inline]
                    fn spare(#held: &Self::Held<'_>) -> ::core::option::Option<#rt::ItemOf<Self>> {
                        use #rt::spare::{IsClone as _, IsNotClone as _};
                        (&&#rt::spare::Running(&#held.#ident)).spare()
                    }
                }
            };
        }
        TokenStream::new()
    }

    /// Returns the function for the arguments of concurrent extensions.
    fn share(&self) -> TokenStream {
        if !self.is_concurrent() {
            return TokenStream::new();
        }
        let (args, held, fields) = (self.ident("Args"), local("held"), self.arguments());
        let clones = self.clones(&quote!(#held));
        quote! {
            #[inline]
            fn share<'__w, '__a: '__w>(#held: &Self::Held<'__a>) -> Self::Args<'__w> {
                #args { #(#fields: #clones),* }
            }
        }
    }

    /// Returns the functions that describe an error, for observers, and that keep it.
    fn text_of_error(&self) -> TokenStream {
        if !self.point.shape.is_fallible() {
            return TokenStream::new();
        }
        let (rt, error) = (&self.rt, local("error"));
        quote! {
            #[inline]
            fn error_text(#error: &#rt::ErrorOf<Self>) -> ::core::option::Option<::std::string::String> {
                use #rt::describe::{ByDebug as _, ByDisplay as _, ByType as _};
                ::core::option::Option::Some((&&&#rt::describe::Describe(#error)).text())
            }
            #[inline]
            fn keep(
                #error: #rt::ErrorOf<Self>,
            ) -> ::core::option::Option<::std::boxed::Box<dyn ::core::any::Any + ::core::marker::Send>> {
                use #rt::describe::{IsSend as _, IsNotSend as _};
                (&mut &mut #rt::describe::Boxed(::core::option::Option::Some(#error))).kept()
            }
        }
    }

    /// Returns the function that runs an extension on the blocking pool.
    fn offload_by_signature(&self) -> TokenStream {
        if !self.may_offload() {
            return TokenStream::new();
        }
        let (krate, rt) = (&self.specs.krate, &self.rt);
        let (args, held, extension) = (self.ident("Args"), local("held"), local("extension"));
        let (offloads, fields) = (self.offloads(), self.arguments());
        let (owns, uses) = self.owned(&quote!(#held));
        let work = self.work(&extension, &quote!(#args { #(#fields: #uses),* }));
        quote! {
            #krate::__if_tokio! {
                const OFFLOADS: ::core::primitive::bool = #offloads;
                #[inline]
                fn offload<'__w>(
                    #held: &Self::Held<'_>,
                    #extension: #rt::Shared<<Self as #rt::PointTypes>::Extension>,
                ) -> ::core::option::Option<#krate::__private::ExtensionFuture<'__w, Self::Return>> {
                    #(#owns)*
                    #work
                }
            }
        }
    }
}

fn lifetime(name: &str) -> Lifetime {
    Lifetime::new(name, Span::mixed_site())
}
