//! Every option of a service, on every kind of type.
#![deny(warnings, missing_docs)]

use std::sync::Arc;

use pluginkit::prelude::*;

/// Formats.
#[extension_point(service, project = "text", crate = ::pluginkit)]
pub trait Formatter: Send + Sync {
    /// A constant number.
    fn format(&self, text: &str) -> String {
        text.to_owned()
    }
}

/// A private one, with a supertrait.
#[extension_point(service)]
trait Hidden: Formatter + std::fmt::Debug + Send + Sync {}

/// A plugin.
#[derive(Debug)]
pub struct Json;

#[extension(service, priority = -10, crate = ::pluginkit)]
impl Formatter for Json {}

#[extension(service)]
impl Hidden for Json {}

/// A generic plugin.
#[derive(Debug)]
pub struct Generic<'a, T, const N: usize>(pub &'a [T; N]);

#[extension(service)]
impl<T: Send + Sync, const N: usize> Formatter for Generic<'_, T, N> {}

/// Registers them.
pub fn uses() -> Result<(), pluginkit::Error> {
    #[extension_point(service)]
    trait Local: Send + Sync {}
    #[extension(service)]
    impl Local for Json {}
    let pm = PluginManager::new("text");
    pm.register(Json)?;
    PluginBuilder::new(Generic(&[7])).named("generic").provides::<dyn Formatter>(3).register(&pm)?;
    let _: Vec<Arc<dyn Formatter>> = pm.services::<dyn Formatter>();
    let _: Arc<dyn Local> = pm.service::<dyn Local>()?;
    let _: Arc<dyn Hidden> = pm.service::<dyn Hidden>()?;
    Ok(())
}
