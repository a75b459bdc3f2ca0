//! The options of extensions in a configuration.

use std::borrow::Cow;
use std::collections::HashMap;

use indexmap::{IndexMap, IndexSet};

use crate::base::name::PluginId;
use crate::base::similar::Known;
use crate::config::extensions::{ExtensionOptions, PluginExtensions};
use crate::config::{ConfigError, ConfigProblem, Location, PluginConfig, PluginRef, ProblemKind};
use crate::error::Error;
use crate::plugin::{NamePlace, UnboundName};
use crate::registry::{Incoming, Override, Overrides, Registry};
use crate::spec::names::PluginNames;
use crate::spec::options::Options;
use crate::spec::point::PointInfo;

/// The options of extensions in a configuration, by the ids of the plugins.
pub(super) struct Extensions {
    plugins: IndexMap<PluginId, PluginExtensions>,
}

impl Extensions {
    /// Returns the options of a configuration that names plugins by their ids.
    pub(super) fn of(config: &PluginConfig) -> Self {
        let plugins = config.extensions().map(|(id, extensions)| (id.into(), extensions.clone()));
        Self { plugins: plugins.collect() }
    }

    /// Returns the plugins with options.
    pub(super) fn plugins(&self) -> impl Iterator<Item = &PluginId> {
        self.plugins.keys()
    }

    /// Returns the options that a step sets.
    pub(super) fn overrides(&self) -> Overrides {
        let mut overrides = Overrides::default();
        for (id, extensions) in &self.plugins {
            let mut own: Vec<_> = extensions.points.iter().collect();
            // A name with its specs is the more exact one.
            own.sort_by_key(|(point, _)| point.contains("::"));
            let own = own.into_iter().map(|(point, options)| Override {
                point: point.clone(),
                is_spelled: options.is_of_environment(),
                options: set(options),
            });
            overrides.set(id.clone(), own.collect());
        }
        overrides
    }

