//! What ids, versions and requirements look like. `pluginkit` reads those written by hand alike.

use semver::{Version, VersionReq};
use syn::LitStr;

use crate::support::options::Item;

/// Why a text is no id; `None` if it is one.
pub(crate) fn wrong_id(id: &str) -> Option<&'static str> {
    let is_valid = |character: char| character.is_ascii_alphanumeric() || "-_.".contains(character);
    if id.is_empty() {
        Some("an id cannot be empty")
    } else if !id.starts_with(|first: char| first.is_ascii_alphanumeric()) {
        Some("an id begins with an ASCII letter or digit")
    } else if !id.chars().all(is_valid) {
        Some("an id consists of ASCII letters, digits, `-`, `_` and `.`")
    } else {
        None
    }
}

/// The id that a requirement names, if it is one.
pub(crate) fn required_id(requirement: &str) -> Result<&str, String> {
    let text = requirement.trim();
    let is_operator = |character: char| character.is_whitespace() || "<>=~^*,".contains(character);
    let end = text.find(is_operator).unwrap_or(text.len());
    let (id, range) = (&text[..end], text[end..].trim());
    if let Some(wrong) = wrong_id(id) {
        return Err(wrong.to_owned());
    }
    if !range.is_empty() {
        VersionReq::parse(range).map_err(|error| format!("`{range}` is no range of versions: {error}"))?;
    }
    Ok(id)
}

/// The value of `version`.
pub(crate) fn version(item: &Item) -> syn::Result<LitStr> {
    let literal = item.string("version = \"1.0.0\"")?;
    match Version::parse(&literal.value()) {
        Ok(_) => Ok(literal),
        Err(wrong) => Err(syn::Error::new(
            literal.span(),
            format!("this is no semantic version: {wrong}; expected one like `version = \"1.0.0\"`"),
        )),
    }
}

/// The value of `requires`, where it is only a range of versions.
pub(crate) fn versions(item: &Item) -> syn::Result<LitStr> {
    let literal = item.string("requires = \"^1.2\"")?;
    match VersionReq::parse(&literal.value()) {
        Ok(_) => Ok(literal),
        Err(wrong) => Err(syn::Error::new(
            literal.span(),
            format!(
                "this is no range of versions of the specs: {wrong}; expected one like `requires = \"^1.2\"` (what other plugins must be there, `#[plugin(requires = …)]` says)"
            ),
        )),
    }
}
