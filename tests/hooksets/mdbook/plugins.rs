//! Plugins in the manner of those that come with a book builder.

use pluginkit::prelude::*;

use super::types::{Book, PreprocessorContext, RenderContext, Result};
use super::{Preprocessor, Renderer};

/// Puts the titles of chapters into the context.
#[plugin(id = "index")]
#[derive(Default)]
pub(crate) struct Index;

#[extension]
impl Preprocessor for Index {
    fn run(&self, ctx: &PreprocessorContext, book: Book) -> Result<Book> {
        for chapter in &book.0 {
            let title = chapter.split(' ').next().unwrap_or_default();
            ctx.chapter_titles.borrow_mut().insert(title.to_owned(), chapter.clone());
        }
        Ok(book)
    }
}

/// Replaces links to chapters by their text.
#[plugin(id = "links")]
#[derive(Default)]
pub(crate) struct Links;

#[extension]
impl Preprocessor for Links {
    fn run(&self, ctx: &PreprocessorContext, mut book: Book) -> Result<Book> {
        let titles = ctx.chapter_titles.borrow();
        for chapter in &mut book.0 {
            if let Some((text, link)) = chapter.split_once("->") {
                let target = titles.get(link).ok_or_else(|| format!("no chapter `{link}`"))?;
                *chapter = format!("{text}({target})");
            }
        }
        Ok(book)
    }

    fn supports_renderer(&self, renderer: &str) -> Result<bool> {
        match renderer {
            "" => Err("a renderer has a name".into()),
            renderer => Ok(renderer != "text"),
        }
    }
}

/// Writes pages.
#[plugin(id = "html")]
#[derive(Default)]
pub(crate) struct Html;

#[extension]
impl Renderer for Html {
    fn render(&self, ctx: &RenderContext) -> Result<()> {
        let pages = ctx.book.0.iter().map(|chapter| format!("<p>{chapter}</p>"));
        ctx.destination.borrow_mut().extend(pages);
        if ctx.book.0.is_empty() { Err("the book is empty".into()) } else { Ok(()) }
    }
}

/// Writes lines.
#[plugin(id = "text")]
#[derive(Default)]
pub(crate) struct Text;

#[extension]
impl Renderer for Text {
    fn render(&self, ctx: &RenderContext) -> Result<()> {
        ctx.destination.borrow_mut().extend_from_slice(&ctx.book.0);
        Ok(())
    }
}
