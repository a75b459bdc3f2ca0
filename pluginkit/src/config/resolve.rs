//! The contents of all sources together.
#![forbid(unsafe_code)]

use std::cell::LazyCell;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use indexmap::IndexMap;

use super::by_plugin::ByPlugin;
use super::error::{ConfigProblem, ProblemKind, Problems};
use super::extensions::PluginExtensions;
use super::group::{ConfigEntry, ConfigGroup};
use super::layer::environment::{spelled, variable_name};
use super::layer::{EntryPart, Layer};
use super::limits::PluginLimits;
use super::location::Location;
use super::order::{Wish, arrange};
use super::profile::Profile;
use super::reference::PluginRef;
use super::section::Sections;
use super::value::Node;
use crate::base::similar::Known;

/// The contents of all sources together, under one profile.
#[derive(Debug)]
pub(super) struct Resolved {
    pub(super) profile: Profile,
    pub(super) enabled: bool,
    pub(super) discover: bool,
    pub(super) groups: Vec<ConfigGroup>,
    /// The index of the group of each name.
    pub(super) places: HashMap<Arc<str>, usize>,
    /// The first entry of each reference: the group it is in, and its place there.
    pub(super) entries: HashMap<PluginRef, (usize, usize)>,
    pub(super) disabled: Vec<PluginRef>,
    /// The place where each of them was turned off first.
    #[cfg_attr(not(feature = "macros"), expect(dead_code, reason = "for loads, which only macros have"))]
    pub(super) disabled_at: Vec<Location>,
    pub(super) sections: Arc<Sections>,
    #[cfg_attr(not(feature = "macros"), expect(dead_code, reason = "for loads, which only macros have"))]
    pub(super) limits: ByPlugin<PluginLimits>,
    #[cfg_attr(not(feature = "macros"), expect(dead_code, reason = "for loads, which only macros have"))]
    pub(super) extensions: ByPlugin<PluginExtensions>,
    /// What may be a mistake.
    #[cfg_attr(not(feature = "macros"), expect(dead_code, reason = "for loads, which only macros have"))]
    pub(super) remarks: Vec<ConfigProblem>,
}

/// The entries of a group as they are put together, by reference, in the order of their first mention.
type Entries = IndexMap<PluginRef, Merged>;

struct Merged {
    /// How the first entry names the plugin.
    reference: PluginRef,
    at: Location,
    /// When it was last said, and what.
    enabled: Option<(usize, bool)>,
    priority: i32,
    before: Vec<PluginRef>,
    after: Vec<PluginRef>,
    rank: usize,
    config: Vec<Node>,
}

pub(super) fn resolve(layers: &[Arc<Layer>], forced: Option<Profile>) -> Resolved {
    let said = |environment: bool| {
        layers
            .iter()
            .filter(move |layer| layer.is_environment == environment)
            .filter_map(|layer| layer.active_profile)
    };
    let profile =
        forced.or_else(|| said(true).next_back()).or_else(|| said(false).next_back()).unwrap_or_default();
    let mut merge = Merge { enabled: true, ..Merge::default() };
    let mut sections = Sections::default();
    let mut limits = ByPlugin::default();
    let mut extensions = ByPlugin::default();
    for layer in in_order(layers, profile) {
        let own = layer.scope.is_none_or(|scope| scope == profile);
        merge.layer(layer, own);
        if own {
            sections.add(layer);
            limits.lay_all(&layer.limits, layer.is_environment);
            extensions.lay_all(&layer.extensions, layer.is_environment);
        }
    }
    let sections = Arc::new(sections);
    let (disabled, disabled_at) = merge.disabled().into_iter().unzip();
    let off = &merge.disabled;
    let groups = merge.groups.into_iter();
    let mut remarks = merge.repeated;
    let groups: Vec<_> =
        groups.map(|(name, (at, entries))| finish(name, at, entries, off, &sections, &mut remarks)).collect();
    let places = groups.iter().map(|group| group.name.clone()).zip(0..).collect();
    let mut entries = HashMap::new();
    for (group, in_group) in groups.iter().enumerate() {
        for (place, entry) in in_group.entries.iter().enumerate() {
            for name in [&entry.name, &entry.reference] {
                entries.entry(name.clone()).or_insert((group, place));
            }
        }
    }
    Resolved {
        profile,
        enabled: merge.enabled,
        discover: merge.discover,
        groups,
        places,
        entries,
        disabled,
        disabled_at,
        sections,
        limits,
        extensions,
        remarks,
    }
}

