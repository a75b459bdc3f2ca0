//~ ERROR: only a collecting point has items for a reducer: remove `firstresult` or `reduce`
//~ ERROR: only a collecting point has items for a reducer: remove `pipeline` or `reduce`
//~ ERROR: only a collecting point has items for a reducer: remove `historic` or `reduce`
//~ ERROR: this point returns nothing that a reducer could take
//~ ERROR: expected the path of a type, like `reduce = All`
//~ ERROR: `reduce` is an option of one point

use pluginkit::prelude::*;
use pluginkit::reduce::All;

#[extension_point(reduce = All)]
pub trait Specs {
    #[extension_point(firstresult, reduce = All)]
    fn first(&self) -> Option<bool>;

    #[extension_point(pipeline, reduce = All)]
    fn pipeline(&self, flag: bool) -> bool;

    #[extension_point(historic, reduce = All)]
    fn historic(&self) -> bool;

    #[extension_point(reduce = All)]
    fn nothing(&self);

    #[extension_point(reduce = [bool])]
    fn no_path(&self) -> bool;
}

pub fn all() -> Option<All> {
    None
}
