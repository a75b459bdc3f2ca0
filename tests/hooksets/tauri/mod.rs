//! The plugin trait of Tauri, a shell for desktop programs.
//!
//! Its plugins are generic in the runtime, and have a `&mut self`: the manager is a local one. Its method `name` is the id of
//! the plugin.

mod calls;
mod plugins;
mod types;

use std::ops::ControlFlow;

use pluginkit::prelude::*;
use pluginkit::reduce;

use types::{
    AppHandle, InitializationScript, Invoke, JsonValue, PageLoadPayload, RunEvent, Runtime, Url, Webview,
    Window,
};

#[extension_point(project = "tauri")]
pub(crate) trait Plugin<R: Runtime> {
    #[allow(unused_variables)]
    fn initialize(&self, app: &AppHandle<R>, config: JsonValue) -> Result<(), Box<dyn std::error::Error>> {
        Ok(())
    }

    fn initialization_script(&self) -> Option<String> {
        None
    }

    /// The host makes one of `initialization_script` for a plugin without one. A default body has no plugin to ask.
    fn initialization_script_2(&self) -> Option<InitializationScript>;

    #[allow(unused_variables)]
    fn window_created(&self, window: Window<R>) {}

    #[allow(unused_variables)]
    fn webview_created(&self, webview: Webview<R>) {}

    /// The host navigates if every plugin says so.
    #[allow(unused_variables)]
    #[extension_point(reduce = reduce::All)]
    fn on_navigation(&self, webview: &Webview<R>, url: &Url) -> bool {
        true
    }

    #[allow(unused_variables)]
    fn on_page_load(&self, webview: &Webview<R>, payload: &PageLoadPayload<'_>) {}

    #[allow(unused_variables)]
    fn on_event(&self, app: &AppHandle<R>, event: &RunEvent) {}

    /// The plugin that knows the command takes it. It returns a `bool` there, as its host asks one plugin.
    #[extension_point(firstresult)]
    fn extend_api(&self, invoke: Invoke<R>) -> ControlFlow<bool, Invoke<R>>;
}
