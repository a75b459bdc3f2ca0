//! A plugin that has an answer for every hook.

use std::any::Any;
use std::error::Error;
use std::fmt::{Debug, Write};
use std::path::Path;

use pluginkit::prelude::*;
use pluginkit_tests::Log;

use super::Hooks;
use super::types::{
    CollectReport, Collector, Config, Data, ExitCode, FixtureDef, Item, Metafunc, Module, Namespace, Parser,
    Pdb, Report, SubRequest, TestReport, TestStatus,
};

/// Notes every hook.
pub(crate) struct All(pub(crate) Log);

impl All {
    fn note(&self, hook: &str) {
        self.0.push(hook);
    }
}

#[extension]
impl Hooks for All {
    fn pytest_addhooks(&self) {
        self.note("addhooks");
    }

    fn pytest_plugin_registered(&self) {
        self.note("plugin_registered");
    }

    fn pytest_addoption(&self, parser: &Parser) {
        self.note("addoption");
        parser.0.lock().unwrap().push("--all".to_owned());
    }

    fn pytest_configure(&self) {
        self.note("configure");
    }

    fn pytest_cmdline_parse(&self, args: &mut Vec<String>) -> Option<Config> {
        self.note("cmdline_parse");
        args.retain(|arg| arg != "--all");
        Some(Config("all".to_owned()))
    }

    fn pytest_load_initial_conftests(&self, args: &mut Vec<String>) {
        self.note("load_initial_conftests");
        args.push("conftest".to_owned());
    }

    fn pytest_cmdline_main(&self) -> Option<ExitCode> {
        self.note("cmdline_main");
        Some(ExitCode::Ok)
    }

    fn pytest_collection(&self) -> Option<()> {
        self.note("collection");
        Some(())
    }

    fn pytest_collection_modifyitems(&self, items: &mut Vec<Item>) {
        self.note("collection_modifyitems");
        items.reverse();
    }

    fn pytest_collection_finish(&self) {
        self.note("collection_finish");
    }

    fn pytest_ignore_collect(&self, collection_path: &Path) -> Option<bool> {
        self.note("ignore_collect");
        collection_path.ends_with("target").then_some(true)
    }

    fn pytest_collect_directory(&self) -> Option<Collector> {
        self.note("collect_directory");
        Some(Collector("all".to_owned()))
    }

    fn pytest_collect_file(&self) -> Option<Collector> {
        self.note("collect_file");
        Some(Collector("all".to_owned()))
    }

    fn pytest_collectstart(&self) {
        self.note("collectstart");
    }

    fn pytest_itemcollected(&self) {
        self.note("itemcollected");
    }

    fn pytest_collectreport(&self) {
        self.note("collectreport");
    }

    fn pytest_deselected(&self) {
        self.note("deselected");
    }

    fn pytest_make_collect_report(&self) -> Option<CollectReport> {
        self.note("make_collect_report");
        Some(CollectReport("passed".to_owned()))
    }

    fn pytest_pycollect_makemodule(&self) -> Option<Module> {
        self.note("pycollect_makemodule");
        Some(Module("all".to_owned()))
    }

    fn pytest_pycollect_makeitem(&self) -> Option<Vec<Item>> {
        self.note("pycollect_makeitem");
        Some(vec![Item("all".to_owned())])
    }

    fn pytest_pyfunc_call(&self) -> Option<()> {
        self.note("pyfunc_call");
        Some(())
    }

    fn pytest_generate_tests(&self, metafunc: &mut Metafunc<'_>) {
        self.note("generate_tests");
        metafunc.calls.push(format!("{}[1]", metafunc.item.0));
    }

    fn pytest_make_parametrize_id(&self, val: &dyn Any, argname: &str) -> Option<String> {
        self.note("make_parametrize_id");
        val.downcast_ref::<u8>().map(|val| format!("{argname}{val}"))
    }

    fn pytest_runtestloop(&self) -> Option<()> {
        self.note("runtestloop");
        Some(())
    }

    fn pytest_runtest_protocol(&self, item: &Item, nextitem: Option<&Item>) -> Option<()> {
        self.note("runtest_protocol");
        assert_ne!(Some(item), nextitem);
        Some(())
    }

