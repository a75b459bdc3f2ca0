//! The plugin trait of Tauri, a shell for desktop programs.
//!
//! Its method `name` is the id of the plugin. The others are points of one runtime, with a `&self`.

mod calls;
mod plugins;
mod types;

use pluginkit::prelude::*;

use types::{
    AppHandle, InitializationScript, Invoke, JsonValue, PageLoadPayload, RunEvent, Url, Webview, Window, Wry,
};

#[extension_point(project = "tauri")]
pub(crate) trait Plugin {
    fn initialize(&self, app: &AppHandle<Wry>, config: JsonValue) -> Result<(), BoxError>;

    fn initialization_script(&self) -> Option<String>;

    fn initialization_script_2(&self) -> Option<InitializationScript>;

    fn window_created(&self, window: Window<Wry>);

    fn webview_created(&self, webview: Webview<Wry>);

    /// The host navigates if every plugin says so.
    fn on_navigation(&self, webview: &Webview<Wry>, url: &Url) -> bool;

    fn on_page_load(&self, webview: &Webview<Wry>, payload: &PageLoadPayload<'_>);

    fn on_event(&self, app: &AppHandle<Wry>, event: &RunEvent);

    /// The plugin that knows the command takes it.
    #[extension_point(firstresult)]
    fn extend_api(&self, invoke: &mut Option<Invoke<Wry>>) -> Option<()>;
}
