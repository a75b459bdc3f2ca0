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
//! | `[plugins]` | One group of plugins per key, in order. Three keys are not groups: `enabled = false` turns all plugins off, `discover = true` adds every other linked plugin of the project behind the listed plugins, and `disabled = ["id"]` turns plugins off in every group. |
//! | `[plugin.<id>]` | The settings of a plugin. |
//! | `[limits.<id>]` | The [limits](crate::guide::limits#limits-in-the-configuration) of a plugin. |
//! | `[extension.<id>.<point>]` | The [options](crate::guide::loading#options-of-extensions) of the extensions of a plugin at a point. |
//! | `[profile.<name>]` | The tables `plugins`, `plugin`, `limits` and `extension` for one [`Profile`] only. |
//! | `active_profile = "<name>"` | The active profile; `development` by default. |
//!
//! A plugin of a group is a string, or a table with an `id` and any of `enabled`, `priority`, `before`, `after` and
//! `config`.
//!
//! Tables with other names belong to the host. A name that is similar to one of the names above is refused as a
//! misspelling. If the host has a table with such a name, put the plugins' configuration into another table, and read
//! it with [`ConfigReader::within`].
//!
//! # Several sources
//!
//! [`merge`](PluginConfig::merge) puts one source after another. In a group, a plugin keeps the place of its first
//! entry, and new plugins are appended. A later entry of the same plugin changes only the fields that this entry has:
//! `enabled`, `priority`, `before` and `after` are replaced, and `config` is merged. For example, a later source turns
//! a plugin off with `{ id = "auth", enabled = false }`, and moves it with `{ id = "auth", before = "cors" }`. An entry
//! with `enabled = true` turns the plugin on again in its group, even if an earlier source has the plugin in
//! `disabled`. Settings are merged table by table and key by key. The later value wins. Arrays are replaced as a whole.
//!
//! If a field or a setting is set several times, the last value in this order wins:
//!
//! 1. the tables outside of `[profile.<name>]`, source by source;
//! 2. the tables of the active profile, source by source;
//! 3. the `config` of the plugin's own entry;
//! 4. the environment.
//!
//! A host may [declare](Profile::named) more profiles. Staging includes the plugins that are listed for production.
//! Development includes the plugins that are listed for staging and for production. The included plugins come after the
//! plugins that the active profile lists. An included profile only adds plugins. The `[plugin]` tables of an included
//! profile do not apply. Its entries of plugins that are already listed do not apply either.
//!
//! # Names of plugins
//!
//! A plugin has an id, may have [aliases](macro@crate::plugin), and is also named by the path of its type. When a
//! configuration is loaded, each name is replaced by the id first. So all names of a plugin are one, whatever the
//! sources use: entries are merged, ordered and turned off by id. If one source has settings of a plugin under several
//! names, those under the id lie over the others. A `PluginConfig` by itself does not know which names belong together.
//! [Loading](crate::guide::loading#loading-a-configuration) says what a name means that several plugins have.
//!
//! # The environment
//!
//! With the prefix `FEED`, [`with_env`](PluginConfig::with_env) reads:
//!
//! | variable | what it sets |
//! |---|---|
//! | `FEED_PROFILE` | the active profile |
//! | `FEED_PLUGINS_ENABLED` | `plugins.enabled`: `true` or `false` |
//! | `FEED_PLUGINS_DISCOVER` | `plugins.discover`: `true` or `false` |
//! | `FEED_PLUGINS_DISABLED` | `plugins.disabled`, as `auth, cors` or as TOML |
//! | `FEED_PLUGINS__MIDDLEWARE` | plugins of a group, as `auth, cors` or as TOML |
//! | `FEED_LIMITS__RATE_LIMITER__TIMEOUT` | a limit |
//! | `FEED_EXTENSION__RATE_LIMITER__HANDLE__PRIORITY` | an option of the plugin's extensions at the point `handle` |
//! | `FEED_PLUGIN__RATE_LIMITER__MAX_REQUESTS` | a setting, read as the type of its field |
//!
//! In variables, names of plugins, groups and keys are in upper case. `_` stands for each character that is not a
//! letter or a digit, and `__` separates the parts. A variable names a plugin by its id, not by the path of its type.
//! Other variables that begin with `FEED_PLUGIN_` or `FEED_PLUGINS_` are refused. An empty variable is ignored. Only an
//! empty setting is not ignored: it becomes an empty string. Names that differ only in such characters, like `my-cache`
//! and `my_cache`, share their variables.
#![forbid(unsafe_code)]

mod builder;
pub(crate) mod by_plugin;
mod de;
mod error;
pub(crate) mod extensions;
mod group;
mod layer;
pub(crate) mod limits;
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
pub use profile::{NamedProfile, Profile, UnknownProfile};
pub use reader::ConfigReader;
pub use reference::{InvalidReference, PluginRef};
#[cfg(feature = "schema")]
pub use schema::{document_schema, document_schema_for};
pub use section::Section;
