//! The calls of a point: the methods of its callers and of `next`.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote};

use crate::extension_point::expand::checks::checks;
use crate::extension_point::expand::docs::{
    CALL, CALL_HISTORIC, CALL_HISTORIC_WITH, RESULTS, RUN, SETTLE, SETTLE_HISTORIC, TRY_CALL,
    TRY_CALL_HISTORIC,
};
use crate::extension_point::expand::parameters::unused;
use crate::extension_point::expand::{Expansion, Kept};
use crate::extension_point::model::{Arg, Mode, list};
use crate::support::names::{local, mention};

/// Returns `next.run(…)`, and the same for a wrapper without arguments.
pub(crate) fn run(expansion: &Expansion<'_>) -> TokenStream {
    let Expansion { specs, point, outcome, .. } = expansion;
    let types_of_call = expansion.dispatch_types();
    let [run, run_with] = ["run", "run_with"].map(|name| expansion.method(name));
    let (visibility, rt) = (&specs.visibility, &expansion.rt);
    let (next, args, values) =
        (expansion.ident("Next"), expansion.ident("Args"), expansion.struct_of_variables());
    let arguments = expansion.arguments();
    // The elided lifetimes of an object are not those of the signature.
    let has_object = |arg: &Arg| mention(arg.written.to_token_stream(), &|word| word == "dyn").is_some();
    let (lifetimes, parameters) = if point.args.iter().any(has_object) {
        (list(&point.lifetimes), expansion.parameters())
    } else {
        expansion.shown()
    };
    let bounds = &point.where_clause;
    let (declared, names, specs_bounds) = (expansion.declared(), expansion.names(), expansion.bounds());
    let (hold, dispatch) = (expansion.hold(), expansion.dispatch());
    let [held, rest, last] = ["held", "rest", "last"].map(local);
    let (holds, gives) = (expansion.hold_fields(), expansion.repeats(&quote!(#held), &quote!(#last)));
    let Kept { declared: kept, used, types, .. } = expansion.kept();
    let witness = expansion.witness();
    // No use of the arguments tells the type of the witness.
    let unknown = types.iter().map(|_| quote!(_));
    let of = witness.as_ref().map(|witness| quote!(: #args<#(#unknown,)* #witness>));
    let (clone, runs_again) = (expansion.clone_of_next(&next), expansion.runs_again());
    quote! {
        #clone
        #runs_again
        impl<'__n, #declared> #next<'__n, #names> #specs_bounds {
            #[doc = #RUN]
            #[inline]
            #visibility fn #run<#lifetimes>(self, #(#parameters),*) -> #outcome #bounds {
                self.0.#dispatch::<#types_of_call, _>(#hold)
            }

            // Returns a function that runs the rest of the call with unchanged arguments, perhaps for the last time.
            #[doc(hidden)]
            #[inline]
            #visibility fn #run_with<#kept>(
                self,
                #values: #args<#(#types,)* #witness>,
            ) -> impl ::core::ops::FnMut(::core::primitive::bool) -> #outcome + use<'__n, #used> #bounds {
                let mut #rest = ::core::option::Option::Some(self.0);
                let mut #held #of = #holds;
                move |#last| {
                    let #rest = <() as #rt::CloneArgument<_>>::give(#last, &mut #rest);
                    #(let #arguments = #gives;)*
                    Self(#rest).run(#(#arguments),*)
                }
            }
        }
    }
}

impl Expansion<'_> {
    /// Returns the caller of a sync manager.
    pub(super) fn caller(&self) -> TokenStream {
        let methods = if self.point.mode == Mode::Historic {
            let (declared, parameters) = self.shown();
            Historic { declared, parameters, captured: None, is_local: false }.calls(self)
        } else {
            let mut methods = methods(self, &TokenStream::new());
            methods.extend(self.around());
            methods
        };
        self.caller_type(&self.ident("Caller"), &quote!(Synchronous), &methods)
    }

    /// Returns a hidden method of this name for points that are not collecting. Its bound explains the mistake.
    pub(super) fn no_results_one_by_one(&self, method: &str) -> TokenStream {
        let (rt, visibility, method) = (&self.rt, &self.specs.visibility, self.method(method));
        let (lifetimes, parameters) = self.shown();
        let parameters = unused(parameters);
        quote! {
            #[doc(hidden)]
            #visibility fn #method<#lifetimes __H>(&self, #(#parameters),*)
            where
                Self: #rt::Iterates<__H>,
            {
                ::core::unreachable!()
            }
        }
    }

    /// Returns a hidden `settle` for points whose extensions hand an argument on. Its bound explains the mistake.
    pub(super) fn no_settle(&self, output: &TokenStream) -> TokenStream {
        let (rt, visibility, method) = (&self.rt, &self.specs.visibility, self.method("settle"));
        let (lifetimes, parameters) = self.shown();
        let parameters = unused(parameters);
        quote! {
            #[doc(hidden)]
            #visibility fn #method<#lifetimes __H>(&self, #(#parameters),*) -> #output
            where
                Self: #rt::Settles<__H>,
            {
                ::core::unreachable!()
            }
        }
    }

    /// Returns the caller type of the point for one kind of manager, with these methods.
    pub(super) fn caller_type(
        &self,
        caller: &Ident,
        kind: &TokenStream,
        methods: &TokenStream,
    ) -> TokenStream {
        let Self { specs, rt, .. } = self;
        let (point, generics, bounds) = (self.path("Point"), self.of_impl(), self.bounds());
        let arguments = specs.parameters.of_path();
        let callable = quote! {
            impl #generics #rt::Callable<#rt::#kind> for #point #bounds {
                type Caller = #caller #arguments;
            }
        };
        let of_kind = CallerType {
            lifetime: None,
            documentation: format!("The caller of `{}::{}`.", specs.ident, self.point.ident),
            handle: quote!(#rt::Handle<#point, #rt::#kind>),
            callable,
            constructor: quote!(#rt::PointCaller<#point, #rt::#kind>),
        };
        of_kind.definition(self, caller, methods)
    }
}

/// What the callers of one kind of manager have of their own.
pub(super) struct CallerType {
    /// `'__p,`
    pub(super) lifetime: Option<TokenStream>,
    pub(super) documentation: String,
    /// The type of the handle that the caller holds.
    pub(super) handle: TokenStream,
    /// The impl by which a manager knows the caller of a point.
    pub(super) callable: TokenStream,
    /// The trait with the constructor.
    pub(super) constructor: TokenStream,
}

impl CallerType {
    /// Returns the struct and its impls.
    pub(super) fn definition(
        &self,
        expansion: &Expansion<'_>,
        caller: &Ident,
        methods: &TokenStream,
    ) -> TokenStream {
        let Self { lifetime, documentation, handle, callable, constructor } = self;
        let (visibility, bounds) = (&expansion.specs.visibility, expansion.bounds());
        let (declared, names) = (expansion.declared(), expansion.names());
        let in_brackets = |parameters: TokenStream| (!parameters.is_empty()).then(|| quote!(<#parameters>));
        let (generics, arguments) =
            (in_brackets(quote!(#lifetime #declared)), in_brackets(quote!(#lifetime #names)));
        let value = local("handle");
        quote! {
            #[doc = #documentation]
            #visibility struct #caller #generics(#handle) #bounds;
            #[automatically_derived]
            #callable
            #[automatically_derived]
            impl #generics #constructor for #caller #arguments #bounds {
                #[inline]
                fn new(#value: #handle) -> Self {
                    Self(#value)
                }
            }
            #[automatically_derived]
            impl #generics ::core::ops::Deref for #caller #arguments #bounds {
                type Target = #handle;
                #[inline]
                fn deref(&self) -> &Self::Target {
                    &self.0
                }
            }
            #[automatically_derived]
            impl #generics ::core::clone::Clone for #caller #arguments #bounds {
                #[inline]
                fn clone(&self) -> Self {
                    Self(::core::clone::Clone::clone(&self.0))
                }
            }
            #[automatically_derived]
            impl #generics ::core::fmt::Debug for #caller #arguments #bounds {
                #[inline]
                fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    ::core::fmt::Debug::fmt(&self.0, f)
                }
            }
            impl #generics #caller #arguments #bounds { #methods }
        }
    }
}

/// Returns the calls of a point that is not historic. A lazy call captures the lifetimes of the `caller`, too.
pub(super) fn methods(expansion: &Expansion<'_>, caller: &TokenStream) -> TokenStream {
    let mut methods = plain(expansion);
    methods.extend(if expansion.point.mode == Mode::Collecting {
        iter(expansion, caller)
    } else {
        expansion.no_results_one_by_one("iter")
    });
    methods.extend(if matches!(expansion.point.mode, Mode::HandsOn(_)) {
        expansion.no_settle(&quote!(()))
    } else {
        settle(expansion)
    });
    methods
}

fn plain(expansion: &Expansion<'_>) -> TokenStream {
    let Expansion { specs, point, rt, success, outcome, error, .. } = expansion;
    let [call, try_call] = ["call", "try_call"].map(|name| expansion.method(name));
    let visibility = &specs.visibility;
    let (lifetimes, parameters) = expansion.shown();
    let bounds = &point.where_clause;
    let (hold, dispatch) = (expansion.hold(), expansion.dispatch());
    let try_dispatch = format_ident!("try_{dispatch}");
    let types_of_call = expansion.dispatch_types();
    quote! {
        #[doc = #CALL]
        #[inline]
        #visibility fn #call<#lifetimes>(&self, #(#parameters),*) -> #outcome #bounds {
            self.0.dispatch().#dispatch::<#types_of_call, _>(#hold)
        }

        #[doc = #TRY_CALL]
        #[inline]
        #visibility fn #try_call<#lifetimes>(
            &self,
            #(#parameters),*
        ) -> ::core::result::Result<#success, #rt::CallError<#error>> #bounds {
            self.0.dispatch().#try_dispatch::<#types_of_call, _>(#hold)
        }
    }
}

