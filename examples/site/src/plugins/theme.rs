//! The look of the site: two templates, a style sheet and a script.

use std::fmt::Write;

use example_site_points::{Book, File, Page, Section, Site, escape};
use pluginkit::prelude::*;
use serde::Deserialize;

const FRAME: &str = include_str!("../../theme/frame.html");

/// The first page, which introduces the others.
#[plugin(id = "home-template", project = "site", extends = Site::template)]
fn home_template(page: &Page, book: &Book) -> Option<String> {
    (page.name == "index").then(|| {
        let intro = format!(
            "<header class=\"hero\"><h1>{}</h1><p>{}</p>{}</header>",
            escape(&page.title),
            escape(&book.description),
            buttons(book)
        );
        frame(page, book, &format!("{intro}{}{}", page.html, cards(book)))
    })
}

/// All pages for which no other plugin has a template.
#[plugin(id = "page-template", project = "site")]
#[derive(Default)]
struct PageTemplate;

#[extension]
impl Site for PageTemplate {
    #[extension(trylast)]
    fn template(&self, page: &Page, book: &Book) -> Option<String> {
        Some(frame(
            page,
            book,
            &format!("<h1>{}</h1>{}{}", escape(&page.title), page.html, neighbours(page, book)),
        ))
    }
}

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Settings {
    /// The hue of links and marks, in degrees.
    hue: u16,
    /// A line below each page.
    footer: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self { hue: 258, footer: String::new() }
    }
}

/// The style sheet and the script. The settings are a part of the style sheet, so no page depends on them.
#[plugin(id = "theme", project = "site", config = Settings)]
struct Theme(Settings);

impl From<Settings> for Theme {
    fn from(settings: Settings) -> Self {
        Self(settings)
    }
}

#[extension]
impl Site for Theme {
    fn files(&self) -> Result<Vec<File>, BoxError> {
        let footer = self.0.footer.replace('\\', "\\\\").replace('"', "\\\"");
        let settings = format!(":root {{ --hue: {}; --footer: \"{footer}\"; }}\n", self.0.hue);
        Ok(vec![
            File::text("style.css", settings + include_str!("../../theme/style.css")),
            File::text("site.js", include_str!("../../theme/site.js")),
        ])
    }
}

/// Puts the content of a page into the frame that all pages share.
fn frame(page: &Page, book: &Book, content: &str) -> String {
    let title = if page.name == "index" {
        escape(&book.title)
    } else {
        format!("{} – {}", escape(&page.title), escape(&book.title))
    };
    let home = book.page("index").or_else(|| book.in_order().next()).map(Page::file);
    // The content comes last: nothing in it is taken for a place of the frame.
    FRAME
        .replace("{{title}}", &title)
        .replace("{{site}}", &escape(&book.title))
        .replace("{{home}}", &home.unwrap_or_default())
        .replace("{{description}}", &escape(&page.description))
        .replace("{{navigation}}", &navigation(page, book))
        .replace("{{contents}}", &contents(&page.sections))
        .replace("{{content}}", content)
}

fn navigation(current: &Page, book: &Book) -> String {
    let mut html = String::new();
    for group in &book.navigation {
        let _ = write!(html, "<h2>{}</h2><ul>", escape(&group.title));
        for page in group.pages.iter().filter_map(|name| book.page(name)) {
            let mark = if page.name == current.name { " aria-current=\"page\"" } else { "" };
            let title = if page.name == "index" { "Overview" } else { &page.title };
            let _ = write!(html, "<li><a href=\"{}\"{mark}>{}</a></li>", page.file(), escape(title));
        }
        html.push_str("</ul>");
    }
    html
}

/// Returns the headings of the two upper levels, or nothing for a page with fewer than two headings.
fn contents(sections: &[Section]) -> String {
    let shown: Vec<_> = sections.iter().filter(|section| matches!(section.level, 2 | 3)).collect();
    if shown.len() < 2 {
        return String::new();
    }
    let items = shown.iter().map(|section| {
        let Section { level, id, title, .. } = section;
        format!("<li class=\"level-{level}\"><a href=\"#{id}\">{}</a></li>", escape(title))
    });
    format!("<h2>On this page</h2><ul>{}</ul>", items.collect::<String>())
}

/// Returns links to the page before and the page after.
fn neighbours(page: &Page, book: &Book) -> String {
    let order: Vec<_> = book.in_order().collect();
    let Some(at) = order.iter().position(|other| other.name == page.name) else { return String::new() };
    let link = |class: &str, other: &Page| {
        let title = if other.name == "index" { "Overview" } else { &other.title };
        format!("<a class=\"{class}\" href=\"{}\">{}</a>", other.file(), escape(title))
    };
    let before = at.checked_sub(1).map(|at| link("before", order[at])).unwrap_or_default();
    let after = order.get(at + 1).map(|other| link("after", other)).unwrap_or_default();
    format!("<nav class=\"neighbours\" aria-label=\"Next pages\">{before}{after}</nav>")
}

/// Returns a link to the second page of the navigation.
fn buttons(book: &Book) -> String {
    let Some(next) = book.in_order().find(|page| page.name != "index") else { return String::new() };
    format!("<a class=\"button\" href=\"{}\">{}</a>", next.file(), escape(&next.title))
}

fn cards(book: &Book) -> String {
    let pages = book.in_order().filter(|page| page.name != "index");
    let cards = pages.map(|page| {
        let Page { title, description, .. } = page;
        format!(
            "<a class=\"card\" href=\"{}\"><strong>{}</strong><span>{}</span></a>",
            page.file(),
            escape(title),
            escape(description)
        )
    });
    format!("<h2>All pages</h2><div class=\"cards\">{}</div>", cards.collect::<String>())
}
