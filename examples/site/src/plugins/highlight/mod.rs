//! Colors of code: Rust, and languages whose lines are simple.

mod lines;
mod rust;

use example_site_points::{Site, escape};
use pluginkit::prelude::*;

#[plugin(id = "highlight-rust", project = "site", extends = Site::highlight)]
fn highlight_rust(language: &str, code: &str) -> Option<String> {
    matches!(language, "rust" | "rs").then(|| block("rust", &rust::color(code)))
}

#[plugin(id = "highlight-lines", project = "site", extends = Site::highlight)]
fn highlight_lines(language: &str, code: &str) -> Option<String> {
    let syntax = lines::Syntax::of(language)?;
    Some(block(language, &lines::color(code, syntax)))
}

/// Returns a block of code with the classes that the theme colors.
fn block(language: &str, html: &str) -> String {
    format!("<pre class=\"code\"><code class=\"language-{}\">{html}</code></pre>\n", escape(language))
}

/// Code that becomes HTML, token by token.
#[derive(Default)]
struct Colored(String);

impl Colored {
    /// Adds a token; an empty class leaves it without a color.
    fn push(&mut self, class: &str, token: &str) {
        let token = escape(token);
        if class.is_empty() {
            self.0.push_str(&token);
        } else {
            self.0.extend(["<span class=\"", class, "\">", &token, "</span>"]);
        }
    }
}
