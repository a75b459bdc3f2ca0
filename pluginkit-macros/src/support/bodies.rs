//! Items with function bodies that stay tokens. No attribute reads a body, so that it may nest as deep as rustc allows.

use std::mem;

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Attribute, Block, Expr, ImplItem, Item, ItemFn, ItemImpl, ItemTrait, Result, Stmt, TraitItem};

use crate::support::errors::Errors;
use crate::support::{nesting, unfinished};

/// Consecutive tokens of a list of items, and the function body that ends them.
pub(crate) struct Chunk {
    pub(crate) head: Vec<TokenTree>,
    pub(crate) body: Option<Group>,
}

/// Splits a list of items after each function body.
pub(crate) fn chunks(items: TokenStream) -> Vec<Chunk> {
    let mut chunks = Vec::new();
    let mut head = Vec::new();
    let mut position = Position::Start;
    for tree in trees(items) {
        if let (Position::Signature { angles: 0 }, Some(body)) = (&position, body(&tree)) {
            chunks.push(Chunk { head: mem::take(&mut head), body: Some(body) });
            position = Position::Start;
            continue;
        }
        position = position.after(head.last(), &tree);
        head.push(tree);
    }
    if !head.is_empty() {
        chunks.push(Chunk { head, body: None });
    }
    chunks
}

/// Returns the tokens of an item, without the invisible group that a `macro_rules!` puts around it.
fn trees(mut item: TokenStream) -> Vec<TokenTree> {
    loop {
        let trees: Vec<TokenTree> = item.into_iter().collect();
        match &trees[..] {
            [TokenTree::Group(group)] if group.delimiter() == Delimiter::None => item = group.stream(),
            _ => return trees,
        }
    }
}

/// Returns the body that a tree is, without the invisible groups of a `macro_rules!`.
fn body(tree: &TokenTree) -> Option<Group> {
    let TokenTree::Group(group) = tree else { return None };
    match group.delimiter() {
        Delimiter::Brace => Some(group.clone()),
        Delimiter::None => {
            let mut inside = group.stream().into_iter();
            let only = inside.next().filter(|_| inside.next().is_none())?;
            body(&only)
        }
        Delimiter::Parenthesis | Delimiter::Bracket => None,
    }
}

/// The position of a token in an item.
enum Position {
    /// Among attributes, the visibility, and the keywords before `fn`.
    Start,
    /// After `fn`, inside this number of angle brackets.
    Signature { angles: usize },
    /// In an item that is not a function.
    Other,
}

impl Position {
    fn after(self, before: Option<&TokenTree>, tree: &TokenTree) -> Self {
        let is_semicolon = matches!(tree, TokenTree::Punct(punct) if punct.as_char() == ';');
        let ends_macro = matches!(tree, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace);
        match (self, tree) {
            (_, _) if is_semicolon => Self::Start,
            (Self::Start, TokenTree::Ident(ident)) if ident == "fn" => Self::Signature { angles: 0 },
            (Self::Start, TokenTree::Ident(ident)) if may_precede_fn(ident) => Self::Start,
            (Self::Start, TokenTree::Punct(punct)) if "#!".contains(punct.as_char()) => Self::Start,
            (Self::Start, TokenTree::Literal(_) | TokenTree::Group(_)) => Self::Start,
            (Self::Signature { angles }, TokenTree::Punct(punct)) => match punct.as_char() {
                '<' => Self::Signature { angles: angles + 1 },
                '>' if !is_arrow(before) => Self::Signature { angles: angles.saturating_sub(1) },
                _ => Self::Signature { angles },
            },
            (Self::Signature { angles }, _) => Self::Signature { angles },
            (Self::Other, _) if ends_macro => Self::Start,
            (Self::Start | Self::Other, _) => Self::Other,
        }
    }
}

fn may_precede_fn(ident: &Ident) -> bool {
    ["pub", "crate", "default", "const", "async", "unsafe", "safe", "extern"].iter().any(|word| ident == word)
}

/// Returns whether a `>` after this token ends `->` or `=>`.
pub(crate) fn is_arrow(before: Option<&TokenTree>) -> bool {
    matches!(before, Some(TokenTree::Punct(punct)) if "-=".contains(punct.as_char()))
}

