//! Names in generated code.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident};
use syn::ext::IdentExt;
use syn::parse::Parser;
use syn::{GenericParam, Lifetime, LitInt, LitStr};

/// Returns the 64-bit FNV-1a hash of a name, by which `#[extension]` finds a point.
pub(crate) fn hash(name: &str) -> u64 {
    name.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Returns a name without `r#`.
pub(crate) fn plain(ident: &Ident) -> String {
    ident.unraw().to_string()
}

/// Returns the name that a text is, raw if it is a keyword; `None` if the text is no name.
pub(crate) fn named(text: &str, span: Span) -> Option<Ident> {
    const NEVER_RAW: &[&str] = &["_", "self", "Self", "super", "crate"];
    let name = text.strip_prefix("r#").unwrap_or(text);
    let is_of_no_name = |each: char| each.is_ascii() && !(each.is_ascii_alphanumeric() || each == '_');
    if NEVER_RAW.contains(&name)
        || name.contains(is_of_no_name)
        || name.starts_with(|first: char| first.is_ascii_digit())
    {
        return None;
    }
    let name = Ident::parse_any.parse_str(name).ok()?.to_string();
    // It is a keyword since the edition 2024.
    let is_keyword = name == "gen" || syn::parse_str::<Ident>(&name).is_err();
    Some(if is_keyword { Ident::new_raw(&name, span) } else { Ident::new(&name, span) })
}

/// Returns the field of an argument: its name without leading underscores, which only mark it as unused.
///
/// One underscore stays if the rest is no name: the field of `__self` is `_self`.
pub(crate) fn field(ident: &Ident) -> Ident {
    let (name, span) = (plain(ident), ident.span());
    let stripped = name.trim_start_matches('_');
    named(stripped, span).or_else(|| named(&format!("_{stripped}"), span)).unwrap_or_else(|| ident.clone())
}

/// Converts `fetch_all` to `FetchAll`. The result begins a name: that of `_1` is `_1`.
pub(crate) fn camel(ident: &Ident) -> String {
    let name = plain(ident);
    let words: String = name
        .split('_')
        .filter_map(|word| {
            let mut characters = word.chars();
            let first = characters.next()?;
            Some(first.to_uppercase().chain(characters).collect::<String>())
        })
        .collect();
    let may_begin = !name.starts_with('_') || words.starts_with(|first: char| first.is_ascii_alphabetic());
    if may_begin { words } else { format!("_{words}") }
}

/// Returns an identifier of generated code that cannot collide with an identifier of the user.
pub(crate) fn local(name: &str) -> Ident {
    located(name, Span::mixed_site())
}

/// Returns a [`local`] at which the compiler reports mistakes.
pub(crate) fn located(name: &str, span: Span) -> Ident {
    format_ident!("__{name}", span = span)
}

/// Returns a name of the source about which lints say nothing: generated code declares it once more.
pub(crate) fn silent(ident: &Ident) -> Ident {
    let mut ident = ident.clone();
    ident.set_span(Span::call_site().located_at(ident.span()));
    ident
}

/// Returns tokens at `span`, where the compiler then reports mistakes.
pub(crate) fn relocated(tokens: TokenStream, span: Span) -> TokenStream {
    let relocate = |mut token: TokenTree| {
        token.set_span(token.span().located_at(span));
        token
    };
    tokens.into_iter().map(relocate).collect()
}

/// Returns tokens of the source at `span`: the compiler does not say that a macro made them.
pub(crate) fn spanned(tokens: TokenStream, span: Span) -> TokenStream {
    let set = |mut token: TokenTree| {
        token.set_span(span);
        token
    };
    tokens.into_iter().map(set).collect()
}

/// Returns the places of the first and the last of some tokens.
pub(crate) fn ends(tokens: &impl ToTokens) -> (Span, Span) {
    let mut spans = tokens.to_token_stream().into_iter().map(|tree| tree.span());
    let first = spans.next().unwrap_or_else(Span::call_site);
    (first, spans.last().unwrap_or(first))
}

/// Returns tokens as source text with the usual spaces.
pub(crate) fn pretty(tokens: &impl ToTokens) -> String {
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
        (")->", ") ->"),
    ] {
        text = text.replace(spaced, tight);
    }
    text
}

/// Returns the first word among `tokens` that `is_wanted` accepts.
pub(crate) fn mention(tokens: TokenStream, is_wanted: &impl Fn(&Ident) -> bool) -> Option<Ident> {
    tokens.into_iter().find_map(|token| match token {
        TokenTree::Ident(word) => is_wanted(&word).then_some(word),
        TokenTree::Group(group) => mention(group.stream(), is_wanted),
        _ => None,
    })
}

/// Returns whether `tokens` have this word, as the name of a type or a constant.
pub(crate) fn mentions(tokens: &TokenStream, name: &Ident) -> bool {
    mention(tokens.clone(), &|word| word == name).is_some()
}

/// Returns whether a string among `tokens` has this name where a format macro takes a value: `{N}`, `{N:?}`, `{0:N$}`.
///
/// Other strings that look so count, too.
fn formats(tokens: &TokenStream, name: &str) -> bool {
    tokens.clone().into_iter().any(|token| match token {
        TokenTree::Literal(_) => {
            syn::parse2::<LitStr>(token.into()).is_ok_and(|text| takes(&text.value(), name))
        }
        TokenTree::Group(group) => formats(&group.stream(), name),
        TokenTree::Ident(_) | TokenTree::Punct(_) => false,
    })
}

