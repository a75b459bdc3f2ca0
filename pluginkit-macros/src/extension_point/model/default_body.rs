//! The default body of a point, as far as tokens tell.

use proc_macro2::{Delimiter, Ident, Spacing, TokenStream, TokenTree};
use quote::ToTokens;
use syn::Block;

use crate::extension_point::args::ModeArg;
use crate::support::errors::Errors;

/// Returns whether a point can have this default body, and reports its mistakes.
pub(super) fn check_default(body: &Block, mode: &ModeArg, errors: &mut Errors) -> bool {
    if let ModeArg::Historic(_) = mode {
        errors.push(
            body,
            "a historic call also reaches later plugins, which may answer it, so that it has no default body: end the declaration with `;`",
        );
        return false;
    }
    let found = own_mention(body.to_token_stream());
    if let Some(found) = &found {
        errors.push(
            found,
            format!("a default body runs when no plugin has answered, so that there is no `{found}`: use the arguments, or name a function or a type"),
        );
    }
    found.is_none()
}

/// Returns the first `self` or `Self` of a body that means the plugin. In an item of the body they mean another type, and
/// `self::` is a module.
fn own_mention(tokens: TokenStream) -> Option<Ident> {
    let (mut is_in_item, mut is_in_use, mut is_after_pub) = (false, false, false);
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let is_visibility = std::mem::replace(&mut is_after_pub, false);
        match token {
            TokenTree::Ident(word) if word == "self" => {
                let is_module = matches!(
                    tokens.peek(),
                    Some(TokenTree::Punct(colon)) if colon.as_char() == ':' && colon.spacing() == Spacing::Joint
                );
                if !(is_in_item || is_in_use || is_module) {
                    return Some(word);
                }
            }
            TokenTree::Ident(word) if word == "Self" && !is_in_item => return Some(word),
            TokenTree::Ident(word) => {
                is_in_item |= ["impl", "trait", "struct", "enum"].iter().any(|item| word == item)
                    || word == "union" && matches!(tokens.peek(), Some(TokenTree::Ident(_)));
                is_in_use |= word == "use";
                is_after_pub = word == "pub";
            }
            TokenTree::Punct(punct) if punct.as_char() == ';' => (is_in_item, is_in_use) = (false, false),
            TokenTree::Group(group) => {
                let is_skipped = is_in_item || is_in_use || is_visibility;
                is_in_item &= group.delimiter() != Delimiter::Brace;
                if !is_skipped && let Some(found) = own_mention(group.stream()) {
                    return Some(found);
                }
            }
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
    None
}
