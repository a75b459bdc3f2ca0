//! The search index: a script, so that the search works in pages that are opened as files.

use example_site_points::{Book, File, Site};
use pluginkit::prelude::*;
use serde::Serialize;

#[plugin(id = "search", project = "site")]
#[derive(Default)]
struct Search;

/// A heading and the text below it. The names are short because every reader loads the index.
#[derive(Serialize)]
struct Entry<'a> {
    /// The title of the page.
    p: &'a str,
    /// The heading.
    h: &'a str,
    /// The target of a link to it.
    u: String,
    /// The text below the heading.
    t: &'a str,
}

#[extension]
impl Site for Search {
    fn files(&self, book: &Book) -> Result<Vec<File>, BoxError> {
        let mut entries = Vec::new();
        for page in &book.pages {
            for section in &page.sections {
                if section.title.is_empty() && section.text.is_empty() {
                    continue;
                }
                let hash = if section.id.is_empty() { "" } else { "#" };
                entries.push(Entry {
                    p: &page.title,
                    h: &section.title,
                    u: format!("{}{hash}{}", page.file(), section.id),
                    t: &section.text,
                });
            }
        }
        let entries = serde_json::to_string(&entries)?;
        Ok(vec![File::text("search-index.js", format!("window.searchIndex = {entries};\n"))])
    }
}
