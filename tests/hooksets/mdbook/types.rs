//! Stand-ins for a book and its surroundings.

use std::cell::RefCell;
use std::collections::HashMap;

use pluginkit::BoxError;

pub(crate) type Result<T> = std::result::Result<T, BoxError>;

/// The chapters of a book. It cannot be cloned.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Book(pub(crate) Vec<String>);

/// What a preprocessor knows. It is not `Sync`.
#[derive(Debug, Default)]
pub(crate) struct PreprocessorContext {
    pub(crate) renderer: String,
    pub(crate) chapter_titles: RefCell<HashMap<String, String>>,
}

#[derive(Debug, Default)]
pub(crate) struct RenderContext {
    pub(crate) book: Book,
    pub(crate) destination: RefCell<Vec<String>>,
}
