//! [`Seat`]: the places that an extension has which is called, not awaited.

#[cfg(feature = "tokio")]
pub(super) use counted::Seat;
#[cfg(not(feature = "tokio"))]
pub(super) use free::Seat;

#[cfg(feature = "tokio")]
mod counted {
    use std::pin::Pin;
    use std::sync::Arc;

    use crate::call::asynchronous::extension::seated;
    use crate::call::permits::{Permit, Seated, holding};
    use crate::call::trace::Span;
    use crate::erased::future_buffer::ExtensionFuture;
    use crate::plugin::implementation::Implementation;

    /// The places that an extension has which is called, not awaited.
    #[derive(Default)]
    pub(in crate::call::asynchronous) struct Seat(Option<Arc<Permit>>);

    impl Seat {
        /// Waits for its places.
        pub(in crate::call::asynchronous) fn of<'w>(
            span: Option<&'w Span<'w, 'w>>,
            limited: &'w Implementation,
        ) -> Pin<Box<impl Future<Output = Self> + use<'w>>> {
            Box::pin(async move { Self(seated(span, Seated::place(limited)).await) })
        }

        /// Awaits `work` in its places; on the heap, to keep what few have out of all futures.
        pub(in crate::call::asynchronous) fn awaited<'w, T>(
            span: Option<&'w Span<'w, 'w>>,
            limited: &'w Implementation,
            work: ExtensionFuture<'w, T>,
        ) -> Pin<Box<impl Future<Output = T> + use<'w, T>>> {
            Box::pin(seated(span, Seated::new(limited, work)))
        }

        /// Does `work` in its places.
        pub(in crate::call::asynchronous) fn hold<R>(self, work: impl FnOnce() -> R) -> R {
            holding(self.0, work)
        }
    }
}

/// Nothing is counted in this build.
#[cfg(not(feature = "tokio"))]
mod free {
    use std::future::{Ready, ready};

    use crate::call::trace::Span;
    use crate::erased::future_buffer::ExtensionFuture;
    use crate::plugin::implementation::Implementation;

    #[derive(Default)]
    pub(in crate::call::asynchronous) struct Seat(());

    impl Seat {
        pub(in crate::call::asynchronous) fn of(_: Option<&Span<'_, '_>>, _: &Implementation) -> Ready<Self> {
            ready(Self(()))
        }

        pub(in crate::call::asynchronous) fn awaited<'w, T>(
            _: Option<&Span<'_, '_>>,
            _: &Implementation,
            work: ExtensionFuture<'w, T>,
        ) -> ExtensionFuture<'w, T> {
            work
        }

        pub(in crate::call::asynchronous) fn hold<R>(self, work: impl FnOnce() -> R) -> R {
            let Self(()) = self;
            work()
        }
    }
}
