//! Names in generated code.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::format_ident;
use syn::ext::IdentExt;

/// The 64-bit FNV-1a hash of a name, by which `#[extension]` finds a point.
pub(crate) fn hash(name: &str) -> u64 {
    name.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// A name without `r#`.
pub(crate) fn plain(ident: &Ident) -> String {
    ident.unraw().to_string()
}

/// The field an argument is found under: its name without leading underscores, which only say that
/// it is not used.
pub(crate) fn field(ident: &Ident) -> Ident {
    let name = plain(ident);
    let stripped = name.trim_start_matches('_');
    if stripped.is_empty() || stripped.starts_with(|first: char| first.is_ascii_digit()) || stripped == name {
        return ident.clone();
    }
    if syn::parse_str::<Ident>(stripped).is_ok() {
        Ident::new(stripped, ident.span())
    } else {
        Ident::new_raw(stripped, ident.span())
    }
}

/// `fetch_all` as `FetchAll`.
pub(crate) fn camel(ident: &Ident) -> String {
    plain(ident)
        .split('_')
        .filter_map(|word| {
            let mut characters = word.chars();
            let first = characters.next()?;
            Some(first.to_uppercase().chain(characters).collect::<String>())
        })
        .collect()
}

/// An identifier of generated code that no identifier of the user's can meet.
pub(crate) fn local(name: &str) -> Ident {
    located(name, Span::mixed_site())
}

/// A [`local`] that mistakes are told at.
pub(crate) fn located(name: &str, span: Span) -> Ident {
    format_ident!("__{name}", span = span)
}

/// Tokens that mistakes are told of at `span`, whatever they came from.
pub(crate) fn relocated(tokens: TokenStream, span: Span) -> TokenStream {
    let relocate = |mut token: TokenTree| {
        token.set_span(token.span().located_at(span));
        token
    };
    tokens.into_iter().map(relocate).collect()
}

/// Tokens as one would write them.
pub(crate) fn pretty(tokens: &impl quote::ToTokens) -> String {
    let mut text = tokens.to_token_stream().to_string();
    for (spaced, tight) in [
        (" :: ", "::"),
        (":: ", "::"),
        (" <", "<"),
        ("< ", "<"),
        (" >", ">"),
        (" (", "("),
        ("( ", "("),
        (" )", ")"),
        ("[ ", "["),
        (" ]", "]"),
        (" ,", ","),
        (" ;", ";"),
        (" :", ":"),
        ("& ", "&"),
        (",)", ")"),
        ("->(", "-> ("),
    ] {
        text = text.replace(spaced, tight);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_read_as_one_would_write_them() {
        for signature in [
            "fn fetch(&self, topic: &str) -> String",
            "fn pick<'a>(&self, from: &'a [String], cx: &mut Cx<'_>) -> Option<&'a str>",
            "fn none(&self)",
            "fn pair(&self, f: fn(u8) -> u8, map: std::collections::BTreeMap<u8, Vec<u8>>) -> (u8, [u8; 2])",
        ] {
            let parsed: syn::Signature = syn::parse_str(signature).unwrap();
            assert_eq!(pretty(&parsed), signature);
        }
    }
}
