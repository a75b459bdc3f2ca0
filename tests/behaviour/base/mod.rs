//! Values that threads share.

mod state_map;
