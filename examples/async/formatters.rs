//! Formatters as plugins: each with an identity, a life and a service, found by priority.
//!
//! ```text
//! cargo run -p example-async --bin formatters
//! ```

use std::sync::Mutex;

use pluginkit::prelude::*;

/// What a formatter does: the host looks formatters up, and uses the one it wants.
#[extension_point(service)]
trait Formatter: Send + Sync {
    fn name(&self) -> &'static str;
    fn format(&self, key: &str, value: &str) -> String;
}

#[plugin(id = "json-formatter", version = "1.0.0", name = "JSON", requires = ["text-formatter >= 1"])]
struct JsonFormatter;

#[extension(service, priority = 10)]
impl Formatter for JsonFormatter {
    fn name(&self) -> &'static str {
        "json"
    }

    fn format(&self, key: &str, value: &str) -> String {
        format!("{{{key:?}: {value:?}}}")
    }
}

#[extension]
impl Lifecycle for JsonFormatter {
    async fn start(&self, cx: &PluginContext) -> Result<(), BoxError> {
        let others: Vec<_> = cx.services::<dyn Formatter>().iter().map(|other| other.name()).collect();
        println!("  {} starts beside {}", cx.id(), others.join(" and "));
        Ok(())
    }

    async fn stop(&self) -> Result<(), BoxError> {
        println!("  json-formatter stops");
        Ok(())
    }
}

#[plugin(id = "text-formatter", version = "1.4.0", author = "the host")]
#[derive(Default)]
struct TextFormatter {
    separator: Mutex<String>,
}

#[extension(service)]
impl Formatter for TextFormatter {
    fn name(&self) -> &'static str {
        "text"
    }

    fn format(&self, key: &str, value: &str) -> String {
        let separator = self.separator.lock().expect("nobody panics with it");
        format!("{key}{separator}{value}")
    }
}

/// What the host sets for the text formatter.
struct TextSettings {
    separator: &'static str,
}

// An `fn` beside the `async fn` above: phases are either.
#[extension]
impl Lifecycle for TextFormatter {
    fn init(&self, cx: &PluginContext) -> Result<(), BoxError> {
        let settings = cx.config::<TextSettings>().ok_or("no settings")?;
        settings.separator.clone_into(&mut self.separator.lock().expect("nobody panics with it"));
        println!("  {} is set up", cx.id());
        Ok(())
    }

    fn stop(&self) -> Result<(), BoxError> {
        println!("  text-formatter stops");
        Ok(())
    }
}

fn list(pm: &AsyncPluginManager) {
    for plugin in pm.descriptors() {
        let (id, version, state) = (&plugin.id, &plugin.metadata.version, plugin.state);
        println!(
            "  {id} {version}: {state}{}",
            plugin.failed_reason.map_or_else(String::new, |it| format!(" ({it})"))
        );
    }
}

#[tokio::main]
async fn main() -> Result<(), pluginkit::Error> {
    let pm = AsyncPluginManager::new("formatters");
    // The order they are registered in is not the one they are started in: `json-formatter` requires the other.
    pm.register(JsonFormatter)?;

    println!("== what is missing is told before anything starts");
    println!("  {}", pm.start_all().await.expect_err("nothing meets its requirement"));

    pm.register(TextFormatter::default())?;
    println!("== a start that fails takes back what it started");
    println!("  {:?}", pm.start_all().await.expect_err("the text formatter has no settings"));
    list(&pm);

    println!("== started in the order of requirements");
    pm.configure("text-formatter", TextSettings { separator: " = " })?;
    pm.start_all().await?;
    list(&pm);

    println!("== found by priority");
    for formatter in pm.services::<dyn Formatter>() {
        println!("  {}: {}", formatter.name(), formatter.format("port", "harbor"));
    }
    println!("  first: {}", pm.service::<dyn Formatter>()?.name());

    println!("== stopped in the reverse order, and gone with their services");
    pm.stop_all().await?;
    println!("  {}", pm.service::<dyn Formatter>().err().map_or_else(String::new, |error| error.to_string()));
    pm.unload_all().await?;
    println!("  left: {}", pm.plugin_names().len());
    Ok(())
}
