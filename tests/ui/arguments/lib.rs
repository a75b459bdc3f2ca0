//! The arguments of the compiler, which name the library's file and the folders of its dependencies.

use proc_macro::TokenStream;

/// The arguments of the `rustc` that compiles the caller, as a slice of strings.
///
/// # Panics
///
/// If an argument is no Unicode.
#[proc_macro]
pub fn rustc_arguments(_: TokenStream) -> TokenStream {
    let arguments: Vec<String> = std::env::args().collect();
    format!("&{arguments:?}").parse().expect("strings are literals")
}
