//! Comparison of the types of an extension with those of its point, by the type checker.
//!
//! A function of a constant has closures that never run. In an error, the type in the extension stands against the type in the point. The
//! call of an extension alone would tell the opposite for an argument.
//!
//! The tokens that an error points at have the span of the source itself, not only its place. So the compiler does not speak
//! of an expansion.

use std::cell::Cell;

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Generics, Lifetime, Path, ReturnType, Signature, Type};

use crate::extension::model::{Around, Block, Method, Parameter, named, replace_next, wraps};
use crate::support::attributes::carried;
use crate::support::checks;
use crate::support::krate::{Krate, Runtime};
use crate::support::lifetimes::with_each_lifetime;
use crate::support::names::{self, local};

/// Returns the assertions about the names of methods, and about the types of extensions and of the arguments of wrappers.
pub(super) fn assertions(block: &Block) -> TokenStream {
    let rt = Runtime;
    let specs = quote!(__Declared);
    let asserted = block.methods.iter().map(|method| {
        let (carried, named) = (carried(&method.attributes), named(&rt, &specs, &method.target));
        let compared = compared(method, block, &rt);
        quote! {
            #(#carried)*
            {
                type __Named = #named;
                let _ = ::core::marker::PhantomData::<__Named>;
                #compared
            }
        }
    });
    let traits = traits_of_verdicts(&rt);
    quote!(#traits #(#asserted)*)
}

/// Returns a block with a constant that has no value if one of the assertions fails. Their bounds are those of a parameter.
pub(crate) fn holds(assertions: &TokenStream) -> TokenStream {
    quote!({
        const fn __compared<__T>() -> ::core::primitive::bool {
            #assertions
            true
        }
        __compared::<()>()
    })
}

/// Returns a `use` of the traits whose methods compare types and names.
fn traits_of_verdicts(rt: &impl ToTokens) -> TokenStream {
    quote!(use #rt::compare::{Alike as _, Dereferences as _, Distinct as _, Other as _, Same as _};)
}

/// Returns the comparison of the types of a method with those of the point of `__Named`, as a statement.
fn compared(method: &Method, block: &Block, rt: &Runtime) -> TokenStream {
    let parameter = parameter();
    let to = Compared {
        rt,
        krate: &block.krate,
        generics: &block.generics,
        parameter: &parameter,
        verdicts: None,
        local: block.local,
    };
    if method.next.is_some() {
        return to.wrapper(method, &quote!(__Named));
    }
    let target = &method.target;
    let point = quote_spanned!(target.span()=> <__Named>::#target);
    let plugin = if block.is_generic() { quote!(()) } else { quote!(__Candidate) };
    let compared = to.point(method, &plugin, &point);
    to.in_build(
        method,
        &quote! {
            #[allow(deprecated, elided_lifetimes_in_paths)]
            let _ = || #compared;
        },
    )
}

/// Returns the comparison of the types of a function with those of its point, as the value of a constant.
pub(crate) fn function(krate: &Krate, method: &Method, point: &Path, specs: Option<&Path>) -> TokenStream {
    let rt = Runtime;
    let (parameter, generics) = (parameter(), Generics::default());
    let to =
        Compared { rt: &rt, krate, generics: &generics, parameter: &parameter, verdicts: None, local: false };
    let assertion = match specs {
        Some(specs) if method.next.is_some() => {
            to.wrapper(method, &named(&rt, &specs.to_token_stream(), &method.target))
        }
        _ => {
            let compared = to.point(method, &quote!(#rt::build::Function), &point.to_token_stream());
            to.in_build(
                method,
                &quote! {
                    #[allow(deprecated, elided_lifetimes_in_paths)]
                    let _ = || #compared;
                },
            )
        }
    };
    let traits = traits_of_verdicts(&rt);
    holds(&quote!(#traits #assertion))
}

/// Returns the point of a method in a block for generic specs, and the statements that compare the types of both.
///
/// A constant cannot name the parameters of the block. So a verdict is a type that the compiler infers: if it cannot, it
/// does not know the point, and reports nothing more about the method.
pub(super) fn point(method: &Method, block: &Block, point: &TokenStream) -> (TokenStream, TokenStream) {
    let (rt, krate) = (Runtime, &block.krate);
    let (verdicts, name) = (Cell::new(0), local("compared_point"));
    // The compiler says less of a parameter.
    let parameter = block.generics.type_params().next();
    let parameter = parameter.map_or_else(|| Ident::new("Self", Span::mixed_site()), |it| it.ident.clone());
    let to = Compared {
        rt: &rt,
        krate,
        generics: &Generics::default(),
        parameter: &parameter,
        verdicts: Some(&verdicts),
        local: block.local,
    };
    let compared = to.point(method, &quote!(()), point);
    let verdicts = (0..verdicts.get()).map(verdict);
    let traits = traits_of_verdicts(&rt);
    let statements = to.in_build(
        method,
        &quote! {
            #traits
            #(let #verdicts = #rt::compare::Verdict::new();)*
            #[allow(elided_lifetimes_in_paths)]
            let #name = #compared;
        },
    );
    (name.to_token_stream(), statements)
}

/// Returns the parameter of the assertions of a [`holds`].
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
    let parameter = parameter();
    let to = Compared { rt: &rt, krate, generics, parameter: &parameter, verdicts: None, local: false };
    let comparison = to.types(&OUTCOME, written, &|ty| quote!(::<#point::Outcome<'_>, #ty>::new()));
    let traits = traits_of_verdicts(&rt);
    let assertion = quote! {
        #traits
        #[allow(deprecated, elided_lifetimes_in_paths)]
        let _ = || { #comparison };
    };
    let check = holds(&assertion);
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
    rt: &'c dyn ToTokens,
    /// The parameters that a type must not name.
    generics: &'c Generics,
    /// The type that must implement the traits.
    parameter: &'c Ident,
    /// The number of verdicts so far, if the comparisons have them.
    verdicts: Option<&'c Cell<usize>>,
    /// Whether the point is for a local manager.
    local: bool,
    krate: &'c Krate,
}

impl Compared<'_> {
    /// Returns a statement that compares the arguments that a wrapper takes.
    fn wrapper(&self, method: &Method, specs: &TokenStream) -> TokenStream {
        let (rt, args, hash) = (self.rt, local("args"), names::point_key(&method.target));
        let arguments = self.arguments(method, &args);
        quote! {
            #[allow(deprecated, elided_lifetimes_in_paths)]
            let _ = |#args: <#specs as #rt::HasPoint<#hash>>::Args<'_>| {
                let _ = &#args;
                #arguments
            };
        }
    }

    /// Returns the point, after a closure has compared the types of a method with those of its extensions.
    ///
    /// The compiler infers the types of the closure from the trait by which the method is bound: a point that is written by
    /// hand may have no other.
    fn point(&self, method: &Method, plugin: &TokenStream, point: &TokenStream) -> TokenStream {
        let (rt, args, hole) = (self.rt, local("args"), local("hole"));
        let (slot, value) = (local("slot"), local("value"));
        let arguments = self.arguments(method, &args);
        let is_async = method.is_async && method.next.is_none();
        let returned = (method.next.is_none())
            .then(|| self.types(&RETURNED, &method.output, &|ty| quote!(::<_, #ty>::like(#hole))));
        let verdicts = (0..self.verdicts.map_or(0, Cell::get)).map(verdict).rev();
        let verdicts = verdicts.fold(quote!(()), |rest, verdict| quote!((#verdict, #rest)));
        let (compared, parameters) = match (self.local, is_async) {
            (true, _) => (quote!(compared_fn), quote!(#args)),
            (false, false) => (quote!(compared::<#plugin, _, _, _>), quote!(_, #args)),
            (false, true) if method.is_by_reference() => {
                (quote!(compared_async::<#plugin, _, _, _>), quote!(_, #args, #slot))
            }
            (false, true) => (quote!(compared_async_shared::<#plugin, _, _, _>), quote!(_, #args, #slot)),
        };
        let hole = if is_async {
            quote!(let #hole = #slot.returned();)
        } else {
            quote! {
                let (#hole, #value) = #rt::compare::hole();
                if true {
                    return #value;
                }
            }
        };
        quote! {
            #rt::#compared(#point, #verdicts, move |#parameters| {
                let _ = &#args;
                #arguments
                #hole
                #returned
                loop {}
            })
        }
    }

    /// Returns statements that are in builds that have such methods.
    fn in_build(&self, method: &Method, statements: &TokenStream) -> TokenStream {
        if method.is_async && method.next.is_none() {
            self.krate.if_async(|| statements.clone())
        } else {
            statements.clone()
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
        let asserted = checks::of_parameter(&rt, written, self.parameter, &holds, function);
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
