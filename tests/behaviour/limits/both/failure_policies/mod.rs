//! Failure policies: the effect of a failed extension on a tried call.

mod bystanders;
mod errors;
mod modes;
mod scope;

use std::time::Duration;

use pluginkit::limits::FailurePolicy;
use pluginkit::prelude::*;
use pluginkit_tests::Log;

use super::kind::{self, Manager, awaited, implement, wait};

use Kind::{Fails, Late, Panics};
use Mode::{Borrowed, Collecting, Edit, First, Maybe, Owned, Transform};

/// Nothing keeps to it.
const NEVER: Duration = Duration::from_nanos(1);

/// Deliberately not `Clone`.
struct Draft(String);

/// A value that carries a lifetime, so that its point is written in full.
#[derive(Clone)]
struct Data<'a> {
    words: Vec<&'a str>,
}

#[extension_point]
trait Specs {
    fn parse(&self, text: &str) -> Result<String, String>;
    #[extension_point(firstresult)]
    fn find(&self, key: &str) -> Result<Option<String>, String>;
    #[extension_point(pipeline)]
    fn transform(&self, text: String) -> Result<String, String>;
    #[extension_point(pipeline)]
    fn maybe(&self, text: String) -> Result<Option<String>, String>;
    #[extension_point(pipeline)]
    fn edit(&self, text: &mut String) -> Result<(), String>;
    #[extension_point(pipeline)]
    fn owned(&self, draft: Draft) -> Result<Draft, String>;
    #[extension_point(pipeline)]
    fn borrowed<'a>(&self, data: Data<'a>, extra: &'a str) -> Result<Data<'a>, String>;
    #[extension_point(on_failure = "skip")]
    fn declared(&self) -> Result<String, String>;
    #[extension_point(historic)]
    fn configure(&self, level: u32) -> Result<(), String>;
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Fails,
    Panics,
    Late,
}

#[derive(Clone, Copy, Debug)]
enum Mode {
    Collecting,
    First,
    Transform,
    Maybe,
    Edit,
    Owned,
    Borrowed,
}

/// Does its deed, and then what its kind is.
struct Actor(&'static str, Option<Kind>, Log);

impl Actor {
    fn deed<T>(&self, done: T) -> Result<T, String> {
        self.2.push(self.0);
        match self.1 {
            None | Some(Late) => Ok(done),
            Some(Fails) => Err(format!("no {}", self.0)),
            Some(Panics) => panic!("oh {}", self.0),
        }
    }
}

implement! {
    #[extension]
    impl Specs for Actor {
        fn parse(&self, text: &str) -> Result<String, String> {
            self.deed(format!("{text}{}", self.0))
        }
        fn find(&self, key: &str) -> Result<Option<String>, String> {
            self.deed((self.0 == "e").then(|| format!("{key}{}", self.0)))
        }
        fn transform(&self, text: String) -> Result<String, String> {
            self.deed(text + self.0)
        }
        fn maybe(&self, text: String) -> Result<Option<String>, String> {
            self.deed((self.0 != "c").then(|| text + self.0))
        }
        fn edit(&self, text: &mut String) -> Result<(), String> {
            text.push_str(self.0);
            self.deed(())
        }
        fn owned(&self, draft: Draft) -> Result<Draft, String> {
            self.deed(Draft(draft.0 + self.0))
        }
        fn borrowed<'a>(&self, data: Data<'a>) -> Result<Data<'a>, String> {
            let mut data = data;
            data.words.push(self.0);
            self.deed(data)
        }
        fn declared(&self) -> Result<String, String> {
            self.deed(self.0.to_owned())
        }
    }
}

/// Notes the outcome that it sees, and puts itself around it.
struct Around(Log);

implement! {
    #[extension]
    impl Specs for Around {
        #[extension(wrapper)]
        fn parse(&self, text: &str, next: Next<'_>) -> Result<Vec<String>, String> {
            let outcome = awaited!(next.run(text));
            self.0.push(format!("{outcome:?}"));
            match text {
                "fail" => Err("around".to_owned()),
                "panic" => panic!("around"),
                "alone" => Ok(vec!["alone".to_owned()]),
                _ => outcome,
            }
        }
        #[extension(wrapper)]
        fn transform(&self, text: String, next: Next<'_>) -> Result<String, String> {
            Ok(format!("({})", awaited!(next.run(text))?))
        }
    }
}

fn empty() -> Manager {
    let pm = Manager::new("policies");
    pm.add_extension_points(Specs).unwrap();
    pm
}

/// Five plugins, of which `b` and `d` fail.
fn manager(kind: Kind) -> (Manager, Log) {
    let (pm, log) = (empty(), Log::new());
    for (id, kind) in [("a", None), ("b", Some(kind)), ("c", None), ("d", Some(kind)), ("e", None)] {
        pm.register_as(id, Actor(id, kind, log.clone())).unwrap();
        if kind == Some(Late) {
            pm.set_plugin_timeout(id, NEVER).unwrap();
        }
    }
    (pm, log)
}

/// An outcome, or who failed and how.
fn shown(outcome: Result<String, CallError<String>>) -> String {
    outcome.unwrap_or_else(|error| failures(&error))
}

fn failures(error: &CallError<String>) -> String {
    let shown = error.failures().map(|failure| {
        assert!(failure.failures().count() == 1 && failure.extension_point().specs == "Specs");
        let plugin = failure.plugin().map_or("nobody", |plugin| plugin.as_str());
        match failure {
            CallError::Failed { error, .. } => format!("{plugin} failed: {error}"),
            CallError::Panicked { message, .. } => format!("{plugin} panicked: {message}"),
            CallError::TimedOut { limit: NEVER, elapsed, .. } if *elapsed > NEVER => format!("{plugin} late"),
            other => panic!("{other:?}"),
        }
    });
    shown.collect::<Vec<_>>().join(", ")
}

/// A call of each mode under `policy`.
fn call(pm: &Manager, mode: Mode, policy: FailurePolicy) -> String {
    shown(match mode {
        Collecting => {
            wait!(pm.caller(Specs::parse).on_failure(policy).try_call("-")).map(|all| all.join(" "))
        }
        First => {
            wait!(pm.caller(Specs::find).on_failure(policy).try_call("-")).map(Option::unwrap_or_default)
        }
        Transform => wait!(pm.caller(Specs::transform).on_failure(policy).try_call("-".into())),
        Maybe => wait!(pm.caller(Specs::maybe).on_failure(policy).try_call("-".into())),
        Edit => {
            let mut text = String::from("-");
            wait!(pm.caller(Specs::edit).on_failure(policy).try_call(&mut text)).map(|()| text)
        }
        Owned => {
            wait!(pm.caller(Specs::owned).on_failure(policy).try_call(Draft("-".into()))).map(|draft| draft.0)
        }
        Borrowed => {
            let (first, extra) = (String::from("-"), String::new());
            let data = Data { words: vec![&first] };
            wait!(pm.caller(Specs::borrowed).on_failure(policy).try_call(data, &extra))
                .map(|data| data.words.concat())
        }
    })
}

/// How a plugin that fails in that way is shown.
fn fault(plugin: &str, kind: Kind) -> String {
    match kind {
        Fails => format!("{plugin} failed: no {plugin}"),
        Panics => format!("{plugin} panicked: oh {plugin}"),
        Late => format!("{plugin} late"),
    }
}

const MODES: [(Mode, &str); 6] = [
    (Collecting, "-a -c -e"),
    (First, "-e"),
    (Transform, "-ace"),
    (Maybe, "-ae"),
    (Edit, "-abcde"),
    (Borrowed, "-ace"),
];
