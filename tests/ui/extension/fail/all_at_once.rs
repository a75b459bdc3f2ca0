//~ ERROR: unknown option `prio` of an extension block
//~ ERROR: an extension block has methods only
//~ ERROR: an extension cannot be both `tryfirst` and `trylast`
//~ ERROR: expected a whole number in the range of an `i32`
//~ ERROR: this timeout has no unit
//~ ERROR: only a wrapper has a `next`
//~ ERROR: add `next: Next<'_>`
//~ ERROR: no field `massage`
//~ ERROR: `Specs` has no extension point of this name
//~ ERROR: keep mutable state in a lock or an atomic
//~ ERROR: a historic point takes no wrappers
//~ ERROR: the point returns `String`, not `usize`

use pluginkit::prelude::*;

#[extension_point]
pub trait Specs {
    fn fetch(&self, topic: &str) -> String;

    #[extension_point(firstresult)]
    fn deliver(&self, message: &str, urgent: bool) -> Option<String>;

    #[extension_point(pipeline)]
    fn transform(&self, text: String) -> String;

    #[extension_point(historic)]
    fn configure(&self, settings: &str);
}

pub struct Weather;

#[extension(prio = 1)]
impl Specs for Weather {
    const LIMIT: usize = 3;

    fn fetch(&self, topic: &str) -> String {
        topic.to_owned()
    }

    #[extension(tryfirst, trylast, priority = 1.5, timeout = "1", target = "fetch")]
    fn a(&self) -> String {
        String::new()
    }

    #[extension(target = "fetch")]
    fn b(&self, topic: &str, next: Next<'_>) -> Vec<String> {
        next.run(topic)
    }

    #[extension(wrapper, target = "fetch")]
    fn c(&self, topic: &str) -> Vec<String> {
        vec![topic.to_owned()]
    }

    #[extension(target = "deliver")]
    fn d(&self, massage: &str) -> Option<String> {
        Some(massage.to_owned())
    }

    fn delivr(&self) -> Option<String> {
        None
    }

    #[extension(target = "transform")]
    fn f(&mut self, text: String) -> String {
        text
    }

    #[extension(wrapper, target = "configure")]
    fn g(&self, settings: &str, next: Next<'_>) {
        next.run(settings);
    }

    #[extension(target = "transform")]
    fn h(&self, text: String) -> usize {
        text.len()
    }
}

pub fn uses(pm: &PluginManager) -> Result<(), pluginkit::Error> {
    pm.add_extension_points(Specs)?;
    pm.register(Weather)?;
    let _: Vec<String> = pm.caller(Specs::fetch).call("harbor");
    Ok(())
}
