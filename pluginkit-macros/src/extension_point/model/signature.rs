//! The lifetimes of a point, and its signature: the types that the library can pass on.

use proc_macro2::Span;
use syn::punctuated::Punctuated;
use syn::{Lifetime, Token, Type, WherePredicate};

use crate::extension_point::model::arg::Arg;
use crate::extension_point::model::point::Point;
use crate::support::lifetimes::{
    distinct, encloses_another, exclusive_reference, inner_lifetimes, names as lifetimes_of, with_lifetimes,
};

/// The types of the arguments with the lifetimes of a signature.
///
/// `'__a` is the lifetime of references, which shrinks for each extension. `'__b` and `'__c` are lifetimes within types.
pub(crate) struct Signature {
    pub(crate) types: Vec<Type>,
    /// The number of lifetimes within types.
    inner: usize,
}

impl Signature {
    /// The most lifetimes within types.
    const MOST: usize = 2;

    pub(super) fn new(
        args: &[Arg],
        lifetimes: &[Lifetime],
        returns: &Type,
        relations: &[Relation],
    ) -> Option<Self> {
        let inner: Option<Vec<_>> = args.iter().map(|arg| inner_lifetimes(&arg.ty)).collect();
        let inner = distinct(inner?.concat());
        let exclusive = |arg: &Arg| exclusive_reference(&arg.ty)?.lifetime.clone();
        // The bound lifetimes of a `for<'x>` are not those of the point.
        if inner.len() > Self::MOST
            || !inner.iter().all(|each| lifetimes.contains(each))
            || args.iter().filter_map(exclusive).any(|each| inner.contains(&each))
            || !lifetimes_of(returns).is_empty()
            || args.iter().any(|arg| encloses_another(&arg.ty, &inner))
            // References shrink to one lifetime, which every other outlives.
            || relations.iter().any(|relation| inner.contains(&relation.shorter))
        {
            return None;
        }
        let name = |lifetime: &Lifetime| {
            let name = match inner.iter().position(|each| each == lifetime) {
                None if lifetime.ident == "static" => return lifetime.clone(),
                None => "'__a",
                Some(0) => "'__b",
                Some(_) => "'__c",
            };
            Lifetime::new(name, Span::mixed_site())
        };
        let types = args.iter().map(|arg| with_lifetimes(&arg.ty, &name)).collect();
        Some(Self { types, inner: inner.len() })
    }

    /// Returns whether there are lifetimes within types.
    pub(crate) fn is_wide(&self) -> bool {
        self.inner > 0
    }

    /// Returns the lifetimes that the types name, and `'__a` if there are lifetimes within types.
    pub(crate) fn lifetimes(&self) -> Vec<Lifetime> {
        let mut all: Vec<_> = self.types.iter().flat_map(lifetimes_of).collect();
        if self.is_wide() {
            all.push(Lifetime::new("'__a", Span::mixed_site()));
        }
        let mut lifetimes = distinct(all);
        lifetimes.sort();
        lifetimes
    }
}

/// A bound `'longer: 'shorter` between two lifetimes of a point.
pub(crate) struct Relation {
    pub(crate) longer: Lifetime,
    pub(crate) shorter: Lifetime,
}

impl Relation {
    /// Returns the bounds between lifetimes of a method.
    pub(super) fn all(generics: &syn::Generics) -> Vec<Self> {
        let declared = generics.lifetimes().map(|each| (&each.lifetime, &each.bounds));
        let predicates = generics.where_clause.iter().flat_map(|clause| &clause.predicates);
        let clauses = predicates.filter_map(|each| match each {
            WherePredicate::Lifetime(each) => Some((&each.lifetime, &each.bounds)),
            _ => None,
        });
        let each = |(longer, bounds): (&Lifetime, &Punctuated<Lifetime, Token![+]>)| {
            let relation = |shorter: &Lifetime| Self { longer: longer.clone(), shorter: shorter.clone() };
            bounds.iter().map(relation).collect::<Vec<_>>()
        };
        declared.chain(clauses).flat_map(each).collect()
    }
}

impl Point {
    /// Keeps the bounds between lifetimes where the lifetimes are those of the source.
    pub(super) fn set_relations(&mut self) {
        if let Some(clause) = &mut self.where_clause {
            let predicates = std::mem::take(&mut clause.predicates);
            let is_of_types = |each: &WherePredicate| !matches!(each, WherePredicate::Lifetime(_));
            clause.predicates = predicates.into_iter().filter(is_of_types).collect();
        }
        if self.signature.is_some() {
            return;
        }
        for Relation { longer, shorter } in &self.relations {
            let clause = self.where_clause.get_or_insert_with(|| syn::parse_quote!(where));
            clause.predicates.push(syn::parse_quote!(#longer: #shorter));
        }
    }
}
