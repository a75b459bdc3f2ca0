//! The plugin trait of a desktop shell in the manner of Tauri: nine hooks over any runtime.

mod plugins;
mod runs;
mod types;

use pluginkit::BoxError;
use pluginkit::prelude::*;

use types::{App, Event, Invoke, PageLoad, Runtime, Window};

#[extension_point(project = "shell")]
pub(crate) trait Plugin<R: Runtime> {
    fn initialize(&self, app: &App<R>, config: &str) -> Result<(), BoxError>;

    fn initialization_script(&self) -> Option<String>;

    fn window_created(&self, window: Window<R>);

    /// The host goes to the page if every plugin agrees.
    fn on_navigation(&self, window: &Window<R>, url: &str) -> bool;

    fn on_page_load(&self, window: &Window<R>, payload: &PageLoad<'_>);

    fn on_event(&self, app: &App<R>, event: &mut Event);

    /// Answers with `Some` if the command is one of the plugin.
    #[extension_point(firstresult)]
    fn extend_api(&self, invoke: &mut Invoke<'_, R>) -> Option<()>;

    /// The last plugin to draw the title wins.
    #[extension_point(pipeline)]
    fn title(&self, title: &str) -> &str;

    #[extension_point(historic)]
    fn configure(&self, theme: &str, window: Window<R>);
}
