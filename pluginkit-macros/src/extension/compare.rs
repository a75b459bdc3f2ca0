//! Comparison of the types of an extension with those of its point, by the type checker.
//!
//! A constant has closures that never run. In an error, the type in the extension stands against the type in the point. The
//! call of an extension alone would tell the opposite for an argument.
//!
//! The tokens that an error points at have the span of the source itself, not only its place. So the compiler does not speak
//! of an expansion.

use std::cell::Cell;

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::{Generics, Lifetime, Path, ReturnType, Signature, Type};

use crate::extension::model::{Around, Block, Method, Parameter, named, replace_next, wraps};
use crate::support::attributes::carried;
use crate::support::checks;
use crate::support::krate::Krate;
use crate::support::lifetimes::with_each_lifetime;
use crate::support::names::{self, local};

/// Returns the assertions about the names of methods, and about the types of extensions and of the arguments of wrappers.
pub(super) fn assertions(block: &Block) -> TokenStream {
    let krate = &block.krate;
    let rt = quote!(#krate::__private);
    let specs = quote!(__Declared);
    let asserted = block.methods.iter().map(|method| {
        let (carried, named) = (carried(&method.attributes), named(&rt, &specs, &method.target));
        let compared = compared(method, &block.generics, &rt);
        quote! {
            #(#carried)*
            {
                type __Named = #named;
                let _ = ::core::marker::PhantomData::<__Named>;
                #compared
            }
        }
    });
    quote!(#(#asserted)*)
}

/// Returns a block with the value of a [`Comparison`] that makes these assertions.
///
/// [`Comparison`]: ../../pluginkit/__private/compare/trait.Comparison.html
pub(crate) fn holds(rt: &TokenStream, assertions: &TokenStream) -> TokenStream {
    quote!({
        struct __Compared;
        impl<__T> #rt::compare::Comparison<__T> for __Compared {
            const HOLDS: ::core::primitive::bool = {
                #assertions
                true
            };
        }
        <__Compared as #rt::compare::Comparison<()>>::HOLDS
    })
}

/// Returns the comparison of the types of a method with those of the point of `__Named`, as a statement.
fn compared(method: &Method, generics: &Generics, rt: &TokenStream) -> TokenStream {
    let (args, hash) = (local("args"), names::point_key(&method.target));
    let to = Compared { rt, generics, parameter: &parameter(), verdicts: None };
    let arguments = to.arguments(method, &args);
    let point = quote!(<__Named as #rt::HasPoint<#hash>>);
    let returned = (method.next.is_none())
        .then(|| to.types(&RETURNED, &method.output, &|ty| quote!(::<#point::Return<'_>, #ty>::new())));
    quote! {
        #[allow(deprecated, elided_lifetimes_in_paths)]
        let _ = |#args: #point::Args<'_>| {
            let _ = &#args;
            #arguments
            #returned
        };
    }
}

/// Returns the comparison of the types of a function with those of its point, as the value of a constant.
pub(crate) fn function(krate: &Krate, method: &Method, point: &Path, specs: Option<&Path>) -> TokenStream {
    let rt = quote!(#krate::__private);
    let (args, generics) = (local("args"), Generics::default());
    let to = Compared { rt: &rt, generics: &generics, parameter: &parameter(), verdicts: None };
    let compared = match specs {
        Some(specs) if method.next.is_some() => {
            let (hash, arguments) = (names::point_key(&method.target), to.arguments(method, &args));
            let named = named(&rt, &specs.to_token_stream(), &method.target);
            quote! {
                |#args: <#named as #rt::HasPoint<#hash>>::Args<'_>| {
                    let _ = &#args;
                    #arguments
                }
            }
        }
        _ => {
            let closure = to.closure(method);
            quote!(|| #rt::compared(#point, (), #closure))
        }
    };
    let assertion = quote! {
        #[allow(deprecated, elided_lifetimes_in_paths)]
        let _ = #compared;
    };
    holds(&rt, &assertion)
}

/// Returns the point of a method in a block for generic specs, and the statements that compare the types of both.
///
/// A constant cannot name the parameters of the block. So a verdict is a type that the compiler infers: if it cannot, it
/// does not know the point, and reports nothing more about the method.
pub(super) fn point(method: &Method, block: &Block, point: &TokenStream) -> (TokenStream, TokenStream) {
    let krate = &block.krate;
    let rt = quote!(#krate::__private);
    let (verdicts, compared) = (Cell::new(0), local("compared_point"));
    // The compiler says less of a parameter.
    let parameter = block.generics.type_params().next();
    let parameter = parameter.map_or_else(|| Ident::new("Self", Span::mixed_site()), |it| it.ident.clone());
    let no_parameters = Generics::default();
    let to = Compared { rt: &rt, generics: &no_parameters, parameter: &parameter, verdicts: Some(&verdicts) };
    let closure = to.closure(method);
    let verdicts: Vec<_> = (0..verdicts.get()).map(verdict).collect();
    let all = verdicts.iter().rev().fold(quote!(()), |rest, verdict| quote!((#verdict, #rest)));
    let statements = quote! {
        #(let #verdicts = #rt::compare::Verdict::new();)*
        #[allow(elided_lifetimes_in_paths)]
        let #compared = #rt::compared(#point, #all, move #closure);
    };
    (compared.to_token_stream(), statements)
}

/// Returns the parameter of a [`holds`].
pub(super) fn parameter() -> Ident {
    Ident::new("__T", Span::mixed_site())
}

/// Returns the variable with the verdict of a comparison.
fn verdict(index: usize) -> Ident {
    local(&format!("verdict_{index}"))
}

/// Replaces the return type of a wrapper by the same type, which is an error if it is not the outcome of the point.
///
/// So the compiler reports nothing about the body of the wrapper.
pub(crate) fn outcome(
    around: &Around<'_>,
    specs: &Path,
    generics: &Generics,
    method: &Method,
    sig: &mut Signature,
) {
    if method.next.is_none() || in_body(&method.output, generics).is_none() {
        return;
    }
    let krate = around.krate;
    let (rt, hash) = (quote!(#krate::__private), names::point_key(&method.target));
    let (wraps, written) = (wraps(&rt, specs, &method.target), &method.output);
    let point = quote!(<<#rt::Checks<#wraps> as #rt::Passed<#specs>>::Type as #rt::HasPoint<#hash>>);
    let to = Compared { rt: &rt, generics, parameter: &parameter(), verdicts: None };
    let comparison = to.types(&OUTCOME, written, &|ty| quote!(::<#point::Outcome<'_>, #ty>::new()));
    let assertion = quote! {
        #[allow(deprecated, elided_lifetimes_in_paths)]
        let _ = || { #comparison };
    };
    let check = holds(&rt, &assertion);
    let checked: Type = syn::parse_quote!(<#rt::Checks<#check> as #rt::Passed<#written>>::Type);
    sig.output = ReturnType::Type(syn::token::RArrow::default(), Box::new(checked));
    if let Some(next) = method.next.as_ref().filter(|next| next.bound) {
        // The type of this `next` names the return type.
        replace_next(sig, &method.target, specs, next, around);
    }
}

/// A trait that says which types fit, and its function.
struct Assertion {
    holds: &'static str,
    function: &'static str,
}

const ARGUMENT: Assertion = Assertion { holds: "ArgumentOf", function: "argument" };
const RETURNED: Assertion = Assertion { holds: "ReturnOf", function: "returned" };
const OUTCOME: Assertion = Assertion { holds: "OutcomeOf", function: "outcome" };

/// What comparisons need.
struct Compared<'c> {
    rt: &'c TokenStream,
    /// The parameters that a type must not name.
    generics: &'c Generics,
    /// The type that must implement the traits.
    parameter: &'c Ident,
    /// The number of verdicts so far, if the comparisons have them.
    verdicts: Option<&'c Cell<usize>>,
}

impl Compared<'_> {
    /// Returns a closure that has the type of an extension of the point, and compares the types of a method.
    fn closure(&self, method: &Method) -> TokenStream {
        let (rt, args, hole, value) = (self.rt, local("args"), local("hole"), local("value"));
        let arguments = self.arguments(method, &args);
        let returned = (method.next.is_none())
            .then(|| self.types(&RETURNED, &method.output, &|ty| quote!(::<_, #ty>::like(#hole))));
        quote! {
            |#args| {
                let _ = &#args;
                #arguments
                let (#hole, #value) = #rt::compare::hole();
                if true {
                    return #value;
                }
                #returned
                loop {}
            }
        }
    }

    /// Returns the comparisons of the arguments that a method takes.
    fn arguments(&self, method: &Method, args: &Ident) -> TokenStream {
        let compared = method.parameters.iter().map(|Parameter { field, written, .. }| {
            let mut args = args.clone();
            args.set_span(Span::mixed_site().located_at(names::ends(written).0));
            let value = quote!(#args.#field);
            match in_body(written, self.generics) {
                Some(_) => self.types(&ARGUMENT, written, &|ty| quote!(::<_, #ty>::of(#value))),
                None => quote!(let _ = #value;),
            }
        });
        quote!(#(#compared)*)
    }

    /// Returns the comparison of a type with another, with its error at `written`; nothing for types that cannot be compared.
    fn types(
        &self,
        assertion: &Assertion,
        written: &Type,
        types: &dyn Fn(Type) -> TokenStream,
    ) -> TokenStream {
        let Some(ty) = in_body(written, self.generics) else { return TokenStream::new() };
        let (rt, types) = (self.rt, types(ty));
        let (first, last) = names::ends(written);
        // One variable has one syntax context, also if a macro made a part of the type.
        let last = last.resolved_at(first);
        let holds = Ident::new(assertion.holds, Span::mixed_site());
        let (compared, used) = (names::located("compared", first), names::located("compared", last));
        let borrowed = quote_spanned!(first=> &#used);
        let holds = quote!(#rt::compare::#holds<_, _, _, _>);
        let function = match self.verdicts {
            Some(_) => &format!("{}_verdict", assertion.function),
            None => assertion.function,
        };
        let asserted = checks::of_parameter(rt, written, self.parameter, &holds, function);
        // The call is at the same place as its path, so that the same error about both is told once.
        let arguments = quote!(#borrowed, (&&&&#compared).verdict(), #rt::compare::unnamed());
        let mut arguments = Group::new(Delimiter::Parenthesis, arguments);
        arguments.set_span(last);
        let mut asserted = quote!(#asserted #arguments);
        if let Some(verdicts) = self.verdicts {
            let verdict = verdict(verdicts.replace(verdicts.get() + 1));
            asserted = quote!(#verdict.of(#asserted));
        }
        quote! {
            {
                use #rt::compare::{Alike as _, Dereferences as _, Distinct as _, Other as _, Same as _};
                let #compared = #rt::compare::Types #types;
                #asserted;
            }
        }
    }
}

/// Returns a type as a function body has it; `None` if a body cannot have it, if the compiler may convert it, or if a
/// constant cannot name it.
fn in_body(ty: &Type, generics: &Generics) -> Option<Type> {
    let tokens = ty.to_token_stream();
    let is_apart = |word: &Ident| ["Self", "impl", "fn", "for"].iter().any(|each| word == each);
    if matches!(ty, Type::Never(_))
        || names::mention(tokens.clone(), &is_apart).is_some()
        || generics.type_params().any(|each| names::mentions(&tokens, &each.ident))
        || generics.const_params().any(|each| names::mentions(&tokens, &each.ident))
    {
        return None;
    }
    Some(with_each_lifetime(ty, &Lifetime::new("'_", Span::call_site())))
}
