//! [`Graph`]: the plugins, the points they extend, and the plugins they require.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

use crate::base::name::PluginId;
#[cfg(feature = "serde")]
use crate::base::serialize::text;
use crate::insight::Overview;
use crate::plugin::{PluginState, ServiceType};
use crate::registry::ServiceUse;
use crate::spec::point::PointInfo;

/// The plugins and points of a manager, and the relations between them, from [`Manager::graph`](crate::Manager::graph).
///
/// If the plugins and their order are the same, the printed graph is the same.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Graph {
    /// The plugins, in the order of their registration.
    pub plugins: Vec<GraphPlugin>,
    /// The declared points, in the order of declaration.
    pub points: Vec<&'static PointInfo>,
    /// The edges: first from plugins to points, in the order of calls, then between plugins.
    pub edges: Vec<GraphEdge>,
}

/// One plugin in a [`Graph`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct GraphPlugin {
    /// The name of the plugin.
    pub id: PluginId,
    /// The state of the plugin; `None` if the plugin or the service is only required, and not there.
    pub state: Option<PluginState>,
    /// Whether it takes part in calls.
    pub enabled: bool,
}

/// An edge between a plugin and a point, or between two plugins.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(tag = "kind", rename_all = "snake_case"))]
#[non_exhaustive]
pub enum GraphEdge {
    /// The plugin extends the point.
    #[non_exhaustive]
    Extends {
        /// The plugin.
        plugin: PluginId,
        /// The point.
        #[cfg_attr(feature = "serde", serde(serialize_with = "text"))]
        point: &'static PointInfo,
        /// The place of the extension in calls, from 1 on.
        place: usize,
    },
    /// The plugin wraps the point.
    #[non_exhaustive]
    Wraps {
        /// The plugin.
        plugin: PluginId,
        /// The point.
        #[cfg_attr(feature = "serde", serde(serialize_with = "text"))]
        point: &'static PointInfo,
        /// The place of the wrapper, from 1 on; 1 is the outermost.
        place: usize,
    },
    /// The plugin requires another plugin.
    #[non_exhaustive]
    Requires {
        /// The plugin.
        plugin: PluginId,
        /// The required plugin. If nothing provides a required service, this is the name of the service.
        other: PluginId,
        /// The service by which the plugin requires the other, if it does not name the other.
        service: Option<ServiceType>,
        /// Whether the requirement is optional.
        optional: bool,
    },
}

/// Returns the id that a requirement begins with.
fn required(requirement: &str) -> PluginId {
    let requirement = requirement.trim();
    let end = requirement.find(|character: char| character.is_whitespace() || "<>=~^*,".contains(character));
    requirement[..end.unwrap_or(requirement.len())].into()
}

impl Graph {
    pub(crate) fn new(overview: &Overview) -> Self {
        let (descriptors, wired) = (&overview.plugins, &overview.points);
        let mut plugins: Vec<_> = descriptors
            .iter()
            .map(|each| GraphPlugin { id: each.id.clone(), state: Some(each.state), enabled: each.enabled })
            .collect();
        let mut edges = Vec::new();
        for (point, implementations) in wired {
            let (mut wrappers, mut extensions) = (0, 0);
            for each in implementations {
                let plugin = each.plugin.clone();
                edges.push(if each.is_wrapper {
                    wrappers += 1;
                    GraphEdge::Wraps { plugin, point, place: wrappers }
                } else {
                    extensions += 1;
                    GraphEdge::Extends { plugin, point, place: extensions }
                });
            }
        }
        let mut known: HashSet<_> = plugins.iter().map(|plugin| plugin.id.clone()).collect();
        for each in descriptors {
            let hard = each.metadata.requires.iter().map(|other| (other, false));
            let soft = each.metadata.optional_requires.iter().map(|other| (other, true));
            for (other, optional) in hard.chain(soft) {
                let other = required(other);
                if known.insert(other.clone()) {
                    plugins.push(GraphPlugin { id: other.clone(), state: None, enabled: false });
                }
                edges.push(GraphEdge::Requires { plugin: each.id.clone(), other, service: None, optional });
            }
        }
        for ServiceUse { plugin, service, optional, mut providers, by_host } in
            overview.services.iter().cloned()
        {
            if providers.is_empty() && !by_host {
                let missing = PluginId::from(service.to_string());
                if known.insert(missing.clone()) {
                    plugins.push(GraphPlugin { id: missing.clone(), state: None, enabled: false });
                }
                providers.push(missing);
            }
            let edge = |other| GraphEdge::Requires {
                plugin: plugin.clone(),
                other,
                service: Some(service),
                optional,
            };
            edges.extend(providers.into_iter().map(edge));
        }
        let points = wired.iter().map(|(point, _)| *point).collect();
        Self { plugins, points, edges }
    }

