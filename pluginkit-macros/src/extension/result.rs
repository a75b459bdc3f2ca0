//! Elided lifetimes in the return type of an extension.

use quote::ToTokens;
use syn::visit_mut::{self, VisitMut};
use syn::{FnArg, GenericParam, LifetimeParam, ReturnType, Signature, Type};

use crate::extension::model::is_next;
use crate::support::lifetimes::{Find, Name, elided_as_in, ungrouped};

/// Names the elided lifetimes of a return type that has the type of a parameter, like `fn trim(&self, text: &str) -> &str`.
///
/// A result never borrows from the plugin, as Rust would read this. It borrows from the argument.
pub(super) fn name(sig: &mut Signature) {
    let ReturnType::Type(_, returns) = &mut sig.output else { return };
    if !Find::in_type(returns).elided {
        return;
    }
    let parts = Parts::of(returns);
    let mut borrowed = sig.inputs.iter_mut().filter_map(|input| match input {
        FnArg::Typed(input) => {
            let ty = ungrouped(&input.ty);
            let is_part = !is_next(&ty) && Find::in_type(&ty).elided && parts.0.contains(&text(&ty));
            is_part.then_some(&mut *input.ty)
        }
        FnArg::Receiver(_) => None,
    });
    let (Some(argument), None) = (borrowed.next(), borrowed.next()) else { return };
    let mut names = Name::default();
    names.visit_type_mut(argument);
    elided_as_in(returns, argument);
    let lifetimes = names.named.into_iter().map(|name| GenericParam::Lifetime(LifetimeParam::new(name)));
    let params = std::mem::take(&mut sig.generics.params);
    sig.generics.params = lifetimes.chain(params).collect();
}

/// The texts of the types within a type, itself included.
struct Parts(Vec<String>);

impl Parts {
    fn of(ty: &Type) -> Self {
        let mut parts = Self(Vec::new());
        parts.visit_type_mut(&mut ungrouped(ty));
        parts
    }
}

impl VisitMut for Parts {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        self.0.push(text(ty));
        visit_mut::visit_type_mut(self, ty);
    }
}

fn text(ty: &Type) -> String {
    ty.to_token_stream().to_string()
}
