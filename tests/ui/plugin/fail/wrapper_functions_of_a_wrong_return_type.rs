//~ ERROR: a wrapper returns the outcome of the call, as `next.run(…)` does
//~ ERROR: a wrapper returns the outcome of the call, as `next.run(…)` does

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

#[plugin(id = "log", extends = Specs::fetch)]
#[extension(wrapper)]
fn log(topic: &str, next: Next<'_>) -> String {
    next.run(topic)
}

#[plugin(id = "retry", extends = Specs::fetch)]
#[extension(wrapper)]
async fn retry(next: Next<'_>) -> String {
    next.run().await
}
