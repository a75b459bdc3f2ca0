//! The arguments of a call: their struct, and their path to extensions and wrappers.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::extension_point::expand::Expansion;
use crate::extension_point::expand::checks::reducer;
use crate::extension_point::model::{Arg, Mode, Passing, Relation, Shape, list};
use crate::support::lifetimes::{Find, head, without_lifetimes};
use crate::support::names::local;

impl Expansion<'_> {
    /// Returns the struct of the arguments, with a field for each. It also holds them during a call.
    pub(super) fn args(&self) -> TokenStream {
        let visibility = &self.specs.visibility;
        let args = self.ident("Args");
        let fields = self.arguments();
        let types: Vec<_> = (0..fields.len()).map(|index| format_ident!("__{index}")).collect();
        let witness = self.witness().map(|_| (quote!(__Bounds), quote!(__bounds: __Bounds,)));
        let (parameter, field) = witness.unwrap_or_default();
        quote! {
            #visibility struct #args<#(#types,)* #parameter> {
                #(#visibility #fields: #types,)*
                #field
            }
        }
    }

    /// Returns the type of the arguments during a call: owned ones are in an `Option`.
    pub(super) fn held(&self) -> TokenStream {
        let args = self.ident("Args");
        let types = self.point.args.iter().map(|Arg { ty, passing, .. }| match passing {
            Passing::Give | Passing::Threaded => quote!(::core::option::Option<#ty>),
            _ => quote!(#ty),
        });
        let witness = self.witness();
        quote!(#args<#(#types,)* #witness>)
    }

    /// Returns the last parameter of the struct of arguments, by which its type implies the bounds between lifetimes.
    pub(super) fn witness(&self) -> Option<TokenStream> {
        let witnessed = self.witnessed()?;
        Some(quote!(::core::marker::PhantomData<#witnessed>))
    }

    /// Returns the type of what the last field of the struct of arguments is a witness of.
    fn witnessed(&self) -> Option<TokenStream> {
        if self.point.signature.is_some() {
            return None;
        }
        let relation = |Relation { longer, shorter }: &Relation| quote!(&#shorter &#longer ());
        let relations = self.point.relations.iter().map(relation);
        // A point that is expanded in full has impls for its arguments, which then must use all parameters.
        let marker = self.specs.parameters.marker();
        let is_needed = !self.point.relations.is_empty() || marker.is_some();
        is_needed.then(|| quote!((#(#relations,)* #marker)))
    }

    /// Returns the struct of the arguments with these fields, as an expression or a pattern.
    pub(super) fn struct_of(&self, fields: &[TokenStream]) -> TokenStream {
        let args = self.ident("Args");
        let witness =
            self.witnessed().map(|witnessed| quote!(__bounds: ::core::marker::PhantomData::<#witnessed>));
        quote!(#args { #(#fields,)* #witness })
    }

    /// Returns the struct of the arguments, from variables.
    pub(super) fn struct_of_variables(&self) -> TokenStream {
        let fields: Vec<_> = self.point.args.iter().map(|Arg { ident, .. }| quote!(#ident)).collect();
        self.struct_of(&fields)
    }

    /// Returns the arguments of a call, from variables.
    pub(super) fn hold(&self) -> TokenStream {
        let Some(signature) = &self.point.signature else { return self.hold_fields() };
        let (rt, kind, args, fields) = (&self.rt, self.path("Point"), self.ident("Args"), self.arguments());
        if signature.is_wide() {
            let held = self.hold_fields();
            return quote!(#rt::wide::PassingAs::<#kind, _>::held(#held));
        }
        quote!(#rt::Passing::<#kind>::new(#args { #(#fields),* }))
    }

    /// Returns a value of the type [`held`](Self::held), from variables.
    pub(super) fn hold_fields(&self) -> TokenStream {
        let fields = self.point.args.iter().map(|Arg { ident, passing, .. }| match passing {
            Passing::Give | Passing::Threaded => quote!(#ident: ::core::option::Option::Some(#ident)),
            _ => quote!(#ident),
        });
        self.struct_of(&fields.collect::<Vec<_>>())
    }

    /// Returns whether extensions may abstain, so that they get a copy of the threaded argument.
    pub(super) fn threads_copies(&self) -> bool {
        !matches!(self.point.shape, Shape::Values | Shape::TryValues)
    }

    /// Returns the types that the loop of the mode has as parameters, before that of the arguments.
    pub(super) fn dispatch_types(&self) -> TokenStream {
        let Self { specs, point, shape, returns, .. } = self;
        let reducer = reducer(specs, point).into_iter();
        quote!(#(#reducer,)* #shape, #returns)
    }

    /// Returns the name of the loop of the mode.
    pub(super) fn dispatch(&self) -> proc_macro2::Ident {
        if self.point.reduce.is_some() {
            return format_ident!("reduce");
        }
        format_ident!(
            "{}",
            match self.point.mode {
                Mode::Collecting | Mode::PipelineInPlace | Mode::Historic => "collect",
                Mode::FirstResult => "first",
                Mode::HandsOn(_) => "hand_on",
                Mode::Pipeline(_) if self.threads_copies() => "thread_optional",
                Mode::Pipeline(_) => "thread",
            }
        )
    }

    /// Returns the arguments of predicates.
    pub(super) fn peeks(&self, of: &TokenStream) -> Vec<TokenStream> {
        let rt = &self.rt;
        let peek = |Arg { ident, passing, .. }: &Arg| match passing {
            Passing::Give | Passing::Threaded => quote!(#rt::peek(&#of.#ident)),
            _ => quote!(&#of.#ident),
        };
        self.point.args.iter().map(peek).collect()
    }

    /// Returns the arguments of one extension.
    pub(super) fn gives(&self, of: &TokenStream, last: &TokenStream) -> Vec<TokenStream> {
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

    /// Returns the arguments of one of several runs of the rest of a call.
    pub(super) fn repeats(&self, of: &TokenStream, last: &TokenStream) -> Vec<TokenStream> {
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
    pub(super) fn async_repeats(&self, of: &TokenStream) -> Vec<TokenStream> {
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

    /// Returns whether one extension at a time has an argument.
    pub(super) fn is_exclusive(&self) -> bool {
        self.point.args.iter().any(|arg| arg.passing.is_exclusive())
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
    pub(super) fn runs_again(&self) -> TokenStream {
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
    pub(super) fn clone_of_next(&self, next: &proc_macro2::Ident) -> TokenStream {
        let (rt, visibility) = (&self.rt, &self.specs.visibility);
        let (declared, names, predicates) = (self.declared(), self.names(), self.predicates());
        // For all `'__h`: without it, the compiler reports an unmet bound here and not at the call of `clone`.
        let bounds = self.unrepeated().map(|ty| quote!(for<'__h> #ty: #rt::RepeatedArgument));
        let check = self.repeats_generic().map(|_| {
            let kind = self.path("Point");
            quote!(const { #rt::repeats::<#kind>() };)
        });
        // A method of its own explains an unmet bound.
        let explained = bounds.as_ref().map(|bounds| {
            let clone = self.method("clone");
            quote! {
                impl<'__n, #declared> #next<'__n, #names>
                where
                    #predicates
                {
                    /// Returns a `next` that runs the rest of the call once more.
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

    /// Returns the arguments of a wrapper.
    pub(super) fn moves(&self, of: &TokenStream) -> Vec<TokenStream> {
        let rt = &self.rt;
        let give = |Arg { ident, passing, .. }: &Arg| match passing {
            Passing::Give | Passing::Threaded => quote!(#rt::take_for_wrapper(#of.#ident)),
            _ => quote!(#of.#ident),
        };
        self.point.args.iter().map(give).collect()
    }

    /// Returns the path of the arguments of a call to extensions and wrappers.
    pub(super) fn arguments_impls(&self) -> TokenStream {
        let Self { point, rt, shape, returns, outcome, .. } = self;
        let (kind, declared) = (self.path("Point"), self.declared());
        let lifetimes = list(&point.lifetimes);
        let bounds = self.all_bounds();
        let held = self.held();
        let (extension, last, wrapper, next) =
            (local("extension"), local("last"), local("wrapper"), local("next"));
        let (peeks, gives) = (self.peeks(&quote!(self)), self.gives(&quote!(self), &quote!(#last)));
        let extension_type = self.path("Extension");
        let error_text = self.error_text(&quote!(error_text), returns, &quote!(returned_error));
        let keep = self.keep();
        let threaded = match point.mode.running() {
            Some(position) => {
                let Arg { ident, .. } = &point.args[position];
                // The checks assert that this is the type of the argument.
                let item = quote!(<#shape as #rt::Returns<#returns>>::Item);
                let item = match point.mode {
                    Mode::HandsOn(_) => quote!(<#item as #rt::Handover>::Argument),
                    _ => item,
                };
                let (threaded, spare) = self.running(&quote!(self.#ident));
                quote! {
                    #[automatically_derived]
                    impl<#lifetimes #declared> #rt::ThreadedArguments<#item> for #held #bounds {
                        #[inline]
                        fn threaded(&mut self) -> &mut ::core::option::Option<#item> {
                            #threaded
                        }
                        fn spare(&self) -> ::core::option::Option<#item> {
                            use #rt::spare::{IsClone as _, IsNotClone as _};
                            #spare
                        }
                    }
                }
            }
            None => TokenStream::new(),
        };
        let wraps = {
            let (wrapper_type, next_type) = (self.path("Wrapper"), self.ident("Next"));
            let moves = self.moves(&quote!(self));
            let error_text = self.error_text(&quote!(outcome_error_text), outcome, &quote!(error));
            quote! {
                #[automatically_derived]
                impl<#lifetimes #declared> #rt::WrapArguments<#kind, #outcome> for #held #bounds {
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
        };
        quote! {
            #[automatically_derived]
            impl<#lifetimes #declared> #rt::Arguments<#kind, #returns> for #held #bounds {
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

    /// Returns the functions that keep an error until the call ends, unless it borrows, as far as tokens tell.
    fn keep(&self) -> TokenStream {
        let Self { point, rt, shape, returns, .. } = self;
        let error = match head(&point.returns) {
            Some((name, types)) if name == "Result" && types.len() == 2 => types[1],
            _ => &point.returns,
        };
        let borrows = Find::in_type(error).named.iter().any(|named| named.ident != "static");
        if borrows || !point.shape.is_fallible() {
            return TokenStream::new();
        }
        let [returned, error, boxed, held] = ["returned", "error", "boxed", "held"].map(local);
        let kept = quote!(::std::boxed::Box<dyn ::core::any::Any + ::core::marker::Send>);
        let reading = quote!(<#shape as #rt::Returns<#returns>>);
        quote! {
            fn keep(#returned: #returns) -> ::core::result::Result<#kept, #returns> {
                use #rt::describe::{IsSend as _, IsNotSend as _};
                if #reading::returned_error(&#returned).is_none() {
                    return ::core::result::Result::Err(#returned);
                }
                let mut #boxed = #rt::describe::Boxed(::core::result::Result::err(#reading::split(#returned)));
                let #held = (&mut &mut #boxed).kept();
                #boxed.or_back(#held).map_err(#reading::failed)
            }
            fn kept(#error: #kept) -> ::core::option::Option<#returns> {
                #rt::describe::kept::<#shape, #returns>(#error)
            }
        }
    }

    /// Returns the access to the running value, and a copy of it.
    pub(super) fn running(&self, of: &TokenStream) -> (TokenStream, TokenStream) {
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

    /// Returns the path of the arguments of an async call to extensions and wrappers.
    pub(super) fn async_arguments_impls(&self) -> TokenStream {
        let Self { specs, point, rt, returns, outcome, .. } = self;
        let (krate, slot) = (&specs.krate, local("slot"));
        let (kind, declared) = (self.path("Point"), self.declared());
        let lifetimes = list(&point.lifetimes);
        let bounds = self.all_bounds();
        let held = self.held();
        let (extension, last, wrapper, next) =
            (local("extension"), local("last"), local("wrapper"), local("next"));
        let (peeks, gives) = (self.peeks(&quote!(self)), self.gives(&quote!(self), &quote!(#last)));
        let extension_type = self.path("AsyncExtension");
        let concurrently = self.is_concurrent().then(|| {
            let clones = self.clones(&quote!(self));
            quote! {
                fn call_concurrently<'__w>(
                    &self,
                    #extension: &'__w dyn #extension_type,
                    #slot: #rt::FutureSlot<'__w, #returns>,
                ) -> #krate::__private::ExtensionFuture<'__w, #returns>
                where
                    Self: '__w,
                {
                    #extension.call(#slot, #(#clones),*)
                }
            }
        });
        let offload = self.offload();
        let wraps = {
            let (wrapper_type, next_type) = (self.path("AsyncWrapper"), self.ident("AsyncNext"));
            let moves = self.moves(&quote!(self));
            quote! {
                #[automatically_derived]
                impl<#lifetimes #declared> #rt::AsyncWrapArguments<#kind, #outcome> for #held #bounds {
                    fn accepts_async_wrapper(&self, #wrapper: &dyn #wrapper_type) -> ::core::primitive::bool {
                        #wrapper.accepts(#(#peeks),*)
                    }
                    fn wrap_async<'__w>(
                        self,
                        #wrapper: &'__w dyn #wrapper_type,
                        #next: #rt::AsyncRest<'__w, #kind>,
                    ) -> #krate::__private::ExtensionFuture<'__w, #outcome>
                    where
                        Self: '__w,
                    {
                        #wrapper.wrap(#next_type(#next), #(#moves),*)
                    }
                }
            }
        };
        quote! {
            #[automatically_derived]
            impl<#lifetimes #declared> #rt::AsyncArguments<#kind, #returns> for #held #bounds {
                fn accepts_async(&self, #extension: &dyn #extension_type) -> ::core::primitive::bool {
                    #extension.accepts(#(#peeks),*)
                }
                #[inline]
                fn call_async<'__s>(
                    &'__s mut self,
                    #extension: &'__s dyn #extension_type,
                    #slot: #rt::FutureSlot<'__s, #returns>,
                    #last: ::core::primitive::bool,
                ) -> #krate::__private::ExtensionFuture<'__s, #returns> {
                    #extension.call(#slot, #(#gives),*)
                }
                #concurrently
                #offload
            }
            #wraps
        }
    }

    /// Returns the arguments of one of several concurrent extensions.
    pub(super) fn clones(&self, of: &TokenStream) -> Vec<TokenStream> {
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

    /// Returns whether the arguments and the result can move to the blocking pool, as far as tokens tell: only the outermost
    /// type may borrow.
    pub(super) fn may_offload(&self) -> bool {
        let borrows = |ty: &syn::Type| Find::in_type(ty).named.iter().any(|named| named.ident != "static");
        let stays = |arg: &Arg| borrows(arg.remembered());
        !borrows(&self.point.returns) && !self.point.args.iter().any(stays)
    }

    /// Returns whether the arguments and the result can move to the blocking pool, as a constant expression.
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

    /// Returns the function that runs an extension on the blocking pool.
    fn offload(&self) -> TokenStream {
        if !self.may_offload() {
            return TokenStream::new();
        }
        let Self { specs, returns, rt, .. } = self;
        let krate = &specs.krate;
        let extension = local("extension");
        let extension_type = self.path("Extension");
        let (owns, uses) = self.owned(&quote!(self));
        let work = self.work(&extension, &quote!(#(#uses),*));
        quote! {
            #krate::__if_tokio! {
                fn offload<'__w>(
                    &self,
                    #extension: #rt::Shared<dyn #extension_type>,
                ) -> ::core::option::Option<#krate::__private::ExtensionFuture<'__w, #returns>> {
                    #(#owns)*
                    #work
                }
            }
        }
    }

    /// Returns the statements that own the arguments of a call, and the expressions that use them.
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
                    _ => quote!(&#of.#ident),
                };
                owns.push(quote!(let #owned = (&&#rt::offload::ValueArgument(#value)).own();));
                uses.push(quote!(#owned.take()));
            }
        }
        (owns, uses)
    }

    /// Returns the work for the pool: a call of `extension` with `arguments`.
    pub(super) fn work(&self, extension: &proc_macro2::Ident, arguments: &TokenStream) -> TokenStream {
        let (rt, work) = (&self.rt, local("work"));
        quote! {
            let mut #work = #rt::offload::Work::new(move || #extension.call(#arguments));
            (&mut &mut #work).start()
        }
    }

    /// Returns whether extensions of the point can run concurrently.
    pub(super) fn is_concurrent(&self) -> bool {
        self.point.mode == Mode::Collecting && !self.is_exclusive()
    }

    /// Returns a function `name` that describes the error that `Returns::$error` finds in a `ty`.
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
