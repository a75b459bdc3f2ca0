//~ ERROR: `Rc<()>` cannot be sent between threads safely
//~ ERROR: `Rc<()>` cannot be shared between threads safely

use pluginkit::prelude::*;

#[extension_point]
pub trait Specs {
    fn check(&self, word: &str) -> Option<String>;

    #[extension_point(historic)]
    fn configure(&self, settings: &str);
}

pub struct Weather(std::rc::Rc<()>);

#[extension(local)]
impl Specs for Weather {
    fn check(&mut self, word: &str) -> Option<String> {
        Some(word.to_owned())
    }
}

pub fn uses(pm: &PluginManager) -> Result<(), pluginkit::Error> {
    pm.register(Weather(std::rc::Rc::new(())))?;
    Ok(())
}
