//! Calls run on any executor: their futures are lazy, `Send` where their arguments are, and own the rest.

use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use futures_util::StreamExt;
use pluginkit::prelude::*;
use pluginkit_tests::{Log, block_on, pending};
use tokio::runtime::{Builder, Runtime};

struct Ctx<'x> {
    lines: &'x mut Vec<String>,
}

#[extension_point]
trait Specs {
    fn fetch(&self, topic: &str, limit: usize) -> String;
    fn visit(&self, cx: &mut Ctx<'_>, note: &'static str);
    fn parse(&self, text: String) -> Result<usize, String>;
    #[extension_point(firstresult)]
    fn find<'a>(&self, from: &'a [String], key: &str) -> Option<&'a str>;
    #[extension_point(pipeline)]
    fn transform(&self, text: String) -> String;
    #[extension_point(pipeline)]
    fn edit(&self, text: &mut String);
    #[extension_point(historic)]
    fn configure(&self, level: u32);
    fn local(&self, shared: Rc<u32>) -> u32;
}

struct Slow;

#[extension]
impl Specs for Slow {
    async fn fetch(&self, topic: &str, limit: usize) -> String {
        tokio::task::yield_now().await;
        pending(1).await;
        format!("{topic}{limit}")
    }
    async fn visit(&self, cx: &mut Ctx<'_>, note: &'static str) {
        pending(1).await;
        cx.lines.push(note.to_owned());
    }
    async fn parse(&self, text: String) -> Result<usize, String> {
        pending(1).await;
        Ok(text.len())
    }
    async fn find<'a>(&self, from: &'a [String], key: &str) -> Option<&'a str> {
        pending(1).await;
        from.iter().map(String::as_str).find(|each| each.starts_with(key))
    }
    async fn transform(&self, text: String) -> String {
        pending(1).await;
        text + "+"
    }
    async fn edit(&self, text: &mut String) {
        pending(1).await;
        text.push('!');
    }
    async fn configure(&self) {
        pending(1).await;
    }
    fn local(&self, shared: Rc<u32>) -> u32 {
        *shared
    }
}

struct Around;

#[extension(wrapper)]
impl Specs for Around {
    async fn fetch(&self, topic: &str, limit: usize, next: Next<'_>) -> Vec<String> {
        pending(1).await;
        next.run(&topic.to_uppercase(), limit + 1).await
    }
    async fn visit(&self, cx: &mut Ctx<'_>, note: &'static str, next: Next<'_>) {
        next.run(cx, note).await;
        cx.lines.push("around".into());
    }
}

fn manager() -> AsyncPluginManager {
    let pm = AsyncPluginManager::new("executors");
    pm.add_extension_points(Specs).unwrap();
    pm.register(Slow).unwrap();
    pm.register(Around).unwrap();
    pm.register_fn("fn", Specs::fetch, |args| args.topic.to_owned()).unwrap();
    pm
}

fn multi_thread() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).build().unwrap()
}

fn current_thread() -> Runtime {
    Builder::new_current_thread().build().unwrap()
}

/// Awaits a call of every mode.
async fn every_mode(pm: &AsyncPluginManager) {
    assert_eq!(pm.caller(Specs::fetch).call("t", 1).await, ["T2", "T"]);
    assert_eq!(pm.caller(Specs::fetch).call_concurrent("t", 1).await, ["T2", "T"]);
    assert_eq!(pm.caller(Specs::fetch).try_call("t", 1).await.unwrap(), ["T2", "T"]);
    assert_eq!(pm.caller(Specs::fetch).settle("t", 1).await.len(), 2);
    assert_eq!(pm.caller(Specs::fetch).stream("t", 1).collect::<Vec<_>>().await, ["t1", "t"]);
    assert_eq!(pm.caller(Specs::parse).call("text".into()).await, Ok(vec![4]));
    let from = ["alpha".to_owned(), "beta".to_owned()];
    assert_eq!(pm.caller(Specs::find).call(&from, "b").await, Some("beta"));
    assert_eq!(pm.caller(Specs::transform).call("x".into()).await, "x+");
    let mut text = String::from("x");
    pm.caller(Specs::edit).call(&mut text).await;
    assert_eq!(text, "x!");
    let mut lines = Vec::new();
    pm.caller(Specs::visit).call(&mut Ctx { lines: &mut lines }, "note").await;
    assert_eq!(lines, ["note", "around"]);
    pm.caller(Specs::configure).call_historic(1).await;
    pm.register_and_replay_as("late", Slow).await.unwrap();
    assert!(pm.unregister("late").is_some());
}

