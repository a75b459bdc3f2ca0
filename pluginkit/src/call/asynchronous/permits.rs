//! [`Permits`]: the permits of an extension that is called, not awaited.

#[cfg(feature = "tokio")]
pub(super) use counted::Permits;
#[cfg(not(feature = "tokio"))]
pub(super) use free::Permits;

#[cfg(feature = "tokio")]
mod counted {
    use std::pin::Pin;
    use std::sync::Arc;

    use crate::call::asynchronous::extension::permitted;
    use crate::call::permits::{Permit, Permitted, holding};
    use crate::call::trace::Span;
    use crate::plugin::implementation::Implementation;

    /// The permits of an extension that is called, not awaited.
    #[derive(Default)]
    pub(in crate::call::asynchronous) struct Permits(Option<Arc<Permit>>);

    impl Permits {
        /// Waits for the permits of an extension.
        pub(in crate::call::asynchronous) fn acquire<'w>(
            span: Option<&'w Span<'w, 'w>>,
            limited: &'w Implementation,
        ) -> Pin<Box<impl Future<Output = Self> + use<'w>>> {
            Box::pin(async move { Self(permitted(span, Permitted::acquire(limited)).await) })
        }

        /// Runs `work` under the permits of an extension. The future is boxed, to keep its size out of other futures.
        pub(in crate::call::asynchronous) fn run<'w, F: Future + Unpin>(
            span: Option<&'w Span<'w, 'w>>,
            limited: &'w Implementation,
            work: F,
        ) -> Pin<Box<impl Future<Output = F::Output> + use<'w, F>>> {
            Box::pin(permitted(span, Permitted::new(limited, work)))
        }

        /// Runs `work` under the permits.
        pub(in crate::call::asynchronous) fn call<R>(self, work: impl FnOnce() -> R) -> R {
            holding(self.0, work)
        }
    }
}

/// Permits in builds without concurrency limits.
#[cfg(not(feature = "tokio"))]
mod free {
    use std::future::{Ready, ready};

    use crate::call::trace::Span;
    use crate::plugin::implementation::Implementation;

    #[derive(Default)]
    pub(in crate::call::asynchronous) struct Permits(());

    impl Permits {
        pub(in crate::call::asynchronous) fn acquire(
            _: Option<&Span<'_, '_>>,
            _: &Implementation,
        ) -> Ready<Self> {
            ready(Self(()))
        }

        pub(in crate::call::asynchronous) fn run<F: Future + Unpin>(
            _: Option<&Span<'_, '_>>,
            _: &Implementation,
            work: F,
        ) -> F {
            work
        }

        pub(in crate::call::asynchronous) fn call<R>(self, work: impl FnOnce() -> R) -> R {
            let Self(()) = self;
            work()
        }
    }
}
