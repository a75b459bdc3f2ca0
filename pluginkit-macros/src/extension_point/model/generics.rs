//! The parameters of generic specs.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::punctuated::Punctuated;
use syn::{
    GenericParam, Lifetime, LifetimeParam, Token, TypeParam, TypeParamBound, WhereClause, WherePredicate,
};

use crate::support::errors::Errors;
use crate::support::names::{mention, mentions_lifetime, mentions_parameter};

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
                    make_static(parameter);
                    parameter.default = None;
                }
                GenericParam::Const(parameter) => {
                    parameter.default = None;
                }
            }
            let mut defaulted = parameter.clone();
            if let GenericParam::Type(parameter) = &mut defaulted {
                make_static(parameter);
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
            } else if let WherePredicate::Type(predicate) = predicate {
                let mut predicate = predicate.clone();
                predicate.bounds = without_lifetimes(predicate.bounds);
                if !predicate.bounds.is_empty() {
                    parameters.predicates.push(WherePredicate::Type(predicate));
                }
            }
        }
        parameters.check_bounds(errors);
        parameters
    }

    /// Rejects bounds of types that name a lifetime of the trait.
    fn check_bounds(&mut self, errors: &mut Errors) {
        const FIX: &str = "the lifetimes of a trait become lifetimes of its methods, so that no bound of the specs can name them: write `for<'x>`, or remove this bound";
        let declared = self.declared.iter().map(ToTokens::to_token_stream);
        for tokens in declared.filter(|tokens| self.names_lifetime(tokens)) {
            errors.push(tokens, FIX);
        }
        let (wrong, predicates): (Vec<_>, Vec<_>) = std::mem::take(&mut self.predicates)
            .into_iter()
            .partition(|each| self.names_lifetime(&each.to_token_stream()));
        self.predicates = predicates;
        for predicate in wrong {
            errors.push(predicate, FIX);
        }
    }

    /// Returns whether tokens name a lifetime of the trait.
    fn names_lifetime(&self, tokens: &TokenStream) -> bool {
        self.lifetimes.iter().any(|each| mentions_lifetime(tokens, &each.lifetime))
    }

    /// Returns whether a type names a parameter.
    pub(crate) fn are_in(&self, ty: &syn::Type) -> bool {
        let tokens = ty.to_token_stream();
        self.declared.iter().any(|parameter| mentions_parameter(&tokens, parameter))
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

    /// Takes the bounds of a method on parameters of the specs. They hold for the specs as a whole, because a manager that
    /// has the specs has all their points.
    ///
    /// A method that is `conditional` may not be there, so that no other can depend on its bounds.
    pub(super) fn take_bounds(&mut self, sig: &mut syn::Signature, conditional: bool, errors: &mut Errors) {
        let own: Vec<Lifetime> = sig.generics.lifetimes().map(|each| each.lifetime.clone()).collect();
        let Some(clause) = &mut sig.generics.where_clause else { return };
        let predicates = std::mem::take(&mut clause.predicates);
        for predicate in predicates {
            let tokens = predicate.to_token_stream();
            let WherePredicate::Type(of_type) = &predicate else {
                clause.predicates.push(predicate);
                continue;
            };
            if mention(tokens.clone(), &|word| word == "Self").is_some() {
                errors.push(
                    predicate,
                    "a point is a call to all plugins, which have different types: remove this bound",
                );
            } else if !self.declared.iter().any(|parameter| mentions_parameter(&tokens, parameter)) {
                clause.predicates.push(predicate);
            } else if conditional {
                errors.push(
                    predicate,
                    "a bound on a parameter of the specs holds for all their points, and this point is not always there: write the bound at the trait",
                );
            } else if self.names_lifetime(&tokens) || own.iter().any(|each| mentions_lifetime(&tokens, each))
            {
                errors.push(
                    predicate,
                    "a bound on a parameter of the specs holds for all their points, which do not have this lifetime: write `for<'x>`, or remove this bound",
                );
            } else {
                let mut of_type = of_type.clone();
                of_type.bounds = without_lifetimes(of_type.bounds);
                if !of_type.bounds.is_empty() {
                    self.predicates.push(WherePredicate::Type(of_type));
                }
            }
        }
    }

    /// Adds the lifetimes of the trait that a method names to those of the method.
    pub(super) fn lend(&self, trait_bounds: Option<&WhereClause>, sig: &mut syn::Signature) {
        let mut lent: Vec<LifetimeParam> = Vec::new();
        for parameter in &self.lifetimes {
            if mentions_lifetime(&sig.to_token_stream(), &parameter.lifetime) {
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

/// Makes a type parameter `'static`, which includes its other lifetimes.
fn make_static(parameter: &mut TypeParam) {
    parameter.bounds = without_lifetimes(std::mem::take(&mut parameter.bounds));
    parameter.bounds.push(syn::parse_quote!('static));
}

fn without_lifetimes(bounds: Punctuated<TypeParamBound, Token![+]>) -> Punctuated<TypeParamBound, Token![+]> {
    bounds.into_iter().filter(|bound| !matches!(bound, TypeParamBound::Lifetime(_))).collect()
}

fn name(parameter: &GenericParam) -> TokenStream {
    match parameter {
        GenericParam::Type(parameter) => parameter.ident.to_token_stream(),
        GenericParam::Const(parameter) => parameter.ident.to_token_stream(),
        GenericParam::Lifetime(parameter) => parameter.lifetime.to_token_stream(),
    }
}
