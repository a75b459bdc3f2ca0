//! [`Driver`]: how a kind of manager runs one phase of one plugin, and how it waits.

use std::any::TypeId;
use std::pin::Pin;
use std::sync::Arc;
#[cfg(feature = "async")]
use std::task::Poll;

use crate::base::boxed::BoxError;
#[cfg(feature = "async")]
use crate::base::kind::Asynchronous;
use crate::base::kind::Synchronous;
use crate::call::CallError;
#[cfg(feature = "async")]
use crate::call::async_caller::AsyncCaller;
use crate::call::caller::Caller;
use crate::call::view::Seen;
use crate::lifecycle::Lifecycle;
#[cfg(feature = "async")]
use crate::lifecycle::shared::{Began, Shared};
use crate::manager::PluginContext;
use crate::plugin::{Cause, Phase};
use crate::registry::{Entry, Registry, Slot};

pub(crate) type Work<'w, T> = Pin<Box<dyn Future<Output = T> + Send + 'w>>;

/// The steps of an operation that differ between the kinds of managers.
pub(crate) trait Driver: Send + Sync {
    /// Runs a phase with the extensions of `slot`.
    fn run<'w>(&self, phase: Phase, slot: Arc<Slot>, cx: &'w PluginContext) -> Work<'w, Result<(), Cause>>;

    /// Runs `phases` of `life`, which end the claim on `life`.
    fn run_all<'w>(&self, life: &'w Entry, phases: Work<'static, ()>) -> Work<'w, ()>;

    /// Waits until no phase of `life` is under way.
    fn settle<'w>(&self, life: &'w Entry) -> Work<'w, ()>;
}

/// The point called `$name` of [`Lifecycle`].
macro_rules! point {
    ($name:ident) => {
        pluginkit_macros::point!(Lifecycle::$name)
    };
}

/// The type of the point of a phase.
pub(crate) fn point_of(phase: Phase) -> TypeId {
    match phase {
        Phase::Init => TypeId::of::<point!(init)>(),
        Phase::Start => TypeId::of::<point!(start)>(),
        Phase::Stop => TypeId::of::<point!(stop)>(),
        Phase::Unload => TypeId::of::<point!(unload)>(),
    }
}

/// The driver of the manager that has this registry.
pub(crate) fn driver_of(registry: &Registry) -> &'static dyn Driver {
    #[cfg(feature = "async")]
    if registry.host.awaits_replays() {
        return &Asynchronous;
    }
    let _ = registry;
    &Synchronous
}

/// Runs phases in place: its futures are never pending.
impl Driver for Synchronous {
    fn run<'w>(&self, phase: Phase, slot: Arc<Slot>, cx: &'w PluginContext) -> Work<'w, Result<(), Cause>> {
        Box::pin(async move {
            let outcome = match phase {
                Phase::Init => Caller::<point!(init)>::new(Seen::whole(slot)).try_call(cx),
                Phase::Start => Caller::<point!(start)>::new(Seen::whole(slot)).try_call(cx),
                Phase::Stop => Caller::<point!(stop)>::new(Seen::whole(slot)).try_call(cx),
                Phase::Unload => Caller::<point!(unload)>::new(Seen::whole(slot)).try_call(cx),
            };
            outcome.map_err(cause)
        })
    }

    fn run_all<'w>(&self, _life: &'w Entry, phases: Work<'static, ()>) -> Work<'w, ()> {
        phases
    }

    fn settle<'w>(&self, life: &'w Entry) -> Work<'w, ()> {
        Box::pin(async { life.wait() })
    }
}

/// Awaits phases.
#[cfg(feature = "async")]
impl Driver for Asynchronous {
    fn run<'w>(&self, phase: Phase, slot: Arc<Slot>, cx: &'w PluginContext) -> Work<'w, Result<(), Cause>> {
        Box::pin(async move {
            let outcome = match phase {
                Phase::Init => AsyncCaller::<point!(init)>::new(Seen::whole(slot)).try_call(cx).await,
                Phase::Start => AsyncCaller::<point!(start)>::new(Seen::whole(slot)).try_call(cx).await,
                Phase::Stop => AsyncCaller::<point!(stop)>::new(Seen::whole(slot)).try_call(cx).await,
                Phase::Unload => AsyncCaller::<point!(unload)>::new(Seen::whole(slot)).try_call(cx).await,
            };
            outcome.map_err(cause)
        })
    }

    fn run_all<'w>(&self, life: &'w Entry, phases: Work<'static, ()>) -> Work<'w, ()> {
        let shared = Shared::new(phases);
        let began = Began(Arc::clone(&shared));
        life.share(shared);
        Box::pin(began)
    }

    fn settle<'w>(&self, life: &'w Entry) -> Work<'w, ()> {
        let mut has_yielded = false;
        Box::pin(std::future::poll_fn(move |cx| {
            if life.poll_settled(cx).is_ready() {
                return Poll::Ready(());
            }
            if let Some(shared) = life.shared() {
                shared.help(cx, &mut has_yielded);
            }
            life.poll_settled(cx)
        }))
    }
}

/// The error that the plugin returned, or how else its phase ended.
fn cause(error: CallError<BoxError>) -> Cause {
    match error {
        CallError::Failed { error, .. } => Cause::new(error),
        otherwise => Cause::new(otherwise.told()),
    }
}
