//! The hook sets of real hosts: every hook declared, implemented and dispatched.
//!
//! A hook is said as it is if its point has the arguments and the result of the original, and its default body. A `fn` may
//! stand for an `async fn`, a `&self` for the `&mut self` that its extensions have, and a type of Rust for a type of Python.
//!
//! | set | hooks | said as they are | in another shape |
//! |---|---|---|---|
//! | `datasette`, a tool for databases | 26 | 26 | |
//! | `lints`, late lints of a compiler | 32 | 32 | |
//! | `pytest`, a test framework | 52 | 52 | |
//! | `pytest_like` | 12 | 12 | |
//! | `rolldown`, a bundler | 21 | 20 | `transform_ast` |
//! | `rspack`, a bundler | 103 | 103 | |
//! | `tauri`, a desktop shell | 10 | 7 | `name`, `initialization_script_2`, `extend_api` |
//! | `tauri_like` | 9 | 9 | |
//! | `tower_lsp`, a language server | 63 | 63 | |
//! | together | 328 | 324 | |
//!
//! The others are in the nearest shape:
//!
//! | hook | why | the mistake in `tests/ui/extension_point/fail` | here |
//! |---|---|---|---|
//! | `rolldown`: `transform_ast` | its argument contains a tree that is not `Clone`, and its result is the tree | `owned_argument_without_clone` | a pipeline over the tree, which stands beside the other arguments |
//! | `tauri`: `extend_api` | its argument is not `Clone`, and its result is a `bool` | `owned_argument_without_clone` | firstresult, with a `ControlFlow` that hands the argument on |
//! | `tauri`: `initialization_script_2` | its default body calls another method of the plugin | `default_body_with_self` | no default body |
//! | `tauri`: `name` | the host finds its plugins by it | | the id of the plugin |
//!
//! Three sets differ from their hosts in what a call does:
//!
//! - `rolldown`: the host calls the plugins of `transform` and `render_chunk` in turn, because their arguments contain what
//!   the plugin before has returned. A pipeline with the code beside the arguments needs no such loop; the set has both.
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
