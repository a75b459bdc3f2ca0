//! Checks of the types of a point: what it may return, and what its types may borrow.

use syn::Type;

use crate::extension_point::model::arg::{Arg, Passing, contains_impl, names_self};
use crate::extension_point::model::point::Point;
use crate::support::errors::Errors;
use crate::support::lifetimes::{Find, exclusive_reference, names as lifetimes_of, ungrouped};
use crate::support::names;

/// Returns whether a return type is valid, and reports its mistakes.
pub(super) fn check_return(returns: &Type, args: &[Arg], errors: &mut Errors) -> bool {
    if contains_impl(returns) {
        errors.push(returns, "a point cannot return `impl Trait`: name a type, like `Box<dyn Trait>`");
        return false;
    }
    if names_self(returns, errors) {
        return false;
    }
    let lent: Vec<_> = args.iter().flat_map(|arg| lifetimes_of(&arg.ty)).collect();
    if let Some(other) = lifetimes_of(returns).iter().find(|lifetime| !lent.contains(lifetime)) {
        errors.push(
            other,
            "no argument has this lifetime, so that no extension can return it: name the lifetime of an argument, or return an owned value",
        );
        return false;
    }
    if Find::in_type(returns).elided {
        errors.push(
            returns,
            "a return value cannot borrow from the plugin: name the lifetime of an argument (`fn pick<'a>(&self, from: &'a str) -> &'a str`), or return an owned value",
        );
        return false;
    }
    true
}

impl Point {
    /// Rejects a `&'a mut Ctx<'a>`, which is lent for as long as its value lives.
    pub(super) fn check_exclusive(&self, errors: &mut Errors) {
        for arg in self.args.iter().filter(|arg| arg.passing != Passing::Threaded) {
            let Some(reference) = exclusive_reference(&arg.ty) else { continue };
            let Some(lifetime) = &reference.lifetime else { continue };
            // The lifetime of a trait object shrinks with that of the reference.
            if !is_object(&ungrouped(&reference.elem))
                && lifetime.ident != "static"
                && lifetimes_of(&reference.elem).contains(lifetime)
            {
                errors.push(
                    &arg.written,
                    format!("this lends the value for as long as the value lives, so that only one extension could have it: leave out the first lifetime, like `&mut {}`", names::pretty(&reference.elem)),
                );
            }
        }
    }

    /// Rejects a return type that borrows from an argument that all extensions need.
    pub(super) fn check_borrows(&self, errors: &mut Errors) {
        if self.mode.running().is_some() {
            return;
        }
        let borrowed = Find::in_type(&self.returns).named;
        for arg in &self.args {
            if let Some(reference) = exclusive_reference(&arg.ty)
                && let Some(lifetime) = &reference.lifetime
                && borrowed.contains(lifetime)
            {
                errors.push(
                    &self.returns,
                    format!("an outcome cannot borrow from the `&mut` argument `{}`, because every extension borrows it in turn: borrow from a `&` argument, or return an owned value", arg.ident),
                );
            }
        }
    }
}

/// Returns whether a type is a trait object.
pub(super) fn is_object(ty: &Type) -> bool {
    matches!(ty, Type::TraitObject(_) | Type::Paren(_))
}
