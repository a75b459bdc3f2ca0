//! The preprocessors and renderers of mdBook, a book builder.
//!
//! Both traits have a method `name`, by which the host finds a plugin. It is the id of the plugin here.

mod calls;
mod plugins;
mod types;

use pluginkit::prelude::*;

use types::{Book, PreprocessorContext, RenderContext, Result};

#[extension_point(project = "mdbook")]
pub(crate) trait Preprocessor {
    #[extension_point(pipeline = "book")]
    fn run(&self, ctx: &PreprocessorContext, book: Book) -> Result<Book>;

    /// The host asks one preprocessor at a time, and leaves out those that say no.
    fn supports_renderer(&self, _renderer: &str) -> Result<bool> {
        Ok(true)
    }
}

#[extension_point(project = "mdbook")]
pub(crate) trait Renderer {
    /// The host calls the renderers that the book asks for.
    fn render(&self, ctx: &RenderContext) -> Result<()>;
}
