//! [`Profile`]: the surroundings a host runs in.
#![forbid(unsafe_code)]

use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

/// The stage of a host: development, staging, production, or one that the host declares. Parts of a configuration apply
/// to one stage only.
///
/// Staging includes the plugins that are listed for production. Development includes the plugins that are listed for
/// staging and for production. See [`includes`](Self::includes).
///
/// ```
/// use pluginkit::config::{ConfigReader, Profile};
///
/// assert_eq!("staging".parse::<Profile>()?, Profile::Staging);
/// assert!(Profile::Development.includes(Profile::Production));
/// assert!(!Profile::Production.includes(Profile::Development));
///
/// const CANARY: Profile = Profile::named("canary").including(&[Profile::Production]);
/// let reader = ConfigReader::new().profiles([CANARY]);
/// let config = reader.toml_str("host.toml", "active_profile = 'canary'").unwrap();
/// assert_eq!(config.profile(), CANARY);
/// # Ok::<(), pluginkit::config::UnknownProfile>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Profile {
    /// A developer's machine: `development`. This is the default.
    #[default]
    Development,
    /// A test of the release: `staging`.
    Staging,
    /// Real use: `production`.
    Production,
    /// A profile that the host declares: see [`named`](Self::named).
    Named(NamedProfile),
}

impl Profile {
    /// The profiles that every host has, each before the profiles that it includes.
    pub const ALL: [Self; 3] = [Self::Development, Self::Staging, Self::Production];

    /// Returns a profile with a name of the host.
    ///
    /// Documents and the environment may use the name if the host declares the profile, with
    /// [`ConfigReader::profiles`](super::ConfigReader::profiles) or
    /// [`PluginConfig::with_profiles`](super::PluginConfig::with_profiles). The names `development`, `staging` and
    /// `production` always mean the profiles that every host has.
    #[must_use]
    pub const fn named(name: &'static str) -> Self {
        Self::Named(NamedProfile { name, includes: &[] })
    }

    /// Returns the same profile of the host, which includes the plugins that are listed for `others`, and for the
    /// profiles that these include.
    ///
    /// The profiles that every host has stay as they are.
    #[must_use]
    pub const fn including(self, others: &'static [Self]) -> Self {
        match self {
            Self::Named(NamedProfile { name, .. }) => Self::Named(NamedProfile { name, includes: others }),
            other => other,
        }
    }

    /// Returns the name of the profile in a document.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Development => "development",
            Self::Staging => "staging",
            Self::Production => "production",
            Self::Named(NamedProfile { name, .. }) => name,
        }
    }

    /// Returns whether plugins that are listed for `other` also take part under this profile.
    pub fn includes(self, other: Self) -> bool {
        self == other || self.included().contains(&other)
    }

    /// Returns the other profiles that it includes, each once.
    pub(super) fn included(self) -> Vec<Self> {
        let mut all = Vec::new();
        let mut left: Vec<Self> = self.direct().iter().rev().copied().collect();
        while let Some(profile) = left.pop() {
            if profile != self && !all.contains(&profile) {
                all.push(profile);
                left.extend(profile.direct().iter().rev());
            }
        }
        all
    }

    /// Returns the profiles that it includes by itself.
    fn direct(self) -> &'static [Self] {
        match self {
            Self::Development => &Self::ALL[1..],
            Self::Staging => &Self::ALL[2..],
            Self::Production => &[],
            Self::Named(NamedProfile { includes, .. }) => includes,
        }
    }

    /// Returns the profile of this name, of those that every host has and those that are `declared`.
    pub(super) fn find(name: &str, declared: &[Self]) -> Result<Self, UnknownProfile> {
        let mut known = Self::ALL.iter().chain(declared);
        known.find(|profile| profile.as_str() == name).copied().ok_or_else(|| UnknownProfile {
            name: name.to_owned(),
            declared: declared.iter().map(|profile| profile.as_str()).collect(),
        })
    }
}

/// A profile that a host declares; [`Profile::named`] returns one. Two profiles of one name are equal.
#[derive(Clone, Copy)]
pub struct NamedProfile {
    name: &'static str,
    includes: &'static [Profile],
}

impl PartialEq for NamedProfile {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for NamedProfile {}

impl Hash for NamedProfile {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl fmt::Debug for NamedProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.name, f)
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Profile {
    type Err = UnknownProfile;

    /// Returns the profile of this name, of those that every host has.
    fn from_str(name: &str) -> Result<Self, UnknownProfile> {
        Self::find(name, &[])
    }
}

/// The error of a name that no profile has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "there is no profile {name:?}; the profiles are `development`, `staging` and `production`{}; a host declares others with `ConfigReader::profiles`",
    also(.declared)
)]
pub struct UnknownProfile {
    name: String,
    declared: Vec<&'static str>,
}

fn also(declared: &[&str]) -> String {
    if declared.is_empty() {
        return String::new();
    }
    let names: Vec<_> = declared.iter().map(|name| format!("`{name}`")).collect();
    format!(", and of this host {}", names.join(", "))
}

impl UnknownProfile {
    /// Returns the invalid name of a profile.
    pub fn name(&self) -> &str {
        &self.name
    }
}
