//! The calls around work of the host, and the objects of this work.
//!
//! The library has the objects of points with a signature. A point that is expanded in full has its own, in which its
//! lifetimes are those of the source.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Lifetime, Type};

use crate::extension_point::expand::docs::{ASYNC_CALL_AROUND, CALL_AROUND, TRY_CALL_AROUND};
use crate::extension_point::expand::{Expansion, Kept};
use crate::extension_point::model::list;
use crate::support::lifetimes::with_lifetimes;
use crate::support::names::local;

/// The types of a closure that a method takes.
struct OfClosure {
    /// `'__0, '__1,`
    lifetimes: TokenStream,
    args: TokenStream,
    outcome: TokenStream,
}

impl Expansion<'_> {
    /// Returns the types of a closure that a method takes. They use no name of the source, which the method has.
    fn closure_types(&self) -> OfClosure {
        let args = self.ident("Args");
        let is_named = |lifetime: &Lifetime| !lifetime.ident.to_string().starts_with("__");
        match &self.point.signature {
            None => {
                let declared = &self.point.lifetimes;
                let name = |lifetime: &Lifetime| match declared.iter().position(|each| each == lifetime) {
                    Some(position) => Lifetime::new(&format!("'__of_{position}"), lifetime.span()),
                    None => lifetime.clone(),
                };
                let renamed = |ty: TokenStream| match syn::parse2::<Type>(ty) {
                    Ok(ty) => with_lifetimes(&ty, &name),
                    Err(_) => unreachable!("outcomes and witnesses are types"),
                };
                let types = self.point.args.iter().map(|arg| with_lifetimes(&arg.ty, &name));
                let (outcome, witness) = (renamed(self.outcome.clone()), self.witness().map(renamed));
                OfClosure {
                    lifetimes: list(&declared.iter().map(name).collect::<Vec<_>>()),
                    args: quote!(#args<#(#types,)* #witness>),
                    outcome: quote!(#outcome),
                }
            }
            Some(signature) if self.point.lifetimes.iter().any(is_named) => {
                let types = &signature.types;
                OfClosure {
                    lifetimes: list(&signature.lifetimes()),
                    args: quote!(#args<#(#types),*>),
                    outcome: self.outcome.clone(),
                }
            }
            Some(_) => OfClosure {
                lifetimes: list(&self.point.lifetimes),
                args: self.args_type(),
                outcome: self.outcome.clone(),
            },
        }
    }

    /// Returns `call_around` and `try_call_around` of a sync or a local manager.
    pub(super) fn around(&self) -> TokenStream {
        let Self { specs, point, rt, success, outcome, error, .. } = self;
        let [call_around, try_call_around] = ["call_around", "try_call_around"].map(|name| self.method(name));
        let visibility = &specs.visibility;
        // Other lifetimes than those of the closure.
        let Kept { declared, parameters, .. } = self.kept();
        let OfClosure { lifetimes, args, outcome: of_closure } = self.closure_types();
        let bounds = point.where_clause.as_ref().map(|bounds| &bounds.predicates);
        let (hold, work) = (self.hold(), local("work"));
        let types_of_call = self.dispatch_types();
        let dispatch = format_ident!("{}_around", self.dispatch());
        let try_dispatch = format_ident!("try_{dispatch}");
        let closure = quote!(for<#lifetimes> ::core::ops::FnMut(#args) -> #of_closure);
        let error = quote!(#rt::CallError<#error>);
        quote! {
            #[doc = #CALL_AROUND]
            #[inline]
            #visibility fn #call_around<#declared __F>(&self, #(#parameters,)* #work: __F) -> #outcome
            where
                __F: #closure,
                #bounds
            {
                self.0.dispatch().#dispatch::<#types_of_call, _, _>(#hold, #work)
            }

            #[doc = #TRY_CALL_AROUND]
            #[inline]
            #visibility fn #try_call_around<#declared __F>(
                &self,
                #(#parameters,)*
                #work: __F,
            ) -> ::core::result::Result<#success, #error>
            where
                __F: #closure,
                #bounds
            {
                self.0.dispatch().#try_dispatch::<#types_of_call, _, _>(#hold, #work)
            }
        }
    }

    /// Returns `call_around` and `try_call_around` of an async manager.
    pub(super) fn async_around(&self) -> TokenStream {
        let Self { specs, point, success, outcome, rt, error, .. } = self;
        let [call_around, try_call_around] = ["call_around", "try_call_around"].map(|name| self.method(name));
        let visibility = &specs.visibility;
        let Kept { declared, used, parameters, .. } = self.kept();
        let bounds = point.where_clause.as_ref().map(|bounds| &bounds.predicates);
        let (hold, host, work) = (self.hold(), local("host"), local("work"));
        let types_of_call = self.dispatch_types();
        let dispatch = format_ident!("{}_around", self.dispatch());
        let try_dispatch = format_ident!("try_{dispatch}");
        let OfClosure { lifetimes, args, outcome: of_closure } = self.closure_types();
        let closure = quote! {
            for<'__s, #lifetimes> ::core::ops::Fn(&'__s __E, #args, #rt::AsyncSlot<'__s, #args, #of_closure>)
                -> #rt::ExtensionFuture<'__s, #of_closure> + ::core::marker::Send + ::core::marker::Sync
        };
        let future = quote!(impl ::core::future::Future);
        let error = quote!(#rt::CallError<#error>);
        quote! {
            #[doc = #ASYNC_CALL_AROUND]
            #[inline]
            #visibility fn #call_around<'__f, #declared __E, __F>(
                &self,
                #(#parameters,)*
                #host: &'__f __E,
                #work: __F,
            ) -> #future<Output = #outcome> + use<'__f, #used __E, __F>
            where
                __E: ?::core::marker::Sized + ::core::marker::Sync,
                __F: #closure,
                #bounds
            {
                self.0.dispatch().#dispatch::<#types_of_call, _, _, _>(#hold, #host, #work)
            }

            #[doc = #TRY_CALL_AROUND]
            #[inline]
            #visibility fn #try_call_around<'__f, #declared __E, __F>(
                &self,
                #(#parameters,)*
                #host: &'__f __E,
                #work: __F,
            ) -> #future<Output = ::core::result::Result<#success, #error>> + use<'__f, #used __E, __F>
            where
                __E: ?::core::marker::Sized + ::core::marker::Sync,
                __F: #closure,
                #bounds
            {
                self.0.dispatch().#try_dispatch::<#types_of_call, _, _, _>(#hold, #host, #work)
            }
        }
    }

    /// Returns the object trait of the work of a point that is expanded in full, and the conversion of closures to it.
    pub(super) fn work_objects(&self) -> TokenStream {
        let Self { specs, point, rt, outcome, .. } = self;
        let visibility = &specs.visibility;
        let (kind, work, defined) = (self.path("Point"), self.path("Work"), self.ident("Work"));
        let (wrapper, next) = (self.path("Wrapper"), self.ident("Next"));
        let (generics, specs_bounds) = (self.of_impl(), self.bounds());
        let (declared, names, predicates) = (self.declared(), self.names(), self.predicates());
        let lifetimes = list(&point.lifetimes);
        let (parameters, arguments, fields) =
            (self.parameters(), self.arguments(), self.struct_of_variables());
        let (bounds, args) = (&point.where_clause, self.args_type());
        let [run, rest] = ["work", "rest"].map(local);
        let closure = quote!(for<#lifetimes> ::core::ops::FnMut(#args) -> #outcome);
        quote! {
            #visibility trait #defined #generics #specs_bounds {
                fn run<#lifetimes>(&self, #(#parameters),*) -> #outcome #bounds;
            }
            #[automatically_derived]
            impl<#declared __F> #work for #rt::HostFn<__F>
            where
                __F: #closure,
                #predicates
            {
                fn run<#lifetimes>(&self, #(#parameters),*) -> #outcome #bounds {
                    self.run(|#run| #run(#fields))
                }
            }
            #[automatically_derived]
            impl<#declared __F> #rt::AsWork<#kind> for #rt::HostFn<__F>
            where
                __F: #closure,
                #predicates
            {
                fn as_work<'__w>(&'__w self) -> &'__w (dyn #work + '__w)
                where
                    Self: '__w,
                {
                    self
                }
            }
            #[automatically_derived]
            impl #generics #wrapper for #rt::Innermost<#kind> #specs_bounds {
                fn wrap<#lifetimes>(&self, #rest: #next<'_, #names>, #(#parameters),*) -> #outcome #bounds {
                    #rest.0.work().run(#(#arguments),*)
                }
            }
            #[automatically_derived]
            impl #generics #rt::TakesWork for #kind #specs_bounds {
                type Work<'__w> = dyn #work + '__w;
                fn innermost() -> &'static Self::Wrapper {
                    const { &#rt::Innermost::<Self>::NEW }
                }
            }
        }
    }

    /// Returns the same for async work.
    pub(super) fn async_work_objects(&self) -> TokenStream {
        let Self { specs, point, rt, outcome, .. } = self;
        let visibility = &specs.visibility;
        let (kind, work, defined) = (self.path("Point"), self.path("AsyncWork"), self.ident("AsyncWork"));
        let (wrapper, next) = (self.path("AsyncWrapper"), self.ident("AsyncNext"));
        let (generics, specs_bounds) = (self.of_impl(), self.bounds());
        let (declared, names, predicates) = (self.declared(), self.names(), self.predicates());
        let lifetimes = &point.lifetimes;
        let (parameters, arguments, fields) =
            (self.parameters(), self.arguments(), self.struct_of_variables());
        let (bounds, args) = (&point.where_clause, self.args_type());
        let [slot, rest] = ["slot", "rest"].map(local);
        let all = list(lifetimes);
        let future = quote!(#rt::ExtensionFuture<'__f, #outcome>);
        let of_closure = quote! {
            __E: ?::core::marker::Sized + ::core::marker::Sync,
            __F: for<'__f, #all> ::core::ops::Fn(&'__f __E, #args, #rt::AsyncSlot<'__f, #args, #outcome>) -> #future
                + ::core::marker::Send + ::core::marker::Sync,
            #predicates
        };
        quote! {
            #visibility trait #defined #generics: ::core::marker::Send + ::core::marker::Sync #specs_bounds {
                fn start<'__f, #(#lifetimes: '__f),*>(
                    &'__f self,
                    #slot: #rt::FutureSlot<'__f, #outcome>,
                    #(#parameters),*
                ) -> #future #bounds;
            }
            #[automatically_derived]
            impl<#declared __E, __F> #work for #rt::AsyncHostFn<'_, __E, __F>
            where
                #of_closure
            {
                fn start<'__f, #(#lifetimes: '__f),*>(
                    &'__f self,
                    #slot: #rt::FutureSlot<'__f, #outcome>,
                    #(#parameters),*
                ) -> #future #bounds {
                    (self.work)(self.host, #fields, #rt::AsyncSlot::new(#slot))
                }
            }
            #[automatically_derived]
            impl<#declared __E, __F> #rt::AsAsyncWork<#kind> for #rt::AsyncHostFn<'_, __E, __F>
            where
                #of_closure
            {
                fn as_work<'__w>(&'__w self) -> &'__w (dyn #work + '__w)
                where
                    Self: '__w,
                {
                    self
                }
            }
            #[automatically_derived]
            impl #generics #wrapper for #rt::Innermost<#kind> #specs_bounds {
                fn wrap<'__f, #(#lifetimes: '__f),*>(
                    &'__f self,
                    mut #rest: #next<'__f, #names>,
                    #(#parameters),*
                ) -> #future #bounds {
                    let #slot = #rest.0.slot();
                    #rest.0.work().start(#slot, #(#arguments),*)
                }
            }
            #[automatically_derived]
            impl #generics #rt::TakesAsyncWork for #kind #specs_bounds {
                type AsyncWork<'__w> = dyn #work + '__w;
                fn async_innermost() -> &'static Self::AsyncWrapper {
                    const { &#rt::Innermost::<Self>::NEW }
                }
            }
        }
    }
}
