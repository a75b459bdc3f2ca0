//! Blocks with members that do not parse. An editor expands an item while someone types in it.

use std::mem;

use proc_macro2::{Delimiter, Group, Ident, Punct, Spacing, TokenStream, TokenTree};
use syn::Attribute;
use syn::parse::Parse;

use crate::support::errors::Errors;
use crate::support::{bodies, editor};

/// Parses the members of a block one by one, and reports those that do not parse. A member that lacks only its `end` can be
/// expanded.
pub(crate) fn members<M: Parse>(
    block: &Group,
    fill: impl Fn(&mut M, &Group) -> bool + Copy,
    end: Option<char>,
    errors: &mut Errors,
) -> (Vec<Attribute>, Vec<M>) {
    let (mut inner, mut members) = (Vec::new(), Vec::new());
    for member in split(block.stream()) {
        let parse = |tokens: TokenStream| bodies::members(&Group::new(Delimiter::Brace, tokens), fill);
        let finished = |end| {
            let end = TokenTree::Punct(Punct::new(end, Spacing::Alone));
            parse(member.iter().cloned().chain([end]).collect()).ok()
        };
        match parse(member.iter().cloned().collect()) {
            Ok((mut attributes, mut found)) => {
                inner.append(&mut attributes);
                members.append(&mut found);
            }
            Err(fault) => {
                members.extend(end.and_then(finished).into_iter().flat_map(|(_, found)| found));
                if !(is_compiling() && has_no_parameters(&member)) {
                    errors.add(fault);
                }
            }
        }
    }
    (inner, members)
}

/// Returns whether the compiler runs the macro. It has parsed the item, and has reported what does not parse.
fn is_compiling() -> bool {
    proc_macro::is_available() && !editor::is_running()
}

/// Returns whether a member is a function that lacks its name or its parameters, which the compiler cannot parse either.
fn has_no_parameters(member: &[TokenTree]) -> bool {
    let Some(at) = member.iter().position(|tree| matches!(tree, TokenTree::Ident(word) if word == "fn"))
    else {
        return false;
    };
    match (member.get(at + 1), member.get(at + 2)) {
        (Some(TokenTree::Ident(_)), Some(TokenTree::Group(group))) => group.delimiter() == Delimiter::Brace,
        (Some(TokenTree::Ident(_)), Some(TokenTree::Punct(punct))) => punct.as_char() != '<',
        (Some(TokenTree::Ident(_)), Some(_)) | (Some(TokenTree::Group(_)), _) => false,
        _ => true,
    }
}

/// Returns whether a body has an expression that ends with a `.`, which the compiler reports.
pub(crate) fn is_body(body: &Group) -> bool {
    is_compiling() && ends_with_dot(body.stream())
}

/// Returns whether a `.` ends these tokens, a statement, or a group. The tokens of macros and attributes do not count.
fn ends_with_dot(tokens: TokenStream) -> bool {
    let trees: Vec<TokenTree> = tokens.into_iter().collect();
    let is = |at: Option<usize>, wanted: &str| {
        let tree = at.and_then(|at| trees.get(at));
        matches!(tree, Some(TokenTree::Punct(punct)) if wanted.contains(punct.as_char()))
    };
    trees.iter().enumerate().any(|(at, tree)| match tree {
        TokenTree::Punct(punct) if punct.as_char() == '.' => {
            let is_last = at + 1 == trees.len() || is(Some(at + 1), ";");
            is_last && at > 0 && !is(at.checked_sub(1), ".")
        }
        TokenTree::Group(group) if group.delimiter() != Delimiter::None => {
            let is_foreign = is(at.checked_sub(1), "!#") || is(at.checked_sub(2), "!");
            !is_foreign && ends_with_dot(group.stream())
        }
        _ => false,
    })
}

