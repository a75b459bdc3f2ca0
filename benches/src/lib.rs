//! What is measured: the same work through the library and by hand.
#![allow(missing_docs, missing_debug_implementations, reason = "nobody's API")]

pub mod counted;
pub mod http;
pub mod pairs;

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use async_trait::async_trait;
use pluginkit::prelude::*;

#[extension_point]
pub trait Specs {
    fn score(&self, text: &str, weight: u64) -> u64;
    #[extension_point(firstresult)]
    fn find(&self, text: &str) -> Option<u64>;
    #[extension_point(pipeline)]
    fn thread(&self, value: u64) -> u64;
    fn visit(&self, seen: &mut Vec<u64>);
}

/// A plugin whose work is small enough that the dispatch shows.
pub struct Plugin(pub u64);

#[extension]
impl Specs for Plugin {
    fn score(&self, text: &str, weight: u64) -> u64 {
        (self.0 ^ weight).wrapping_add(text.len() as u64)
    }
    fn find(&self, text: &str) -> Option<u64> {
        (text.len() as u64 == self.0).then_some(self.0)
    }
    fn thread(&self, value: u64) -> u64 {
        value.rotate_left(7) ^ self.0
    }
    fn visit(&self, seen: &mut Vec<u64>) {
        if let Some(first) = seen.first_mut() {
            *first = first.wrapping_add(self.0);
        }
    }
}

/// A wrapper that changes the outcome.
pub struct Layer(pub u64);

#[extension(wrapper)]
impl Specs for Layer {
    fn thread(&self, value: u64, next: Next<'_>) -> u64 {
        next.run(value ^ self.0).wrapping_add(1)
    }
}

/// A [`Plugin`] whose extension has a condition, which holds.
pub struct Conditional(pub u64);

impl Conditional {
    fn holds(&self) -> bool {
        self.0 < u64::MAX
    }
}

#[extension]
impl Specs for Conditional {
    #[extension(when = Self::holds)]
    fn score(&self, text: &str, weight: u64) -> u64 {
        (self.0 ^ weight).wrapping_add(text.len() as u64)
    }
}

/// A wrapper that passes on what it gets.
pub struct Pass;

#[extension(wrapper)]
impl Specs for Pass {
    fn score(&self, next: Next<'_>) -> Vec<u64> {
        next.run()
    }
}

/// The same, awaited.
pub struct AsyncPass;

#[extension(wrapper)]
impl Specs for AsyncPass {
    async fn score(&self, next: Next<'_>) -> Vec<u64> {
        next.run().await
    }
}

/// The same by hand.
pub trait ByHand: Send + Sync {
    fn score(&self, text: &str, weight: u64) -> u64;
    fn find(&self, text: &str) -> Option<u64>;
    fn thread(&self, value: u64) -> u64;
    fn visit(&self, seen: &mut Vec<u64>);
}

impl ByHand for Plugin {
    fn score(&self, text: &str, weight: u64) -> u64 {
        (self.0 ^ weight).wrapping_add(text.len() as u64)
    }
    fn find(&self, text: &str) -> Option<u64> {
        (text.len() as u64 == self.0).then_some(self.0)
    }
    fn thread(&self, value: u64) -> u64 {
        value.rotate_left(7) ^ self.0
    }
    fn visit(&self, seen: &mut Vec<u64>) {
        if let Some(first) = seen.first_mut() {
            *first = first.wrapping_add(self.0);
        }
    }
}

/// A plugin whose work is done when it is first polled.
pub struct AsyncPlugin(pub u64);

#[extension]
impl Specs for AsyncPlugin {
    async fn score(&self, text: &str, weight: u64) -> u64 {
        (self.0 ^ weight).wrapping_add(text.len() as u64)
    }
}

/// The same by hand.
#[async_trait]
pub trait AsyncByHand: Send + Sync {
    async fn score(&self, text: &str, weight: u64) -> u64;
}

#[async_trait]
impl AsyncByHand for AsyncPlugin {
    async fn score(&self, text: &str, weight: u64) -> u64 {
        (self.0 ^ weight).wrapping_add(text.len() as u64)
    }
}

/// A whole async call by hand.
#[async_trait]
pub trait AsyncCall: Send + Sync {
    async fn score(&self, text: &str, weight: u64) -> Vec<u64>;
}

/// The loop over the plugins.
pub struct AsyncLoop(pub Vec<Box<dyn AsyncByHand>>);

impl AsyncLoop {
    pub async fn all(&self, text: &str, weight: u64) -> Vec<u64> {
        let mut out = Vec::with_capacity(self.0.len());
        for plugin in &self.0 {
            out.push(plugin.score(text, weight).await);
        }
        out
    }
}

#[async_trait]
impl AsyncCall for AsyncLoop {
    async fn score(&self, text: &str, weight: u64) -> Vec<u64> {
        self.all(text, weight).await
    }
}

/// [`AsyncPass`] by hand: a boxed layer around the rest of the call.
pub struct AsyncLayer(pub Box<dyn AsyncCall>);

#[async_trait]
impl AsyncCall for AsyncLayer {
    async fn score(&self, text: &str, weight: u64) -> Vec<u64> {
        self.0.score(text, weight).await
    }
}

/// A manager with `count` plugins.
///
/// # Panics
///
/// If the library refuses them.
pub fn manager(count: u64) -> PluginManager {
    let pm = PluginManager::new("benches");
    pm.add_extension_points(Specs).expect("the specs fit the manager");
    pm.register_all((0..count).map(|n| (format!("p{n}"), Plugin(n)))).expect("the plugins fit the manager");
    pm
}

/// An async manager with `count` plugins: [`Plugin`]s if they are `fn`s.
///
/// # Panics
///
/// If the library refuses them.
pub fn async_manager(count: u64, fns: bool) -> AsyncPluginManager {
    let pm = AsyncPluginManager::new("benches");
    pm.add_extension_points(Specs).expect("the specs fit the manager");
    if fns {
        pm.register_all((0..count).map(|n| (format!("p{n}"), Plugin(n))))
    } else {
        pm.register_all((0..count).map(|n| (format!("p{n}"), AsyncPlugin(n))))
    }
    .expect("the plugins fit the manager");
    pm
}

/// The same plugins by hand.
pub fn by_hand(count: u64) -> Vec<Box<dyn ByHand>> {
    (0..count).map(|n| Box::new(Plugin(n)) as Box<dyn ByHand>).collect()
}

/// The same `async fn`s by hand.
pub fn async_by_hand(count: u64) -> Vec<Box<dyn AsyncByHand>> {
    (0..count).map(|n| Box::new(AsyncPlugin(n)) as Box<dyn AsyncByHand>).collect()
}

/// A layer around a step, by hand.
pub type Step = Box<dyn Fn(u64) -> u64 + Send + Sync>;

/// `count` nested layers around the plugins, by hand.
pub fn layers_by_hand(count: u64, plugins: Vec<Box<dyn ByHand>>) -> Step {
    let mut step: Step =
        Box::new(move |value| plugins.iter().fold(value, |value, plugin| plugin.thread(value)));
    for n in (0..count).rev() {
        let layer = Layer(n);
        let rest = step;
        step = Box::new(move |value| rest(value ^ layer.0).wrapping_add(1));
    }
    step
}

/// What a future that never waits comes to: one poll, so that no executor's cost is in the way.
///
/// # Panics
///
/// If it waits.
pub fn ready<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("nothing here waits"),
    }
}
