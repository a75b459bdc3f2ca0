//! The configuration of plugins, from TOML, code and the environment: their selection, order and settings.
//!
//! ```
//! use pluginkit::config::PluginConfig;
//!
//! let config = PluginConfig::from_toml_str(r#"
//! [plugins]
//! middleware = ["myapp::middleware::Cors", "auth", { id = "rate-limiter", enabled = false }]
//! hooks = ["startup"]
//!
//! [plugin.rate-limiter]
//! max_requests = 1000
//! "#)?;
//! let code = PluginConfig::builder().group("middleware", ["timing", "auth"]).build()?;
//!
//! let config = config.merge(&code);
//! let names: Vec<_> = config.group("middleware").iter().map(|entry| entry.reference().as_str()).collect();
//! assert_eq!(names, ["myapp::middleware::Cors", "auth", "rate-limiter", "timing"]);
//! # Ok::<(), pluginkit::config::ConfigError>(())
//! ```
//!
//! # The document
//!
//! | table | content |
//! |---|---|
//! | `[plugins]` | One group of plugins per key, in order. Two keys are not groups: `enabled = false` turns all plugins off, and `disabled = ["id"]` turns plugins off in every group. |
//! | `[plugin.<id>]` | The settings of a plugin. |
//! | `[profile.<name>]` | The tables `plugins` and `plugin` for one [`Profile`] only. |
//! | `active_profile = "<name>"` | The active profile; `development` by default. |
//!
//! A plugin of a group is a string, or a table with an `id` and any of `enabled`, `priority`, `before`, `after` and
//! `config`.
//!
//! Tables with other names belong to the host. A name that is nearly one of those above is refused as a misspelling. A
//! host with a table of such a name puts the plugins' configuration [`within`](ConfigReader::within) another table.
//!
//! # Several sources
//!
//! [`merge`](PluginConfig::merge) puts one source after another. In a group, a plugin stays where it was first
//! mentioned, and others are appended. A later mention changes only the fields that it has: `enabled`, `priority`,
//! `before` and `after` are replaced, and `config` is joined. So a later source turns a plugin off with
//! `{ id = "auth", enabled = false }`, and moves it with `{ id = "auth", before = "cors" }`. With `enabled = true`, it
//! turns a plugin on again in a group, after `disabled` turned the plugin off. Settings are joined table by table and
//! key by key. The later value wins. Arrays are replaced as a whole.
//!
//! Of contradicting statements, the last in this order wins:
//!
//! 1. the parts for every profile, source by source;
//! 2. the parts for the active profile, source by source;
//! 3. the `config` of the plugin's own entry;
//! 4. the environment.
//!
//! Staging includes the plugins that are listed for production. Development includes those for staging and production.
//! Included plugins come after those that the active profile lists. An included list only adds plugins. Its
//! `[plugin]` tables apply only under its own profile, and so do its fields for plugins that are already listed.
//!
//! # The environment
//!
//! With the prefix `FEED`, [`with_env`](PluginConfig::with_env) reads:
//!
//! | variable | what it sets |
//! |---|---|
//! | `FEED_PROFILE` | the active profile |
//! | `FEED_PLUGINS_ENABLED` | `plugins.enabled`: `true` or `false` |
//! | `FEED_PLUGINS_DISABLED` | `plugins.disabled`, as `auth, cors` or as TOML |
//! | `FEED_PLUGINS__MIDDLEWARE` | plugins of a group, as `auth, cors` or as TOML |
//! | `FEED_PLUGIN__RATE_LIMITER__MAX_REQUESTS` | a setting, read as the type of its field |
//!
//! Names of plugins, groups and keys are in upper case, with `_` for anything but letters and digits, and `__` between
//! the parts. A plugin with settings in the environment is named by its id. Other variables that begin with
//! `FEED_PLUGIN_` or `FEED_PLUGINS_` are refused. An empty variable is ignored, except for a setting: that becomes an
//! empty string. Names that differ only in such signs, like `my-cache` and `my_cache`, share their variables.
#![forbid(unsafe_code)]

mod builder;
mod de;
mod error;
mod group;
mod layer;
mod location;
mod order;
mod parse;
mod plugin_config;
mod profile;
mod reader;
mod reference;
mod resolve;
#[cfg(feature = "schema")]
mod schema;
mod section;
mod value;

pub use builder::{ConfigBuilder, EntryBuilder};
pub use error::{ConfigError, ConfigProblem, ProblemKind};
pub use group::{ConfigEntry, ConfigGroup};
pub use location::{ConfigSource, Location};
pub use plugin_config::PluginConfig;
pub use profile::{Profile, UnknownProfile};
pub use reader::ConfigReader;
pub use reference::{InvalidReference, PluginRef};
#[cfg(feature = "schema")]
pub use schema::document_schema;
pub use section::Section;
