//! What `#[extension]` compares with a point: its name and its types.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens as _, format_ident, quote, quote_spanned};
use syn::{Lifetime, Type};

use crate::extension_point::expand::{Expansion, cfgs};
use crate::extension_point::model::{Arg, Specs};
use crate::support::krate::Runtime;
use crate::support::lifetimes::with_each_lifetime;
use crate::support::{editor, names};

/// Returns the list of the points, as types that are called like them.
pub(super) fn named(specs: &Specs) -> TokenStream {
    let Specs { visibility, parameters, .. } = specs;
    let (path, generics, bounds) = (specs.path(), parameters.of_impl(), parameters.bounds(None));
    let points = specs.points.iter().filter(|point| cfgs(&point.attributes).is_empty());
    let all: Vec<_> = points.map(|point| names::silent(&point.ident)).collect();
    let compare = quote!(#Runtime::compare);
    quote! {
        const _: () = {
            #(pub struct #all;)*
            impl #generics #path #bounds {
                #[doc(hidden)]
                #visibility const __POINTS: #compare::Points<(#(#all,)*), #compare::Listed> =
                    #compare::Points::new();
            }
        };
    }
}

/// Returns an associated type. The compiler shows this place of the source if the type is private.
pub(super) fn associated(name: &TokenStream, ty: &TokenStream, (first, last): (Span, Span)) -> TokenStream {
    let at = |span: Span| Span::mixed_site().located_at(span);
    let (keyword, end) = (quote_spanned!(at(first)=> type), quote_spanned!(at(last)=> ;));
    quote!(#keyword #name = #ty #end)
}

impl Expansion<'_> {
    /// Returns the types that `#[extension]` compares with those of an extension.
    pub(super) fn compared(&self) -> TokenStream {
        let x = Lifetime::new("'__a", Span::mixed_site());
        let (args, returns) = (self.place_of_args(), names::ends(&self.point.returns));
        let types = [
            ("Args", self.args_type(), args),
            ("Return", self.returns.clone(), returns),
            ("Outcome", self.outcome.clone(), returns),
        ];
        let types = types.into_iter().map(|(name, ty, place)| {
            let ty = syn::parse2(ty.clone()).map_or(ty, |ty| with_each_lifetime(&ty, &x).into_token_stream());
            let name = format_ident!("{name}");
            associated(&quote!(#name<#x>), &ty, place)
        });
        quote!(#(#types)*)
    }

    /// Returns an impl that names the types of the arguments as the source does. If one lacks its `<'_>`, the first error is
    /// here.
    pub(super) fn hidden_lifetimes(&self) -> Option<TokenStream> {
        let may_hide = |arg: &&Arg| may_hide_lifetimes(&arg.written);
        let elided = Lifetime::new("'_", Span::call_site());
        let types: Vec<_> = self
            .point
            .args
            .iter()
            .filter(may_hide)
            .map(|arg| with_each_lifetime(&arg.written, &elided))
            .collect();
        let (rt, kind, generics, bounds) = (&self.rt, self.path("Point"), self.of_impl(), self.bounds());
        (!types.is_empty() && !editor::is_running()).then(|| {
            quote! {
                #[automatically_derived]
                impl #generics #rt::compare::Written<(#(#types,)*)> for #kind #bounds {}
            }
        })
    }

    /// Returns the places of the first and the last token of the types of the arguments.
    pub(super) fn place_of_args(&self) -> (Span, Span) {
        let args = &self.point.args;
        match (args.first(), args.last()) {
            (Some(first), Some(last)) => (names::ends(&first.written).0, names::ends(&last.written).1),
            _ => (self.point.ident.span(), self.point.ident.span()),
        }
    }
}

/// Returns whether an argument is a path without generic types, behind references, which may hide a lifetime.
fn may_hide_lifetimes(ty: &Type) -> bool {
    const PLAIN: &[&str] = &[
        "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "str", "u8", "u16", "u32",
        "u64", "u128", "usize", "String", "Path", "PathBuf",
    ];
    match ty {
        Type::Reference(reference) => may_hide_lifetimes(&reference.elem),
        Type::Path(path) if path.qself.is_none() => path.path.segments.last().is_some_and(|last| {
            last.arguments.is_none() && !PLAIN.contains(&names::plain(&last.ident).as_str())
        }),
        _ => false,
    }
}
