//! [`ThreadRuntime`]: a runtime that polls on the thread of the caller.

use std::pin::Pin;

use crate::base::futures;
use crate::base::runtime::BlockOn;

/// A runtime that polls a future on the thread of the caller. The thread sleeps between polls.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct ThreadRuntime;

impl BlockOn for ThreadRuntime {
    fn block_on(&self, future: Pin<&mut (dyn Future<Output = ()> + '_)>) {
        futures::block_on(future);
    }
}

/// Awaits a future on the current thread, which sleeps between polls. The future has no timers and no sockets.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    futures::block_on(future)
}
