//! [`Requirement`]: a plugin that another cannot do without. The macros read requirements alike.

use std::fmt;

use semver::{Version, VersionReq};

use crate::base::name::PluginId;

/// The id of a plugin, and the versions of it that will do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// The name of the required plugin.
    pub id: PluginId,
    /// Every version, if there is none.
    range: Option<VersionReq>,
}

impl Requirement {
    /// Reads `core`, `core >= 1.2` or `core>=1.2, <2`.
    ///
    /// # Errors
    ///
    /// The reason why the text is no requirement.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let is_operator = |character: char| character.is_whitespace() || "<>=~^*,".contains(character);
        let end = text.find(is_operator).unwrap_or(text.len());
        let (id, range) = (&text[..end], text[end..].trim());
        if let Some(wrong) = wrong_id(id) {
            return Err(wrong.to_owned());
        }
        let range = match range {
            "" => None,
            range => Some(
                VersionReq::parse(range)
                    .map_err(|error| format!("`{range}` is no range of versions: {error}"))?,
            ),
        };
        Ok(Self { id: id.into(), range })
    }

    /// Returns whether this version fits.
    pub(crate) fn accepts(&self, version: &Version) -> bool {
        self.range.as_ref().is_none_or(|range| range.matches(version))
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.id)?;
        self.range.as_ref().map_or(Ok(()), |range| write!(f, " {range}"))
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    fn accepts(requirement: &str, version: &str) -> bool {
        Requirement::parse(requirement).unwrap().accepts(&Version::parse(version).unwrap())
    }

    #[test]
    fn a_requirement_without_a_range_accepts_every_version() {
        assert!(accepts("core", "0.0.0"));
        assert!(accepts(" core ", "3.0.0-rc.1"));
    }

    #[test]
    fn a_range_is_read_as_cargo_does() {
        assert!(accepts("core >= 1.2", "1.2.0"));
        assert!(!accepts("core >= 1.2", "1.1.9"));
        assert!(!accepts("core >= 1.2", "2.0.0-rc.1"));
        assert!(accepts("core>=1.2, <2", "1.9.0"));
        assert!(!accepts("core>=1.2, <2", "2.0.0"));
        assert!(accepts("core 1.2", "1.9.0"));
        assert!(!accepts("core 1.2", "2.0.0"));
        assert!(accepts("core *", "7.0.0"));
    }

    #[test]
    fn what_is_no_requirement_is_refused() {
        for wrong in ["", ">= 1", "-core", "co/re", "core one", "core >= 1.x.y", "core 1.2 <2"] {
            assert!(Requirement::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn it_prints_as_one_writes_it() {
        assert_eq!(Requirement::parse("core>=1.2,<2").unwrap().to_string(), "core >=1.2, <2");
        assert_eq!(Requirement::parse("core").unwrap().to_string(), "core");
    }
}
