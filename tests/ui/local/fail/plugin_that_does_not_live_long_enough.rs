//~ ERROR: does not live long enough

use pluginkit::prelude::*;

#[extension_point]
pub trait Specs {
    fn check(&self, word: &str) -> Option<String>;

    #[extension_point(historic)]
    fn configure(&self, settings: &str);
}

pub struct Known<'p>(&'p str);

#[extension(local)]
impl Specs for Known<'_> {
    fn check(&self, word: &str) -> Option<String> {
        (word == self.0).then(|| word.to_owned())
    }
}

pub fn uses() -> Result<(), pluginkit::Error> {
    let pm = LocalPluginManager::new("words");
    pm.add_extension_points(Specs)?;
    {
        let known = String::from("harbor");
        pm.plugin(Known(&known)).extends(Specs).register()?;
    }
    let _ = pm.caller(Specs::check).call("harbor");
    Ok(())
}
