//! A crate that forbids lints: generated code allows none of them for itself.
//!
//! The expansion for an editor does: it shows the names of the source, and an editor takes no notice of `forbid`.
#![forbid(unsafe_code, missing_docs, missing_debug_implementations, unreachable_pub, unused_must_use)]
#![forbid(dead_code, unused_variables, unused_mut, unused_imports, unused_parens)]
#![forbid(non_snake_case, non_camel_case_types, private_bounds, private_interfaces)]

use pluginkit::prelude::*;

/// A type with a lifetime.
#[derive(Debug)]
pub struct Ctx<'x>(pub &'x str);

/// Points of every mode.
#[extension_point]
pub trait Feed {
    /// Fetches.
    fn fetch(&self, topic: &str, limit: usize) -> String;
    /// Delivers.
    #[extension_point(firstresult)]
    fn deliver(&self, message: &str) -> Option<String>;
    /// Transforms.
    #[extension_point(pipeline)]
    fn transform(&self, text: String, by: &str) -> String;
    /// Edits.
    #[extension_point(pipeline)]
    fn edit(&self, text: &mut String, by: &str);
    /// Configures.
    #[extension_point(historic)]
    fn configure(&self, settings: &str);
    /// Has a context.
    fn visit(&self, cx: &mut Ctx<'_>) -> u8;
    /// Borrows.
    fn pick<'a>(&self, names: &[&'a str], limit: usize) -> Option<&'a str>;
    /// Has a default body that does not need all arguments.
    fn greet(&self, name: String, loudly: bool, mut times: u8) -> Result<String, String> {
        times += 1;
        Ok(name.repeat(times.into()))
    }
}

mod inner {
    use pluginkit::prelude::*;

    struct Private;

    #[extension_point]
    trait Notes {
        fn keep(&self, note: &Private, page: u8);
        #[extension_point(historic)]
        fn open(&self, name: &str);
    }

    struct Paper;

    #[extension]
    impl Notes for Paper {
        fn keep(&self, _: &Private, page: u8) {
            let _ = page;
        }
    }

    pub(crate) fn uses(pm: &PluginManager) -> Result<(), pluginkit::Error> {
        pm.add_extension_points(Notes)?;
        pm.register(Paper)?;
        pm.caller(Notes::keep).call(&Private, 1);
        Ok(())
    }
}

/// Points with a parameter.
#[extension_point]
pub trait Generic<T: Clone + Send + Sync + 'static> {
    /// Takes a value.
    fn take(&self, value: T) -> Option<T>;
}

/// A plugin.
#[plugin(id = "news")]
#[derive(Debug, Default)]
pub struct News;

#[extension]
impl Feed for News {
    fn fetch(&self, topic: &str, _: usize) -> String {
        topic.to_owned()
    }

    #[extension(wrapper, target = "fetch")]
    fn around(&self, next: Next<'_>) -> Vec<String> {
        next.run()
    }

    async fn deliver(&self, message: &str) -> Option<String> {
        Some(message.to_owned())
    }

    fn pick<'a>(&self, names: &[&'a str]) -> Option<&'a str> {
        names.first().copied()
    }

    fn visit(&self, _cx: &mut Ctx<'_>) -> u8 {
        1
    }
}

#[extension]
impl Lifecycle for News {
    async fn start(&self, _: &PluginContext) -> Result<(), BoxError> {
        Ok(())
    }
}

/// A generic plugin.
#[derive(Debug)]
pub struct Kept<T>(pub T);

#[extension]
impl<T: Clone + Send + Sync + 'static> Generic<T> for Kept<T> {
    fn take(&self, _: T) -> Option<T> {
        Some(self.0.clone())
    }
}

/// A plugin that is a function.
#[plugin(id = "function", extends = Feed::fetch)]
pub fn function(topic: &str) -> String {
    topic.to_owned()
}

/// A service.
#[extension_point(service)]
pub trait Store: Send + Sync {
    /// Returns a value.
    fn get(&self) -> u8;
}

#[extension(service)]
impl Store for News {
    fn get(&self) -> u8 {
        1
    }
}

/// Uses all.
pub fn uses(pm: &PluginManager) -> Result<(), pluginkit::Error> {
    inner::uses(pm)?;
    pm.add_extension_points(Feed)?;
    pm.register(News)?;
    PluginBuilder::new(Kept(1)).extends(Generic::<u8>::SPECS).register(pm)?;
    let _: Vec<String> = pm.caller(Feed::fetch).call("harbor", 1);
    Ok(())
}
