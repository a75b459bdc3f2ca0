//! Expansions for editors.
//!
//! For each token of the source, an editor looks for the tokens that come from it in an expansion, and shows what it finds
//! at all of them. The compiler wants the opposite: many tokens at the place of the source that a message is to show. So an
//! expansion for an editor has the same items, but its tokens come from the source only where that helps.
//!
//! A macro knows by the program that runs it whether it works for an editor. `PLUGINKIT_MACRO_EDITOR` makes a compiler get
//! the expansion of an editor.

use std::env;
use std::sync::OnceLock;

use proc_macro2::{Group, Span, TokenStream, TokenTree};

/// Returns whether an editor gets the expansion.
pub(crate) fn is_running() -> bool {
    static RUNNING: OnceLock<bool> = OnceLock::new();
    #[cfg(test)]
    if let Some(meant) = tests::MEANT.get() {
        return meant;
    }
    *RUNNING.get_or_init(|| {
        let program = env::current_exe().ok();
        let name = program.as_deref().and_then(|program| program.file_name()?.to_str());
        name.is_some_and(|name| name.starts_with("rust-analyzer"))
            || env::var_os("PLUGINKIT_MACRO_EDITOR").is_some()
    })
}

/// Returns generated tokens as if they all came from `place`. What names refer to stays the same.
pub(crate) fn placed(tokens: TokenStream, place: Span) -> TokenStream {
    let place_one = |tree: TokenTree| match tree {
        TokenTree::Group(group) => {
            let mut new = Group::new(group.delimiter(), placed(group.stream(), place));
            new.set_span(group.span().located_at(place));
            TokenTree::Group(new)
        }
        mut other => {
            other.set_span(other.span().located_at(place));
            other
        }
    };
    tokens.into_iter().map(place_one).collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use std::cell::Cell;

    thread_local! {
        /// Whether this test means an editor.
        pub(super) static MEANT: Cell<Option<bool>> = const { Cell::new(None) };
    }

    /// Expands for an editor.
    pub(crate) fn in_an_editor<R>(expand: impl FnOnce() -> R) -> R {
        MEANT.set(Some(true));
        let expansion = expand();
        MEANT.set(None);
        expansion
    }
}
