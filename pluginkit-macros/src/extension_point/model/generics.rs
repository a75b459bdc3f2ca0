//! The parameters of generic specs.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::punctuated::Punctuated;
use syn::{GenericParam, Lifetime, LifetimeParam, WhereClause, WherePredicate};

use crate::support::errors::Errors;
use crate::support::names::{mention, mentions};

/// The types and constants over which specs are generic.
///
/// Each instantiation is a type of its own, so that a type parameter must be `'static`. The lifetimes of a trait have no
/// such types: they become lifetimes of its methods.
#[derive(Default)]
pub(crate) struct Parameters {
    /// The parameters with their bounds, and without their defaults.
    declared: Vec<GenericParam>,
    /// The same with their defaults.
    defaulted: Vec<GenericParam>,
    predicates: Vec<WherePredicate>,
    /// The lifetimes of the trait.
    pub(super) lifetimes: Vec<LifetimeParam>,
}

impl Parameters {
    pub(super) fn new(generics: &syn::Generics, errors: &mut Errors) -> Self {
        let mut parameters = Self::default();
        for parameter in &generics.params {
            let mut declared = parameter.clone();
            match &mut declared {
                GenericParam::Lifetime(lifetime) => {
                    parameters.lifetimes.push(lifetime.clone());
                    continue;
                }
                GenericParam::Type(parameter) => {
                    parameter.bounds.push(syn::parse_quote!('static));
                    parameter.default = None;
                }
                GenericParam::Const(parameter) => {
                    parameter.default = None;
                }
            }
            let mut defaulted = parameter.clone();
            if let GenericParam::Type(parameter) = &mut defaulted {
                parameter.bounds.push(syn::parse_quote!('static));
            }
            parameters.declared.push(declared);
            parameters.defaulted.push(defaulted);
        }
        for predicate in generics.where_clause.iter().flat_map(|clause| &clause.predicates) {
            let is_about_self = mention(predicate.to_token_stream(), &|word| word == "Self").is_some();
            if is_about_self || generics.params.is_empty() {
                errors.push(
                    predicate,
                    "specs have bounds on their parameters only, because they become a struct: remove this bound",
                );
            } else if !parameters.is_about_lifetimes(predicate) {
                parameters.predicates.push(predicate.clone());
            }
        }
        parameters
    }

    /// Returns whether a predicate is one of the lifetimes of the trait, which only its methods have.
    fn is_about_lifetimes(&self, predicate: &WherePredicate) -> bool {
        let tokens = predicate.to_token_stream();
        self.lifetimes.iter().any(|each| mentions(&tokens, &each.lifetime.ident))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.declared.is_empty()
    }

    /// Returns the parameters as `R: Runtime + 'static, const N: usize,`.
    pub(crate) fn declared(&self) -> TokenStream {
        let declared = &self.declared;
        quote!(#(#declared,)*)
    }

    /// Returns the parameters of an `impl`: `<R: Runtime + 'static,>`, or nothing.
    pub(crate) fn of_impl(&self) -> Option<TokenStream> {
        let declared = self.declared();
        (!self.is_empty()).then(|| quote!(<#declared>))
    }

    /// Returns the parameters of the struct: `<R: Runtime + 'static = Wry,>`, or nothing.
    pub(crate) fn of_struct(&self) -> Option<TokenStream> {
        let defaulted = &self.defaulted;
        (!self.is_empty()).then(|| quote!(<#(#defaulted,)*>))
    }

    /// Returns the names of the parameters: `R, N,`.
    pub(crate) fn names(&self) -> TokenStream {
        let names = self.declared.iter().map(name);
        quote!(#(#names,)*)
    }

    /// Returns the arguments of a path: `<R, N,>`, or nothing.
    pub(crate) fn of_path(&self) -> Option<TokenStream> {
        let names = self.names();
        (!self.is_empty()).then(|| quote!(<#names>))
    }

    /// Returns the `where` clause, with the predicates of `others`.
    pub(crate) fn bounds(&self, others: Option<&WhereClause>) -> Option<WhereClause> {
        let others = others.into_iter().flat_map(|clause| &clause.predicates);
        let predicates: Vec<_> = self.predicates.iter().chain(others).collect();
        (!predicates.is_empty()).then(|| syn::parse_quote!(where #(#predicates,)*))
    }

    /// Returns the type of a field that uses the parameters; `None` if there are none.
    pub(crate) fn marker(&self) -> Option<TokenStream> {
        let types = self.declared.iter().filter_map(|parameter| match parameter {
            GenericParam::Type(parameter) => Some(&parameter.ident),
            _ => None,
        });
        let marker = quote!(::core::marker::PhantomData);
        (!self.is_empty()).then(|| quote!(#marker<fn() -> (#(#marker<#types>,)*)>))
    }

    /// Adds the lifetimes of the trait that a method names to those of the method.
    pub(super) fn lend(&self, trait_bounds: Option<&WhereClause>, sig: &mut syn::Signature) {
        let mut lent: Vec<LifetimeParam> = Vec::new();
        for parameter in &self.lifetimes {
            if mentions(&sig.to_token_stream(), &parameter.lifetime.ident) {
                lent.push(parameter.clone());
            }
        }
        let is_lent = |lifetime: &Lifetime| {
            lifetime.ident == "static" || lent.iter().any(|each| each.lifetime == *lifetime)
        };
        let all: Vec<LifetimeParam> = lent
            .iter()
            .map(|parameter| {
                let mut parameter = parameter.clone();
                let bounds: Punctuated<_, _> =
                    parameter.bounds.into_iter().filter(|bound| is_lent(bound)).collect();
                parameter.bounds = bounds;
                if parameter.bounds.is_empty() {
                    parameter.colon_token = None;
                }
                parameter
            })
            .collect();
        for predicate in trait_bounds.iter().flat_map(|clause| &clause.predicates) {
            if let WherePredicate::Lifetime(predicate) = predicate
                && is_lent(&predicate.lifetime)
                && predicate.bounds.iter().all(is_lent)
            {
                sig.generics.make_where_clause().predicates.push(WherePredicate::Lifetime(predicate.clone()));
            }
        }
        let own = std::mem::take(&mut sig.generics.params);
        sig.generics.params = all.into_iter().map(GenericParam::Lifetime).chain(own).collect();
    }
}

fn name(parameter: &GenericParam) -> TokenStream {
    match parameter {
        GenericParam::Type(parameter) => parameter.ident.to_token_stream(),
        GenericParam::Const(parameter) => parameter.ident.to_token_stream(),
        GenericParam::Lifetime(parameter) => parameter.lifetime.to_token_stream(),
    }
}
