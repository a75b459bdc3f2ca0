//! A JSON Schema of the document, for editors.
#![forbid(unsafe_code)]

use schemars::Schema;
use serde_json::{Map, Value, json};

use super::profile::Profile;

/// Returns a JSON Schema of a document, made of the schemas of the plugins' settings. An editor completes and checks
/// the file with it.
///
/// Pass the id of each plugin with the schema of its settings. The schema requires no top-level setting of a plugin,
/// because another source may set it.
///
/// ```
/// use pluginkit::config::document_schema;
/// use schemars::schema_for;
///
/// #[derive(schemars::JsonSchema)]
/// #[expect(dead_code, reason = "only its schema is asked for")]
/// struct RateLimiter {
///     /// How many requests a client has.
///     max_requests: u32,
/// }
///
/// let schema = document_schema([("rate-limiter", schema_for!(RateLimiter))]);
/// let settings = schema.pointer("/$defs/plugin:rate-limiter/properties/max_requests").unwrap();
/// assert_eq!(settings["description"], "How many requests a client has.");
/// ```
pub fn document_schema<I: Into<String>>(sections: impl IntoIterator<Item = (I, Schema)>) -> Schema {
    document_schema_for(&[], sections)
}

/// Returns a JSON Schema as [`document_schema`] does, for a host that declares profiles of its own.
pub fn document_schema_for<I: Into<String>>(
    declared: &[Profile],
    sections: impl IntoIterator<Item = (I, Schema)>,
) -> Schema {
    let names: Vec<&str> = Profile::ALL.iter().chain(declared).map(|profile| profile.as_str()).collect();
    let mut definitions = Map::new();
    let mut settings = Map::new();
    let mut ids = Vec::new();
    let mut own_config = Vec::new();
    for (id, schema) in sections {
        let id = id.into();
        let name = format!("plugin:{id}");
        let target = format!("#/$defs/{}", pointer_escaped(&name));
        let mut schema = schema.to_value();
        rebase(&mut schema, &target);
        close(&mut schema);
        if let Value::Object(keywords) = &mut schema {
            keywords.remove("required");
        }
        definitions.insert(name, schema);
        own_config.push(json!({
            "if": { "properties": { "id": { "const": id } }, "required": ["id"] },
            "then": { "properties": { "config": { "$ref": target } } },
        }));
        settings.insert(id.clone(), json!({ "$ref": target }));
        ids.push(Value::String(id));
    }
    definitions.insert("reference".to_owned(), reference(&ids));
    definitions.insert("entry".to_owned(), entry(own_config));
    definitions.insert("plugins".to_owned(), plugins());
    definitions.insert("plugin".to_owned(), plugin(&settings));
    definitions.insert("limits".to_owned(), limits());
    definitions.insert("extension".to_owned(), extension());
    let document = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Plugins",
        "type": "object",
        "properties": {
            "plugins": { "$ref": "#/$defs/plugins" },
            "plugin": { "$ref": "#/$defs/plugin" },
            "limits": { "$ref": "#/$defs/limits" },
            "extension": { "$ref": "#/$defs/extension" },
            "profile": profiles(&names),
            "active_profile": {
                "description": "The profile, unless a later source says otherwise.",
                "enum": names,
            },
        },
        "$defs": definitions,
    });
    match document {
        Value::Object(document) => document.into(),
        _ => Schema::default(),
    }
}

/// A time, such as `250ms`.
const TIME: &str = "^[0-9]+ *(ns|us|ms|s|m|h)$";

fn limits() -> Value {
    let count = json!({ "type": "integer", "minimum": 1, "maximum": u32::MAX });
    let time = json!({ "type": "string", "pattern": TIME });
    json!({
        "description": "The limits of plugins, by id.",
        "type": "object",
        "additionalProperties": {
            "type": "object",
            "properties": {
                "timeout": time,
                "max_concurrent": count,
                "breaker": {
                    "type": "object",
                    "properties": {
                        "failures": count,
                        "rate": { "type": "number", "exclusiveMinimum": 0, "maximum": 1 },
                        "window": time,
                        "min_calls": count,
                        "retry_after": time,
                        "probes": count,
                        "wrappers": { "type": "boolean" },
                    },
                    "additionalProperties": false,
                },
            },
            "additionalProperties": false,
        },
    })
}

fn extension() -> Value {
    let references = json!({
        "anyOf": [
            { "$ref": "#/$defs/reference" },
            { "type": "array", "items": { "$ref": "#/$defs/reference" } },
        ],
    });
    json!({
        "description": "The options of the plugins' extensions, by id and by point.",
        "type": "object",
        "additionalProperties": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "properties": {
                    "bucket": { "enum": ["tryfirst", "normal", "trylast"] },
                    "priority": { "type": "integer", "minimum": i32::MIN, "maximum": i32::MAX },
                    "before": references,
                    "after": references,
                    "timeout": { "type": "string", "pattern": TIME },
                    "enabled": { "type": "boolean" },
                },
                "additionalProperties": false,
            },
        },
    })
}

fn reference(ids: &[Value]) -> Value {
    json!({
        "description": "A plugin, by its id or as `crate_name::module::Type`.",
        "type": "string",
        "anyOf": [{ "enum": ids }, { "pattern": "^.+$" }],
    })
}

