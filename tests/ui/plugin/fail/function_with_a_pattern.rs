//~ ERROR: an argument is identified by its name: write the name from the point
use pluginkit::prelude::*;

#[extension_point]
trait Specs {
    fn fetch(&self, pair: (u8, u8)) -> u8;
}

#[plugin(id = "sum", extends = Specs::fetch)]
fn sum((one, two): (u8, u8)) -> u8 {
    one + two
}

fn main() {}
