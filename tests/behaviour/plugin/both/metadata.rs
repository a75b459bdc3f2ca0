//! Metadata that a plugin declares, and its descriptor in a manager.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use pluginkit::metadata::{PluginMetadata, PluginState};
use pluginkit::prelude::*;
use pluginkit::{Error, ErrorKind, Plugin};

use super::kind::{Manager, implement, wait};

#[extension_point]
trait Specs {
    fn fetch(&self, topic: &str) -> String;
}

#[plugin(
    id = "json-formatter",
    version = "1.0.0-rc.1+build.7",
    name = "JSON",
    author = "the text team",
    description = "Formats as JSON",
    requires = ["core >= 1.2", "text"],
    optional_requires = ["cache"],
    project = "metadata"
)]
#[derive(Default)]
struct JsonFormatter;

implement! {
    #[extension]
    impl Specs for JsonFormatter {
        fn fetch(&self, topic: &str) -> String {
            topic.to_owned()
        }
    }
}

#[plugin(id = "bare")]
enum Bare {
    Only,
}

struct Unspoken;

implement! {
    #[extension]
    impl Specs for Unspoken {
        fn fetch(&self) -> String {
            String::new()
        }
    }
}

#[plugin(id = "cached", version = "2.0.0")]
struct Cached<T>(T);

#[extension]
impl<T: std::fmt::Display + Send + Sync + 'static> Specs for Cached<T> {
    fn fetch(&self, topic: &str) -> String {
        format!("{topic}{}", self.0)
    }
}

fn manager() -> Manager {
    let pm = Manager::new("metadata");
    pm.add_extension_points(Specs).unwrap();
    pm
}

#[test]
fn a_plugin_is_registered_under_its_id() {
    let pm = manager();
    assert_eq!(pm.register(JsonFormatter).unwrap(), "json-formatter");
    assert_eq!(wait!(pm.caller(Specs::fetch).call("x")), ["x"]);
    let error = pm.register(JsonFormatter).unwrap_err();
    assert!(matches!(error, Error::NameTaken { .. }));
    assert_eq!(pm.register_as("second", JsonFormatter).unwrap(), "second");
    assert_eq!(pm.descriptor("second").unwrap().metadata.id, "json-formatter");
}

#[test]
fn a_shared_plugin_is_registered_under_its_id() {
    let pm = manager();
    let shared = Arc::new(Bare::Only);
    assert_eq!(pm.register(Arc::clone(&shared)).unwrap(), "bare");
    assert!(Arc::ptr_eq(&pm.plugin_as::<Bare>("bare").unwrap(), &shared));
    assert_eq!(
        PluginBuilder::<Bare>::new(Arc::new(Bare::Only)).named("named").register(&pm).unwrap(),
        "named"
    );
    assert_eq!(pm.descriptor("named").unwrap().metadata.id, "bare");
}

#[test]
fn a_declared_plugin_needs_no_extension() {
    let pm = manager();
    assert_eq!(pm.register(Bare::Only).unwrap(), "bare");
    assert!(pm.extension_points_of("bare").unwrap().is_empty());
}

#[test]
fn a_descriptor_says_what_the_plugin_says() {
    let pm = manager();
    pm.register(JsonFormatter).unwrap();
    let descriptor = pm.descriptor("json-formatter").unwrap();
    let metadata = &descriptor.metadata;
    assert_eq!(metadata, &JsonFormatter::metadata());
    assert_eq!(
        (&*metadata.version, &*metadata.name, &*metadata.author, &*metadata.description),
        ("1.0.0-rc.1+build.7", "JSON", "the text team", "Formats as JSON")
    );
    assert_eq!(metadata.requires, ["core >= 1.2", "text"]);
    assert_eq!(metadata.optional_requires, ["cache"]);
    assert_eq!(metadata.project.as_deref(), Some("metadata"));
    assert_eq!(descriptor.state, PluginState::Loaded);
    assert!(descriptor.failed_reason.is_none() && descriptor.failure().is_none());
    assert!(pm.descriptor("nobody").is_none());
}

