//! Comparison of the types of an extension with those of its point, by the type checker.
//!
//! A constant has closures that never run. In an error, the type in the extension stands against the type in the point. The
//! call of an extension alone would tell the opposite for an argument.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::{Lifetime, Path, ReturnType, Signature, Type};

use crate::extension::model::{Around, Block, Method, Parameter, replace_next, wraps};
use crate::support::attributes::carried;
use crate::support::krate::Krate;
use crate::support::lifetimes::with_each_lifetime;
use crate::support::names::{self, local};

/// Returns the assertions about the names of methods, and about the types of extensions and of the arguments of wrappers.
///
/// The compiler infers the types of the point from the bounds on a closure. It knows no such bounds for an `async fn`.
pub(super) fn assertions(block: &Block) -> TokenStream {
    let krate = &block.krate;
    let rt = quote!(#krate::__private);
    let asserted = block.methods.iter().map(|method| {
        let (carried, mut hash) = (carried(&method.attributes), names::point_key(&method.target));
        hash.set_span(method.target.span());
        let has_point = quote_spanned!(method.target.span()=> <__Declared>::__has_point::<#hash>());
        let compared = (method.next.is_some() || !method.is_async).then(|| compared(method, &rt));
        quote! {
            #(#carried)*
            {
                const __NAMED: ::core::primitive::bool = {
                    use #rt::compare::AnyPoint as _;
                    let _ = || #has_point;
                    true
                };
                type __Named = <#rt::Checks<{ __NAMED }> as #rt::Passed<__Declared>>::Type;
                let _ = ::core::marker::PhantomData::<__Named>;
                #compared
            }
        }
    });
    quote!(#(#asserted)*)
}

/// Returns the comparison of the types of a method, as a statement.
fn compared(method: &Method, rt: &TokenStream) -> TokenStream {
    let args = local("args");
    let arguments = method.parameters.iter().map(|Parameter { field, written, .. }| {
        let mut args = args.clone();
        args.set_span(Span::mixed_site().located_at(names::ends(written).0));
        let value = quote!(#args.#field);
        match in_body(written) {
            Some(ty) => comparison(rt, "argument", written, &quote!(::<_, #ty>::of(#value))),
            None => quote!(let _ = #value;),
        }
    });
    let compared = if method.next.is_some() {
        let hash = names::point_key(&method.target);
        quote! {
            |#args: <__Named as #rt::HasPoint<#hash>>::Args<'_>| {
                let _ = &#args;
                #(#arguments)*
            }
        }
    } else {
        let (hole, value, target) = (local("hole"), local("value"), &method.target);
        let point = quote_spanned!(target.span()=> <__Named>::#target);
        let returned = in_body(&method.output)
            .map(|ty| comparison(rt, "returned", &method.output, &quote!(::<_, #ty>::like(#hole))));
        quote! {
            || #rt::compared::<__Candidate, _, _>(#point, |_, #args| {
                let _ = &#args;
                #(#arguments)*
                let (#hole, #value) = #rt::compare::hole();
                if true {
                    return #value;
                }
                #returned
                loop {}
            })
        }
    };
    quote! {
        #[allow(deprecated, elided_lifetimes_in_paths)]
        let _ = #compared;
    }
}

/// Replaces the return type of a wrapper by the same type, which is an error if it is not the outcome of the point.
///
/// So the compiler reports nothing about the body of the wrapper.
pub(super) fn outcome(krate: &Krate, specs: &Path, method: &Method, sig: &mut Signature) {
    let Some(ty) = in_body(&method.output).filter(|_| method.next.is_some()) else { return };
    let (rt, hash) = (quote!(#krate::__private), names::point_key(&method.target));
    let (wraps, written) = (wraps(&rt, specs, &method.target), &method.output);
    let point = quote!(<<#rt::Checks<#wraps> as #rt::Passed<#specs>>::Type as #rt::HasPoint<#hash>>);
    let comparison = comparison(&rt, "outcome", written, &quote!(::<#point::Outcome<'_>, #ty>::new()));
    let check = quote!({ #[allow(deprecated, elided_lifetimes_in_paths)] let _ = || { #comparison }; true });
    let checked: Type = syn::parse_quote!(<#rt::Checks<#check> as #rt::Passed<#written>>::Type);
    sig.output = ReturnType::Type(syn::token::RArrow::default(), Box::new(checked));
    if let Some(next) = method.next.as_ref().filter(|next| next.bound) {
        // The type of this `next` names the return type.
        let around = Around { krate, specs: Some(specs), specs_are_generic: false, local: false };
        replace_next(sig, &method.target, specs, next, &around);
    }
}

/// Returns the comparison of two types, with its error at `written`.
fn comparison(rt: &TokenStream, assertion: &str, written: &Type, types: &TokenStream) -> TokenStream {
    let (first, last) = names::ends(written);
    let at = |span: Span| Span::mixed_site().located_at(span);
    let assertion = Ident::new(assertion, at(first));
    let (compared, last) = (names::located("compared", at(first)), names::located("compared", at(last)));
    let borrowed = quote_spanned!(at(first)=> &#last);
    quote! {
        {
            use #rt::compare::{Alike as _, Dereferences as _, Distinct as _, Other as _, Same as _};
            let #compared = #rt::compare::Types #types;
            #rt::compare::#assertion(#borrowed, (&&&&#compared).verdict());
        }
    }
}

/// Returns a type as a function body has it; `None` if a body cannot have it, or if the compiler may convert it.
fn in_body(ty: &Type) -> Option<Type> {
    let is_apart = |word: &Ident| ["Self", "impl", "fn", "for"].iter().any(|each| word == each);
    if matches!(ty, Type::Never(_)) || names::mention(ty.to_token_stream(), &is_apart).is_some() {
        return None;
    }
    Some(with_each_lifetime(ty, &Lifetime::new("'_", Span::call_site())))
}
