//! The hook sets of real hosts: every hook declared, implemented and dispatched.
//!
//! A hook is a method that plugins implement. Methods that only call others, such as `and_then`, and downcasts are none.
//!
//! A hook is said as it is if its point has the arguments and the result of the original, and its default body. A `fn` may
//! stand for an `async fn`, a `&self` for the `&mut self` that its extensions have, or for no receiver if they have none, and
//! a type of Rust for a type of Python. A service is said as it is if its trait is that of the original.
//!
//! | set | hooks | said as they are | as a service | in another shape |
//! |---|---|---|---|---|
//! | `bevy`, a game engine | 8 | 5 | | `Plugin::name`, `PluginGroup::build`, `PluginGroup::name` |
//! | `datafusion`, a query engine | 44 | 30 | 10 | `name` of four traits |
//! | `datasette`, a tool for databases | 26 | 26 | | |
//! | `lints`, late and early lints of a compiler | 62 | 62 | | |
//! | `mdbook`, a book builder | 5 | 3 | | `name` of two traits |
//! | `pytest`, a test framework | 52 | 52 | | |
//! | `pytest_like` | 12 | 12 | | |
//! | `reqwest`, an HTTP client | 9 | 7 | | `Middleware::handle`, `Resolve::resolve` |
//! | `rocket`, a web framework | 10 | 9 | | `Handler::handle` of routes |
//! | `rolldown`, a bundler | 23 | 22 | | `transform_ast` |
//! | `rspack`, a bundler | 103 | 103 | | |
//! | `tauri`, a desktop shell | 10 | 7 | | `name`, `initialization_script_2`, `extend_api` |
//! | `tauri_like` | 9 | 9 | | |
//! | `tower_lsp`, a language server | 63 | 63 | | |
//! | `tracing_layers`, layers and filters of tracing | 23 | 22 | | `Layer::register_callsite` |
//! | `vector`, a log shipper | 35 | 21 | 7 | seven, see below |
//! | together | 494 | 453 | 17 | 24 |
//!
//! The others are in the nearest shape:
//!
//! | hook | why | the mistake in `tests/ui/extension_point/fail` | here |
//! |---|---|---|---|
//! | `bevy`, `datafusion`, `mdbook`, `tauri`: `name` | the host finds its plugins by it; it borrows from the plugin | `elided_lifetime_in_the_return_type` | the id of the plugin |
//! | `bevy`: `PluginGroup::build` | it consumes the group | `receiver_by_value` | by reference |
//! | `bevy`: `PluginGroup::name` | its default body names the type of the group | `default_body_with_self` | no default body |
//! | `reqwest`: `Middleware::handle` | a request is not `Clone`, and the result is a response | `owned_argument_without_clone` | firstresult, with wrappers around the client and a `ControlFlow` |
//! | `reqwest`: `Resolve::resolve` | a name is not `Clone`, and the result is a future | `owned_argument_without_clone` | firstresult, with a `ControlFlow` |
//! | `rocket`: `Handler::handle` of routes | its argument is not `Clone`, and its result is an enum of the host, which may contain the argument | `owned_argument_without_clone` | firstresult, with a `ControlFlow` |
//! | `rolldown`: `transform_ast` | its argument contains a tree that is not `Clone`, and its result is the tree | `owned_argument_without_clone` | a pipeline over the tree, which stands beside the other arguments |
//! | `tauri`: `extend_api` | its argument is not `Clone`, and its result is a `bool` | `owned_argument_without_clone` | firstresult, with a `ControlFlow` that hands the argument on |
//! | `tauri`: `initialization_script_2` | its default body calls another method of the plugin | `default_body_with_self` | no default body |
//! | `tracing_layers`: `register_callsite` | its default body calls another method of the layer | `default_body_with_self` | no default body: the host asks the other point |
//! | `vector`: `SyncTransform::transform_all`, `PostProcessor::process` | their default bodies call other methods of the plugin | `default_body_with_self` | no default body: the host asks the other points |
//! | `vector`: `SourceConfig::build`, `EnrichmentTableConfig::build` | an argument is not `Clone` | `owned_argument_without_clone` | firstresult, with a `ControlFlow` |
//! | `vector`: `TransformConfig::files_to_watch` | its result borrows from the plugin | `elided_lifetime_in_the_return_type` | an owned result |
//! | `vector`: `ProviderConfig::build`, `SecretBackend::retrieve` | an `async fn` with a `&mut self` | `mutable_receiver` | `&self`, and a lock in the plugin |
//!
//! Some sets differ from their hosts in what a call does:
//!
//! - `rolldown`, `datafusion`: the host calls the plugins of `transform`, `render_chunk`, `hot_update` and of two kinds of
//!   `rewrite` in turn, with what the plugin before has returned. A pipeline of `rolldown` with the code beside the arguments
//!   needs no such loop; the set has both.
//! - `bevy`, `mdbook`, `rocket`, `vector`: the host asks one plugin by its name, with `only`. A plugin without the method gets the
//!   default body.
//! - `tower_lsp`: a default body also runs if a server has answered `None`. There, `None` is the answer.
//! - `lints`: a pass cannot keep an `&'tcx` from one call to the next, because the lifetime is one of each method.
#![allow(
    clippy::needless_pass_by_value,
    clippy::too_many_lines,
    clippy::unnecessary_wraps,
    clippy::zero_sized_map_values,
    reason = "hooks are declared as their projects write them, and each set is called in one go"
)]

mod bevy;
mod datafusion;
mod datasette;
mod lints;
mod mdbook;
mod pytest;
mod pytest_like;
mod reqwest;
mod rocket;
mod rolldown;
mod rspack;
mod tauri;
mod tauri_like;
mod tower_lsp;
mod tracing_layers;
mod vector;
