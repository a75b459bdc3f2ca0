//! The object trait of wrappers, the conversion of closures to it, and `next`.

use proc_macro2::TokenStream;
use quote::quote;

use crate::extension_point::expand::docs::NEXT;
use crate::extension_point::expand::{Expansion, calls};
use crate::extension_point::model::list;
use crate::support::names;

impl Expansion<'_> {
    /// Returns the object trait of wrappers, the conversion of closures to it, and `next`.
    pub(super) fn wrappers(&self) -> TokenStream {
        let Self { specs, point, rt, outcome, .. } = self;
        let visibility = &specs.visibility;
        let (kind, wrapper, next) = (self.path("Point"), self.path("Wrapper"), self.ident("Next"));
        let (generics, specs_bounds, defined) = (self.of_impl(), self.bounds(), self.ident("Wrapper"));
        let (declared, names, predicates) = (self.declared(), self.names(), self.predicates());
        let lifetimes = list(&point.lifetimes);
        let bounds = &point.where_clause;
        let parameters = self.parameters();
        let fields = self.struct_of_variables();
        let closure = self.closure(&quote!(&::std::sync::Arc<__T>,), &quote!(, #next<'_, #names>), outcome);
        let default = self.accepts_all();
        let (when, accepts) = self.predicate();
        let (this, call, predicate) = (names::local("this"), names::local("call"), names::local("when"));
        let rest = names::local("next");
        let next_type = self.next();
        quote! {
            #visibility trait #defined #generics: ::core::marker::Send + ::core::marker::Sync #specs_bounds {
                fn wrap<#lifetimes>(&self, #rest: #next<'_, #names>, #(#parameters),*) -> #outcome #bounds;
                #default
            }
            #[automatically_derived]
            impl<#declared __T, __F> #wrapper for #rt::Bound<__T, __F, #when>
            where
                __T: ::core::marker::Send + ::core::marker::Sync + 'static,
                __F: #closure,
                #predicates
            {
                #[inline]
                fn wrap<#lifetimes>(&self, #rest: #next<'_, #names>, #(#parameters),*) -> #outcome #bounds {
                    (self.call)(&self.this, #fields, #rest)
                }
                #accepts
            }
            #[automatically_derived]
            impl<#declared __T, __F> #rt::BindWrapper<__T, __F> for #kind
            where
                __T: ::core::marker::Send + ::core::marker::Sync + 'static,
                __F: #closure,
                #predicates
            {
                type When = #when;
                fn bind_wrapper(
                    #this: ::std::sync::Arc<__T>,
                    #call: __F,
                    #predicate: ::core::option::Option<Self::When>,
                ) -> #rt::Shared<dyn #wrapper> {
                    #rt::Shared::<dyn #wrapper>::within(::std::sync::Arc::new(#rt::Bound { this: #this, call: #call, when: #predicate }), |__bound| __bound)
                }
            }
            #[automatically_derived]
            impl #generics #rt::Wrappable for #kind #specs_bounds {
                type Next<'n> = #next<'n, #names>;
            }

            #next_type
        }
    }

    /// Returns the type of `next`.
    pub(super) fn next(&self) -> TokenStream {
        let (rt, visibility, kind, next) =
            (&self.rt, &self.specs.visibility, self.path("Point"), self.ident("Next"));
        let (declared, bounds) = (self.declared(), self.bounds());
        let run = calls::run(self);
        quote! {
            #[doc = #NEXT]
            #[must_use = "the rest of the call does not run unless `run` is called"]
            #visibility struct #next<'n, #declared>(#rt::Rest<'n, #kind>) #bounds;
            #run
        }
    }
}
