//! The store: a service, and the plugin that provides it with a database.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use pluginkit::prelude::*;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize)]
pub(crate) struct Note {
    pub(crate) id: i64,
    pub(crate) author: String,
    pub(crate) text: String,
}

/// Keeps notes.
#[extension_point(service)]
pub(crate) trait Store: Send + Sync {
    fn add(&self, author: &str, text: &str) -> Result<Note, BoxError>;

    /// Returns the last notes, newest first.
    fn latest(&self, count: u32) -> Result<Vec<Note>, BoxError>;
}

#[derive(Deserialize)]
pub(crate) struct StoreSettings {
    file: PathBuf,
    /// The time that a writer waits for another writer.
    #[serde(default = "StoreSettings::busy_timeout_ms")]
    busy_timeout_ms: u64,
}

impl StoreSettings {
    fn busy_timeout_ms() -> u64 {
        5000
    }
}

/// Notes in a file of `SQLite`.
///
/// The plugin is not `exclusive`: in a reload, a second connection opens before the first one closes.
#[plugin(id = "store", version = "1.0.0", project = "service", config = StoreSettings)]
pub(crate) struct Sqlite {
    settings: StoreSettings,
    /// Open while the plugin is started.
    connection: Mutex<Option<Connection>>,
}

impl From<StoreSettings> for Sqlite {
    fn from(settings: StoreSettings) -> Self {
        Self { settings, connection: Mutex::default() }
    }
}

impl Sqlite {
    fn with<T>(&self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, BoxError> {
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(work(connection.as_ref().ok_or("it is closed")?)?)
    }
}

#[extension(service)]
impl Store for Sqlite {
    fn add(&self, author: &str, text: &str) -> Result<Note, BoxError> {
        self.with(|connection| {
            connection.execute("INSERT INTO notes (author, text) VALUES (?1, ?2)", (author, text))?;
            let id = connection.last_insert_rowid();
            Ok(Note { id, author: author.to_owned(), text: text.to_owned() })
        })
    }

    fn latest(&self, count: u32) -> Result<Vec<Note>, BoxError> {
        self.with(|connection| {
            let mut notes =
                connection.prepare_cached("SELECT id, author, text FROM notes ORDER BY id DESC LIMIT ?1")?;
            let notes = notes.query_map([count], |row| {
                Ok(Note { id: row.get(0)?, author: row.get(1)?, text: row.get(2)? })
            })?;
            notes.collect()
        })
    }
}

#[extension]
impl Lifecycle for Sqlite {
    #[extension(blocking)]
    fn start(&self) -> Result<(), BoxError> {
        let connection = Connection::open(&self.settings.file)
            .map_err(|error| format!("cannot open {}: {error}", self.settings.file.display()))?;
        connection.busy_timeout(Duration::from_millis(self.settings.busy_timeout_ms))?;
        connection.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
             CREATE TABLE IF NOT EXISTS notes (id INTEGER PRIMARY KEY, author TEXT NOT NULL, text TEXT NOT NULL)",
        )?;
        *self.connection.lock().unwrap_or_else(PoisonError::into_inner) = Some(connection);
        Ok(())
    }

    #[extension(blocking)]
    fn stop(&self) -> Result<(), BoxError> {
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner).take();
        connection.map_or(Ok(()), |connection| Ok(connection.close().map_err(|(_, error)| error)?))
    }
}
