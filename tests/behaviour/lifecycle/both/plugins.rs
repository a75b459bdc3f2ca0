//! Plugins that log the phases of their lives, and fail where they are told to.

use std::sync::{Arc, Mutex};

use pluginkit::BoxError;
use pluginkit::lifecycle::Lifecycle;
use pluginkit::metadata::{PluginMetadata, PluginState};
use pluginkit::prelude::*;
use pluginkit_tests::Log;

use super::kind::{Manager, implement};

/// A plugin that logs its phases as `name.phase`, and fails in some, `name.phase!`.
pub struct Living {
    name: &'static str,
    stage: Stage,
}

implement! {
    #[extension]
    impl Lifecycle for Living {
        fn init(&self) -> Result<(), BoxError> {
            self.stage.enter(self.name, "init")
        }

        fn start(&self) -> Result<(), BoxError> {
            self.stage.enter(self.name, "start")
        }

        fn stop(&self) -> Result<(), BoxError> {
            self.stage.enter(self.name, "stop")
        }

        fn unload(&self) -> Result<(), BoxError> {
            self.stage.enter(self.name, "unload")
        }
    }
}

/// What happened, and what is to fail.
#[derive(Clone, Default)]
pub struct Stage {
    pub log: Log,
    failing: Arc<Mutex<Vec<String>>>,
}

impl Stage {
    /// The phases that fail from now on, each as `name.phase`.
    pub fn fail(&self, phases: &[&str]) {
        *self.failing.lock().unwrap() = phases.iter().map(|phase| (*phase).to_owned()).collect();
    }

    fn enter(&self, name: &str, phase: &str) -> Result<(), BoxError> {
        let entry = format!("{name}.{phase}");
        if self.failing.lock().unwrap().contains(&entry) {
            self.log.push(format!("{entry}!"));
            return Err(format!("{entry} broke").into());
        }
        self.log.push(entry);
        Ok(())
    }

    /// What happened since the last time.
    pub fn line(&self) -> String {
        self.log.line()
    }

    /// Registers a plugin with these requirements, each with `?` before it if it is optional.
    pub fn add(&self, pm: &Manager, name: &'static str, requires: &[&str]) {
        self.add_version(pm, name, "1.0.0", requires);
    }

    pub fn add_version(&self, pm: &Manager, name: &'static str, version: &str, requires: &[&str]) {
        let (optional, required): (Vec<&str>, Vec<&str>) =
            requires.iter().partition(|it| it.starts_with('?'));
        let metadata = PluginMetadata::new(name)
            .version(version)
            .requires(required)
            .optional_requires(optional.iter().map(|it| &it[1..]));
        let living = Living { name, stage: self.clone() };
        PluginBuilder::new(living).metadata(metadata).extends(Lifecycle).register(pm).unwrap();
    }
}

/// A manager with these plugins: `b: a, ?c` per plugin.
pub fn manager(lines: &[&'static str]) -> (Manager, Stage) {
    let (pm, stage) = (Manager::new("lives"), Stage::default());
    for line in lines {
        let (name, requires) = line.split_once(':').unwrap_or((line, ""));
        let requires: Vec<_> = requires.split(',').map(str::trim).filter(|it| !it.is_empty()).collect();
        stage.add(&pm, name, &requires);
    }
    (pm, stage)
}

/// The state of a plugin.
pub fn state(pm: &Manager, name: &str) -> PluginState {
    pm.descriptor(name).unwrap().state
}

/// The states of all plugins: `a=started b=failed`.
pub fn states(pm: &Manager) -> String {
    let states: Vec<_> = pm.descriptors().iter().map(|it| format!("{}={}", it.id, it.state)).collect();
    states.join(" ")
}
