//~ ERROR: `results` does not live long enough

use std::cell::RefCell;

use pluginkit::prelude::*;

#[extension_point]
pub trait Specs {
    #[extension_point(historic)]
    fn configure(&self, settings: &str) -> String;
}

pub fn uses() -> Result<(), pluginkit::Error> {
    let pm = LocalPluginManager::new("words");
    pm.add_extension_points(Specs)?;
    {
        let results = RefCell::new(Vec::new());
        pm.caller(Specs::configure).call_historic_with("calm", |result| results.borrow_mut().push(result));
    }
    pm.register_fn("late", Specs::configure, |args| args.settings.to_owned())?;
    Ok(())
}
