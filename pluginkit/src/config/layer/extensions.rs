//! The options of extensions.
#![forbid(unsafe_code)]

use super::super::error::{ConfigProblem, ProblemKind, Problems, Shown};
use super::super::value::{Node, Value};
use super::Layer;
use super::fields::{self, About, keep, wrong_type};
use super::limits::time;
use crate::base::similar::closest;
use crate::config::extensions::{ExtensionOptions, PluginExtensions};
use crate::spec::options::Bucket;

const KEYS: [&str; 6] = ["bucket", "priority", "before", "after", "timeout", "enabled"];
const BUCKETS: [(&str, Bucket); 3] =
    [("tryfirst", Bucket::First), ("normal", Bucket::Normal), ("trylast", Bucket::Last)];

/// Reads the table `extension`.
pub(super) fn extensions(node: &Node, layer: &mut Layer, problems: &mut Problems) {
    fields::each_plugin(node, "extension", problems, |id, entry, points, problems| {
        let about = About { plugin: Some(id), group: None };
        let mut extensions = PluginExtensions::new(entry.key_at.clone());
        for (point, entry) in &points.0 {
            let full = format!("extension.{id}.{point}");
            let Some(table) = entry.node.as_table() else {
                let expected = "a table with the options at a point, as `[extension.<id>.<point>]` is";
                problems.push(about.on(wrong_type(&entry.node, &full, expected)));
                continue;
            };
            let mut options = ExtensionOptions::new(entry.key_at.clone());
            for (key, entry) in &table.0 {
                let (node, full) = (&entry.node, format!("{full}.{key}"));
                match key.as_str() {
                    "bucket" => options.bucket = keep(bucket(node, &full), about, problems),
                    "priority" => options.priority = keep(fields::priority(node, &full), about, problems),
                    "before" => {
                        options.before = Some(fields::placed_references(node, &full, about, problems));
                    }
                    "after" => options.after = Some(fields::placed_references(node, &full, about, problems)),
                    "timeout" => options.timeout = keep(time(node, &full), about, problems),
                    "enabled" => options.enabled = keep(fields::boolean(node, &full), about, problems),
                    _ => problems.push(about.on(fields::unknown(key, entry, &KEYS))),
                }
            }
            extensions.points.insert(point.clone(), options);
        }
        layer.extensions.lay(id, &extensions);
    });
}

fn bucket(node: &Node, key: &str) -> Result<Bucket, Box<ConfigProblem>> {
    let Value::String(text) = &node.value else {
        return Err(wrong_type(node, key, "`\"tryfirst\"`, `\"normal\"` or `\"trylast\"`").into());
    };
    let found = BUCKETS.into_iter().find(|(name, _)| name == text);
    found.map(|(_, bucket)| bucket).ok_or_else(|| {
        let message = format!(
            "`{}` must be `\"tryfirst\"`, `\"normal\"` or `\"trylast\"`, but it is {text:?}",
            Shown(key)
        );
        let problem = ConfigProblem::new(ProblemKind::InvalidValue, node.at.clone(), message).at_key(key);
        problem.suggesting(closest(text, BUCKETS.map(|(name, _)| name))).into()
    })
}
