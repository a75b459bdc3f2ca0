//! Wrappers of a local manager.

use std::cell::RefCell;
use std::rc::Rc;

use pluginkit::prelude::*;

#[extension_point]
trait Specs {
    fn fetch(&self, topic: &str) -> String;
    #[extension_point(pipeline)]
    fn transform(&self, text: String) -> String;
    fn visit(&self);
}

type Log = Rc<RefCell<Vec<String>>>;

struct Logs {
    name: &'static str,
    log: Log,
    runs: usize,
}

#[extension(local)]
impl Specs for Logs {
    #[extension(wrapper)]
    fn fetch(&mut self, topic: &str, next: Next<'_>) -> Vec<String> {
        self.runs += 1;
        self.log.borrow_mut().push(format!("{}>", self.name));
        let mut all = next.run(&format!("{topic}{}", self.runs));
        self.log.borrow_mut().push(format!("{}<", self.name));
        all.push(self.name.to_owned());
        all
    }
    #[extension(wrapper)]
    fn transform(&self, next: Next<'_>) -> String {
        next.run() + self.name
    }
    #[extension(wrapper, when = Self::is_open, tryfirst)]
    fn visit(&mut self, next: Next<'_>) {
        self.log.borrow_mut().push("around".to_owned());
        next.run();
    }
}

impl Logs {
    fn is_open(&self) -> bool {
        self.runs > 0
    }
}

fn manager() -> (LocalPluginManager<'static>, Log) {
    let (pm, log) = (LocalPluginManager::new("feed"), Log::default());
    pm.add_extension_points(Specs).unwrap();
    for name in ["a", "b"] {
        pm.register_as(name, Logs { name, log: Rc::clone(&log), runs: 0 }).unwrap();
    }
    pm.register_fn("extension", Specs::fetch, |args| args.topic.to_owned()).unwrap();
    pm.register_fn("text", Specs::transform, |args| args.text + ".").unwrap();
    (pm, log)
}

#[test]
fn wrappers_nest_and_change_arguments_and_outcomes() {
    let (pm, log) = manager();
    assert_eq!(pm.caller(Specs::fetch).call("t"), ["t11", "b", "a"]);
    assert_eq!(*log.borrow(), ["a>", "b>", "b<", "a<"]);
    assert_eq!(pm.caller(Specs::fetch).try_call("t").unwrap(), ["t22", "b", "a"]);
    let wrapped: Vec<_> = pm.caller(Specs::fetch).implementations().iter().map(|it| it.is_wrapper).collect();
    assert_eq!(wrapped, [true, true, false]);
}

#[test]
fn a_wrapper_without_arguments_passes_them_on() {
    let (pm, _) = manager();
    assert_eq!(pm.caller(Specs::transform).call("t".to_owned()), "t.ba");
}

#[test]
fn a_wrapper_with_a_predicate_is_asked() {
    let (pm, log) = manager();
    pm.caller(Specs::visit).call();
    assert!(log.borrow().is_empty());
    pm.caller(Specs::fetch).without(["b"]).call("t");
    log.borrow_mut().clear();
    pm.caller(Specs::visit).call();
    assert_eq!(*log.borrow(), ["around"]);
    pm.caller(Specs::visit).try_call().unwrap();
    assert_eq!(log.borrow().len(), 2);
}

#[test]
fn settle_and_iter_run_no_wrappers() {
    let (pm, log) = manager();
    assert_eq!(pm.caller(Specs::fetch).iter("t").collect::<Vec<_>>(), ["t"]);
    assert_eq!(pm.caller(Specs::fetch).settle("t").len(), 1);
    assert!(log.borrow().is_empty());
}

#[test]
fn a_thousand_wrappers_fit_the_stack() {
    struct Deep;
    #[extension(local)]
    impl Specs for Deep {
        #[extension(wrapper)]
        fn fetch(&self, topic: &str, next: Next<'_>) -> Vec<String> {
            next.run(topic)
        }
    }
    let pm = LocalPluginManager::new("feed");
    pm.add_extension_points(Specs).unwrap();
    for number in 0..1_000 {
        pm.register_as(number.to_string(), Deep).unwrap();
    }
    pm.register_fn("extension", Specs::fetch, |args| args.topic.to_owned()).unwrap();
    assert_eq!(pm.caller(Specs::fetch).call("t"), ["t"]);
    assert_eq!(pm.caller(Specs::fetch).try_call("t").unwrap(), ["t"]);
}

