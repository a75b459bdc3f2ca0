//! The expansion of an impl block: an inherent block, and the registration of its methods.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::WherePredicate;
use syn::spanned::Spanned;

use crate::extension::bind::{Site, bind};
use crate::extension::compare;
use crate::extension::model::{Block, Method};
use crate::extension::parameters::{generic_block, static_types};
use crate::support::attributes::{allow, carried};
use crate::support::checks::{declares, is_shared};
use crate::support::editor;
use crate::support::krate::Runtime;
use crate::support::names::{self, local, mention, point_key};

pub(crate) fn block(block: &Block) -> TokenStream {
    let Block { krate, item, specs, methods, .. } = block;
    let Some(specs) = specs else { return quote!(#item) };
    let (rt, runtime) = (Runtime, krate.runtime());
    let ty = &item.self_ty;
    let carried = carried(&item.attrs);
    let key = block_key(block);
    let binder = local("binder");
    let statements = methods.iter().map(|method| bind(method, &Site::of(method, block), &binder));
    let allow = allow();
    let stub = (!block.is_generic()).then(|| {
        let name = type_name(ty);
        quote! {
            #rt::inventory::submit! {
                #rt::Stub::new::<__Plugin, #specs, #key>(
                    #name,
                    ::core::file!(),
                    ::core::line!(),
                    ::core::column!(),
                )
                .of(<__Specs as #rt::Specs>::PROJECT)
            }
        }
    });
    let generic_block = block.is_for_all_types().then(|| generic_block(&rt, ty, specs, false));
    let mut generics = block.generics.clone();
    let check = if block.is_generic() {
        // Registration checks whether a type is a plugin.
        let bounds = generics.make_where_clause();
        bounds
            .predicates
            .push(syn::parse_quote!(Self: ::core::marker::Send + ::core::marker::Sync + 'static));
        bounds.predicates.extend(static_types(&block.generics, specs));
        quote!()
    } else {
        is_shared(&rt, ty)
    };
    // The impl is for the type itself, because coherence cannot evaluate the checks of another crate.
    let alias = (!block.is_generic())
        .then(|| quote!(type __Plugin = <#rt::Checks<{ __COMPARED }> as #rt::Passed<#ty>>::Type;));
    let checked = (!block.is_generic()).then(|| quote!(let #binder: &mut #rt::Binder<__Plugin> = #binder;));
    let extends = if block.specs_are_generic {
        quote_spanned!(specs.span()=> #rt::Extends<#specs, #key>)
    } else {
        quote!(#rt::Extends<#specs, #key>)
    };
    let (generics, _, bounds) = generics.split_for_impl();
    let Checks { before: checks, within: checks_here } = checks(block, specs, &check);
    let items = quote! {
            #checks
            #alias
            #[automatically_derived]
            impl #generics #extends for #ty #bounds {
                fn extend(#binder: &mut #rt::Binder<Self>) {
                    #checks_here
                    #checked
                    let _ = &#binder;
                    #(#statements)*
                }
            }
            #stub
            #generic_block
    };
    let (named, items) = if editor::is_running() {
        (named(block, specs), editor::placed(items, item.impl_token.span))
    } else {
        (TokenStream::new(), items)
    };
    quote! {
        #item

        #(#carried)*
        #allow
        const _: () = {
            #runtime
            #named
            #items
        };
    }
}

/// The checks of a block.
pub(super) struct Checks {
    /// The constant, and the alias of the specs, which is an error if the checks fail.
    pub(super) before: TokenStream,
    /// The checks in the function that binds the methods.
    pub(super) within: TokenStream,
}

/// Returns the checks that the specs declare points, and that the methods have the names and the types of points. `others`
/// are checked beside it.
pub(super) fn checks(block: &Block, specs: &syn::Path, others: &TokenStream) -> Checks {
    let rt = Runtime;
    if block.specs_are_generic {
        // A constant cannot name the parameters of the block.
        return Checks { before: quote!(), within: declares(&rt, specs) };
    }
    let (order, declares, ty) = (order_checks(block, specs), declares(&rt, specs), &block.item.self_ty);
    let candidate = (!block.is_generic())
        .then(|| quote!(type __Candidate = <#rt::Checks<{ __DECLARED }> as #rt::Passed<#ty>>::Type;));
    let declared = quote! {
        #order
        const __DECLARED: ::core::primitive::bool = {
            #declares
            #others
            true
        };
        type __Declared = <#rt::Checks<{ __DECLARED }> as #rt::Passed<#specs>>::Type;
        #candidate
    };
    // An editor would have to evaluate the comparisons to know the types.
    let holds =
        if editor::is_running() { quote!(__DECLARED) } else { compare::holds(&compare::assertions(block)) };
    // The second constant needs the first, so that one mistake is one error.
    let before = quote! {
        #declared
        const __COMPARED: ::core::primitive::bool = #holds;
        type __Specs = <#rt::Checks<{ __COMPARED }> as #rt::Passed<__Declared>>::Type;
    };
    Checks { before, within: quote!() }
}

/// Returns the checks of the options that would have no effect at a phase: only methods of one plugin for one phase are ordered.
fn order_checks(block: &Block, specs: &syn::Path) -> TokenStream {
    let krate = &block.krate;
    let mut keys: Vec<&Ident> = Vec::new();
    for method in &block.methods {
        let is_sibling =
            |other: &&Method| other.target == method.target && other.args.wrapper == method.args.wrapper;
        let is_alone = block.methods.iter().filter(is_sibling).count() == 1;
        let is_without_effect = |key: &&Ident| is_alone || *key == "before" || *key == "after";
        keys.extend(method.args.order.iter().filter(is_without_effect));
    }
    let checks = keys.into_iter().map(|key| {
        let check = names::relocated(quote!(#krate::__private::has_an_order::<#specs>()), key.span());
        quote!(const _: () = #check;)
    });
    quote!(#(#checks)*)
}

/// Returns what the source names beside its functions, for an editor: the specs, the points, and the `Next` of wrappers.
fn named(block: &Block, specs: &syn::Path) -> TokenStream {
    let named = block.methods.iter().map(|method| {
        let (carried, target) = (carried(&method.attributes), &method.target);
        let written = method.next.as_ref().map(|next| &next.written);
        let next = written.map(|written| quote!(let _ = |_: #written| ();));
        quote!(#(#carried)* { let _ = <#specs>::#target; #next })
    });
    let (generics, _, bounds) = block.generics.split_for_impl();
    // A function has no `Self`.
    let is_of_function =
        |predicate: &&WherePredicate| mention(predicate.to_token_stream(), &|word| word == "Self").is_none();
    let predicates = bounds.into_iter().flat_map(|bounds| &bounds.predicates).filter(is_of_function);
    let statics = static_types(&block.generics, specs);
    quote!(fn __named #generics() where #(#predicates,)* #(#statics,)* { #(#named)* })
}

/// Returns the number of a block among the blocks of its type: its first method identifies it.
pub(super) fn block_key(block: &Block) -> syn::LitInt {
    let key = block.item.items.iter().find_map(|each| match each {
        syn::ImplItem::Fn(method) => Some(&method.sig.ident),
        _ => None,
    });
    match key {
        Some(ident) if !block.is_generic() => point_key(ident),
        _ => syn::LitInt::new("0u64", Span::call_site()),
    }
}

/// Returns the name of plugins of this type: the type without its path.
pub(super) fn type_name(ty: &syn::Type) -> String {
    match ty {
        syn::Type::Path(path) if path.qself.is_none() => match path.path.segments.last() {
            Some(last) if last.arguments.is_none() => names::plain(&last.ident),
            _ => ty.to_token_stream().to_string().replace(' ', ""),
        },
        _ => ty.to_token_stream().to_string().replace(' ', ""),
    }
}
