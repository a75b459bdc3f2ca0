//! The navigation: the groups of pages, and titles of pages that have none.

use std::collections::BTreeMap;

use example_site_points::{Book, Group, Site};
use pluginkit::prelude::*;
use serde::Deserialize;

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Settings {
    /// The groups, in order.
    groups: Vec<GroupSettings>,
    /// The title of the group of all other pages.
    others: Option<String>,
    /// Titles by the names of pages.
    titles: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GroupSettings {
    title: String,
    pages: Vec<String>,
}

#[plugin(id = "navigation", project = "site", config = Settings)]
struct Navigation(Settings);

impl From<Settings> for Navigation {
    fn from(settings: Settings) -> Self {
        Self(settings)
    }
}

#[extension]
impl Site for Navigation {
    fn arrange(&self, book: &mut Book) -> Result<(), BoxError> {
        for page in &mut book.pages {
            if page.title.is_empty() {
                let title = self.0.titles.get(&page.name).cloned();
                page.title = title.unwrap_or_else(|| title_of(&page.name));
            }
        }
        for GroupSettings { title, pages } in &self.0.groups {
            if let Some(missing) = pages.iter().find(|name| book.page(name).is_none()) {
                return Err(
                    format!("the group `{title}` has the page `{missing}`, which does not exist").into()
                );
            }
            book.navigation.push(Group { title: title.clone(), pages: pages.clone() });
        }
        let is_listed = |name: &String| self.0.groups.iter().any(|group| group.pages.contains(name));
        let others: Vec<_> =
            book.pages.iter().map(|page| &page.name).filter(|name| !is_listed(name)).cloned().collect();
        if !others.is_empty() {
            let title = self.0.others.clone().unwrap_or_else(|| "Pages".to_owned());
            book.navigation.push(Group { title, pages: others });
        }
        Ok(())
    }
}

/// Returns `From pluggy` for `from_pluggy`.
fn title_of(name: &str) -> String {
    let mut title = name.replace(['_', '-'], " ");
    if let Some(first) = title.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    title
}
