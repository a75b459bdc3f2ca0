//! `PLUGINKIT_MACRO_DEBUG=1` at compile time prints every expansion.

use proc_macro2::TokenStream;

/// Returns `expansion`, and prints it if the variable is set.
pub(crate) fn show(attribute: &str, expansion: TokenStream) -> TokenStream {
    if std::env::var_os("PLUGINKIT_MACRO_DEBUG").is_some() {
        eprintln!("// #[{attribute}]\n{expansion}\n");
    }
    expansion
}
