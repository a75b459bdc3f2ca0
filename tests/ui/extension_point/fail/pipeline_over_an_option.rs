//~ ERROR: so that it cannot be the next value: return `Option<Option<&str>>`, or give `Option<&str>` an alias and return that
//~ ERROR: so that it cannot be the next value: return `Result<Option<Option<String>>, E>`

use pluginkit::prelude::*;

#[extension_point]
pub trait Specs {
    #[extension_point(pipeline)]
    fn trim(&self, text: Option<&str>) -> Option<&str>;

    #[extension_point(pipeline)]
    fn parse(&self, text: Option<String>) -> Result<Option<String>, String>;

    #[extension_point(pipeline)]
    fn right(&self, text: Option<&str>) -> Option<Option<&str>>;

    #[extension_point(pipeline)]
    fn by_another_name(&self, text: Text) -> Text;
}

pub type Text = Option<String>;
