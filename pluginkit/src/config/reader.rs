//! [`ConfigReader`]: reads documents.
#![forbid(unsafe_code)]

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::error::{ConfigError, ConfigProblem, ProblemKind, Problems, Shown};
use super::layer::{Layer, layers};
use super::location::{Document, Location};
use super::parse;
use super::plugin_config::PluginConfig;
use super::profile::Profile;
use super::resolve::check_order;
use super::value::Node;

/// Reads documents: whole documents, one table of a document, or documents for one profile.
///
/// ```
/// use pluginkit::config::ConfigReader;
///
/// let config = ConfigReader::new().within("feed").toml_str("host.toml", r#"
/// profiler = "host:9"
/// [feed.plugins]
/// hooks = ["startup"]
/// "#)?;
/// assert_eq!(config.group("hooks").len(), 1);
/// # Ok::<(), pluginkit::config::ConfigError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct ConfigReader {
    within: Vec<String>,
    scope: Option<Profile>,
    profiles: Vec<Profile>,
}

impl ConfigReader {
    /// Returns a reader of whole documents.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads only one table of each document: `"tool.feed"` means `[tool.feed]`. A document without that table counts
    /// as empty.
    #[must_use]
    pub fn within(self, table: &str) -> Self {
        Self { within: table.split('.').map(str::to_owned).collect(), ..self }
    }

    /// Applies the documents under one profile only.
    #[must_use]
    pub fn for_profile(self, profile: Profile) -> Self {
        Self { scope: Some(profile), ..self }
    }

    /// Declares profiles of the host. Documents, and the environment of the configurations that are read, may use their
    /// names. [`find`](Self::find) reads their files, too.
    #[must_use]
    pub fn profiles(mut self, profiles: impl IntoIterator<Item = Profile>) -> Self {
        self.profiles.extend(profiles);
        self
    }

    /// Reads a file.
    ///
    /// # Errors
    ///
    /// Every problem of the document.
    pub fn path(&self, path: impl AsRef<Path>) -> Result<PluginConfig, ConfigError> {
        let path = path.as_ref();
        let config = match fs::read(path) {
            Ok(bytes) => self.file(path, bytes),
            Err(error) => Err(unreadable(path, error)),
        };
        config.map(|layers| self.config(layers))
    }

    /// Reads a text. Messages call the text `name`.
    ///
    /// # Errors
    ///
    /// Every problem of the document.
    pub fn toml_str(&self, name: &str, text: &str) -> Result<PluginConfig, ConfigError> {
        let layers = self.text(Document::new(name.into(), false, text.to_owned()))?;
        Ok(self.config(layers))
    }

    /// Reads the configuration files of a directory.
    ///
    /// The first file is `config/<name>.toml` or, if that file does not exist, `<name>.toml`. In the same directory,
    /// `<name>.development.toml`, `<name>.staging.toml` and `<name>.production.toml` may follow, each for its profile,
    /// and the files of [declared](Self::profiles) profiles. If there is no file, the configuration is empty.
    ///
    /// # Errors
    ///
    /// Every problem of the files.
    pub fn find(&self, directory: impl AsRef<Path>, name: &str) -> Result<PluginConfig, ConfigError> {
        let directory = directory.as_ref();
        let mut problems = Problems::default();
        let mut all = Vec::new();
        let homes = [directory.join("config"), directory.to_owned()];
        let found = homes.iter().find(|home| home.join(format!("{name}.toml")).exists());
        if found.is_none() {
            #[cfg(feature = "tracing")]
            tracing::warn!(directory = %directory.display(), name, "there is no configuration of plugins");
        }
        for home in found.map_or(homes.as_slice(), std::slice::from_ref) {
            let base = (self.scope, home.join(format!("{name}.toml")));
            let of_profile = |profile: Profile| (Some(profile), home.join(format!("{name}.{profile}.toml")));
            let profiles = Profile::ALL.into_iter().chain(self.profiles.iter().copied());
            let files: Vec<(Option<Profile>, PathBuf)> =
                [base].into_iter().chain(profiles.map(of_profile)).collect();
            for (scope, path) in files {
                let reader = Self { scope, ..self.clone() };
                let layers = match fs::read(&path) {
                    Ok(bytes) => reader.file(&path, bytes),
                    Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
                    Err(error) => Err(unreadable(&path, error)),
                };
                match layers {
                    Ok(layers) => all.extend(layers),
                    Err(error) => problems.append(error),
                }
            }
            if !all.is_empty() {
                break;
            }
        }
        problems.or(self.config(all))
    }

    /// Returns the configuration of layers.
    fn config(&self, layers: Vec<Layer>) -> PluginConfig {
        PluginConfig::new(layers, None).with_profiles(self.profiles.iter().copied().chain(self.scope))
    }

    fn file(&self, path: &Path, bytes: Vec<u8>) -> Result<Vec<Layer>, ConfigError> {
        match String::from_utf8(bytes) {
            Ok(text) => self.text(Document::new(path.to_owned(), true, text)),
            Err(error) => {
                let offset = error.utf8_error().valid_up_to();
                let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
                let document = Arc::new(Document::new(path.to_owned(), true, text));
                let at = Location::document(&document, offset..offset);
                let message = "the file must be UTF-8, but here it is not";
                Err(ConfigProblem::new(ProblemKind::Unreadable, at, message).caused_by(error).into())
            }
        }
    }

    fn text(&self, document: Document) -> Result<Vec<Layer>, ConfigError> {
        let mut problems = Problems::default();
        let root = parse::document(&Arc::new(document), &mut problems);
        let layers = match root.as_ref().and_then(|root| self.table(root, &mut problems)) {
            Some(table) => layers(table, self.scope, &self.profiles, &mut problems),
            None => Vec::new(),
        };
        for layer in &layers {
            check_order(layer, &mut problems);
        }
        problems.or(layers)
    }

    /// Returns the table it reads.
    fn table<'n>(&self, root: &'n Node, problems: &mut Problems) -> Option<&'n Node> {
        let mut node = root;
        for key in &self.within {
            let Some(table) = node.as_table() else {
                let message = format!(
                    "`{}` must be the table of the configuration, but a part of that path is {}",
                    Shown(&self.within.join(".")),
                    node.describe()
                );
                problems.push(ConfigProblem::new(ProblemKind::WrongType, node.at.clone(), message));
                return None;
            };
            node = &table.0.get(key)?.node;
        }
        Some(node)
    }
}

fn unreadable(path: &Path, error: io::Error) -> ConfigError {
    let message = format!("the file cannot be read: {error}");
    ConfigProblem::new(ProblemKind::Unreadable, Location::file(path), message).caused_by(error).into()
}
