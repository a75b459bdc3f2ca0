//! The async side of a point, for builds that have one: its object traits, its `next` and its calls.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use crate::extension_point::expand::Expansion;
use crate::extension_point::expand::calls::{Handing, describe, hand};
use crate::extension_point::model::{Mode, Shape, list};
use crate::support::names::local;

impl Expansion<'_> {
    /// Everything async of the point.
    pub(super) fn asynchronous(&self) -> TokenStream {
        let (krate, rt) = (&self.specs.krate, &self.rt);
        let visibility = &self.specs.visibility;
        let (kind, extension, calls) =
            (self.ident("Point"), self.ident("AsyncExtension"), self.ident("AsyncCalls"));
        let wrapper = if self.point.mode == Mode::Historic {
            quote!(#rt::NoWrapper)
        } else {
            let wrapper = self.ident("AsyncWrapper");
            quote!(dyn #wrapper)
        };
        let extensions = self.async_extensions();
        let wrappers =
            if self.point.mode == Mode::Historic { TokenStream::new() } else { self.async_wrappers() };
        let methods = if self.point.mode == Mode::Historic { TokenStream::new() } else { self.async_calls() };
        let handle = local("handle");
        quote! {
            #krate::__if_async! {
                #[automatically_derived]
                impl #rt::AsyncExtensionPoint for #kind {
                    type AsyncExtension = dyn #extension;
                    type AsyncWrapper = #wrapper;
                    type AsyncCalls = #calls;
                }
                #extensions
                #wrappers

                #visibility struct #calls(#rt::AsyncHandle<#kind>);
                #[automatically_derived]
                impl #rt::AsyncCalls<#kind> for #calls {
                    fn new(#handle: #rt::AsyncHandle<#kind>) -> Self {
                        Self(#handle)
                    }
                    fn handle(&self) -> &#rt::AsyncHandle<#kind> {
                        &self.0
                    }
                }
                #methods
            }
        }
    }

    /// `for<'__f, …> Fn(&'__f Arc<__T>, AsyncArgs<'__f, …> …) -> BoxFuture<'__f, …> + Send + Sync + 'static`
    fn async_closure(&self, after: &TokenStream, output: &TokenStream) -> TokenStream {
        let rt = &self.rt;
        let lifetimes = list(&self.point.lifetimes);
        let args = self.args_type();
        quote! {
            for<'__f, #lifetimes> ::core::ops::Fn(&'__f ::std::sync::Arc<__T>, #rt::AsyncArgs<'__f, #args> #after)
                -> #rt::BoxFuture<'__f, #output> + ::core::marker::Send + ::core::marker::Sync + 'static
        }
    }

    /// The object trait of async extensions, and how closures become its objects.
    fn async_extensions(&self) -> TokenStream {
        let Self { specs, point, rt, returns, .. } = self;
        let visibility = &specs.visibility;
        let (kind, extension, args) = (self.ident("Point"), self.ident("AsyncExtension"), self.ident("Args"));
        let lifetimes = &point.lifetimes;
        let bounds = &point.where_clause;
        let parameters = self.parameters();
        let fields = self.arguments();
        let closure = self.async_closure(&quote!(), returns);
        let default = self.accepts(&quote!(true));
        let (when, accepts) = self.predicate();
        let (this, call, predicate) = (local("this"), local("call"), local("when"));
        quote! {
            #visibility trait #extension: ::core::marker::Send + ::core::marker::Sync {
                fn call<'__f, #(#lifetimes: '__f),*>(&'__f self, #(#parameters),*) -> #rt::BoxFuture<'__f, #returns> #bounds;
                #default
            }
            #[automatically_derived]
            impl<__T, __F> #extension for #rt::BoundAsync<__T, __F, #when>
            where
                __T: ::core::marker::Send + ::core::marker::Sync + 'static,
                __F: #closure,
            {
                fn call<'__f, #(#lifetimes: '__f),*>(&'__f self, #(#parameters),*) -> #rt::BoxFuture<'__f, #returns> #bounds {
                    (self.call)(&self.this, #rt::AsyncArgs::new(#args { #(#fields),* }))
                }
                #accepts
            }
            #[automatically_derived]
            impl<__T, __F> #rt::BindAsync<__T, __F> for #kind
            where
                __T: ::core::marker::Send + ::core::marker::Sync + 'static,
                __F: #closure,
            {
                type When = #when;
                fn bind_async(
                    #this: ::std::sync::Arc<__T>,
                    #call: __F,
                    #predicate: ::core::option::Option<Self::When>,
                ) -> ::std::sync::Arc<dyn #extension> {
                    ::std::sync::Arc::new(#rt::BoundAsync { this: #this, call: #call, when: #predicate })
                }
            }
        }
    }

    /// The object trait of async wrappers, how closures become its objects, and `next`.
    fn async_wrappers(&self) -> TokenStream {
        let Self { specs, point, rt, outcome, .. } = self;
        let visibility = &specs.visibility;
        let (kind, wrapper, next, args) =
            (self.ident("Point"), self.ident("AsyncWrapper"), self.ident("AsyncNext"), self.ident("Args"));
        let lifetimes = &point.lifetimes;
        let bounds = &point.where_clause;
        let parameters = self.parameters();
        let fields = self.arguments();
        let closure = self.async_closure(&quote!(, #next<'__f>), outcome);
        let default = self.accepts(&quote!(true));
        let (when, accepts) = self.predicate();
        let (this, call, predicate, rest) = (local("this"), local("call"), local("when"), local("next"));
        let run = self.async_run();
        quote! {
            #visibility trait #wrapper: ::core::marker::Send + ::core::marker::Sync {
                fn wrap<'__f, #(#lifetimes: '__f),*>(&'__f self, #rest: #next<'__f>, #(#parameters),*)
                    -> #rt::BoxFuture<'__f, #outcome> #bounds;
                #default
            }
            #[automatically_derived]
            impl<__T, __F> #wrapper for #rt::BoundAsync<__T, __F, #when>
            where
                __T: ::core::marker::Send + ::core::marker::Sync + 'static,
                __F: #closure,
            {
                fn wrap<'__f, #(#lifetimes: '__f),*>(&'__f self, #rest: #next<'__f>, #(#parameters),*)
                    -> #rt::BoxFuture<'__f, #outcome> #bounds
                {
                    (self.call)(&self.this, #rt::AsyncArgs::new(#args { #(#fields),* }), #rest)
                }
                #accepts
            }
            #[automatically_derived]
            impl<__T, __F> #rt::BindAsyncWrapper<__T, __F> for #kind
            where
                __T: ::core::marker::Send + ::core::marker::Sync + 'static,
                __F: #closure,
            {
                type When = #when;
                fn bind_async_wrapper(
                    #this: ::std::sync::Arc<__T>,
                    #call: __F,
                    #predicate: ::core::option::Option<Self::When>,
                ) -> ::std::sync::Arc<dyn #wrapper> {
                    ::std::sync::Arc::new(#rt::BoundAsync { this: #this, call: #call, when: #predicate })
                }
            }
            #[automatically_derived]
            impl #rt::AsyncWrappable for #kind {
                type AsyncNext<'__n> = #next<'__n>;
            }

            /// The rest of the call that an async wrapper runs around.
            #[must_use = "the rest of the call does not run unless `run` is awaited"]
            #visibility struct #next<'__n>(#rt::AsyncRawNext<'__n, #kind>);
            #run
        }
    }

    /// `next.run(…)`.
    fn async_run(&self) -> TokenStream {
        let Self { specs, point, shape, returns, outcome, rt, .. } = self;
        let visibility = &specs.visibility;
        let (next, args) = (self.ident("AsyncNext"), self.ident("Args"));
        let lifetimes = list(&point.lifetimes);
        let bounds = &point.where_clause;
        let parameters = self.parameters();
        let arguments = self.arguments();
        let types = point.args.iter().map(|arg| &arg.ty);
        let describe = describe(self);
        let (rest, step, wrapper, ended, done) =
            (local("rest"), local("step"), local("wrapper"), local("ended"), local("outcome"));
        let extensions = local("extensions");
        let dispatch = self.async_dispatch(&extensions);
        quote! {
            impl<'__n> #next<'__n> {
                /// Runs the rest of the call and returns its outcome.
                #visibility fn run<#lifetimes>(
                    self,
                    #(#parameters),*
                ) -> impl ::core::future::Future<Output = #outcome> + use<'__n, #lifetimes> #bounds {
                    let mut #rest = self.0;
                    async move {
                        loop {
                            match #rest.step() {
                                #rt::AsyncStep::Wrapper(#step) => {
                                    if #step.declines(|#wrapper| #wrapper.accepts(#(&#arguments),*)) {
                                        #rest = #step.skip();
                                        continue;
                                    }
                                    let (#wrapper, #rest, #ended) = #step.begin();
                                    let #done = #wrapper.wrap(#next(#rest), #(#arguments),*).await;
                                    #ended.end(<#shape as #rt::Returns<#returns>>::error(&#done), #describe);
                                    return #done;
                                }
                                #rt::AsyncStep::Extensions(mut #extensions) => { #dispatch }
                            }
                        }
                    }
                }

                /// Runs the rest of the call with the arguments as they came.
                #[doc(hidden)]
                #visibility fn run_with<#lifetimes>(
                    self,
                    #args { #(#arguments),* }: #args<#(#types),*>,
                ) -> impl ::core::future::Future<Output = #outcome> + use<'__n, #lifetimes> #bounds {
                    self.run(#(#arguments),*)
                }
            }
        }
    }

    /// The loop over `extensions` that the mode asks for; it returns the outcome.
    fn async_dispatch(&self, extensions: &Ident) -> TokenStream {
        let Self { point, rt, shape, returns, .. } = self;
        let (turn, extension, returned) = (local("turn"), local("extension"), local("returned"));
        let (value, gathered, changed, error) =
            (local("value"), local("gathered"), local("changed"), local("error"));
        let describe = describe(self);
        let reading = quote!(<#shape as #rt::Returns<#returns>>);
        let optional = !matches!(point.shape, Shape::Values | Shape::TryValues);
        let threaded = if optional {
            (quote!(<#shape as #rt::Owns<_>>::clone(&#value)), quote!(&#value))
        } else {
            (quote!(#value), quote!(&#value))
        };
        let Handing { prepare, call, peek } = hand(self, &turn, &threaded);
        let run = quote! {
            let #returned = match #turn.entry() {
                #rt::Entry::Direct(#extension) => {
                    if !#turn.admits(|| #extension.accepts(#(#peek),*)) {
                        continue;
                    }
                    #extension.call(#(#call),*)
                }
                #rt::Entry::Awaited(#extension) => {
                    if !#turn.admits(|| #extension.accepts(#(#peek),*)) {
                        continue;
                    }
                    #extension.call(#(#call),*).await
                }
            };
            #turn.end(#reading::returned_error(&#returned), #describe);
        };
        match point.mode {
            Mode::Pipeline(position) => {
                let ident = &point.args[position].ident;
                let next = if optional {
                    quote! {
                        match #reading::split(#returned) {
                            ::core::result::Result::Ok(::core::option::Option::Some(#changed)) => #value = #changed,
                            ::core::result::Result::Ok(::core::option::Option::None) => {}
                            ::core::result::Result::Err(#error) => return #reading::lift(::core::result::Result::Err(#error)),
                        }
                    }
                } else {
                    quote! {
                        #value = match #reading::value(#returned) {
                            ::core::result::Result::Ok(#changed) => #changed,
                            ::core::result::Result::Err(#error) => return #reading::lift(::core::result::Result::Err(#error)),
                        };
                    }
                };
                quote! {
                    #prepare
                    let mut #value = #ident;
                    while let ::core::option::Option::Some(mut #turn) = #extensions.turn() {
                        #run
                        #next
                    }
                    return #reading::lift(::core::result::Result::Ok(#value));
                }
            }
            mode => {
                let (add, outcome) = if mode == Mode::FirstResult {
                    (quote!(add_first), quote!(first))
                } else {
                    (quote!(add), quote!(all))
                };
                quote! {
                    #prepare
                    let mut #gathered = #rt::Gathered::<#shape, #returns>::new(#extensions.len());
                    while let ::core::option::Option::Some(mut #turn) = #extensions.turn() {
                        #run
                        if !#gathered.#add(#returned) {
                            break;
                        }
                    }
                    return #gathered.#outcome();
                }
            }
        }
    }

    /// `call`.
    fn async_calls(&self) -> TokenStream {
        let Self { specs, point, shape, returns, outcome, rt, .. } = self;
        let visibility = &specs.visibility;
        let (calls, next) = (self.ident("AsyncCalls"), self.ident("AsyncNext"));
        let lifetimes = list(&point.lifetimes);
        let bounds = &point.where_clause;
        let parameters = self.parameters();
        let arguments = self.arguments();
        let describe = describe(self);
        let (kept, chain, followed, ended, done) =
            (local("kept"), local("chain"), local("followed"), local("ended"), local("outcome"));
        quote! {
            impl #calls {
                /// Calls the point and returns the outcome, once awaited; a panic unwinds to whoever polls.
                #visibility fn call<#lifetimes>(
                    &self,
                    #(#parameters),*
                ) -> impl ::core::future::Future<Output = #outcome> + use<#lifetimes> #bounds {
                    let #kept = self.0.load();
                    async move {
                        let #chain = #kept.chain();
                        let #followed = #chain.follow();
                        let #ended = #followed.call();
                        let #done = #next(#chain.start(&#followed)).run(#(#arguments),*).await;
                        #ended.end(<#shape as #rt::Returns<#returns>>::error(&#done), #describe);
                        #done
                    }
                }
            }
        }
    }
}
