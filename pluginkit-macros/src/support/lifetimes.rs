//! Names and substitutes for the lifetimes of a type.

use proc_macro2::Span;
use syn::visit_mut::{self, VisitMut};
use syn::{
    BoundLifetimes, GenericArgument, GenericParam, Lifetime, ParenthesizedGenericArguments, PathSegment,
    Type, TypeFnPtr, TypeParamBound, TypeReference, TypeTraitObject,
};

/// Leaves out function types: their elided lifetimes are their own.
macro_rules! not_in_functions {
    () => {
        fn visit_type_fn_ptr_mut(&mut self, _: &mut TypeFnPtr) {}
        fn visit_parenthesized_generic_arguments_mut(&mut self, _: &mut ParenthesizedGenericArguments) {}
    };
}

/// Names each elided lifetime of the types that it visits, also that of a trait object behind `&mut`.
#[derive(Default)]
pub(crate) struct Name {
    pub(crate) named: Vec<Lifetime>,
}

impl Name {
    fn fresh(&mut self) -> Lifetime {
        let lifetime = Lifetime::new(&format!("'__{}", self.named.len()), Span::mixed_site());
        self.named.push(lifetime.clone());
        lifetime
    }
}

impl VisitMut for Name {
    fn visit_type_reference_mut(&mut self, reference: &mut TypeReference) {
        if reference.lifetime.is_none() {
            reference.lifetime = Some(self.fresh());
        }
        if reference.mutability.is_some() {
            // By default, it has the lifetime of the reference, and the reference cannot be reborrowed for each extension.
            bound_object(&mut reference.elem, || self.fresh());
        }
        visit_mut::visit_type_reference_mut(self, reference);
    }

    fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
        if lifetime.ident == "_" {
            *lifetime = self.fresh();
        }
    }

    not_in_functions!();
}

/// The lifetimes that a type names, and whether it elides one.
#[derive(Default)]
pub(crate) struct Find {
    pub(crate) elided: bool,
    pub(crate) named: Vec<Lifetime>,
}

impl Find {
    pub(crate) fn in_type(ty: &Type) -> Self {
        let mut find = Self::default();
        find.visit_type_mut(&mut ty.clone());
        find
    }
}

impl VisitMut for Find {
    fn visit_type_reference_mut(&mut self, reference: &mut TypeReference) {
        self.elided |= reference.lifetime.is_none();
        visit_mut::visit_type_reference_mut(self, reference);
    }

    fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
        if lifetime.ident == "_" {
            self.elided = true;
        } else {
            self.named.push(lifetime.clone());
        }
    }

    not_in_functions!();
}

/// Gives the elided lifetimes of `ty` the names of those of `named`, in order. A single one serves for all.
///
/// They stay elided if their numbers differ.
pub(crate) fn elided_as_in(ty: &mut Type, named: &Type) {
    struct Fill {
        names: Vec<Lifetime>,
        /// The number of elided lifetimes so far.
        count: usize,
        fills: bool,
    }
    impl Fill {
        /// Counts an elided lifetime, and returns its name if it gets one.
        fn next(&mut self) -> Option<Lifetime> {
            let index = if self.names.len() == 1 { 0 } else { self.count };
            self.count += 1;
            self.fills.then(|| self.names[index].clone())
        }
    }
    impl VisitMut for Fill {
        fn visit_type_reference_mut(&mut self, reference: &mut TypeReference) {
            if reference.lifetime.is_none() {
                reference.lifetime = self.next();
            }
            visit_mut::visit_type_reference_mut(self, reference);
        }

        fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
            if lifetime.ident == "_"
                && let Some(name) = self.next()
            {
                *lifetime = name;
            }
        }

        not_in_functions!();
    }
    let names = Find::in_type(named).named;
    let mut fill = Fill { names, count: 0, fills: false };
    fill.visit_type_mut(ty);
    if fill.names.len() == 1 || (fill.count > 0 && fill.names.len() == fill.count) {
        fill = Fill { names: fill.names, count: 0, fills: true };
        fill.visit_type_mut(ty);
    }
}

