//! The plugins of these operations, and managers full of them.

use std::task::{Context, Poll, Waker};

use pluginkit::Options;
use pluginkit::config::PluginConfig;
use pluginkit::loading::PluginFactory;
use pluginkit::metadata::PluginMetadata;
use pluginkit::prelude::*;

#[extension_point]
pub(crate) trait Specs {
    fn score(&self, text: &str) -> u64;
    #[extension_point(pipeline)]
    fn layered(&self, value: u64) -> u64;
    #[extension_point(historic)]
    fn configure(&self, level: u32);
    #[extension_point(historic)]
    fn other(&self, level: u32);
}

/// Specs that come later than the plugins that extend them.
#[extension_point]
pub(crate) trait Late {
    fn late(&self) -> u64;
}

#[extension_point(service)]
pub(crate) trait Format: Send + Sync {
    fn format(&self) -> u64;
}

pub(crate) struct Plain;

#[extension]
impl Specs for Plain {
    fn score(&self, text: &str) -> u64 {
        text.len() as u64
    }
}

/// Has phases.
pub(crate) struct Living;

#[extension]
impl Specs for Living {
    fn score(&self, text: &str) -> u64 {
        text.len() as u64
    }
}

#[extension]
impl Lifecycle for Living {
    fn start(&self) -> Result<(), BoxError> {
        Ok(())
    }
    fn stop(&self) -> Result<(), BoxError> {
        Ok(())
    }
}

/// Fails in its phases.
pub(crate) struct Broken;

#[extension]
impl Lifecycle for Broken {
    fn start(&self) -> Result<(), BoxError> {
        Err("broken".into())
    }
}

/// Fails to stop.
pub(crate) struct Stuck;

#[extension]
impl Lifecycle for Stuck {
    fn start(&self) -> Result<(), BoxError> {
        Ok(())
    }
    fn stop(&self) -> Result<(), BoxError> {
        Err("stuck".into())
    }
}

pub(crate) struct Layer;

#[extension]
impl Specs for Layer {
    #[extension(wrapper)]
    fn layered(&self, value: u64, next: Next<'_>) -> u64 {
        next.run(value)
    }
}

pub(crate) struct Listener;

#[extension]
impl Specs for Listener {
    fn configure(&self, _level: u32) {}
    fn other(&self, _level: u32) {}
}

pub(crate) struct Waiting;

#[extension(optional)]
impl Late for Waiting {
    fn late(&self) -> u64 {
        1
    }
}

pub(crate) struct Service;

#[extension(service)]
impl Format for Service {
    fn format(&self) -> u64 {
        1
    }
}

#[extension]
impl Lifecycle for Service {
    fn start(&self) -> Result<(), BoxError> {
        Ok(())
    }
}

pub(crate) fn name(number: usize) -> String {
    format!("p{number:05}")
}

pub(crate) fn names(count: usize) -> Vec<String> {
    (0..count).map(name).collect()
}

/// Options that name other plugins, which are kept for good.
pub(crate) fn order(before: &[String], after: &[String]) -> Options {
    let leak = |names: &[String]| -> &'static [&'static str] {
        let names: Vec<&'static str> = names.iter().map(|name| &*name.clone().leak()).collect();
        names.leak()
    };
    Options::new().before(leak(before)).after(leak(after))
}

pub(crate) fn manager() -> PluginManager {
    let pm = PluginManager::new("growth");
    pm.add_extension_points(Specs).unwrap();
    pm
}

pub(crate) fn async_manager() -> AsyncPluginManager {
    let pm = AsyncPluginManager::new("growth");
    pm.add_extension_points(Specs).unwrap();
    pm
}

/// A manager of plugins of one kind.
pub(crate) fn full<T: Send + Sync + 'static>(count: usize, plugin: fn() -> T) -> PluginManager {
    let pm = manager();
    pm.register_all((0..count).map(|number| (name(number), plugin()))).unwrap();
    pm
}

/// Metadata of a plugin that requires the one before it.
pub(crate) fn chained(number: usize) -> PluginMetadata {
    let metadata = PluginMetadata::new(name(number));
    if number == 0 { metadata } else { metadata.requires([name(number - 1)]) }
}

/// A manager of plugins each of which requires the one before it.
pub(crate) fn chain(count: usize) -> PluginManager {
    let pm = manager();
    for number in 0..count {
        PluginBuilder::new(Living)
            .metadata(chained(number))
            .extends(Specs)
            .extends(Lifecycle)
            .register(&pm)
            .unwrap();
    }
    pm
}

pub(crate) fn factory(number: usize) -> PluginFactory<Plain> {
    PluginFactory::new(PluginMetadata::new(name(number)), || Plain)
}

/// A manager that can make so many plugins.
pub(crate) fn makers(count: usize) -> PluginManager {
    let pm = manager();
    for number in 0..count {
        pm.add_factory(factory(number));
    }
    pm
}

/// A configuration that lists plugins in one group.
pub(crate) fn listing(ids: impl IntoIterator<Item = String>) -> PluginConfig {
    PluginConfig::builder().group("all", ids).build().unwrap()
}

/// The outcome of a call that is ready at once.
pub(crate) fn ready<T>(call: impl Future<Output = T>) -> T {
    match std::pin::pin!(call).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(outcome) => outcome,
        Poll::Pending => panic!("nothing here waits"),
    }
}