/// Splits the tokens of a block before each function, and after each `;` and each body.
fn split(block: TokenStream) -> Vec<Vec<TokenTree>> {
    let (mut members, mut member) = (Vec::new(), Vec::new());
    let mut trees = block.into_iter().peekable();
    while let Some(tree) = trees.next() {
        let names = matches!(trees.peek(), Some(TokenTree::Ident(_)));
        if names && matches!(&tree, TokenTree::Ident(word) if word == "fn") {
            let head = take_head(&mut member);
            members.push(mem::replace(&mut member, head));
        }
        let ends = match &tree {
            TokenTree::Punct(punct) => punct.as_char() == ';',
            TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
            _ => false,
        };
        member.push(tree);
        if ends {
            members.push(mem::take(&mut member));
        }
    }
    members.push(member);
    members.retain(|member| !member.is_empty());
    members
}

/// Takes the attributes and the keywords of a function off the end of the tokens before its `fn`.
fn take_head(before: &mut Vec<TokenTree>) -> Vec<TokenTree> {
    let mut start = before.len();
    while let Some(last) = start.checked_sub(1) {
        let is_hash = |at: usize| matches!(&before[at], TokenTree::Punct(punct) if punct.as_char() == '#');
        let is_pub = |at: usize| matches!(&before[at], TokenTree::Ident(word) if word == "pub");
        start = match &before[last] {
            TokenTree::Ident(word) if is_qualifier(word) => last,
            TokenTree::Group(group) => match (group.delimiter(), last.checked_sub(1)) {
                (Delimiter::Bracket, Some(hash)) if is_hash(hash) => hash,
                (Delimiter::Parenthesis, Some(word)) if is_pub(word) => word,
                _ => break,
            },
            _ => break,
        };
    }
    before.split_off(start)
}

fn is_qualifier(word: &Ident) -> bool {
    ["pub", "async", "const", "unsafe", "default"].iter().any(|qualifier| word == qualifier)
}

#[cfg(test)]
mod tests {
    use quote::{ToTokens, quote};
    use syn::{ImplItem, TraitItem};

    use super::*;

    /// Returns the names of the members of a trait and of an `impl` block, and the number of mistakes.
    fn names(item: TokenStream) -> (Vec<String>, usize) {
        let mut errors = Errors::default();
        let name = |sig: &syn::Signature| sig.ident.to_string();
        let names = if item.to_string().starts_with("trait") {
            let item = bodies::trait_item(item, &mut errors).unwrap();
            let members = item.items.iter().map(|member| match member {
                TraitItem::Fn(function) => name(&function.sig),
                other => other.to_token_stream().to_string(),
            });
            members.collect()
        } else {
            let item = bodies::impl_block(item, &mut errors).unwrap();
            let members = item.items.iter().map(|member| match member {
                ImplItem::Fn(function) => name(&function.sig),
                other => other.to_token_stream().to_string(),
            });
            members.collect()
        };
        (names, errors.len())
    }

    #[test]
    fn the_members_beside_an_unfinished_one_stay() {
        let (found, mistakes) = names(quote! {
            trait Specs {
                fn fetch(&self, topic: &str) -> String;
                fn arch
                #[extension_point(historic)]
                fn configure(&self, visit: &dyn Fn(fn(u8) -> u8));
            }
        });
        assert_eq!((&found[..], mistakes), (&["fetch".to_owned(), "configure".to_owned()][..], 1));

        let (found, mistakes) = names(quote! {
            impl Specs for Plugin {
                fn fetch(&self) -> String { String::new() }
                fn deliver(&self)
                #[extension(tryfirst)]
                pub(crate) async fn configure(&self) {}
            }
        });
        assert_eq!((&found[..], mistakes), (&["fetch".to_owned(), "configure".to_owned()][..], 1));
    }

    #[test]
    fn a_member_that_lacks_its_end_stays() {
        let (found, mistakes) = names(quote! {
            trait Specs {
                fn archive(&self, report: &Report)
                fn fetch(&self);
            }
        });
        assert_eq!((&found[..], mistakes), (&["archive".to_owned(), "fetch".to_owned()][..], 1));
    }
}
