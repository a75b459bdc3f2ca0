//! [`Errors`]: all mistakes of an item, reported in one compile.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::Error;

/// Mistakes found so far.
#[derive(Default)]
pub(crate) struct Errors(Vec<Error>);

impl Errors {
    /// Adds a mistake on `tokens`.
    pub(crate) fn push(&mut self, tokens: impl ToTokens, message: impl std::fmt::Display) {
        self.0.push(Error::new_spanned(tokens, message));
    }

    /// Adds an error of a parser.
    pub(crate) fn add(&mut self, error: Error) {
        self.0.push(error);
    }

    /// Returns the value, or adds the error.
    pub(crate) fn ok<T>(&mut self, result: syn::Result<T>) -> Option<T> {
        result.map_err(|error| self.add(error)).ok()
    }

    /// Returns the number of mistakes.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Removes the mistake at `index` and returns it.
    pub(crate) fn take(&mut self, index: usize) -> Error {
        self.0.remove(index)
    }

    /// Returns one `compile_error!` per mistake.
    pub(crate) fn into_tokens(self) -> TokenStream {
        self.0.iter().map(Error::to_compile_error).collect()
    }
}
