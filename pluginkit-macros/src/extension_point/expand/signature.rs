//! A point that the library passes on by its signature: its types, and a few functions over its arguments.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use syn::{Lifetime, Type};

use crate::extension_point::expand::checks::reducer;
use crate::extension_point::expand::compare::associated;
use crate::extension_point::expand::{Expansion, calls};
use crate::extension_point::model::{Arg, Mode, Passing, Signature};
use crate::support::lifetimes::with_each_lifetime;
use crate::support::names::{self, local};

impl Expansion<'_> {
    /// Returns the expansion of a point with this signature.
    pub(super) fn signature(&self, signature: &Signature) -> TokenStream {
        let krate = &self.specs.krate;
        let the_impl = if signature.is_wide() { self.wide(signature) } else { self.narrow(signature) };
        let event = (self.point.mode == Mode::Historic).then(|| calls::event(self));
        let nexts = (self.point.mode != Mode::Historic).then(|| {
            let (next, async_next) = (self.next(), krate.if_async(|| self.async_next()));
            quote!(#next #async_next)
        });
        let (caller, local_caller) = (self.caller(), krate.if_local(|| self.local_caller()));
        let async_caller = krate.if_async(|| self.async_caller());
        quote! {
            #the_impl
            #event
            #nexts
            #caller
            #local_caller
            #async_caller
        }
    }

    /// Returns the parts that all signatures have.
    pub(super) fn common(&self) -> TokenStream {
        let Self { specs, rt, shape, returns, .. } = self;
        let (specs, form) = (specs.path(), self.form());
        let (info, nexts, errors) = (self.info(), self.nexts(), self.text_of_error());
        let returned = associated(&quote!(Return), returns, names::ends(&self.point.returns));
        quote! {
            type Specs = #specs;
            type Form = #rt::#form;
            type Shape = #shape;
            #returned
            #info
            #nexts
            #errors
        }
    }

    /// Returns the types of the arguments during a call.
    pub(super) fn held_types(&self, types: &[Type]) -> Vec<TokenStream> {
        let held = |(arg, ty): (&Arg, &Type)| match arg.passing {
            Passing::Give | Passing::Threaded => quote!(::core::option::Option<#ty>),
            _ => quote!(#ty),
        };
        self.point.args.iter().zip(types).map(held).collect()
    }

    /// Returns the `Signature` of a point with one lifetime.
    fn narrow(&self, signature: &Signature) -> TokenStream {
        let (rt, kind, args) = (&self.rt, self.path("Point"), self.ident("Args"));
        let (generics, bounds) = (self.of_impl(), self.bounds());
        let fields = self.arguments();
        let (held, last) = (local("held"), local("last"));
        let of = quote!(#held);
        let (peeks, gives, moves) = (self.peeks(&of), self.gives(&of, &quote!(#last)), self.moves(&of));
        let types = &signature.types;
        let held_types = self.held_types(types);
        let x = Lifetime::new("'__a", Span::mixed_site());
        let peeked = types.iter().map(|ty: &Type| with_each_lifetime(ty, &x));
        let holds = self.hold_fields();
        let common = self.common();
        let associated: TokenStream = [
            (quote!(Args<'__a>), quote!(#args<#(#types),*>)),
            (quote!(Held<'__a>), quote!(#args<#(#held_types),*>)),
            (quote!(Peeked<#x>), quote!(#args<#(&#x #peeked),*>)),
        ]
        .into_iter()
        .map(|(name, ty)| associated(&name, &ty, self.place_of_args()))
        .collect();
        let (share, offload, threaded) = (
            self.share(),
            self.specs.krate.if_tokio(|| self.offload_by_signature()),
            self.threads_argument(),
        );
        quote! {
            #[automatically_derived]
            impl #generics #rt::Signature for #kind #bounds {
                #common
                #associated
                #[inline]
                fn open<'__w, '__a: '__w>(#held: Self::Held<'__a>) -> Self::Args<'__w> {
                    #args { #(#fields: #moves),* }
                }
                #[inline]
                fn close<'__a>(#args { #(#fields),* }: Self::Args<'__a>) -> Self::Held<'__a> {
                    #holds
                }
                #[inline]
                fn peek<#x>(#held: &#x Self::Held<'_>) -> Self::Peeked<#x> {
                    #args { #(#fields: #peeks),* }
                }
                #[inline]
                fn give<'__a>(#held: &'__a mut Self::Held<'_>, #last: ::core::primitive::bool) -> Self::Args<'__a> {
                    #args { #(#fields: #gives),* }
                }
                #share
                #offload
            }
            #threaded
        }
    }

    /// Returns the types of `next` in the signature.
    fn nexts(&self) -> TokenStream {
        let Self { specs, rt, .. } = self;
        let rest = local("rest");
        let (next, async_next, names) = (self.ident("Next"), self.ident("AsyncNext"), self.names());
        let (types, values) = if self.point.mode == Mode::Historic {
            (
                [quote!(#rt::Rest<'__n, Self>), quote!(#rt::AsyncRest<'__n, Self>)],
                [quote!(#rest), quote!(#rest)],
            )
        } else {
            (
                [quote!(#next<'__n, #names>), quote!(#async_next<'__n, #names>)],
                [quote!(#next(#rest)), quote!(#async_next(#rest))],
            )
        };
        let ([next, async_next], [made, async_made]) = (types, values);
        let asynchronous = specs.krate.if_async(|| {
            quote! {
                type AsyncNext<'__n> = #async_next;
                #[inline]
                fn async_next(#rest: #rt::AsyncRest<'_, Self>) -> Self::AsyncNext<'_> {
                    #async_made
                }
            }
        });
        quote! {
            type Next<'__n> = #next;
            #[inline]
            fn next(#rest: #rt::Rest<'_, Self>) -> Self::Next<'_> {
                #made
            }
            #asynchronous
        }
    }

    /// Returns the name of the mode in the library.
    fn form(&self) -> TokenStream {
        if let Some(reducer) = reducer(self.specs, self.point) {
            return quote!(Reduces<#reducer>);
        }
        let name = match self.point.mode {
            Mode::Collecting => "Collects",
            Mode::FirstResult => "AnswersFirst",
            Mode::HandsOn(_) => "HandsOn",
            Mode::PipelineInPlace => "EditsInPlace",
            Mode::Pipeline(_) if self.threads_copies() => "ThreadsIfAny",
            Mode::Pipeline(_) => "Threads",
            Mode::Historic => "Remembers",
        };
        let name = format_ident!("{name}");
        quote!(#name)
    }

    /// Returns the access to the threaded argument.
    fn threads_argument(&self) -> TokenStream {
        let Some(position) = self.point.mode.running() else { return TokenStream::new() };
        let (rt, kind) = (&self.rt, self.path("Point"));
        let (generics, bounds) = (self.of_impl(), self.bounds());
        let Arg { ident, .. } = &self.point.args[position];
        let held = local("held");
        let (threaded, spare) = self.running(&quote!(#held.#ident));
        quote! {
            #[automatically_derived]
            impl #generics #rt::ThreadsArgument for #kind #bounds {
                #[inline]
                fn threaded<'__s>(
                    #held: &'__s mut Self::Held<'_>,
                ) -> &'__s mut ::core::option::Option<#rt::RunningOf<Self>> {
                    #threaded
                }
                #[inline]
                fn spare(#held: &Self::Held<'_>) -> ::core::option::Option<#rt::RunningOf<Self>> {
                    use #rt::spare::{IsClone as _, IsNotClone as _};
                    #spare
                }
            }
        }
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
        let rt = &self.rt;
        let [error, boxed, kept] = ["error", "boxed", "kept"].map(local);
        let keep = (self.point.mode != Mode::Historic).then(|| {
            quote! {
                #[inline]
                fn keep(
                    #error: #rt::ErrorOf<Self>,
                ) -> ::core::result::Result<
                    ::std::boxed::Box<dyn ::core::any::Any + ::core::marker::Send>,
                    #rt::ErrorOf<Self>,
                > {
                    use #rt::describe::{IsSend as _, IsNotSend as _};
                    let mut #boxed = #rt::describe::Boxed(::core::option::Option::Some(#error));
                    let #kept = (&mut &mut #boxed).kept();
                    #boxed.or_back(#kept)
                }
            }
        });
        quote! {
            #[inline]
            fn error_text(#error: &#rt::ErrorOf<Self>) -> ::core::option::Option<::std::string::String> {
                use #rt::describe::{ByDebug as _, ByDisplay as _, ByType as _};
                ::core::option::Option::Some((&&&#rt::describe::Describe(#error)).text())
            }
            #keep
        }
    }

    /// Returns the function that runs an extension on the blocking pool.
    fn offload_by_signature(&self) -> TokenStream {
        if !self.may_offload() {
            return TokenStream::new();
        }
        let rt = &self.rt;
        let (args, held, extension) = (self.ident("Args"), local("held"), local("extension"));
        let (offloads, fields) = (self.offloads(), self.arguments());
        let (owns, uses) = self.owned(&quote!(#held));
        let work = self.work(&extension, &quote!(#args { #(#fields: #uses),* }));
        quote! {
            const OFFLOADS: ::core::primitive::bool = #offloads;
            #[inline]
            fn offload<'__w>(
                #held: &Self::Held<'_>,
                #extension: #rt::Shared<<Self as #rt::PointTypes>::Extension>,
            ) -> ::core::option::Option<#rt::ExtensionFuture<'__w, Self::Return>> {
                #(#owns)*
                #work
            }
        }
    }
}
