//! The caller of a local manager, and the objects of closures that only local managers have.

use proc_macro2::TokenStream;
use quote::quote;

use crate::extension_point::expand::calls::{CallerType, Historic};
use crate::extension_point::expand::{Expansion, calls};
use crate::extension_point::model::{Mode, Signature};
use crate::support::names::local;

impl Expansion<'_> {
    /// Returns the caller of a local manager.
    pub(super) fn local_caller(&self) -> TokenStream {
        let Self { specs, rt, .. } = self;
        let (point, names) = (self.path("Point"), self.names());
        let (generics, bounds, caller) = (self.of_impl(), self.bounds(), self.ident("LocalCaller"));
        let callable = quote! {
            impl #generics #rt::LocalCallable for #point #bounds {
                type Caller<'__p> = #caller<'__p, #names>;
            }
        };
        let lifetime = quote!('__p,);
        let methods = if self.point.mode == Mode::Historic {
            let (declared, parameters) = self.shown();
            Historic { declared, parameters, captured: None, is_local: true }.calls(self)
        } else {
            let mut methods = calls::methods(self, &lifetime);
            methods.extend(self.around());
            methods
        };
        let of_local = CallerType {
            lifetime: Some(lifetime),
            documentation: format!(
                "The caller of `{}::{}` of a local manager.",
                specs.ident, self.point.ident
            ),
            handle: quote!(#rt::LocalHandle<'__p, #point>),
            callable,
            constructor: quote!(#rt::LocalPointCaller<'__p, #point>),
        };
        of_local.definition(self, &caller, &methods)
    }

    /// Returns the conversion of closures that only local managers have, for a point with lifetimes within its types.
    pub(super) fn local_objects(&self, signature: &Signature) -> TokenStream {
        let Self { rt, returns, .. } = self;
        let (kind, args) = (self.path("Point"), self.ident("Args"));
        let (declared, predicates) = (self.declared(), self.predicates());
        let (types, names, fields) = (&signature.types, signature.lifetimes(), self.arguments());
        let [values, held, call] = ["args", "held", "call"].map(local);
        let peeks = self.peeks(&quote!(#held));
        let lifetimes = quote!('__a, '__b: '__a, '__c: '__a);
        quote! {
            #[automatically_derived]
            impl<#declared __F> #rt::wide::ExtensionOf<#kind> for #rt::LocalFnMut<__F>
            where
                __F: for<#(#names),*> ::core::ops::FnMut(#args<#(#types),*>) -> #returns,
                #predicates
            {
                #[inline]
                fn call<#lifetimes>(&self, #values: #args<#(#types),*>) -> #returns {
                    let mut #call = self.lend::<#kind>();
                    (*#call)(#values)
                }
            }
            #[automatically_derived]
            impl<#declared __V, __F, __W> #rt::wide::Accepts<#kind> for #rt::LocalWhen<__V, __F, __W>
            where
                __W: for<'__x, #(#names),*> ::core::ops::Fn(&__V, #args<#(&'__x #types),*>) -> ::core::primitive::bool,
                #predicates
            {
                fn accepts<#lifetimes>(
                    &self,
                    #held: &<#kind as #rt::wide::WideSignature>::Held<'__a, '__b, '__c>,
                ) -> ::core::primitive::bool {
                    (self.when)(self.value(), #args { #(#fields: #peeks),* })
                }
            }
        }
    }
}
