//! Reports of loads as JSON.

use pluginkit::loading::{Discovery, LoadPolicy};
use serde_json::{Value, json, to_value};

use super::kind::{Manager, wait};
use crate::plugins::Specs;
use crate::toml;

#[test]
fn a_report_of_a_load_has_a_stable_shape() {
    let pm = Manager::new("reloading");
    pm.add_extension_points(Specs).unwrap();
    wait!(pm.load_config(&toml("[plugins]\ng = ['core', 'text']"))).unwrap();
    wait!(pm.start_all()).unwrap();
    let document = "[plugins]\ng = ['text', 'core', 'cache', 'nobody']\ndisabled = ['telemetry']\n[plugin.core]\nsky = 'blue'";
    let report = wait!(pm.load_config_with(&toml(document), LoadPolicy::Skip)).unwrap();
    let mut told = to_value(&report).unwrap();
    // Where they are is tested elsewhere.
    let error = told["skipped"][0]["reason"]["error"].take();
    let [message, location] = ["message", "location"].map(|part| told["remarks"][0][part].take());
    let expected = json!({
        "added": ["cache"],
        "removed": [],
        "reconfigured": ["core"],
        "limited": [],
        "moved": ["core"],
        "regrouped": ["g"],
        "unchanged": ["text"],
        "overridden": [],
        "rebuilt": [{ "plugin": "text", "because_of": "core" }],
        "restarted": [],
        "stop_errors": [],
        "skipped": [{ "plugin": "nobody", "path": null, "reason": { "kind": "failed", "error": null } }],
        "remarks": [{
            "kind": "unbound_name",
            "message": null,
            "location": null,
            "group": null,
            "plugin": "telemetry",
            "key": null,
            "suggestion": null,
        }],
    });
    assert_eq!(told, expected, "{told:#}");
    assert_eq!((&error["code"], &error["kind"]), (&json!("config"), &json!("load")), "{error:#}");
    let is_text = |value: &Value| value.as_str().is_some_and(|text| !text.is_empty());
    assert!(
        [&message, &location, &error["message"]].into_iter().all(is_text),
        "{message} {location} {error}"
    );
}

#[test]
fn a_report_of_a_discovery_has_a_stable_shape() {
    let pm = Manager::new("discovery");
    pm.add_extension_points(Specs).unwrap();
    pm.set_blocked("c-made");
    let discovery = Discovery::new().except(["telemetry", "a-news"]);
    let told = to_value(wait!(pm.discover_with(discovery)).unwrap()).unwrap();
    assert_eq!(told["registered"], json!(["b-words", "d-weather"]), "{told:#}");
    let skipped = |id: &str| {
        let all = told["skipped"].as_array().unwrap();
        all.iter().find(|skipped| skipped["plugin"] == id).unwrap()["reason"].clone()
    };
    assert_eq!(skipped("c-made"), json!({ "kind": "blocked" }));
    assert_eq!(skipped("a-news"), json!({ "kind": "filtered" }));
    let unbound = json!([{ "name": "telemetry", "place": { "kind": "except" }, "suggestion": null }]);
    assert_eq!(told["unbound"], unbound);
}
