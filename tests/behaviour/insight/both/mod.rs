//! Metrics, reports and graphs of a manager.

mod insight;

use super::kind;
