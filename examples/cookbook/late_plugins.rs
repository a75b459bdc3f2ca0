//! Plugins that come late: a historic point tells them what has happened.
//!
//! ```text
//! cargo run --example late_plugins
//! ```

use std::error::Error;
use std::sync::{Arc, Mutex};

use pluginkit::prelude::*;

#[derive(Clone, Debug)]
struct Settings {
    verbose: bool,
}

#[extension_point]
trait Host {
    /// Hands the settings to plugins, also to those that are registered later.
    #[extension_point(historic)]
    fn configured(&self, settings: &Settings) -> Result<(), String>;

    /// Tells that a file was opened, and returns what the plugin makes of it.
    #[extension_point(historic)]
    fn opened(&self, file: &str) -> Option<String>;
}

/// Knows what it was told.
#[derive(Default)]
struct Recent {
    files: Mutex<Vec<String>>,
}

#[extension]
impl Host for Recent {
    fn configured(&self, settings: &Settings) -> Result<(), String> {
        println!("  recent: verbose is {}", settings.verbose);
        Ok(())
    }

    fn opened(&self, file: &str) -> Option<String> {
        self.files.lock().unwrap().push(file.to_owned());
        Some(format!("{file} is the latest"))
    }
}

fn main() -> Result<(), BoxError> {
    let pm = PluginManager::new("editor");
    pm.add_extension_points(Host)?;
    pm.register_fn("title", Host::opened, |args| Some(format!("the title is {}", args.file)))?;

    println!("the host runs, with one plugin");
    pm.caller(Host::configured).call_historic(&Settings { verbose: true })?;
    let answers = Arc::new(Mutex::new(Vec::new()));
    for file in ["notes.txt", "todo.txt"] {
        // The closure gets the answers of today's plugins, and later those of late ones.
        let answers = Arc::clone(&answers);
        pm.caller(Host::opened).call_historic_with(file, move |answer| answers.lock().unwrap().push(answer));
    }
    println!("  {} answers", answers.lock().unwrap().len());

    println!("a plugin is registered, and is told before `register` returns");
    pm.register(Recent::default())?;
    let recent = pm.plugin_as::<Recent>("Recent").unwrap();
    println!("  recent: {:?}", recent.files.lock().unwrap());
    println!("  answers: {:?}", answers.lock().unwrap());

    println!("a plugin that cannot live with what has happened is not registered");
    let refused = pm.register_fn("quiet", Host::configured, |args| {
        if args.settings.verbose { Err("not under verbose hosts".to_owned()) } else { Ok(()) }
    });
    let error = refused.unwrap_err();
    println!("  {error}: {}", error.source().map(ToString::to_string).unwrap_or_default());
    println!("  {:?}", pm.plugin_names());
    Ok(())
}
