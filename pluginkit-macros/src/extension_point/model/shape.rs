//! What a return type and a mode say, as tokens can tell it.

use proc_macro2::Ident;
use quote::format_ident;
use syn::Type;

use crate::support::lifetimes::{head, is_unit};

/// How the return type is read; the names are those of the library's readings.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Values,
    Somes,
    Units,
    TryValues,
    TrySomes,
    TryUnits,
}

/// Whether a type is one of a module `fmt`.
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
            // `fmt::Result` is a `Result<(), _>` of that module's own.
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

/// How a point is dispatched.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Collecting,
    FirstResult,
    /// Threads the argument at this position by value.
    Pipeline(usize),
    /// Edits an argument in place.
    PipelineInPlace,
    Historic,
}

impl Mode {
    /// What it is called in documentation.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Collecting => "collecting",
            Self::FirstResult => "firstresult",
            Self::Pipeline(_) | Self::PipelineInPlace => "pipeline",
            Self::Historic => "historic",
        }
    }
}
