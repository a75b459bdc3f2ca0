//! [`Driver`]: how a kind of manager runs one phase of one plugin, and how it waits.

use std::any::TypeId;
use std::pin::Pin;
use std::sync::Arc;
#[cfg(feature = "async")]
use std::task::Poll;

use crate::base::boxed::BoxError;
#[cfg(feature = "async")]
use crate::base::kind::Asynchronous;
use crate::base::kind::{Kind, Synchronous};
use crate::call::CallError;
use crate::call::caller::{Callable, Caller, Handle, PointCaller};
use crate::call::view::View;
use crate::lifecycle::Lifecycle;
#[cfg(feature = "async")]
use crate::lifecycle::drain::drained;
#[cfg(feature = "async")]
use crate::lifecycle::shared::{Began, Shared};
use crate::manager::context::PluginContext;
use crate::plugin::{Cause, Phase};
use crate::registry::{Drain, Entry, Registry, Slot};

pub(crate) type Work<'w, T> = Pin<Box<dyn Future<Output = T> + Send + 'w>>;

/// The steps of an operation that differ between the kinds of managers.
pub(crate) trait Driver: Send + Sync {
    /// Runs a phase with the extensions of `slot`.
    fn run<'w>(&self, phase: Phase, slot: Arc<Slot>, cx: &'w PluginContext) -> Work<'w, Result<(), Cause>>;

    /// Runs `phases` of `life`, which end the claim on `life`.
    fn run_all<'w>(&self, life: &'w Entry, phases: Work<'static, ()>) -> Work<'w, ()>;

    /// Waits until no phase of `life` is under way.
    fn settle<'w>(&self, life: &'w Entry) -> Work<'w, ()>;

    /// Waits for the calls of `drain`, up to its limit.
    fn drain<'w>(&self, drain: &'w Arc<Drain>) -> Work<'w, ()>;
}

/// The point called `$name` of [`Lifecycle`].
macro_rules! point {
    ($name:ident) => {
        pluginkit_macros::point!(Lifecycle::$name)
    };
}

/// Returns the type of the point of a phase.
pub(crate) fn point_of(phase: Phase) -> TypeId {
    match phase {
        Phase::Init => TypeId::of::<point!(init)>(),
        Phase::Start => TypeId::of::<point!(start)>(),
        Phase::Stop => TypeId::of::<point!(stop)>(),
        Phase::Unload => TypeId::of::<point!(unload)>(),
    }
}

/// Returns the caller of a point that a manager of the kind `K` has.
fn caller<P: Callable<K>, K: Kind>(slot: Arc<Slot>) -> Caller<P, K> {
    PointCaller::new(Handle::new(View::whole(slot)))
}

/// Returns the driver of the manager with this registry.
pub(crate) fn driver_of(registry: &Registry) -> &'static dyn Driver {
    #[cfg(feature = "async")]
    if registry.is_async() {
        return &Asynchronous;
    }
    let _ = registry;
    &Synchronous
}

/// Runs phases in place: its futures are never pending.
impl Driver for Synchronous {
    fn run<'w>(&self, phase: Phase, slot: Arc<Slot>, cx: &'w PluginContext) -> Work<'w, Result<(), Cause>> {
        Box::pin(async move {
            let used = Arc::clone(&slot);
            let outcome = match phase {
                Phase::Init => caller::<point!(init), Synchronous>(slot).try_call(cx),
                Phase::Start => caller::<point!(start), Synchronous>(slot).try_call(cx),
                Phase::Stop => caller::<point!(stop), Synchronous>(slot).try_call(cx),
                Phase::Unload => caller::<point!(unload), Synchronous>(slot).try_call(cx),
            };
            release(used);
            outcome.map_err(cause)
        })
    }

    fn run_all<'w>(&self, _life: &'w Entry, phases: Work<'static, ()>) -> Work<'w, ()> {
        phases
    }

    fn settle<'w>(&self, life: &'w Entry) -> Work<'w, ()> {
        Box::pin(async { life.wait() })
    }

    fn drain<'w>(&self, drain: &'w Arc<Drain>) -> Work<'w, ()> {
        Box::pin(async move { drain.wait() })
    }
}

/// Awaits phases.
#[cfg(feature = "async")]
impl Driver for Asynchronous {
    fn run<'w>(&self, phase: Phase, slot: Arc<Slot>, cx: &'w PluginContext) -> Work<'w, Result<(), Cause>> {
        Box::pin(async move {
            let used = Arc::clone(&slot);
            let outcome = match phase {
                Phase::Init => caller::<point!(init), Asynchronous>(slot).try_call(cx).await,
                Phase::Start => caller::<point!(start), Asynchronous>(slot).try_call(cx).await,
                Phase::Stop => caller::<point!(stop), Asynchronous>(slot).try_call(cx).await,
                Phase::Unload => caller::<point!(unload), Asynchronous>(slot).try_call(cx).await,
            };
            release(used);
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

    fn drain<'w>(&self, drain: &'w Arc<Drain>) -> Work<'w, ()> {
        drained(Arc::clone(drain))
    }
}

/// Drops what a phase was called by, after the phase. It may be the last to have observers that were removed meanwhile.
fn release(slot: Arc<Slot>) {
    if let Some(registry) = slot.registry() {
        registry.drop_quietly(slot);
    }
}

/// Returns the error of the plugin, or the other failure that ended the phase.
fn cause(error: CallError<BoxError>) -> Cause {
    match error {
        CallError::Failed { error, .. } => Cause::new(error),
        otherwise => Cause::new(otherwise.described()),
    }
}
