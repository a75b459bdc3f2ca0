//! The reading of a return type, as far as tokens tell.

use proc_macro2::Ident;
use quote::format_ident;
use syn::Type;

use crate::support::lifetimes::{head, is_unit};

/// The reading of the return type, by its name in the library.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Values,
    Somes,
    Units,
    TryValues,
    TrySomes,
    TryUnits,
}

/// Returns the parameters of a `ControlFlow`, perhaps in a `Result`; `None` for another type.
pub(crate) fn control_flow(ty: &Type, shape: Shape) -> Option<Vec<&Type>> {
    let (name, types) = head(ty)?;
    let (name, types) = if shape.is_fallible() { head(types.first()?)? } else { (name, types) };
    (name == "ControlFlow").then_some(types)
}

/// Returns whether a type is from a module `fmt`.
fn is_fmt(ty: &Type) -> bool {
    matches!(ty, Type::Path(path) if path.path.segments.iter().rev().nth(1).is_some_and(|module| module.ident == "fmt"))
}

impl Shape {
    pub(super) fn of(ty: &Type, fallible: bool) -> Self {
        if is_unit(ty) {
            return Self::Units;
        }
        let Some((name, types)) = head(ty) else {
            return if fallible { Self::TryValues } else { Self::Values };
        };
        if name == "Option" && !fallible {
            return Self::Somes;
        }
        if name != "Result" && !fallible {
            return Self::Values;
        }
        match types.first() {
            // `fmt::Result` is an alias of `Result<(), _>`.
            None if is_fmt(ty) => Self::TryUnits,
            Some(ok) if is_unit(ok) => Self::TryUnits,
            Some(ok) if head(ok).is_some_and(|(name, _)| name == "Option") => Self::TrySomes,
            _ => Self::TryValues,
        }
    }

    pub(crate) fn is_fallible(self) -> bool {
        matches!(self, Self::TryValues | Self::TrySomes | Self::TryUnits)
    }

    pub(crate) fn ident(self) -> Ident {
        let name = match self {
            Self::Values => "Values",
            Self::Somes => "Somes",
            Self::Units => "Units",
            Self::TryValues => "TryValues",
            Self::TrySomes => "TrySomes",
            Self::TryUnits => "TryUnits",
        };
        format_ident!("{name}")
    }
}
