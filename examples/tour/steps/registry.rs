//! The registered plugins, their extensions, and changes, also from inside a call.

use std::sync::{Arc, Weak};

use pluginkit::points::PointInfo;
use pluginkit::prelude::*;

use super::collecting::{Lines, Longest, Words};
use crate::host::{self, Document, Outcome, Text, list};

#[extension_point(project = "tour")]
trait Export {
    fn export(&self, document: &Document) -> String;
}

/// Brings another plugin in when it first runs.
struct Installer {
    manager: Weak<PluginManager>,
}

#[extension]
impl Text for Installer {
    fn measure(&self) -> String {
        let Some(pm) = self.manager.upgrade() else { return "the manager is gone".into() };
        match pm.register_as("installed", Longest) {
            Ok(name) => format!("registered `{name}`"),
            Err(_) => "nothing left to register".into(),
        }
    }
}

/// Exports where the host knows how to.
struct Exporter;

#[extension(optional)]
impl Export for Exporter {
    fn export(&self, document: &Document) -> String {
        format!("exported {}", document.name)
    }
}

#[extension]
impl Text for Exporter {
    fn notify(&self) {}
}

pub(crate) fn run(document: &Document) -> Outcome {
    let pm = Arc::new(host::manager()?);
    let measure = pm.caller(Text::measure);

    pm.register_all([("a", Words), ("b", Words)])?;
    match pm.register_all([("c", Words), ("a", Words)]) {
        Ok(names) => println!("registered {names:?}"),
        Err(error) => println!("all or nothing: {error}"),
    }
    println!("registered: {}", list(pm.plugin_names()));

    pm.register(Installer { manager: Arc::downgrade(&pm) })?;
    println!("the call that registers: {:?}", measure.call(document));
    println!("the call after it: {:?}", measure.call(document));

    let lines = Arc::new(Lines);
    pm.register_as("lines", Arc::clone(&lines))?;
    println!("the name of an `Arc`: {:?}", pm.plugin_name(&lines));
    println!(
        "a plugin by name: {}, by name and type: {}",
        pm.plugin("lines").is_some(),
        pm.plugin_as::<Words>("lines").is_some()
    );

    pm.register(Exporter)?;
    println!("optional, without its specs: {}", list(points(&pm, "Exporter")));
    if let Err(error) = pm.try_caller(Export::export) {
        println!("  {error}");
    }
    pm.add_extension_points(Export)?;
    println!("optional, with them: {}", list(points(&pm, "Exporter")));
    println!("  {:?}", pm.caller(Export::export).call(document));

    let all = pm.extension_points();
    println!("{} points, the last added is {}", all.len(), list(all.last()));

    println!("unregister: {}, again: {}", pm.unregister("a").is_some(), pm.unregister("a").is_some());
    println!("unregister_plugin: {}", pm.unregister_plugin(&lines).is_some());
    println!("measure runs {}", list(measure.implementations()));
    Ok(())
}

fn points(pm: &PluginManager, plugin: &str) -> Vec<&'static PointInfo> {
    pm.extension_points_of(plugin).unwrap_or_default()
}
