//! Random calls of wrappers that run the rest several times: one after the other, at once, and dropped half-way.
//!
//! The text of a failure names the implementation that made it. A guarded call must name the same one, and observers must
//! hear of it once, and of all others that they passed it on.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use futures_util::future::{Either, FutureExt, join, select};
use pluginkit::observe::{End, Event, Observer};
use pluginkit::prelude::*;
use pluginkit::{CallError, Options};
use pluginkit_tests::pending;

#[extension_point]
trait Specs {
    /// `path` says which run of each wrapper this is.
    fn run(&self, path: &str, owned: Arc<str>) -> Result<String, String>;
    /// The same for wrappers that do not take the arguments.
    fn bound(&self, path: &str, owned: Arc<str>) -> Result<String, String>;
}

type Outcome = Result<Vec<String>, String>;

/// Returns a number below `below`, always the same one for the same place in the same program.
fn pick(below: u64, place: &(impl Hash + ?Sized)) -> u64 {
    let mut hasher = DefaultHasher::new();
    place.hash(&mut hasher);
    hasher.finish() % below
}

/// An implementation with random behaviour.
struct Part {
    name: String,
    seed: u64,
    /// How often it was called, for wrappers without the path.
    calls: Mutex<u64>,
}

/// Panics without a line in the output.
fn unwind(text: String) -> ! {
    resume_unwind(Box::new(text))
}

/// The end of a run: its outcome, or the text of its panic.
type Ran = Result<Outcome, String>;

fn text_of(panic: Box<dyn std::any::Any + Send>) -> String {
    *panic.downcast::<String>().expect("panics have a text")
}

async fn caught(run: impl Future<Output = Outcome>) -> Ran {
    AssertUnwindSafe(run).catch_unwind().await.map_err(text_of)
}

impl Part {
    fn pick(&self, below: u64, place: &(impl Hash + ?Sized)) -> u64 {
        pick(below, &(self.seed, &self.name, place))
    }

    fn number(&self) -> u64 {
        let mut calls = self.calls.lock().unwrap();
        *calls += 1;
        *calls
    }

    fn own(&self, what: &str, path: &str) -> String {
        format!("{}:{what}@{path}", self.name)
    }

    fn answers(&self, path: &str) -> Result<String, String> {
        match self.pick(5, path) {
            0 | 1 => Err(self.own("error", path)),
            2 => unwind(self.own("panic", path)),
            _ => Ok(format!("{}@{path}", self.name)),
        }
    }

    /// Ends a wrapper, after these runs.
    fn ends(&self, path: &str, mut ran: Vec<Ran>) -> Outcome {
        match self.pick(8, &("ends", path)) {
            0 => Err(self.own("error", path)),
            1 => unwind(self.own("panic", path)),
            2 => Ok(vec![self.own("value", path)]),
            _ if ran.is_empty() => Ok(Vec::new()),
            _ => {
                let chosen = usize::try_from(self.pick(ran.len() as u64, &("chosen", path))).unwrap();
                ran.swap_remove(chosen).unwrap_or_else(|text| unwind(text))
            }
        }
    }

    fn wraps(&self, path: &str, mut run: impl FnMut(u64, bool) -> Outcome) -> Outcome {
        let runs = self.pick(4, &("runs", path));
        let ran = (0..runs)
            .map(|index| catch_unwind(AssertUnwindSafe(|| run(index, index + 1 == runs))).map_err(text_of));
        let ran = ran.collect();
        self.ends(path, ran)
    }

