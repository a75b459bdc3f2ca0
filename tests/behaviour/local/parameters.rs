//! The parameters of methods for local managers.

use pluginkit::prelude::*;

#[extension_point(project = "feed")]
trait Specs {
    fn fetch(&self, topic: &str, count: u8) -> String;
}

fn manager<'p>() -> LocalPluginManager<'p> {
    let pm = LocalPluginManager::new("feed");
    pm.add_extension_points(Specs).unwrap();
    pm
}

struct Counting(u8);

impl Counting {
    fn is_positive(&self, count: u8) -> bool {
        count > self.0
    }
}

#[extension(local)]
impl Specs for Counting {
    #[extension(when = Self::is_positive)]
    fn fetch(&self, _: &str, count: u8) -> String {
        format!("counted {count}")
    }
}

#[derive(Default)]
struct Editing(Vec<String>);

#[extension(local)]
impl<'a> Specs for Editing {
    fn fetch(&mut self, topic: &'a str, _: u8) -> String {
        self.0.push(topic.to_owned());
        self.0.join(",")
    }
}

struct Around;

#[extension(local)]
impl Specs for Around {
    #[extension(wrapper)]
    fn fetch(&self, _: &str, next: Next<'_>) -> Vec<String> {
        let mut all = next.run();
        all.push("around".into());
        all
    }
}

#[test]
fn calls_leave_out_a_parameter_that_is_called_underscore() {
    let pm = manager();
    pm.register(Counting(0)).unwrap();
    pm.register(Editing::default()).unwrap();
    pm.register(Around).unwrap();
    let fetch = pm.caller(Specs::fetch);
    assert_eq!(fetch.call("a", 2), ["counted 2", "a", "around"]);
    assert_eq!(fetch.call("b", 0), ["a,b", "around"]);
    assert_eq!(Counting(0).fetch("unused", 1), "counted 1");
}

#[extension_point(project = "feed")]
trait Values<V: ToString> {
    fn show(&self, value: &V, times: u8) -> String;
}

struct Showing;

#[extension(local)]
impl<V: ToString> Values<V> for Showing {
    fn show(&self, value: &V, times: u8) -> String {
        value.to_string().repeat(usize::from(times))
    }
}

struct Once;

#[extension(local)]
impl<V: ToString> Values<V> for Once {
    fn show(&self, value: &V, _: u8) -> String {
        value.to_string()
    }
}

#[test]
fn methods_name_the_parameters_of_their_block() {
    let pm = LocalPluginManager::new("feed");
    pm.add_extension_points(Values::<u8>::SPECS).unwrap();
    pm.plugin(Showing).extends(Values::<u8>::SPECS).register().unwrap();
    pm.plugin(Once).extends(Values::<u8>::SPECS).register().unwrap();
    assert_eq!(pm.caller(Values::<u8>::show).call(&7, 3), ["777", "7"]);
}
