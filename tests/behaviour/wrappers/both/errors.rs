//! Errors and wrappers: raised before and after, swallowed, replaced.

use pluginkit::prelude::*;
use pluginkit_tests::Log;

use super::kind::{Manager, awaited, implement, wait};

#[extension_point]
trait Specs {
    fn parse(&self, text: &str) -> Result<u32, String>;
}

type Outcome = Result<Vec<u32>, String>;

/// What a wrapper does about the rest of the call.
#[derive(Clone, Copy)]
enum Does {
    /// It answers without it.
    Instead(fn() -> Outcome),
    /// It runs it, and makes its own outcome of the one that comes back.
    Around(fn(Outcome) -> Outcome),
}

use Does::{Around, Instead};

const PASS: Does = Around(|outcome| outcome);

struct Wrapper {
    name: &'static str,
    log: Log,
    does: Does,
}

implement! {
    #[extension]
    impl Specs for Wrapper {
        #[extension(wrapper)]
        fn parse(&self, text: &str, next: Next<'_>) -> Result<Vec<u32>, String> {
            self.log.push(format!("{}(", self.name));
            let outcome = match self.does {
                Instead(answer) => answer(),
                Around(then) => then(awaited!(next.run(text))),
            };
            self.log.push(format!("){}", if outcome.is_ok() { "ok" } else { "err" }));
            outcome
        }
    }
}

fn run(extension: Result<u32, &'static str>, wrappers: &[Does]) -> (Outcome, String) {
    let (pm, log) = (Manager::new("errors"), Log::new());
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
    (wait!(pm.caller(Specs::parse).call("t")), log.line())
}

#[test]
fn an_error_passes_unchanged_through_every_wrapper() {
    let (outcome, log) = run(Err("inner"), &[PASS, PASS]);
    assert_eq!(outcome, Err("inner".into()));
    assert_eq!(log, "a( b( x )err )err");
}

#[test]
fn an_error_raised_before_run_keeps_the_rest_from_running() {
    let (outcome, log) = run(Ok(1), &[PASS, Instead(|| Err("before".into())), PASS]);
    assert_eq!(outcome, Err("before".into()));
    assert_eq!(log, "a( b( )err )err");
}

#[test]
fn an_error_raised_after_run_replaces_the_outcome() {
    let (outcome, log) = run(
        Ok(1),
        &[
            PASS,
            Around(|outcome| {
                outcome?;
                Err("after".into())
            }),
        ],
    );
    assert_eq!(outcome, Err("after".into()));
    assert_eq!(log, "a( b( x )err )err");
}

#[test]
fn an_error_swallowed_by_a_middle_wrapper_is_a_value_outside() {
    let (outcome, log) = run(Err("inner"), &[PASS, Around(|outcome| outcome.or(Ok(vec![0]))), PASS]);
    assert_eq!(outcome, Ok(vec![0]));
    assert_eq!(log, "a( b( c( x )err )ok )ok");
}

#[test]
fn an_error_may_be_replaced_by_another() {
    let (outcome, _) =
        run(Err("inner"), &[PASS, Around(|outcome| outcome.map_err(|error| format!("outer({error})")))]);
    assert_eq!(outcome, Err("outer(inner)".into()));
}

#[test]
fn a_value_may_be_turned_into_an_error_and_back() {
    let (outcome, _) = run(
        Ok(3),
        &[
            Around(|outcome| outcome.or_else(|error| error.parse().map(|n| vec![n]).map_err(|_| error))),
            Around(|outcome| outcome.and_then(|values| Err(values[0].to_string()))),
        ],
    );
    assert_eq!(outcome, Ok(vec![3]));
}

#[test]
fn a_wrapper_that_never_runs_the_rest_answers_for_it() {
    let (outcome, log) = run(Err("inner"), &[PASS, Instead(|| Ok(vec![9]))]);
    assert_eq!(outcome, Ok(vec![9]));
    assert_eq!(log, "a( b( )ok )ok");
}
