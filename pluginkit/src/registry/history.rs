//! The calls that are remembered for plugins that come later.

use std::any::TypeId;
use std::error::Error as StdError;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::error::Error;
use crate::implementation::Implementation;
use crate::registry::Registry;

/// An error of any type.
pub type BoxError = Box<dyn StdError + Send + Sync + 'static>;

/// Runs one implementation on a remembered call.
pub(crate) type Replay = Box<dyn Fn(&Arc<Implementation>) -> Result<(), BoxError> + Send + Sync>;

/// One remembered call.
pub(crate) struct HistoricEvent {
    pub(crate) point: TypeId,
    pub(crate) replay: Replay,
}

impl Registry {
    /// Remembers `event`, unless `settled` finds that somebody came in whom the call has not reached.
    pub(crate) fn remember(&self, event: &Arc<HistoricEvent>, settled: impl FnOnce() -> bool) -> bool {
        let mut state = self.lock();
        let settled = settled();
        if settled {
            state.history.push(Arc::clone(event));
        }
        settled
    }
}

/// Replays `events` to the implementations of one plugin, for as long as it stays registered.
pub(crate) fn replay(
    implementations: &[Arc<Implementation>],
    events: &[Arc<HistoricEvent>],
) -> Result<(), Error> {
    for event in events {
        let mut own: Vec<_> =
            implementations.iter().filter(|each| each.contribution.point == event.point).collect();
        own.sort_by_key(|each| each.place);
        for implementation in own {
            if !implementation.owner.registered.load(Ordering::Acquire) {
                return Ok(());
            }
            (event.replay)(implementation).map_err(|source| Error::Replay {
                plugin: implementation.plugin().clone(),
                point: implementation.contribution.info,
                source,
            })?;
        }
    }
    Ok(())
}
