//! The routes that come from plugins.

use std::sync::{Arc, OnceLock};

use axum::Json;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use pluginkit::prelude::*;
use pluginkit::services::ServiceHandle;
use serde::Deserialize;

use crate::points::{Failure, Http, Request, user};
use crate::store::Store;

/// A route without settings and state is a function.
#[plugin(id = "hello", project = "service", extends = Http::handle)]
pub(crate) fn hello(request: &Request) -> Result<Option<Response>, Failure> {
    if request.uri().path() != "/hello" {
        return Ok(None);
    }
    let name = user(request).map_or("stranger", |user| &user.name);
    Ok(Some(format!("hello {name}\n").into_response()))
}

#[derive(Deserialize)]
pub(crate) struct NotesSettings {
    page: u32,
}

/// `GET /notes` lists the last notes, `POST /notes` adds one.
#[plugin(id = "notes", project = "service", requires = [service(dyn Store)], config = NotesSettings)]
pub(crate) struct Notes {
    settings: NotesSettings,
    /// Set by the first start.
    store: OnceLock<ServiceHandle<dyn Store>>,
}

impl From<NotesSettings> for Notes {
    fn from(settings: NotesSettings) -> Self {
        Self { settings, store: OnceLock::new() }
    }
}

impl Notes {
    fn store(&self) -> Result<Arc<dyn Store>, Failure> {
        let handle = self.store.get().ok_or_else(|| Failure::Store("it is not there".into()))?;
        handle.get().map_err(|error| Failure::Store(error.into()))
    }
}

fn asks_for_notes(_: &Notes, request: &Request) -> bool {
    request.uri().path() == "/notes"
}

#[extension]
impl Http for Notes {
    // The database blocks. The predicate keeps other requests off the blocking pool.
    #[extension(blocking, when = asks_for_notes)]
    fn handle(&self, request: &Request) -> Result<Option<Response>, Failure> {
        let store = self.store()?;
        let answer = match *request.method() {
            Method::GET => Json(store.latest(self.settings.page).map_err(Failure::Store)?).into_response(),
            Method::POST => {
                let text = str::from_utf8(request.body())
                    .map_err(|_| Failure::Invalid("a note is text in UTF-8"))?;
                let author = user(request).map_or("", |user| &user.name);
                let note = store.add(author, text).map_err(Failure::Store)?;
                (StatusCode::CREATED, Json(note)).into_response()
            }
            _ => StatusCode::METHOD_NOT_ALLOWED.into_response(),
        };
        Ok(Some(answer))
    }
}

#[extension]
impl Lifecycle for Notes {
    fn start(&self, cx: &PluginContext) -> Result<(), BoxError> {
        // A handle, and no `Arc`, so that it finds the store of the moment.
        self.store.get_or_init(|| cx.service_handle());
        Ok(())
    }
}
