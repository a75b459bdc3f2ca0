//! Nanoseconds per call of 10 extensions that answer for one string, through each library's own best form.
//!
//! `cargo run --release --manifest-path benches/peers/rust/Cargo.toml`

use std::hint::black_box;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use pluginkit::prelude::{AsyncPluginManager, Next, extension, extension_point};
use steckrs::error::PluginResult;
use steckrs::hook::HookRegistry;

const ROUNDS: u32 = 301;
const CALLS: u32 = 4000;

#[extension_point]
pub trait Specs {
    fn score(&self, text: &str) -> u64;
}

struct Plugin(u64);

#[extension]
impl Specs for Plugin {
    fn score(&self, text: &str) -> u64 {
        self.0 + text.len() as u64
    }
}

struct AsyncPlugin(u64);

#[extension]
impl Specs for AsyncPlugin {
    async fn score(&self, text: &str) -> u64 {
        self.0 + text.len() as u64
    }
}

struct Around;

#[extension(wrapper)]
impl Specs for Around {
    fn score(&self, text: &str, next: Next<'_>) -> Vec<u64> {
        next.run(text)
    }
}

struct AsyncAround;

#[extension(wrapper)]
impl Specs for AsyncAround {
    async fn score(&self, text: &str, next: Next<'_>) -> Vec<u64> {
        next.run(text).await
    }
}

trait ByHand {
    fn score(&self, text: &str) -> u64;
}

impl ByHand for Plugin {
    fn score(&self, text: &str) -> u64 {
        self.0 + text.len() as u64
    }
}

steckrs::extension_point!(
    Point: PointTrait;
    fn score(&self, text: &str) -> u64;
);

impl PointTrait for Plugin {
    fn score(&self, text: &str) -> u64 {
        self.0 + text.len() as u64
    }
}

#[derive(Debug)]
struct Carrier {
    id: &'static str,
    number: u64,
    enabled: bool,
}

impl steckrs::Plugin for Carrier {
    fn id(&self) -> steckrs::PluginID {
        self.id
    }
    fn description(&self) -> &'static str {
        "scores"
    }
    fn is_enabled(&self) -> bool {
        self.enabled
    }
    fn enable(&mut self) {
        self.enabled = true;
    }
    fn disable(&mut self) {
        self.enabled = false;
    }
    fn register_hooks(&self, registry: &mut HookRegistry) -> PluginResult<()> {
        steckrs::register_hook!(registry, self.id, Point, Plugin(self.number));
        Ok(())
    }
}

type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
type Hook = Box<dyn for<'a> Fn(&'a str) -> Boxed<'a, u64> + Send + Sync>;
type Rest = Box<dyn Fn(&str) -> Vec<u64>>;
type AsyncRest = Box<dyn for<'a> Fn(&'a str) -> Boxed<'a, Vec<u64>> + Send + Sync>;

fn hooks() -> Vec<Hook> {
    (0..10)
        .map(|n| -> Hook { Box::new(move |text| Box::pin(async move { n + text.len() as u64 })) })
        .collect()
}

async fn call_hooks(hooks: &[Hook], text: &str) -> Vec<u64> {
    let mut out = Vec::with_capacity(hooks.len());
    for hook in hooks {
        out.push(hook(text).await);
    }
    out
}

fn plugins() -> Vec<Box<dyn ByHand>> {
    (0..10).map(|n| Box::new(Plugin(n)) as Box<dyn ByHand>).collect()
}

fn call_plugins(plugins: &[Box<dyn ByHand>], text: &str) -> Vec<u64> {
    let mut out = Vec::with_capacity(plugins.len());
    for plugin in plugins {
        out.push(plugin.score(text));
    }
    out
}

type Call<'c> = &'c mut dyn FnMut() -> Vec<u64>;

