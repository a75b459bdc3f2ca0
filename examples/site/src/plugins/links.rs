//! Links: those between Markdown files lead to pages, and all of them are checked.

use std::sync::Arc;

use example_site_points::{Book, Page, Problem, Site, is_relative, split_target};
use pluginkit::prelude::*;
use pulldown_cmark::{Event, Tag};
use serde::Deserialize;

/// Collects the links of a page, once other plugins have changed them.
#[plugin(id = "links", project = "site")]
#[derive(Default)]
struct Links;

#[extension]
impl Site for Links {
    #[extension(trylast)]
    fn transform(&self, events: &mut Vec<Event<'_>>, page: &mut Page) -> Result<(), BoxError> {
        for event in events {
            if let Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) = event {
                let (path, fragment) = split_target(dest_url);
                if let (true, Some(name)) = (is_relative(path), path.strip_suffix(".md")) {
                    let fragment = if fragment.is_empty() { String::new() } else { format!("#{fragment}") };
                    *dest_url = format!("{name}.html{fragment}").into();
                }
                page.links.push(dest_url.to_string());
            }
        }
        Ok(())
    }

    /// Finds links to pages, headings and files that do not exist.
    #[extension(blocking)]
    fn check(&self, book: &Arc<Book>) -> Vec<Problem> {
        let links = book.pages.iter().flat_map(|page| page.links.iter().map(move |link| (page, link)));
        let relative = links.filter(|(_, link)| is_relative(link));
        relative.filter_map(|(page, link)| Some(problem(page, broken(book, page, link)?))).collect()
    }
}

/// Returns what is wrong with a link within the site.
fn broken(book: &Book, page: &Page, link: &str) -> Option<String> {
    let (path, fragment) = split_target(link);
    let target = match path.strip_suffix(".html") {
        None if path.is_empty() => page,
        None if page.path.parent().is_some_and(|folder| folder.join(path).exists()) => return None,
        None => return Some(format!("`{link}` leads to no file")),
        Some(name) => match book.page(name) {
            Some(target) => target,
            None => return Some(format!("`{link}` leads to no page")),
        },
    };
    let is_there = fragment.is_empty() || target.sections.iter().any(|section| section.id == fragment);
    (!is_there).then(|| format!("`{link}` leads to no heading of `{}`", target.name))
}

fn problem(page: &Page, message: String) -> Problem {
    Problem { page: page.name.clone(), message }
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Settings {
    /// The hosts that pages may link to. If there are none, any host may be linked.
    hosts: Vec<String>,
}

/// Checks links to other sites, without asking them: they are `https`, and to known hosts.
#[plugin(id = "other-sites", project = "site", config = Settings)]
struct OtherSites(Settings);

impl From<Settings> for OtherSites {
    fn from(settings: Settings) -> Self {
        Self(settings)
    }
}

#[extension]
impl Site for OtherSites {
    #[extension(blocking)]
    fn check(&self, book: &Arc<Book>) -> Vec<Problem> {
        let links = book.pages.iter().flat_map(|page| page.links.iter().map(move |link| (page, link)));
        links.filter_map(|(page, link)| Some(problem(page, self.refused(link)?))).collect()
    }
}

impl OtherSites {
    fn refused(&self, link: &str) -> Option<String> {
        if is_relative(link) || link.starts_with("mailto:") {
            return None;
        }
        let Some(rest) = link.strip_prefix("https://") else {
            return Some(format!("`{link}` is not `https`"));
        };
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let is_known = self.0.hosts.is_empty() || self.0.hosts.iter().any(|known| known == host);
        (!is_known).then(|| format!("`{link}`: `{host}` is not in `hosts`"))
    }
}
