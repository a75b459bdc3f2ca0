//! The interface between the host and its plugins.

use pluginkit::config::PluginConfig;
use pluginkit::prelude::*;

#[extension_point(project = "linked")]
pub trait Specs {
    fn fetch(&self, topic: &str) -> String;
}

/// What a host says that has found its plugins: who they are, and what they answer.
pub fn report() -> Result<String, pluginkit::Error> {
    let pm = PluginManager::new("linked");
    pm.add_extension_points(Specs)?;
    let found = pm.discover()?.join(" ");
    let answers = pm.caller(Specs::fetch).call("x").join(" ");
    let config = PluginConfig::from_toml_str("[plugins]\nlisted = ['linked_unnamed::Unnamed']")?;
    let pm = PluginManager::new("linked");
    pm.add_extension_points(Specs)?;
    let refused = match pm.load_config(&config) {
        Ok(_) => "accepted".to_owned(),
        Err(error) if error.to_string().contains("link the whole archive") => {
            "refused with the fix for archives".to_owned()
        }
        Err(error) if error.to_string().contains("use its_crate as _;") => "refused with the fix".to_owned(),
        Err(error) => error.code().to_owned(),
    };
    Ok(format!("{found}|{answers}|{refused}"))
}