/// Returns the parts that count under a profile, the last word last: the general part, the profile, the profiles that
/// it includes, the environment.
fn in_order(layers: &[Arc<Layer>], profile: Profile) -> Vec<&Layer> {
    let layers = || layers.iter().map(Arc::as_ref);
    let of =
        |scope: Option<Profile>| layers().filter(move |layer| !layer.is_environment && layer.scope == scope);
    let mut all: Vec<&Layer> = of(None).chain(of(Some(profile))).collect();
    for included in profile.included() {
        all.extend(of(Some(included)));
    }
    all.extend(layers().filter(|layer| layer.is_environment));
    all
}

#[derive(Default)]
struct Merge {
    enabled: bool,
    discover: bool,
    /// The entries that one source has twice.
    repeated: Vec<ConfigProblem>,
    groups: IndexMap<String, (Location, Entries)>,
    /// When each plugin was turned off in every group, in the order of their first mention.
    disabled: IndexMap<PluginRef, usize>,
    /// The place where that was said first.
    disabled_at: IndexMap<PluginRef, Location>,
    /// The number of statements so far, which is the time of the last one.
    said: usize,
}

impl Merge {
    /// Takes in a layer. One that is not the profile's `own` only adds plugins.
    fn layer(&mut self, layer: &Layer, own: bool) {
        if own {
            self.enabled = layer.enabled.unwrap_or(self.enabled);
            self.discover = layer.discover.unwrap_or(self.discover);
        }
        let spelled = if layer.is_environment { spelled(self.groups.keys()) } else { HashMap::new() };
        for part in layer.groups.values() {
            // A variable cannot write every name as it is spelled elsewhere.
            let name = spelled.get(&variable_name(&part.name)).unwrap_or(&part.name).clone();
            let group = name.clone();
            let (_, entries) = self.groups.entry(name).or_insert_with(|| (part.at.clone(), Entries::new()));
            let mut in_layer: HashMap<&PluginRef, &EntryPart> = HashMap::new();
            for part in &part.entries {
                if let Some(first) = in_layer.insert(&part.name, part)
                    && part.is_repetition()
                {
                    self.repeated.push(repeated(&group, part, first));
                }
                self.said += 1;
                match entries.get_mut(&part.name) {
                    Some(merged) if own => merged.update(part, self.said),
                    Some(_) => {}
                    None => {
                        let mut merged = Merged::new(part, self.said);
                        if let Some((when, _)) = merged.enabled.as_mut().filter(|_| !own) {
                            *when = 0;
                        }
                        entries.insert(part.name.clone(), merged);
                    }
                }
            }
        }
        if own {
            self.said += 1;
            for (reference, at) in &layer.disabled {
                self.disabled.insert(reference.clone(), self.said);
                self.disabled_at.entry(reference.clone()).or_insert_with(|| at.clone());
            }
        }
    }

    /// Returns the plugins that no group turned on again.
    fn disabled(&self) -> Vec<(PluginRef, Location)> {
        let mentions = self.groups.values().flat_map(|(_, entries)| entries);
        let on: HashSet<&PluginRef> = mentions
            .filter(|(reference, merged)| {
                self.disabled.get(*reference).is_some_and(|&off| merged.is_enabled(Some(off)))
            })
            .map(|(reference, _)| reference)
            .collect();
        let off = self.disabled.keys().filter(|reference| !on.contains(reference));
        off.map(|reference| (reference.clone(), self.disabled_at[reference].clone())).collect()
    }
}

impl Merged {
    fn new(part: &EntryPart, rank: usize) -> Self {
        let mut merged = Self {
            reference: part.reference.clone(),
            at: part.at.clone(),
            enabled: None,
            priority: 0,
            before: Vec::new(),
            after: Vec::new(),
            rank,
            config: Vec::new(),
        };
        merged.update(part, rank);
        merged
    }