fn entry(own_config: Vec<Value>) -> Value {
    let references = json!({
        "anyOf": [
            { "$ref": "#/$defs/reference" },
            { "type": "array", "items": { "$ref": "#/$defs/reference" } },
        ],
    });
    let with_description = |description: &str| {
        let mut references = references.clone();
        references["description"] = description.into();
        references
    };
    let mut detailed = json!({
        "type": "object",
        "properties": {
            "id": { "$ref": "#/$defs/reference" },
            "enabled": { "description": "Whether the plugin is to be there.", "type": "boolean" },
            "priority": {
                "description": "Higher comes first.",
                "type": "integer",
                "minimum": i32::MIN,
                "maximum": i32::MAX,
            },
            "before": with_description("Plugins of the group that come after it."),
            "after": with_description("Plugins of the group that come before it."),
            "config": { "description": "Settings of this entry only.", "type": "object" },
        },
        "required": ["id"],
        "additionalProperties": false,
    });
    if !own_config.is_empty() {
        detailed["allOf"] = own_config.into();
    }
    json!({ "anyOf": [{ "$ref": "#/$defs/reference" }, detailed] })
}

fn plugins() -> Value {
    json!({
        "description": "The groups of plugins, each in order.",
        "type": "object",
        "properties": {
            "enabled": { "description": "Whether there are to be plugins at all.", "type": "boolean" },
            "discover": { "description": "Whether there are to be all linked plugins.", "type": "boolean" },
            "disabled": {
                "description": "Plugins that are off in every group.",
                "anyOf": [
                    { "$ref": "#/$defs/reference" },
                    { "type": "array", "items": { "$ref": "#/$defs/reference" } },
                ],
            },
        },
        "additionalProperties": { "type": "array", "items": { "$ref": "#/$defs/entry" } },
    })
}

fn plugin(settings: &Map<String, Value>) -> Value {
    json!({
        "description": "The settings of the plugins.",
        "type": "object",
        "properties": settings,
        "additionalProperties": { "type": "object" },
    })
}

fn profiles(names: &[&str]) -> Value {
    let part = json!({
        "type": "object",
        "properties": {
            "plugins": { "$ref": "#/$defs/plugins" },
            "plugin": { "$ref": "#/$defs/plugin" },
            "limits": { "$ref": "#/$defs/limits" },
            "extension": { "$ref": "#/$defs/extension" },
        },
        "additionalProperties": false,
    });
    let parts: Map<String, Value> = names.iter().map(|name| ((*name).to_owned(), part.clone())).collect();
    json!({
        "description": "What holds under one profile only.",
        "type": "object",
        "properties": parts,
        "additionalProperties": false,
    })
}

/// Lets the references inside a schema, which begin at its own root, begin at `target`.
fn rebase(schema: &mut Value, target: &str) {
    match schema {
        Value::Array(schemas) => schemas.iter_mut().for_each(|schema| rebase(schema, target)),
        Value::Object(keywords) => {
            keywords.remove("$schema");
            for (keyword, value) in keywords {
                match keyword.as_str() {
                    "$ref" => {
                        if let Some(path) = value.as_str().and_then(|reference| reference.strip_prefix('#')) {
                            *value = Value::String(format!("{target}{path}"));
                        }
                    }
                    // Values, not schemas.
                    "default" | "const" | "enum" | "examples" => {}
                    // Schemas by name: the names are no keywords.
                    "properties" | "patternProperties" | "dependentSchemas" | "$defs" | "definitions" => {
                        if let Value::Object(schemas) = value {
                            schemas.values_mut().for_each(|schema| rebase(schema, target));
                        }
                    }
                    _ => rebase(value, target),
                }
            }
        }
        _ => {}
    }
}

/// Refuses what structs do not have, as reading them does, wherever they stand. What is composed of several schemas
/// decides that for itself.
fn close(schema: &mut Value) {
    let Value::Object(keywords) = schema else { return };
    for (keyword, value) in keywords.iter_mut() {
        match (keyword.as_str(), value) {
            ("properties" | "patternProperties" | "$defs" | "definitions", Value::Object(schemas)) => {
                schemas.values_mut().for_each(close);
            }
            ("prefixItems", Value::Array(schemas)) => schemas.iter_mut().for_each(close),
            ("items" | "additionalProperties", value) => close(value),
            _ => {}
        }
    }
    let decides = ["additionalProperties", "unevaluatedProperties", "patternProperties", "$ref"];
    let composed = ["allOf", "anyOf", "oneOf", "if"];
    let is_struct = keywords.contains_key("properties");
    if is_struct && !decides.iter().chain(&composed).any(|keyword| keywords.contains_key(*keyword)) {
        keywords.insert("additionalProperties".to_owned(), Value::Bool(false));
    }
}

fn pointer_escaped(name: &str) -> String {
    let mut escaped = String::new();
    for character in name.chars() {
        match character {
            '~' => escaped.push_str("~0"),
            '/' => escaped.push_str("~1"),
            // A pointer is a part of a URI.
            '%' => escaped.push_str("%25"),
            other => escaped.push(other),
        }
    }
    escaped
}
