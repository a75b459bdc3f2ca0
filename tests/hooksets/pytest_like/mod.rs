//! Twelve hooks in the manner of pytest, a test runner: historic ones, wrappers, firstresult ones.

mod plugins;
mod runs;
mod types;

use std::path::Path;

use pluginkit::prelude::*;

use types::{Call, Config, Failure, Item, Metafunc, Outcome, Phase, Report, Session, Terminal};

#[extension_point(project = "pytest")]
pub(crate) trait Hooks {
    #[extension_point(historic)]
    fn pytest_configure(&self, config: &Config);

    /// Hands back the options a plugin understands.
    #[extension_point(historic)]
    fn pytest_addoption(&self, group: &str) -> Option<String>;

    fn pytest_report_header(&self, config: &Config, start_path: &Path) -> Vec<String>;

    #[extension_point(firstresult)]
    fn pytest_ignore_collect(&self, collection_path: &Path, config: &Config) -> Option<bool>;

    fn pytest_collect_file(&self, file_path: &Path) -> Option<Vec<Item>>;

    fn pytest_generate_tests(&self, metafunc: &mut Metafunc<'_>);

    #[extension_point(pipeline = "items")]
    fn pytest_collection_modifyitems(
        &self,
        session: &Session,
        config: &Config,
        items: &mut Vec<Item>,
    ) -> Result<(), Failure>;

    #[extension_point(firstresult)]
    fn pytest_runtest_protocol(&self, item: &Item, nextitem: Option<&Item>) -> Option<Vec<Report>>;

    fn pytest_runtest_setup(&self, item: &Item) -> Result<(), Failure>;

    #[extension_point(firstresult)]
    fn pytest_runtest_call(&self, item: &Item) -> Result<Option<Outcome>, Failure>;

    #[extension_point(firstresult)]
    fn pytest_runtest_makereport(&self, item: &Item, call: &Call) -> Option<Report>;

    #[extension_point(pipeline)]
    fn pytest_terminal_summary(&self, terminal: &mut dyn Terminal, phase: Phase, reports: &[Report]);
}
