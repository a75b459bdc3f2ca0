//! Names and substitutes for the lifetimes of a type.

use proc_macro2::Span;
use syn::visit_mut::{self, VisitMut};
use syn::{
    BoundLifetimes, GenericArgument, GenericParam, Lifetime, ParenthesizedGenericArguments, Type, TypeFnPtr,
    TypeReference,
};

/// Names each elided lifetime of the types that it visits.
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
        visit_mut::visit_type_reference_mut(self, reference);
    }

    fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
        if lifetime.ident == "_" {
            *lifetime = self.fresh();
        }
    }

    // Elided lifetimes of function types are their own.
    fn visit_type_fn_ptr_mut(&mut self, _: &mut TypeFnPtr) {}
    fn visit_parenthesized_generic_arguments_mut(&mut self, _: &mut ParenthesizedGenericArguments) {}
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

    fn visit_type_fn_ptr_mut(&mut self, _: &mut TypeFnPtr) {}
    fn visit_parenthesized_generic_arguments_mut(&mut self, _: &mut ParenthesizedGenericArguments) {}
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
    with_lifetime(ty, &Lifetime::new("'static", Span::call_site()), true)
}

/// Returns a type with `name` for every lifetime, including `'static` if `even_static`.
pub(crate) fn with_lifetime(ty: &Type, name: &Lifetime, even_static: bool) -> Type {
    struct Rename<'n> {
        name: &'n Lifetime,
        even_static: bool,
        bound: Vec<Lifetime>,
    }
    impl VisitMut for Rename<'_> {
        fn visit_type_reference_mut(&mut self, reference: &mut TypeReference) {
            if reference.lifetime.is_none() {
                reference.lifetime = Some(self.name.clone());
            }
            visit_mut::visit_type_reference_mut(self, reference);
        }

        fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
            if !self.bound.contains(lifetime) && (self.even_static || lifetime.ident != "static") {
                *lifetime = Lifetime { apostrophe: lifetime.apostrophe, ident: self.name.ident.clone() };
            }
        }

        fn visit_bound_lifetimes_mut(&mut self, bound: &mut BoundLifetimes) {
            self.bound.extend(bound.lifetimes.iter().filter_map(|parameter| match parameter {
                GenericParam::Lifetime(parameter) => Some(parameter.lifetime.clone()),
                _ => None,
            }));
        }

        fn visit_type_fn_ptr_mut(&mut self, _: &mut TypeFnPtr) {}
        fn visit_parenthesized_generic_arguments_mut(&mut self, _: &mut ParenthesizedGenericArguments) {}
    }
    let mut ty = ty.clone();
    Rename { name, even_static, bound: Vec::new() }.visit_type_mut(&mut ty);
    ty
}

/// Returns whether a shorter lifetime can replace all lifetimes of a type, as far as its tokens tell.
pub(crate) fn shrinks(ty: &Type) -> bool {
    let borrows = |ty: &Type| {
        let find = Find::in_type(ty);
        find.elided || find.named.iter().any(|named| named.ident != "static")
    };
    if !borrows(ty) {
        return true;
    }
    match ty {
        // A trait object behind `&mut` cannot shrink: by default, it has the lifetime of the reference.
        Type::Reference(reference) if reference.mutability.is_some() => {
            !borrows(&reference.elem) && !is_object(&reference.elem)
        }
        Type::Reference(reference) => shrinks(&reference.elem),
        Type::Slice(slice) => shrinks(&slice.elem),
        Type::Array(array) => shrinks(&array.elem),
        Type::Paren(paren) => shrinks(&paren.elem),
        Type::Tuple(tuple) => tuple.elems.iter().all(shrinks),
        _ => head(ty).is_some_and(|(name, types)| {
            ["Option", "Result", "Vec", "Box", "Arc", "Rc"].iter().any(|known| name == known)
                && types.into_iter().all(shrinks)
        }),
    }
}

fn is_object(ty: &Type) -> bool {
    match ty {
        Type::Paren(paren) => is_object(&paren.elem),
        ty => matches!(ty, Type::TraitObject(_)),
    }
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
