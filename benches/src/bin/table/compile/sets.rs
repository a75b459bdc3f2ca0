//! A host with 200 points in 20 sets, and 200 plugins with five extensions each, in a module for each set: through the
//! library, and by hand with a trait for each point.

use std::fmt::Write as _;

/// Sets of points; each has [`POINTS`], and [`PLUGINS`] plugins that extend half of them each.
const SETS: usize = 20;
const POINTS: usize = 10;
const PLUGINS: usize = 10;
/// One set in this many has `async fn`s as extensions.
const ASYNC: usize = 5;

/// The files of the host; `set` writes one set.
pub(crate) fn files(set: fn(usize) -> String) -> Vec<(String, String)> {
    let mut main = String::from("#![allow(dead_code)]\n");
    for number in 0..SETS {
        let _ = writeln!(main, "mod set_{number};");
    }
    main.push_str("fn main() {\n    let mut total = 0;\n");
    for number in 0..SETS {
        let _ = writeln!(main, "    total += set_{number}::run();");
    }
    main.push_str("    println!(\"{total}\");\n}\n");
    let sets = (0..SETS).map(|number| (format!("set_{number}.rs"), set(number)));
    sets.chain([("main.rs".to_owned(), main)]).collect()
}

/// The signature of a point, by its number: a few shapes that hosts have.
fn signature(point: usize) -> (&'static str, &'static str, &'static str, &'static str) {
    match point % 5 {
        0 => ("", "text: &str, weight: u64", "u64", "weight + text.len() as u64 + self.0"),
        1 => ("firstresult", "text: &str", "Option<u64>", "(text.len() as u64 == self.0).then_some(self.0)"),
        2 => ("pipeline", "value: u64", "u64", "value.wrapping_add(self.0)"),
        3 => ("", "seen: &mut Vec<u64>", "()", "seen.push(self.0)"),
        _ => ("", "text: &str", "Result<u64, std::num::ParseIntError>", "text.parse::<u64>()"),
    }
}

/// What `run` does with a point: its call's arguments and what becomes of the result.
fn call(point: usize) -> (&'static str, &'static str) {
    match point % 5 {
        0 => ("\"text\", 1", "total += outcome.iter().sum::<u64>();"),
        1 => ("\"text\"", "total += outcome.unwrap_or(0);"),
        2 => ("7", "total += outcome;"),
        3 => ("&mut seen", "let () = outcome;"),
        _ => ("\"12\"", "total += outcome.map_or(0, |all| all.len() as u64);"),
    }
}

fn extends(plugin: usize) -> impl Iterator<Item = usize> {
    (0..POINTS).filter(move |point| (point + plugin).is_multiple_of(2))
}

pub(crate) fn library(number: usize) -> String {
    let is_async = number.is_multiple_of(ASYNC);
    let (manager, asyncness) =
        if is_async { ("AsyncPluginManager", "async ") } else { ("PluginManager", "") };
    let mut text = String::from("use pluginkit::prelude::*;\n\n#[extension_point]\npub trait Specs {\n");
    for point in 0..POINTS {
        let (mode, parameters, returns, _) = signature(point);
        if !mode.is_empty() {
            let _ = writeln!(text, "    #[extension_point({mode})]");
        }
        let _ = writeln!(text, "    fn point_{point}(&self, {parameters}) -> {returns};");
    }
    text.push_str("}\n");
    for plugin in 0..PLUGINS {
        let _ = writeln!(
            text,
            "\npub struct Plugin{plugin}(u64);\n\n#[extension]\nimpl Specs for Plugin{plugin} {{"
        );
        for point in extends(plugin) {
            let (_, parameters, returns, body) = signature(point);
            let _ = writeln!(
                text,
                "    {asyncness}fn point_{point}(&self, {parameters}) -> {returns} {{ {body} }}"
            );
        }
        text.push_str("}\n");
    }
    let _ = writeln!(text, "\npub fn run() -> u64 {{\n    let pm = {manager}::new(\"set\");");
    text.push_str(
        "    pm.add_extension_points(Specs).unwrap();\n    let (mut total, mut seen) = (0, Vec::new());\n",
    );
    for plugin in 0..PLUGINS {
        let _ = writeln!(text, "    pm.register(Plugin{plugin}({plugin})).unwrap();");
    }
    for point in 0..POINTS {
        let (arguments, sum) = call(point);
        let call = format!("pm.caller(Specs::point_{point}).call({arguments})");
        let call = if is_async { format!("pollster::block_on({call})") } else { call };
        let _ = writeln!(text, "    let outcome = {call};\n    {sum}");
    }
    text.push_str("    total + seen.len() as u64\n}\n");
    text
}

