//! How many extensions of one plugin may be under way at once.

use std::pin::pin;
use std::sync::{Arc, Weak};
use std::time::Duration;

use futures_util::future::{join, poll_immediate};
use futures_util::{FutureExt, StreamExt};
use pluginkit::Error;
use pluginkit::lifecycle::Lifecycle;
use pluginkit::prelude::*;
use pluginkit_tests::{Log, Show, block_on, panic_of, pending};
use tokio::runtime::Builder;
use tokio::sync::Semaphore;
use tokio::time::advance;

const LIMIT: Duration = Duration::from_millis(250);

#[extension_point]
trait Specs {
    fn hold(&self, who: &str) -> String;
    fn work(&self, who: &str) -> String;
    fn plain(&self, who: &str) -> String;
    #[extension_point(firstresult)]
    fn find(&self, who: &str) -> Option<String>;
    #[extension_point(pipeline)]
    fn transform(&self, who: String) -> String;
    #[extension_point(historic)]
    fn told(&self, who: &str);
}

/// Holds its place until it may go on.
struct Plugin {
    log: Log,
    go: Arc<Semaphore>,
}

#[extension]
impl Specs for Plugin {
    async fn hold(&self, who: &str) -> String {
        self.log.push(format!("+{who}"));
        self.go.acquire().await.unwrap().forget();
        self.log.push(format!("-{who}"));
        who.to_owned()
    }
    async fn work(&self, who: &str) -> String {
        self.log.push(who);
        pending(1).await;
        who.to_owned()
    }
    fn plain(&self, who: &str) -> String {
        self.log.push(who);
        who.to_owned()
    }
    async fn find(&self, who: &str) -> Option<String> {
        self.log.push(who);
        Some(who.to_owned())
    }
    async fn transform(&self, who: String) -> String {
        self.log.push(&who);
        who
    }
    async fn told(&self, who: &str) {
        self.log.push(who);
    }
}

#[extension]
impl Lifecycle for Plugin {
    async fn stop(&self) -> Result<(), BoxError> {
        self.log.push("stop");
        Ok(())
    }
}

/// A manager with the plugin `one`, of which one extension may be under way, what it writes, and what it waits for.
fn manager() -> (AsyncPluginManager, Log, Arc<Semaphore>) {
    let (pm, log, go) = (AsyncPluginManager::new("places"), Log::new(), Arc::new(Semaphore::new(0)));
    pm.add_extension_points(Specs).unwrap();
    pm.register_as("one", Plugin { log: log.clone(), go: Arc::clone(&go) }).unwrap();
    pm.set_plugin_concurrency("one", 1).unwrap();
    (pm, log, go)
}

/// Fails unless `future` waits.
#[track_caller]
fn waits(future: &mut (impl Future + Unpin)) {
    assert!(block_on(poll_immediate(future)).is_none());
}

#[test]
fn of_a_plugin_that_is_limited_so_many_run_at_once_whatever_points_they_extend_first_come_first_served() {
    let (pm, log, go) = manager();
    pm.set_plugin_concurrency("one", 2).unwrap();
    pm.register_fn("other", Specs::work, |args| format!("other {}", args.who)).unwrap();
    let (hold, work) = (pm.caller(Specs::hold), pm.caller(Specs::work).only(["one"]));
    let [mut a, mut b, mut c] = ["a", "b", "c"].map(|who| Box::pin(hold.call(who)));
    let mut d = Box::pin(work.call("d"));
    waits(&mut a);
    waits(&mut b);
    waits(&mut c);
    waits(&mut d);
    assert_eq!(log.line(), "+a +b");
    assert_eq!(block_on(pm.caller(Specs::work).only(["other"]).call("x")), ["other x"], "others are not");
    go.add_permits(1);
    assert_eq!(block_on(&mut a), ["a"]);
    waits(&mut d);
    waits(&mut c);
    assert_eq!(log.line(), "-a +c", "`d` came later");
    go.add_permits(1);
    assert_eq!(block_on(&mut b), ["b"]);
    assert_eq!(block_on(&mut d), ["d"]);
    go.add_permits(1);
    assert_eq!(block_on(&mut c), ["c"]);
    assert_eq!(log.line(), "-b d -c");
}

