//! [`PluginId`]: the name a plugin is registered under.
#![forbid(unsafe_code)]

use std::borrow::{Borrow, Cow};
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// The name under which a plugin is registered: unique within one manager, and cheap to clone.
///
/// A `PluginId` can be compared with strings, and dereferences to a `str`.
///
/// ```
/// use pluginkit::PluginId;
///
/// let id = PluginId::from("weather");
/// assert_eq!(id, "weather");
/// assert!(id.starts_with("wea"));
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PluginId(Arc<str>);

/// Returns a text for people, with line breaks and control characters written as `
/// ` or `\u{1b}`.
pub fn on_one_line(text: &str) -> Cow<'_, str> {
    // Line breaks, and marks that turn the direction of what follows.
    let breaks = |character: char| {
        character.is_control() || matches!(character, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if !text.contains(breaks) {
        return Cow::Borrowed(text);
    }
    let mut line = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        if breaks(character) { line.extend(character.escape_default()) } else { line.push(character) }
    }
    Cow::Owned(line)
}

impl PluginId {
    /// Returns the name as a string slice.
    #[inline]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns whether there are other clones of it.
    #[doc(hidden)]
    pub fn is_shared(&self) -> bool {
        Arc::strong_count(&self.0) > 1
    }

    /// Returns whether both are names of one registration: a later plugin of the same name has a name of its own.
    #[doc(hidden)]
    pub fn is_same(&self, other: &Self) -> bool {
        std::ptr::eq(self.as_str(), other.as_str())
    }

    /// Returns the same name as that of another registration.
    pub(crate) fn of_its_own(&self) -> Self {
        Self::from(self.as_str())
    }
}

impl Deref for PluginId {
    type Target = str;

    #[inline]
    fn deref(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for PluginId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for PluginId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// Writes line breaks and control characters as `\n` or `\u{1b}`, so that a message or a table keeps its lines.
/// [`as_str`](Self::as_str) has the name itself.
impl fmt::Display for PluginId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&on_one_line(&self.0))
    }
}

impl fmt::Debug for PluginId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

impl From<&str> for PluginId {
    fn from(name: &str) -> Self {
        Self(name.into())
    }
}

impl From<&&str> for PluginId {
    fn from(name: &&str) -> Self {
        Self((*name).into())
    }
}

impl From<String> for PluginId {
    fn from(name: String) -> Self {
        Self(name.into())
    }
}

impl From<&String> for PluginId {
    fn from(name: &String) -> Self {
        Self(name.as_str().into())
    }
}

impl From<&PluginId> for PluginId {
    fn from(id: &PluginId) -> Self {
        id.clone()
    }
}

impl From<PluginId> for String {
    fn from(id: PluginId) -> Self {
        id.as_str().into()
    }
}

impl PartialEq<str> for PluginId {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for PluginId {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl PartialEq<String> for PluginId {
    fn eq(&self, other: &String) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<PluginId> for str {
    fn eq(&self, other: &PluginId) -> bool {
        self == other.as_str()
    }
}

impl PartialEq<PluginId> for &str {
    fn eq(&self, other: &PluginId) -> bool {
        *self == other.as_str()
    }
}

impl PartialEq<PluginId> for String {
    fn eq(&self, other: &PluginId) -> bool {
        self == other.as_str()
    }
}

/// Returns the name of a type without its modules: `Cached<String>`.
pub fn short_type_name(full: &str) -> String {
    let mut short = String::with_capacity(full.len());
    let mut segment = 0;
    let mut characters = full.chars().peekable();
    while let Some(character) = characters.next() {
        if character == ':' && characters.peek() == Some(&':') {
            characters.next();
            short.truncate(segment);
            continue;
        }
        short.push(character);
        if !(character.is_alphanumeric() || character == '_') {
            segment = short.len();
        }
    }
    short
}

/// Returns the name of the type of a plugin. A plugin without another name has it.
///
/// It is empty for `()`, so that the registration asks for a name. Many plugins of closures are a `()`.
pub(crate) fn name_by_type<T: ?Sized>() -> String {
    match std::any::type_name::<T>() {
        "()" => String::new(),
        full => short_type_name(full),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_type_name_has_no_modules() {
        assert_eq!(short_type_name("Plain"), "Plain");
        assert_eq!(short_type_name("a::b::Cached<alloc::string::String, c::D>"), "Cached<String, D>");
        assert_eq!(short_type_name("&a::B"), "&B");
    }
}
