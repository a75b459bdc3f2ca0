//~ ERROR: unknown option `projekt` of a specs trait
//~ ERROR: `firstresult` is an option of one point
//~ ERROR: specs cannot have supertraits
//~ ERROR: a point has one mode
//~ ERROR: a firstresult point must be able to abstain
//~ ERROR: a pipeline threads an argument, but this point has none
//~ ERROR: a pipeline point returns the type of the argument it threads
//~ ERROR: a point cannot be generic
//~ ERROR: an argument of a point cannot be `impl Trait`
//~ ERROR: a point takes `&self`: write `fn h(&self, …)`
//~ ERROR: unknown option `hystoric` of an extension point
//~ ERROR: a default body runs when no plugin has answered
//~ ERROR: a point cannot be async
//~ ERROR: a return value cannot borrow from the plugin
//~ ERROR: `Message` is passed by value to every extension, so it must be `Clone`
//~ ERROR: cannot be `&mut`
//~ ERROR: specs have methods only

use pluginkit::prelude::*;

pub struct Message;

#[extension_point(projekt = "feed", firstresult)]
pub trait Specs: Send {
    fn fetch(&self, topic: &str) -> String;

    #[extension_point(firstresult, pipeline)]
    fn a(&self, text: String) -> Option<String>;

    #[extension_point(firstresult)]
    fn b(&self) -> u8;

    #[extension_point(pipeline)]
    fn c(&self) -> u8;

    #[extension_point(pipeline)]
    fn d(&self, text: String) -> u8;

    fn f<T>(&self, value: T);

    fn g(&self, value: impl Send);

    fn h();

    #[extension_point(hystoric)]
    fn i(&self);

    fn j(&self) {
        self.i();
    }

    async fn k(&self);

    fn l(&self, from: &str) -> &str;

    fn m(&self, message: Message);

    #[extension_point(historic)]
    fn n(&self, count: &mut u8);

    const LIMIT: usize;
}

pub struct Weather;

#[extension]
impl Specs for Weather {
    fn fetch(&self, topic: &str) -> String {
        topic.to_owned()
    }

    fn d(&self, text: String) -> u8 {
        text.len() as u8
    }

    fn m(&self, _message: Message) {}

    fn n(&self, count: &mut u8) {
        *count += 1;
    }
}

pub fn uses(pm: &PluginManager) -> Result<(), pluginkit::Error> {
    pm.add_extension_points(Specs)?;
    pm.register(Weather)?;
    let _: Vec<String> = pm.caller(Specs::fetch).call("harbor");
    pm.caller(Specs::g).call(1);
    pm.caller(Specs::m).call(Message);
    Ok(())
}