pub(crate) fn by_hand(number: usize) -> String {
    let is_async = number.is_multiple_of(ASYNC);
    let (asyncness, awaited, attribute) =
        if is_async { ("async ", ".await", "#[async_trait::async_trait]\n") } else { ("", "", "") };
    let mut text = String::new();
    for point in 0..POINTS {
        let (_, parameters, returns, _) = signature(point);
        let _ = writeln!(
            text,
            "{attribute}pub trait Point{point}: Send + Sync {{\n    {asyncness}fn call(&self, {parameters}) -> {returns};\n}}"
        );
    }
    text.push_str("\n#[derive(Default)]\npub struct Host {\n");
    for point in 0..POINTS {
        let _ = writeln!(text, "    point_{point}: Vec<std::sync::Arc<dyn Point{point}>>,");
    }
    text.push_str("}\n\nimpl Host {\n");
    for point in 0..POINTS {
        let (mode, parameters, returns, _) = signature(point);
        let names: Vec<_> = parameters.split(", ").filter_map(|each| each.split(':').next()).collect();
        let names = names.join(", ");
        let (outcome, body) = match (mode, returns) {
            ("firstresult", _) => (
                returns.to_owned(),
                format!(
                    "for each in &self.point_{point} {{ if let Some(found) = each.call({names}){awaited} {{ return Some(found); }} }}\nNone"
                ),
            ),
            ("pipeline", _) => (
                returns.to_owned(),
                format!(
                    "let mut value = value;\nfor each in &self.point_{point} {{ value = each.call(value){awaited}; }}\nvalue"
                ),
            ),
            (_, "()") => (
                "()".to_owned(),
                format!("for each in &self.point_{point} {{ each.call({names}){awaited}; }}"),
            ),
            (_, fallible) if fallible.starts_with("Result") => (
                "Result<Vec<u64>, std::num::ParseIntError>".to_owned(),
                format!(
                    "let mut all = Vec::with_capacity(self.point_{point}.len());\nfor each in &self.point_{point} {{ all.push(each.call({names}){awaited}?); }}\nOk(all)"
                ),
            ),
            _ => (
                format!("Vec<{returns}>"),
                format!(
                    "let mut all = Vec::with_capacity(self.point_{point}.len());\nfor each in &self.point_{point} {{ all.push(each.call({names}){awaited}); }}\nall"
                ),
            ),
        };
        let _ = writeln!(
            text,
            "    pub {asyncness}fn point_{point}(&self, {parameters}) -> {outcome} {{\n{body}\n    }}"
        );
    }
    text.push_str("}\n");
    for plugin in 0..PLUGINS {
        let _ = writeln!(text, "\npub struct Plugin{plugin}(u64);");
        for point in extends(plugin) {
            let (_, parameters, returns, body) = signature(point);
            let _ = writeln!(
                text,
                "{attribute}impl Point{point} for Plugin{plugin} {{\n    {asyncness}fn call(&self, {parameters}) -> {returns} {{ {body} }}\n}}"
            );
        }
        let _ = writeln!(
            text,
            "impl Plugin{plugin} {{\n    fn register(self, host: &mut Host) {{\n        let this = std::sync::Arc::new(self);"
        );
        for point in extends(plugin) {
            let _ = writeln!(text, "        host.point_{point}.push(this.clone());");
        }
        text.push_str("    }\n}\n");
    }
    text.push_str("\npub fn run() -> u64 {\n    let mut pm = Host::default();\n    let (mut total, mut seen) = (0, Vec::new());\n");
    for plugin in 0..PLUGINS {
        let _ = writeln!(text, "    Plugin{plugin}({plugin}).register(&mut pm);");
    }
    for point in 0..POINTS {
        let (arguments, sum) = call(point);
        let call = format!("pm.point_{point}({arguments})");
        let call = if is_async { format!("pollster::block_on({call})") } else { call };
        let _ = writeln!(text, "    let outcome = {call};\n    {sum}");
    }
    text.push_str("    total + seen.len() as u64\n}\n");
    text
}
