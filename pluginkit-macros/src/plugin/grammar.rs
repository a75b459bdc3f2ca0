//! What ids, versions and requirements look like. `pluginkit` reads those written by hand alike.

use semver::{Version, VersionReq};

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

/// Why a text is no version; `None` if it is one.
pub(crate) fn wrong_version(version: &str) -> Option<String> {
    Version::parse(version).err().map(|error| error.to_string())
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
