//! Starting, stopping and replacing plugins.

mod calls;
mod context;
mod drains;
mod order;
mod plugins;
mod replace;
mod start;
mod stop;
mod table;
mod transactions;
mod within;

use super::kind;