    async fn wraps_async<F: Future<Output = Outcome>>(
        &self,
        path: &str,
        mut run: impl FnMut(u64, bool) -> F,
    ) -> Outcome {
        let pends = |what| u32::try_from(self.pick(3, &(what, path))).unwrap();
        pending(pends("before")).await;
        let mut ran = Vec::new();
        match self.pick(6, &("how", path)) {
            0 => {
                let (one, other) = join(caught(run(0, false)), caught(run(1, true))).await;
                ran.extend([one, other]);
            }
            1 | 2 => {
                // The last one may begin first, and the one that is left is dropped at once, or after other runs.
                let late = self.pick(2, &("late", path)) == 0;
                let (one, other) = (caught(run(0, false)), caught(run(1, late)));
                let (mut one, mut other) = (Box::pin(one), Box::pin(other));
                if late {
                    std::mem::swap(&mut one, &mut other);
                }
                match select(one, other).await {
                    Either::Left((done, left)) | Either::Right((done, left)) if late => {
                        drop(left);
                        ran.push(done);
                    }
                    Either::Left((done, left)) | Either::Right((done, left)) => {
                        ran.push(done);
                        ran.push(caught(run(2, true)).await);
                        if self.pick(2, &("left", path)) == 0 {
                            ran.push(left.await);
                        }
                    }
                }
            }
            3 => {
                // Polled once, and dropped.
                let mut dropped = Box::pin(caught(run(0, false)));
                let polled = dropped.as_mut().poll(&mut Context::from_waker(Waker::noop()));
                if let Poll::Ready(done) = polled {
                    ran.push(done);
                }
                drop(dropped);
                ran.push(caught(run(1, true)).await);
            }
            _ => {
                let runs = self.pick(4, &("runs", path));
                for index in 0..runs {
                    ran.push(caught(run(index, index + 1 == runs)).await);
                    pending(pends("between")).await;
                }
            }
        }
        pending(pends("after")).await;
        self.ends(path, ran)
    }
}

struct Extension(Part);
struct Wrapper(Part);
struct AsyncExtension(Part);
struct AsyncWrapper(Part);

#[extension]
impl Specs for Extension {
    fn run(&self, path: &str) -> Result<String, String> {
        self.0.answers(path)
    }
    fn bound(&self) -> Result<String, String> {
        self.0.answers(&self.0.number().to_string())
    }
}

#[extension(wrapper)]
impl Specs for Wrapper {
    fn run(&self, path: &str, owned: Arc<str>, next: Next<'_>) -> Result<Vec<String>, String> {
        let mut next = Some(next);
        self.0.wraps(path, |index, last| {
            let run = if last { next.take() } else { next.clone() };
            run.expect("it runs last once").run(&format!("{path}.{index}"), Arc::clone(&owned))
        })
    }
    fn bound(&self, next: Next<'_>) -> Result<Vec<String>, String> {
        let mut next = Some(next);
        self.0.wraps(&self.0.number().to_string(), |_, last| {
            let run = if last { next.take() } else { next.clone() };
            run.expect("it runs last once").run()
        })
    }
}

#[extension]
impl Specs for AsyncExtension {
    async fn run(&self, path: &str) -> Result<String, String> {
        pending(u32::try_from(self.0.pick(4, &("pends", path))).unwrap()).await;
        self.0.answers(path)
    }
    async fn bound(&self) -> Result<String, String> {
        let path = self.0.number().to_string();
        pending(u32::try_from(self.0.pick(4, &("pends", &path))).unwrap()).await;
        self.0.answers(&path)
    }
}

#[extension(wrapper)]
impl Specs for AsyncWrapper {
    async fn run(&self, path: &str, owned: Arc<str>, next: Next<'_>) -> Result<Vec<String>, String> {
        let mut next = Some(next);
        let run = |index, last| {
            let run = if last { next.take() } else { next.clone() };
            let (run, path, owned) =
                (run.expect("it runs last once"), format!("{path}.{index}"), Arc::clone(&owned));
            async move { run.run(&path, owned).await }
        };
        self.0.wraps_async(path, run).await
    }
    async fn bound(&self, next: Next<'_>) -> Result<Vec<String>, String> {
        let mut next = Some(next);
        let run = |_, last| {
            let run = if last { next.take() } else { next.clone() };
            run.expect("it runs last once").run()
        };
        self.0.wraps_async(&self.0.number().to_string(), run).await
    }
}

/// Returns the plugin that made a failure with this text.
fn maker(text: &str) -> &str {
    text.split(':').next().unwrap()
}

/// Checks that an observer hears of each failure from its maker, and that what starts ends.
#[derive(Clone, Default)]
struct Checks(Arc<Mutex<BTreeMap<String, i64>>>);

impl Observer for Checks {
    fn observe(&self, event: &Event<'_>) {
        let Some(plugin) = event.plugin() else { return };
        let mut running = self.0.lock().unwrap();
        let running = running.entry(plugin.as_str().to_owned()).or_default();
        match event {
            Event::ExtensionStarted { .. } => *running += 1,
            Event::ExtensionFinished { end, .. } => {
                *running -= 1;
                match end {
                    End::Failed(text) => assert_eq!(maker(text), plugin.as_str()),
                    End::PassedOn { error: Some(text) } => assert_ne!(maker(text), plugin.as_str()),
                    _ => {}
                }
            }
            _ => {}
        }
    }
}

