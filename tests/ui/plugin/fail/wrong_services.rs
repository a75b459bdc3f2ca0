//~ ERROR: expected a string or a service like `service(dyn Store)`
//~ ERROR: expected a string or a service like `service(dyn Store)`
//~ ERROR: expected a string or a service like `service(dyn Store)`
//~ ERROR: `dyn Undeclared` is not a service
//~ ERROR: this service is already in `requires`
//~ ERROR: expected a service
use pluginkit::prelude::*;

#[extension_point(service)]
trait Store: Send + Sync {}

trait Undeclared: Send + Sync {}

#[plugin(id = "a", requires = service("store"))]
struct A;

#[plugin(id = "b", requires = [
    "core",
    store(dyn Store),
    service(dyn Store, dyn Store),
])]
struct B;

#[plugin(id = "c", requires = service(dyn Undeclared))]
struct C;

#[plugin(id = "d", requires = service(dyn Store), optional_requires = [service(dyn Store)])]
struct D;

#[plugin(id = "e", provides = "core")]
struct E;

fn main() {}
