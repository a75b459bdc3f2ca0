//~ ERROR: the phases of plugins run in the order of requirements: remove this option
//~ ERROR: the phases of plugins run in the order of requirements: remove this option
//~ ERROR: the phases of plugins run in the order of requirements: remove this option

use pluginkit::prelude::*;

#[plugin(id = "web")]
pub struct Web;

#[extension]
impl Lifecycle for Web {
    #[extension(tryfirst, before = "db")]
    fn start(&self) -> Result<(), BoxError> {
        Ok(())
    }

    #[extension(target = "stop", priority = 2)]
    fn stop_first(&self) -> Result<(), BoxError> {
        Ok(())
    }

    #[extension(target = "stop", after = "db")]
    fn stop_last(&self) -> Result<(), BoxError> {
        Ok(())
    }
}

pub fn uses(pm: &PluginManager) -> Result<(), pluginkit::Error> {
    pm.register(Web)?;
    Ok(())
}
