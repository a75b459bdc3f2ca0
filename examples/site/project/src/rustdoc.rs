//! Reads Markdown as rustdoc does: paths of items as links, and blocks of code with hidden lines.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use example_site_points::pulldown_cmark::{CodeBlockKind, CowStr, Event, Tag, TagEnd};
use example_site_points::{Page, Site, split_target};
use pluginkit::prelude::*;
use serde::Deserialize;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Settings {
    /// The name of the library at docs.rs.
    library: String,
    /// Modules whose items have pages of their own names.
    modules: Vec<String>,
    /// The pages of other items.
    pages: BTreeMap<String, String>,
    /// Pictures that the library's source puts behind a page, beside its Markdown.
    pictures: BTreeMap<String, PathBuf>,
}

#[plugin(id = "rustdoc", project = "site", description = "links items, hides lines", config = Settings)]
struct Rustdoc(Settings);

impl From<Settings> for Rustdoc {
    fn from(settings: Settings) -> Self {
        Self(settings)
    }
}

#[extension]
impl Site for Rustdoc {
    #[extension(tryfirst)]
    fn transform(&self, events: &mut Vec<Event<'_>>, page: &mut Page) -> Result<(), BoxError> {
        let mut is_rust = false;
        if let Some(picture) = self.0.pictures.get(&page.name) {
            let path = page.path.with_file_name(picture);
            let svg = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
            events.push(Event::Html(svg.into()));
        }
        for event in events {
            match event {
                Event::Start(Tag::Link { dest_url, .. }) => {
                    if let Some(target) = self.target(dest_url) {
                        *dest_url = target.into();
                    }
                }
                Event::Start(Tag::CodeBlock(kind)) => {
                    is_rust = is_rustdoc(kind);
                    if is_rust {
                        *kind = CodeBlockKind::Fenced(CowStr::Borrowed("rust"));
                    }
                }
                Event::End(TagEnd::CodeBlock) => is_rust = false,
                Event::Text(code) if is_rust => *code = shown(code).into(),
                _ => {}
            }
        }
        Ok(())
    }
}

impl Rustdoc {
    /// Returns where a path of an item leads, or a page of docs.rs that this site has, too.
    fn target(&self, link: &str) -> Option<String> {
        let (path, fragment) = split_target(link);
        let fragment = if fragment.is_empty() { String::new() } else { format!("#{fragment}") };
        let library = &self.0.library;
        let hosted = format!("https://docs.rs/{library}/latest/{library}/");
        if let Some(file) = path.strip_prefix(&hosted) {
            let file = file.strip_suffix("/index.html").or_else(|| file.strip_suffix(".html"))?;
            let item = file.trim_start_matches("attr.").replace('/', "::");
            return Some(format!("{}.html{fragment}", self.page(&item)?));
        }
        let (_, path) = path.split_once('@').unwrap_or(("", path));
        let item = if path == "crate" { path } else { path.strip_prefix("crate::")? };
        Some(match self.page(item) {
            Some(page) => format!("{page}.html{fragment}"),
            None => format!("{hosted}?search={item}"),
        })
    }

    /// Returns the page of an item, such as `loading` for `guide::loading`.
    fn page<'a>(&'a self, item: &'a str) -> Option<&'a str> {
        if let Some(page) = self.0.pages.get(item) {
            return Some(page);
        }
        let (module, name) = item.rsplit_once("::")?;
        self.0.modules.iter().any(|known| known == module).then_some(name)
    }
}

/// Returns whether rustdoc takes a block for Rust: it has no language, or only words that rustdoc knows.
fn is_rustdoc(kind: &CodeBlockKind<'_>) -> bool {
    const WORDS: [&str; 6] = ["rust", "ignore", "no_run", "should_panic", "compile_fail", "standalone_crate"];
    match kind {
        CodeBlockKind::Indented => false,
        CodeBlockKind::Fenced(words) => {
            words.split(',').all(|word| word.is_empty() || WORDS.contains(&word.trim()))
        }
    }
}

/// Returns the lines of a program that readers see.
fn shown(code: &str) -> String {
    let mut shown = String::with_capacity(code.len());
    for line in code.lines() {
        let start = line.trim_start();
        if start == "#" || start.starts_with("# ") {
            continue;
        }
        // `##` is a line that begins with `#`.
        match start.strip_prefix("##") {
            Some(rest) => shown.extend([&line[..line.len() - start.len()], "#", rest]),
            None => shown.push_str(line),
        }
        shown.push('\n');
    }
    shown
}
