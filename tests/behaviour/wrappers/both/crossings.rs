//! Runs of the rest of a call by clones of a `next`, under limits, policies and observers, and with historic calls inside.

use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use pluginkit::CallError;
use pluginkit::limits::FailurePolicy;
use pluginkit::prelude::*;
use pluginkit::testing::FakeClock;
use pluginkit_tests::{Log, Show};

use super::kind::{Manager, awaited, enter, implement, wait};

use Kind::{Fails, Late, Panics, Well};

const SECOND: Duration = Duration::from_secs(1);
const KINDS: [Kind; 4] = [Well, Fails, Late, Panics];

#[extension_point]
trait Specs {
    fn fetch(&self, run: &str) -> Result<String, String>;
    #[extension_point(historic)]
    fn note(&self, run: &str);
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Well,
    Fails,
    Late,
    Panics,
}

/// Runs the rest twice, and returns the first run that is well.
struct Twice;

implement! {
    #[extension(wrapper)]
    impl Specs for Twice {
        fn fetch(&self, run: &str, next: Next<'_>) -> Result<Vec<String>, String> {
            assert_eq!(run, "t");
            let first = awaited!(next.clone().run("first"));
            let second = awaited!(next.run("second"));
            first.or(second)
        }
    }
}

/// Passes the call on.
struct Between;

implement! {
    #[extension(wrapper)]
    impl Specs for Between {
        fn fetch(&self, run: &str, next: Next<'_>) -> Result<Vec<String>, String> {
            awaited!(next.run(run))
        }
    }
}

/// Ends each run as it is told.
struct Flaky(FakeClock, [Kind; 2]);

implement! {
    #[extension(timeout = "2s")]
    impl Specs for Flaky {
        fn fetch(&self, run: &str) -> Result<String, String> {
            match self.1[usize::from(run == "second")] {
                Well => Ok(run.to_owned()),
                Fails => Err(format!("{run} fails")),
                Late => {
                    self.0.advance(3 * SECOND);
                    Ok(format!("late {run}"))
                }
                Panics => panic!("{run} panics"),
            }
        }
    }
}

/// Returns what a call shows: its outcome, or its failures.
fn shown(result: Result<Vec<String>, CallError<String>>) -> String {
    let error = match result {
        Ok(all) => return all.join(","),
        Err(error) => error,
    };
    let each = error.failures().map(|failure| {
        assert_eq!(failure.plugin().map(PluginId::as_str), Some("flaky"), "{failure}");
        match failure {
            CallError::Failed { error, .. } => error.clone(),
            CallError::Panicked { message, .. } => message.clone(),
            CallError::TimedOut { .. } => "late".to_owned(),
            other => panic!("{other}"),
        }
    });
    each.collect::<Vec<_>>().join("; ")
}

/// What a call shows whose extension ends its runs like this.
fn expected(policy: FailurePolicy, [first, second]: [Kind; 2]) -> String {
    let runs = [("first", first), ("second", second)];
    let text = |(run, kind): (&str, Kind)| match kind {
        Well => format!("{run},steady"),
        Fails => format!("{run} fails"),
        Late => "late".to_owned(),
        Panics => format!("{run} panics"),
    };
    match policy {
        FailurePolicy::FailFast => {
            let panicked = runs.into_iter().find(|(_, kind)| *kind == Panics);
            if let Some(run) = panicked {
                return text(run);
            }
            match (first, second) {
                (Late, _) | (_, Late) => "late".to_owned(),
                (Fails, _) => text(runs[1]),
                _ => text(runs[0]),
            }
        }
        FailurePolicy::Skip if first == Well => text(runs[0]),
        FailurePolicy::Collect if first != Well || second != Well => {
            let failed = runs.into_iter().filter(|(_, kind)| *kind != Well);
            failed.map(text).collect::<Vec<_>>().join("; ")
        }
        FailurePolicy::Collect => text(runs[0]),
        _ => "steady".to_owned(),
    }
}

#[test]
fn each_run_has_the_limits_and_the_policy_of_the_call() {
    for first in KINDS {
        for second in KINDS {
            for policy in [FailurePolicy::FailFast, FailurePolicy::Skip, FailurePolicy::Collect] {
                for (is_observed, is_wrapped) in [(false, false), (true, false), (false, true), (true, true)]
                {
                    let kinds = [first, second];
                    let clock = FakeClock::new();
                    let pm = Manager::builder("crossings").clock(clock.reader()).build();
                    pm.add_extension_points(Specs).unwrap();
                    pm.register(Twice).unwrap();
                    if is_wrapped {
                        pm.register(Between).unwrap();
                    }
                    pm.register_as("flaky", Flaky(clock, kinds)).unwrap();
                    pm.register_fn("steady", Specs::fetch, |_| Ok("steady".to_owned())).unwrap();
                    let log = Log::new();
                    let _observer = is_observed.then(|| pm.observe(Show("", log.clone())));
                    let fetch = pm.caller(Specs::fetch).on_failure(policy);
                    let result = shown(wait!(fetch.try_call("t")));
                    assert_eq!(
                        result,
                        expected(policy, kinds),
                        "{kinds:?} {policy:?} {is_observed} {is_wrapped}"
                    );
                    let runs = log.take().iter().filter(|each| *each == "flaky>").count();
                    let is_over = policy == FailurePolicy::FailFast && first == Panics;
                    assert_eq!(runs, if is_observed { 2 - usize::from(is_over) } else { 0 });
                    let overruns =
                        if is_over { 0 } else { kinds.iter().filter(|kind| **kind == Late).count() };
                    assert_eq!(
                        pm.overruns("flaky"),
                        Some(overruns.try_into().unwrap()),
                        "{kinds:?} {policy:?}"
                    );
                }
            }
        }
    }
}

/// Makes a historic call in each run.
struct Notes(Mutex<Weak<Manager>>);

implement! {
    #[extension]
    impl Specs for Notes {
        fn fetch(&self, run: &str) -> Result<String, String> {
            let pm = self.0.lock().unwrap().upgrade().unwrap();
            awaited!(pm.caller(Specs::note).call_historic(run));
            Ok(run.to_owned())
        }
    }
}

/// Hears what was noted.
struct Hears(Log);

implement! {
    #[extension]
    impl Specs for Hears {
        fn note(&self, run: &str) {
            self.0.push(run);
        }
    }
}

#[test]
fn historic_calls_of_each_run_are_remembered() {
    let (pm, now, later) = (Arc::new(Manager::new("crossings")), Log::new(), Log::new());
    pm.add_extension_points(Specs).unwrap();
    pm.register(Twice).unwrap();
    pm.register(Notes(Mutex::new(Arc::downgrade(&pm)))).unwrap();
    pm.register_as("now", Hears(now.clone())).unwrap();
    assert_eq!(wait!(pm.caller(Specs::fetch).try_call("t")).unwrap(), ["first"]);
    assert_eq!(now.line(), "first second");
    wait!(enter(&pm, PluginBuilder::new(Hears(later.clone())).named("later"))).unwrap();
    assert_eq!(later.line(), "first second");
}
