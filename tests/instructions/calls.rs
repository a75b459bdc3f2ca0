//! Makes as many calls of one kind as it is told, for the test beside it, which counts their instructions.
//! Everything is set up whatever is called, so that nothing but the calls differs from run to run.
#![allow(missing_docs, missing_debug_implementations, reason = "test plugins are nobody's API")]

use std::hint::black_box;
use std::task::{Context, Poll, Waker};

use pluginkit::prelude::*;

#[extension_point]
trait Specs {
    fn score(&self, text: &str) -> u64;
    #[extension_point(firstresult)]
    fn find(&self, text: &str) -> Option<u64>;
    #[extension_point(pipeline)]
    fn thread(&self, value: u64) -> u64;
    fn visit(&self, seen: &mut Vec<u64>);
    fn check(&self, text: &str) -> Result<(), String>;
    #[extension_point(pipeline)]
    fn layered(&self, value: u64) -> u64;
    #[extension_point(firstresult)]
    fn fallback(&self, text: &str) -> Option<u64> {
        Some(text.len() as u64)
    }
    fn spared(&self, text: &str) -> u64 {
        text.len() as u64
    }
}

struct Plugin;

#[extension]
impl Specs for Plugin {
    fn score(&self, text: &str) -> u64 {
        text.len() as u64
    }
    fn find(&self, _text: &str) -> Option<u64> {
        None
    }
    fn thread(&self, value: u64) -> u64 {
        value + 1
    }
    fn visit(&self, seen: &mut Vec<u64>) {
        seen[0] += 1;
    }
    fn check(&self, _text: &str) -> Result<(), String> {
        Ok(())
    }
    fn layered(&self, value: u64) -> u64 {
        value + 1
    }
    fn fallback(&self, _text: &str) -> Option<u64> {
        None
    }
    fn spared(&self, text: &str) -> u64 {
        text.len() as u64
    }
}

struct Awaited;

#[extension]
impl Specs for Awaited {
    async fn score(&self, text: &str) -> u64 {
        text.len() as u64
    }
    async fn find(&self, _text: &str) -> Option<u64> {
        None
    }
    async fn thread(&self, value: u64) -> u64 {
        value + 1
    }
    async fn visit(&self, seen: &mut Vec<u64>) {
        seen[0] += 1;
    }
    async fn check(&self, _text: &str) -> Result<(), String> {
        Ok(())
    }
    async fn layered(&self, value: u64) -> u64 {
        value + 1
    }
}

struct Layer;

#[extension(wrapper)]
impl Specs for Layer {
    fn layered(&self, value: u64, next: Next<'_>) -> u64 {
        next.run(value)
    }
}

/// A plugin of a local manager, which its methods change.
#[derive(Default)]
struct Changing {
    calls: u64,
}

#[extension(local)]
impl Specs for Changing {
    fn score(&mut self, text: &str) -> u64 {
        self.calls += 1;
        text.len() as u64
    }
    fn visit(&mut self, seen: &mut Vec<u64>) {
        self.calls += 1;
        seen[0] += 1;
    }
}

struct AwaitedLayer;

#[extension(wrapper)]
impl Specs for AwaitedLayer {
    async fn layered(&self, value: u64, next: Next<'_>) -> u64 {
        next.run(value).await
    }
}

/// Extensions of each point, and wrappers of `layered`.
const COUNT: u64 = 10;