#[test]
fn calls_run_on_tasks_of_a_multi_thread_runtime() {
    let pm = Arc::new(manager());
    multi_thread().block_on(async {
        let tasks = (0..8).map(|_| {
            let caller = pm.caller(Specs::fetch);
            tokio::spawn(async move { caller.call("t", 1).await })
        });
        for task in tasks.collect::<Vec<_>>() {
            assert_eq!(task.await.unwrap(), ["T2", "T"]);
        }
        let inner = Arc::clone(&pm);
        tokio::spawn(async move { every_mode(&inner).await }).await.unwrap();
    });
}

#[test]
fn calls_run_on_tasks_of_a_current_thread_runtime() {
    let pm = Arc::new(manager());
    current_thread().block_on(async {
        let inner = Arc::clone(&pm);
        tokio::spawn(async move { every_mode(&inner).await }).await.unwrap();
        every_mode(&pm).await;
    });
}

#[test]
fn calls_with_arguments_that_are_not_send_run_where_they_are() {
    let pm = manager();
    let shared = Rc::new(4);
    assert_eq!(block_on(pm.caller(Specs::local).call(Rc::clone(&shared))), [4]);
    let set = tokio::task::LocalSet::new();
    let outcome = set.block_on(&current_thread(), async move {
        tokio::task::spawn_local(async move { pm.caller(Specs::local).call(shared).await }).await
    });
    assert_eq!(outcome.unwrap(), [4]);
}

#[test]
fn calls_run_without_a_runtime() {
    block_on(every_mode(&manager()));
}

#[test]
fn calls_run_when_they_are_polled_by_hand() {
    let pm = manager();
    let mut call = Box::pin(pm.caller(Specs::fetch).without(["Around"]).call("t", 1));
    let mut cx = Context::from_waker(Waker::noop());
    // Outside of a runtime `yield_now` waits once, as does `pending`.
    assert!(call.as_mut().poll(&mut cx).is_pending());
    assert!(call.as_mut().poll(&mut cx).is_pending());
    assert_eq!(call.as_mut().poll(&mut cx), Poll::Ready(vec!["t1".into(), "t".into()]));
}

#[test]
fn a_call_may_move_to_another_thread_between_two_polls() {
    let pm = manager();
    let mut call = Box::pin(pm.caller(Specs::fetch).call("t", 1));
    let mut cx = Context::from_waker(Waker::noop());
    assert!(call.as_mut().poll(&mut cx).is_pending());
    let mut call = std::thread::spawn(move || {
        let mut cx = Context::from_waker(Waker::noop());
        assert!(call.as_mut().poll(&mut cx).is_pending());
        call
    })
    .join()
    .unwrap();
    assert!(call.as_mut().poll(&mut cx).is_pending());
    assert_eq!(std::thread::spawn(move || block_on(call)).join().unwrap(), ["T2", "T"]);
}

#[test]
fn a_call_wakes_its_task_when_its_extension_is_woken() {
    struct Waits(Arc<tokio::sync::Semaphore>);
    #[extension]
    impl Specs for Waits {
        async fn parse(&self) -> Result<usize, String> {
            self.0.acquire().await.unwrap().forget();
            Ok(1)
        }
    }
    let pm = AsyncPluginManager::new("executors");
    pm.add_extension_points(Specs).unwrap();
    let gate = Arc::new(tokio::sync::Semaphore::new(0));
    pm.register(Waits(Arc::clone(&gate))).unwrap();
    let runtime = multi_thread();
    let sequential = runtime.spawn(pm.caller(Specs::parse).call(String::new()));
    let concurrent = runtime.spawn(pm.caller(Specs::parse).call_concurrent(String::new()));
    gate.add_permits(2);
    assert_eq!(runtime.block_on(sequential).unwrap(), Ok(vec![1]));
    assert_eq!(runtime.block_on(concurrent).unwrap(), Ok(vec![1]));
}

