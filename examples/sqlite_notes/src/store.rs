//! The plugin that owns the database.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use pluginkit::prelude::*;
use rusqlite::Connection;

/// Notes, wherever they are kept.
#[extension_point(service)]
pub(crate) trait Notes: Send + Sync {
    fn add(&self, text: &str) -> Result<(), BoxError>;
    fn all(&self) -> Result<Vec<String>, BoxError>;
}

/// What the host sets for the store.
pub(crate) struct StoreSettings {
    pub(crate) file: PathBuf,
}

/// Keeps notes in a database of `SQLite`, which is open while the plugin is started.
#[plugin(id = "store", version = "1.2.0", description = "Keeps notes in SQLite")]
#[derive(Default)]
pub(crate) struct Store {
    open: Mutex<Option<Connection>>,
}

impl Store {
    fn with<T>(&self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, BoxError> {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let connection = open.as_ref().ok_or("the database is closed")?;
        Ok(work(connection)?)
    }
}

#[extension]
impl Lifecycle for Store {
    fn start(&self, cx: &PluginContext) -> Result<(), BoxError> {
        let settings = cx.config::<StoreSettings>().ok_or("no file to keep notes in")?;
        let connection = Connection::open(&settings.file)?;
        connection
            .execute_batch("CREATE TABLE IF NOT EXISTS notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL)")?;
        *self.open.lock().unwrap_or_else(PoisonError::into_inner) = Some(connection);
        println!("store: opened");
        Ok(())
    }

    fn stop(&self) -> Result<(), BoxError> {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(connection) = open {
            connection.close().map_err(|(_, error)| error)?;
            println!("store: closed");
        }
        Ok(())
    }
}

#[extension(service)]
impl Notes for Store {
    fn add(&self, text: &str) -> Result<(), BoxError> {
        self.with(|connection| connection.execute("INSERT INTO notes (text) VALUES (?1)", [text]))?;
        Ok(())
    }

    fn all(&self) -> Result<Vec<String>, BoxError> {
        self.with(|connection| {
            let mut select = connection.prepare("SELECT text FROM notes ORDER BY id")?;
            select.query_map([], |row| row.get(0))?.collect()
        })
    }
}
