//! `TracingSpans` of an async manager: spans are entered while their code is polled, and nowhere else.

use std::pin::Pin;
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use pluginkit::insight::{TracingEvents, TracingSpans};
use pluginkit::prelude::*;
use pluginkit_tests::pending;
use tokio::runtime::{Builder, Runtime};
use tokio::task::{JoinSet, yield_now};
use tracing::dispatcher::{set_default, with_default};
use tracing::info;

use super::tree::Tree;

#[extension_point]
trait Specs {
    fn fetch(&self, topic: &str) -> String;
    #[extension_point(firstresult)]
    fn find(&self, key: &str) -> Option<String>;
}

/// Tells when it goes.
struct Guard(&'static str);

impl Drop for Guard {
    fn drop(&mut self) {
        info!("{} goes", self.0);
    }
}

/// Tells what it does, and is pending in between.
struct Steps(&'static str);

#[extension]
impl Specs for Steps {
    async fn fetch(&self, topic: &str) -> String {
        let _guard = Guard(self.0);
        info!("{} begins {topic}", self.0);
        pending(1).await;
        yield_now().await;
        info!("{} ends {topic}", self.0);
        topic.to_owned()
    }
}

struct Around;

#[extension(wrapper)]
impl Specs for Around {
    async fn fetch(&self, topic: &str, next: Next<'_>) -> Vec<String> {
        let _guard = Guard("around");
        pending(1).await;
        info!("before {topic}");
        let outcome = next.run(topic).await;
        pending(1).await;
        info!("after {topic}");
        outcome
    }
}

/// Works on the blocking pool.
struct Pool;

#[extension(blocking)]
impl Specs for Pool {
    fn fetch(&self, topic: &str) -> String {
        info!("works on {topic}");
        topic.to_owned()
    }
}

fn manager() -> AsyncPluginManager {
    let pm = AsyncPluginManager::new("spans");
    pm.add_extension_points(Specs).unwrap();
    pm.observe(TracingSpans::new()).forget();
    pm
}

/// A runtime whose threads, also those of the pool, tell `tree` what they do, and this thread while `body` runs.
fn on_threads<R>(tree: &Tree, body: impl FnOnce(&Runtime) -> R) -> R {
    let dispatch = tree.subscriber();
    let of_thread = dispatch.clone();
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .on_thread_start(move || std::mem::forget(set_default(&of_thread)))
        .build()
        .unwrap();
    with_default(&dispatch, || body(&runtime))
}

fn poll<T>(future: &mut Pin<Box<impl Future<Output = T>>>) -> Poll<T> {
    future.as_mut().poll(&mut Context::from_waker(Waker::noop()))
}

/// What stands on the top of a drawing, each with all that stands in it, sorted.
fn sorted(drawn: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    for line in drawn.lines().skip(1) {
        match parts.last_mut() {
            Some(part) if line.starts_with("    ") => part.extend(["\n", line]),
            _ => parts.push(line.to_owned()),
        }
    }
    parts.sort();
    parts
}

#[test]
fn between_polls_no_thread_is_in_a_span() {
    let pm = manager();
    pm.register_as("steps", Steps("steps")).unwrap();
    pm.register_as("around", Around).unwrap();
    let fetch = pm.caller(Specs::fetch);
    let (tree, ()) = Tree::of(|| {
        let (mut one, mut other) = (Box::pin(fetch.call("one")), Box::pin(fetch.call("other")));
        let mut polls = 0;
        loop {
            let ready = [poll(&mut one).is_ready(), poll(&mut other).is_ready()];
            info!("between");
            polls += 1;
            if ready == [true, true] {
                break;
            }
        }
        assert_eq!(polls, 5);
    });
    let call = |topic: &str| {
        format!(
            "  call Specs::fetch: returned
    wrapper around: returned
      - before {topic}
      extension steps: returned
        - steps begins {topic}
        - steps ends {topic}
        - steps goes
      - after {topic}
      - around goes"
        )
    };
    let mut expected = vec!["  - between".to_owned(); 5];
    expected.extend([call("one"), call("other")]);
    assert_eq!(sorted(&tree.draw()), expected);
    assert_eq!(tree.entered("steps"), 4, "when it was made, and for each of three polls");
}

#[test]
fn tasks_of_several_threads_have_spans_of_their_own() {
    let pm = manager();
    pm.register_as("steps", Steps("steps")).unwrap();
    pm.register_as("pool", Pool).unwrap();
    let tree = Tree::default();
    on_threads(&tree, |runtime| {
        runtime.block_on(async {
            let mut tasks = JoinSet::new();
            for task in 10..30 {
                let fetch = pm.caller(Specs::fetch);
                tasks.spawn(async move {
                    fetch.call(&task.to_string()).await;
                    info!("task {task}");
                });
            }
            tasks.join_all().await;
        });
    });
    let call = |task: u32| {
        format!(
            "  call Specs::fetch: returned
    extension steps: returned
      - steps begins {task}
      - steps ends {task}
      - steps goes
    extension pool: returned
      - works on {task}"
        )
    };
    let told = (10..30).map(|task| format!("  - task {task}"));
    let expected: Vec<_> = told.chain((10..30).map(call)).collect();
    assert_eq!(sorted(&tree.draw()), expected);
}

#[test]
fn concurrent_extensions_have_spans_beside_each_other() {
    let pm = manager();
    pm.register_as("a", Steps("a")).unwrap();
    pm.register_as("b", Steps("b")).unwrap();
    pm.register_fn("fn", Specs::fetch, |args| {
        info!("in place");
        args.topic.to_owned()
    })
    .unwrap();
    pm.register_as("around", Around).unwrap();
    let (tree, ()) = Tree::of(|| {
        let fetch = pm.caller(Specs::fetch);
        let mut call = Box::pin(fetch.call_concurrent("x"));
        while poll(&mut call).is_pending() {
            info!("between");
        }
    });
    let drawn = tree.draw().replace("\n  - between", "");
    let expected = "
  call Specs::fetch: returned
    wrapper around: returned
      - before x
      extension a: returned
        - a begins x
        - a ends x
        - a goes
      extension b: returned
        - b begins x
        - b ends x
        - b goes
      extension fn: returned
        - in place
      - after x
      - around goes
";
    assert_eq!(drawn, expected);
}

#[test]
fn extensions_on_the_pool_have_spans_there_in_concurrent_calls_too() {
    let pm = AsyncPluginManager::builder("spans").offload_sync(true).build();
    pm.add_extension_points(Specs).unwrap();
    pm.observe(TracingSpans::new()).forget();
    pm.register_as("pool", Pool).unwrap();
    pm.register_fn("offloaded", Specs::fetch, |args| {
        info!("offloaded");
        args.topic.to_owned()
    })
    .unwrap();
    let tree = Tree::default();
    on_threads(&tree, |runtime| {
        let fetch = pm.caller(Specs::fetch);
        runtime.block_on(fetch.call_concurrent("x"));
        runtime.block_on(fetch.call("x"));
        let _entered = runtime.enter();
        fetch.call_blocking("x").unwrap();
    });
    let call = "
  call Specs::fetch: returned
    extension pool: returned
      - works on x
    extension offloaded: returned
      - offloaded";
    assert_eq!(tree.draw(), format!("{}\n", call.repeat(3)));
}

#[test]
fn a_call_that_is_dropped_is_cancelled_and_cleans_up_in_its_spans() {
    let pm = manager();
    pm.observe(TracingEvents::new()).forget();
    pm.register_as("steps", Steps("steps")).unwrap();
    pm.register_as("around", Around).unwrap();
    let (tree, ()) = Tree::of(|| {
        let fetch = pm.caller(Specs::fetch);
        drop(Box::pin(fetch.call("never polled")));
        let mut call = Box::pin(fetch.call("x"));
        for _ in 0..2 {
            assert!(poll(&mut call).is_pending());
        }
        drop(call);
        let mut concurrent = Box::pin(fetch.call_concurrent("y"));
        for _ in 0..2 {
            assert!(poll(&mut concurrent).is_pending());
        }
        drop(concurrent);
    });
    let call = |topic: &str| {
        format!(
            "
  call Specs::fetch: cancelled
    wrapper around: cancelled
      - before {topic}
      extension steps: cancelled
        - steps begins {topic}
        - steps goes
      - cancelled
      - around goes
    - cancelled
  - cancelled"
        )
    };
    assert_eq!(tree.draw(), format!("{}{}\n", call("x"), call("y")));
}

#[test]
fn an_extension_that_is_dropped_when_its_time_is_over_says_so() {
    let pm = manager();
    pm.register_as("steps", Steps("steps")).unwrap();
    PluginBuilder::new(())
        .named("slow")
        .async_extension(Specs::fetch, pluginkit::Options::new(), |_, _, slot| {
            slot.put(async {
                let _guard = Guard("slow");
                tokio::time::sleep(Duration::from_secs(3600)).await;
                String::new()
            })
        })
        .register(&pm)
        .unwrap();
    pm.set_plugin_timeout("slow", Some(Duration::from_millis(250))).unwrap();
    let (tree, ()) = Tree::of(|| {
        let runtime = Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(pm.caller(Specs::fetch).try_call("x")).unwrap_err();
    });
    let expected = "
  call Specs::fetch: timed_out
    extension steps: returned
      - steps begins x
      - steps ends x
      - steps goes
    extension slow: timed_out
      - slow goes
";
    assert_eq!(tree.draw(), expected);
}

#[test]
fn a_span_stays_open_until_a_body_that_cannot_be_dropped_has_ended() {
    let pm = AsyncPluginManager::builder("spans").offload_sync(true).build();
    pm.add_extension_points(Specs).unwrap();
    pm.observe(TracingSpans::new()).forget();
    let ((begun, begins), (end, ends)) = (mpsc::channel(), mpsc::channel());
    let ends = Arc::new(Mutex::new(ends));
    pm.register_fn("waits", Specs::find, move |_| {
        begun.send(()).unwrap();
        ends.lock().unwrap().recv().unwrap();
        info!("ends late");
        None
    })
    .unwrap();
    let tree = Tree::default();
    on_threads(&tree, |runtime| {
        let _entered = runtime.enter();
        let find = pm.caller(Specs::find);
        let mut call = Box::pin(find.call("x"));
        assert!(poll(&mut call).is_pending());
        begins.recv().unwrap();
        drop(call);
        assert!(tree.is_open("waits"));
        end.send(()).unwrap();
    });
    let expected = "
  call Specs::find: cancelled
    extension waits: cancelled
      - ends late
";
    // The runtime has waited for it.
    assert_eq!(tree.draw(), expected);
}

#[test]
fn a_sync_manager_has_spans_for_the_futures_it_waits_for() {
    let runtime = Arc::new(Builder::new_current_thread().build().unwrap());
    let pm = PluginManager::builder("spans").block_on(runtime).build();
    pm.add_extension_points(Specs).unwrap();
    pm.register_as("steps", Steps("steps")).unwrap();
    let _guard = pm.observe(TracingSpans::new());
    let drawn = Tree::drawn(|| {
        pm.caller(Specs::fetch).call("x");
        info!("outside");
    });
    let expected = "
  call Specs::fetch: returned
    extension steps: returned
      - steps begins x
      - steps ends x
      - steps goes
  - outside
";
    assert_eq!(drawn, expected);
}
