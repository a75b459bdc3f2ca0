//! Front matter: a table of TOML between lines of `+++` at the start of a page.

use example_site_points::{Page, Site};
use pluginkit::prelude::*;
use serde::Deserialize;

#[plugin(id = "front-matter", project = "site")]
#[derive(Default)]
struct FrontMatter;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Matter {
    title: Option<String>,
    description: Option<String>,
    #[serde(default)]
    draft: bool,
}

#[extension]
impl Site for FrontMatter {
    fn prepare(&self, page: &mut Page) -> Result<(), BoxError> {
        let Some(rest) = page.markdown.strip_prefix("+++\n") else { return Ok(()) };
        let (matter, markdown) = rest.split_once("\n+++\n").ok_or("the front matter has no end: `+++`")?;
        let matter: Matter = toml::from_str(matter)?;
        page.title = matter.title.unwrap_or_default();
        page.description = matter.description.unwrap_or_default();
        page.is_draft = matter.draft;
        page.markdown = markdown.to_owned();
        Ok(())
    }
}
