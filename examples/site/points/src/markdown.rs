//! What several plugins do with Markdown and HTML.

use pulldown_cmark::Event;

/// Returns the text of events, without its markup.
pub fn plain_text<'e, 'text: 'e>(events: impl IntoIterator<Item = &'e Event<'text>>) -> String {
    let mut plain = String::new();
    for event in events {
        match event {
            Event::Text(text) | Event::Code(text) => plain.push_str(text),
            Event::SoftBreak | Event::HardBreak => plain.push(' '),
            Event::End(_) if !plain.ends_with(' ') && !plain.is_empty() => plain.push(' '),
            _ => {}
        }
    }
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Returns text as HTML that shows it.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            _ => escaped.push(character),
        }
    }
    escaped
}

/// Splits the target of a link into its path and its fragment, which may be empty.
pub fn split_target(target: &str) -> (&str, &str) {
    target.split_once('#').unwrap_or((target, ""))
}

/// Returns whether the target of a link is within the site.
pub fn is_relative(target: &str) -> bool {
    !target.starts_with("//") && !target.contains("://") && !target.starts_with("mailto:")
}

/// Returns the text of the events of a block of code.
pub fn plain_code(events: &[Event<'_>]) -> String {
    let texts =
        events.iter().filter_map(|event| if let Event::Text(text) = event { Some(&**text) } else { None });
    texts.collect()
}
