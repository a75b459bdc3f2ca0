//~ ERROR: a comma is missing before this element of the list
//~ ERROR: a comma is missing before this element of the list
//~ ERROR: a comma is missing before this element of the list
//~ ERROR: a service is one trait
use pluginkit::prelude::*;

#[extension_point(service)]
trait Store: Send + Sync {}

#[plugin(requires = ["core" "text"], id = "a")]
struct A;

#[plugin(id = "b", requires = ["core" service(dyn Store)], alias = ["c" "d"])]
struct B;

#[plugin(id = "e", requires = service(dyn Store + Send))]
struct C;

#[plugin(id = "f", requires = [service(dyn Store,), "core",], provides = service(dyn Store + 'static))]
struct D;

fn main() {}
