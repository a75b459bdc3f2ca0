//! The async part of a point: its object traits, its `next` and its calls.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::extension_point::expand::calls::{Historic, Settling, settling};
use crate::extension_point::expand::docs::{
    ASYNC_CALL, ASYNC_NEXT, CALL_BLOCKING, CALL_CONCURRENT, RESULTS, RUN, SETTLE, TRY_CALL,
    TRY_CALL_CONCURRENT,
};
use crate::extension_point::expand::parameters::unused;
use crate::extension_point::expand::{Expansion, Kept};
use crate::extension_point::model::{Mode, list};
use crate::support::names::local;

/// The plugin that a closure gets.
fn arc() -> TokenStream {
    quote!(::std::sync::Arc<__T>)
}

impl Expansion<'_> {
    /// Returns the async part of the point.
    pub(super) fn asynchronous(&self) -> TokenStream {
        let (krate, rt) = (&self.specs.krate, &self.rt);
        let (kind, extension) = (self.path("Point"), self.path("AsyncExtension"));
        let (wrapper, generics, bounds) = (self.path("AsyncWrapper"), self.of_impl(), self.bounds());
        let extensions = self.async_extensions();
        let wrappers = self.async_wrappers();
        let caller = self.async_caller();
        let (arguments, work) = (self.async_arguments_impls(), self.async_work_objects());
        let waiting = self.waiting();
        let offloads = krate.if_tokio(|| {
            let offloads = self.offloads();
            quote!(const OFFLOADS: ::core::primitive::bool = #offloads;)
        });
        let awaited = local("extension");
        quote! {
            #[automatically_derived]
            impl #generics #rt::AsyncPointTypes for #kind #bounds {
                type AsyncExtension = dyn #extension;
                type AsyncWrapper = dyn #wrapper;
                #offloads
                fn awaited(#awaited: &#rt::WaitingExtension) -> ::core::option::Option<&Self::Extension> {
                    ::core::option::Option::Some(#awaited)
                }
            }
            #waiting
            #extensions
            #wrappers
            #arguments
            #work

            #caller
        }
    }

    /// Returns the caller of an async manager.
    pub(super) fn async_caller(&self) -> TokenStream {
        let methods = if self.point.mode == Mode::Historic {
            let Kept { declared, used, parameters, .. } = self.kept();
            Historic { declared, parameters, captured: Some(used), is_local: false }.calls(self)
        } else {
            self.async_calls()
        };
        self.caller_type(&self.ident("AsyncCaller"), &quote!(Asynchronous), &methods)
    }

    /// `for<'__f, …> Fn(&'__f this, Args …, AsyncSlot<'__f, …>) -> ExtensionFuture<'__f, …> + Send + Sync + 'static`
    fn async_closure(&self, this: &TokenStream, after: &TokenStream, output: &TokenStream) -> TokenStream {
        let rt = &self.rt;
        let lifetimes = list(&self.point.lifetimes);
        let args = self.args_type();
        quote! {
            for<'__f, #lifetimes> ::core::ops::Fn(&'__f #this, #args #after, #rt::AsyncSlot<'__f, #args, #output>)
                -> #rt::ExtensionFuture<'__f, #output> + ::core::marker::Send + ::core::marker::Sync + 'static
        }
    }

    /// Returns the call of async extensions by a sync manager with a runtime.
    fn waiting(&self) -> TokenStream {
        let Self { point, rt, returns, .. } = self;
        let (extension, asynchronous) = (self.path("Extension"), self.path("AsyncExtension"));
        let (generics, specs_bounds) = (self.of_impl(), self.bounds());
        let lifetimes = list(&point.lifetimes);
        let bounds = &point.where_clause;
        let parameters = self.parameters();
        let arguments = self.arguments();
        let accepts = self.accepts(&quote!(self.extension::<dyn #asynchronous>().accepts(#(#arguments),*)));
        quote! {
            #[automatically_derived]
            impl #generics #extension for #rt::WaitingExtension #specs_bounds {
                fn call<#lifetimes>(&self, #(#parameters),*) -> #returns #bounds {
                    self.wait(self.extension::<dyn #asynchronous>().call(#rt::FutureSlot::own(), #(#arguments),*))
                }
                #accepts
            }
        }
    }

    /// Returns the object trait of async extensions, and the conversion of closures to it.
    fn async_extensions(&self) -> TokenStream {
        let Self { specs, point, rt, returns, .. } = self;
        let visibility = &specs.visibility;
        let (kind, extension, defined) =
            (self.path("Point"), self.path("AsyncExtension"), self.ident("AsyncExtension"));
        let (generics, specs_bounds) = (self.of_impl(), self.bounds());
        let (declared, predicates) = (self.declared(), self.predicates());
        let lifetimes = &point.lifetimes;
        let bounds = &point.where_clause;
        let parameters = self.parameters();
        let fields = self.struct_of_variables();
        let closure = self.async_closure(&arc(), &quote!(), returns);
        let by_reference = self.async_closure(&quote!(__T), &quote!(), returns);
        let default = self.accepts_all();
        let (when, accepts) = self.predicate();
        let (this, call, predicate) = (local("this"), local("call"), local("when"));
        let slot = local("slot");
        quote! {
            #visibility trait #defined #generics: ::core::marker::Send + ::core::marker::Sync #specs_bounds {
                fn call<'__f, #(#lifetimes: '__f),*>(&'__f self, #slot: #rt::FutureSlot<'__f, #returns>, #(#parameters),*)
                    -> #rt::ExtensionFuture<'__f, #returns> #bounds;
                #default
            }
            #[automatically_derived]
            impl<#declared __T, __F> #extension for #rt::BoundAsync<__T, __F, #when>
            where
                __T: ::core::marker::Send + ::core::marker::Sync + 'static,
                __F: #closure,
                #predicates
            {
                #[inline]
                fn call<'__f, #(#lifetimes: '__f),*>(&'__f self, #slot: #rt::FutureSlot<'__f, #returns>, #(#parameters),*)
                    -> #rt::ExtensionFuture<'__f, #returns> #bounds
                {
                    (self.call)(&self.this, #fields, #rt::AsyncSlot::new(#slot))
                }
                #accepts
            }
            #[automatically_derived]
            impl<#declared __T, __F> #rt::BindAsyncMethod<__T, __F> for #kind
            where
                __T: ::core::marker::Send + ::core::marker::Sync + 'static,
                __F: #by_reference + ::core::marker::Copy,
                #predicates
            {
                fn bind_async_method(#this: &__T, #call: __F) -> &(dyn #extension + 'static) {
                    #rt::Direct::of(#this, #call)
                }
            }
            #[automatically_derived]
            impl<#declared __T, __F> #extension for #rt::Direct<__T, __F>
            where
                __T: ::core::marker::Send + ::core::marker::Sync + 'static,
                __F: #by_reference + ::core::marker::Copy,
                #predicates
            {
                #[inline]
                fn call<'__f, #(#lifetimes: '__f),*>(&'__f self, #slot: #rt::FutureSlot<'__f, #returns>, #(#parameters),*)
                    -> #rt::ExtensionFuture<'__f, #returns> #bounds
                {
                    (self.call)(&self.value, #fields, #rt::AsyncSlot::new(#slot))
                }
            }
            #[automatically_derived]
            impl<#declared __T, __F> #rt::BindAsync<__T, __F> for #kind
            where
                __T: ::core::marker::Send + ::core::marker::Sync + 'static,
                __F: #closure,
                #predicates
            {
                type When = #when;
                fn bind_async(#this: ::std::sync::Arc<__T>, #call: __F) -> #rt::Shared<dyn #extension> {
                    let #predicate = ::core::option::Option::None;
                    #rt::Shared::<dyn #extension>::within(::std::sync::Arc::new(#rt::BoundAsync { this: #this, call: #call, when: #predicate }), |__bound| __bound)
                }
                fn bind_async_when(
                    #this: ::std::sync::Arc<__T>,
                    #call: __F,
                    #predicate: Self::When,
                ) -> #rt::Shared<dyn #extension> {
                    let #predicate = ::core::option::Option::Some(#predicate);
                    #rt::Shared::<dyn #extension>::within(::std::sync::Arc::new(#rt::BoundAsync { this: #this, call: #call, when: #predicate }), |__bound| __bound)
                }
            }
        }
    }

    /// Returns the object trait of async wrappers, the conversion of closures to it, and `next`.
    fn async_wrappers(&self) -> TokenStream {
        let Self { specs, point, rt, outcome, .. } = self;
        let visibility = &specs.visibility;
        let (kind, wrapper, next) = (self.path("Point"), self.path("AsyncWrapper"), self.ident("AsyncNext"));
        let (generics, specs_bounds, defined) = (self.of_impl(), self.bounds(), self.ident("AsyncWrapper"));
        let (declared, predicates, names) = (self.declared(), self.predicates(), self.names());
        let lifetimes = &point.lifetimes;
        let bounds = &point.where_clause;
        let parameters = self.parameters();
        let fields = self.struct_of_variables();
        let closure = self.async_closure(&arc(), &quote!(, #next<'__f, #names>), outcome);
        let default = self.accepts_all();
        let (when, accepts) = self.predicate();
        let [this, call, predicate, rest, slot] = ["this", "call", "when", "next", "slot"].map(local);
        let next_type = self.async_next();
        quote! {
            #visibility trait #defined #generics: ::core::marker::Send + ::core::marker::Sync #specs_bounds {
                fn wrap<'__f, #(#lifetimes: '__f),*>(&'__f self, #rest: #next<'__f, #names>, #(#parameters),*)
                    -> #rt::ExtensionFuture<'__f, #outcome> #bounds;
                #default
            }
            #[automatically_derived]
            impl<#declared __T, __F> #wrapper for #rt::BoundAsync<__T, __F, #when>
            where
                __T: ::core::marker::Send + ::core::marker::Sync + 'static,
                __F: #closure,
                #predicates
            {
                fn wrap<'__f, #(#lifetimes: '__f),*>(&'__f self, mut #rest: #next<'__f, #names>, #(#parameters),*)
                    -> #rt::ExtensionFuture<'__f, #outcome> #bounds
                {
                    let #slot = #rt::AsyncSlot::new(#rest.0.slot());
                    (self.call)(&self.this, #fields, #rest, #slot)
                }
                #accepts
            }
            #[automatically_derived]
            impl<#declared __T, __F> #rt::BindAsyncWrapper<__T, __F> for #kind
            where
                __T: ::core::marker::Send + ::core::marker::Sync + 'static,
                __F: #closure,
                #predicates
            {
                type When = #when;
                fn bind_async_wrapper(
                    #this: ::std::sync::Arc<__T>,
                    #call: __F,
                    #predicate: ::core::option::Option<Self::When>,
                ) -> #rt::Shared<dyn #wrapper> {
                    #rt::Shared::<dyn #wrapper>::within(::std::sync::Arc::new(#rt::BoundAsync { this: #this, call: #call, when: #predicate }), |__bound| __bound)
                }
            }
            #[automatically_derived]
            impl #generics #rt::AsyncWrappable for #kind #specs_bounds {
                type AsyncNext<'__n> = #next<'__n, #names>;
            }

            #next_type
        }
    }

    /// Returns the `next` of async wrappers.
    pub(super) fn async_next(&self) -> TokenStream {
        let (rt, visibility, kind, next) =
            (&self.rt, &self.specs.visibility, self.path("Point"), self.ident("AsyncNext"));
        let (declared, bounds) = (self.declared(), self.bounds());
        let run = self.async_run();
        quote! {
            #[doc = #ASYNC_NEXT]
            #[must_use = "the rest of the call does not run unless `run` is awaited"]
            #visibility struct #next<'__n, #declared>(#rt::AsyncRest<'__n, #kind>) #bounds;
            #run
        }
    }

    /// Returns `next.run(…)`.
    fn async_run(&self) -> TokenStream {
        let Self { specs, point, outcome, .. } = self;
        let types_of_call = self.dispatch_types();
        let [run, run_with, another, run_again] =
            ["run", "run_with", "another", "run_again"].map(|name| self.method(name));
        let (visibility, rt) = (&specs.visibility, &self.rt);
        let (next, args, values) = (self.ident("AsyncNext"), self.ident("Args"), self.struct_of_variables());
        let bounds = &point.where_clause;
        let Kept { declared, used, parameters, types } = self.kept();
        let (declared_of_specs, names, specs_bounds) = (self.declared(), self.names(), self.bounds());
        let (arguments, witness) = (self.arguments(), self.witness());
        let args = quote!(#args<#(#types,)* #witness>);
        let (hold, dispatch) = (self.hold(), self.dispatch());
        let [taken, shared] = ["taken", "shared"].map(local);
        let repeats = self.async_repeats(&quote!(#shared));
        let repeated = quote! {
            let #shared = &mut *#taken;
            #(let #arguments = #repeats;)*
        };
        // Runs have a `&mut` argument in turn, and the others only until they have their own.
        let run_repeated = if self.is_exclusive() {
            quote! {
                async move {
                    #repeated
                    self.run(#(#arguments),*).await
                }
            }
        } else {
            quote! {
                #repeated
                ::core::mem::drop(#taken);
                self.run(#(#arguments),*)
            }
        };
        let clone = self.clone_of_next(&next);
        quote! {
            #clone
            impl<'__n, #declared_of_specs> #next<'__n, #names> #specs_bounds {
                #[doc = #RUN]
                #[inline]
                #visibility fn #run<#declared>(
                    self,
                    #(#parameters),*
                ) -> impl ::core::future::Future<Output = #outcome> + use<'__n, #used> #bounds {
                    self.0.#dispatch::<#types_of_call, _>(#hold)
                }

                // Runs the rest of the call with unchanged arguments.
                #[doc(hidden)]
                #[inline]
                #visibility fn #run_with<#declared>(
                    self,
                    #values: #args,
                ) -> impl ::core::future::Future<Output = #outcome> + use<'__n, #used> #bounds {
                    self.run(#(#arguments),*)
                }

                // Returns the same for another run.
                #[doc(hidden)]
                #[inline]
                #visibility fn #another(&self) -> Self {
                    Self(::core::clone::Clone::clone(&self.0))
                }

                // Runs the rest of the call with arguments that other runs need, too.
                #[doc(hidden)]
                #[inline]
                #visibility fn #run_again<#declared>(
                    self,
                    mut #taken: #rt::Taken<#args>,
                ) -> impl ::core::future::Future<Output = #outcome> + use<'__n, #used> #bounds {
                    #run_repeated
                }
            }
        }
    }

    /// Returns `call`, `try_call`, `settle` and the other calls.
    fn async_calls(&self) -> TokenStream {
        let Self { specs, point, shape, returns, success, outcome, rt, result, error, .. } = self;
        let [call, try_call, call_blocking, settle, stream] =
            ["call", "try_call", "call_blocking", "settle", "stream"].map(|name| self.method(name));
        let visibility = &specs.visibility;
        let bounds = &point.where_clause;
        let Kept { declared, used, parameters, .. } = self.kept();
        let (hold, dispatch) = (self.hold(), self.dispatch());
        let try_dispatch = format_ident!("try_{dispatch}");
        let future = quote!(impl ::core::future::Future);
        let error = quote!(#rt::CallError<#error>);
        let blocking_dispatch = format_ident!("{dispatch}_blocking");
        let types_of_call = self.dispatch_types();
        let blocking = specs.krate.if_tokio(|| {
            quote! {
                #[doc = #CALL_BLOCKING]
                #[inline]
                #visibility fn #call_blocking<#declared>(
                    &self,
                    #(#parameters),*
                ) -> ::core::result::Result<#success, #error> #bounds {
                    self.0.dispatch().#blocking_dispatch::<#types_of_call, _>(#hold)
                }
            }
        });
        let mut methods = quote! {
            #[doc = #ASYNC_CALL]
            #[inline]
            #visibility fn #call<#declared>(
                &self,
                #(#parameters),*
            ) -> #future<Output = #outcome> + use<#used> #bounds {
                self.0.dispatch().#dispatch::<#types_of_call, _>(#hold)
            }

            #[doc = #TRY_CALL]
            #[inline]
            #visibility fn #try_call<#declared>(
                &self,
                #(#parameters),*
            ) -> #future<Output = ::core::result::Result<#success, #error>> + use<#used> #bounds {
                self.0.dispatch().#try_dispatch::<#types_of_call, _>(#hold)
            }

            #blocking
        };
        methods.extend(self.async_around());
        let Settling { settlement, bounds: settling_bounds, method } = settling(self);
        let settles = quote! {
            #[doc = #SETTLE]
            #[inline]
            #visibility fn #settle<#declared>(
                &self,
                #(#parameters),*
            ) -> #future<Output = #settlement> + use<#used> #settling_bounds {
                self.0.dispatch().#method::<#shape, #returns, _>(#hold)
            }
        };
        methods.extend(if matches!(point.mode, Mode::HandsOn(_)) {
            self.no_settle(&quote!(::core::future::Ready<()>))
        } else {
            settles
        });
        if point.mode == Mode::Collecting {
            methods.extend(quote! {
                #[doc = #RESULTS]
                #[inline]
                #visibility fn #stream<#declared>(
                    &self,
                    #(#parameters),*
                ) -> impl #rt::Stream<Item = #result> + use<#used> #bounds {
                    self.0.dispatch().results::<#shape, #returns, _>(#hold)
                }
            });
        } else {
            methods.extend(self.no_results_one_by_one("stream"));
        }
        methods.extend(self.concurrent_calls());
        methods
    }

    /// Returns `call_concurrent` and `try_call_concurrent`, hidden at points without concurrent calls.
    fn concurrent_calls(&self) -> TokenStream {
        let Self { specs, point, success, outcome, rt, error, .. } = self;
        let [call_concurrent, try_call_concurrent] =
            ["call_concurrent", "try_call_concurrent"].map(|name| self.method(name));
        let visibility = &specs.visibility;
        let bounds = &point.where_clause;
        let Kept { declared, used, parameters, .. } = self.kept();
        let (hold, dispatch) = (self.hold(), self.dispatch());
        let future = quote!(impl ::core::future::Future);
        let error = quote!(#rt::CallError<#error>);
        let concurrent_dispatch = format_ident!("{dispatch}_concurrent");
        let try_concurrent_dispatch = format_ident!("try_{concurrent_dispatch}");
        let types_of_call = self.dispatch_types();
        if self.is_concurrent() {
            quote! {
                #[doc = #CALL_CONCURRENT]
                #[inline]
                #visibility fn #call_concurrent<#declared>(
                    &self,
                    #(#parameters),*
                ) -> #future<Output = #outcome> + use<#used> #bounds {
                    self.0.dispatch().#concurrent_dispatch::<#types_of_call, _>(#hold)
                }

                #[doc = #TRY_CALL_CONCURRENT]
                #[inline]
                #visibility fn #try_call_concurrent<#declared>(
                    &self,
                    #(#parameters),*
                ) -> #future<Output = ::core::result::Result<#success, #error>> + use<#used> #bounds {
                    self.0.dispatch().#try_concurrent_dispatch::<#types_of_call, _>(#hold)
                }
            }
        } else {
            let parameters = unused(parameters);
            quote! {
                #[doc(hidden)]
                #[inline]
                #visibility fn #call_concurrent<#declared __H>(&self, #(#parameters),*) -> ::core::future::Ready<#outcome>
                where
                    Self: #rt::RunsConcurrently<__H>,
                {
                    ::core::unreachable!()
                }

                #[doc(hidden)]
                #[inline]
                #visibility fn #try_call_concurrent<#declared __H>(
                    &self,
                    #(#parameters),*
                ) -> ::core::future::Ready<::core::result::Result<#success, #error>>
                where
                    Self: #rt::RunsConcurrently<__H>,
                {
                    ::core::unreachable!()
                }
            }
        }
    }
}
