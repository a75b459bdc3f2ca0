//! The hook sets of real hosts: every hook declared, implemented and dispatched.
//!
//! A hook is said as it is if its point has the arguments and the result of the original. A `fn` may stand for an
//! `async fn`, and a type of Rust for a type of Python. The others are in the nearest shape:
//!
//! | set | hooks | said as they are | in another shape |
//! |---|---|---|---|
//! | `datasette`, a tool for databases | all | all | |
//! | `lints`, late lints of a compiler | 32 | 0 | `&mut self` is `&self` with a lock |
//! | `pytest`, a test framework | 52 | 52 | |
//! | `pytest_like` | 12 | 12 | |
//! | `rolldown`, a bundler | 21 | 19 | `transform`, `transform_ast`: what is passed on stands beside the other arguments |
//! | `rspack`, a bundler | 103 | 103 | |
//! | `tauri`, a desktop shell | 10 | 2 | `name` is the id; generic in the runtime; `&mut self`; default bodies; `extend_api` gets its command in an `Option` |
//! | `tauri_like` | 9 | 9 | |
//! | `tower_lsp`, a language server | 63 | 2 | the default bodies of 61 methods are plugins |
#![allow(
    clippy::needless_pass_by_value,
    clippy::too_many_lines,
    clippy::unnecessary_wraps,
    clippy::zero_sized_map_values,
    reason = "hooks are declared as their projects write them, and each set is called in one go"
)]

mod datasette;
mod lints;
mod pytest;
mod pytest_like;
mod rolldown;
mod rspack;
mod tauri;
mod tauri_like;
mod tower_lsp;
