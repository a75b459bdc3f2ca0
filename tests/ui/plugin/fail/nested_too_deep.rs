//~ ERROR: this nests more than 32 levels deep
//! A field that nests deeper than the compiler's stack allows macros to read.

use pluginkit::prelude::*;

#[plugin(id = "plugin")]
struct Plugin(#[allow(dead_code)] ((((((((((((((((((((((((((((((((((((((((u8,),),),),),),),),),),),),),),),),),),),),),),),),),),),),),),),),),),),),),),),));

fn main() {}
