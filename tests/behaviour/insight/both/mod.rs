//! Metrics, reports and graphs of a manager.

mod reports;

use super::kind;
