//! How deep tokens may nest: syn parses them by recursion, and the compiler's stack has an end.

use proc_macro2::{Delimiter, Group, Ident, Punct, Span, TokenStream, TokenTree};
use syn::{Error, Result};

use crate::support::bodies::{chunks, is_arrow};

/// How many levels of types, patterns and expressions an item may have. A level takes syn, without optimization,
/// up to 48 KiB of a stack; rustc has 8 MiB of it.
pub(crate) const LEVELS: usize = 32;

/// One level, in the units that tokens are weighed by.
const LEVEL: usize = 6;

/// Refuses options that nest too deep to be parsed.
pub(crate) fn check(options: TokenStream) -> Result<()> {
    walk(vec![Frame::new(options.into_iter().collect(), 0)])
}

/// Refuses an item that nests too deep to be parsed. The bodies of its functions are not: nothing parses them.
pub(crate) fn check_item(item: TokenStream) -> Result<()> {
    let mut heads = Vec::new();
    for chunk in chunks(item) {
        let mut head = chunk.head;
        // The braces of an `impl` block or a trait, the methods of which have bodies, too.
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

/// The tokens that are left of a group, and how deep the next of them is.
struct Frame {
    trees: std::vec::IntoIter<TokenTree>,
    /// The last two tokens.
    before: [Option<TokenTree>; 2],
    /// The depth of the group, then of each angle bracket that is open in it.
    bases: Vec<usize>,
    depth: usize,
    /// Whether these stay tokens, which are not parsed: only groups count, and little.
    is_opaque: bool,
}

impl Frame {
    fn new(trees: Vec<TokenTree>, depth: usize) -> Self {
        Self { trees: trees.into_iter(), before: [None, None], bases: vec![depth], depth, is_opaque: false }
    }

    /// The tokens of a group that comes next.
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

    /// Whether the last token is the name of a lifetime.
    fn is_after_lifetime(&self) -> bool {
        is_mark(self.before[0].as_ref(), '\'') && matches!(self.last(), Some(TokenTree::Ident(_)))
    }

    /// Whether the last token ends an operand, so that an operator after it stands between two.
    fn is_after_operand(&self) -> bool {
        match self.last() {
            Some(TokenTree::Ident(ident)) => !is_prefix(ident) && !self.is_after_lifetime(),
            Some(TokenTree::Punct(_)) | None => false,
            Some(TokenTree::Group(_) | TokenTree::Literal(_)) => true,
        }
    }

    /// Whether a group in this place is an attribute.
    fn is_attribute(&self) -> bool {
        is_mark(self.last(), '#') || is_mark(self.last(), '!') && is_mark(self.before[0].as_ref(), '#')
    }

    /// Whether a group in this place stays tokens: the arguments of a macro, or an attribute without `=`.
    fn is_opaque(&self, group: &Group) -> bool {
        if self.is_attribute() {
            return !group.stream().into_iter().any(|tree| is_mark(Some(&tree), '='));
        }
        is_mark(self.last(), '!')
            && matches!(&self.before[0], Some(TokenTree::Ident(name)) if !is_prefix(name))
    }

    /// Weighs a token: by as much as what follows it can lie deeper.
    fn weigh(&mut self, tree: &TokenTree) {
        match tree {
            TokenTree::Punct(punct) => self.weigh_punct(punct),
            TokenTree::Ident(ident) => {
                // Neither is deeper than before.
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
            // Groups that follow each other make a chain of calls.
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

/// Whether a token is a group of braces, after which a statement or an item may begin.
fn is_block(tree: Option<&TokenTree>) -> bool {
    matches!(tree, Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace)
}

/// Whether a keyword has what follows it as a part of its own.
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
    let message = format!(
        "this nests more than {LEVELS} levels deep: give a part of it a name of its own, like `type Inner = …;`"
    );
    Error::new(span, message)
}