/// Returns a type without the invisible groups of a `macro_rules!`.
pub(crate) fn ungrouped(ty: &Type) -> Type {
    struct Ungroup;
    impl VisitMut for Ungroup {
        fn visit_type_mut(&mut self, ty: &mut Type) {
            while let Type::Group(group) = ty {
                *ty = match &*group.elem {
                    // `&` before it would take in its first bound only.
                    Type::TraitObject(_) | Type::ImplTrait(_) => {
                        let elem = &group.elem;
                        syn::parse_quote!((#elem))
                    }
                    elem => elem.clone(),
                };
            }
            visit_mut::visit_type_mut(self, ty);
        }
    }
    let mut ty = ty.clone();
    Ungroup.visit_type_mut(&mut ty);
    ty
}

/// Returns a type with `'static` for every lifetime, for positions without lifetime parameters.
pub(crate) fn without_lifetimes(ty: &Type) -> Type {
    let name = Lifetime::new("'static", Span::call_site());
    with_lifetimes(ty, &|_| name.clone())
}

/// Returns a type with this lifetime in the place of each other than `'static`.
pub(crate) fn with_each_lifetime(ty: &Type, name: &Lifetime) -> Type {
    with_lifetimes(ty, &|own| if own.ident == "static" { own.clone() } else { name.clone() })
}

/// Returns a type with the lifetimes that `name` returns for those of the type.
pub(crate) fn with_lifetimes(ty: &Type, name: &dyn Fn(&Lifetime) -> Lifetime) -> Type {
    struct Rename<'n> {
        name: &'n dyn Fn(&Lifetime) -> Lifetime,
        bound: Vec<Lifetime>,
    }
    impl VisitMut for Rename<'_> {
        fn visit_type_reference_mut(&mut self, reference: &mut TypeReference) {
            let elided = Lifetime::new("'_", Span::call_site());
            reference.lifetime.get_or_insert_with(|| (self.name)(&elided));
            visit_mut::visit_type_reference_mut(self, reference);
        }

        fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
            if !self.bound.contains(lifetime) {
                let ident = (self.name)(lifetime).ident;
                *lifetime = Lifetime { apostrophe: lifetime.apostrophe, ident };
            }
        }

        fn visit_bound_lifetimes_mut(&mut self, bound: &mut BoundLifetimes) {
            self.bound.extend(bound.lifetimes.iter().filter_map(|parameter| match parameter {
                GenericParam::Lifetime(parameter) => Some(parameter.lifetime.clone()),
                _ => None,
            }));
        }

        not_in_functions!();
    }
    let mut ty = ty.clone();
    Rename { name, bound: Vec::new() }.visit_type_mut(&mut ty);
    ty
}

/// Returns the lifetimes of a type for which no shorter ones can stand, as far as its tokens tell.
///
/// It returns `None` if one of them may have to outlive another, like in a `Walker<'_, '_>` or a `&mut &Ctx<'_>`.
pub(crate) fn inner_lifetimes(ty: &Type) -> Option<Vec<Lifetime>> {
    let named = names(ty);
    if named.is_empty() {
        return Some(named);
    }
    match ty {
        Type::Reference(reference) if reference.mutability.is_some() => unrelated(&reference.elem),
        Type::Reference(reference) => inner_lifetimes(&reference.elem),
        Type::Slice(slice) => inner_lifetimes(&slice.elem),
        Type::Array(array) => inner_lifetimes(&array.elem),
        Type::Paren(paren) => inner_lifetimes(&paren.elem),
        Type::Tuple(tuple) => all_inner_lifetimes(&mut tuple.elems.iter()),
        _ => match head(ty) {
            Some((name, types)) if shrinks(name) => all_inner_lifetimes(&mut types.into_iter()),
            _ => unrelated(ty),
        },
    }
}

fn all_inner_lifetimes(types: &mut dyn Iterator<Item = &Type>) -> Option<Vec<Lifetime>> {
    let each: Option<Vec<_>> = types.map(inner_lifetimes).collect();
    Some(each?.concat())
}

/// Returns whether a shorter lifetime can replace those in the parameters of a type of this name.
fn shrinks(name: &syn::Ident) -> bool {
    ["Option", "Result", "Vec", "Box", "Arc", "Rc"].iter().any(|known| name == known)
}

/// Returns the lifetimes of a type, of which none may have to outlive another.
fn unrelated(ty: &Type) -> Option<Vec<Lifetime>> {
    #[derive(Default)]
    struct Relate {
        related: bool,
    }
    impl VisitMut for Relate {
        fn visit_type_reference_mut(&mut self, reference: &mut TypeReference) {
            self.related |= names(&Type::Reference(reference.clone())).len() > 1;
            visit_mut::visit_type_reference_mut(self, reference);
        }

        fn visit_path_segment_mut(&mut self, segment: &mut PathSegment) {
            if let syn::PathArguments::AngleBracketed(arguments) = &segment.arguments
                && arguments.args.iter().any(|argument| matches!(argument, GenericArgument::Lifetime(_)))
            {
                let mut find = Find::default();
                find.visit_path_segment_mut(&mut segment.clone());
                self.related |= distinct(find.named).len() > 1;
            }
            visit_mut::visit_path_segment_mut(self, segment);
        }

        fn visit_type_trait_object_mut(&mut self, object: &mut TypeTraitObject) {
            self.related |= names(&Type::TraitObject(object.clone())).len() > 1;
        }
    }
    let mut relate = Relate::default();
    relate.visit_type_mut(&mut ty.clone());
    (!relate.related).then(|| names(ty))
}

