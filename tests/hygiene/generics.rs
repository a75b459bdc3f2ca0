//! Generic plugins, whose parameters need no bounds of their own.

use pluginkit::prelude::*;

#[extension_point]
trait Specs {
    fn fetch(&self, topic: &str) -> String;

    #[extension_point(historic)]
    fn configure(&self, settings: &str);
}

struct Cached<'a, T, F, const N: usize>(&'a str, T, F);

#[extension]
impl<T, F, const N: usize> Specs for Cached<'_, T, F, N>
where
    T: ToString,
    F: Fn(&str) -> String,
{
    fn fetch(&self, topic: &str) -> String {
        format!("{}{}{}{N}", self.0, self.1.to_string(), (self.2)(topic))
    }

    #[extension(wrapper, target = "fetch")]
    fn around(&self, topic: &str, next: Next<'_>) -> Vec<String> {
        next.run(&topic.to_uppercase())
    }

    #[extension(wrapper, target = "fetch")]
    fn outside(&self, next: Next<'_>) -> Vec<String> {
        next.run()
    }

    fn configure(&self) {}
}

struct Borrowing<'a>(&'a str);

#[extension]
impl Specs for Borrowing<'_> {
    fn fetch(&self, topic: &str) -> String {
        topic.replace(self.0, "")
    }
}

#[test]
fn a_plugin_may_borrow_what_is_static() {
    let pm = PluginManager::new("feed");
    pm.add_extension_points(Specs).unwrap();
    PluginBuilder::new(Borrowing("h")).extends(Specs).register(&pm).unwrap();
    assert_eq!(pm.caller(Specs::fetch).call("harbor"), ["arbor"]);
}

#[test]
fn a_generic_plugin_names_its_specs() {
    let pm = PluginManager::new("feed");
    pm.add_extension_points(Specs).unwrap();
    let plugin = Cached::<_, _, 3>("a", 1, str::to_owned);
    PluginBuilder::new(plugin).named("cached").extends(Specs).register(&pm).unwrap();
    assert_eq!(pm.caller(Specs::fetch).call("harbor"), ["a1HARBOR3"]);
}
