//! Sinks that plugins provide as a service.

use std::any::Any;
use std::path::PathBuf;

use pluginkit::prelude::*;
use pluginkit_tests::{block_on, pending};

use super::types::{
    AcknowledgementsConfig, BoxFuture, ConfinementConfig, DynValidatedSink, Healthcheck, Input, Resource,
    Result, SinkConfig, SinkContext, VectorSink,
};

/// Writes to the console. It checks its target first.
#[derive(Debug)]
pub(crate) struct Console {
    target: &'static str,
    template: PathBuf,
    confinement: ConfinementConfig,
    acknowledgements: AcknowledgementsConfig,
}

impl Console {
    pub(crate) fn new(target: &'static str) -> Self {
        Self {
            target,
            template: "line.txt".into(),
            confinement: ConfinementConfig("/var".into()),
            acknowledgements: AcknowledgementsConfig(true),
        }
    }
}

#[extension(service, priority = 1)]
impl SinkConfig for Console {
    fn input(&self) -> Input {
        Input::Log
    }

    fn files_to_watch(&self) -> Vec<&PathBuf> {
        vec![&self.template]
    }

    fn resources(&self) -> Vec<Resource> {
        vec![Resource::Port(1)]
    }

    fn confinement_config(&self) -> Option<&ConfinementConfig> {
        Some(&self.confinement)
    }

    fn acknowledgements(&self) -> &AcknowledgementsConfig {
        &self.acknowledgements
    }

    fn as_dyn_validated(&self) -> Option<&dyn DynValidatedSink> {
        Some(self)
    }
}

impl DynValidatedSink for Console {
    fn validate_dyn(&self) -> Result<Box<dyn Any + Send + Sync>> {
        if self.target.is_empty() { Err("no target".into()) } else { Ok(Box::new(self.target.len())) }
    }

    fn build_dyn<'a>(
        &'a self,
        validated: &'a (dyn Any + Send + Sync),
        cx: SinkContext,
    ) -> BoxFuture<'a, Result<(VectorSink, Healthcheck)>> {
        Box::pin(async move {
            pending(1).await;
            let length = validated.downcast_ref::<usize>().ok_or("another state")?;
            let sink = VectorSink(format!("{} of {length}", self.target));
            let healthcheck: Healthcheck =
                Box::pin(async move { if cx.healthy { Ok(()) } else { Err("no console".into()) } });
            Ok((sink, healthcheck))
        })
    }
}

/// Leaves everything out.
#[derive(Debug)]
struct Blackhole(AcknowledgementsConfig);

#[extension(service)]
impl SinkConfig for Blackhole {
    fn input(&self) -> Input {
        Input::All
    }

    fn acknowledgements(&self) -> &AcknowledgementsConfig {
        &self.0
    }
}

#[test]
fn a_sink_is_a_service_with_results_that_borrow_from_it() {
    let pm = PluginManager::new("vector");
    pm.register(Console::new("stdout")).unwrap();
    pm.register(Blackhole(AcknowledgementsConfig(false))).unwrap();
    let sinks = pm.services::<dyn SinkConfig>();
    let [console, blackhole] = sinks.as_slice() else { panic!("two sinks") };
    assert_eq!((console.input(), blackhole.input()), (Input::Log, Input::All));
    assert_eq!(console.files_to_watch(), [&PathBuf::from("line.txt")]);
    assert!(blackhole.files_to_watch().is_empty());
    assert_eq!(console.resources(), [Resource::Port(1)]);
    assert!(blackhole.resources().is_empty());
    assert_eq!(console.confinement_config(), Some(&ConfinementConfig("/var".into())));
    assert_eq!(blackhole.confinement_config(), None);
    assert_eq!(console.acknowledgements(), &AcknowledgementsConfig(true));
    assert_eq!(blackhole.acknowledgements(), &AcknowledgementsConfig(false));
    assert!(console.as_dyn_validated().is_some() && blackhole.as_dyn_validated().is_none());
}

#[test]
fn the_default_body_of_a_service_calls_another_method_of_it() {
    let built = |sink: &dyn SinkConfig, healthy| {
        let (sink, healthcheck) =
            block_on(sink.build(SinkContext { healthy })).map_err(|error| error.to_string())?;
        Ok((sink.0, block_on(healthcheck).is_ok()))
    };
    assert_eq!(built(&Console::new("stdout"), true), Ok(("stdout of 6".to_owned(), true)));
    assert_eq!(built(&Console::new("stdout"), false), Ok(("stdout of 6".to_owned(), false)));
    assert_eq!(built(&Console::new(""), true), Err("no target".to_owned()));
    let blackhole = Blackhole(AcknowledgementsConfig(false));
    assert_eq!(built(&blackhole, true), Err("the sink cannot be built".to_owned()));
}
