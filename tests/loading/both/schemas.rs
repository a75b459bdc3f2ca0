//! The schema of the settings of linked plugins.

use boon::{Compiler, Schemas};
use pluginkit::loading::PluginFactory;
use pluginkit::metadata::PluginMetadata;

use super::kind::Manager;
use crate::plugins::CorsSettings;

fn check(pm: &Manager, document: &str) -> bool {
    let mut schemas = Schemas::new();
    let mut compiler = Compiler::new();
    compiler.add_resource("plugins.json", pm.config_schema().to_value()).unwrap();
    let index = compiler.compile("plugins.json", &mut schemas).unwrap();
    let document: serde_json::Value = toml::from_str(document).unwrap();
    schemas.validate(&document, index).is_ok()
}

#[test]
fn it_has_the_linked_plugins_of_the_project_and_their_settings() {
    let pm = Manager::new("loading");
    let schema = pm.config_schema();
    let of_cors = schema.pointer("/$defs/plugin:cors/properties/origin/description").unwrap();
    assert_eq!(of_cors, "Whom to answer.");
    let ids = schema.pointer("/$defs/reference/anyOf/0/enum").unwrap();
    assert_eq!(*ids, serde_json::json!(["auth", "cors", "greet", "limiter", "shout", "store"]));
    assert!(check(&pm, "[plugin.cors]\norigin = 'x'"));
    assert!(!check(&pm, "[plugin.cors]\norigin = 7"));
    assert!(!check(&pm, "[plugin.cors]\norigins = 'x'"));
    // Of settings whose type has no schema, any are right, as long as they are settings.
    assert!(check(&pm, "[plugin.limiter]\nanything = 7"));
    assert!(!check(&pm, "[plugin]\nlimiter = 7"));
}

#[test]
fn factories_made_by_hand_say_what_theirs_are() {
    let pm = Manager::new("schemas-by-hand");
    let factory =
        PluginFactory::configured(PluginMetadata::new("own"), |settings: CorsSettings| settings.origin);
    pm.add_factory(factory.described::<CorsSettings>());
    assert!(!check(&pm, "[plugin.own]\norigin = 7"));
}
