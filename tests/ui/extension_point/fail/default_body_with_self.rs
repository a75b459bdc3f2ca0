//~ ERROR: a default body runs when no plugin has answered, so that there is no `self`
//~ ERROR: a default body runs when no plugin has answered, so that there is no `Self`
//~ ERROR: a default body runs when no plugin has answered, so that there is no `self`
//~ ERROR: a historic call also reaches later plugins, which may answer it

use pluginkit::prelude::*;

#[extension_point]
pub trait Specs {
    fn fetch(&self, topic: &str) -> String;

    fn deliver(&self, message: &str) -> String {
        let deliver = |text: &str| self.fetch(text).join(" ");
        deliver(message)
    }

    fn count(&self, message: &str) -> usize {
        Self::length(message)
    }

    fn list(&self) -> Vec<String> {
        vec![self.to_string()]
    }

    #[extension_point(historic)]
    fn configure(&self, level: u8) {
        drop(level);
    }

    /// Has an `impl` of its own.
    fn inner(&self) -> u8 {
        struct One;
        impl One {
            fn get(&self) -> u8 {
                1
            }
        }
        One.get()
    }
}

pub struct Weather;

#[extension]
impl Specs for Weather {
    fn fetch(&self, topic: &str) -> String {
        topic.to_owned()
    }

    fn deliver(&self, message: &str) -> String {
        message.to_owned()
    }
}

pub fn uses(pm: &PluginManager) -> Result<(), pluginkit::Error> {
    pm.add_extension_points(Specs)?;
    pm.register(Weather)?;
    let _: Vec<String> = pm.caller(Specs::fetch).call("harbor");
    let _: Vec<String> = pm.caller(Specs::deliver).call("hello");
    let _: Vec<u8> = pm.caller(Specs::inner).call();
    Ok(())
}
