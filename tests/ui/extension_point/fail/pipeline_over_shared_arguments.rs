//~ ERROR: take `count: &mut Arc<u8>`, or take `count: Arc<u8>` and return `Arc<u8>`
//~ ERROR: take `text: &mut String`, or take `text: String` and return `Result<String, E>`
//~ ERROR: edits its argument in place: take `write: &mut dyn std::fmt::Debug`
//~ ERROR: take `all: &mut Vec<Vec<u8>>`, or take `all: Vec<Vec<u8>>` and return `Vec<Vec<u8>>`

use std::sync::Arc;

use pluginkit::prelude::*;

#[extension_point]
pub trait Specs {
    #[extension_point(pipeline)]
    fn edit(&self, count: &mut Arc<u8>);

    #[extension_point(pipeline)]
    fn shared(&self, count: &Arc<u8>);

    #[extension_point(pipeline = "text")]
    fn text(&self, edited: &mut String, text: &str) -> Result<(), String>;

    #[extension_point(pipeline)]
    fn object(&self, write: &dyn std::fmt::Debug);

    #[extension_point(pipeline)]
    fn slice(&self, all: &[Vec<u8>]);
}
