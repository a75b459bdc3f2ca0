//! Every hook, called.

use std::path::Path;
use std::sync::{Arc, Mutex};

use pluginkit::prelude::*;
use pluginkit_tests::Log;

use super::Hooks;
use super::plugins::{Capture, Durations, Flaky, Keywords, Parametrize, Runner, Skipping};
use super::types::{Config, Failure, Item, Metafunc, Outcome, Phase, Report, Session};

fn manager(log: &Log) -> Arc<PluginManager> {
    let pm = Arc::new(PluginManager::new("pytest"));
    pm.add_extension_points(Hooks).unwrap();
    pm.register(Runner { pm: Arc::downgrade(&pm) }).unwrap();
    pm.register(Durations(log.clone())).unwrap();
    pm.register(Capture(log.clone())).unwrap();
    pm.register(Keywords::default()).unwrap();
    pm.register(Skipping).unwrap();
    pm.register(Flaky).unwrap();
    pm.register(Parametrize(&["one", "two"])).unwrap();
    pm
}

fn report(name: &str, outcome: Outcome, sections: &[&str]) -> Report {
    Report {
        name: name.to_owned(),
        outcome,
        sections: sections.iter().map(|&section| section.to_owned()).collect(),
    }
}

#[test]
fn there_are_twelve_hooks_and_each_has_a_plugin() {
    let pm = manager(&Log::new());
    let points = pm.extension_points();
    assert_eq!(points.len(), 12);
    for point in points {
        let implemented = pm.plugin_names().iter().any(|name| {
            pm.extension_points_of(name)
                .is_some_and(|points| points.iter().any(|each| each.name == point.name))
        });
        assert!(implemented, "{point}");
    }
}

#[test]
fn a_plugin_that_comes_after_pytest_configure_is_configured_all_the_same() {
    let pm = manager(&Log::new());
    let config = Config { verbose: 1, keyword: None };
    pm.caller(Hooks::pytest_configure).call_historic(&config);
    pm.register_as("late", Keywords::default()).unwrap();
    for name in ["Keywords", "late"] {
        let keywords = pm.plugin_as::<Keywords>(name).unwrap();
        assert_eq!(*keywords.config.lock().unwrap(), std::slice::from_ref(&config));
    }
}

#[test]
fn pytest_addoption_hands_on_the_options_of_later_plugins_too() {
    let pm = manager(&Log::new());
    let options = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&options);
    let capture = pm.unregister("Capture").unwrap();
    let add = pm.caller(Hooks::pytest_addoption);
    add.call_historic_with("capture", move |option| sink.lock().unwrap().push(option));
    assert_eq!(add.call_historic("general"), ["--exitfirst"]);
    assert!(options.lock().unwrap().is_empty());
    pm.register(capture.downcast::<Capture>().unwrap()).unwrap();
    assert_eq!(*options.lock().unwrap(), ["--capture"]);
}

#[test]
fn headers_and_collected_files_come_from_all_plugins() {
    let pm = manager(&Log::new());
    let headers = pm.caller(Hooks::pytest_report_header);
    let verbose = Config { verbose: 1, keyword: None };
    assert_eq!(
        headers.call(&verbose, Path::new("/feed")).concat(),
        ["plugins: parametrize", "rootdir: /feed"]
    );
    let collect = pm.caller(Hooks::pytest_collect_file);
    assert_eq!(collect.call(Path::new("tests/test_tide.rs")), [[Item::new("tide", &[])]]);
    assert_eq!(collect.call(Path::new("tests/tide.rs")), Vec::<Vec<Item>>::new());
}

#[test]
fn pytest_ignore_collect_takes_the_first_opinion() {
    let ignore = manager(&Log::new()).caller(Hooks::pytest_ignore_collect);
    let config = Config::default();
    assert_eq!(ignore.call(Path::new("target/debug"), &Config { verbose: 3, keyword: None }), Some(true));
    assert_eq!(ignore.call(Path::new("tests"), &Config { verbose: 3, keyword: None }), Some(false));
    assert_eq!(ignore.call(Path::new("tests"), &config), None);
}

#[test]
fn pytest_generate_tests_multiplies_a_borrowed_test() {
    let item = Item::new("tide", &[]);
    let mut metafunc = Metafunc { item: &item, params: Vec::new() };
    manager(&Log::new()).caller(Hooks::pytest_generate_tests).call(&mut metafunc);
    assert_eq!(metafunc.params, ["tide[one]", "tide[two]"]);
}

