//! The object trait of extensions, and the conversion of closures to it.

use proc_macro2::TokenStream;
use quote::quote;

use crate::extension_point::expand::Expansion;
use crate::extension_point::expand::parameters::unused;
use crate::extension_point::model::{Arg, list};
use crate::support::names;

impl Expansion<'_> {
    /// Returns `fn accepts(…) -> bool` with this body.
    pub(super) fn accepts(&self, body: &TokenStream) -> TokenStream {
        let parameters = self.point.args.iter().map(|Arg { ident, ty, .. }| quote!(#ident: &#ty));
        self.accepting(&parameters.collect::<Vec<_>>(), body)
    }

    /// Returns `fn accepts(…) -> bool` of extensions without a predicate.
    pub(super) fn accepts_all(&self) -> TokenStream {
        let parameters = self.point.args.iter().map(|Arg { ident, ty, .. }| quote!(#ident: &#ty));
        self.accepting(&unused(parameters.collect()), &quote!(true))
    }

    fn accepting(&self, parameters: &[TokenStream], body: &TokenStream) -> TokenStream {
        let (lifetimes, bounds) = (list(&self.point.lifetimes), &self.point.where_clause);
        quote! {
            fn accepts<#lifetimes>(&self, #(#parameters),*) -> ::core::primitive::bool #bounds {
                #body
            }
        }
    }

    /// Returns the type of a predicate, and the `accepts` that calls it.
    pub(super) fn predicate(&self) -> (TokenStream, TokenStream) {
        let args = self.ident("Args");
        let fields = self.struct_of_variables();
        let types = self.point.args.iter().map(|arg| &arg.ty);
        let (witness, lifetimes) = (self.witness(), list(&self.point.lifetimes));
        let ty = quote! {
            for<'__w, '__x, #lifetimes> fn(&'__w ::std::sync::Arc<__T>, #args<#(&'__x #types,)* #witness>) -> ::core::primitive::bool
        };
        let when = names::local("when");
        let accepts = self.accepts(&quote! {
            match &self.when {
                ::core::option::Option::Some(#when) => #when(&self.this, #fields),
                ::core::option::Option::None => true,
            }
        });
        (ty, accepts)
    }

    /// Returns the object trait of extensions, and the conversion of closures to it.
    pub(super) fn extensions(&self) -> TokenStream {
        let Self { specs, point, rt, returns, .. } = self;
        let visibility = &specs.visibility;
        let (kind, extension, defined) =
            (self.path("Point"), self.path("Extension"), self.ident("Extension"));
        let (generics, specs_bounds) = (self.of_impl(), self.bounds());
        let (declared, predicates) = (self.declared(), self.predicates());
        let lifetimes = list(&point.lifetimes);
        let bounds = &point.where_clause;
        let parameters = self.parameters();
        let fields = self.struct_of_variables();
        let method = self.closure(&quote!(&::std::sync::Arc<__T>,), &quote!(), returns);
        let function = self.closure(&quote!(), &quote!(), returns);
        let by_reference = self.closure(&quote!(&__T,), &quote!(), returns);
        let (none, some) = (quote!(::core::option::Option::None), quote!(::core::option::Option::Some));
        let default = self.accepts_all();
        let (when, accepts) = self.predicate();
        let (this, call, predicate) = (names::local("this"), names::local("call"), names::local("when"));
        quote! {
            #visibility trait #defined #generics: ::core::marker::Send + ::core::marker::Sync #specs_bounds {
                fn call<#lifetimes>(&self, #(#parameters),*) -> #returns #bounds;
                #default
            }
            #[automatically_derived]
            impl<#declared __T, __F> #extension for #rt::Bound<__T, __F, #when>
            where
                __T: ::core::marker::Send + ::core::marker::Sync + 'static,
                __F: #method,
                #predicates
            {
                #[inline]
                fn call<#lifetimes>(&self, #(#parameters),*) -> #returns #bounds {
                    (self.call)(&self.this, #fields)
                }
                #accepts
            }
            #[automatically_derived]
            impl<#declared __T, __F> #rt::Bind<__T, __F> for #kind
            where
                __T: ::core::marker::Send + ::core::marker::Sync + 'static,
                __F: #method,
                #predicates
            {
                type When = #when;
                fn bind(#this: ::std::sync::Arc<__T>, #call: __F) -> #rt::Shared<dyn #extension> {
                    #rt::Shared::<dyn #extension>::within(::std::sync::Arc::new(#rt::Bound { this: #this, call: #call, when: #none }), |__bound| __bound)
                }
                fn bind_when(
                    #this: ::std::sync::Arc<__T>,
                    #call: __F,
                    #predicate: Self::When,
                ) -> #rt::Shared<dyn #extension> {
                    #rt::Shared::<dyn #extension>::within(::std::sync::Arc::new(#rt::Bound { this: #this, call: #call, when: #some(#predicate) }), |__bound| __bound)
                }
            }
            #[automatically_derived]
            impl<#declared __T, __F> #rt::BindMethod<__T, __F> for #kind
            where
                __T: ::core::marker::Send + ::core::marker::Sync + 'static,
                __F: #by_reference + ::core::marker::Copy,
                #predicates
            {
                fn bind_method(#this: &__T, #call: __F) -> &(dyn #extension + 'static) {
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
                fn call<#lifetimes>(&self, #(#parameters),*) -> #returns #bounds {
                    (self.call)(&self.value, #fields)
                }
            }
            #[automatically_derived]
            impl<#declared __F> #extension for #rt::BoundFn<__F>
            where
                __F: #function,
                #predicates
            {
                #[inline]
                fn call<#lifetimes>(&self, #(#parameters),*) -> #returns #bounds {
                    (self.0)(#fields)
                }
            }
            #[automatically_derived]
            impl<#declared __F> #rt::BindFn<__F> for #kind
            where
                __F: #function,
                #predicates
            {
                fn bind_fn(#call: __F) -> #rt::Shared<dyn #extension> {
                    #rt::Shared::<dyn #extension>::within(::std::sync::Arc::new(#rt::BoundFn(#call)), |__bound| __bound)
                }
            }
        }
    }
}