fn check<T: std::fmt::Debug>(result: &Result<T, CallError<String>>, seed: u64) {
    let text = match result {
        Ok(_) => return,
        Err(CallError::Failed { error, .. }) => error.as_str(),
        Err(CallError::Panicked { message, .. }) => message.as_str(),
        Err(other) => panic!("{other}"),
    };
    let named = result.as_ref().unwrap_err().plugin().map(PluginId::as_str);
    assert_eq!(named, Some(maker(text)), "seed {seed}: {text}");
}

const PARTS: [&str; 5] = ["outer", "middle", "inner", "first", "second"];

pub fn sync_calls(seed: u64) {
    let pm = PluginManager::new("tries");
    pm.add_extension_points(Specs).unwrap();
    for (index, name) in PARTS.into_iter().enumerate() {
        let part = Part { name: name.to_owned(), seed, calls: Mutex::default() };
        match index {
            // Sometimes there are fewer wrappers.
            0..3 if pick(4, &(seed, index)) > 0 => pm.register_as(name, Wrapper(part)).map(drop),
            0..3 => Ok(()),
            _ => pm.register_as(name, Extension(part)).map(drop),
        }
        .unwrap();
    }
    let checks = Checks::default();
    let observed = (pick(2, &(seed, "observed")) == 0).then(|| pm.observe(checks.clone()));
    check(&pm.caller(Specs::run).try_call("", "owned".into()), seed);
    check(&pm.caller(Specs::bound).try_call("", "owned".into()), seed);
    drop(observed);
    assert!(checks.0.lock().unwrap().values().all(|running| *running == 0), "seed {seed}");
}

/// Polls a call to its end, or drops it on the way.
fn drive<T: std::fmt::Debug>(call: impl Future<Output = Result<T, CallError<String>>>, seed: u64) {
    let mut call: Pin<Box<dyn Future<Output = _>>> = Box::pin(call);
    let polls = if pick(4, &(seed, "dropped")) == 0 { pick(12, &(seed, "polls")) } else { u64::MAX };
    for _ in 0..polls {
        if let Poll::Ready(result) = call.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return check(&result, seed);
        }
    }
}

pub fn async_calls(seed: u64) {
    let pm = AsyncPluginManager::new("tries");
    pm.add_extension_points(Specs).unwrap();
    for (index, name) in PARTS.into_iter().enumerate() {
        let part = Part { name: name.to_owned(), seed, calls: Mutex::default() };
        match index {
            0..3 if pick(4, &(seed, index)) > 0 => pm.register_as(name, AsyncWrapper(part)).map(drop),
            0..3 => Ok(()),
            _ if pick(2, &(seed, index)) == 0 => pm.register_as(name, Extension(part)).map(drop),
            _ => pm.register_as(name, AsyncExtension(part)).map(drop),
        }
        .unwrap();
    }
    if pick(3, &(seed, "plain")) == 0 {
        // A predicate keeps a call from the fast path.
        let builder = PluginBuilder::new(()).named("conditional");
        let builder =
            builder.extension_when(Specs::run, Options::new(), |_, _| Ok("conditional".into()), |_, _| true);
        builder.register(&pm).unwrap();
    }
    let checks = Checks::default();
    let observed = (pick(2, &(seed, "observed")) == 0).then(|| pm.observe(checks.clone()));
    let (run, bound) = (pm.caller(Specs::run), pm.caller(Specs::bound));
    drive(run.try_call("", "owned".into()), seed);
    drive(bound.try_call("", "owned".into()), seed);
    drive(run.concurrency(1).try_call("", "owned".into()), seed);
    drop(observed);
    assert!(checks.0.lock().unwrap().values().all(|running| *running == 0), "seed {seed}");
}

#[test]
fn whoever_fails_in_whatever_run_is_named() {
    (0..3000).for_each(sync_calls);
}

#[test]
fn whoever_fails_in_whatever_run_of_an_async_call_is_named() {
    (0..3000).for_each(async_calls);
}
