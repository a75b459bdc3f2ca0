//! The object trait of wrappers, the conversion of closures to it, and `next`.

use proc_macro2::TokenStream;
use quote::quote;

use crate::extension_point::expand::{Expansion, calls};
use crate::extension_point::model::list;
use crate::support::names;

impl Expansion<'_> {
    /// Returns the object trait of wrappers, the conversion of closures to it, and `next`.
    pub(super) fn wrappers(&self) -> TokenStream {
        let Self { specs, point, rt, outcome, .. } = self;
        let visibility = &specs.visibility;
        let (kind, wrapper, next) = (self.ident("Point"), self.ident("Wrapper"), self.ident("Next"));
        let lifetimes = list(&point.lifetimes);
        let bounds = &point.where_clause;
        let parameters = self.parameters();
        let fields = self.struct_of_variables();
        let closure = self.closure(&quote!(&::std::sync::Arc<__T>,), &quote!(, #next<'_>), outcome);
        let default = self.accepts(&quote!(true));
        let (when, accepts) = self.predicate();
        let (this, call, predicate) = (names::local("this"), names::local("call"), names::local("when"));
        let rest = names::local("next");
        let next_type = self.next();
        quote! {
            #visibility trait #wrapper: ::core::marker::Send + ::core::marker::Sync {
                fn wrap<#lifetimes>(&self, #rest: #next<'_>, #(#parameters),*) -> #outcome #bounds;
                #default
            }
            #[automatically_derived]
            impl<__T, __F> #wrapper for #rt::Bound<__T, __F, #when>
            where
                __T: ::core::marker::Send + ::core::marker::Sync + 'static,
                __F: #closure,
            {
                #[inline]
                fn wrap<#lifetimes>(&self, #rest: #next<'_>, #(#parameters),*) -> #outcome #bounds {
                    (self.call)(&self.this, #fields, #rest)
                }
                #accepts
            }
            #[automatically_derived]
            impl<__T, __F> #rt::BindWrapper<__T, __F> for #kind
            where
                __T: ::core::marker::Send + ::core::marker::Sync + 'static,
                __F: #closure,
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
            impl #rt::Wrappable for #kind {
                type Next<'n> = #next<'n>;
            }

            #next_type
        }
    }

    /// Returns the type of `next`.
    pub(super) fn next(&self) -> TokenStream {
        let (rt, visibility, kind, next) =
            (&self.rt, &self.specs.visibility, self.ident("Point"), self.ident("Next"));
        let run = calls::run(self);
        quote! {
            /// The rest of the call that a wrapper runs around.
            #[must_use = "the rest of the call does not run unless `run` is called"]
            #visibility struct #next<'n>(#rt::Rest<'n, #kind>);
            #run
        }
    }
}
