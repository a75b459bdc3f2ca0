//! [`Error`] itself: its variants, and the message of each.

use crate::base::boxed::BoxError;
use crate::base::name::{PluginId, on_one_line};
use crate::base::similar::Listed;
use crate::error::texts::{
    circle, extended_instead, failed_too, found_version, itemized, linked_instead, list, not_offloaded,
    provided_by, staticlib_hint,
};
use crate::plugin::dependency::DependencyProblem;
use crate::plugin::extension_stub;
use crate::plugin::{Cause, MetadataField, Phase, PluginState};
use crate::spec::point::PointInfo;

/// An operation that failed: what happened, what was expected, and what to do.
///
/// [`kind`](Self::kind) sorts errors by the step that failed. [`plugin`](Self::plugin) and
/// [`extension_point`](Self::extension_point) return the plugin and the point of the error. The `Debug` form is the
/// message, followed by the messages of the sources. So a `main` that returns the error prints all messages.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The plugin has an empty name.
    #[error(
        "a plugin of type `{type_name}` has an empty name; register it under one with `register_as`, or with `named` of its builder"
    )]
    #[non_exhaustive]
    EmptyName {
        /// The plugin's type.
        type_name: String,
    },

    /// A plugin is registered under that name.
    #[error(
        "a plugin named `{plugin}` is registered already; unregister it first, or choose another name with `register_as`"
    )]
    #[non_exhaustive]
    NameTaken {
        /// The name.
        plugin: PluginId,
    },

    /// A plugin is registered under an alias of a new plugin.
    #[error(
        "plugin `{plugin}` has the alias `{alias}`, which is a name of plugin `{taken_by}`; unregister that plugin first, or drop the alias"
    )]
    #[non_exhaustive]
    AliasTaken {
        /// The plugin with the alias.
        plugin: PluginId,
        /// The alias.
        alias: PluginId,
        /// The plugin that has this name.
        taken_by: PluginId,
    },

    /// The library uses the name itself.
    #[error(
        "the library uses the plugin name `{plugin}` itself, for code that belongs to no plugin; give another name"
    )]
    #[non_exhaustive]
    ReservedName {
        /// The name.
        plugin: PluginId,
    },

    /// The same `Arc`, or the same `LocalPlugin`, is already registered.
    #[error(
        "this plugin is registered already, as `{registered}`, and cannot be registered again as `{plugin}`; register another value of its type"
    )]
    #[non_exhaustive]
    AlreadyRegistered {
        /// The name of the registration that was refused.
        plugin: PluginId,
        /// The name under which it is registered.
        registered: PluginId,
    },

    /// The name is blocked.
    #[error("the plugin name `{plugin}` is blocked; `unblock` it first")]
    #[non_exhaustive]
    Blocked {
        /// The name.
        plugin: PluginId,
    },

    /// The metadata of a plugin is invalid.
    #[error("plugin `{plugin}` declares an invalid {field} `{}`: {reason}", on_one_line(.value))]
    #[non_exhaustive]
    InvalidMetadata {
        /// The plugin.
        plugin: PluginId,
        /// The field that is invalid.
        field: MetadataField,
        /// The declared value.
        value: Box<str>,
        /// The reason why it is invalid.
        reason: Box<str>,
    },

    /// The plugin belongs to another project.
    #[error(
        "plugin `{plugin}` belongs to the project `{}`, but this manager is of the project `{}`; register it with a manager of its own project",
        on_one_line(.found),
        on_one_line(.expected)
    )]
    #[non_exhaustive]
    PluginOfAnotherProject {
        /// The plugin.
        plugin: PluginId,
        /// The project of the plugin.
        found: Box<str>,
        /// The project of the manager.
        expected: Box<str>,
    },

    /// The library finds no extension of the plugin.
    #[error(
        "plugin `{plugin}` has no extension: write `#[extension] impl Specs for {type_name}`; if its type is generic, register it with `PluginBuilder::new(value).metadata(..).extends(Specs).register(&pm)`, or call `.extends(Specs)` on its `PluginFactory`{}{}",
        if cfg!(feature = "local") { "; a block with `#[extension(local)]` is for a `LocalPluginManager`" } else { "" },
        staticlib_hint(extension_stub::none_is_linked())
    )]
    #[non_exhaustive]
    NoExtensions {
        /// The plugin.
        plugin: PluginId,
        /// The type of the plugin.
        type_name: String,
    },

    /// The plugin extends generic specs, or provides a generic service, for all types, and nothing says for which.
    #[error(
        "plugin `{plugin}` {block} for all types, and nothing says for which: register it with `PluginBuilder::new(value)`, and name all of its specs and services there, as in `.extends(Specs::<Type>::SPECS)` or `.provides::<dyn Service<Type>>(0)`{}",
        if cfg!(feature = "local") { "; in a local manager, with `pm.plugin(value)`" } else { "" }
    )]
    #[non_exhaustive]
    GenericBlock {
        /// The plugin.
        plugin: PluginId,
        /// What the block does.
        block: Box<str>,
    },

    /// The plugin orders its phase among those of other plugins, which run in the order of requirements.
    #[error(
        "plugin `{plugin}` has an order at `{point}`, but the phases of plugins run in the order of their requirements: remove `tryfirst`, `trylast`, `priority`, `before` and `after` there, and say what a plugin requires, as in `#[plugin(id = \"web\", requires = [\"db\"])]`"
    )]
    #[non_exhaustive]
    PhaseOrder {
        /// The plugin.
        plugin: PluginId,
        /// The point of the phase.
        point: &'static PointInfo,
    },

    /// The plugin is registered with options for a point that it does not extend, or added to a view of such a point.
    #[error(
        "plugin `{plugin}` does not extend `{point}`: options for this point, or a view of it with the plugin, would have no effect; {}",
        extended_instead(.extended)
    )]
    #[non_exhaustive]
    NotExtended {
        /// The plugin.
        plugin: PluginId,
        /// The point of the options, or of the view.
        point: &'static PointInfo,
        /// The points that the plugin extends.
        extended: Vec<&'static PointInfo>,
    },

    /// The plugin extends a point that the manager does not have.
    #[error(
        "plugin `{plugin}` extends `{point}`, but this manager has no `{}`: call `add_extension_points({})` first, or mark the extension `#[extension(optional)]`",
        .point.specs_name(), .point.specs_value()
    )]
    #[non_exhaustive]
    UnknownSpecs {
        /// The plugin.
        plugin: PluginId,
        /// The point that the plugin extends.
        point: &'static PointInfo,
    },

    /// The plugin requires, or is compiled with, another version of the specs than the manager has.
    #[error(
        "plugin `{plugin}` requires version {required} of the specs of `{point}`, but this manager has {}; use a plugin made for these specs, or specs of a version that fits",
        found_version(.found.as_deref())
    )]
    #[non_exhaustive]
    SpecsVersion {
        /// The plugin.
        plugin: PluginId,
        /// A point that the plugin extends.
        point: &'static PointInfo,
        /// The range of versions that the plugin requires, or the version that it is compiled with.
        required: Box<str>,
        /// The version of the specs that was found; `None` if the specs have no version.
        found: Option<Box<str>>,
    },

    /// The specs belong to another project.
    #[error(
        "the specs `{specs}` belong to the project `{}`, but this manager is of the project `{}`; add them to a manager of their own project",
        on_one_line(.found),
        on_one_line(.expected)
    )]
    #[non_exhaustive]
    WrongProject {
        /// The specs.
        specs: &'static str,
        /// The project of the specs.
        found: &'static str,
        /// The project of the manager.
        expected: String,
    },

    /// A plugin has an `async fn`, and the sync manager cannot await it.
    #[error(
        "plugin `{plugin}` implements `{point}` with an `async fn`, which a sync manager cannot await: use an `AsyncPluginManager`, or give this manager a runtime with `PluginManager::builder(…).block_on(…)`"
    )]
    #[non_exhaustive]
    AsyncExtension {
        /// The plugin.
        plugin: PluginId,
        /// The point that the plugin extends.
        point: &'static PointInfo,
    },

    /// An extension is `blocking`, but cannot run on the blocking pool.
    #[error(
        "plugin `{plugin}` asks to run its extension of `{point}` on the blocking pool, {}",
        not_offloaded(*.is_never_blocking)
    )]
    #[non_exhaustive]
    CannotOffload {
        /// The plugin.
        plugin: PluginId,
        /// The point that the plugin extends.
        point: &'static PointInfo,
        /// Whether the plugin has only an `async fn` or a wrapper at the point, which no manager runs on the blocking pool.
        is_never_blocking: bool,
    },

    /// A wrapper does not fit the manager: in a sync manager, a wrapper must be a `fn`; in an async manager, an `async
    /// fn`.
    #[error(
        "plugin `{plugin}` wraps `{point}` with {}",
        if *.is_async {
            "an `async fn`, which a sync manager cannot await: write a `fn`, or use an `AsyncPluginManager`"
        } else {
            "a `fn`, which cannot await the rest of an async call: write an `async fn` that awaits `next.run(…)`, or use a `PluginManager`"
        }
    )]
    #[non_exhaustive]
    WrapperKind {
        /// The plugin.
        plugin: PluginId,
        /// The point that the plugin wraps.
        point: &'static PointInfo,
        /// Whether the wrapper is an `async fn`.
        is_async: bool,
    },

    /// The point declares something that a local manager does not have.
    #[cfg(feature = "local")]
    #[error("`{point}` {reason}; add the specs to a `PluginManager`, or leave that out")]
    #[non_exhaustive]
    PointNotLocal {
        /// The point.
        point: &'static PointInfo,
        /// What it declares.
        reason: &'static str,
    },

    /// The plugin needs something that a local manager does not have.
    #[cfg(feature = "local")]
    #[error("plugin `{plugin}` {reason}; register it with a `PluginManager`, or leave that out")]
    #[non_exhaustive]
    NotLocal {
        /// The plugin.
        plugin: PluginId,
        /// What it needs.
        reason: &'static str,
    },

    /// `before` and `after` contradict each other.
    #[error(
        "the order of `{point}` is impossible: {} must each run before the next; drop one of their `before` or `after`",
        circle(.cycle)
    )]
    #[non_exhaustive]
    OrderCycle {
        /// The point whose extensions cannot be ordered.
        point: &'static PointInfo,
        /// The plugins, each before the next. The first is repeated at the end.
        cycle: Vec<PluginId>,
    },

    /// The specs of the point were never added to the manager.
    #[error("this manager has no extension point `{point}`: call `add_extension_points({})` first", .point.specs_value())]
    #[non_exhaustive]
    UnknownExtensionPoint {
        /// The point.
        point: &'static PointInfo,
    },

    /// No plugin has that name.
    #[error("no plugin is named `{plugin}`; registered are: {}", list(.registered, *.others))]
    #[non_exhaustive]
    UnknownPlugin {
        /// The name.
        plugin: PluginId,
        /// The names of registered plugins: all names if there are few, else the names that are most similar.
        registered: Vec<PluginId>,
        /// The number of registered plugins that are not in `registered`.
        others: usize,
    },

    /// A plugin has past [historic calls](macro@crate::extension_point#historic-points) to replay, which an async
    /// manager must await.
    #[error(
        "plugin `{plugin}` extends `{point}`, which has past historic calls to replay: use `register_and_replay(…).await`, which `PluginBuilder` has too"
    )]
    #[non_exhaustive]
    NeedsReplay {
        /// The plugin.
        plugin: PluginId,
        /// A point that was called before.
        point: &'static PointInfo,
    },

    /// The replay of a past [historic call](macro@crate::extension_point#historic-points) to a new plugin failed. The
    /// plugin was not registered.
    #[error("plugin `{plugin}` was not registered: it failed when `{point}` was replayed to it")]
    #[non_exhaustive]
    Replay {
        /// The plugin.
        plugin: PluginId,
        /// The point.
        point: &'static PointInfo,
        /// The error that the plugin returned.
        source: BoxError,
    },

    /// A requirement of a plugin is missing, or has another version.
    #[error(
        "{}; register what is missing in a version that fits, or change what is required",
        .problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    )]
    #[non_exhaustive]
    UnmetDependencies {
        /// Every requirement that is not met.
        problems: Vec<DependencyProblem>,
    },

    /// Plugins require each other in a cycle.
    #[error(
        "plugins require each other: {}; drop one of these requirements",
        circle(.cycle)
    )]
    #[non_exhaustive]
    DependencyCycle {
        /// The plugins, each requiring the next. The first is repeated at the end.
        cycle: Vec<PluginId>,
    },

    /// A plugin could not be started.
    #[error(
        "plugin `{plugin}` failed to start, in its `{phase}`; fix the cause and start it again{}",
        failed_too(.rollback)
    )]
    #[non_exhaustive]
    Start {
        /// The plugin.
        plugin: PluginId,
        /// The phase that failed.
        phase: Phase,
        /// The error of the phase.
        source: Cause,
        /// The failures of the rollback.
        rollback: Vec<Error>,
    },

    /// A plugin could not be stopped.
    #[error(
        "plugin `{plugin}` failed to stop, in its `{phase}`, and may still hold resources; fix the cause and stop it again"
    )]
    #[non_exhaustive]
    Stop {
        /// The plugin.
        plugin: PluginId,
        /// The phase that failed.
        phase: Phase,
        /// The error of the phase.
        source: Cause,
    },

    /// A requirement of a plugin was stopped while the plugin was about to start.
    #[error(
        "plugin `{plugin}` was not started: it requires `{dependency}`, which is {state}; start it again"
    )]
    #[non_exhaustive]
    DependencyNotStarted {
        /// The plugin.
        plugin: PluginId,
        /// The required plugin.
        dependency: PluginId,
        /// The state of the required plugin.
        state: PluginState,
    },

    /// Other plugins require a plugin that is to be removed, or a plugin that is to be removed or replaced has a
    /// started [dependent](crate::guide::lifecycle#identity).
    #[error(
        "plugin `{plugin}` was not removed: other plugins require it: {}; {}",
        Listed::first(.dependents.iter()),
        if *.by_load {
            "list it again, or take those out of the configuration, too"
        } else {
            "remove those first, or all at once with `remove_with_dependents`"
        }
    )]
    #[non_exhaustive]
    HasDependents {
        /// The plugin.
        plugin: PluginId,
        /// The dependents of the plugin, direct or through other plugins.
        dependents: Vec<PluginId>,
        /// Whether a load was to remove the plugin.
        by_load: bool,
    },

    /// Another load, replacement or removal is replacing or removing the plugin.
    #[error(
        "plugin `{plugin}` is being replaced or removed by another operation; try again when that has ended"
    )]
    #[non_exhaustive]
    BeingReplaced {
        /// The plugin.
        plugin: PluginId,
    },

    /// A phase of a plugin calls an operation that would wait for the end of that phase.
    #[error(
        "plugin `{plugin}` is {state}, and an operation that was started within that phase would wait for itself; start that operation when the phase has ended"
    )]
    #[non_exhaustive]
    LifecycleBusy {
        /// The plugin.
        plugin: PluginId,
        /// The state of the plugin.
        state: PluginState,
    },

    /// The service was never declared.
    #[error(
        "`{service}` is not a service of this manager: put `#[extension_point(service)]` on the trait, or declare a name with `declare_services` first"
    )]
    #[non_exhaustive]
    UnknownService {
        /// The trait of the service, or its name.
        service: PluginId,
    },

    /// The service is declared, but no plugin provides it, or its plugins are disabled, failed or stopped.
    #[error(
        "no `{service}` is provided{}",
        provided_by(.hidden)
    )]
    #[non_exhaustive]
    NoService {
        /// The trait of the service, or its name.
        service: PluginId,
        /// The plugins that provide the service, but are disabled, failed or stopped.
        hidden: Vec<PluginId>,
    },

    /// A name of services is used with another type than the declared type.
    #[error("service `{service}` is declared as `{expected}`, not `{found}`; use another name")]
    #[non_exhaustive]
    ServiceType {
        /// The name.
        service: PluginId,
        /// The declared or provided type.
        expected: Box<str>,
        /// The requested or given type.
        found: Box<str>,
    },

    /// The factory of a plugin failed.
    #[error(
        "plugin `{plugin}` was not built: {source}; fix the cause, or leave the plugin out{}",
        settings_at.as_ref().map_or_else(String::new, |at| format!("; its settings are at {at}"))
    )]
    #[non_exhaustive]
    Factory {
        /// The plugin.
        plugin: PluginId,
        /// The place of its settings, if a configuration has some.
        settings_at: Option<Box<str>>,
        /// The error that the factory returned.
        source: BoxError,
    },

    /// A plugin has no factory.
    #[error(
        "plugin `{plugin}` has no factory: derive `Default` for `{type_name}`, name a function with `#[plugin(build = path)]`, or register it by hand first"
    )]
    #[non_exhaustive]
    NoFactory {
        /// The plugin.
        plugin: PluginId,
        /// The path of its type.
        type_name: Box<str>,
    },

    /// A requested plugin is not linked into the program.
    #[error(
        "no plugin `{plugin}` is linked into this program{}; linked are: {}{}",
        if *.is_crate_linked { ", but its crate is" } else { "" },
        list(.linked, *.others),
        linked_instead(.plugin, .linked, *.is_crate_linked)
    )]
    #[non_exhaustive]
    NotLinked {
        /// The requested name.
        plugin: PluginId,
        /// The ids of linked plugins: all ids if there are few, else the ids that are most similar.
        linked: Vec<PluginId>,
        /// The number of linked plugins that are not in `linked`.
        others: usize,
        /// Whether the requested name is a path in a crate that has other plugins in this program.
        is_crate_linked: bool,
    },

    /// Two linked plugins have the same id.
    #[error("`{first}` and `{second}` have the same plugin id `{plugin}`; give one of them another id")]
    #[non_exhaustive]
    SameId {
        /// The id.
        plugin: PluginId,
        /// The path of the first plugin.
        first: Box<str>,
        /// The path of the second plugin.
        second: Box<str>,
    },

    /// Several linked plugins have a name by which a discovery asks for a plugin, or leaves it out.
    #[error(
        "several plugins have the name `{plugin}`: {}; name one of them by its id",
        Listed::first(.candidates.iter())
    )]
    #[non_exhaustive]
    AmbiguousName {
        /// The name.
        plugin: PluginId,
        /// The ids of the plugins.
        candidates: Vec<PluginId>,
    },

    /// The configuration is invalid, or names plugins that do not exist.
    #[cfg(feature = "config")]
    #[error(transparent)]
    #[non_exhaustive]
    Config {
        /// Every problem of the configuration.
        source: crate::config::ConfigError,
    },

    /// Another load of plugins is under way.
    #[error(
        "another load or discovery is under way; start this one after that has ended, and not from a factory or a phase that the other one runs"
    )]
    LoadBusy,

    /// Several errors at once.
    #[error(
        "{} errors:{}",
        .errors.len(),
        itemized(.errors)
    )]
    #[non_exhaustive]
    Several {
        /// The errors, none of them a `Several`, in the order in which they occurred. If an operation ends with an error,
        /// that error comes before the failures of plugins that others may do without.
        errors: Vec<Error>,
    },
}

#[cfg(feature = "config")]
impl From<crate::config::ConfigError> for Error {
    fn from(source: crate::config::ConfigError) -> Self {
        Self::Config { source }
    }
}
