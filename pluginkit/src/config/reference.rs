//! [`PluginRef`]: how a configuration names a plugin.
#![forbid(unsafe_code)]

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// The name of a plugin in a configuration: its declared id, or the path of its type.
///
/// An id has ASCII letters, digits, `-`, `_` and `.`, and begins with a letter or a digit. A path is written as in
/// Rust, beginning with the name of the crate: `myapp::middleware::Cors`. A reference may also be the name under which
/// the host has registered a plugin, for example the bare name of its type. Therefore a reference may also have letters
/// that are not ASCII, and begin with `_`.
///
/// ```
/// use pluginkit::config::PluginRef;
///
/// let id: PluginRef = "rate-limiter".parse()?;
/// assert!(!id.is_path());
///
/// let path: PluginRef = "myapp::middleware::Cors".parse()?;
/// assert_eq!(path.crate_name(), Some("myapp"));
/// assert_eq!(path.type_name(), Some("Cors"));
///
/// let error = "my-app::Cors".parse::<PluginRef>().unwrap_err();
/// assert!(error.to_string().contains("`my_app`"), "{error}");
/// # Ok::<(), pluginkit::config::InvalidReference>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PluginRef(Arc<str>);

impl PluginRef {
    /// Returns the text of the reference.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns whether the reference is the path of a type.
    pub fn is_path(&self) -> bool {
        self.0.contains("::")
    }

    /// Returns the first segment of a path.
    pub fn crate_name(&self) -> Option<&str> {
        Some(self.0.split_once("::")?.0)
    }

    /// Returns the last segment of a path.
    pub fn type_name(&self) -> Option<&str> {
        Some(self.0.rsplit_once("::")?.1)
    }

    /// Returns the segments of a path between the crate and the type: `a::b` of `crate_name::a::b::Type`.
    pub fn module(&self) -> Option<&str> {
        let (_, rest) = self.0.split_once("::")?;
        Some(rest.rsplit_once("::")?.0)
    }
}

impl FromStr for PluginRef {
    type Err = InvalidReference;

    fn from_str(text: &str) -> Result<Self, InvalidReference> {
        match check(text) {
            Ok(()) => Ok(Self(text.into())),
            Err(reason) => Err(InvalidReference { text: text.to_owned(), reason }),
        }
    }
}

impl TryFrom<&str> for PluginRef {
    type Error = InvalidReference;

    fn try_from(text: &str) -> Result<Self, InvalidReference> {
        text.parse()
    }
}

impl TryFrom<String> for PluginRef {
    type Error = InvalidReference;

    fn try_from(text: String) -> Result<Self, InvalidReference> {
        text.parse()
    }
}

fn check(text: &str) -> Result<(), String> {
    if text.trim().is_empty() {
        return Err("it is empty".to_owned());
    }
    if text.trim() != text {
        return Err(format!("it has spaces around it; write {:?}", text.trim()));
    }
    if text.contains("::") { check_path(text) } else { check_id(text) }
}

fn check_id(id: &str) -> Result<(), String> {
    let is_part = |character: char| character.is_alphanumeric() || matches!(character, '-' | '_' | '.');
    match id.chars().find(|&character| !is_part(character)) {
        Some(':') => {
            Err(format!("segments of a path are separated by `::`; write {:?}", id.replace(':', "::")))
        }
        Some(other) => {
            Err(format!("{other:?} cannot be in an id, which has letters, digits, `-`, `_` and `.`"))
        }
        None if id.starts_with(['-', '.']) => Err("an id begins with a letter, a digit or `_`".to_owned()),
        None => Ok(()),
    }
}

fn check_path(path: &str) -> Result<(), String> {
    if let Some(rest) = path.strip_prefix("::") {
        return Err(format!("a path begins with the name of its crate; write {rest:?}"));
    }
    if path.contains('<') {
        return Err("a type with generic parameters is named by the id of its plugin".to_owned());
    }
    for (index, segment) in path.split("::").enumerate() {
        if segment.is_empty() {
            return Err("a segment of the path is empty; write `crate_name::module::Type`".to_owned());
        }
        if index == 0 && matches!(segment, "crate" | "self" | "super" | "Self") {
            return Err(format!("`{segment}` means nothing outside of a crate; write the crate's name"));
        }
        if index == 0 && segment.contains('-') {
            let name = segment.replace('-', "_");
            return Err(format!("in a path a crate is named as in Rust code; write `{name}`"));
        }
        let name = segment.strip_prefix("r#").unwrap_or(segment);
        let starts = name.starts_with(|first: char| first.is_alphabetic() || first == '_');
        if !starts || !name.chars().all(|character| character.is_alphanumeric() || character == '_') {
            return Err(format!("{segment:?} is no Rust identifier; write `crate_name::module::Type`"));
        }
    }
    Ok(())
}

impl AsRef<str> for PluginRef {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for PluginRef {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl PartialEq<str> for PluginRef {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for PluginRef {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl fmt::Display for PluginRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for PluginRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

/// The error of a text that cannot name a plugin.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} cannot name a plugin, by id or as `crate_name::module::Type`: {reason}")]
pub struct InvalidReference {
    text: String,
    reason: String,
}

impl InvalidReference {
    /// Returns the text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the mistake and the fix.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}
