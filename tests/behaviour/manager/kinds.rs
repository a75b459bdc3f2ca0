//! A sync manager takes no plugin that it would have to await.

use pluginkit::Error;
use pluginkit::prelude::*;

#[extension_point]
trait Specs {
    fn fetch(&self, topic: &str) -> String;
}

struct Asynchronous;

#[extension]
impl Specs for Asynchronous {
    async fn fetch(&self, topic: &str) -> String {
        topic.to_owned()
    }
}

#[test]
fn an_async_extension_is_refused_with_both_ways_out() {
    let pm = PluginManager::new("kinds");
    pm.add_extension_points(Specs).unwrap();
    let error = pm.register(Asynchronous).unwrap_err();
    assert!(matches!(error, Error::AsyncExtension { .. }));
    let text = error.to_string();
    assert!(text.contains("AsyncPluginManager") && text.contains("block_on"), "{text}");
    assert!(pm.plugin_names().is_empty());
}
