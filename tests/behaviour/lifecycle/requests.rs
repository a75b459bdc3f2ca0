//! Operations on a plugin while one of its phases is under way.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use pluginkit::lifecycle::Lifecycle;
use pluginkit::metadata::PluginState;
use pluginkit::prelude::*;
use pluginkit::{BoxError, Error};
use pluginkit_tests::{Log, block_on};

use super::tasks::{Gate, poll};

/// What is asked of a plugin while one of its phases is under way.
#[derive(Clone, Copy, Debug)]
enum Asked {
    StartPlugin,
    StartAll,
    StopPlugin,
    StopAll,
    Remove,
    UnloadAll,
}

async fn ask(pm: &AsyncPluginManager, asked: Asked) -> Result<(), Error> {
    match asked {
        Asked::StartPlugin => pm.start_plugin("a").await,
        Asked::StartAll => pm.start_all().await,
        Asked::StopPlugin => pm.stop_plugin("a").await,
        Asked::StopAll => pm.stop_all().await,
        Asked::Remove => pm.remove("a").await.map(drop),
        Asked::UnloadAll => pm.unload_all().await,
    }
}

/// What ran after the phase that was under way had ended, how the question ended, and the state then.
fn asked_within(stopping: bool, fails: bool, asked: Asked) -> (String, bool, Option<PluginState>) {
    let (log, open) = (Log::new(), Arc::new(Gate::new(stopping)));
    let failing = Arc::new(AtomicBool::new(false));
    let pm = AsyncPluginManager::new("lives");
    pm.register_as("a", Failing { log: log.clone(), open: Arc::clone(&open), fails: Arc::clone(&failing) })
        .unwrap();
    if stopping {
        block_on(pm.start_all()).unwrap();
    }
    open.store(false, Ordering::SeqCst);
    failing.store(fails, Ordering::SeqCst);
    let mut first: std::pin::Pin<Box<dyn Future<Output = Result<(), Error>>>> = if stopping {
        Box::pin(pm.stop_plugin("a"))
    } else {
        Box::pin(pm.start_plugins(["a"], pluginkit::lifecycle::StartPolicy::Keep))
    };
    let mut second = Box::pin(ask(&pm, asked));
    assert!(poll(first.as_mut(), &Arc::default()).is_pending());
    assert!(poll(second.as_mut(), &Arc::default()).is_pending());
    log.take();
    open.store(true, Ordering::SeqCst);
    assert_eq!(block_on(first).is_err(), fails);
    failing.store(false, Ordering::SeqCst);
    let outcome = block_on(second);
    (log.line(), outcome.is_ok(), pm.descriptor("a").map(|descriptor| descriptor.state))
}

/// Whose phases are pending until a gate is opened, and fail then if they are to.
struct Failing {
    log: Log,
    open: Arc<Gate>,
    fails: Arc<AtomicBool>,
}

impl Failing {
    async fn enter(&self, phase: &str) -> Result<(), BoxError> {
        self.log.push(phase);
        self.open.passed().await;
        if self.fails.load(Ordering::SeqCst) { Err("told to".into()) } else { Ok(()) }
    }
}

#[extension]
impl Lifecycle for Failing {
    async fn start(&self) -> Result<(), BoxError> {
        self.enter("start").await
    }
    async fn stop(&self) -> Result<(), BoxError> {
        self.enter("stop").await
    }
}

#[test]
fn an_operation_within_a_phase_waits_for_its_end() {
    use Asked::{Remove, StartAll, StartPlugin, StopAll, StopPlugin, UnloadAll};

    let (started, stopped) = (Some(PluginState::Started), Some(PluginState::Stopped));
    for asked in [StartPlugin, StartAll] {
        assert_eq!(asked_within(false, false, asked), (String::new(), true, started), "{asked:?}");
        assert_eq!(
            asked_within(false, true, asked),
            (String::new(), false, Some(PluginState::Failed)),
            "{asked:?}"
        );
        assert_eq!(asked_within(true, false, asked), ("start".into(), true, started), "{asked:?}");
        assert_eq!(asked_within(true, true, asked), ("start".into(), true, started), "{asked:?}");
    }
    for (asked, then) in [(StopPlugin, stopped), (StopAll, stopped), (Remove, None), (UnloadAll, None)] {
        assert_eq!(asked_within(false, false, asked), ("stop".into(), true, then), "{asked:?}");
        assert_eq!(asked_within(false, true, asked), (String::new(), true, then), "{asked:?}");
        assert_eq!(asked_within(true, false, asked), (String::new(), true, then), "{asked:?}");
        assert_eq!(asked_within(true, true, asked), ("stop".into(), true, then), "{asked:?}");
    }
}