/// The outcome of a call that is ready at once.
fn ready<T>(call: impl Future<Output = T>) -> T {
    match std::pin::pin!(call).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(outcome) => outcome,
        Poll::Pending => panic!("nothing here waits"),
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [kind, calls] = &arguments[..] else { return Err("a kind of call and a number are needed".into()) };
    let calls: u64 = calls.parse()?;

    let pm = PluginManager::new("instructions");
    pm.add_extension_points(Specs)?;
    pm.register_all((0..COUNT).map(|n| (n.to_string(), Plugin)))?;
    pm.register_all((0..COUNT).map(|n| (format!("layer{n}"), Layer)))?;
    let (score, find, thread) = (pm.caller(Specs::score), pm.caller(Specs::find), pm.caller(Specs::thread));
    let (visit, check) = (pm.caller(Specs::visit), pm.caller(Specs::check));
    let layered = pm.caller(Specs::layered);
    let (fallback, spared) = (pm.caller(Specs::fallback), pm.caller(Specs::spared));

    let fns = AsyncPluginManager::new("instructions");
    fns.add_extension_points(Specs)?;
    fns.register_all((0..COUNT).map(|n| (n.to_string(), Plugin)))?;
    let (fns, async_fallback) = (fns.caller(Specs::score), fns.caller(Specs::fallback));

    let awaited = AsyncPluginManager::new("instructions");
    awaited.add_extension_points(Specs)?;
    awaited.register_all((0..COUNT).map(|n| (n.to_string(), Awaited)))?;
    awaited.register_all((0..COUNT).map(|n| (format!("layer{n}"), AwaitedLayer)))?;
    let (async_score, async_find) = (awaited.caller(Specs::score), awaited.caller(Specs::find));
    let (async_thread, async_visit) = (awaited.caller(Specs::thread), awaited.caller(Specs::visit));
    let (async_check, async_layered) = (awaited.caller(Specs::check), awaited.caller(Specs::layered));

    let local = LocalPluginManager::new("instructions");
    local.add_extension_points(Specs)?;
    for n in 0..COUNT {
        local.register_as(n.to_string(), Plugin)?;
        local.register_as(format!("layer{n}"), Layer)?;
    }
    let (local_score, local_layered) = (local.caller(Specs::score), local.caller(Specs::layered));
    let changing = LocalPluginManager::new("instructions");
    changing.add_extension_points(Specs)?;
    for n in 0..COUNT {
        changing.register_as(n.to_string(), Changing::default())?;
    }
    let (changing_score, changing_visit) = (changing.caller(Specs::score), changing.caller(Specs::visit));

    let (text, mut seen) = (black_box("four"), vec![0]);
    let repeat = |call: &mut dyn FnMut()| (0..calls).for_each(|_| call());
    match kind.as_str() {
        "collecting" => repeat(&mut || assert_eq!(score.call(text).len(), 10)),
        "looked up" => repeat(&mut || assert_eq!(pm.caller(Specs::score).call(text).len(), 10)),
        "firstresult" => repeat(&mut || assert_eq!(find.call(text), None)),
        "pipeline" => repeat(&mut || assert_eq!(thread.call(black_box(1)), 11)),
        "unit" => repeat(&mut || visit.call(&mut seen)),
        "fallible" => repeat(&mut || assert_eq!(check.call(text), Ok(()))),
        "default body" => repeat(&mut || assert_eq!(fallback.call(text), Some(4))),
        "spared default body" => repeat(&mut || assert_eq!(spared.call(text).len(), 10)),
        "async default body" => repeat(&mut || assert_eq!(ready(async_fallback.call(text)), Some(4))),
        "wrapped" => repeat(&mut || assert_eq!(layered.call(black_box(1)), 11)),
        "try_call wrapped" => repeat(&mut || assert!(matches!(layered.try_call(black_box(1)), Ok(11)))),
        "async over fns" => repeat(&mut || assert_eq!(ready(fns.call(text)).len(), 10)),
        "async collecting" => repeat(&mut || assert_eq!(ready(async_score.call(text)).len(), 10)),
        "async firstresult" => repeat(&mut || assert_eq!(ready(async_find.call(text)), None)),
        "async pipeline" => repeat(&mut || assert_eq!(ready(async_thread.call(black_box(1))), 11)),
        "async unit" => repeat(&mut || ready(async_visit.call(&mut seen))),
        "async fallible" => repeat(&mut || assert_eq!(ready(async_check.call(text)), Ok(()))),
        "async wrapped" => repeat(&mut || assert_eq!(ready(async_layered.call(black_box(1))), 11)),
        "async try_call wrapped" => {
            repeat(&mut || assert!(matches!(ready(async_layered.try_call(black_box(1))), Ok(11))));
        }
        "local collecting" => repeat(&mut || assert_eq!(local_score.call(text).len(), 10)),
        "local wrapped" => repeat(&mut || assert_eq!(local_layered.call(black_box(1)), 11)),
        "local &mut collecting" => repeat(&mut || assert_eq!(changing_score.call(text).len(), 10)),
        "local &mut unit" => repeat(&mut || changing_visit.call(&mut seen)),
        unknown => return Err(format!("there is no kind of call named {unknown}").into()),
    }
    drop(black_box(seen));
    Ok(())
}
