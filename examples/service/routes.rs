//! The routes that come from plugins.

use std::sync::{Arc, PoisonError, RwLock};

use axum::Json;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use pluginkit::prelude::*;
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
#[plugin(id = "notes", project = "service", requires = ["store >= 1"], config = NotesSettings)]
pub(crate) struct Notes {
    settings: NotesSettings,
    /// Set while the plugin is started. A reload that changes the store also builds this plugin anew.
    store: RwLock<Option<Arc<dyn Store>>>,
}

impl From<NotesSettings> for Notes {
    fn from(settings: NotesSettings) -> Self {
        Self { settings, store: RwLock::default() }
    }
}

impl Notes {
    fn set_store(&self, store: Option<Arc<dyn Store>>) {
        *self.store.write().unwrap_or_else(PoisonError::into_inner) = store;
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
        let store = self.store.read().unwrap_or_else(PoisonError::into_inner).clone();
        let store = store.ok_or_else(|| Failure::Store("it is not there".into()))?;
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
        self.set_store(Some(cx.service::<dyn Store>()?));
        Ok(())
    }

    fn stop(&self) -> Result<(), BoxError> {
        self.set_store(None);
        Ok(())
    }
}
