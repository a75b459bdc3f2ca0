//! The runner itself, which is a plugin, and plugins around it.

use std::path::Path;
use std::sync::{Mutex, Weak};

use pluginkit::prelude::*;
use pluginkit_tests::Log;

use super::Hooks;
use super::types::{Call, Config, Failure, Item, Metafunc, Outcome, Phase, Report, Session, Terminal};

/// Runs a test with other hooks of its own manager.
pub(crate) struct Runner {
    pub(crate) pm: Weak<PluginManager>,
}

#[extension(trylast)]
impl Hooks for Runner {
    fn pytest_addoption(group: &str) -> Option<String> {
        (group == "general").then(|| "--exitfirst".to_owned())
    }

    fn pytest_report_header(&self, config: &Config, start_path: &Path) -> Vec<String> {
        if config.verbose == 0 { Vec::new() } else { vec![format!("rootdir: {}", start_path.display())] }
    }

    fn pytest_collect_file(&self, file_path: &Path) -> Option<Vec<Item>> {
        let stem = file_path.file_stem()?.to_str()?;
        Some(vec![Item::new(stem.strip_prefix("test_")?, &[])])
    }

    fn pytest_runtest_protocol(&self, item: &Item) -> Option<Vec<Report>> {
        let pm = self.pm.upgrade()?;
        let result = match pm.caller(Hooks::pytest_runtest_setup).call(item) {
            Ok(()) => pm.caller(Hooks::pytest_runtest_call).call(item),
            Err(failure) => Err(failure),
        };
        let call = Call { result: result.map(|outcome| outcome.unwrap_or(Outcome::Skipped)) };
        pm.caller(Hooks::pytest_runtest_makereport).call(item, &call).map(|report| vec![report])
    }

    fn pytest_runtest_call(&self, item: &Item) -> Result<Option<Outcome>, Failure> {
        if item.is("broken") {
            Err(Failure(format!("{} broke", item.name)))
        } else {
            Ok(Some(Outcome::Passed))
        }
    }

    fn pytest_runtest_makereport(&self, item: &Item, call: &Call) -> Option<Report> {
        let (outcome, sections) = match &call.result {
            Ok(outcome) => (*outcome, Vec::new()),
            Err(failure) => (Outcome::Failed, vec![failure.0.clone()]),
        };
        Some(Report { name: item.name.clone(), outcome, sections })
    }

    fn pytest_terminal_summary(&self, terminal: &mut dyn Terminal, reports: &[Report]) {
        let passed = reports.iter().filter(|report| report.outcome == Outcome::Passed).count();
        terminal.line(&format!("{passed} of {} passed", reports.len()));
    }
}

/// Captures what tests write.
pub(crate) struct Capture(pub(crate) Log);

#[extension]
impl Hooks for Capture {
    fn pytest_addoption(group: &str) -> Option<String> {
        (group == "capture").then(|| "--capture".to_owned())
    }

    #[extension(wrapper, tryfirst)]
    fn pytest_runtest_protocol(
        &self,
        item: &Item,
        nextitem: Option<&Item>,
        next: Next<'_>,
    ) -> Option<Vec<Report>> {
        self.0.push(format!("capture {}", item.name));
        let mut reports = next.run(item, nextitem);
        for report in reports.iter_mut().flatten() {
            report.sections.push("captured".to_owned());
        }
        self.0.push(format!("release before {}", nextitem.map_or("the end", |item| &item.name)));
        reports
    }
}

/// Tells what is slow.
pub(crate) struct Durations(pub(crate) Log);

#[extension]
impl Hooks for Durations {
    #[extension(wrapper)]
    fn pytest_runtest_protocol(&self, next: Next<'_>) -> Option<Vec<Report>> {
        self.0.push("start");
        let reports = next.run();
        self.0.push("stop");
        reports
    }

    #[extension(tryfirst, when = is_final)]
    fn pytest_terminal_summary(&self, terminal: &mut dyn Terminal, phase: Phase) {
        terminal.line(&format!("slowest durations, {phase:?}"));
    }
}

fn is_final(_: &Durations, phase: Phase) -> bool {
    phase == Phase::Final
}

/// Skips tests, and expects some to fail.
pub(crate) struct Skipping;

#[extension]
impl Hooks for Skipping {
    fn pytest_runtest_setup(item: &Item) -> Result<(), Failure> {
        if item.is("skip") { Err(Failure("skipped".to_owned())) } else { Ok(()) }
    }

    #[extension(wrapper)]
    fn pytest_runtest_makereport(&self, item: &Item, call: &Call, next: Next<'_>) -> Option<Report> {
        let mut report = next.run(item, call)?;
        if report.outcome == Outcome::Failed {
            if item.is("skip") {
                report.outcome = Outcome::Skipped;
            } else if item.is("xfail") {
                report.outcome = Outcome::XFailed;
            }
        }
        Some(report)
    }

    fn pytest_collection_modifyitems(items: &mut [Item]) -> Result<(), Failure> {
        for item in items.iter_mut().filter(|item| item.name.ends_with("_todo")) {
            item.marks.push("skip");
        }
        Ok(())
    }
}

/// Forgives tests that fail sometimes.
pub(crate) struct Flaky;

#[extension]
impl Hooks for Flaky {
    #[extension(wrapper)]
    fn pytest_runtest_call(&self, item: &Item, next: Next<'_>) -> Result<Option<Outcome>, Failure> {
        next.run(item)
            .or_else(|failure| if item.is("flaky") { Ok(Some(Outcome::Passed)) } else { Err(failure) })
    }
}

/// Chooses tests by a keyword of the configuration.
#[derive(Default)]
pub(crate) struct Keywords {
    pub(crate) config: Mutex<Vec<Config>>,
}

#[extension]
impl Hooks for Keywords {
    fn pytest_configure(&self, config: &Config) {
        self.config.lock().unwrap().push(config.clone());
    }

    fn pytest_ignore_collect(&self, collection_path: &Path) -> Option<bool> {
        collection_path.components().any(|part| part.as_os_str() == "target").then_some(true)
    }

    #[extension(after = "Skipping")]
    fn pytest_collection_modifyitems(
        &self,
        session: &Session,
        config: &Config,
        items: &mut Vec<Item>,
    ) -> Result<(), Failure> {
        if let Some(keyword) = &config.keyword {
            items.retain(|item| item.name.contains(keyword.as_str()) && !item.is("skip"));
        }
        if session.shuffled {
            items.reverse();
        }
        if items.is_empty() { Err(Failure("no tests ran".to_owned())) } else { Ok(()) }
    }
}

/// Multiplies tests.
pub(crate) struct Parametrize(pub(crate) &'static [&'static str]);

#[extension]
impl Hooks for Parametrize {
    fn pytest_generate_tests(&self, metafunc: &mut Metafunc<'_>) {
        let name = &metafunc.item.name;
        metafunc.params.extend(self.0.iter().map(|param| format!("{name}[{param}]")));
    }

    fn pytest_ignore_collect(&self, config: &Config) -> Option<bool> {
        (config.verbose > 2).then_some(false)
    }

    fn pytest_report_header() -> Vec<String> {
        vec!["plugins: parametrize".to_owned()]
    }
}
