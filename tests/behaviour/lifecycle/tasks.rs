//! Operations of an async manager that run at once or are dropped.

use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

use pluginkit::lifecycle::Lifecycle;
use pluginkit::metadata::{PluginMetadata, PluginState};
use pluginkit::prelude::*;
use pluginkit::{BoxError, Error};
use pluginkit_tests::{Log, block_on};

/// Whether a task was woken.
#[derive(Default)]
pub(super) struct Woken(pub(super) AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// A gate that wakes the tasks before it when it opens.
#[derive(Default)]
pub(super) struct Gate {
    open: AtomicBool,
    waiting: Mutex<Vec<Waker>>,
}

impl Gate {
    pub(super) fn new(open: bool) -> Self {
        Self { open: AtomicBool::new(open), ..Self::default() }
    }

    pub(super) fn store(&self, open: bool, order: Ordering) {
        self.open.store(open, order);
        let waiting = std::mem::take(&mut *self.waiting.lock().unwrap());
        waiting.into_iter().for_each(Waker::wake);
    }

    pub(super) async fn passed(&self) {
        std::future::poll_fn(|cx| {
            self.waiting.lock().unwrap().push(cx.waker().clone());
            if self.open.load(Ordering::SeqCst) { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }
}

/// Whose phases are pending until the gate of their name is opened.
struct Gated {
    name: &'static str,
    log: Log,
    open: Arc<Gate>,
    fails: bool,
}

impl Gated {
    async fn enter(&self, phase: &str) -> Result<(), BoxError> {
        self.log.push(format!("{}.{phase}", self.name));
        self.open.passed().await;
        if self.fails { Err("told to".into()) } else { Ok(()) }
    }
}

#[extension]
impl Lifecycle for Gated {
    fn init(&self) -> Result<(), BoxError> {
        self.log.push(format!("{}.init", self.name));
        Ok(())
    }
    async fn start(&self) -> Result<(), BoxError> {
        self.enter("start").await
    }
    async fn stop(&self) -> Result<(), BoxError> {
        self.enter("stop").await
    }
    fn unload(&self) -> Result<(), BoxError> {
        self.log.push(format!("{}.unload", self.name));
        Ok(())
    }
}

pub(super) fn gated(fails: bool) -> (AsyncPluginManager, Log, Arc<Gate>) {
    let (pm, log, open) = (AsyncPluginManager::new("lives"), Log::new(), Arc::<Gate>::default());
    let plugin = Gated { name: "a", log: log.clone(), open: Arc::clone(&open), fails };
    pm.register_as("a", plugin).unwrap();
    let metadata = PluginMetadata::new("b").requires(["a"]);
    let plugin = Gated { name: "b", log: log.clone(), open: Arc::clone(&open), fails: false };
    PluginBuilder::new(plugin).metadata(metadata).extends(Lifecycle).register(&pm).unwrap();
    (pm, log, open)
}

pub(super) fn state(pm: &AsyncPluginManager, name: &str) -> PluginState {
    pm.descriptor(name).unwrap().state
}

pub(super) fn poll<F: Future + ?Sized>(future: std::pin::Pin<&mut F>, woken: &Arc<Woken>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(&Waker::from(Arc::clone(woken))))
}

#[test]
fn two_tasks_start_a_plugin_once_and_the_second_is_woken() {
    let (pm, log, open) = gated(false);
    let (first_woken, second_woken) = (Arc::<Woken>::default(), Arc::<Woken>::default());
    let (mut first, mut second) = (pin!(pm.start_plugin("a")), pin!(pm.start_all()));
    assert!(poll(first.as_mut(), &first_woken).is_pending());
    assert_eq!(state(&pm, "a"), PluginState::Starting);
    assert!(poll(second.as_mut(), &second_woken).is_pending());
    assert!(!second_woken.0.load(Ordering::SeqCst));
    open.store(true, Ordering::SeqCst);
    assert!(matches!(poll(first.as_mut(), &first_woken), Poll::Ready(Ok(()))));
    assert!(second_woken.0.load(Ordering::SeqCst));
    block_on(second).unwrap();
    assert_eq!(log.take(), ["a.init", "a.start", "b.init", "b.start"]);
}

#[test]
fn the_second_has_the_outcome_of_the_first() {
    let (pm, log, open) = gated(true);
    let woken = Arc::<Woken>::default();
    let (mut first, mut second) = (pin!(pm.start_plugin("a")), pin!(pm.start_plugin("a")));
    assert!(poll(first.as_mut(), &woken).is_pending());
    assert!(poll(second.as_mut(), &woken).is_pending());
    open.store(true, Ordering::SeqCst);
    let Poll::Ready(Err(first)) = poll(first.as_mut(), &woken) else { panic!("expected a failure") };
    let second = block_on(second).unwrap_err();
    assert_eq!(format!("{first:?}"), format!("{second:?}"));
    assert!(matches!(second, Error::Start { .. }));
    assert_eq!(log.take(), ["a.init", "a.start", "a.unload"]);
}

#[test]
fn a_start_that_is_dropped_has_failed() {
    let (pm, log, open) = gated(false);
    let woken = Arc::<Woken>::default();
    let mut second = pin!(pm.start_plugin("a"));
    {
        let mut first = Box::pin(pm.start_plugin("a"));
        assert!(poll(first.as_mut(), &woken).is_pending());
        assert!(poll(second.as_mut(), &woken).is_pending());
        assert!(!woken.0.swap(false, Ordering::SeqCst) || state(&pm, "a") == PluginState::Starting);
    }
    let descriptor = pm.descriptor("a").unwrap();
    assert_eq!(
        (descriptor.state, descriptor.failed_reason.as_deref()),
        (PluginState::Failed, Some("cancelled"))
    );
    assert!(woken.0.load(Ordering::SeqCst));
    let error = block_on(second).unwrap_err();
    assert!(format!("{error:?}").ends_with("cancelled"), "{error:?}");
    log.take();
    // What `init` did is left to be taken back; the plugin starts again.
    open.store(true, Ordering::SeqCst);
    block_on(pm.stop_plugin("a")).unwrap();
    assert_eq!(log.take(), ["a.unload"]);
    block_on(pm.start_plugin("a")).unwrap();
    assert_eq!(state(&pm, "a"), PluginState::Started);
    assert_eq!(pm.descriptor("a").unwrap().failed_reason.as_deref(), None);
}

#[test]
fn a_stop_that_is_dropped_has_failed_and_can_be_done_again() {
    let (pm, log, open) = gated(false);
    open.store(true, Ordering::SeqCst);
    block_on(pm.start_all()).unwrap();
    open.store(false, Ordering::SeqCst);
    log.take();
    {
        let mut stop = Box::pin(pm.stop_plugin("b"));
        assert!(poll(stop.as_mut(), &Arc::default()).is_pending());
        assert_eq!(state(&pm, "b"), PluginState::Stopping);
    }
    assert_eq!(pm.descriptor("b").unwrap().failed_reason.as_deref(), Some("cancelled"));
    open.store(true, Ordering::SeqCst);
    block_on(pm.stop_all()).unwrap();
    assert_eq!(log.take(), ["b.stop", "b.stop", "b.unload", "a.stop", "a.unload"]);
}

#[test]
fn a_removal_that_is_dropped_removes_nevertheless() {
    let (pm, _, open) = gated(false);
    open.store(true, Ordering::SeqCst);
    block_on(pm.start_all()).unwrap();
    open.store(false, Ordering::SeqCst);
    {
        let mut removal = Box::pin(pm.remove("b"));
        assert!(poll(removal.as_mut(), &Arc::default()).is_pending());
        // What leaves cannot be started meanwhile, and is there until it has been stopped.
        assert!(pm.is_registered("b"));
    }
    assert_eq!(pm.plugin_names(), ["a"]);
}

#[test]
fn a_start_waits_for_the_stop_that_is_under_way() {
    let (pm, log, open) = gated(false);
    open.store(true, Ordering::SeqCst);
    block_on(pm.start_plugin("a")).unwrap();
    open.store(false, Ordering::SeqCst);
    log.take();
    let woken = Arc::<Woken>::default();
    let (mut stop, mut start) = (pin!(pm.stop_plugin("a")), pin!(pm.start_plugin("a")));
    assert!(poll(stop.as_mut(), &woken).is_pending());
    assert!(poll(start.as_mut(), &woken).is_pending());
    open.store(true, Ordering::SeqCst);
    block_on(stop).unwrap();
    block_on(start).unwrap();
    assert_eq!(log.take(), ["a.stop", "a.unload", "a.init", "a.start"]);
    assert_eq!(state(&pm, "a"), PluginState::Started);
}

#[test]
fn a_dropped_transaction_leaves_no_plugin_registered() {
    let pm = AsyncPluginManager::new("lives");
    let (log, open) = (Log::new(), Arc::<Gate>::default());
    {
        let plugin = Gated { name: "a", log, open, fails: false };
        let mut start = Box::pin(pm.transaction().plugin(plugin).register_and_start());
        assert!(poll(start.as_mut(), &Arc::default()).is_pending());
        assert!(pm.is_registered("Gated"));
    }
    assert!(pm.plugin_names().is_empty());
}

#[test]
fn the_futures_can_be_spawned() {
    fn is_send<T: Send>(_: &T) {}
    let (pm, _, _) = gated(false);
    is_send(&pm.start_all());
    is_send(&pm.start_plugin("a"));
    is_send(&pm.stop_all());
    is_send(&pm.stop_plugin("a"));
    is_send(&pm.remove("a"));
    is_send(&pm.unload_all());
    is_send(&pm.transaction().register_and_start());
}

#[tokio::test]
async fn a_blocking_phase_blocks_no_task_and_its_timeout_holds() {
    struct Blocking(Mutex<std::sync::mpsc::Receiver<()>>);
    #[extension]
    impl Lifecycle for Blocking {
        #[extension(blocking)]
        fn start(&self, cx: &PluginContext) -> Result<(), BoxError> {
            assert_eq!(cx.id(), "Blocking");
            self.0.lock().unwrap().recv()?;
            Ok(())
        }
    }
    struct Late;
    #[extension]
    impl Lifecycle for Late {
        #[extension(timeout = "1ms")]
        async fn start(&self) -> Result<(), BoxError> {
            std::future::pending().await
        }
    }
    let (send, receive) = std::sync::mpsc::channel();
    let pm = AsyncPluginManager::new("lives");
    pm.register(Blocking(Mutex::new(receive))).unwrap();
    pm.register(Late).unwrap();
    let (started, ()) = tokio::join!(pm.start_plugin("Blocking"), async { send.send(()).unwrap() });
    started.unwrap();
    let error = pm.start_plugin("Late").await.unwrap_err();
    assert!(format!("{error:?}").contains("the limit is 1ms"), "{error:?}");
    assert_eq!(state(&pm, "Late"), PluginState::Failed);
}

#[test]
fn a_signal_wakes_the_tasks_that_await_it() {
    let signal = pluginkit::lifecycle::CancellationSignal::new();
    let (mut cancelled, woken) = (Box::pin(signal.cancelled()), Arc::<Woken>::default());
    assert!(poll(cancelled.as_mut(), &woken).is_pending());
    drop(Box::pin(signal.cancelled()));
    assert!(!signal.wait(std::time::Duration::ZERO));
    signal.cancel();
    assert!(woken.0.load(Ordering::SeqCst));
    assert!(poll(cancelled.as_mut(), &woken).is_ready());
    assert!(signal.wait(std::time::Duration::ZERO) && signal.clone().is_cancelled());
}

#[extension_point(service)]
trait Counter: Send + Sync {
    fn count(&self) -> u8;
}

struct Seven;

impl Counter for Seven {
    fn count(&self) -> u8 {
        7
    }
}

#[test]
fn a_dropped_start_leaves_no_second_service() {
    struct Providing(Arc<Gate>);
    #[extension]
    impl Lifecycle for Providing {
        async fn start(&self, cx: &PluginContext) -> Result<(), BoxError> {
            cx.provide::<dyn Counter>(Arc::new(Seven))?;
            self.0.passed().await;
            Ok(())
        }
    }
    let (pm, open) = (AsyncPluginManager::new("lives"), Arc::<Gate>::default());
    pm.register(Providing(Arc::clone(&open))).unwrap();
    {
        let mut start = Box::pin(pm.start_all());
        assert!(poll(start.as_mut(), &Arc::default()).is_pending());
        assert_eq!(pm.services::<dyn Counter>().len(), 1);
    }
    assert!(pm.services::<dyn Counter>().is_empty());
    open.store(true, Ordering::SeqCst);
    block_on(pm.start_all()).unwrap();
    assert_eq!(pm.all_services::<dyn Counter>().len(), 1);
    assert_eq!(pm.service::<dyn Counter>().unwrap().count(), 7);
}

#[test]
fn of_two_removals_at_once_one_has_the_plugin() {
    let (pm, log, open) = gated(false);
    open.store(true, Ordering::SeqCst);
    block_on(pm.start_all()).unwrap();
    log.take();
    open.store(false, Ordering::SeqCst);
    let (mut first, mut second) = (Box::pin(pm.remove("b")), Box::pin(pm.remove("b")));
    assert!(poll(first.as_mut(), &Arc::default()).is_pending());
    assert!(poll(second.as_mut(), &Arc::default()).is_pending());
    open.store(true, Ordering::SeqCst);
    assert!(block_on(first).unwrap().is_some());
    assert!(block_on(second).unwrap().is_none());
    assert_eq!(log.take(), ["b.stop", "b.unload"]);
}

#[test]
fn a_runtime_of_a_sync_manager_runs_async_phases() {
    let (log, open) = (Log::new(), Arc::new(Gate::new(true)));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let pm = PluginManager::builder("lives").block_on(runtime).build();
    pm.register_as("a", Gated { name: "a", log: log.clone(), open: Arc::clone(&open), fails: false })
        .unwrap();
    pm.start_all().unwrap();
    pm.stop_all().unwrap();
    assert_eq!(log.take(), ["a.init", "a.start", "a.stop", "a.unload"]);
    let pm = PluginManager::new("lives");
    let refused = pm.register_as("a", Gated { name: "a", log, open, fails: false });
    assert!(matches!(refused, Err(Error::AsyncExtension { .. })));
}

#[test]
fn a_rollback_keeps_the_dependency_of_a_plugin_started_meanwhile() {
    #[plugin(id = "base")]
    struct Base;
    #[plugin(id = "user", requires = ["base"])]
    struct User;
    let (log, open) = (Log::new(), Arc::<Gate>::default());
    let pm = AsyncPluginManager::new("lives");
    pm.register(Base).unwrap();
    pm.register(User).unwrap();
    pm.register_as("slow", Gated { name: "slow", log, open: Arc::clone(&open), fails: true }).unwrap();
    let mut start = Box::pin(pm.start_plugins(["base", "slow"], pluginkit::lifecycle::StartPolicy::Rollback));
    assert!(poll(start.as_mut(), &Arc::default()).is_pending());
    block_on(pm.start_plugin("user")).unwrap();
    open.store(true, Ordering::SeqCst);
    assert_eq!(block_on(start).unwrap_err().plugin().unwrap(), "slow");
    assert_eq!(state(&pm, "slow"), PluginState::Failed);
    assert_eq!((state(&pm, "base"), state(&pm, "user")), (PluginState::Started, PluginState::Started));
}