#[test]
fn pytest_collection_modifyitems_edits_the_list_in_place() {
    let modify = manager(&Log::new()).caller(Hooks::pytest_collection_modifyitems);
    let run = |keyword: Option<&str>, shuffled| {
        let mut items: Vec<_> = ["tide", "tide_todo", "wind"].map(|name| Item::new(name, &[])).into();
        let config = Config { verbose: 0, keyword: keyword.map(str::to_owned) };
        modify.call(&Session { shuffled }, &config, &mut items)?;
        Ok(items.into_iter().map(|item| item.name + &item.marks.concat()).collect::<Vec<_>>().join(" "))
    };
    assert_eq!(run(None, false), Ok("tide tide_todoskip wind".to_owned()));
    assert_eq!(run(None, true), Ok("wind tide_todoskip tide".to_owned()));
    assert_eq!(run(Some("tide"), false), Ok("tide".to_owned()));
    assert_eq!(run(Some("todo"), false), Err(Failure("no tests ran".to_owned())));
}

#[test]
fn pytest_runtest_protocol_runs_inside_its_wrappers() {
    let log = Log::new();
    let pm = manager(&log);
    let protocol = pm.caller(Hooks::pytest_runtest_protocol);
    let (tide, wind) = (Item::new("tide", &[]), Item::new("wind", &[]));
    assert_eq!(protocol.call(&tide, Some(&wind)), Some(vec![report("tide", Outcome::Passed, &["captured"])]));
    assert_eq!(log.take(), ["capture tide", "start", "stop", "release before wind"]);
    assert_eq!(
        protocol.without(["Capture"]).call(&wind, None),
        Some(vec![report("wind", Outcome::Passed, &[])])
    );
    assert_eq!(log.take(), ["start", "stop"]);
    pm.unregister("Runner").unwrap();
    assert_eq!(protocol.call(&wind, None), None);
    assert_eq!(log.take(), ["capture wind", "start", "stop", "release before the end"]);
}

#[test]
fn marks_decide_what_a_failure_is_reported_as() {
    let orphan = manager(&Log::new()).caller(Hooks::pytest_runtest_protocol);
    let pm = manager(&Log::new());
    let outcome = |marks: &[&'static str]| {
        let reports = pm.caller(Hooks::pytest_runtest_protocol).call(&Item::new("tide", marks), None);
        reports.map(|reports| (reports[0].outcome, reports[0].sections.join(" ")))
    };
    let is = |outcome, sections: &str| Some((outcome, sections.to_owned()));
    assert_eq!(outcome(&["broken"]), is(Outcome::Failed, "tide broke captured"));
    assert_eq!(outcome(&["broken", "flaky"]), is(Outcome::Passed, "captured"));
    assert_eq!(outcome(&["broken", "xfail"]), is(Outcome::XFailed, "tide broke captured"));
    assert_eq!(outcome(&["skip"]), is(Outcome::Skipped, "skipped captured"));
    assert_eq!(orphan.call(&Item::new("tide", &[]), None), None);
}

#[test]
fn setup_call_and_makereport_can_be_called_by_themselves() {
    let pm = manager(&Log::new());
    let skipped = Item::new("tide", &["skip"]);
    assert_eq!(pm.caller(Hooks::pytest_runtest_setup).call(&skipped), Err(Failure("skipped".to_owned())));
    let flaky = Item::new("tide", &["broken", "flaky"]);
    let call = pm.caller(Hooks::pytest_runtest_call);
    assert_eq!(call.call(&flaky), Ok(Some(Outcome::Passed)));
    assert_eq!(call.without(["Flaky"]).call(&flaky), Err(Failure("tide broke".to_owned())));
    let result = super::types::Call { result: Err(Failure("late".to_owned())) };
    let made = pm.caller(Hooks::pytest_runtest_makereport).call(&skipped, &result);
    assert_eq!(made, Some(report("tide", Outcome::Skipped, &["late"])));
}

#[test]
fn pytest_terminal_summary_writes_to_a_trait_object() {
    let summary = manager(&Log::new()).caller(Hooks::pytest_terminal_summary);
    let reports = [report("tide", Outcome::Passed, &[]), report("wind", Outcome::Failed, &[])];
    let mut lines = Vec::new();
    summary.call(&mut lines, Phase::Final, &reports);
    assert_eq!(lines, ["slowest durations, Final", "1 of 2 passed"]);
    lines.clear();
    summary.call(&mut lines, Phase::Early, &reports);
    assert_eq!(lines, ["1 of 2 passed"]);
}