/// Returns whether a reference with one of `lifetimes` leads to a type with another lifetime, which must outlive it.
pub(crate) fn encloses_another(ty: &Type, lifetimes: &[Lifetime]) -> bool {
    struct Enclose<'n> {
        lifetimes: &'n [Lifetime],
        found: bool,
    }
    impl VisitMut for Enclose<'_> {
        fn visit_type_reference_mut(&mut self, reference: &mut TypeReference) {
            if let Some(own) = &reference.lifetime {
                self.found |=
                    self.lifetimes.contains(own) && names(&reference.elem).iter().any(|each| each != own);
            }
            visit_mut::visit_type_reference_mut(self, reference);
        }

        not_in_functions!();
    }
    let mut enclose = Enclose { lifetimes, found: false };
    enclose.visit_type_mut(&mut ty.clone());
    enclose.found
}

/// Returns the lifetimes that a type names, each once, except for `'static`.
pub(crate) fn names(ty: &Type) -> Vec<Lifetime> {
    distinct(Find::in_type(ty).named)
}

pub(crate) fn distinct(lifetimes: Vec<Lifetime>) -> Vec<Lifetime> {
    let mut distinct: Vec<Lifetime> = Vec::new();
    for lifetime in lifetimes {
        if lifetime.ident != "static" && !distinct.contains(&lifetime) {
            distinct.push(lifetime);
        }
    }
    distinct
}

/// Gives each trait object behind a `&mut` within `ty` a lifetime of its own: within an `Option<&mut dyn Trait>`, the
/// compiler does not shorten it to that of the reference.
pub(crate) fn free_objects(ty: &mut Type) {
    struct Free;
    impl VisitMut for Free {
        fn visit_generic_argument_mut(&mut self, argument: &mut GenericArgument) {
            if let GenericArgument::Type(Type::Reference(reference)) = argument
                && reference.mutability.is_some()
            {
                bound_object(&mut reference.elem, || Lifetime::new("'_", Span::mixed_site()));
            }
            visit_mut::visit_generic_argument_mut(self, argument);
        }

        not_in_functions!();
    }
    Free.visit_type_mut(ty);
}

/// Adds a lifetime to a trait object without one.
fn bound_object(ty: &mut Type, lifetime: impl FnOnce() -> Lifetime) {
    let Some(object) = object(ty) else { return };
    if object.bounds.iter().any(|bound| matches!(bound, TypeParamBound::Lifetime(_))) {
        return;
    }
    object.bounds.push(TypeParamBound::Lifetime(lifetime()));
    if !matches!(ty, Type::Paren(_)) {
        let elem = &ty;
        *ty = syn::parse_quote!((#elem));
    }
}

fn object(ty: &mut Type) -> Option<&mut TypeTraitObject> {
    match ty {
        Type::Paren(paren) => object(&mut paren.elem),
        Type::TraitObject(object) => Some(object),
        _ => None,
    }
}

/// Returns the `&mut T` that a type is, or that an `Option` holds.
pub(crate) fn exclusive_reference(ty: &Type) -> Option<&TypeReference> {
    let reference = match ty {
        Type::Reference(reference) => reference,
        other => match in_option(other)? {
            Type::Reference(reference) => reference,
            _ => return None,
        },
    };
    reference.mutability.is_some().then_some(reference)
}

/// Returns `T` for a `&T` that must be owned to outlive the call.
pub(crate) fn borrowed(ty: &Type) -> Option<&Type> {
    let Type::Reference(reference) = ty else { return None };
    let is_static = reference.lifetime.as_ref().is_some_and(|lifetime| lifetime.ident == "static");
    let mut referent = &*reference.elem;
    // `&(dyn Trait + 'static)`: the type alone needs no parentheses.
    while let Type::Paren(inner) = referent {
        referent = &inner.elem;
    }
    (reference.mutability.is_none() && !is_static).then_some(referent)
}

/// Returns `T` for an `Option<&T>` that must be owned to outlive the call.
pub(crate) fn optionally_borrowed(ty: &Type) -> Option<&Type> {
    borrowed(in_option(ty)?)
}

/// Returns `T` for an `Option<T>`.
fn in_option(ty: &Type) -> Option<&Type> {
    let (name, types) = head(ty)?;
    if name == "Option" { types.first().copied() } else { None }
}

/// Returns the last path segment of a type and its generic types: `Result` and `T` for `io::Result<T>`.
pub(crate) fn head(ty: &Type) -> Option<(&syn::Ident, Vec<&Type>)> {
    let path = match ty {
        Type::Path(path) if path.qself.is_none() => &path.path,
        Type::Group(group) => return head(&group.elem),
        Type::Paren(paren) => return head(&paren.elem),
        _ => return None,
    };
    let segment = path.segments.last()?;
    let types = match &segment.arguments {
        syn::PathArguments::AngleBracketed(arguments) => arguments
            .args
            .iter()
            .filter_map(|argument| match argument {
                GenericArgument::Type(ty) => Some(ty),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    };
    Some((&segment.ident, types))
}

/// Returns whether a type is `()`.
pub(crate) fn is_unit(ty: &Type) -> bool {
    match ty {
        Type::Tuple(tuple) => tuple.elems.is_empty(),
        Type::Group(group) => is_unit(&group.elem),
        Type::Paren(paren) => is_unit(&paren.elem),
        _ => false,
    }
}