    fn pytest_runtest_logstart(&self) {
        self.note("runtest_logstart");
    }

    fn pytest_runtest_logfinish(&self) {
        self.note("runtest_logfinish");
    }

    fn pytest_runtest_setup(&self) {
        self.note("runtest_setup");
    }

    fn pytest_runtest_call(&self) {
        self.note("runtest_call");
    }

    fn pytest_runtest_teardown(&self) {
        self.note("runtest_teardown");
    }

    fn pytest_runtest_makereport(&self) -> Option<TestReport> {
        self.note("runtest_makereport");
        Some(TestReport("passed".to_owned()))
    }

    fn pytest_runtest_logreport(&self) {
        self.note("runtest_logreport");
    }

    fn pytest_report_to_serializable(&self, report: &dyn Report) -> Option<Data> {
        self.note("report_to_serializable");
        Some(Data::from([("outcome".to_owned(), report.outcome().to_owned())]))
    }

    fn pytest_report_from_serializable(&self, data: &Data) -> Option<Box<dyn Report>> {
        self.note("report_from_serializable");
        Some(Box::new(TestReport(data["outcome"].clone())))
    }

    fn pytest_fixture_setup(
        &self,
        fixturedef: &mut FixtureDef,
        request: &SubRequest<'_>,
    ) -> Option<Box<dyn Any>> {
        self.note("fixture_setup");
        fixturedef.0 = format!("{} of {}", fixturedef.0, request.item.0);
        Some(Box::new(7_u8))
    }

    fn pytest_fixture_post_finalizer(&self) {
        self.note("fixture_post_finalizer");
    }

    fn pytest_sessionstart(&self) {
        self.note("sessionstart");
    }

    fn pytest_sessionfinish(&self) {
        self.note("sessionfinish");
    }

    fn pytest_unconfigure(&self) {
        self.note("unconfigure");
    }

    fn pytest_assertrepr_compare(
        &self,
        op: &str,
        left: &dyn Debug,
        right: &dyn Debug,
    ) -> Option<Vec<String>> {
        self.note("assertrepr_compare");
        Some(vec![format!("{left:?} {op} {right:?}")])
    }

    fn pytest_assertion_pass(&self) {
        self.note("assertion_pass");
    }

    fn pytest_report_header(&self) -> Vec<String> {
        self.note("report_header");
        vec!["all".to_owned()]
    }

    fn pytest_report_collectionfinish(&self) -> Vec<String> {
        self.note("report_collectionfinish");
        vec!["all".to_owned()]
    }

    fn pytest_report_teststatus(&self, report: &dyn Report) -> Option<TestStatus> {
        self.note("report_teststatus");
        (report.outcome() == "passed").then_some(TestStatus { category: "passed", letter: '.' })
    }

    fn pytest_terminal_summary(&self, terminalreporter: &mut dyn Write) {
        self.note("terminal_summary");
        terminalreporter.write_str("all passed").unwrap();
    }

    fn pytest_warning_recorded(&self) {
        self.note("warning_recorded");
    }

    fn pytest_markeval_namespace(&self) -> Namespace {
        self.note("markeval_namespace");
        Namespace::from([("all".to_owned(), true)])
    }

    fn pytest_internalerror(&self, excinfo: &dyn Error) -> Option<bool> {
        self.note("internalerror");
        Some(excinfo.to_string() == "broken")
    }

    fn pytest_keyboard_interrupt(&self) {
        self.note("keyboard_interrupt");
    }

    fn pytest_exception_interact(&self) {
        self.note("exception_interact");
    }

    fn pytest_enter_pdb(&self, pdb: &mut Pdb) {
        self.note("enter_pdb");
        pdb.0.push_str("entered");
    }

    fn pytest_leave_pdb(&self, pdb: &mut Pdb) {
        self.note("leave_pdb");
        pdb.0.clear();
    }
}

/// Reports the time around every test, whoever runs it.
pub(crate) struct Durations(pub(crate) Log);

#[extension]
impl Hooks for Durations {
    #[extension(wrapper)]
    fn pytest_runtest_protocol(&self, next: Next<'_>) -> Option<()> {
        self.0.push("start");
        let outcome = next.run();
        self.0.push("stop");
        outcome
    }
}
