//! [`Profile`]: the surroundings a host runs in.
#![forbid(unsafe_code)]

use std::fmt;
use std::str::FromStr;

/// The stage of a host: development, staging or production. Parts of a configuration apply to one stage only.
///
/// Staging includes the plugins that are listed for production. Development includes the plugins that are listed for
/// staging and for production. See [`includes`](Self::includes).
///
/// ```
/// use pluginkit::config::Profile;
///
/// assert_eq!("staging".parse::<Profile>()?, Profile::Staging);
/// assert!(Profile::Development.includes(Profile::Production));
/// assert!(!Profile::Production.includes(Profile::Development));
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
}

impl Profile {
    /// All profiles, each before the profiles that it includes.
    pub const ALL: [Self; 3] = [Self::Development, Self::Staging, Self::Production];

    /// Returns the name of the profile in a document.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Development => "development",
            Self::Staging => "staging",
            Self::Production => "production",
        }
    }

    /// Returns whether plugins that are listed for `other` also take part under this profile.
    pub fn includes(self, other: Self) -> bool {
        self as u8 <= other as u8
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Profile {
    type Err = UnknownProfile;

    fn from_str(name: &str) -> Result<Self, UnknownProfile> {
        let found = Self::ALL.into_iter().find(|profile| profile.as_str() == name);
        found.ok_or_else(|| UnknownProfile(name.to_owned()))
    }
}

/// The error of a name that no profile has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no profile {0:?}; the profiles are `development`, `staging` and `production`")]
pub struct UnknownProfile(String);

impl UnknownProfile {
    /// Returns the invalid name of a profile.
    pub fn name(&self) -> &str {
        &self.0
    }
}
