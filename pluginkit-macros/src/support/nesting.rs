//! A limit of the nesting of tokens: syn parses by recursion, on the limited stack of the compiler.

use proc_macro2::{Delimiter, Group, Ident, Punct, Span, TokenStream, TokenTree};
use syn::{Error, Result};

use crate::support::bodies::{chunks, is_arrow};

/// The most levels of types, patterns and expressions of an item.
///
/// Without optimization, syn needs up to 48 KiB of stack per level. rustc has 8 MiB.
pub(crate) const LEVELS: usize = 32;

/// One level, in the units of the weights of tokens.
const LEVEL: usize = 6;

/// Rejects options that nest too deep for the parser.
pub(crate) fn check(options: TokenStream) -> Result<()> {
    walk(vec![Frame::new(options.into_iter().collect(), 0)])
}

/// Rejects an item that nests too deep for the parser. Bodies of functions may nest, because they are not parsed.
pub(crate) fn check_item(item: TokenStream) -> Result<()> {
    let mut heads = Vec::new();
    for chunk in chunks(item) {
        let mut head = chunk.head;
        // The braces of an `impl` block or a trait: its methods have bodies, too.
        if chunk.body.is_none()
            && let Some(TokenTree::Group(group)) = head.last()
            && group.delimiter() == Delimiter::Brace
        {
            let members = chunks(group.stream()).into_iter();
            heads.extend(members.map(|chunk| Frame::new(chunk.head, LEVEL)));
            head.pop();
        }
        heads.push(Frame::new(head, 0));
    }
    walk(heads)
}

/// The remaining tokens of a group, and the depth of the next one.
struct Frame {
    trees: std::vec::IntoIter<TokenTree>,
    /// The last two tokens.
    before: [Option<TokenTree>; 2],
    /// The depth of the group, then of each open angle bracket in it.
    bases: Vec<usize>,
    depth: usize,
    /// Whether the tokens are not parsed: then only groups count, and little.
    is_opaque: bool,
}

impl Frame {
    fn new(trees: Vec<TokenTree>, depth: usize) -> Self {
        Self { trees: trees.into_iter(), before: [None, None], bases: vec![depth], depth, is_opaque: false }
    }

    /// Returns the frame of the next group.
    fn inside(&self, group: &Group) -> Self {
        let is_opaque = self.is_opaque || self.is_opaque(group);
        let depth = self.depth + if is_opaque { 1 } else { LEVEL };
        Self { is_opaque, ..Self::new(group.stream().into_iter().collect(), depth) }
    }

    fn base(&self) -> usize {
        self.bases.last().copied().unwrap_or_default()
    }

    fn last(&self) -> Option<&TokenTree> {
        self.before[1].as_ref()
    }

    /// Returns whether the last token is the name of a lifetime.
    fn is_after_lifetime(&self) -> bool {
        is_mark(self.before[0].as_ref(), '\'') && matches!(self.last(), Some(TokenTree::Ident(_)))
    }

    /// Returns whether the last token ends an operand, so that the next operator is a binary one.
    fn is_after_operand(&self) -> bool {
        match self.last() {
            Some(TokenTree::Ident(ident)) => !is_prefix(ident) && !self.is_after_lifetime(),
            Some(TokenTree::Punct(_)) | None => false,
            Some(TokenTree::Group(_) | TokenTree::Literal(_)) => true,
        }
    }

    /// Returns whether a group at this position is an attribute.
    fn is_attribute(&self) -> bool {
        is_mark(self.last(), '#') || is_mark(self.last(), '!') && is_mark(self.before[0].as_ref(), '#')
    }

    /// Returns whether a group at this position is not parsed: arguments of a macro, or an attribute without `=`.
    fn is_opaque(&self, group: &Group) -> bool {
        if self.is_attribute() {
            return !group.stream().into_iter().any(|tree| is_mark(Some(&tree), '='));
        }
        is_mark(self.last(), '!')
            && matches!(&self.before[0], Some(TokenTree::Ident(name)) if !is_prefix(name))
    }

    /// Adds the weight of a token: the depth that it can add to the tokens after it.
    fn weigh(&mut self, tree: &TokenTree) {
        match tree {
            TokenTree::Punct(punct) => self.weigh_punct(punct),
            TokenTree::Ident(ident) => {
                // Neither is deeper than the tokens before.
                let is_joint = ident == "else" || ident == "as";
                if is_block(self.last()) && !is_joint {
                    self.depth = self.base();
                }
                if is_mark(self.last(), '\'') {
                    // The name of a lifetime.
                } else if is_joint {
                    self.depth += 1;
                } else if is_prefix(ident) {
                    self.depth += LEVEL / 2;
                }
            }
            TokenTree::Group(_) if self.is_attribute() => {}
            // Consecutive groups are a chain of calls.
            TokenTree::Group(_) => self.depth += 1,
            TokenTree::Literal(_) => {}
        }
    }

    fn weigh_punct(&mut self, punct: &Punct) {
        match punct.as_char() {
            ',' => self.depth = self.base(),
            ';' => {
                self.bases.truncate(1);
                self.depth = self.base();
            }
            '<' => {
                self.depth += LEVEL;
                self.bases.push(self.depth);
            }
            '>' if is_arrow(self.last()) => self.depth += LEVEL,
            '>' if self.bases.len() > 1 => {
                self.depth = self.bases.pop().unwrap_or_default() - LEVEL;
            }
            // The marks of a path, a lifetime and an attribute.
            '#' if is_block(self.last()) => self.depth = self.base(),
            ':' | '\'' | '$' | '#' => {}
            '&' | '*' | '|' if !self.is_after_operand() => self.depth += LEVEL,
            _ => self.depth += 1,
        }
    }
}

fn is_mark(tree: Option<&TokenTree>, mark: char) -> bool {
    matches!(tree, Some(TokenTree::Punct(punct)) if punct.as_char() == mark)
}

/// Returns whether a token is a group of braces, after which a statement or an item may begin.
fn is_block(tree: Option<&TokenTree>) -> bool {
    matches!(tree, Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace)
}

/// Returns whether the tokens after a keyword are part of its expression.
fn is_prefix(ident: &Ident) -> bool {
    const PREFIXES: &[&str] = &[
        "async", "break", "const", "dyn", "for", "if", "impl", "in", "let", "match", "move", "mut", "raw",
        "ref", "return", "static", "unsafe", "while", "yield",
    ];
    PREFIXES.iter().any(|word| ident == word)
}

/// Walks without recursion.
fn walk(mut frames: Vec<Frame>) -> Result<()> {
    while let Some(frame) = frames.last_mut() {
        let Some(tree) = frame.trees.next() else {
            frames.pop();
            continue;
        };
        let inside = match &tree {
            TokenTree::Group(group) => Some(frame.inside(group)),
            _ => None,
        };
        if !frame.is_opaque {
            frame.weigh(&tree);
        }
        let depth = inside.as_ref().map_or(frame.depth, |inside| inside.depth);
        if depth > LEVELS * LEVEL {
            return Err(too_deep(tree.span()));
        }
        let [_, last] = &mut frame.before;
        frame.before = [last.take(), Some(tree)];
        frames.extend(inside);
    }
    Ok(())
}

fn too_deep(span: Span) -> Error {
    let message =
        format!("this nests more than {LEVELS} levels deep: name a part of it, like `type Inner = …;`");
    Error::new(span, message)
}
