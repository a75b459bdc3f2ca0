//! Plugins in the manner of those that people write for desktop programs.

use std::ops::ControlFlow::{self, Break, Continue};

use pluginkit::prelude::*;
use pluginkit_tests::Log;

use super::Plugin;
use super::types::{
    AppHandle, InitializationScript, Invoke, JsonValue, PageLoadPayload, RunEvent, Runtime, Url, Webview,
    Window, Wry,
};

/// Writes what happens, on any runtime, and keeps how often a page was loaded.
pub(crate) struct Logs {
    pub(crate) log: Log,
    pub(crate) loads: u32,
}

#[extension(local)]
impl<R: Runtime> Plugin<R> for Logs {
    fn initialize(
        &mut self,
        app: &AppHandle<R>,
        config: JsonValue,
    ) -> Result<(), Box<dyn std::error::Error>> {
        if config.0.is_empty() {
            return Err("no settings".into());
        }
        self.log.push(format!("initialize {} {}", app.label, config.0));
        Ok(())
    }

    fn initialization_script(&self) -> Option<String> {
        Some("log()".to_owned())
    }

    fn window_created(&mut self, window: Window<R>) {
        self.log.push(format!("window {}", window.label));
    }

    fn webview_created(&mut self, webview: Webview<R>) {
        self.log.push(format!("webview {}", webview.label));
    }

    fn on_page_load(&mut self, webview: &Webview<R>, payload: &PageLoadPayload<'_>) {
        self.loads += 1;
        self.log.push(format!("{} loads {}", webview.label, payload.url.0));
    }

    fn on_event(&mut self, event: &RunEvent) {
        self.log.push(format!("{event:?}"));
    }

    fn extend_api(&mut self, invoke: Invoke<R>) -> ControlFlow<bool, Invoke<R>> {
        match invoke.command.as_str() {
            "log" => *invoke.answer.lock().unwrap() = Some(format!("logged for {}", invoke.webview.label)),
            "loads" => *invoke.answer.lock().unwrap() = Some(format!("{} on {}", self.loads, R::NAME)),
            _ => return Continue(invoke),
        }
        Break(true)
    }
}

/// Keeps the program where it belongs. A plugin of one runtime.
pub(crate) struct Opener;

#[extension(local)]
impl Plugin<Wry> for Opener {
    fn on_navigation(&mut self, url: &Url) -> bool {
        url.0.starts_with("tauri://")
    }

    fn initialization_script_2(&self) -> Option<InitializationScript> {
        Some(InitializationScript { script: "open()".to_owned(), for_main_frame_only: false })
    }
}
