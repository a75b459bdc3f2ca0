//! The parameters of a block that the plugin type does not name: they become parameters of the methods.
//!
//! An inherent block must name its parameters, so that `impl<R: Runtime> Plugin<R> for Logger` needs
//! `impl Logger { fn initialize<R: Runtime>(…) }`.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::{GenericArgument, GenericParam, Generics, ImplItemFn, Path, PathArguments, Type, WherePredicate};

use crate::support::lifetimes::Find;
use crate::support::names::{mentions, mentions_parameter, pretty};

/// The parameters that methods get, with their bounds.
pub(super) struct Moved {
    parameters: Vec<GenericParam>,
    predicates: Vec<WherePredicate>,
}

impl Moved {
    /// Takes the parameters that `ty` does not name out of `generics`.
    pub(super) fn take(generics: &mut Generics, ty: &Type) -> Self {
        let (mut kept, mut parameters): (Vec<_>, Vec<_>) = std::mem::take(&mut generics.params)
            .into_iter()
            .partition(|parameter| mentions_parameter(&ty.to_token_stream(), parameter));
        let predicates: Vec<_> =
            generics.where_clause.take().into_iter().flat_map(|clause| clause.predicates).collect();
        // A bound of a parameter of the type may determine another one: `I: Iterator<Item = T>`.
        loop {
            let bounds: TokenStream = kept.iter().map(ToTokens::to_token_stream).collect();
            let about_kept = predicates.iter().filter(|predicate| is_about(predicate, &kept));
            let about_kept: TokenStream = about_kept.map(ToTokens::to_token_stream).collect();
            let bounds = quote!(#bounds #about_kept);
            let is_needed = |parameter: &GenericParam| mentions_parameter(&bounds, parameter);
            let Some(at) = parameters.iter().position(is_needed) else { break };
            kept.push(parameters.remove(at));
        }
        let (moved, stay): (Vec<_>, Vec<_>) =
            predicates.into_iter().partition(|predicate| is_about(predicate, &parameters));
        kept.sort_by_key(|parameter| !matches!(parameter, GenericParam::Lifetime(_)));
        generics.params = kept.into_iter().collect();
        if !stay.is_empty() {
            generics.where_clause = Some(syn::parse_quote!(where #(#stay,)*));
        }
        Self { parameters, predicates: moved }
    }

    /// Adds the parameters that a method names to those of the method. Returns the arguments of its calls.
    pub(super) fn lend(&self, method: &mut ImplItemFn) -> Option<TokenStream> {
        let tokens = method.to_token_stream();
        let mut lent: Vec<&GenericParam> =
            self.parameters.iter().filter(|parameter| mentions_parameter(&tokens, parameter)).collect();
        // Bounds of those may name others.
        loop {
            let bounds: TokenStream = lent.iter().map(ToTokens::to_token_stream).collect();
            let next = self.parameters.iter().find(|parameter| {
                mentions_parameter(&bounds, parameter)
                    && !lent.iter().any(|each| ident(each) == ident(parameter))
            });
            match next {
                Some(next) => lent.push(next),
                None => break,
            }
        }
        lent.sort_by_key(|parameter| !matches!(parameter, GenericParam::Lifetime(_)));
        let is_lent = |predicate: &&WherePredicate| {
            let tokens = predicate.to_token_stream();
            self.parameters.iter().all(|parameter| {
                !mentions_parameter(&tokens, parameter)
                    || lent.iter().any(|each| ident(each) == ident(parameter))
            })
        };
        let predicates: Vec<_> = self.predicates.iter().filter(is_lent).cloned().collect();
        if !predicates.is_empty() {
            method.sig.generics.make_where_clause().predicates.extend(predicates);
        }
        let arguments: Vec<_> = lent
            .iter()
            .filter(|parameter| !matches!(parameter, GenericParam::Lifetime(_)))
            .map(|parameter| ident(parameter))
            .collect();
        let arguments = (!arguments.is_empty()).then(|| quote!(::<#(#arguments),*>));
        let own = std::mem::take(&mut method.sig.generics.params);
        method.sig.generics.params = lent.into_iter().cloned().chain(own).collect();
        method.sig.generics.params = sorted(std::mem::take(&mut method.sig.generics.params));
        arguments
    }
}

/// Returns the bounds that make the types `'static` that a path of specs or of a service names.
pub(super) fn static_types(generics: &Generics, path: &Path) -> Vec<WherePredicate> {
    let path = path.to_token_stream();
    let types = generics.type_params().map(|each| &each.ident).filter(|ident| mentions(&path, ident));
    types.map(|ident| syn::parse_quote!(#ident: 'static)).collect()
}

/// Returns whether a block has parameters, and its type has none of them, nor an elided lifetime.
pub(super) fn are_of_specs_only(generics: &Generics, ty: &Type) -> bool {
    let tokens = ty.to_token_stream();
    !generics.params.is_empty()
        && !Find::in_type(ty).elided
        && generics.params.iter().all(|parameter| {
            !matches!(parameter, GenericParam::Lifetime(_)) && !mentions_parameter(&tokens, parameter)
        })
}

/// Returns the stub by which a manager finds that a block is for all types of its specs or of its service.
pub(super) fn generic_block(rt: &impl ToTokens, ty: &Type, path: &Path, is_service: bool) -> TokenStream {
    let name = pretty(path);
    quote! {
        #rt::inventory::submit! {
            #rt::GenericBlock::new::<#ty>(
                #name,
                #is_service,
                (::core::file!(), ::core::line!(), ::core::column!()),
            )
        }
    }
}

/// Removes the lifetimes of a block that only its methods have: neither the type nor a bound of another parameter names them.
pub(super) fn leave_to_methods(generics: &mut Generics, inherent: &Generics) {
    let is_lifetime = |parameter: &&GenericParam| matches!(parameter, GenericParam::Lifetime(_));
    let others = generics.params.iter().filter(|each| !is_lifetime(each)).map(ToTokens::to_token_stream);
    let predicates = generics.where_clause.iter().flat_map(|clause| &clause.predicates);
    let of_types = predicates.filter(|each| !matches!(each, WherePredicate::Lifetime(_)));
    let named: TokenStream = others.chain(of_types.map(ToTokens::to_token_stream)).collect();
    let is_left = |parameter: &GenericParam| {
        is_lifetime(&parameter)
            && !mentions_parameter(&named, parameter)
            && !inherent.params.iter().any(|kept| is_lifetime(&kept) && ident(kept) == ident(parameter))
    };
    let (left, kept): (Vec<_>, Vec<_>) = std::mem::take(&mut generics.params).into_iter().partition(is_left);
    generics.params = kept
        .into_iter()
        .map(|mut parameter| {
            if let GenericParam::Lifetime(each) = &mut parameter {
                let bounds = std::mem::take(&mut each.bounds).into_iter();
                each.bounds =
                    bounds.filter(|bound| !left.iter().any(|left| *ident(left) == bound.ident)).collect();
            }
            parameter
        })
        .collect();
    if let Some(clause) = &mut generics.where_clause {
        let predicates = std::mem::take(&mut clause.predicates).into_iter();
        clause.predicates = predicates
            .filter(|each| {
                let tokens = each.to_token_stream();
                !left.iter().any(|left| mentions_parameter(&tokens, left))
            })
            .collect();
    }
}

/// Returns the parameters with the lifetimes first.
fn sorted(
    parameters: syn::punctuated::Punctuated<GenericParam, syn::Token![,]>,
) -> syn::punctuated::Punctuated<GenericParam, syn::Token![,]> {
    let mut parameters: Vec<_> = parameters.into_iter().collect();
    parameters.sort_by_key(|parameter| !matches!(parameter, GenericParam::Lifetime(_)));
    parameters.into_iter().collect()
}

/// Returns the name of a parameter.
fn ident(parameter: &GenericParam) -> &Ident {
    match parameter {
        GenericParam::Type(parameter) => &parameter.ident,
        GenericParam::Const(parameter) => &parameter.ident,
        GenericParam::Lifetime(parameter) => &parameter.lifetime.ident,
    }
}

fn is_about(predicate: &WherePredicate, parameters: &[GenericParam]) -> bool {
    let tokens = predicate.to_token_stream();
    parameters.iter().any(|parameter| mentions_parameter(&tokens, parameter))
}

/// Removes the lifetimes of specs from their path: specs have none.
pub(super) fn without_lifetimes(path: &mut Path) {
    let Some(last) = path.segments.last_mut() else { return };
    let PathArguments::AngleBracketed(arguments) = &mut last.arguments else { return };
    let others = std::mem::take(&mut arguments.args).into_iter();
    arguments.args = others.filter(|argument| !matches!(argument, GenericArgument::Lifetime(_))).collect();
    if arguments.args.is_empty() {
        last.arguments = PathArguments::None;
    }
}