#[test]
fn every_form_of_a_call_waits() {
    let (pm, log, go) = manager();
    let hold = pm.caller(Specs::hold);
    let mut held = Box::pin(hold.call("held"));
    waits(&mut held);
    let (work, plain) = (pm.caller(Specs::work), pm.caller(Specs::plain));
    let (find, transform, told) =
        (pm.caller(Specs::find), pm.caller(Specs::transform), pm.caller(Specs::told));
    let mut all = [
        work.call("call").map(drop).boxed(),
        work.try_call("try").map(drop).boxed(),
        work.settle("settle").map(drop).boxed(),
        work.stream("stream").collect::<Vec<_>>().map(drop).boxed(),
        work.call_concurrent("beside").map(drop).boxed(),
        work.concurrency(1).call_concurrent("bounded").map(drop).boxed(),
        plain.call("fn").map(drop).boxed(),
        plain.try_call("try fn").map(drop).boxed(),
        plain.call_concurrent("fn beside").map(drop).boxed(),
        plain.extra(|args| args.who.to_owned()).call_concurrent("fn of two").map(drop).boxed(),
        find.call("find").map(drop).boxed(),
        transform.call("transform".into()).map(drop).boxed(),
        told.call_historic("told").map(drop).boxed(),
    ];
    for call in &mut all {
        waits(&mut *call);
    }
    assert_eq!(log.line(), "+held");
    go.add_permits(1);
    block_on(held);
    for call in all {
        block_on(call);
    }
    let expected = [
        "-held",
        "call",
        "try",
        "settle",
        "stream",
        "beside",
        "bounded",
        "fn",
        "try fn",
        "fn beside",
        "fn of two",
        "find",
        "transform",
        "told",
    ];
    assert_eq!(log.take(), expected);
}

#[test]
fn a_call_from_sync_code_waits_too() {
    let (pm, log, go) = manager();
    let (work, hold) = (pm.caller(Specs::work), pm.caller(Specs::hold));
    let mut held = Box::pin(hold.call("held"));
    waits(&mut held);
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| work.call_blocking("sync"));
        go.add_permits(1);
        block_on(&mut held);
        drop(held);
        assert_eq!(waiting.join().unwrap().unwrap(), ["sync"]);
    });
    assert_eq!(log.line(), "+held -held sync");
}

#[test]
fn in_a_concurrent_call_a_waiting_extension_delays_no_other() {
    let (pm, log, go) = manager();
    pm.register_fn("later", Specs::plain, |args| format!("later {}", args.who)).unwrap();
    let (hold, plain) = (pm.caller(Specs::hold), pm.caller(Specs::plain));
    let mut held = Box::pin(hold.call("held"));
    waits(&mut held);
    let seen = Log::new();
    let _guard = pm.observe(Show("", seen.clone()));
    let mut beside = Box::pin(plain.call_concurrent("x"));
    waits(&mut beside);
    assert_eq!(seen.line(), "plain> one> later> later<");
    go.add_permits(1);
    block_on(held);
    assert_eq!(block_on(beside), ["x", "later x"], "in call order");
    assert_eq!(seen.line(), "one< plain<");
    assert_eq!(log.line(), "+held -held x");
}

#[test]
fn a_call_that_is_dropped_gives_its_place_or_its_turn_to_the_next() {
    let (pm, log, _) = manager();
    let (hold, work) = (pm.caller(Specs::hold), pm.caller(Specs::work));
    let mut held = Box::pin(hold.call("held"));
    waits(&mut held);
    let [mut gives_up, mut next] = ["gives up", "next"].map(|who| Box::pin(work.call(who)));
    waits(&mut gives_up);
    waits(&mut next);
    drop(gives_up);
    waits(&mut next);
    drop(held);
    assert_eq!(block_on(next), ["next"]);
    assert_eq!(log.line(), "+held next");
}

#[test]
fn waiting_is_time_that_was_taken_and_no_overrun() {
    let (pm, log, _) = manager();
    let (hold, work, plain) = (pm.caller(Specs::hold), pm.caller(Specs::work), pm.caller(Specs::plain));
    Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
        let mut held = Box::pin(hold.call("held"));
        assert!(poll_immediate(&mut held).await.is_none());
        for late in
            [work.timeout(LIMIT).try_call("late").boxed(), plain.timeout(LIMIT).try_call("late fn").boxed()]
        {
            let mut late = late;
            assert!(poll_immediate(&mut late).await.is_none());
            advance(LIMIT).await;
            let error = late.await.unwrap_err();
            assert!(matches!(error, CallError::TimedOut { limit: LIMIT, elapsed: LIMIT, .. }), "{error}");
            assert_eq!(error.plugin().unwrap(), "one");
        }
        drop(held);
        assert_eq!(work.timeout(LIMIT).try_call("in time").await.unwrap(), ["in time"]);
    });
    assert_eq!(log.line(), "+held in time");
    assert_eq!(pm.overruns("one"), Some(0));
}

/// Calls points of its own from within.
struct Nesting(Weak<AsyncPluginManager>, Log);

#[extension]
impl Specs for Nesting {
    async fn hold(&self, who: &str) -> String {
        let pm = self.0.upgrade().unwrap();
        let (work, plain) = (pm.caller(Specs::work), pm.caller(Specs::plain));
        let (one, other) = join(work.call("1"), work.call("2")).await;
        format!("{who}{}{}{}", one.concat(), other.concat(), plain.call("3").await.concat())
    }
    async fn work(&self, who: &str) -> String {
        self.1.push(format!("+{who}"));
        pending(2).await;
        let deeper = self.0.upgrade().unwrap().caller(Specs::plain).call("deeper").await;
        self.1.push(format!("-{who}"));
        deeper.concat()
    }
    fn plain(&self, who: &str) -> String {
        self.1.push(who);
        who.to_owned()
    }
}

