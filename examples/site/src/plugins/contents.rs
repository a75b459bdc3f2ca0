//! The table of contents: titles, levels and ids of headings, and the text below each.

use example_site_points::{Page, Section, Site, escape, plain_text};
use pluginkit::prelude::*;
use pulldown_cmark::{Event, HeadingLevel, Tag, TagEnd};

#[plugin(id = "contents", project = "site")]
#[derive(Default)]
struct Contents;

#[extension]
impl Site for Contents {
    fn transform(&self, events: &mut Vec<Event<'_>>, page: &mut Page) -> Result<(), BoxError> {
        take_title(events, page);
        if page.description.is_empty() {
            page.description = first_paragraph(events);
        }
        deepen(events);
        page.sections = sections(events);
        Ok(())
    }
}

fn is_first_level(event: &Event<'_>) -> bool {
    matches!(event, Event::Start(Tag::Heading { level: HeadingLevel::H1, .. }))
}

/// A page whose only heading of the first level is at its start has that title.
fn take_title(events: &mut Vec<Event<'_>>, page: &mut Page) {
    let is_titled = events.first().is_some_and(is_first_level);
    if !is_titled || events.iter().filter(|event| is_first_level(event)).count() > 1 {
        return;
    }
    let end = events.iter().position(|event| matches!(event, Event::End(TagEnd::Heading(_))));
    let heading: Vec<_> = events.drain(..=end.unwrap_or(0)).collect();
    if page.title.is_empty() {
        page.title = plain_text(&heading);
    }
}

/// Returns the text of the paragraph before the first heading, or nothing.
fn first_paragraph(events: &[Event<'_>]) -> String {
    let before = events.iter().take_while(|event| !matches!(event, Event::Start(Tag::Heading { .. })));
    let paragraph = before.skip_while(|event| **event != Event::Start(Tag::Paragraph));
    plain_text(paragraph.take_while(|event| **event != Event::End(TagEnd::Paragraph)))
}

/// The template has the heading of the first level, so the others begin at the second.
fn deepen(events: &mut [Event<'_>]) {
    if !events.iter().any(is_first_level) {
        return;
    }
    let deeper = |level: HeadingLevel| HeadingLevel::try_from(level as usize + 1).unwrap_or(HeadingLevel::H6);
    for event in events {
        match event {
            Event::Start(Tag::Heading { level, .. }) | Event::End(TagEnd::Heading(level)) => {
                *level = deeper(*level);
            }
            _ => {}
        }
    }
}

/// Gives each heading an id and a link to itself, and returns the parts of the page.
fn sections(events: &mut Vec<Event<'_>>) -> Vec<Section> {
    let mut sections = vec![Section::default()];
    let (mut at, mut text_from) = (0, 0);
    while at < events.len() {
        let Event::Start(Tag::Heading { level, .. }) = &events[at] else {
            at += 1;
            continue;
        };
        let level = *level as u8;
        if let Some(last) = sections.last_mut() {
            last.text = plain_text(&events[text_from..at]);
        }
        let length = events[at..].iter().position(|event| matches!(event, Event::End(TagEnd::Heading(_))));
        let end = at + length.unwrap_or(0);
        let title = plain_text(&events[at + 1..end]);
        let id = unique(&slug(&title), &sections);
        if let Event::Start(Tag::Heading { id: place, .. }) = &mut events[at] {
            *place = Some(id.clone().into());
        }
        let link = format!(r##"<a class="anchor" href="#{id}" aria-label="{}">#</a>"##, escape(&title));
        events.insert(end, Event::InlineHtml(link.into()));
        sections.push(Section { level, id, title, text: String::new() });
        (at, text_from) = (end + 1, end + 2);
    }
    if let Some(last) = sections.last_mut() {
        last.text = plain_text(&events[text_from.min(events.len())..]);
    }
    sections
}

/// Returns the id that rustdoc gives to a heading.
fn slug(title: &str) -> String {
    let characters = title.chars().filter_map(|character| match character {
        ' ' => Some('-'),
        '-' | '_' => Some(character),
        _ if character.is_alphanumeric() => Some(character.to_ascii_lowercase()),
        _ => None,
    });
    characters.collect()
}

fn unique(id: &str, sections: &[Section]) -> String {
    let is_free = |id: &str| sections.iter().all(|section| section.id != id);
    let mut unique = id.to_owned();
    let mut number = 0;
    while !is_free(&unique) {
        number += 1;
        unique = format!("{id}-{number}");
    }
    unique
}
