//! The work on a fleet: its manager is loaded anew, stopped, started and called throughout a round.

mod calls;
mod crew;
mod lives;
mod loads;
mod plugins;
mod tides;

pub(crate) use crew::{CREW, Crew, Sailor};

use super::{kind, own};
