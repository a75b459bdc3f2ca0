//~ ERROR: `[Session]` has no owned form that is `Send + 'static`

use pluginkit::prelude::*;

/// Deliberately not `Clone`.
pub struct Session;

#[extension_point]
pub trait Specs {
    fn fetch(&self, topic: &str) -> String;

    #[extension_point(firstresult)]
    fn deliver(&self, message: &str, urgent: bool) -> Option<String>;

    #[extension_point(pipeline)]
    fn edit(&self, text: &mut String);

    fn check(&self, sessions: &[Session]) -> bool;
}

pub struct Weather;

#[extension]
impl Specs for Weather {
    #[extension(blocking)]
    fn fetch(&self, topic: &str) -> String {
        topic.to_owned()
    }

    #[extension(blocking)]
    fn check(&self, sessions: &[Session]) -> bool {
        sessions.is_empty()
    }
}

pub async fn uses(pm: &AsyncPluginManager) -> Result<(), pluginkit::Error> {
    pm.add_extension_points(Specs)?;
    pm.register(Weather)?;
    let _: Vec<String> = pm.caller(Specs::fetch).call("harbor").await;
    let _: Option<String> = pm.caller(Specs::deliver).call("hello", true).await;
    Ok(())
}
