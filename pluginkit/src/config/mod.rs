//! Which plugins a host has, in which order, and how each is set: from TOML, code and the environment.
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
//! | table | what it says |
//! |---|---|
//! | `[plugins]` | each key is a group with its plugins in order, except `enabled = false`, which turns all plugins off, and `disabled = ["id"]`, which turns plugins off in every group |
//! | `[plugin.<id>]` | the settings of a plugin |
//! | `[profile.<name>]` | `plugins` and `plugin` that hold under one [`Profile`] only |
//! | `active_profile = "<name>"` | the profile, `development` if nothing says otherwise |
//!
//! A plugin of a group is a string, or a table with an `id` and any of `enabled`, `priority`, `before`, `after`
//! and `config`. Tables with other names are the host's, unless their name is all but one of these; a host
//! with a table of such a name lets the plugins' configuration be [`within`](ConfigReader::within) another.
//!
//! # Several sources
//!
//! [`merge`](PluginConfig::merge) puts one source after another. In a group, a plugin stays where it was first
//! mentioned, and others are appended. A later mention changes what it says and nothing else: `enabled`,
//! `priority`, `before` and `after` are replaced, `config` is joined. So a later source turns a plugin off with
//! `{ id = "auth", enabled = false }`, and moves it with `{ id = "auth", before = "cors" }`. Settings are joined
//! table by table, key by key, and the later value wins; arrays are replaced as a whole. What `disabled` turns off, a
//! later source turns on again, group by group, with `enabled = true`.
//!
//! The last word is that of, from the first to the last:
//!
//! 1. what holds under every profile, source by source;
//! 2. what the active profile says, source by source;
//! 3. the `config` of the plugin's own entry;
//! 4. the environment.
//!
//! What is listed for production is there in staging too, and what is listed for staging in development, after
//! what the active profile lists. Such a list only adds plugins: what it says of plugins that are there already,
//! and the profile's `[plugin]` tables, hold under the profile itself only.
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
//! | `FEED_PLUGIN__RATE_LIMITER__MAX_REQUESTS` | a setting; the type it is read into says what it is |
//!
//! Names of plugins, groups and keys are in upper case, with `_` for anything but letters and digits, and `__` between
//! the parts. A plugin with settings in the environment is named by its id. Other variables that begin with
//! `FEED_PLUGIN_` or `FEED_PLUGINS_` are refused. An empty variable counts only for a setting, which it sets to an
//! empty text. Plugins with names that differ only by such signs, `my-cache` and `my_cache`, share their variables.
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
