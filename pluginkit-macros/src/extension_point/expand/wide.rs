//! A point with lifetimes within the types of its arguments: its signature, the path of its arguments, and the objects of
//! its closures.
//!
//! The library has these impls for points with one lifetime. With more, a bound that names the arguments through an
//! associated type is never satisfied (rust issue 100013), so that each point needs some with its own types.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::Lifetime;

use crate::extension_point::expand::Expansion;
use crate::extension_point::model::{Arg, Mode, Signature};
use crate::support::names::local;

impl Expansion<'_> {
    /// Returns the `WideSignature` of a point, and its companions.
    pub(super) fn wide(&self, signature: &Signature) -> TokenStream {
        let (krate, rt, kind, args) = (&self.specs.krate, &self.rt, self.path("Point"), self.ident("Args"));
        let (generics, bounds) = (self.of_impl(), self.bounds());
        let fields = self.arguments();
        let (held, this, when, all) = (local("held"), local("this"), local("when"), local("args"));
        let peeks = self.peeks(&quote!(#held));
        let types = &signature.types;
        let held_types = self.held_types(types);
        let names = signature.lifetimes();
        let common = self.common();
        let plugin = quote!(__T: ::core::marker::Send + ::core::marker::Sync + 'static);
        let (pass, objects) = (self.pass(&names, &held_types), self.objects(signature));
        let local_objects = krate.if_local(|| self.local_objects(signature));
        let shorten = krate.if_async(|| {
            quote! {
                #[inline]
                fn shorten<'__w, '__a: '__w, '__b: '__a, '__c: '__a>(
                    #all: Self::Args<'__a, '__b, '__c>,
                ) -> Self::Args<'__w, '__b, '__c> {
                    #args { #(#fields: #all.#fields),* }
                }
            }
        });
        quote! {
            #[automatically_derived]
            impl #generics #rt::wide::WideSignature for #kind #bounds {
                #common
                type Args<'__a, '__b: '__a, '__c: '__a> = #args<#(#types),*>;
                type Held<'__a, '__b: '__a, '__c: '__a> = #args<#(#held_types),*>;
                type When<#plugin> = for<'__w, '__x, #(#names),*> fn(
                    &'__w ::std::sync::Arc<__T>,
                    #args<#(&'__x #types),*>,
                ) -> ::core::primitive::bool;
                #shorten
                fn accepts<'__a, '__b: '__a, '__c: '__a, #plugin>(
                    #held: &Self::Held<'__a, '__b, '__c>,
                    #this: &::std::sync::Arc<__T>,
                    #when: &Self::When<__T>,
                ) -> ::core::primitive::bool {
                    #when(#this, #args { #(#fields: #peeks),* })
                }
            }
            #pass
            #objects
            #local_objects
        }
    }

    /// Returns the path of the arguments of a call to extensions and wrappers.
    fn pass(&self, names: &[Lifetime], held_types: &[TokenStream]) -> TokenStream {
        let Self { specs, point, rt, returns, outcome, .. } = self;
        let (kind, args, fields) = (self.path("Point"), self.ident("Args"), self.arguments());
        let (declared, bounds) = (self.declared(), self.bounds());
        let [by, extension, wrapper, next, slot, last] =
            ["by", "extension", "wrapper", "next", "slot", "last"].map(local);
        let of = quote!(self);
        let (gives, moves) = (self.gives(&of, &quote!(#last)), self.moves(&of));
        let given = quote!(#args { #(#fields: #gives),* });
        let moved = quote!(#args { #(#fields: #moves),* });
        let held = quote!(#args<#(#held_types),*>);
        let future = |lifetime: &TokenStream, of: &TokenStream| quote!(#rt::ExtensionFuture<#lifetime, #of>);
        let (s, w) = (quote!('__s), quote!('__w));
        let (of_s, of_w) = (future(&s, &quote!(#returns)), future(&w, &quote!(#returns)));
        let of_wrapper = future(&w, outcome);
        let concurrently = self.is_concurrent().then(|| {
            let clones = self.clones(&of);
            quote! {
                fn call_concurrently<'__w>(
                    &self,
                    #extension: &'__w dyn #rt::wide::AsyncExtensionOf<#kind>,
                    #slot: #rt::FutureSlot<'__w, #returns>,
                ) -> #of_w
                where
                    Self: '__w,
                {
                    #extension.call(#slot, #args { #(#fields: #clones),* })
                }
            }
        });
        let threaded = match point.mode.running() {
            Some(position) => {
                let Arg { ident, .. } = &point.args[position];
                let (threaded, spare) = self.running(&quote!(self.#ident));
                quote! {
                    #[automatically_derived]
                    impl<#(#names,)* #declared> #rt::wide::PassThreaded<#kind> for #held #bounds {
                        #[inline]
                        fn threaded(&mut self) -> &mut ::core::option::Option<#rt::RunningOf<#kind>> {
                            #threaded
                        }
                        #[inline]
                        fn spare(&self) -> ::core::option::Option<#rt::RunningOf<#kind>> {
                            use #rt::spare::{IsClone as _, IsNotClone as _};
                            #spare
                        }
                    }
                }
            }
            None => TokenStream::new(),
        };
        let asynchronous = specs.krate.if_async(|| {
            quote! {
                #[inline]
                fn call_async<'__s>(
                    &'__s mut self,
                    #extension: &'__s dyn #rt::wide::AsyncExtensionOf<#kind>,
                    #slot: #rt::FutureSlot<'__s, #returns>,
                    #last: ::core::primitive::bool,
                ) -> #of_s {
                    #extension.call(#slot, #given)
                }
                #concurrently
                fn wrap_async<'__w>(
                    self,
                    #wrapper: &'__w dyn #rt::wide::AsyncWrapperOf<#kind>,
                    #next: #rt::AsyncRest<'__w, #kind>,
                ) -> #of_wrapper
                where
                    Self: '__w,
                {
                    #wrapper.wrap(#next, #moved)
                }
            }
        });
        quote! {
            #[automatically_derived]
            impl<#(#names,)* #declared> #rt::wide::Pass<#kind> for #held #bounds {
                #[inline]
                fn accepted(&self, #by: &dyn #rt::wide::Accepts<#kind>) -> ::core::primitive::bool {
                    #by.accepts(self)
                }
                #[inline]
                fn call(
                    &mut self,
                    #extension: &dyn #rt::wide::ExtensionOf<#kind>,
                    #last: ::core::primitive::bool,
                ) -> #returns {
                    #extension.call(#given)
                }
                #[inline]
                fn wrap(self, #wrapper: &dyn #rt::wide::WrapperOf<#kind>, #next: #rt::Rest<'_, #kind>) -> #outcome {
                    #wrapper.wrap(#next, #moved)
                }
                #asynchronous
            }
            #threaded
        }
    }

    /// Returns the conversion of closures and methods to extensions and wrappers.
    fn objects(&self, signature: &Signature) -> TokenStream {
        let Self { specs, rt, returns, outcome, .. } = self;
        let (kind, args) = (self.path("Point"), self.ident("Args"));
        let (next, parameters) = (self.ident("Next"), self.names());
        let (declared, predicates) = (self.declared(), self.predicates());
        let types = &signature.types;
        let args = quote!(#args<#(#types),*>);
        let names = signature.lifetimes();
        let [values, rest]: [Ident; 2] = ["args", "rest"].map(local);
        let lifetimes = quote!('__a, '__b: '__a, '__c: '__a);
        let asynchronous = specs.krate.if_async(|| self.async_objects(signature));
        let work = local("work");
        // A historic point has no `call_around`.
        let around = (self.point.mode != Mode::Historic).then(|| {
            quote! {
                #[automatically_derived]
                impl<#declared __F> #rt::wide::HostWork<#kind> for #rt::HostFn<__F>
                where
                    __F: for<#(#names),*> ::core::ops::FnMut(#args) -> #outcome,
                    #predicates
                {
                    fn run<#lifetimes>(&self, #values: #args) -> #outcome {
                        self.run(|#work| #work(#values))
                    }
                }
            }
        });
        quote! {
            #[automatically_derived]
            impl<#declared __T, __F> #rt::wide::ExtensionOf<#kind> for #rt::Direct<__T, __F>
            where
                __F: for<#(#names),*> ::core::ops::Fn(&__T, #args) -> #returns,
                #predicates
            {
                #[inline]
                fn call<#lifetimes>(&self, #values: #args) -> #returns {
                    (self.call)(&self.value, #values)
                }
            }
            #[automatically_derived]
            impl<#declared __F> #rt::wide::ExtensionOf<#kind> for #rt::BoundFn<__F>
            where
                __F: for<#(#names),*> ::core::ops::Fn(#args) -> #returns,
                #predicates
            {
                #[inline]
                fn call<#lifetimes>(&self, #values: #args) -> #returns {
                    (self.0)(#values)
                }
            }
            #[automatically_derived]
            impl<#declared __T, __F> #rt::wide::WrapperOf<#kind> for #rt::Direct<__T, __F>
            where
                __F: for<'__n, #(#names),*> ::core::ops::Fn(&__T, #args, #next<'__n, #parameters>) -> #outcome,
                #predicates
            {
                #[inline]
                fn wrap<#lifetimes>(&self, #rest: #rt::Rest<'_, #kind>, #values: #args) -> #outcome {
                    (self.call)(&self.value, #values, #next(#rest))
                }
            }
            #around
            #asynchronous
        }
    }

    /// Returns the conversion of async closures and methods to async extensions and wrappers.
    fn async_objects(&self, signature: &Signature) -> TokenStream {
        let Self { rt, returns, outcome, .. } = self;
        let (kind, args, async_next) = (self.path("Point"), self.ident("Args"), self.ident("AsyncNext"));
        let (declared, predicates, parameters) = (self.declared(), self.predicates(), self.names());
        let types = &signature.types;
        let args = quote!(#args<#(#types),*>);
        let names = signature.lifetimes();
        let [values, rest, slot]: [Ident; 3] = ["args", "rest", "slot"].map(local);
        let lifetimes = quote!('__a, '__b: '__a, '__c: '__a);
        let future = |of: &TokenStream| quote!(#rt::ExtensionFuture<'__a, #of>);
        let (of_extension, of_wrapper) = (future(&quote!(#returns)), future(outcome));
        let around = (self.point.mode != Mode::Historic).then(|| {
            quote! {
                #[automatically_derived]
                impl<#declared __E, __F> #rt::wide::AsyncHostWork<#kind> for #rt::AsyncHostFn<'_, __E, __F>
                where
                    __E: ?::core::marker::Sized,
                    __F: for<#(#names),*> ::core::ops::Fn(&'__a __E, #args, #rt::AsyncSlot<'__a, #args, #outcome>)
                        -> #of_wrapper,
                    #predicates
                {
                    fn start<#lifetimes>(
                        &'__a self,
                        #slot: #rt::FutureSlot<'__a, #outcome>,
                        #values: #args,
                    ) -> #of_wrapper {
                        (self.work)(self.host, #values, #rt::AsyncSlot::new(#slot))
                    }
                }
            }
        });
        quote! {
            #[automatically_derived]
            impl<#declared __T, __F> #rt::wide::AsyncExtensionOf<#kind> for #rt::Direct<__T, __F>
            where
                __F: for<#(#names),*> ::core::ops::Fn(&'__a __T, #args, #rt::AsyncSlot<'__a, #args, #returns>)
                    -> #of_extension,
                #predicates
            {
                #[inline]
                fn call<#lifetimes>(
                    &'__a self,
                    #slot: #rt::FutureSlot<'__a, #returns>,
                    #values: #args,
                ) -> #of_extension {
                    (self.call)(&self.value, #values, #rt::AsyncSlot::new(#slot))
                }
            }
            #[automatically_derived]
            impl<#declared __T, __F> #rt::wide::AsyncWrapperOf<#kind> for #rt::Direct<__T, __F>
            where
                __F: for<#(#names),*> ::core::ops::Fn(
                    &'__a __T,
                    #args,
                    #async_next<'__a, #parameters>,
                    #rt::AsyncSlot<'__a, #args, #outcome>,
                ) -> #of_wrapper,
                #predicates
            {
                #[inline]
                fn wrap<#lifetimes>(
                    &'__a self,
                    mut #rest: #rt::AsyncRest<'__a, #kind>,
                    #values: #args,
                ) -> #of_wrapper {
                    let #slot = #rt::AsyncSlot::new(#rest.slot());
                    (self.call)(&self.value, #values, #async_next(#rest), #slot)
                }
            }
            #around
        }
    }
}