fn iter(expansion: &Expansion<'_>, caller: &TokenStream) -> TokenStream {
    let Expansion { specs, point, shape, returns, result, .. } = expansion;
    let iter = expansion.method("iter");
    let visibility = &specs.visibility;
    let bounds = &point.where_clause;
    let Kept { declared, used, parameters, .. } = expansion.kept();
    let hold = expansion.hold();
    quote! {
        #[doc = #RESULTS]
        #[inline]
        #visibility fn #iter<#declared>(
            &self,
            #(#parameters),*
        ) -> impl ::core::iter::Iterator<Item = #result> + use<#caller #used> #bounds {
            self.0.dispatch().results::<#shape, #returns, _>(#hold)
        }
    }
}

/// The return type and the bounds of `settle`, and the method of the handle for it.
pub(super) struct Settling {
    /// `Vec<Settled<…>>`, or `Piped<…>`
    pub(super) settlement: TokenStream,
    pub(super) bounds: TokenStream,
    pub(super) method: Ident,
}

pub(super) fn settling(expansion: &Expansion<'_>) -> Settling {
    let Expansion { point, rt, shape, returns, value, error, .. } = expansion;
    let reading = quote!(<#shape as #rt::Returns<#returns>>);
    let each = quote!(#value, #error);
    let (vec, bounds) = (quote!(::std::vec::Vec<#rt::Settled<#each>>), &point.where_clause);
    match point.mode {
        Mode::Pipeline(_) => {
            let predicates = bounds.as_ref().map(|bounds| &bounds.predicates);
            // For all `'__h`: without it, the compiler reports an unmet bound here and not at the call of `settle`.
            let bounds = quote!(where for<'__h> #reading::Item: #rt::Spare, #predicates);
            let settlement = quote!(#rt::Piped<#reading::Item, #each>);
            Settling { settlement, bounds, method: format_ident!("settle_threaded") }
        }
        Mode::FirstResult => {
            Settling { settlement: vec, bounds: quote!(#bounds), method: format_ident!("settle_first") }
        }
        _ => Settling { settlement: vec, bounds: quote!(#bounds), method: format_ident!("settle") },
    }
}

fn settle(expansion: &Expansion<'_>) -> TokenStream {
    let Expansion { specs, shape, returns, .. } = expansion;
    let settle = expansion.method("settle");
    let visibility = &specs.visibility;
    let (lifetimes, parameters) = expansion.shown();
    let (hold, Settling { settlement, bounds, method }) = (expansion.hold(), settling(expansion));
    quote! {
        #[doc = #SETTLE]
        #[inline]
        #visibility fn #settle<#lifetimes>(&self, #(#parameters),*) -> #settlement #bounds {
            self.0.dispatch().#method::<#shape, #returns, _>(#hold)
        }
    }
}

/// The remembered arguments of a historic point.
pub(super) struct Memory {
    /// The types of the owned arguments.
    pub(super) types: Vec<TokenStream>,
    /// The owned arguments.
    pub(super) snapshots: Vec<TokenStream>,
    /// The arguments of a replay.
    pub(super) recalled: TokenStream,
}

pub(super) fn memory(expansion: &Expansion<'_>) -> Memory {
    let Expansion { point, rt, shape, .. } = expansion;
    let args = expansion.ident("Args");
    let (mut types, mut snapshots, mut recalled) = (vec![], vec![], vec![]);
    for (index, arg) in point.args.iter().enumerate() {
        let ident = &arg.ident;
        let (position, index) = (index, syn::Index::from(index));
        let ty = arg.remembered();
        let keeps = quote!(<#shape as #rt::RememberArgument<#ty>>);
        let option = quote!(::core::option::Option);
        if expansion.is_apart(arg) {
            let (owned, remember) = (arg.owned(), expansion.function("remember", position));
            let is_slice = matches!(arg.remembered(), syn::Type::Slice(_));
            if arg.optional_reference().is_some() {
                let value = local("value");
                let view = if is_slice { quote!(#value.as_slice()) } else { quote!(#value) };
                types.push(quote!(#rt::Contained<#option<#owned>>));
                snapshots.push(quote!(#rt::Contained::new(#ident.map(|#value| #remember(#value)))));
                recalled.push(quote!(#ident: self.#index.as_ref().map(|#value| #view)));
            } else if arg.reference().is_some() {
                let view = if is_slice { quote!(self.#index.as_slice()) } else { quote!(&*self.#index) };
                types.push(quote!(#rt::Contained<#owned>));
                snapshots.push(quote!(#rt::Contained::new(#remember(#ident))));
                recalled.push(quote!(#ident: #view));
            } else {
                types.push(quote!(#rt::Contained<#owned>));
                let clone = expansion.function("clone", position);
                snapshots.push(quote!(#rt::Contained::new(#clone(&#ident))));
                recalled.push(quote!(#ident: #clone(&*self.#index)));
            }
        } else if arg.optional_reference().is_some() {
            types.push(quote!(#rt::Contained<#option<#keeps::Owned>>));
            snapshots.push(quote!(#rt::Contained::new(#ident.map(#keeps::remember))));
            recalled.push(quote!(#ident: self.#index.as_ref().map(#keeps::recall)));
        } else if arg.reference().is_some() {
            types.push(quote!(#rt::Contained<#keeps::Owned>));
            snapshots.push(quote!(#rt::Contained::new(#keeps::remember(#ident))));
            recalled.push(quote!(#ident: #keeps::recall(&self.#index)));
        } else {
            let owns = quote!(<#shape as #rt::CloneArgument<#ty>>);
            types.push(quote!(#rt::Contained<#owns::Value>));
            snapshots.push(quote!(#rt::Contained::new(#owns::clone(&#ident))));
            recalled.push(quote!(#ident: #owns::clone(&self.#index)));
        }
    }
    if expansion.specs.parameters.marker().is_some() {
        snapshots.push(quote!(::core::marker::PhantomData));
    }
    Memory { types, snapshots, recalled: quote!(#args { #(#recalled),* }) }
}

/// Returns the closure that boxes an error of the point.
pub(super) fn box_error(expansion: &Expansion<'_>) -> TokenStream {
    let Expansion { point, rt, shape, returns, .. } = expansion;
    let (error, text) = (local("error"), local("text"));
    if !point.shape.is_fallible() {
        return quote!(|#error| match #error {});
    }
    quote! {
        |#error: <#shape as #rt::Returns<#returns>>::Error| {
            use #rt::describe::{ByDebug as _, ByDisplay as _, IsError as _, IsNotError as _, ByType as _};
            let #text = (&&&#rt::describe::Describe(&#error)).text();
            match (&mut &mut #rt::describe::Boxed(::core::option::Option::Some(#error))).boxed() {
                ::core::option::Option::Some(#error) => #error,
                ::core::option::Option::None => ::core::convert::Into::into(#text),
            }
        }
    }
}

/// Returns the type of a remembered call.
pub(super) fn event(expansion: &Expansion<'_>) -> TokenStream {
    let Expansion { specs, rt, returns, .. } = expansion;
    let visibility = &specs.visibility;
    let (kind, event, path) = (expansion.path("Point"), expansion.ident("Event"), expansion.path("Event"));
    let (generics, bounds, marker) = (expansion.of_impl(), expansion.bounds(), specs.parameters.marker());
    let Memory { types, recalled, .. } = memory(expansion);
    // The compiler reports nothing about the arguments of an event if they fail the checks.
    let checked = if checks(specs, expansion.point, rt).is_empty() {
        quote!(#kind)
    } else {
        quote!(<#rt::Checks<{ __CHECKS }> as #rt::Passed<#kind>>::Type)
    };
    let asynchronous = specs.krate.if_async(|| {
        quote! {
            #[automatically_derived]
            impl #generics #rt::AsyncRemembered<#kind, #returns> for #path #bounds {
                type Args<'__e> = #rt::Passing<'__e, #checked>;
                fn recall_async(&self) -> Self::Args<'_> {
                    #rt::Passing::new(#recalled)
                }
            }
        }
    });
    quote! {
        #visibility struct #event #generics(#(#types,)* #marker) #bounds;
        #[automatically_derived]
        impl #generics #rt::Remembered<#kind, #returns> for #path #bounds {
            type Args<'__e> = #rt::Passing<'__e, #checked>;
            fn recall(&self) -> Self::Args<'_> {
                #rt::Passing::new(#recalled)
            }
        }
        #asynchronous
    }
}

/// What the calls of a historic point have of their own for one kind of manager.
pub(super) struct Historic {
    /// The lifetimes, like `'a,`.
    pub(super) declared: TokenStream,
    pub(super) parameters: Vec<TokenStream>,
    /// What the future of an async call captures.
    pub(super) captured: Option<TokenStream>,
    /// Whether the calls are those of a local manager.
    pub(super) is_local: bool,
}

impl Historic {
    /// Returns the return type of a call with this outcome. `more` is captured, too.
    fn returns(&self, outcome: &TokenStream, more: Option<&Ident>) -> TokenStream {
        match &self.captured {
            Some(captured) => {
                quote!(impl ::core::future::Future<Output = #outcome> + use<#captured #more>)
            }
            None => outcome.clone(),
        }
    }

    /// Returns `call_historic` and the other historic calls.
    pub(super) fn calls(&self, expansion: &Expansion<'_>) -> TokenStream {
        let Expansion { specs, rt, shape, returns, success, outcome, value, error, .. } = expansion;
        let [call_historic, try_call_historic, settle_historic, call_historic_with, call] =
            ["call_historic", "try_call_historic", "settle_historic", "call_historic_with", "call"]
                .map(|name| expansion.method(name));
        let Self { declared, parameters, captured, is_local } = self;
        let visibility = &specs.visibility;
        let (hold, box_error) = (expansion.hold(), box_error(expansion));
        let (event, Memory { snapshots, .. }) = (expansion.ident("Event"), memory(expansion));
        let [sink, remembered] = ["sink", "remembered"].map(local);
        let reading = quote!(<#shape as #rt::Returns<#returns>>);
        let lasts = if *is_local {
            quote!('__p)
        } else {
            quote!(::core::marker::Send + ::core::marker::Sync + 'static)
        };
        let takes_item = quote!(::core::ops::Fn(#reading::Item) + #lasts);
        // A future captures the type of the sink by its name. The loops of async calls have more types.
        let named = captured.as_ref().map(|_| format_ident!("__K"));
        let (sink_type, bounds) = match &named {
            Some(named) => (quote!(#named), quote!(where #named: #takes_item)),
            None => (quote!(impl #takes_item), quote!()),
        };
        let (types, types_with) = match &named {
            Some(_) => (quote!(#shape, #returns, _, _, _), quote!(#shape, #returns, _, _, _, _)),
            None => (quote!(#shape, #returns, _, _), quote!(#shape, #returns, _, _)),
        };
        let [outcome_of_call, outcome_of_try, outcome_of_settle, outcome_with] = [
            (quote!(#outcome), None),
            (quote!(::core::result::Result<#success, #rt::CallError<#error>>), None),
            (quote!(::std::vec::Vec<#rt::Settled<#value, #error>>), None),
            (quote!(#reading::Lift<()>), named.as_ref()),
        ]
        .map(|(outcome, more)| self.returns(&outcome, more));
        let unused = unused(parameters.clone());
        let outcome_of_mistake = match captured {
            Some(_) => quote!(::core::future::Ready<#outcome>),
            None => quote!(#outcome),
        };
        quote! {
            #[doc = #CALL_HISTORIC]
            #[inline]
            #visibility fn #call_historic<#declared>(&self, #(#parameters),*) -> #outcome_of_call {
                let #remembered = #event(#(#snapshots,)*);
                self.0.dispatch().historic::<#types>(#hold, #remembered, #box_error)
            }

            #[doc = #TRY_CALL_HISTORIC]
            #[inline]
            #visibility fn #try_call_historic<#declared>(&self, #(#parameters),*) -> #outcome_of_try {
                let #remembered = #event(#(#snapshots,)*);
                self.0.dispatch().try_historic::<#types>(#hold, #remembered, #box_error)
            }

            #[doc = #SETTLE_HISTORIC]
            #[inline]
            #visibility fn #settle_historic<#declared>(&self, #(#parameters),*) -> #outcome_of_settle {
                let #remembered = #event(#(#snapshots,)*);
                self.0.dispatch().settle_historic::<#types>(#hold, #remembered, #box_error)
            }

            #[doc = #CALL_HISTORIC_WITH]
            #[inline]
            #visibility fn #call_historic_with<#declared #named>(
                &self,
                #(#parameters,)*
                #sink: #sink_type,
            ) -> #outcome_with #bounds {
                let #remembered = #event(#(#snapshots,)*);
                self.0.dispatch().historic_with::<#types_with>(#hold, #remembered, #box_error, #sink)
            }

            #[doc(hidden)]
            #[inline]
            #visibility fn #call<#declared __H>(&self, #(#unused),*) -> #outcome_of_mistake
            where
                Self: #rt::Forgets<__H>,
            {
                ::core::unreachable!()
            }
        }
    }
}
