//! Plugins in the manner of those that people write for desktop programs.

use pluginkit::prelude::*;
use pluginkit_tests::Log;

use super::types::{
    AppHandle, InitializationScript, Invoke, JsonValue, PageLoadPayload, RunEvent, Url, Webview, Window, Wry,
};

/// Writes what happens.
#[pluginkit::plugin(id = "log")]
pub(crate) struct Logs(pub(crate) Log);

#[extension]
impl super::Plugin for Logs {
    fn initialize(&self, app: &AppHandle<Wry>, config: JsonValue) -> Result<(), BoxError> {
        if config.0.is_empty() {
            return Err("no settings".into());
        }
        self.0.push(format!("initialize {} {}", app.label, config.0));
        Ok(())
    }

    fn initialization_script(&self) -> Option<String> {
        Some("log()".to_owned())
    }

    fn window_created(&self, window: Window<Wry>) {
        self.0.push(format!("window {}", window.label));
    }

    fn webview_created(&self, webview: Webview<Wry>) {
        self.0.push(format!("webview {}", webview.label));
    }

    fn on_page_load(&self, webview: &Webview<Wry>, payload: &PageLoadPayload<'_>) {
        self.0.push(format!("{} loads {}", webview.label, payload.url.0));
    }

    fn on_event(&self, event: &RunEvent) {
        self.0.push(format!("{event:?}"));
    }

    fn extend_api(&self, invoke: &mut Option<Invoke<Wry>>) -> Option<()> {
        let invoke = invoke.take_if(|invoke| invoke.command == "log")?;
        *invoke.answer.lock().unwrap() = Some(format!("logged for {}", invoke.webview.label));
        Some(())
    }
}

/// Keeps the program where it belongs.
#[pluginkit::plugin(id = "opener")]
pub(crate) struct Opener;

#[extension]
impl super::Plugin for Opener {
    fn on_navigation(&self, url: &Url) -> bool {
        url.0.starts_with("tauri://")
    }

    fn initialization_script_2(&self) -> Option<InitializationScript> {
        Some(InitializationScript { script: "open()".to_owned(), for_main_frame_only: false })
    }
}