/// Parses an `impl` block. Members that do not parse are reported and left out.
pub(crate) fn impl_block(item: TokenStream, errors: &mut Errors) -> Result<ItemImpl> {
    let (head, inside) = split(item);
    let mut item: ItemImpl = syn::parse2(head)?;
    let Some(inside) = inside else { return Ok(item) };
    let fill = |member: &mut ImplItem, body: &Group| match member {
        ImplItem::Fn(function) if unfinished::is_body(body) => {
            function.attrs.push(syn::parse_quote!(#[allow(unused_variables, clippy::empty_loop)]));
            function.block = syn::parse_quote!({ loop {} });
            true
        }
        ImplItem::Fn(function) => {
            function.block.stmts = verbatim(body);
            true
        }
        _ => false,
    };
    let (inner, items) =
        members(&inside, fill).unwrap_or_else(|_| unfinished::members(&inside, fill, None, errors));
    item.attrs.extend(inner);
    item.items = items;
    Ok(item)
}

/// Parses a trait. Members that do not parse are reported and left out.
pub(crate) fn trait_item(item: TokenStream, errors: &mut Errors) -> Result<ItemTrait> {
    let (head, inside) = split(item);
    let mut item: ItemTrait = syn::parse2(head)?;
    let Some(inside) = inside else { return Ok(item) };
    let fill = |member: &mut TraitItem, body: &Group| match member {
        TraitItem::Fn(function) => {
            function.default.as_mut().map(|block: &mut Block| block.stmts = verbatim(body)).is_some()
        }
        _ => false,
    };
    let (inner, items) =
        members(&inside, fill).unwrap_or_else(|_| unfinished::members(&inside, fill, Some(';'), errors));
    item.attrs.extend(inner);
    item.items = items;
    Ok(item)
}

/// Parses any item, with the bodies of its functions.
pub(crate) fn whole_item(item: TokenStream) -> Result<Item> {
    nesting::check(item.clone())?;
    syn::parse2(item)
}

/// Parses a function; `None` if the item is none.
pub(crate) fn function(item: TokenStream) -> Option<Result<ItemFn>> {
    let mut chunks = chunks(item.clone());
    let Some(Chunk { head, body: Some(body) }) = chunks.pop().filter(|_| chunks.is_empty()) else {
        return None;
    };
    Some(nesting::check_item(item).and_then(|()| {
        let mut function: ItemFn = syn::parse2(with_body(head, emptied(&body)))?;
        function.block.stmts = verbatim(&body);
        Ok(function)
    }))
}

/// Returns an item with its last group of braces emptied, and that group.
fn split(item: TokenStream) -> (TokenStream, Option<Group>) {
    let mut trees = trees(item);
    match trees.last().and_then(body) {
        Some(inside) => {
            trees.pop();
            (with_body(trees, emptied(&inside)), Some(inside))
        }
        None => (trees.into_iter().collect(), None),
    }
}

/// Parses the inner attributes and the members of a block. `fill` puts the body of a function back.
pub(crate) fn members<M: Parse>(
    block: &Group,
    fill: impl Fn(&mut M, &Group) -> bool,
) -> Result<(Vec<Attribute>, Vec<M>)> {
    let (mut inner, mut members) = (Vec::new(), Vec::new());
    for (at, Chunk { head, body }) in chunks(block.stream()).into_iter().enumerate() {
        let mut parser = |input: ParseStream<'_>| {
            if at == 0 {
                inner.extend(Attribute::parse_inner(input)?);
            }
            let mut parsed = Vec::new();
            while !input.is_empty() {
                parsed.push(input.parse::<M>()?);
            }
            Ok(parsed)
        };
        let Some(body) = body else {
            // The braces are at the last token, where a parser then reports that tokens are missing.
            let end = head.last().map_or_else(Span::call_site, TokenTree::span);
            let mut block = Group::new(Delimiter::Brace, head.into_iter().collect());
            block.set_span(end);
            let within = |input: ParseStream<'_>| {
                let inside;
                syn::braced!(inside in input);
                parser(&inside)
            };
            members.append(&mut within.parse2(TokenTree::Group(block).into())?);
            continue;
        };
        let mut parsed = parser.parse2(with_body(head, emptied(&body)))?;
        if !parsed.last_mut().is_some_and(|function| fill(function, &body)) {
            return Err(syn::Error::new(body.span(), "expected a function before this body"));
        }
        members.append(&mut parsed);
    }
    Ok((inner, members))
}

fn with_body(head: Vec<TokenTree>, body: Group) -> TokenStream {
    head.into_iter().chain([TokenTree::Group(body)]).collect()
}

fn emptied(group: &Group) -> Group {
    let mut empty = Group::new(group.delimiter(), TokenStream::new());
    empty.set_span(group.span());
    empty
}

fn verbatim(body: &Group) -> Vec<Stmt> {
    vec![Stmt::Expr(Expr::Verbatim(body.stream()), None)]
}