    /// Returns the problems of the options of a plugin that extends these points.
    pub(super) fn wrong(
        &self,
        plugin: &PluginId,
        extended: &[&'static PointInfo],
        registry: &Registry,
    ) -> Vec<ConfigProblem> {
        let Some(extensions) = self.plugins.get(plugin) else { return Vec::new() };
        let extended: IndexSet<&'static PointInfo> = extended.iter().copied().collect();
        let mut problems = Vec::new();
        for (name, options) in &extensions.points {
            let point = Override {
                point: name.clone(),
                is_spelled: options.is_of_environment(),
                options: Options::new(),
            };
            let meant: Vec<_> = extended.iter().filter(|info| point.is_of(info)).collect();
            let problem = |kind, message| {
                ConfigProblem::new(kind, options.at.clone(), message)
                    .of_plugin(plugin.as_str())
                    .at_key(format!("extension.{plugin}.{name}"))
            };
            match Meant::of(&meant) {
                Meant::One if orders(options) && registry.is_built_in(meant[0]) => problems.push(problem(
                    ProblemKind::InvalidValue,
                    "phases run in the order of requirements, whatever the `bucket`, `priority`, `before` and `after`; remove these"
                        .to_owned(),
                )),
                Meant::One => {}
                Meant::Several(points) => problems.push(problem(
                    ProblemKind::InvalidReference,
                    format!(
                        "the plugin extends several points of this name: {points}; write one of these names"
                    ),
                )),
                Meant::None if extended.is_empty() => problems.push(problem(
                    ProblemKind::UnknownKey,
                    "the plugin extends no point; remove the options".to_owned(),
                )),
                Meant::None => {
                    let names = names(&extended);
                    let known = Known::new(names.iter().map(|name| &**name));
                    let nearest = known.nearest(name).quoted();
                    let message = format!("the plugin does not extend this point; it extends {nearest}");
                    let suggestion = known.closest(name);
                    problems.push(problem(ProblemKind::UnknownKey, message).suggesting(suggestion));
                }
            }
        }
        problems
    }

    /// Returns a remark for each name in `before` or `after` that binds nothing.
    pub(super) fn remarks(&self, registry: &Registry) -> Vec<ConfigProblem> {
        if self.plugins.is_empty() {
            return Vec::new();
        }
        let unbound = registry.unbound_names();
        unbound.iter().filter_map(|unbound| self.remark(unbound)).collect()
    }

    fn remark(&self, unbound: &UnboundName) -> Option<ConfigProblem> {
        let (plugin, point, is_before) = match &unbound.place {
            NamePlace::Before { plugin, point } => (plugin, *point, true),
            NamePlace::After { plugin, point } => (plugin, *point, false),
            _ => return None,
        };
        let own = self.plugins.get(plugin)?.points.iter().filter(|(name, options)| {
            let is_spelled = options.is_of_environment();
            Override { point: (*name).clone(), is_spelled, options: Options::new() }.is_of(point)
        });
        let lists = own.filter_map(
            |(_, options)| {
                if is_before { options.before.as_ref() } else { options.after.as_ref() }
            },
        );
        let (_, at): &(PluginRef, Location) =
            lists.flatten().find(|(name, _)| name.as_str() == unbound.name.as_str())?;
        let list = if is_before { "before" } else { "after" };
        let message =
            format!("`{list}` names `{}`, but no plugin with that id extends `{point}`", unbound.name);
        let problem = ConfigProblem::new(ProblemKind::UnboundName, at.clone(), message);
        Some(problem.of_plugin(plugin.as_str()).suggesting(unbound.suggestion.as_deref()))
    }
}

/// What the name of a point means among the points that a plugin extends.
enum Meant {
    None,
    One,
    Several(String),
}

impl Meant {
    fn of(points: &[&&'static PointInfo]) -> Self {
        match points {
            [] => Self::None,
            [_] => Self::One,
            several => {
                let shown: Vec<_> = several.iter().map(ToString::to_string).collect();
                let name = |(index, name): (usize, &String)| match several[index].specs_path() {
                    // Types of one name in two modules.
                    Some(path) if shown.iter().filter(|other| *other == name).count() > 1 => {
                        format!("`{path}::{}`", several[index].name)
                    }
                    _ => format!("`{name}`"),
                };
                let names: Vec<_> = shown.iter().enumerate().map(name).collect();
                Self::Several(names.join(", "))
            }
        }
    }
}

/// Returns names by which a configuration can name these points: with their specs, if several have one name.
fn names(points: &IndexSet<&'static PointInfo>) -> Vec<Cow<'static, str>> {
    let mut count: HashMap<&str, usize> = HashMap::new();
    for info in points {
        *count.entry(info.name).or_default() += 1;
    }
    let name = |info: &&'static PointInfo| match count[info.name] {
        1 => Cow::Borrowed(info.name),
        _ => Cow::Owned(info.to_string()),
    };
    points.iter().map(name).collect()
}

/// Returns whether options say where an extension stands among others.
fn orders(options: &ExtensionOptions) -> bool {
    let ExtensionOptions { bucket, priority, before, after, .. } = options;
    bucket.is_some() || priority.is_some() || before.is_some() || after.is_some()
}

/// Returns the options as a host would set them.
fn set(options: &ExtensionOptions) -> Options {
    // The configuration names plugins by their ids, so that an alias of another plugin is not meant.
    let named = |names: &[(PluginRef, Location)]| {
        PluginNames::ids(names.iter().map(|(name, _)| PluginId::from(name.as_str())))
    };
    let mut set = Options::new();
    if let Some(bucket) = options.bucket {
        set = set.bucket(bucket);
    }
    if let Some(priority) = options.priority {
        set = set.priority(priority);
    }
    if let Some(before) = &options.before {
        set = set.before(named(before));
    }
    if let Some(after) = &options.after {
        set = set.after(named(after));
    }
    if let Some(timeout) = options.timeout {
        set = set.timeout(timeout);
    }
    if let Some(enabled) = options.enabled {
        set = set.enabled(enabled);
    }
    set
}

/// Returns a plugin, unless a configuration has options for points that it does not extend.
pub(super) fn checked(
    registry: &Registry,
    extensions: Option<&Extensions>,
    incoming: Incoming,
) -> Result<Incoming, Error> {
    let wrong = extensions.map(|all| all.wrong(incoming.entry().id(), &incoming.points(), registry));
    match wrong {
        Some(wrong) if !wrong.is_empty() => {
            registry.drop_quietly(incoming);
            Err(Error::Config { source: ConfigError::each_once(wrong) })
        }
        _ => Ok(incoming),
    }
}
