//~ ERROR: this lends the value for as long as the value lives, so that only one extension could have it: leave out the first lifetime, like `&mut Ctx<'a>`

use pluginkit::prelude::*;

pub struct Ctx<'x> {
    pub words: Vec<&'x str>,
}

pub trait Sink {
    fn put(&mut self, word: &str);
}

#[extension_point]
pub trait Specs {
    fn visit<'a>(&self, cx: &'a mut Ctx<'a>);

    fn sink<'a>(&self, sink: &'a mut (dyn Sink + 'a));
}