#[test]
fn a_reentrant_call_reuses_the_permit_one_extension_at_a_time() {
    let (pm, log) = (Arc::new(AsyncPluginManager::new("places")), Log::new());
    pm.add_extension_points(Specs).unwrap();
    pm.register(Nesting(Arc::downgrade(&pm), log.clone())).unwrap();
    pm.set_plugin_concurrency("Nesting", 1).unwrap();
    assert_eq!(block_on(pm.caller(Specs::hold).call("0")), ["0deeperdeeper3"]);
    assert_eq!(log.line(), "+1 deeper -1 +2 deeper -2 3");
    assert_eq!(block_on(pm.caller(Specs::plain).call("x")), ["x"], "all places are free again");
}

#[test]
fn wrappers_and_phases_do_not_wait() {
    struct Around(Log);
    #[extension]
    impl Specs for Around {
        #[extension(wrapper)]
        async fn work(&self, next: Next<'_>) -> Vec<String> {
            self.0.push("around");
            next.run().await
        }
        async fn hold(&self) -> String {
            std::future::pending().await
        }
    }
    let (pm, log, _) = manager();
    pm.register_as("around", Around(log.clone())).unwrap();
    pm.set_plugin_concurrency("around", 1).unwrap();
    block_on(pm.start_all()).unwrap();
    let hold = pm.caller(Specs::hold);
    let [mut around, mut one] = ["around", "one"].map(|plugin| Box::pin(hold.only([plugin]).call("held")));
    waits(&mut around);
    waits(&mut one);
    let work = pm.caller(Specs::work);
    let mut waits = pin!(work.call("w"));
    assert!(block_on(poll_immediate(&mut waits)).is_none());
    assert_eq!(log.line(), "+held around", "the wrapper ran, and what it wraps waits");
    // The calls above never end.
    pm.set_drain_limit("one", Duration::ZERO).unwrap();
    block_on(pm.stop_all()).unwrap();
    assert_eq!(log.line(), "stop");
}

#[test]
fn a_limit_can_be_changed_and_lifted_for_those_that_start_then() {
    let (pm, log, _) = manager();
    let hold = pm.caller(Specs::hold);
    let [mut a, mut b, mut c] = ["a", "b", "c"].map(|who| Box::pin(hold.call(who)));
    waits(&mut a);
    waits(&mut b);
    pm.set_plugin_concurrency("one", None).unwrap();
    waits(&mut c);
    assert_eq!(log.line(), "+a +c", "`b` waits for what was the limit when it began");
    waits(&mut b);
    waits(&mut Box::pin(hold.call("d")));
    assert_eq!(log.line(), "+d");
    pm.set_plugin_concurrency("one", 7).unwrap();
    waits(&mut Box::pin(hold.call("e")));
    assert_eq!(log.line(), "+e");
    assert!(matches!(pm.set_plugin_concurrency("x", 1), Err(Error::UnknownPlugin { .. })));
    let text = panic_of(|| pm.set_plugin_concurrency("one", 0));
    assert_eq!(
        text,
        "a concurrency of 0 would let nothing run: `one` needs at least 1, or `set_enabled(…, false)`"
    );
}

/// Calls when its thread ends, and says what came of it.
struct CallsLast(AsyncCaller<pluginkit::point!(Specs::plain)>, std::sync::mpsc::Sender<Vec<String>>);

impl Drop for CallsLast {
    fn drop(&mut self) {
        let _ = self.1.send(block_on(self.0.call("last")));
    }
}

thread_local! {
    static LAST: std::cell::RefCell<Option<CallsLast>> = const { std::cell::RefCell::new(None) };
}

#[test]
fn the_destructor_of_a_thread_local_calls_a_plugin_that_is_limited() {
    let pm = AsyncPluginManager::new("limited");
    pm.add_extension_points(Specs).unwrap();
    PluginBuilder::new(())
        .named("limited")
        .async_extension(Specs::plain, pluginkit::Options::new(), |_, args, slot| {
            slot.put(async move { args.who.to_owned() })
        })
        .register(&pm)
        .unwrap();
    pm.set_plugin_concurrency("limited", 1).unwrap();
    let (told, said) = std::sync::mpsc::channel();
    let caller = pm.caller(Specs::plain);
    let thread = std::thread::spawn(move || {
        // The first to be set is the last to be dropped.
        LAST.set(Some(CallsLast(caller.clone(), told)));
        assert_eq!(block_on(caller.call("first")), ["first"]);
    });
    thread.join().unwrap();
    assert_eq!(said.recv().unwrap(), ["last"]);
}