#[test]
fn nothing_happens_before_the_first_poll() {
    let (pm, log) = (manager(), Log::new());
    for name in ["Slow", "Around", "fn"] {
        pm.unregister(name).unwrap();
    }
    let ran = log.clone();
    pm.register_fn("fetch", Specs::fetch, move |_| {
        ran.push("fetch");
        String::new()
    })
    .unwrap();
    let ran = log.clone();
    pm.register_fn("configure", Specs::configure, move |_| ran.push("configure")).unwrap();
    let _observer = pm.observe(pluginkit_tests::Show("", log.clone()));
    let caller = pm.caller(Specs::fetch);
    drop(caller.call("t", 1));
    drop(caller.call_concurrent("t", 1));
    drop(caller.try_call("t", 1));
    drop(caller.settle("t", 1));
    drop(caller.stream("t", 1));
    drop(pm.caller(Specs::configure).call_historic(1));
    assert!(log.take().is_empty());
    block_on(caller.call("t", 1));
    assert_eq!(log.line(), "fetch> fetch> fetch fetch< fetch<");
}

const fn send<T: Send>(value: T) -> T {
    value
}

const fn send_for_ever<T: Send + 'static>(value: T) -> T {
    value
}

#[test]
fn futures_are_send_whatever_their_arguments_borrow() {
    let pm = manager();
    let topic = String::from("t");
    let caller = pm.caller(Specs::fetch);
    assert_eq!(block_on(send(caller.call(&topic, 1))), ["T2", "T"]);
    assert_eq!(block_on(send(caller.call_concurrent(&topic, 1))), ["T2", "T"]);
    assert!(block_on(send(caller.try_call(&topic, 1))).is_ok());
    assert_eq!(block_on(send(caller.settle(&topic, 1))).len(), 2);
    assert_eq!(block_on(send(caller.stream(&topic, 1)).count()), 2);
    let mut text = String::new();
    block_on(send(pm.caller(Specs::edit).call(&mut text)));
    assert!(block_on(send(pm.caller(Specs::edit).try_call(&mut text))).is_ok());
    assert_eq!(text, "!!");
    let mut lines = Vec::new();
    block_on(send(pm.caller(Specs::visit).call(&mut Ctx { lines: &mut lines }, "note")));
    assert_eq!(block_on(send(pm.caller(Specs::visit).settle(&mut Ctx { lines: &mut lines }, "n"))).len(), 1);
    assert_eq!(lines, ["note", "around", "n"]);
    let from = [topic];
    let found;
    {
        let key = String::from("t");
        found = block_on(send(pm.caller(Specs::find).call(&from, &key)));
    }
    assert_eq!(found, Some("t"));
    block_on(send(pm.caller(Specs::configure).call_historic(1)));
    block_on(send(pm.caller(Specs::configure).call_historic_with(2, |()| ())));
    block_on(send(pm.register_and_replay_as("late", Slow))).unwrap();
    block_on(send(PluginBuilder::new(Slow).named("later").register_and_replay(&pm))).unwrap();
}

#[test]
fn futures_of_static_arguments_outlive_caller_and_manager() {
    let pm = manager();
    let call = send_for_ever(pm.caller(Specs::fetch).call("t", 1));
    let concurrent = send_for_ever(pm.caller(Specs::fetch).call_concurrent("t", 1));
    let tried = send_for_ever(pm.caller(Specs::transform).try_call("t".into()));
    let settled = send_for_ever(pm.caller(Specs::parse).settle("t".into()));
    let stream = send_for_ever(pm.caller(Specs::fetch).stream("t", 1));
    let historic = send_for_ever(pm.caller(Specs::configure).call_historic(1));
    drop(pm);
    assert_eq!(block_on(call), ["T2", "T"]);
    assert_eq!(block_on(concurrent), ["T2", "T"]);
    assert_eq!(block_on(tried).unwrap(), "t+");
    assert_eq!(block_on(settled).len(), 1);
    assert_eq!(block_on(stream.collect::<Vec<_>>()), ["t1", "t"]);
    block_on(historic);
}
