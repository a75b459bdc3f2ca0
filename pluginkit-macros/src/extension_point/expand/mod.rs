//! The expansion of a specs trait: a unit struct, and a few types per point.
//!
//! Almost every point implements its [`signature`], and the library does the rest. A point whose arguments have lifetimes
//! within their types has a signature of its own kind: `wide`. The following points are expanded in full: `extensions`,
//! `wrappers`, `arguments` and `asynchronous`.
//!
//! | a point that is expanded in full | example |
//! |---|---|
//! | the return value borrows from an argument | `fn pick<'a>(&self, from: &'a str) -> &'a str` |
//! | lifetimes within one type, of which one may have to outlive the other | `walker: &mut Walker<'_, '_>`, `cx: &mut &Ctx<'_>` |
//! | more than two different lifetimes within types | `a: &A<'_>, b: &B<'_>, c: &C<'_>` |
//! | a `&mut` whose lifetime is also within another type | `word: &'a mut String, cx: &Ctx<'a>` |
//! | a bound between lifetimes of which one is within a type | `fn hand_on<'a, 'b: 'a>(&self, to: &mut Ctx<'a>, from: &Ctx<'b>)` |
//! | a `for<'x>` in a type | `visit: &dyn for<'x> Fn(&'x str)` |

mod arguments;
mod around;
mod asynchronous;
mod calls;
mod checks;
mod compare;
mod default_body;
mod dispatch;
mod docs;
mod extensions;
mod local;
mod outcome;
mod parameters;
mod point;
mod signature;
mod specs;
mod wide;
mod wrappers;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use syn::{Attribute, WhereClause};

pub(crate) use parameters::Kept;
pub(crate) use specs::specs;

use crate::extension_point::expand::checks::{checks, shape_path};
use crate::extension_point::expand::outcome::{each, outcome};
use crate::extension_point::model::{Point, Specs, list};
use crate::support::editor;
use crate::support::krate::Runtime;

/// One point and the common parts of its expansion.
pub(crate) struct Expansion<'s> {
    pub(crate) specs: &'s Specs,
    pub(crate) point: &'s Point,
    /// The hidden module of the library.
    pub(crate) rt: Runtime,
    pub(crate) shape: TokenStream,
    /// The return type of one extension.
    pub(crate) returns: TokenStream,
    /// The success of an outcome.
    pub(crate) success: TokenStream,
    /// The outcome of a call.
    pub(crate) outcome: TokenStream,
    /// One result of `iter`.
    pub(crate) result: TokenStream,
    /// The success of one result.
    pub(crate) value: TokenStream,
    /// The error of one result.
    pub(crate) error: TokenStream,
}

impl<'s> Expansion<'s> {
    fn new(specs: &'s Specs, point: &'s Point) -> Self {
        let rt = Runtime;
        let checked = !checks(specs, point, &rt).is_empty();
        let shape = if checked { quote!(__Shape) } else { shape_path(point, &rt) };
        let ty = &point.returns;
        let returns = quote!(#ty);
        let reading = quote!(<#shape as #rt::Returns<#returns>>);
        let (success, outcome) = outcome(specs, point, &reading, &rt);
        let [result, value, error] = each(point, &reading);
        Self { specs, point, rt, shape, returns, success, outcome, result, value, error }
    }

    /// Returns the name of a generated type of the point.
    pub(crate) fn ident(&self, kind: &str) -> Ident {
        let span = Span::mixed_site().located_at(self.point.ident.span());
        format_ident!("{}{kind}", self.point.stem, span = span)
    }

    /// Returns the path of a generated type of the point, like `InitializePoint<R,>`.
    pub(crate) fn path(&self, kind: &str) -> TokenStream {
        let (ident, arguments) = (self.ident(kind), self.specs.parameters.of_path());
        quote!(#ident #arguments)
    }

    /// Returns the parameters of an `impl` without others: `<R: Runtime + 'static,>`, or nothing.
    pub(crate) fn of_impl(&self) -> Option<TokenStream> {
        self.specs.parameters.of_impl()
    }

    /// Returns the parameters among others of an `impl`: `R: Runtime + 'static,`.
    pub(crate) fn declared(&self) -> TokenStream {
        self.specs.parameters.declared()
    }

    /// Returns the parameters in a list of arguments after a lifetime: `R,`.
    pub(crate) fn names(&self) -> TokenStream {
        self.specs.parameters.names()
    }

    /// Returns the `where` clause of an `impl`: the bounds of the specs.
    pub(crate) fn bounds(&self) -> Option<WhereClause> {
        self.specs.parameters.bounds(None)
    }

    /// Returns the predicates of the specs, for a `where` clause with others.
    pub(crate) fn predicates(&self) -> TokenStream {
        let predicates = self.bounds().map(|bounds| bounds.predicates);
        quote!(#predicates)
    }

    /// Returns the `where` clause of an `impl` with the lifetimes of the point: the bounds of the specs and of the point.
    pub(crate) fn all_bounds(&self) -> Option<WhereClause> {
        self.specs.parameters.bounds(self.point.where_clause.as_ref())
    }

    /// The name of a generated method, which compilers and editors show where the point is declared.
    pub(crate) fn method(&self, name: &str) -> Ident {
        if editor::is_running() {
            // An editor goes there only if the name is one of the source.
            return Ident::new(name, self.point.place);
        }
        Ident::new(name, Span::mixed_site().located_at(self.point.ident.span()))
    }

    /// `for<'__0> Fn(…, FetchArgs<&'__0 str>, …) -> String + Send + Sync + 'static`
    fn closure(&self, before: &TokenStream, after: &TokenStream, output: &TokenStream) -> TokenStream {
        let lifetimes = list(&self.point.lifetimes);
        let args = self.args_type();
        quote! {
            for<#lifetimes> ::core::ops::Fn(#before #args #after) -> #output
                + ::core::marker::Send + ::core::marker::Sync + 'static
        }
    }
}

/// Returns the `#[cfg]`s among `attributes`.
fn cfgs(attributes: &[Attribute]) -> Vec<&Attribute> {
    attributes.iter().filter(|attribute| attribute.path().is_ident("cfg")).collect()
}
