//! smoke
use pluginkit::prelude::*;
use std::sync::Arc;

#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    level: u32,
}

/// What a feed host lets plugins extend.
#[extension_point(project = "feed")]
pub trait Specs {
    /// Fetches one headline for `topic`.
    fn fetch(&self, topic: &str) -> String;
    #[extension_point(firstresult)]
    fn deliver(&self, message: &str, urgent: bool) -> Option<String>;
    #[extension_point(pipeline)]
    fn transform(&self, text: String) -> String;
    #[extension_point(historic)]
    fn configure(&self, settings: &Settings);
    fn many(&self, x: Vec<String>, y: &mut Vec<u32>) -> Result<Option<u32>, std::io::Error>;
    #[extension_point(pipeline)]
    fn edit(&self, out: &mut String);
    #[extension_point(pipeline = "b")]
    fn second(&self, a: &str, b: String) -> Option<String>;
    fn pick<'a>(&self, from: &'a [String], key: &str) -> Option<&'a str>;
    fn nothing(&self);
}

struct Weather;

#[extension]
impl Specs for Weather {
    fn fetch(&self, topic: &str) -> String {
        format!("weather[{topic}]")
    }
    #[extension(tryfirst)]
    fn transform(&self, text: String) -> String {
        text + "!"
    }
    #[extension(target = "deliver")]
    fn send_sms(&self, message: &str) -> Option<String> {
        Some(format!("sms {message}"))
    }
    fn configure(&self, settings: &Settings) {
        println!("{settings:?}");
    }
    fn edit(out: &mut String) {
        out.push('e')
    }
    fn pick<'a>(self: &Arc<Self>, from: &'a [String]) -> Option<&'a str> {
        from.first().map(|x| &**x)
    }
}

struct Wrap;
#[extension]
impl Specs for Wrap {
    #[extension(wrapper)]
    fn fetch(&self, topic: &str, next: Next<'_>) -> Vec<String> {
        let mut v = next.run(&topic.to_uppercase());
        v.push("w".into());
        v
    }
    #[extension(wrapper)]
    fn deliver(&self, next: Next<'_>) -> Option<String> {
        next.run().map(|x| x + "?")
    }
    #[extension(when = Self::yes)]
    fn transform(&self, text: String) -> String {
        text + "never"
    }
    async fn many(&self, x: Vec<String>) -> Result<Option<u32>, std::io::Error> {
        Ok(Some(x.len() as u32))
    }
}
impl Wrap {
    fn yes(&self, text: &str) -> bool {
        text.len() > 100
    }
}

#[test]
fn smoke() {
    let pm = PluginManager::new("feed");
    pm.add_extension_points(Specs).unwrap();
    pm.register(Weather).unwrap();
    println!("{}", pm.register(Wrap).unwrap_err());
    let key;
    {
        let from = vec!["a".to_string()];
        let p = pm.caller(Specs::pick);
        {
            let k = String::from("k");
            key = p.call(&from, &k);
        }
        println!("{key:?}");
    }
    pm.caller(Specs::configure).call_historic(&Settings { level: 3 });
    println!("{:?}", pm.caller(Specs::fetch).call("harbor"));
    println!("{:?}", pm.caller(Specs::deliver).call("harbor", true));
    println!("{:?}", pm.caller(Specs::transform).call("harbor".into()));
    let mut s = String::new();
    pm.caller(Specs::edit).call(&mut s);
    println!("{s}");
    pm.caller(Specs::nothing).call();
    println!("{:?}", pm.caller(Specs::fetch).iter("x").collect::<Vec<_>>());
    println!("{:?}", pm.caller(Specs::fetch).settle("x"));
    println!("{:?}", pm.caller(Specs::fetch).try_call("x"));
    pm.register_fn("static", Specs::fetch, |args| format!("static[{}]", args.topic)).unwrap();
    pm.register_fn("static2", Specs::second, |args| Some(args.b + args.a)).unwrap();
    println!("{:?}", pm.caller(Specs::second).call("x", "y".into()));
    println!(
        "{:?}",
        pm.caller(Specs::fetch).extra(|args| args.topic.to_string()).without(["static"]).implementations()
    );
}
