//! Removes badges: paragraphs of nothing but linked images of other sites.

use example_site_points::pulldown_cmark::{Event, Tag, TagEnd};
use example_site_points::{Page, Site, is_relative};
use pluginkit::prelude::*;

#[plugin(id = "badges", project = "site", description = "removes badges")]
#[derive(Default)]
struct Badges;

#[extension]
impl Site for Badges {
    #[extension(tryfirst)]
    fn transform(&self, events: &mut Vec<Event<'_>>, _page: &mut Page) -> Result<(), BoxError> {
        let mut at = 0;
        while let Some(start) = events[at..].iter().position(|event| *event == Event::Start(Tag::Paragraph)) {
            let start = at + start;
            let length = events[start..].iter().position(|event| *event == Event::End(TagEnd::Paragraph));
            let end = start + length.ok_or("a paragraph has no end")?;
            if is_badges(&events[start + 1..end]) {
                events.drain(start..=end);
                at = start;
            } else {
                at = end;
            }
        }
        Ok(())
    }
}

/// Returns whether there are images of other sites, and outside of images no text.
fn is_badges(events: &[Event<'_>]) -> bool {
    let (mut images, mut within) = (0, false);
    for event in events {
        match event {
            Event::Start(Tag::Image { dest_url, .. }) if !is_relative(dest_url) => {
                images += 1;
                within = true;
            }
            Event::End(TagEnd::Image) => within = false,
            Event::Start(Tag::Link { .. }) | Event::End(TagEnd::Link) | Event::SoftBreak => {}
            Event::Text(_) | Event::Code(_) if within => {}
            _ => return false,
        }
    }
    images > 0
}
