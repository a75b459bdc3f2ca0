//! Errors and wrappers: raised before and after, swallowed, replaced.

use pluginkit::prelude::*;
use pluginkit_tests::Log;

#[extension_point]
trait Specs {
    fn parse(&self, text: &str) -> Result<u32, String>;
}

struct Wrapper {
    name: &'static str,
    log: Log,
    does: fn(&str, &mut dyn FnMut() -> Result<Vec<u32>, String>) -> Result<Vec<u32>, String>,
}

#[extension]
impl Specs for Wrapper {
    #[extension(wrapper)]
    fn parse(&self, text: &str, next: Next<'_>) -> Result<Vec<u32>, String> {
        let mut next = Some(next);
        self.log.push(format!("{}(", self.name));
        let outcome = (self.does)(text, &mut || next.take().unwrap().run(text));
        self.log.push(format!("){}", if outcome.is_ok() { "ok" } else { "err" }));
        outcome
    }
}

type Does = fn(&str, &mut dyn FnMut() -> Result<Vec<u32>, String>) -> Result<Vec<u32>, String>;

const PASS: Does = |_, next| next();

fn run(extension: Result<u32, &'static str>, wrappers: &[Does]) -> (Result<Vec<u32>, String>, String) {
    let (pm, log) = (PluginManager::new("errors"), Log::new());
    pm.add_extension_points(Specs).unwrap();
    for (name, does) in ["a", "b", "c"].into_iter().zip(wrappers) {
        pm.register_as(name, Wrapper { name, log: log.clone(), does: *does }).unwrap();
    }
    let inner = log.clone();
    pm.register_fn("x", Specs::parse, move |_| {
        inner.push("x");
        extension.map_err(str::to_owned)
    })
    .unwrap();
    (pm.caller(Specs::parse).call("t"), log.line())
}

#[test]
fn an_error_passes_unchanged_through_every_wrapper() {
    let (outcome, log) = run(Err("inner"), &[PASS, PASS]);
    assert_eq!(outcome, Err("inner".into()));
    assert_eq!(log, "a( b( x )err )err");
}

#[test]
fn an_error_raised_before_run_keeps_the_rest_from_running() {
    let (outcome, log) = run(Ok(1), &[PASS, |_, _| Err("before".into()), PASS]);
    assert_eq!(outcome, Err("before".into()));
    assert_eq!(log, "a( b( )err )err");
}

#[test]
fn an_error_raised_after_run_replaces_the_outcome() {
    let (outcome, log) = run(
        Ok(1),
        &[PASS, |_, next| {
            next()?;
            Err("after".into())
        }],
    );
    assert_eq!(outcome, Err("after".into()));
    assert_eq!(log, "a( b( x )err )err");
}

#[test]
fn an_error_swallowed_by_a_middle_wrapper_is_a_value_outside() {
    let (outcome, log) = run(Err("inner"), &[PASS, |_, next| next().or(Ok(vec![0])), PASS]);
    assert_eq!(outcome, Ok(vec![0]));
    assert_eq!(log, "a( b( c( x )err )ok )ok");
}

#[test]
fn an_error_may_be_replaced_by_another() {
    let (outcome, _) =
        run(Err("inner"), &[PASS, |_, next| next().map_err(|error| format!("outer({error})"))]);
    assert_eq!(outcome, Err("outer(inner)".into()));
}

#[test]
fn a_value_may_be_turned_into_an_error_and_back() {
    let (outcome, _) = run(
        Ok(3),
        &[
            |_, next| next().or_else(|error| error.parse().map(|n| vec![n]).map_err(|_| error)),
            |_, next| next().and_then(|values| Err(values[0].to_string())),
        ],
    );
    assert_eq!(outcome, Ok(vec![3]));
}

#[test]
fn a_wrapper_that_never_runs_the_rest_answers_for_it() {
    let (outcome, log) = run(Err("inner"), &[PASS, |_, _| Ok(vec![9])]);
    assert_eq!(outcome, Ok(vec![9]));
    assert_eq!(log, "a( b( )ok )ok");
}