#[test]
fn metadata_has_defaults() {
    let pm = manager();
    pm.register(Bare::Only).unwrap();
    pm.register(Unspoken).unwrap();
    for id in ["bare", "Unspoken"] {
        assert_eq!(pm.descriptor(id).unwrap().metadata, PluginMetadata::new(id));
        assert_eq!(pm.descriptor(id).unwrap().metadata.name, id);
        assert_eq!(pm.descriptor(id).unwrap().metadata.version, "0.0.0");
        assert_eq!(pm.descriptor(id).unwrap().metadata.author, "");
    }
}

#[test]
fn descriptors_are_listed_in_registration_order_and_are_snapshots() {
    let pm = manager();
    pm.register(Unspoken).unwrap();
    pm.register(Bare::Only).unwrap();
    pm.register_as("a", Unspoken).unwrap();
    let mut listed = pm.descriptors();
    let ids: Vec<_> = listed.iter().map(|descriptor| descriptor.id.as_str()).collect();
    assert_eq!(ids, ["Unspoken", "bare", "a"]);
    listed[0].state = PluginState::Failed;
    assert_eq!(pm.descriptor("Unspoken").unwrap().state, PluginState::Loaded);
    pm.unregister("bare").unwrap();
    assert_eq!(pm.descriptors().len(), 2);
    assert_eq!(listed[1].id, "bare");
}

#[test]
fn a_plugin_is_as_old_as_its_last_change_when_it_comes() {
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(7);
    let pm = Manager::builder("metadata").clock(move || time).build();
    pm.register(Bare::Only).unwrap();
    let descriptor = pm.descriptor("bare").unwrap();
    assert_eq!((descriptor.loaded_at, descriptor.last_state_change), (time, time));
}

#[test]
fn a_generic_plugin_hands_its_metadata_over() {
    let pm = manager();
    let builder = PluginBuilder::new(Cached(7)).metadata(Cached::<u8>::metadata());
    assert_eq!(builder.extends(Specs).register(&pm).unwrap(), "cached");
    assert_eq!(pm.descriptor("cached").unwrap().metadata.version, "2.0.0");
    let builder = PluginBuilder::new(Cached(8)).metadata(Cached::<u8>::metadata()).named("other");
    assert_eq!(builder.extends(Specs).register(&pm).unwrap(), "other");
    assert_eq!(wait!(pm.caller(Specs::fetch).call("x")), ["x7", "x8"]);
}

#[test]
fn wrong_metadata_written_by_hand_is_refused() {
    let pm = manager();
    let refused = |metadata: PluginMetadata| {
        let error = PluginBuilder::new(Unspoken).metadata(metadata).register(&pm).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Validation);
        assert!(pm.plugin_names().is_empty());
        error.to_string()
    };
    assert_eq!(
        refused(PluginMetadata::new("no spaces")),
        "plugin `no spaces` declares an invalid id `no spaces`: an id consists of ASCII letters, digits, `-`, `_` and `.`"
    );
    let text = refused(PluginMetadata::new("a").version("one"));
    assert!(text.starts_with("plugin `a` declares an invalid version `one`: "), "{text}");
    let text = refused(PluginMetadata::new("a").requires(["b", "c >= x"]));
    assert!(text.starts_with("plugin `a` declares an invalid requirement `c >= x`: "), "{text}");
    let text = refused(PluginMetadata::new("a").optional_requires([""]));
    assert!(text.ends_with("declares an invalid requirement ``: an id cannot be empty"), "{text}");
}

#[test]
fn a_plugin_of_another_project_is_refused() {
    let pm = Manager::new("other");
    pm.add_extension_points(Specs).unwrap();
    assert_eq!(
        pm.register(JsonFormatter).unwrap_err().to_string(),
        "plugin `json-formatter` belongs to the project `metadata`, but this manager is of the project `other`; register it with a manager of its own project"
    );
}
