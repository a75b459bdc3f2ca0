//! The rules that hold for both managers, by topic. Each module is compiled twice, and `kind` has its manager.

use super::kind;

#[path = "call/both/mod.rs"]
mod call;
#[path = "destructors/both/mod.rs"]
mod destructors;
#[path = "error/both/mod.rs"]
mod error;
#[path = "historic/both/mod.rs"]
mod historic;
#[path = "insight/both/mod.rs"]
mod insight;
#[path = "lifecycle/both/mod.rs"]
mod lifecycle;
#[path = "limits/both/mod.rs"]
mod limits;
#[path = "manager/both/mod.rs"]
mod manager;
#[path = "observe/both/mod.rs"]
mod observe;
#[path = "plugin/both/mod.rs"]
mod plugin;
#[path = "registry/both/mod.rs"]
mod registry;
#[path = "saga/both/mod.rs"]
mod saga;
#[path = "services/both/mod.rs"]
mod services;
#[path = "spec/both/mod.rs"]
mod spec;
#[path = "wrappers/both/mod.rs"]
mod wrappers;
