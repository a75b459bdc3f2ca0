//! Every hook, called.

use std::fmt;
use std::path::Path;

use pluginkit::prelude::*;
use pluginkit_tests::Log;

use super::Hooks;
use super::plugins::{All, Durations};
use super::types::{
    CallInfo, CollectReport, Collector, Config, Data, ExitCode, FixtureDef, Item, Metafunc, Module,
    Namespace, Parser, Pdb, Plugin, PytestPluginManager, Session, SubRequest, TestReport, TestStatus,
    WarningMessage, When,
};

/// A manager whose plugin writes its log, and the test that it runs.
struct Run {
    pm: PluginManager,
    log: Log,
    config: Config,
    session: Session,
    items: Vec<Item>,
}

fn run() -> Run {
    let (pm, log) = (PluginManager::new("pytest"), Log::new());
    pm.add_extension_points(Hooks).unwrap();
    pm.register(All(log.clone())).unwrap();
    let items = ["tide", "wind"].map(|name| Item(name.to_owned())).into();
    Run { pm, log, config: Config::default(), session: Session::default(), items }
}

#[derive(Debug)]
struct Broken;

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("broken")
    }
}

impl std::error::Error for Broken {}

#[test]
fn there_are_52_hooks_and_each_has_a_plugin() {
    let Run { pm, .. } = run();
    assert_eq!(pm.extension_points().len(), 52);
    assert_eq!(pm.extension_points_of("All").unwrap().len(), 52);
}

#[test]
fn historic_hooks_reach_a_plugin_that_comes_later() {
    let Run { pm, log, config, .. } = run();
    let (parser, manager) = (Parser::default(), PytestPluginManager::default());
    pm.caller(Hooks::pytest_addhooks).call_historic(&manager);
    pm.caller(Hooks::pytest_plugin_registered).call_historic(&Plugin::default(), "late", &manager);
    pm.caller(Hooks::pytest_addoption).call_historic(&parser, &manager);
    pm.caller(Hooks::pytest_configure).call_historic(&config);
    let place = ("tide.rs".to_owned(), 7, "tide".to_owned());
    let warned = pm.caller(Hooks::pytest_warning_recorded);
    warned.call_historic(&WarningMessage::default(), When::Collect, "tide", Some(place));
    let historic = ["addhooks", "plugin_registered", "addoption", "configure", "warning_recorded"];
    assert_eq!(log.take(), historic);
    pm.register_as("late", All(log.clone())).unwrap();
    assert_eq!(log.take(), historic);
    assert_eq!(*parser.0.lock().unwrap(), ["--all", "--all"]);
}

#[test]
fn the_command_line_is_parsed_and_edited() {
    let Run { pm, log, config, .. } = run();
    let (parser, manager) = (Parser::default(), PytestPluginManager::default());
    let mut args = vec!["--all".to_owned(), "tests".to_owned()];
    let parsed = pm.caller(Hooks::pytest_cmdline_parse).call(&manager, &mut args);
    assert_eq!(parsed, Some(Config("all".to_owned())));
    pm.caller(Hooks::pytest_load_initial_conftests).call(&config, &parser, &mut args);
    assert_eq!(args, ["tests", "conftest"]);
    assert_eq!(pm.caller(Hooks::pytest_cmdline_main).call(&config), Some(ExitCode::Ok));
    assert_eq!(log.take(), ["cmdline_parse", "load_initial_conftests", "cmdline_main"]);
}

#[test]
fn tests_are_collected() {
    let Run { pm, log, config, session, mut items } = run();
    let parent = Collector::default();
    assert_eq!(pm.caller(Hooks::pytest_collection).call(&session), Some(()));
    pm.caller(Hooks::pytest_collection_modifyitems).call(&session, &config, &mut items);
    assert_eq!(items[0].0, "wind");
    pm.caller(Hooks::pytest_collection_finish).call(&session);
    assert_eq!(pm.caller(Hooks::pytest_ignore_collect).call(Path::new("target"), &config), Some(true));
    assert_eq!(pm.caller(Hooks::pytest_ignore_collect).call(Path::new("tests"), &config), None);
    assert!(pm.caller(Hooks::pytest_collect_directory).call(Path::new("tests"), &parent).is_some());
    assert_eq!(pm.caller(Hooks::pytest_collect_file).call(Path::new("tide.rs"), &parent).len(), 1);
    pm.caller(Hooks::pytest_collectstart).call(&parent);
    pm.caller(Hooks::pytest_itemcollected).call(&items[0]);
    pm.caller(Hooks::pytest_collectreport).call(&CollectReport::default());
    pm.caller(Hooks::pytest_deselected).call(&items);
    assert!(pm.caller(Hooks::pytest_make_collect_report).call(&parent).is_some());
    let module = pm.caller(Hooks::pytest_pycollect_makemodule).call(Path::new("tide.rs"), &parent);
    assert_eq!(module, Some(Module("all".to_owned())));
    assert!(pm.caller(Hooks::pytest_pycollect_makeitem).call(&parent, "tide", &7_u8).is_some());
    let item = Item("tide".to_owned());
    let mut metafunc = Metafunc { item: &item, calls: Vec::new() };
    pm.caller(Hooks::pytest_generate_tests).call(&mut metafunc);
    assert_eq!(metafunc.calls, ["tide[1]"]);
    let id = pm.caller(Hooks::pytest_make_parametrize_id);
    assert_eq!(id.call(&config, &7_u8, "n"), Some("n7".to_owned()));
    assert_eq!(id.call(&config, &"seven", "n"), None);
    assert_eq!(log.take().len(), 17);
}