#[test]
fn the_wrapper_of_any_manager_runs_under_a_local_one() {
    struct Shouts;
    #[extension]
    impl Specs for Shouts {
        #[extension(wrapper)]
        fn fetch(&self, topic: &str, next: Next<'_>) -> Vec<String> {
            let mut all = next.run(&topic.to_uppercase());
            all.push("shouts".to_owned());
            all
        }
    }
    let (pm, _) = manager();
    pm.register(Shouts).unwrap();
    assert_eq!(pm.caller(Specs::fetch).call("t"), ["T11", "shouts", "b", "a"]);
}

#[test]
fn a_wrapper_runs_the_rest_again_and_a_failure_of_any_run_is_that_of_its_plugin() {
    #[extension_point]
    trait Tries {
        fn fetch(&self, topic: &str) -> Result<usize, String>;
    }
    struct Retries;
    #[extension(local)]
    impl Tries for Retries {
        #[extension(wrapper)]
        fn fetch(&mut self, topic: &str, next: Next<'_>) -> Result<Vec<usize>, String> {
            let first = next.clone().run(topic);
            match next.run(topic) {
                Ok(found) if topic == "first" => first.map(|_| found),
                second => second,
            }
        }
    }
    let pm = LocalPluginManager::new("feed");
    pm.add_extension_points(Tries).unwrap();
    pm.register(Retries).unwrap();
    let mut tries = 0;
    pm.register_fn_mut("flaky", Tries::fetch, move |_| {
        tries += 1;
        if tries % 2 == 0 { Ok(tries) } else { Err(format!("try {tries}")) }
    })
    .unwrap();
    let fetch = pm.caller(Tries::fetch);
    assert_eq!(fetch.call("second"), Ok(vec![2]));
    assert_eq!(fetch.try_call("second").unwrap(), [4]);
    let error = fetch.try_call("first").unwrap_err();
    assert_eq!(error.to_string(), "plugin `flaky` failed in `Tries::fetch`: try 5");
}

#[test]
fn runs_of_clones_keep_their_failures_apart() {
    #[extension_point]
    trait Tries {
        fn fetch(&self, run: &str) -> Result<String, String>;
    }
    /// Runs the rest twice, and returns the first run that is well.
    struct Twice;
    #[extension(local)]
    impl Tries for Twice {
        #[extension(wrapper)]
        fn fetch(&mut self, run: &str, next: Next<'_>) -> Result<Vec<String>, String> {
            let first = next.clone().run("first");
            let second = next.run("second");
            assert_eq!(run, "t");
            first.or(second)
        }
    }
    fn end(run: &str, kind: &str) -> Result<String, String> {
        match kind {
            "fails" => Err(format!("{run} fails")),
            "panics" => panic!("{run} panics"),
            _ => Ok(run.to_owned()),
        }
    }
    for first in ["well", "fails", "panics"] {
        for second in ["well", "fails", "panics"] {
            let pm = LocalPluginManager::new("feed");
            pm.add_extension_points(Tries).unwrap();
            pm.register(Twice).unwrap();
            pm.plugin(())
                .named("picky")
                .extension_when(
                    Tries::fetch,
                    pluginkit::Options::new(),
                    |_, _| Ok("picky".to_owned()),
                    |_, args| *args.run == "second",
                )
                .register()
                .unwrap();
            pm.register_fn("flaky", Tries::fetch, move |args| match args.run {
                "first" => end("first", first),
                _ => end("second", second),
            })
            .unwrap();
            let (text, plugin) = match pm.caller(Tries::fetch).try_call("t") {
                Ok(all) => (all.join(","), None),
                Err(error) => {
                    let text = error.to_string();
                    (text.rsplit(": ").next().unwrap().to_owned(), error.plugin().cloned())
                }
            };
            let expected = match (first, second) {
                ("panics", _) => "first panics",
                (_, "panics") => "second panics",
                ("well", _) => "first",
                (_, "well") => "picky,second",
                _ => "second fails",
            };
            assert_eq!(text, expected, "{first} {second}");
            let is_failure = expected.contains("fails") || expected.contains("panics");
            assert_eq!(plugin.as_ref().map(PluginId::as_str), is_failure.then_some("flaky"));
        }
    }
}
