//! The grammar of ids, versions and requirements. `pluginkit` checks the same grammar at run time.

use semver::{Version, VersionReq};
use syn::LitStr;

use crate::support::options::Item;

/// Returns the reason why a text is not an id; `None` if it is one.
pub(crate) fn wrong_id(id: &str) -> Option<&'static str> {
    let is_valid = |character: char| character.is_ascii_alphanumeric() || "-_.".contains(character);
    if id.is_empty() {
        Some("the id is empty")
    } else if !id.starts_with(|first: char| first.is_ascii_alphanumeric()) {
        Some("the id does not start with an ASCII letter or digit")
    } else if !id.chars().all(is_valid) {
        Some("the id has a character other than ASCII letters, digits, `-`, `_` and `.`")
    } else {
        None
    }
}

/// Returns the id in a requirement.
pub(crate) fn required_id(requirement: &str) -> Result<&str, String> {
    let text = requirement.trim();
    let is_operator = |character: char| character.is_whitespace() || "<>=~^*,".contains(character);
    let end = text.find(is_operator).unwrap_or(text.len());
    let (id, range) = (&text[..end], text[end..].trim());
    if let Some(wrong) = wrong_id(id) {
        return Err(wrong.to_owned());
    }
    if !range.is_empty() {
        VersionReq::parse(range).map_err(|error| format!("`{range}` is not a range of versions: {error}"))?;
    }
    Ok(id)
}

/// Returns the value of `version`.
pub(crate) fn version(item: &Item) -> syn::Result<LitStr> {
    let literal = item.string("version = \"1.0.0\"")?;
    match Version::parse(&literal.value()) {
        Ok(_) => Ok(literal),
        Err(wrong) => Err(syn::Error::new(
            literal.span(),
            format!("this is not a semantic version: {wrong}; expected one like `version = \"1.0.0\"`"),
        )),
    }
}

/// Returns the value of a `requires` that is only a range of versions.
pub(crate) fn versions(item: &Item) -> syn::Result<LitStr> {
    let literal = item.string("requires = \"^1.2\"")?;
    match VersionReq::parse(&literal.value()) {
        Ok(_) => Ok(literal),
        Err(wrong) => Err(syn::Error::new(
            literal.span(),
            format!(
                "this is not a range of versions: {wrong}; expected one like `requires = \"^1.2\"` (requirements of other plugins belong in `#[plugin(requires = …)]`)"
            ),
        )),
    }
}