/// Returns whether a format string takes the value of this name.
fn takes(format: &str, name: &str) -> bool {
    let is_of_it = |place: &str| place.split(['}', ':']).next().is_some_and(|value| value.trim() == name);
    format.replace("{{", "").split('{').skip(1).any(is_of_it) || format.contains(&format!("{name}$"))
}

/// Returns whether `tokens` name a lifetime.
pub(crate) fn mentions_lifetime(tokens: &TokenStream, lifetime: &Lifetime) -> bool {
    let mut is_after_mark = false;
    tokens.clone().into_iter().any(|token| {
        let is_named = is_after_mark;
        is_after_mark = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '\'');
        match token {
            TokenTree::Ident(word) => is_named && word == lifetime.ident,
            TokenTree::Group(group) => mentions_lifetime(&group.stream(), lifetime),
            TokenTree::Punct(_) | TokenTree::Literal(_) => false,
        }
    })
}

/// Returns whether `tokens` name a parameter. A format macro may name a constant within its string.
pub(crate) fn mentions_parameter(tokens: &TokenStream, parameter: &GenericParam) -> bool {
    match parameter {
        GenericParam::Type(parameter) => mentions(tokens, &parameter.ident),
        GenericParam::Const(parameter) => {
            mentions(tokens, &parameter.ident) || formats(tokens, &plain(&parameter.ident))
        }
        GenericParam::Lifetime(parameter) => mentions_lifetime(tokens, &parameter.lifetime),
    }
}

/// Returns the key of a point for `HasPoint`.
pub(crate) fn point_key(ident: &Ident) -> LitInt {
    LitInt::new(&format!("{}u64", hash(&plain(ident))), Span::call_site())
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
            "fn urgent(&self, urgent: bool) -> u8",
            "fn pair(&self, f: fn(u8) -> u8, map: std::collections::BTreeMap<u8, Vec<u8>>) -> (u8, [u8; 2])",
        ] {
            let parsed: syn::Signature = syn::parse_str(signature).unwrap();
            assert_eq!(pretty(&parsed), signature);
        }
    }

    #[test]
    fn the_field_of_an_argument_is_its_name_without_leading_underscores() {
        for (argument, expected) in [
            ("topic", "topic"),
            ("_topic", "topic"),
            ("__topic", "topic"),
            ("r#topic", "topic"),
            ("_self_", "self_"),
            ("_type", "r#type"),
            ("_try", "r#try"),
            ("_gen", "r#gen"),
            ("r#gen", "r#gen"),
            ("r#type", "r#type"),
            ("_1", "_1"),
            ("__1a", "_1a"),
            ("__", "__"),
            ("_ärger", "ärger"),
            ("_名", "名"),
            ("_·x", "_·x"),
        ] {
            assert_eq!(field(&argument_called(argument)).to_string(), expected);
        }
    }

    #[test]
    fn a_field_keeps_one_underscore_before_a_word_that_is_never_a_name() {
        for word in ["self", "Self", "super", "crate"] {
            for argument in [format!("_{word}"), format!("__{word}")] {
                assert_eq!(field(&argument_called(&argument)).to_string(), format!("_{word}"));
            }
        }
    }

    #[test]
    fn the_stem_of_each_point_begins_a_name() {
        for (point, expected) in [
            ("fetch", "Fetch"),
            ("fetch_all", "FetchAll"),
            ("_fetch", "Fetch"),
            ("r#try", "Try"),
            ("_self", "Self"),
            ("_1", "_1"),
            ("_1a", "_1a"),
            ("__1_b", "_1B"),
            ("__", "_"),
            ("straße", "Straße"),
            ("_ß", "SS"),
            ("ŉ", "ʼN"),
            ("_·x", "_·x"),
        ] {
            let stem = camel(&argument_called(point));
            assert_eq!(stem, expected);
            assert!(named(&format!("{stem}Point"), Span::call_site()).is_some(), "{stem}");
        }
    }

    #[test]
    fn a_text_is_a_name_if_the_source_could_have_it() {
        let named = |text| named(text, Span::call_site()).map(|name| name.to_string());
        assert_eq!(named("fetch").unwrap(), "fetch");
        assert_eq!(named("r#fetch").unwrap(), "fetch");
        assert_eq!(named("try").unwrap(), "r#try");
        assert_eq!(named("r#try").unwrap(), "r#try");
        for text in [
            "",
            "_",
            "r#",
            "self",
            "r#self",
            "crate",
            " fetch",
            "fetch // all",
            "fetch.all",
            "1",
            "'a",
            "\"",
            "·x",
        ] {
            assert_eq!(named(text), None, "{text}");
        }
    }

    #[test]
    fn a_string_names_each_constant_that_a_format_macro_takes_from_it() {
        let names = |body: &str| formats(&body.parse().unwrap(), "N");
        for body in [
            r#"format!("{N}")"#,
            r#"{ println!("of {0} and {N:?}", 1) }"#,
            r#"format!("{{{N}}}")"#,
            r#"format!("{ N }")"#,
            r#"format!("{x:N$}")"#,
            r#"format!("{x:>8.N$}")"#,
            r#"format!(r"\u{N}")"#,
        ] {
            assert!(names(body), "{body}");
        }
        for body in [
            r#"format!("{{N}}")"#,
            r#"format!("{x:N}")"#,
            r#"format!("{NN}")"#,
            r#"format!("N")"#,
            r#"b"{N}""#,
            "'N'",
            "r#N",
        ] {
            assert!(!names(body), "{body}");
        }
    }

    fn argument_called(name: &str) -> Ident {
        Ident::parse_any.parse_str(name).unwrap()
    }
}
