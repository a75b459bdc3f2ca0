//! One argument of a point.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::spanned::Spanned;
use syn::visit_mut::VisitMut;
use syn::{Pat, Type};

use crate::support::errors::Errors;
use crate::support::lifetimes::{Find, Name, borrowed, exclusive_reference, optionally_borrowed, ungrouped};
use crate::support::names::{self, mention};

/// One argument of a point.
pub(crate) struct Arg {
    pub(crate) ident: Ident,
    /// Its name in the source, perhaps with `mut`, for a default body.
    pub(crate) pattern: TokenStream,
    /// The type, with a name for each lifetime.
    pub(crate) ty: Type,
    /// The type in the source.
    pub(crate) written: Type,
    pub(crate) passing: Passing,
}

/// The way in which an argument reaches several extensions.
#[derive(PartialEq)]
pub(crate) enum Passing {
    /// `&T` and primitive values: copied.
    Copy,
    /// `&mut T`: reborrowed.
    Reborrow,
    /// `Option<&mut T>`: reborrowed if there is one.
    ReborrowIfAny,
    /// Any other value: cloned, except for the last extension.
    Give,
    /// The threaded argument of a pipeline.
    Threaded,
}

impl Passing {
    fn of(ty: &Type) -> Self {
        match ty {
            Type::Reference(reference) if reference.mutability.is_some() => Self::Reborrow,
            Type::Reference(_) => Self::Copy,
            other if is_primitive(other) => Self::Copy,
            other if exclusive_reference(other).is_some() => Self::ReborrowIfAny,
            _ => Self::Give,
        }
    }

    /// Returns whether one extension at a time has the argument.
    pub(crate) fn is_exclusive(&self) -> bool {
        matches!(self, Self::Reborrow | Self::ReborrowIfAny)
    }
}

impl Arg {
    /// Returns the argument at `position`; `None` if its mistakes leave nothing to expand.
    pub(super) fn new(
        input: &syn::PatType,
        position: usize,
        name: &mut Name,
        errors: &mut Errors,
    ) -> Option<Self> {
        for attribute in &input.attrs {
            errors.push(attribute, "an argument of a point cannot have attributes: move this to the method");
        }
        let ident = match &*input.pat {
            Pat::Ident(pat) if pat.by_ref.is_none() && pat.subpat.is_none() => names::field(&pat.ident),
            Pat::Wild(wild) => Ident::new(&format!("_{position}"), wild.underscore_token.span),
            other => {
                errors.push(
                    other,
                    "an argument of a point needs a name, because extensions refer to it by name: write a name, or `_`",
                );
                return None;
            }
        };
        if contains_impl(&input.ty) {
            errors.push(
                &input.ty,
                format!(
                    "an argument of a point cannot be `impl Trait`, because all extensions have one object type: {}",
                    instead_of_generic(&input.ty.to_token_stream()),
                ),
            );
            return None;
        }
        if names_self(&input.ty, errors) {
            return None;
        }
        let written = ungrouped(&input.ty);
        let mut ty = written.clone();
        name.visit_type_mut(&mut ty);
        let passing = Passing::of(&ty);
        Some(Self { ident, pattern: input.pat.to_token_stream(), ty, written, passing })
    }

    /// Rejects an argument that cannot be remembered for later plugins.
    pub(super) fn check_remembered(&self, errors: &mut Errors) {
        if self.passing.is_exclusive() {
            errors.push(
                &self.ty,
                "a historic argument is remembered and cannot be `&mut`: take it by `&` or by value",
            );
            return;
        }
        if let Some(lifetime) =
            Find::in_type(self.remembered()).named.into_iter().find(|named| named.ident != "static")
        {
            errors.add(syn::Error::new(
                if lifetime.ident.to_string().starts_with("__") { self.ty.span() } else { lifetime.span() },
                "a historic argument is remembered and cannot contain a borrow: use a type with owned data",
            ));
        }
    }

    /// Returns the type that is remembered in its owned form: `T` for `&T` and `Option<&T>`.
    pub(crate) fn remembered(&self) -> &Type {
        self.reference().or_else(|| self.optional_reference()).unwrap_or(&self.ty)
    }

    /// Returns the type of the owned form, if the argument is a `&T` of any `T: Clone`, a `&[T]` or a value.
    pub(crate) fn owned(&self) -> TokenStream {
        match self.remembered() {
            Type::Slice(slice) => {
                let elem = &slice.elem;
                quote!(::std::vec::Vec<#elem>)
            }
            other => quote!(#other),
        }
    }

    /// Returns `T` for a `&T`.
    pub(crate) fn reference(&self) -> Option<&Type> {
        borrowed(&self.ty)
    }

    /// Returns `T` for an `Option<&T>`.
    pub(crate) fn optional_reference(&self) -> Option<&Type> {
        optionally_borrowed(&self.ty)
    }
}

/// Returns what a point takes instead of a generic value with these bounds.
pub(super) fn instead_of_generic(bounds: &TokenStream) -> &'static str {
    match mention(bounds.clone(), &|word| ["Fn", "FnMut", "FnOnce"].iter().any(|name| word == name)) {
        Some(word) if word == "Fn" => "take `&dyn Fn(…)`, or a `fn(…)` pointer",
        Some(word) if word == "FnMut" => "take `&mut dyn FnMut(…)`, or a `fn(…)` pointer",
        Some(_) => "take `&mut dyn FnMut(…)`, as a point calls more than one extension, or a `fn(…)` pointer",
        None => "use a concrete type or `&dyn Trait`, or give the parameter to the specs",
    }
}

/// Returns whether a type names `Self`, and reports it as a mistake.
pub(super) fn names_self(ty: &Type, errors: &mut Errors) -> bool {
    let found = mention(ty.to_token_stream(), &|word| word == "Self");
    if let Some(found) = &found {
        errors.push(
            found,
            "a point cannot use `Self`, because plugins have different types: name a type, or use `&dyn Trait`",
        );
    }
    found.is_some()
}

pub(super) fn contains_impl(ty: &Type) -> bool {
    mention(ty.to_token_stream(), &|word| word == "impl").is_some()
}

fn is_primitive(ty: &Type) -> bool {
    const PRIMITIVE: &[&str] = &[
        "bool", "char", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128",
        "isize", "f32", "f64",
    ];
    matches!(ty, Type::Path(path) if path.qself.is_none()
        && path.path.get_ident().is_some_and(|ident| PRIMITIVE.iter().any(|name| ident == name)))
}
