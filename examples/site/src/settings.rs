//! The table `[site]` of the file: what the host reads itself.

use std::fs;
use std::path::{Path, PathBuf};

use pluginkit::prelude::BoxError;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SiteSettings {
    pub(crate) title: String,
    #[serde(default)]
    pub(crate) description: String,
    /// The folder that the site is written to, relative to the folder of the file.
    pub(crate) output: PathBuf,
}

#[derive(Deserialize)]
struct Document {
    site: SiteSettings,
}

impl SiteSettings {
    pub(crate) fn read(file: &Path) -> Result<Self, BoxError> {
        let named = |error: &dyn std::fmt::Display| format!("{}: {error}", file.display());
        let text = fs::read_to_string(file).map_err(|error| named(&error))?;
        let document: Document = toml::from_str(&text).map_err(|error| named(&error))?;
        Ok(document.site)
    }
}