fn ready<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("nothing here waits"),
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let names: [&'static str; 10] = ["p0", "p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8", "p9"];

    let pm = pluginkit::PluginManager::new("peers");
    pm.add_extension_points(Specs)?;
    pm.register_all(names.into_iter().zip((0..10).map(Plugin)))?;
    let sync = pm.caller(Specs::score);
    let wrapped = pluginkit::PluginManager::new("peers");
    wrapped.add_extension_points(Specs)?;
    wrapped.register_all(names.into_iter().zip((0..10).map(Plugin)))?;
    wrapped.register(Around)?;
    let wrapped = wrapped.caller(Specs::score);

    let pm = AsyncPluginManager::new("peers");
    pm.add_extension_points(Specs)?;
    pm.register_all(names.into_iter().zip((0..10).map(AsyncPlugin)))?;
    let awaited = pm.caller(Specs::score);
    let awaited_wrapped = AsyncPluginManager::new("peers");
    awaited_wrapped.add_extension_points(Specs)?;
    awaited_wrapped.register_all(names.into_iter().zip((0..10).map(AsyncPlugin)))?;
    awaited_wrapped.register(AsyncAround)?;
    let awaited_wrapped = awaited_wrapped.caller(Specs::score);

    let mut steckrs = steckrs::PluginManager::new();
    for (id, number) in names.into_iter().zip(0..) {
        steckrs.load_plugin(Box::new(Carrier { id, number, enabled: false }))?;
        steckrs.enable_plugin(id)?;
    }
    let held = steckrs.get_enabled_hooks_by_ep::<Point>();

    let hand = plugins();
    let rest = plugins();
    let layer: Rest = Box::new(move |text| call_plugins(&rest, text));
    let around: Rest = Box::new(move |text| layer(text));

    let boxed = hooks();
    let rest: &[Hook] = hooks().leak();
    let layer: AsyncRest = Box::new(move |text| Box::pin(call_hooks(rest, text)));
    let layer: &AsyncRest = Box::leak(Box::new(layer));
    let around_async: AsyncRest = Box::new(move |text| Box::pin(async move { layer(text).await }));

    let text = || black_box("text");
    let mut calls: [(&str, &str, Call<'_>); 10] = [
        ("a loop over `Vec<Box<dyn Trait>>`, by hand", "call", &mut || call_plugins(&hand, text())),
        ("a loop over `Vec<Box<dyn Trait>>`, by hand", "wrapper", &mut || around(text())),
        ("`pluginkit`, sync, held caller", "call", &mut || sync.call(text())),
        ("`pluginkit`, sync, held caller", "wrapper", &mut || wrapped.call(text())),
        ("`steckrs`, look-up every time", "call", &mut || {
            let hooks = steckrs.get_enabled_hooks_by_ep::<Point>();
            hooks.iter().map(|(_, hook)| hook.inner().score(text())).collect()
        }),
        ("`steckrs`, held list, which forbids changes", "call", &mut || {
            held.iter().map(|(_, hook)| hook.inner().score(text())).collect()
        }),
        ("boxed async hooks as in `rspack_hook`, by hand", "call", &mut || ready(call_hooks(&boxed, text()))),
        ("boxed async hooks as in `rspack_hook`, by hand", "wrapper", &mut || ready(around_async(text()))),
        ("`pluginkit`, async, held caller", "call", &mut || ready(awaited.call(text()))),
        ("`pluginkit`, async, held caller", "wrapper", &mut || ready(awaited_wrapped.call(text()))),
    ];
    let expected: Vec<u64> = (4..14).collect();
    for (name, _, call) in &mut calls {
        assert_eq!(call(), expected, "{name}");
    }

    let mut times = vec![Vec::new(); calls.len()];
    for _ in 0..ROUNDS {
        for ((.., call), times) in calls.iter_mut().zip(&mut times) {
            let started = Instant::now();
            for _ in 0..CALLS {
                black_box(call());
            }
            times.push(started.elapsed());
        }
    }
    println!("| library | call, ns | with one wrapper, ns |\n|---|---|---|");
    let mut times = calls.iter().zip(times).map(|((name, what, _), mut times)| {
        times.sort();
        (*name, *what, times[times.len() / 2].as_secs_f64() * 1e9 / f64::from(CALLS))
    });
    let mut next = times.next();
    while let Some((name, _, call)) = next {
        next = times.next();
        let wrapped = next.take_if(|(_, what, _)| *what == "wrapper");
        if let Some((_, _, wrapped)) = wrapped {
            println!("| {name} | {call:.0} | {wrapped:.0} |");
            next = times.next();
        } else {
            println!("| {name} | {call:.0} | – |");
        }
    }
    Ok(())
}
