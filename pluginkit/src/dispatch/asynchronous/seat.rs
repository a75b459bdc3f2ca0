//! [`Seat`]: the places that an extension has which is called, not awaited.

#[cfg(feature = "tokio")]
pub(super) use counted::Seat;
#[cfg(not(feature = "tokio"))]
pub(super) use free::Seat;

#[cfg(feature = "tokio")]
mod counted {
    use std::pin::Pin;
    use std::sync::Arc;

    use crate::dispatch::trace::Tracer;
    use crate::erased::room::ExtensionFuture;
    use crate::implementation::Implementation;
    use crate::limit::places::{Held, Seated, holding};

    /// The places that an extension has which is called, not awaited.
    #[derive(Default)]
    pub(in crate::dispatch::asynchronous) struct Seat(Option<Arc<Held>>);

    impl Seat {
        /// Waits for the places of the one at `place`.
        pub(in crate::dispatch::asynchronous) fn of<'w>(
            tracer: Option<&'w Tracer<'w>>,
            place: usize,
            limited: &'w Implementation,
        ) -> Pin<Box<impl Future<Output = Self> + use<'w>>> {
            Box::pin(async move { Self(Tracer::seated(tracer, place, Seated::place(limited)).await) })
        }

        /// Awaits `work` in the places of the one at `place`; on the heap, to keep what few have out of all futures.
        pub(in crate::dispatch::asynchronous) fn awaited<'w, T>(
            tracer: Option<&'w Tracer<'w>>,
            place: usize,
            limited: &'w Implementation,
            work: ExtensionFuture<'w, T>,
        ) -> Pin<Box<impl Future<Output = T> + use<'w, T>>> {
            Box::pin(Tracer::seated(tracer, place, Seated::new(limited, work)))
        }

        /// Does `work` in its places.
        pub(in crate::dispatch::asynchronous) fn hold<R>(self, work: impl FnOnce() -> R) -> R {
            holding(self.0, work)
        }
    }
}

/// Nothing is counted in this build.
#[cfg(not(feature = "tokio"))]
mod free {
    use std::future::{Ready, ready};

    use crate::dispatch::trace::Tracer;
    use crate::erased::room::ExtensionFuture;
    use crate::implementation::Implementation;

    #[derive(Default)]
    pub(in crate::dispatch::asynchronous) struct Seat(());

    impl Seat {
        pub(in crate::dispatch::asynchronous) fn of(
            _: Option<&Tracer<'_>>,
            _: usize,
            _: &Implementation,
        ) -> Ready<Self> {
            ready(Self(()))
        }

        pub(in crate::dispatch::asynchronous) fn awaited<'w, T>(
            _: Option<&Tracer<'_>>,
            _: usize,
            _: &Implementation,
            work: ExtensionFuture<'w, T>,
        ) -> ExtensionFuture<'w, T> {
            work
        }

        pub(in crate::dispatch::asynchronous) fn hold<R>(self, work: impl FnOnce() -> R) -> R {
            let Self(()) = self;
            work()
        }
    }
}
