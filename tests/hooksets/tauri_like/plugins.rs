//! Plugins for one runtime, for every runtime, and generic ones.

use std::marker::PhantomData;

use pluginkit::BoxError;
use pluginkit::prelude::*;
use pluginkit_tests::Log;

use super::Plugin;
use super::types::{App, Event, Invoke, PageLoad, Runtime, Window, Wry};

/// Writes down what happens, whatever the runtime is.
pub(crate) struct Journal<R> {
    pub(crate) log: Log,
    pub(crate) runtime: PhantomData<fn() -> R>,
}

#[extension]
impl<R: Runtime> Plugin<R> for Journal<R> {
    fn initialize(&self, app: &App<R>, config: &str) -> Result<(), BoxError> {
        self.log.push(format!("{} on {}: {config}", app.title, R::NAME));
        Ok(())
    }

    fn window_created(&self, window: Window<R>) {
        self.log.push(format!("window {}", window.label));
    }

    fn on_page_load(&self, window: &Window<R>, payload: &PageLoad<'_>) {
        self.log.push(format!("{} loads {} {}", window.label, payload.url, payload.finished));
    }

    fn on_event(&self, _: &App<R>, event: &mut Event) {
        self.log.push(format!("{event:?}"));
        if let Event::Exit { code } = event {
            *code += 1;
        }
    }

    fn configure(&self, theme: &str, window: Window<R>) {
        self.log.push(format!("{} is {theme}", window.label));
    }
}

/// Not generic itself, and a plugin of every runtime.
pub(crate) struct Local;

#[extension]
impl<R: Runtime> Plugin<R> for Local {
    fn on_navigation(&self, _: &Window<R>, url: &str) -> bool {
        url.starts_with("app:")
    }

    fn extend_api(&self, invoke: &mut Invoke<'_, R>) -> Option<()> {
        if invoke.command != "where" {
            return None;
        }
        invoke.replies.push(format!("{} of {}", invoke.window.label, R::NAME));
        Some(())
    }

    fn title(&self, title: &str) -> &str {
        title.trim()
    }
}

/// A plugin of one runtime.
pub(crate) struct Scripts;

#[extension]
impl Plugin<Wry> for Scripts {
    fn initialization_script(&self) -> Option<String> {
        Some("window.shell = {}".to_owned())
    }

    #[extension(wrapper)]
    fn extend_api(&self, invoke: &mut Invoke<'_, Wry>, next: Next<'_>) -> Option<()> {
        if invoke.command.is_empty() {
            return Some(());
        }
        next.run(invoke)
    }
}
