//! The hook sets of real hosts: every hook declared, implemented and dispatched.

mod datasette;
mod pytest_like;
mod rolldown;
mod tauri_like;
