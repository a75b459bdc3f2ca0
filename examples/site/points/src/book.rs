//! Sources, pages and books.

use std::path::PathBuf;
use std::time::Duration;

/// A Markdown file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The name of the page: `loading` for `loading.html`.
    pub name: String,
    /// The path of the file.
    pub path: PathBuf,
    /// The text of the file.
    pub text: String,
}

/// A page of the book.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// The name of the page: `loading` for `loading.html`.
    pub name: String,
    /// The path of its source.
    pub path: PathBuf,
    /// The Markdown, until it is parsed.
    pub markdown: String,
    /// The title. It is empty until a plugin sets it.
    pub title: String,
    /// One sentence about the page.
    pub description: String,
    /// A draft is left out of the book.
    pub is_draft: bool,
    /// The headings of the page, each with the text below it. The first section is without a heading.
    pub sections: Vec<Section>,
    /// The targets of links and images.
    pub links: Vec<String>,
    /// The content as HTML.
    pub html: String,
}

impl Page {
    /// Returns the name of the file of the page.
    pub fn file(&self) -> String {
        format!("{}.html", self.name)
    }
}

/// A heading, and the text below it.
#[derive(Clone, Debug, Default)]
pub struct Section {
    /// The level of the heading, or 0 before the first one.
    pub level: u8,
    /// The fragment that links to the heading.
    pub id: String,
    /// The heading as plain text.
    pub title: String,
    /// The text below the heading, up to the next one.
    pub text: String,
}

/// All pages.
#[derive(Clone, Debug, Default)]
pub struct Book {
    /// The title of the site.
    pub title: String,
    /// One sentence about the site.
    pub description: String,
    /// The pages, by their names.
    pub pages: Vec<Page>,
    /// The pages of the navigation, in order.
    pub navigation: Vec<Group>,
}

impl Book {
    /// Returns the page with this name.
    pub fn page(&self, name: &str) -> Option<&Page> {
        self.pages.iter().find(|page| page.name == name)
    }

    /// Returns the pages of the navigation, one after the other.
    pub fn in_order(&self) -> impl Iterator<Item = &Page> {
        self.navigation.iter().flat_map(|group| &group.pages).filter_map(|name| self.page(name))
    }
}

/// A part of the navigation.
#[derive(Clone, Debug)]
pub struct Group {
    /// The title of the part.
    pub title: String,
    /// The names of its pages.
    pub pages: Vec<String>,
}

/// A mistake in a page.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The name of the page.
    pub page: String,
    /// What is wrong.
    pub message: String,
}

/// A file of the site.
#[derive(Clone, Debug)]
pub struct File {
    /// The path within the site.
    pub path: PathBuf,
    /// What is in the file.
    pub bytes: Vec<u8>,
}

impl File {
    /// Returns a file of text.
    pub fn text(path: impl Into<PathBuf>, text: impl Into<String>) -> Self {
        Self { path: path.into(), bytes: text.into().into_bytes() }
    }
}

/// A point in a build.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// The step that is under way: `pages`, `links`, `files` or `done`.
    pub step: &'static str,
    /// What the step has done.
    pub done: usize,
    /// What the step has to do.
    pub total: usize,
}

/// What came of a build.
#[derive(Debug)]
pub struct Build {
    /// The pages that were made anew, of those there are.
    pub rendered: usize,
    /// The pages there are.
    pub pages: usize,
    /// The files that were written, of those there are.
    pub written: usize,
    /// The files there are.
    pub files: usize,
    /// The words of all pages.
    pub words: usize,
    /// The mistakes in pages.
    pub problems: Vec<Problem>,
    /// How long the build took.
    pub elapsed: Duration,
    /// How long each plugin took at each point, slowest first.
    pub timings: Vec<Timing>,
}

/// How long a plugin took at a point.
#[derive(Clone, Debug)]
pub struct Timing {
    /// The name of the plugin.
    pub plugin: String,
    /// The name of the point.
    pub point: &'static str,
    /// How often the plugin ran.
    pub calls: u64,
    /// How long it ran in all.
    pub total: Duration,
}