    /// Whether it is on, if it was turned off in every group at that time.
    fn is_enabled(&self, off: Option<usize>) -> bool {
        match (self.enabled, off) {
            (Some((when, enabled)), off) if off.is_none_or(|off| off < when) => enabled,
            (_, off) => off.is_none(),
        }
    }

    fn update(&mut self, part: &EntryPart, rank: usize) {
        self.enabled = part.enabled.map(|enabled| (rank, enabled)).or(self.enabled);
        self.priority = part.priority.unwrap_or(self.priority);
        if part.before.is_some() || part.after.is_some() {
            self.rank = rank;
        }
        if let Some(before) = &part.before {
            self.before.clone_from(before);
        }
        if let Some(after) = &part.after {
            self.after.clone_from(after);
        }
        self.config.extend(part.config.clone());
    }
}

fn finish(
    name: String,
    at: Location,
    entries: Entries,
    off: &IndexMap<PluginRef, usize>,
    sections: &Arc<Sections>,
    remarks: &mut Vec<ConfigProblem>,
) -> ConfigGroup {
    remarks.extend(unbound(&name, &entries));
    let order = arrange(&wishes(&entries)).order;
    let name: Arc<str> = name.into();
    let mut slots: Vec<Option<(PluginRef, Merged)>> = entries.into_iter().map(Some).collect();
    let entries =
        order.into_iter().filter_map(|index| slots[index].take()).map(|(own, merged)| ConfigEntry {
            group: name.clone(),
            enabled: merged.is_enabled(off.get(&own).copied()),
            name: own,
            reference: merged.reference,
            priority: merged.priority,
            location: merged.at,
            config: merged.config,
            sections: sections.clone(),
        });
    let entries: Vec<_> = entries.collect();
    let mut places = HashMap::new();
    for (place, entry) in entries.iter().enumerate() {
        let entry: &ConfigEntry = entry;
        for name in [&entry.name, &entry.reference] {
            places.entry(name.clone()).or_insert(place);
        }
    }
    ConfigGroup { name, location: at, entries, places }
}

/// Returns the remark that one source has two entries of a plugin.
fn repeated(group: &str, part: &EntryPart, first: &EntryPart) -> ConfigProblem {
    let message =
        format!("the group already has this plugin, as `{}`; remove one of the two", first.reference);
    let problem = ConfigProblem::new(ProblemKind::Repeated, part.at.clone(), message);
    problem.in_group(group).of_plugin(part.reference.as_str())
}

/// Returns the remarks on names in `before` and `after` that the group does not have.
fn unbound(group: &str, entries: &Entries) -> Vec<ConfigProblem> {
    let known = LazyCell::new(|| Known::new(entries.keys().map(PluginRef::as_str)));
    let mut remarks = Vec::new();
    for merged in entries.values() {
        for (list, names) in [("before", &merged.before), ("after", &merged.after)] {
            for name in names.iter().filter(|name| !entries.contains_key(*name)) {
                let message = format!("`{list}` names `{name}`, but the group has no such plugin");
                let problem = ConfigProblem::new(ProblemKind::UnboundName, merged.at.clone(), message);
                let problem = problem.in_group(group).of_plugin(merged.reference.as_str());
                remarks.push(problem.suggesting(known.closest(name.as_str())));
            }
        }
    }
    remarks
}

fn wishes(entries: &Entries) -> Vec<Wish<'_>> {
    let wish = |(reference, merged)| {
        let Merged { priority, before, after, rank, .. }: &Merged = merged;
        Wish { reference, priority: *priority, before, after, rank: *rank }
    };
    entries.iter().map(wish).collect()
}

/// Reports a `before` or `after` for which the rest of the same source leaves no room.
pub(super) fn check_order(layer: &Layer, problems: &mut Problems) {
    let mut merge = Merge::default();
    merge.layer(layer, true);
    for (name, (_, entries)) in &merge.groups {
        let Some(index) = arrange(&wishes(entries)).contradicted else { continue };
        let Some((reference, merged)) = entries.get_index(index) else { continue };
        let message =
            "its `before` or `after` and those of the other entries contradict each other; drop one";
        let problem = ConfigProblem::new(ProblemKind::OrderCycle, merged.at.clone(), message);
        problems.push(problem.in_group(name).of_plugin(reference.as_str()));
    }
}
