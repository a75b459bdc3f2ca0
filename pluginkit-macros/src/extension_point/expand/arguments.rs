//! The arguments of a call: how they reach one extension or wrapper, and how closures ask for them.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::extension_point::expand::Expansion;
use crate::extension_point::model::{Arg, Mode, Passing, Shape, list};
use crate::support::lifetimes::{Find, head};
use crate::support::names::local;

impl Expansion<'_> {
    /// The struct by which closures ask for arguments by name, and which holds them during a call.
    pub(super) fn args(&self) -> TokenStream {
        let visibility = &self.specs.visibility;
        let args = self.ident("Args");
        let fields = self.arguments();
        let types: Vec<_> = (0..fields.len()).map(|index| format_ident!("__{index}")).collect();
        quote! {
            #visibility struct #args<#(#types),*> {
                #(#visibility #fields: #types,)*
            }
        }
    }

    /// The arguments during a call: owned ones in an `Option`, to be given away.
    pub(super) fn held(&self) -> TokenStream {
        let args = self.ident("Args");
        let types = self.point.args.iter().map(|Arg { ty, passing, .. }| match passing {
            Passing::Copy | Passing::Reborrow => quote!(#ty),
            Passing::Give | Passing::Threaded => quote!(::core::option::Option<#ty>),
        });
        quote!(#args<#(#types),*>)
    }

    /// The arguments of a call, which are variables, on their way to extensions.
    pub(super) fn hold(&self) -> TokenStream {
        if !self.point.has_signature() {
            return self.hold_fields();
        }
        let (rt, kind, args, fields) = (&self.rt, self.ident("Point"), self.ident("Args"), self.arguments());
        quote!(#rt::Passing::<#kind>::new(#args { #(#fields),* }))
    }

    /// The value of [`held`](Self::held), of arguments that are variables.
    pub(super) fn hold_fields(&self) -> TokenStream {
        let args = self.ident("Args");
        let fields = self.point.args.iter().map(|Arg { ident, passing, .. }| match passing {
            Passing::Copy | Passing::Reborrow => quote!(#ident),
            Passing::Give | Passing::Threaded => quote!(#ident: ::core::option::Option::Some(#ident)),
        });
        quote!(#args { #(#fields),* })
    }

    /// Whether an extension that abstains leaves the threaded argument as it was, so that it gets a copy.
    pub(super) fn threads_copies(&self) -> bool {
        !matches!(self.point.shape, Shape::Values | Shape::TryValues)
    }

    /// How the loop of the mode is called.
    pub(super) fn dispatch(&self) -> proc_macro2::Ident {
        format_ident!(
            "{}",
            match self.point.mode {
                Mode::Collecting | Mode::PipelineInPlace | Mode::Historic => "collect",
                Mode::FirstResult => "first",
                Mode::Pipeline(_) if self.threads_copies() => "thread_optional",
                Mode::Pipeline(_) => "thread",
            }
        )
    }

    /// The arguments as predicates see them.
    pub(super) fn peeks(&self, of: &TokenStream) -> Vec<TokenStream> {
        let rt = &self.rt;
        let peek = |Arg { ident, passing, .. }: &Arg| match passing {
            Passing::Copy | Passing::Reborrow => quote!(&#of.#ident),
            Passing::Give | Passing::Threaded => quote!(#rt::peek(&#of.#ident)),
        };
        self.point.args.iter().map(peek).collect()
    }

    /// The arguments as one extension gets them.
    pub(super) fn gives(&self, of: &TokenStream, last: &TokenStream) -> Vec<TokenStream> {
        let Self { rt, shape, .. } = self;
        let give = |Arg { ident, passing, .. }: &Arg| match passing {
            Passing::Copy => quote!(#of.#ident),
            Passing::Reborrow => quote!(&mut *#of.#ident),
            Passing::Give => quote!(<#shape as #rt::CloneArgument<_>>::give(#last, &mut #of.#ident)),
            Passing::Threaded if self.threads_copies() => {
                quote!(<#shape as #rt::CloneArgument<_>>::clone(#rt::peek(&#of.#ident)))
            }
            Passing::Threaded => quote!(#rt::take(&mut #of.#ident)),
        };
        self.point.args.iter().map(give).collect()
    }

    /// The arguments as the one wrapper gets them that takes all.
    pub(super) fn moves(&self, of: &TokenStream) -> Vec<TokenStream> {
        let rt = &self.rt;
        let give = |Arg { ident, passing, .. }: &Arg| match passing {
            Passing::Copy | Passing::Reborrow => quote!(#of.#ident),
            Passing::Give | Passing::Threaded => quote!(#rt::take_for_wrapper(#of.#ident)),
        };
        self.point.args.iter().map(give).collect()
    }

    /// How the arguments of a call reach extensions and wrappers.
    pub(super) fn arguments_impls(&self) -> TokenStream {
        let Self { point, rt, shape, returns, outcome, .. } = self;
        let kind = self.ident("Point");
        let lifetimes = list(&point.lifetimes);
        let bounds = &point.where_clause;
        let held = self.held();
        let (extension, last, wrapper, next) =
            (local("extension"), local("last"), local("wrapper"), local("next"));
        let (peeks, gives) = (self.peeks(&quote!(self)), self.gives(&quote!(self), &quote!(#last)));
        let extension_type = self.ident("Extension");
        let error_text = self.error_text(&quote!(error_text), returns, &quote!(returned_error));
        let keep = self.keep();
        let threaded = match point.mode {
            Mode::Pipeline(position) => {
                let Arg { ident, .. } = &point.args[position];
                // The item of the reading: the check that it is the argument's type has been made.
                let item = quote!(<#shape as #rt::Returns<#returns>>::Item);
                quote! {
                    #[automatically_derived]
                    impl<#lifetimes> #rt::ThreadedArguments<#item> for #held #bounds {
                        #[inline]
                        fn threaded(&mut self) -> &mut ::core::option::Option<#item> {
                            &mut self.#ident
                        }
                        fn spare(&self) -> ::core::option::Option<#item> {
                            use #rt::spare::{IsClone as _, IsNotClone as _};
                            (&&#rt::spare::Running(&self.#ident)).spare()
                        }
                    }
                }
            }
            _ => TokenStream::new(),
        };
        let wraps = (point.mode != Mode::Historic).then(|| {
            let (wrapper_type, next_type) = (self.ident("Wrapper"), self.ident("Next"));
            let moves = self.moves(&quote!(self));
            let error_text = self.error_text(&quote!(outcome_error_text), outcome, &quote!(error));
            quote! {
                #[automatically_derived]
                impl<#lifetimes> #rt::WrapArguments<#kind, #outcome> for #held #bounds {
                    #[inline]
                    fn accepts_wrapper(&self, #wrapper: &dyn #wrapper_type) -> ::core::primitive::bool {
                        #wrapper.accepts(#(#peeks),*)
                    }
                    #[inline]
                    fn wrap(self, #wrapper: &dyn #wrapper_type, #next: #rt::Rest<'_, #kind>) -> #outcome {
                        #wrapper.wrap(#next_type(#next), #(#moves),*)
                    }
                    #error_text
                }
            }
        });
        quote! {
            #[automatically_derived]
            impl<#lifetimes> #rt::Arguments<#kind, #returns> for #held #bounds {
                #[inline]
                fn accepts(&self, #extension: &dyn #extension_type) -> ::core::primitive::bool {
                    #extension.accepts(#(#peeks),*)
                }
                #[inline]
                fn call(&mut self, #extension: &dyn #extension_type, #last: ::core::primitive::bool) -> #returns {
                    #extension.call(#(#gives),*)
                }
                #error_text
                #keep
            }
            #threaded
            #wraps
        }
    }

    /// How an error is kept until the call ends, unless it borrows, as far as tokens can tell.
    fn keep(&self) -> TokenStream {
        let Self { point, rt, shape, returns, .. } = self;
        let error = match head(&point.returns) {
            Some((name, types)) if name == "Result" && types.len() == 2 => types[1],
            _ => &point.returns,
        };
        let borrows = Find::in_type(error).named.iter().any(|named| named.ident != "static");
        if borrows || !point.shape.is_fallible() || point.mode == Mode::Historic {
            return TokenStream::new();
        }
        let (returned, error) = (local("returned"), local("error"));
        let kept = quote!(::std::boxed::Box<dyn ::core::any::Any + ::core::marker::Send>);
        quote! {
            fn keep(#returned: #returns) -> ::core::option::Option<#kept> {
                use #rt::describe::{IsSend as _, IsNotSend as _};
                let #error = ::core::result::Result::err(<#shape as #rt::Returns<#returns>>::split(#returned));
                (&mut &mut #rt::describe::Boxed(#error)).kept()
            }
            fn kept(#error: #kept) -> ::core::option::Option<#returns> {
                #rt::describe::kept::<#shape, #returns>(#error)
            }
        }
    }

    /// How the arguments of an async call reach extensions and wrappers.
    pub(super) fn async_arguments_impls(&self) -> TokenStream {
        let Self { specs, point, rt, returns, outcome, .. } = self;
        let (krate, slot) = (&specs.krate, local("slot"));
        let kind = self.ident("Point");
        let lifetimes = list(&point.lifetimes);
        let bounds = &point.where_clause;
        let held = self.held();
        let (extension, last, wrapper, next) =
            (local("extension"), local("last"), local("wrapper"), local("next"));
        let (peeks, gives) = (self.peeks(&quote!(self)), self.gives(&quote!(self), &quote!(#last)));
        let extension_type = self.ident("AsyncExtension");
        let concurrently = self.is_concurrent().then(|| {
            let clones = self.clones(&quote!(self));
            quote! {
                fn call_concurrently<'__w>(
                    &self,
                    #extension: &'__w dyn #extension_type,
                    #slot: #rt::FutureSlot<'__w, #returns>,
                ) -> #krate::ExtensionFuture<'__w, #returns>
                where
                    Self: '__w,
                {
                    #extension.call(#slot, #(#clones),*)
                }
            }
        });
        let offload = self.offload();
        let wraps = (point.mode != Mode::Historic).then(|| {
            let (wrapper_type, next_type) = (self.ident("AsyncWrapper"), self.ident("AsyncNext"));
            let moves = self.moves(&quote!(self));
            quote! {
                #[automatically_derived]
                impl<#lifetimes> #rt::AsyncWrapArguments<#kind, #outcome> for #held #bounds {
                    fn accepts_async_wrapper(&self, #wrapper: &dyn #wrapper_type) -> ::core::primitive::bool {
                        #wrapper.accepts(#(#peeks),*)
                    }
                    fn wrap_async<'__w>(
                        self,
                        #wrapper: &'__w dyn #wrapper_type,
                        #next: #rt::AsyncRest<'__w, #kind>,
                    ) -> #krate::ExtensionFuture<'__w, #outcome>
                    where
                        Self: '__w,
                    {
                        #wrapper.wrap(#next_type(#next), #(#moves),*)
                    }
                }
            }
        });
        quote! {
            #[automatically_derived]
            impl<#lifetimes> #rt::AsyncArguments<#kind, #returns> for #held #bounds {
                fn accepts_async(&self, #extension: &dyn #extension_type) -> ::core::primitive::bool {
                    #extension.accepts(#(#peeks),*)
                }
                #[inline]
                fn call_async<'__s>(
                    &'__s mut self,
                    #extension: &'__s dyn #extension_type,
                    #slot: #rt::FutureSlot<'__s, #returns>,
                    #last: ::core::primitive::bool,
                ) -> #krate::ExtensionFuture<'__s, #returns> {
                    #extension.call(#slot, #(#gives),*)
                }
                #concurrently
                #offload
            }
            #wraps
        }
    }

    /// The arguments as each of several extensions gets them that run at once.
    pub(super) fn clones(&self, of: &TokenStream) -> Vec<TokenStream> {
        let Self { rt, shape, .. } = self;
        let clone = |Arg { ident, passing, .. }: &Arg| match passing {
            Passing::Give => quote!(<#shape as #rt::CloneArgument<_>>::clone(#rt::peek(&#of.#ident))),
            _ => quote!(#of.#ident),
        };
        self.point.args.iter().map(clone).collect()
    }

    /// Whether the arguments and the result can go to the blocking pool at all, as far as their types say:
    /// they borrow at most at their top.
    pub(super) fn may_offload(&self) -> bool {
        let borrows = |ty: &syn::Type| Find::in_type(ty).named.iter().any(|named| named.ident != "static");
        let stays = |arg: &Arg| borrows(arg.remembered());
        !borrows(&self.point.returns) && !self.point.args.iter().any(stays)
    }

    /// Whether the arguments and the result can go to the blocking pool, as a constant expression.
    pub(super) fn offloads(&self) -> TokenStream {
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

    /// How an extension runs on the blocking pool.
    fn offload(&self) -> TokenStream {
        if !self.may_offload() {
            return TokenStream::new();
        }
        let Self { specs, returns, .. } = self;
        let krate = &specs.krate;
        let extension = local("extension");
        let extension_type = self.ident("Extension");
        let (owns, uses) = self.owned(&quote!(self));
        let work = self.work(&extension, &quote!(#(#uses),*));
        quote! {
            #krate::__if_tokio! {
                fn offload<'__w>(
                    &self,
                    #extension: &'__w ::std::sync::Arc<dyn #extension_type>,
                ) -> ::core::option::Option<#krate::ExtensionFuture<'__w, #returns>> {
                    #(#owns)*
                    #work
                }
            }
        }
    }

    /// What makes owned arguments of those of a call, and the arguments again.
    pub(super) fn owned(&self, of: &TokenStream) -> (Vec<TokenStream>, Vec<TokenStream>) {
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
                    Passing::Copy | Passing::Reborrow => quote!(&#of.#ident),
                };
                owns.push(quote!(let #owned = (&&#rt::offload::ValueArgument(#value)).own();));
                uses.push(quote!(#owned.take()));
            }
        }
        (owns, uses)
    }

    /// The work for the pool that runs `extension` with `arguments`.
    pub(super) fn work(&self, extension: &proc_macro2::Ident, arguments: &TokenStream) -> TokenStream {
        let (rt, work) = (&self.rt, local("work"));
        quote! {
            let #extension = ::core::clone::Clone::clone(#extension);
            let mut #work = #rt::offload::Work::new(move || #extension.call(#arguments));
            (&mut &mut #work).start()
        }
    }

    /// Whether extensions of the point may be under way at once.
    pub(super) fn is_concurrent(&self) -> bool {
        let is_exclusive = |arg: &Arg| matches!(arg.passing, Passing::Reborrow);
        self.point.mode == Mode::Collecting && !self.point.args.iter().any(is_exclusive)
    }

    /// A function `name` that describes the error which `Returns::$error` finds in a `ty`.
    fn error_text(&self, name: &TokenStream, ty: &TokenStream, error: &TokenStream) -> TokenStream {
        let Self { point, rt, shape, returns, .. } = self;
        if !point.shape.is_fallible() {
            return TokenStream::new();
        }
        let (value, found) = (local("value"), local("error"));
        quote! {
            fn #name(#value: &#ty) -> ::core::option::Option<::std::string::String> {
                use #rt::describe::{ByDebug as _, ByDisplay as _, ByType as _};
                let #found = <#shape as #rt::Returns<#returns>>::#error(#value)?;
                ::core::option::Option::Some((&&&#rt::describe::Describe(#found)).text())
            }
        }
    }
}