    fn nodes(&self) -> Nodes<'_> {
        let (mut plugins, mut points) = (HashMap::new(), HashMap::new());
        for (place, plugin) in self.plugins.iter().enumerate() {
            plugins.entry(plugin.id.as_str()).or_insert(place);
        }
        for (place, point) in self.points.iter().enumerate() {
            points.entry(*point).or_insert(place);
        }
        Nodes { plugins, points }
    }

    /// Returns the graph as a flow chart for Mermaid.
    pub fn to_mermaid(&self) -> String {
        let nodes = self.nodes();
        let mut text = String::from("flowchart LR\n");
        for (number, plugin) in self.plugins.iter().enumerate() {
            let (id, state) = plugin.label();
            let _ = writeln!(text, "    plugin{number}[\"{}<br/>{state}\"]", mermaid(&id));
        }
        for (number, point) in self.points.iter().enumerate() {
            let name = mermaid(&point.to_string());
            let _ = writeln!(text, "    point{number}([\"{name}<br/>{}\"])", point.mode);
        }
        for edge in &self.edges {
            let _ = match edge {
                GraphEdge::Extends { plugin, point, place } => {
                    writeln!(text, "    {} -- {place} --> {}", nodes.plugin(plugin), nodes.point(point))
                }
                GraphEdge::Wraps { plugin, point, place } => {
                    writeln!(text, "    {} == wraps {place} ==> {}", nodes.plugin(plugin), nodes.point(point))
                }
                GraphEdge::Requires { plugin, other, service, optional } => {
                    let (plugin, other) = (nodes.plugin(plugin), nodes.plugin(other));
                    match service {
                        None => writeln!(text, "    {plugin} -. {} .-> {other}", word(*optional)),
                        Some(service) => {
                            let service = mermaid(&service.to_string());
                            writeln!(text, "    {plugin} -. \"{} {service}\" .-> {other}", word(*optional))
                        }
                    }
                }
            };
        }
        for (number, plugin) in self.plugins.iter().enumerate() {
            if !plugin.enabled {
                let _ = writeln!(text, "    style plugin{number} stroke-dasharray: 4");
            }
        }
        text
    }

    /// Returns the graph in the language DOT, for Graphviz.
    pub fn to_dot(&self) -> String {
        let nodes = self.nodes();
        let mut text =
            String::from("digraph plugins {\n    rankdir=LR;\n    node [fontname=\"sans-serif\"];\n");
        text.push_str("    edge [fontname=\"sans-serif\", fontsize=10];\n");
        for (number, plugin) in self.plugins.iter().enumerate() {
            let style = if plugin.enabled { "" } else { ", style=dashed" };
            let (id, state) = plugin.label();
            let id = dot(&id);
            let _ = writeln!(text, "    plugin{number} [shape=box, label=\"{id}\\n{state}\"{style}];");
        }
        for (number, point) in self.points.iter().enumerate() {
            let (name, mode) = (dot(&point.to_string()), point.mode);
            let _ = writeln!(text, "    point{number} [shape=ellipse, label=\"{name}\\n{mode}\"];");
        }
        for edge in &self.edges {
            let _ = match edge {
                GraphEdge::Extends { plugin, point, place } => {
                    writeln!(
                        text,
                        "    {} -> {} [label=\"{place}\"];",
                        nodes.plugin(plugin),
                        nodes.point(point)
                    )
                }
                GraphEdge::Wraps { plugin, point, place } => writeln!(
                    text,
                    "    {} -> {} [label=\"wraps {place}\", style=bold];",
                    nodes.plugin(plugin),
                    nodes.point(point)
                ),
                GraphEdge::Requires { plugin, other, service, optional } => writeln!(
                    text,
                    "    {} -> {} [label=\"{}{}\", style=dotted];",
                    nodes.plugin(plugin),
                    nodes.plugin(other),
                    word(*optional),
                    service.map_or_else(String::new, |service| format!(" {}", dot(&service.to_string())))
                ),
            };
        }
        text.push_str("}\n");
        text
    }
}

impl GraphPlugin {
    /// Its name, with control characters escaped, and its state.
    fn label(&self) -> (String, String) {
        let state = match self.state {
            None => "missing".to_owned(),
            Some(_) if !self.enabled => "disabled".to_owned(),
            Some(state) => state.to_string(),
        };
        (self.id.to_string(), state)
    }
}

/// The names of the nodes of a graph in its texts.
struct Nodes<'g> {
    plugins: HashMap<&'g str, usize>,
    points: HashMap<&'g PointInfo, usize>,
}

impl Nodes<'_> {
    fn plugin(&self, id: &PluginId) -> String {
        format!("plugin{}", self.plugins.get(id.as_str()).copied().unwrap_or(self.plugins.len()))
    }

    fn point(&self, point: &PointInfo) -> String {
        format!("point{}", self.points.get(point).copied().unwrap_or(self.points.len()))
    }
}

/// Returns the word for a requirement.
fn word(optional: bool) -> &'static str {
    if optional { "uses" } else { "requires" }
}

/// Returns a text within quotes of DOT, which reads escapes and entities of HTML.
fn dot(text: &str) -> String {
    text.replace('&', "&amp;").replace('\\', "\\\\").replace('"', "\\\"")
}

/// Returns a text within quotes of Mermaid, which reads tags, entities, escapes, Markdown and directives.
fn mermaid(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '"' => escaped.push_str("#quot;"),
            '<' => escaped.push_str("#lt;"),
            '>' => escaped.push_str("#gt;"),
            '&' => escaped.push_str("#amp;"),
            '#' | '%' | ';' | '\\' | '`' => {
                let _ = write!(escaped, "#{};", u32::from(character));
            }
            other => escaped.push(other),
        }
    }
    escaped
}
