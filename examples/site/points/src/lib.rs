//! What plugins of the site generator extend, and the values that they share.

mod book;
mod markdown;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use pluginkit::prelude::*;
pub use pulldown_cmark;
use pulldown_cmark::Event;

pub use book::{Book, Build, File, Group, Page, Problem, Progress, Section, Source, Timing};
pub use markdown::{escape, is_relative, plain_code, plain_text, split_target};

/// The steps of a build, in their order.
#[extension_point(project = "site")]
pub trait Site {
    /// Returns Markdown files. Each becomes a page. `root` is the folder of the configuration.
    fn sources(&self, root: &Path) -> Result<Vec<Source>, BoxError>;

    /// Returns files and folders that `--watch` looks at.
    fn watched(&self, root: &Path) -> Vec<PathBuf>;

    /// Edits a page before its Markdown is parsed.
    #[extension_point(pipeline)]
    fn prepare(&self, page: &mut Page) -> Result<(), BoxError>;

    /// Edits the parsed Markdown of a page, and takes from it what the page needs to know.
    #[extension_point(pipeline)]
    fn transform(&self, events: &mut Vec<Event<'_>>, page: &mut Page) -> Result<(), BoxError>;

    /// Returns a block of code as HTML, if the plugin knows the language.
    #[extension_point(firstresult)]
    fn highlight(&self, language: &str, code: &str) -> Option<String>;

    /// Arranges the pages of a book, once all of them are there.
    #[extension_point(pipeline)]
    fn arrange(&self, book: &mut Book) -> Result<(), BoxError>;

    /// Looks for mistakes. All plugins look at once.
    fn check(&self, book: &Arc<Book>) -> Vec<Problem>;

    /// Returns the HTML file of a page, if the plugin has a template for it.
    #[extension_point(firstresult)]
    fn template(&self, page: &Page, book: &Book) -> Option<String>;

    /// Returns files that belong to the book as a whole.
    fn files(&self, book: &Book) -> Result<Vec<File>, BoxError>;

    /// Shows how far the build is.
    fn progress(&self, progress: Progress);

    /// Returns a paragraph about a build that is done.
    fn report(&self, build: &Build) -> Option<String>;
}