#[test]
fn tests_are_run_inside_wrappers() {
    let Run { pm, log, config, session, items } = run();
    pm.register(Durations(log.clone())).unwrap();
    let place = ("tide.rs", Some(7), "tide");
    assert_eq!(pm.caller(Hooks::pytest_runtestloop).call(&session), Some(()));
    let protocol = pm.caller(Hooks::pytest_runtest_protocol);
    assert_eq!(protocol.call(&items[0], Some(&items[1])), Some(()));
    assert_eq!(log.take(), ["runtestloop", "start", "runtest_protocol", "stop"]);
    pm.caller(Hooks::pytest_runtest_logstart).call("tide", place);
    pm.caller(Hooks::pytest_runtest_logfinish).call("tide", place);
    pm.caller(Hooks::pytest_runtest_setup).call(&items[0]);
    pm.caller(Hooks::pytest_runtest_call).call(&items[0]);
    pm.caller(Hooks::pytest_runtest_teardown).call(&items[0], None);
    assert_eq!(pm.caller(Hooks::pytest_pyfunc_call).call(&items[0]), Some(()));
    let made = pm.caller(Hooks::pytest_runtest_makereport).call(&items[0], &CallInfo::default());
    let report = made.unwrap();
    pm.caller(Hooks::pytest_runtest_logreport).call(&report);
    let data = pm.caller(Hooks::pytest_report_to_serializable).call(&config, &report).unwrap();
    assert_eq!(data, Data::from([("outcome".to_owned(), "passed".to_owned())]));
    let again = pm.caller(Hooks::pytest_report_from_serializable).call(&config, &data).unwrap();
    assert_eq!(again.outcome(), "passed");
    let status = pm.caller(Hooks::pytest_report_teststatus);
    assert_eq!(status.call(&*again, &config), Some(TestStatus { category: "passed", letter: '.' }));
    assert_eq!(status.call(&TestReport("failed".to_owned()), &config), None);
    let (mut fixture, request) = (FixtureDef("tmp".to_owned()), SubRequest { item: &items[0] });
    let value = pm.caller(Hooks::pytest_fixture_setup).call(&mut fixture, &request).unwrap();
    assert_eq!((value.downcast_ref::<u8>(), fixture.0.as_str()), (Some(&7), "tmp of tide"));
    pm.caller(Hooks::pytest_fixture_post_finalizer).call(&mut fixture, &request);
    assert_eq!(log.take().len(), 14);
}

#[test]
fn a_session_reports_and_ends() {
    let Run { pm, log, config, session, items } = run();
    pm.caller(Hooks::pytest_sessionstart).call(&session);
    let header = pm.caller(Hooks::pytest_report_header).call(&config, Path::new("."));
    assert_eq!(header.concat(), ["all"]);
    let collected = pm.caller(Hooks::pytest_report_collectionfinish).call(&config, Path::new("."), &items);
    assert_eq!(collected.concat(), ["all"]);
    let explained = pm.caller(Hooks::pytest_assertrepr_compare).call(&config, "==", &1, &"1");
    assert_eq!(explained, [[r#"1 == "1""#]]);
    pm.caller(Hooks::pytest_assertion_pass).call(&items[0], 7, "a == b", "1 == 1");
    let namespace = pm.caller(Hooks::pytest_markeval_namespace).call(&config);
    assert_eq!(namespace, [Namespace::from([("all".to_owned(), true)])]);
    assert_eq!(pm.caller(Hooks::pytest_internalerror).call("broken", &Broken), [true]);
    pm.caller(Hooks::pytest_keyboard_interrupt).call(&Broken);
    let report = TestReport::default();
    pm.caller(Hooks::pytest_exception_interact).call(&items[0], &CallInfo::default(), &report);
    let mut pdb = Pdb::default();
    pm.caller(Hooks::pytest_enter_pdb).call(&config, &mut pdb);
    assert_eq!(pdb.0, "entered");
    pm.caller(Hooks::pytest_leave_pdb).call(&config, &mut pdb);
    assert_eq!(pdb.0, "");
    let mut terminal = String::new();
    pm.caller(Hooks::pytest_terminal_summary).call(&mut terminal, ExitCode::TestsFailed, &config);
    assert_eq!(terminal, "all passed");
    pm.caller(Hooks::pytest_sessionfinish).call(&session, ExitCode::TestsFailed);
    pm.caller(Hooks::pytest_unconfigure).call(&config);
    assert_eq!(log.take().len(), 14);
}
