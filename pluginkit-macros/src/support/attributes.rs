//! Attributes of the user's items, and those of generated code.

use proc_macro2::TokenStream;
use quote::quote;
use syn::punctuated::Punctuated;
use syn::{Attribute, Meta, Token};

use crate::support::editor;
use crate::support::errors::Errors;
#[cfg(doc)]
use crate::support::names;

/// Returns the allowances of lints for generated code, which users cannot change.
///
/// They are few, because `forbid` takes no exceptions: a lint that is allowed here cannot be forbidden by users. Most lints
/// are silent about generated code anyway, unless a name in it is [that of the source](names::silent).
pub(crate) fn allow() -> TokenStream {
    // The names in the expansion for an editor are those of the source.
    let of_editor = editor::is_running().then(|| {
        quote! {
            dead_code,
            missing_debug_implementations,
            missing_docs,
            non_camel_case_types,
            non_snake_case,
            non_upper_case_globals,
            private_bounds,
            private_interfaces,
            unreachable_pub,
            unused_lifetimes,
            unused_mut,
            unused_variables,
        }
    });
    quote! {
        #[allow(
            #of_editor
            clippy::all,
            clippy::pedantic,
            clippy::nursery,
            clippy::absolute_paths,
            clippy::allow_attributes,
            clippy::allow_attributes_without_reason,
            clippy::field_scoped_visibility_modifiers,
            clippy::impl_trait_in_params,
            clippy::min_ident_chars,
            clippy::multiple_inherent_impl,
            clippy::partial_pub_fields,
            clippy::rc_buffer,
            clippy::rc_mutex,
            clippy::same_name_method,
            clippy::shadow_reuse,
            clippy::shadow_same,
            clippy::shadow_unrelated,
            clippy::single_char_lifetime_names,
            clippy::std_instead_of_alloc,
            clippy::std_instead_of_core,
            impl_trait_redundant_captures,
            single_use_lifetimes,
            unused_qualifications
        )]
    }
}

/// Returns the allowance of a lint about blocks: in the source, they are those of traits.
pub(crate) fn block_lints() -> Attribute {
    syn::parse_quote!(#[allow(clippy::multiple_inherent_impl)])
}

/// Returns the allowances of lints about signatures: the point dictates them, not the plugin.
pub(crate) fn signature_lints() -> Attribute {
    syn::parse_quote! {
        #[allow(
            clippy::elidable_lifetime_names,
            clippy::extra_unused_type_parameters,
            clippy::missing_const_for_fn,
            clippy::missing_docs_in_private_items,
            clippy::missing_errors_doc,
            clippy::must_use_candidate,
            clippy::many_single_char_names,
            clippy::needless_lifetimes,
            clippy::needless_pass_by_ref_mut,
            clippy::needless_pass_by_value,
            clippy::new_ret_no_self,
            clippy::option_option,
            clippy::ptr_arg,
            clippy::ref_option,
            clippy::should_implement_trait,
            clippy::single_call_fn,
            clippy::too_many_arguments,
            clippy::trivially_copy_pass_by_ref,
            clippy::type_complexity,
            clippy::unnecessary_wraps,
            clippy::unused_async,
            clippy::unused_self,
            clippy::wrong_self_convention
        )]
    }
}

/// Returns the attributes of an item that its generated code shares.
pub(crate) fn carried(attributes: &[Attribute]) -> Vec<&Attribute> {
    let is_carried =
        |attribute: &&Attribute| attribute.path().is_ident("cfg") || attribute.path().is_ident("allow");
    attributes.iter().filter(is_carried).collect()
}

/// Returns whether an attribute has one of these names, also under a condition.
pub(crate) fn is_one_of(attribute: &Meta, names: &[&str]) -> bool {
    if attribute.path().is_ident("cfg_attr") {
        let parts = attribute
            .require_list()
            .and_then(|list| list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated));
        return parts.is_ok_and(|parts| parts.iter().skip(1).all(|part| is_one_of(part, names)));
    }
    names.iter().any(|name| attribute.path().is_ident(name))
}

/// Returns the attributes that set the levels of lints.
pub(crate) fn of_lints(attributes: &[Attribute]) -> Vec<Attribute> {
    const LEVELS: &[&str] = &["allow", "expect", "warn", "deny", "forbid"];
    attributes.iter().filter(|attribute| is_one_of(&attribute.meta, LEVELS)).cloned().collect()
}

/// Returns the attributes of an item that has two places in generated code. A lint that is expected is in one of them, so
/// that it is allowed in both.
pub(crate) fn in_two_places(mut attributes: Vec<Attribute>) -> Vec<Attribute> {
    for attribute in &mut attributes {
        if let Meta::List(list) = &mut attribute.meta
            && list.path.is_ident("expect")
        {
            list.path = syn::parse_quote!(allow);
        }
    }
    attributes
}

/// Takes the attributes `name` and `pluginkit::name` out of `attributes`, and returns their tokens.
pub(crate) fn take_own(attributes: &mut Vec<Attribute>, name: &str, errors: &mut Errors) -> Vec<TokenStream> {
    let mut own = Vec::new();
    attributes.retain(|attribute| {
        let path = attribute.path();
        if path.segments.last().is_none_or(|last| last.ident != name) {
            return true;
        }
        match &attribute.meta {
            Meta::Path(_) => own.push(TokenStream::new()),
            Meta::List(list) => own.push(list.tokens.clone()),
            Meta::NameValue(pair) => {
                errors.push(pair, format!("write the options in parentheses: `#[{name}(…)]`"));
            }
        }
        false
    });
    own
}
