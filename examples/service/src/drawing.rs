//! The graph of the plugins as SVG: the plugins on the left, the points on the right.

use std::collections::HashMap;
use std::fmt::Write;

use pluginkit::insight::{Graph, GraphEdge};

/// The distance between rows, and the size of a box.
const ROW: usize = 44;
const BOX: (usize, usize) = (190, 32);
/// The left edges of the boxes of plugins and of points. Requirements are drawn left of the plugins.
const PLUGINS: usize = 130;
const POINTS: usize = 560;

/// Returns a text with the characters escaped that mean something in HTML.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Returns the graph as SVG.
pub(crate) fn draw(graph: &Graph) -> String {
    let rows = graph.plugins.len().max(graph.points.len());
    let mut svg = format!(
        "<svg viewBox=\"0 0 {} {}\" width=\"780\" font-size=\"12\" font-family=\"sans-serif\" role=\"img\">",
        POINTS + BOX.0 + 10,
        rows * ROW + 10
    );
    let plugins: HashMap<_, _> =
        graph.plugins.iter().enumerate().map(|(row, plugin)| (&plugin.id, row)).collect();
    // The points are halfway down.
    let first = (rows - graph.points.len()) / 2;
    let points: HashMap<_, _> =
        graph.points.iter().enumerate().map(|(row, point)| (*point, first + row)).collect();
    for edge in &graph.edges {
        match edge {
            GraphEdge::Extends { plugin, point, place, .. } => {
                line(&mut svg, plugins[plugin], points[point], (&place.to_string(), 14), "#888");
            }
            GraphEdge::Wraps { plugin, point, place, .. } => {
                line(&mut svg, plugins[plugin], points[point], (&format!("wraps {place}"), -4), "#06c");
            }
            GraphEdge::Requires { plugin, other, optional, .. } => {
                arrow(&mut svg, plugins[plugin], plugins[other], if *optional { "uses" } else { "requires" });
            }
            _ => {}
        }
    }
    for (row, plugin) in graph.plugins.iter().enumerate() {
        let state = match plugin.state {
            None => "missing".to_owned(),
            Some(_) if !plugin.enabled => "left out".to_owned(),
            Some(state) => state.to_string(),
        };
        let style = if plugin.enabled { "" } else { "stroke-dasharray=\"4\"" };
        block(&mut svg, PLUGINS, row, &format!("{} – {state}", plugin.id), style);
    }
    for (row, point) in graph.points.iter().enumerate() {
        block(&mut svg, POINTS, first + row, &format!("{point} – {}", point.mode), "rx=\"16\"");
    }
    svg.push_str("</svg>");
    svg
}

fn middle(row: usize) -> usize {
    row * ROW + 5 + BOX.1 / 2
}

fn block(svg: &mut String, x: usize, row: usize, text: &str, style: &str) {
    let (width, height) = BOX;
    let _ = write!(
        svg,
        "<rect x=\"{x}\" y=\"{}\" width=\"{width}\" height=\"{height}\" fill=\"#f6f6f6\" stroke=\"#444\" {style}/>\
         <text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
        row * ROW + 5,
        x + width / 2,
        middle(row) + 4,
        escaped(text)
    );
}

/// Draws a line from a plugin to a point. Its text is `down` pixels below its start.
fn line(svg: &mut String, plugin: usize, point: usize, (text, down): (&str, isize), color: &str) {
    let (start, from, to) = (PLUGINS + BOX.0, middle(plugin), middle(point));
    let _ = write!(
        svg,
        "<path d=\"M{start} {from} C{} {from} {} {to} {POINTS} {to}\" fill=\"none\" stroke=\"{color}\"/>\
         <text x=\"{}\" y=\"{}\" fill=\"{color}\">{text}</text>",
        start + 120,
        POINTS - 120,
        start + 6,
        from.saturating_add_signed(down)
    );
}

/// Draws an arrow from a plugin to a plugin that it requires.
fn arrow(svg: &mut String, plugin: usize, other: usize, text: &str) {
    let (from, to) = (middle(plugin), middle(other));
    let _ = write!(
        svg,
        "<path d=\"M{PLUGINS} {from} C{x} {from} {x} {to} {PLUGINS} {to}\" fill=\"none\" stroke=\"#444\" \
         stroke-dasharray=\"2 3\"/><path d=\"M{PLUGINS} {to} l-9 -5 v10 z\" fill=\"#444\"/>\
         <text x=\"{}\" y=\"{}\" fill=\"#444\" text-anchor=\"end\">{text}</text>",
        PLUGINS - 4,
        from + 16,
        x = PLUGINS - 70,
    );
}
