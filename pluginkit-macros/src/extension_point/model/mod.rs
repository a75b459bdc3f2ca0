//! The declarations of a specs trait, validated.

mod arg;
mod checks;
mod default_body;
mod generics;
mod mode;
mod point;
mod shape;
mod signature;

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::{Attribute, ItemTrait, Lifetime, TraitItem, Visibility};

pub(crate) use arg::{Arg, Passing};
pub(crate) use generics::Parameters;
pub(crate) use mode::Mode;
pub(crate) use point::Point;
pub(crate) use shape::{Shape, control_flow};
pub(crate) use signature::{Relation, Signature};

use crate::extension_point::args::{PointArgs, TraitArgs};
use crate::support::errors::Errors;
use crate::support::krate::Krate;
use crate::support::names::mention;

/// The specs of a trait.
pub(crate) struct Specs {
    pub(crate) krate: Krate,
    pub(crate) project: Option<syn::LitStr>,
    pub(crate) version: Option<syn::LitStr>,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    /// The place of `trait`.
    pub(crate) place: Span,
    pub(crate) ident: Ident,
    pub(crate) parameters: Parameters,
    pub(crate) points: Vec<Point>,
    pub(crate) broken: Vec<Broken>,
}

/// A point with mistakes that leave nothing to expand.
///
/// It expands to a constant of an erroneous type. The compiler reports nothing about its uses.
pub(crate) struct Broken {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) ident: Ident,
    pub(crate) mistake: syn::Error,
}

impl Specs {
    pub(crate) fn new(args: TraitArgs, item: ItemTrait, errors: &mut Errors) -> Self {
        let mut parameters = Parameters::new(&item.generics, errors);
        if let Some(unsafety) = &item.unsafety {
            errors.push(unsafety, "specs cannot be unsafe: remove `unsafe`");
        }
        if !item.supertraits.is_empty() {
            errors.push(
                &item.supertraits,
                "specs cannot have supertraits, because they become a unit struct: remove them (plugins are always `Send + Sync + 'static`)",
            );
        }
        let mut points: Vec<Point> = Vec::new();
        let mut broken = Vec::new();
        let mut names: Vec<(Ident, bool)> = Vec::new();
        for each in item.items {
            match each {
                TraitItem::Fn(mut method) => {
                    let ident = method.sig.ident.clone();
                    let first = errors.len();
                    let args = PointArgs::take(&mut method.attrs, errors);
                    let conditional = method.attrs.iter().any(|attribute| attribute.path().is_ident("cfg"));
                    if names.iter().any(|(other, other_conditional)| {
                        *other == ident && !(conditional && *other_conditional)
                    }) {
                        errors.push(&ident, format!("two points are called `{ident}`: rename one"));
                        continue;
                    }
                    names.push((ident.clone(), conditional));
                    if ident == "SPECS" && !parameters.is_empty() {
                        errors.push(&ident, "`SPECS` is the value of generic specs: rename the point");
                        continue;
                    }
                    let attributes = method.attrs.clone();
                    parameters.take_bounds(&mut method.sig, conditional, errors);
                    parameters.lend(item.generics.where_clause.as_ref(), &mut method.sig);
                    let (generics, bounds) = (&item.generics, &item.generics.where_clause);
                    let words = quote!(#generics #bounds #method);
                    let Some(mut point) = Point::new(method, &args, errors) else {
                        broken.push(Broken { attributes, ident, mistake: errors.take(first) });
                        continue;
                    };
                    // Compilers show the names of generated types, which must not hide types of the source.
                    if mention(words, &|word| point.generates(word)).is_some() {
                        point.stem.insert_str(0, "__");
                    }
                    while points.iter().any(|other| other.stem == point.stem) {
                        point.stem.push('_');
                    }
                    points.push(point);
                }
                other => {
                    errors.push(other, "specs have methods only: remove this, or move it out of the trait");
                }
            }
        }
        Self {
            krate: args.krate,
            project: args.project,
            version: args.version,
            attributes: item.attrs,
            visibility: item.vis,
            place: item.trait_token.span,
            ident: item.ident,
            parameters,
            points,
            broken,
        }
    }
}

impl Specs {
    /// Returns the type of the specs, like `Plugin<R,>`.
    pub(crate) fn path(&self) -> TokenStream {
        let (ident, arguments) = (&self.ident, self.parameters.of_path());
        quote!(#ident #arguments)
    }
}

/// Returns a list of lifetimes as `'a, 'b,`.
pub(crate) fn list(lifetimes: &[Lifetime]) -> TokenStream {
    quote!(#(#lifetimes,)*)
}
