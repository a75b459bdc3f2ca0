//! What tests of insight use: a recorder of metrics, and an exporter of spans.

pub mod board;
pub mod exported;
