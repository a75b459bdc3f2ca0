//! A book, built.

use pluginkit::prelude::*;

use super::plugins::{Html, Index, Links, Text};
use super::types::{Book, PreprocessorContext, RenderContext, Result};
use super::{Preprocessor, Renderer};

fn manager() -> PluginManager {
    let pm = PluginManager::new("mdbook");
    pm.add_extension_points(Preprocessor).unwrap();
    pm.add_extension_points(Renderer).unwrap();
    pm.register(Index).unwrap();
    pm.register(Links).unwrap();
    pm.register(Html).unwrap();
    pm.register(Text).unwrap();
    pm
}

fn book(chapters: &[&str]) -> Book {
    Book(chapters.iter().map(|&chapter| chapter.to_owned()).collect())
}

/// Returns the preprocessors that do not support a renderer. Each is asked alone; one that does not say gets the default.
fn unsupported(pm: &PluginManager, renderer: &str) -> Result<Vec<String>> {
    let asked = pm.caller(Preprocessor::supports_renderer);
    let mut unsupported = Vec::new();
    for each in pm.caller(Preprocessor::run).implementations() {
        let plugin = each.plugin.to_string();
        if asked.only([plugin.as_str()]).call(renderer)? == [false] {
            unsupported.push(plugin);
        }
    }
    Ok(unsupported)
}

/// Builds a book for one renderer.
fn build(pm: &PluginManager, renderer: &str, book: Book) -> Result<Vec<String>> {
    let ctx = PreprocessorContext { renderer: renderer.to_owned(), ..PreprocessorContext::default() };
    let run = pm.caller(Preprocessor::run).without(unsupported(pm, &ctx.renderer)?);
    let ctx = RenderContext { book: run.call(&ctx, book)?, ..RenderContext::default() };
    pm.caller(Renderer::render).only([renderer]).call(&ctx)?;
    Ok(ctx.destination.take())
}

#[test]
fn a_book_goes_through_the_preprocessors_and_to_its_renderer() {
    let pm = manager();
    assert_eq!(pm.extension_points().len(), 3);
    let pages = build(&pm, "html", book(&["intro words", "see->intro"])).unwrap();
    assert_eq!(pages, ["<p>intro words</p>", "<p>see(intro words)</p>"]);
    let lines = build(&pm, "text", book(&["intro words", "see->intro"])).unwrap();
    assert_eq!(lines, ["intro words", "see->intro"]);
}

#[test]
fn the_first_error_of_a_preprocessor_or_a_renderer_ends_the_build() {
    let pm = manager();
    let error = |renderer, chapters: &[&str]| build(&pm, renderer, book(chapters)).unwrap_err().to_string();
    assert_eq!(error("html", &["see->intro"]), "no chapter `intro`");
    assert_eq!(error("html", &[]), "the book is empty");
    assert_eq!(error("", &["intro"]), "a renderer has a name");
}

#[test]
fn a_preprocessor_that_does_not_say_what_it_supports_supports_all() {
    let pm = manager();
    assert_eq!(unsupported(&pm, "text").unwrap(), ["links"]);
    let asked = pm.caller(Preprocessor::supports_renderer);
    assert_eq!(asked.only(["index"]).call("text").unwrap(), [true]);
    assert_eq!(asked.only(["links"]).call("text").unwrap(), [false]);
}
