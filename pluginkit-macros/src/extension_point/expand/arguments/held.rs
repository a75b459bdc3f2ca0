//! The struct of the arguments, which also holds them during a call.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::extension_point::expand::Expansion;
use crate::extension_point::model::{Arg, Passing, Relation};

impl Expansion<'_> {
    /// Returns the struct of the arguments, with a field for each. It also holds them during a call.
    pub(crate) fn args(&self) -> TokenStream {
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

    /// `FetchArgs<&'__0 str, …>`
    pub(crate) fn args_type(&self) -> TokenStream {
        let (args, witness) = (self.ident("Args"), self.witness());
        let types = self.point.args.iter().map(|arg| &arg.ty);
        quote!(#args<#(#types,)* #witness>)
    }

    /// Returns the type of the arguments during a call: owned ones are in an `Option`.
    pub(crate) fn held(&self) -> TokenStream {
        let args = self.ident("Args");
        let types = self.point.args.iter().map(|Arg { ty, passing, .. }| match passing {
            Passing::Give | Passing::Threaded => quote!(::core::option::Option<#ty>),
            _ => quote!(#ty),
        });
        let witness = self.witness();
        quote!(#args<#(#types,)* #witness>)
    }

    /// Returns the last parameter of the struct of arguments, by which its type implies the bounds between lifetimes.
    pub(crate) fn witness(&self) -> Option<TokenStream> {
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
    pub(crate) fn struct_of(&self, fields: &[TokenStream]) -> TokenStream {
        let args = self.ident("Args");
        let witness =
            self.witnessed().map(|witnessed| quote!(__bounds: ::core::marker::PhantomData::<#witnessed>));
        quote!(#args { #(#fields,)* #witness })
    }

    /// Returns the struct of the arguments, from variables.
    pub(crate) fn struct_of_variables(&self) -> TokenStream {
        let fields: Vec<_> = self.point.args.iter().map(|Arg { ident, .. }| quote!(#ident)).collect();
        self.struct_of(&fields)
    }

    /// Returns the arguments of a call, from variables.
    pub(crate) fn hold(&self) -> TokenStream {
        let Some(signature) = &self.point.signature else { return self.hold_fields() };
        let (rt, kind, args, fields) = (&self.rt, self.path("Point"), self.ident("Args"), self.arguments());
        let passing = if signature.is_wide() { quote!(wide::WidePassing) } else { quote!(Passing) };
        quote!(#rt::#passing::<#kind>::new(#args { #(#fields),* }))
    }

    /// Returns a value of the type [`held`](Self::held), from variables.
    pub(crate) fn hold_fields(&self) -> TokenStream {
        let fields = self.point.args.iter().map(|Arg { ident, passing, .. }| match passing {
            Passing::Give | Passing::Threaded => quote!(#ident: ::core::option::Option::Some(#ident)),
            _ => quote!(#ident),
        });
        self.struct_of(&fields.collect::<Vec<_>>())
    }
}
