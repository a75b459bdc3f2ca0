//! The 52 hooks of pytest, a test framework.
//!
//! What Python passes as a shared object is a reference here, and a handle that clones where a call is remembered. A hook
//! that edits a list gets it as `&mut Vec`. A result of any type is an `Option<()>` where nobody looks into it.

mod calls;
mod plugins;
mod types;

use std::any::Any;
use std::error::Error;
use std::fmt::{Debug, Write};
use std::path::Path;

use pluginkit::prelude::*;

use types::{
    CallInfo, CollectReport, Collector, Config, Data, ExitCode, FixtureDef, Item, Metafunc, Module,
    Namespace, Parser, Pdb, Place, Plugin, PytestPluginManager, Report, Session, SubRequest, TestReport,
    TestStatus, WarningMessage, When,
};

#[extension_point(project = "pytest")]
pub(crate) trait Hooks {
    #[extension_point(historic)]
    fn pytest_addhooks(&self, pluginmanager: &PytestPluginManager);

    #[extension_point(historic)]
    fn pytest_plugin_registered(&self, plugin: &Plugin, plugin_name: &str, manager: &PytestPluginManager);

    #[extension_point(historic)]
    fn pytest_addoption(&self, parser: &Parser, pluginmanager: &PytestPluginManager);

    #[extension_point(historic)]
    fn pytest_configure(&self, config: &Config);

    #[extension_point(firstresult)]
    fn pytest_cmdline_parse(
        &self,
        pluginmanager: &PytestPluginManager,
        args: &mut Vec<String>,
    ) -> Option<Config>;

    fn pytest_load_initial_conftests(&self, early_config: &Config, parser: &Parser, args: &mut Vec<String>);

    #[extension_point(firstresult)]
    fn pytest_cmdline_main(&self, config: &Config) -> Option<ExitCode>;

    #[extension_point(firstresult)]
    fn pytest_collection(&self, session: &Session) -> Option<()>;

    fn pytest_collection_modifyitems(&self, session: &Session, config: &Config, items: &mut Vec<Item>);

    fn pytest_collection_finish(&self, session: &Session);

    #[extension_point(firstresult)]
    fn pytest_ignore_collect(&self, collection_path: &Path, config: &Config) -> Option<bool>;

    #[extension_point(firstresult)]
    fn pytest_collect_directory(&self, path: &Path, parent: &Collector) -> Option<Collector>;

    fn pytest_collect_file(&self, file_path: &Path, parent: &Collector) -> Option<Collector>;

    fn pytest_collectstart(&self, collector: &Collector);

    fn pytest_itemcollected(&self, item: &Item);

    fn pytest_collectreport(&self, report: &CollectReport);

    fn pytest_deselected(&self, items: &[Item]);

    #[extension_point(firstresult)]
    fn pytest_make_collect_report(&self, collector: &Collector) -> Option<CollectReport>;

    #[extension_point(firstresult)]
    fn pytest_pycollect_makemodule(&self, module_path: &Path, parent: &Collector) -> Option<Module>;

    #[extension_point(firstresult)]
    fn pytest_pycollect_makeitem(
        &self,
        collector: &Collector,
        name: &str,
        obj: &dyn Any,
    ) -> Option<Vec<Item>>;

    #[extension_point(firstresult)]
    fn pytest_pyfunc_call(&self, pyfuncitem: &Item) -> Option<()>;

    fn pytest_generate_tests(&self, metafunc: &mut Metafunc<'_>);

    #[extension_point(firstresult)]
    fn pytest_make_parametrize_id(&self, config: &Config, val: &dyn Any, argname: &str) -> Option<String>;

    #[extension_point(firstresult)]
    fn pytest_runtestloop(&self, session: &Session) -> Option<()>;

    #[extension_point(firstresult)]
    fn pytest_runtest_protocol(&self, item: &Item, nextitem: Option<&Item>) -> Option<()>;

    fn pytest_runtest_logstart(&self, nodeid: &str, location: (&str, Option<u32>, &str));

    fn pytest_runtest_logfinish(&self, nodeid: &str, location: (&str, Option<u32>, &str));

    fn pytest_runtest_setup(&self, item: &Item);

    fn pytest_runtest_call(&self, item: &Item);

    fn pytest_runtest_teardown(&self, item: &Item, nextitem: Option<&Item>);

    #[extension_point(firstresult)]
    fn pytest_runtest_makereport(&self, item: &Item, call: &CallInfo) -> Option<TestReport>;

    fn pytest_runtest_logreport(&self, report: &TestReport);

    #[extension_point(firstresult)]
    fn pytest_report_to_serializable(&self, config: &Config, report: &dyn Report) -> Option<Data>;

    #[extension_point(firstresult)]
    fn pytest_report_from_serializable(&self, config: &Config, data: &Data) -> Option<Box<dyn Report>>;

    #[extension_point(firstresult)]
    fn pytest_fixture_setup(
        &self,
        fixturedef: &mut FixtureDef,
        request: &SubRequest<'_>,
    ) -> Option<Box<dyn Any>>;

    fn pytest_fixture_post_finalizer(&self, fixturedef: &mut FixtureDef, request: &SubRequest<'_>);

    fn pytest_sessionstart(&self, session: &Session);

    fn pytest_sessionfinish(&self, session: &Session, exitstatus: ExitCode);

    fn pytest_unconfigure(&self, config: &Config);

    fn pytest_assertrepr_compare(
        &self,
        config: &Config,
        op: &str,
        left: &dyn Debug,
        right: &dyn Debug,
    ) -> Option<Vec<String>>;

    fn pytest_assertion_pass(&self, item: &Item, lineno: u32, orig: &str, expl: &str);

    fn pytest_report_header(&self, config: &Config, start_path: &Path) -> Vec<String>;

    fn pytest_report_collectionfinish(
        &self,
        config: &Config,
        start_path: &Path,
        items: &[Item],
    ) -> Vec<String>;

    #[extension_point(firstresult)]
    fn pytest_report_teststatus(&self, report: &dyn Report, config: &Config) -> Option<TestStatus>;

    fn pytest_terminal_summary(
        &self,
        terminalreporter: &mut dyn Write,
        exitstatus: ExitCode,
        config: &Config,
    );

    #[extension_point(historic)]
    fn pytest_warning_recorded(
        &self,
        warning_message: &WarningMessage,
        when: When,
        nodeid: &str,
        location: Option<Place>,
    );

    fn pytest_markeval_namespace(&self, config: &Config) -> Namespace;

    fn pytest_internalerror(&self, excrepr: &str, excinfo: &dyn Error) -> Option<bool>;

    fn pytest_keyboard_interrupt(&self, excinfo: &dyn Error);

    fn pytest_exception_interact(&self, node: &Item, call: &CallInfo, report: &dyn Report);

    fn pytest_enter_pdb(&self, config: &Config, pdb: &mut Pdb);

    fn pytest_leave_pdb(&self, config: &Config, pdb: &mut Pdb);
}
