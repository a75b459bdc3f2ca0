//! Metrics, reports, graphs and spans of a manager.

mod drains;
mod facade;
mod json;
mod late;
mod managers;
mod opentelemetry;
mod reports;

use super::kind;
