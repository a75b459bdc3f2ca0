//! `try_call` and `settle`: a panic, an error or an overrun becomes a value that names its plugin, and a failure
//! policy says whether the call ends with it.

use std::panic;

use pluginkit::calls::Piped;
use pluginkit::limits::FailurePolicy;
use pluginkit::prelude::*;

use super::collecting::Lines;
use crate::host::{self, Document, Fault, Outcome, Text};

/// Has a bug.
struct Careless;

#[extension]
impl Text for Careless {
    fn measure(&self, document: &Document) -> String {
        let missing = document.text.lines().nth(document.text.lines().count());
        missing.expect("there is always one more line").to_owned()
    }
}

struct Strict;

#[extension]
impl Text for Strict {
    fn check(&self, document: &Document) -> Result<String, Fault> {
        Err(Fault(format!("`{}` is not good enough", document.name)))
    }
    fn publish(&self) -> Result<String, Fault> {
        Err(Fault("nothing is good enough".into()))
    }
}

struct Kind;

#[extension]
impl Text for Kind {
    fn check(&self) -> Result<String, Fault> {
        Ok("all is fine".into())
    }
    fn publish(&self, page: String) -> Result<String, Fault> {
        Ok(format!("{page} (printed kindly)"))
    }
}

struct Slow;

#[extension]
impl Text for Slow {
    #[extension(timeout = "1ns")]
    fn check(&self) -> Result<String, Fault> {
        let steps = (0..1000).map(|step| step.to_string()).collect::<String>().len();
        Ok(format!("done after {steps} digits, but late"))
    }
}

pub(crate) fn run(document: &Document) -> Outcome {
    let pm = host::manager()?;
    pm.register(Lines)?;
    pm.register(Careless)?;
    pm.register(Strict)?;
    pm.register(Kind)?;
    pm.register(Slow)?;
    // The panic is expected here, so it need not be reported on the terminal.
    let report = panic::take_hook();
    panic::set_hook(Box::new(|_| ()));
    show(&pm, document);
    panic::set_hook(report);
    Ok(())
}

fn show(pm: &PluginManager, document: &Document) {
    let measure = pm.caller(Text::measure);
    match measure.try_call(document) {
        Ok(figures) => println!("measure: {figures:?}"),
        Err(error) => println!("measure: {error}"),
    }
    for Settled { plugin, result, .. } in measure.settle(document) {
        match result {
            Ok(figure) => println!("  {plugin}: {figure}"),
            Err(error) => println!("  {plugin}: {error}"),
        }
    }
    println!("measure without it: {:?}", measure.without(["Careless"]).try_call(document));

    let check = pm.caller(Text::check);
    for (name, caller) in [("check", check.clone()), ("check without `Strict`", check.without(["Strict"]))] {
        match caller.try_call(document) {
            Ok(met) => println!("{name}: {met:?}"),
            Err(error) => println!("{name}: {}", describe(&error)),
        }
    }
    for settled in check.settle(document) {
        let became = settled.result.unwrap_or_else(|error| describe(&error));
        println!("  {}: {became}", settled.plugin);
    }

    let skipping = check.on_failure(FailurePolicy::Skip);
    println!("check, skipping what fails: {:?}", skipping.try_call(document));
    let collecting = check.on_failure(FailurePolicy::Collect);
    if let Err(error) = collecting.try_call(document) {
        println!("check, collecting what fails:");
        for failure in error.failures() {
            println!("  {}", describe(failure));
        }
    }

    let Piped { value, settled, .. } = pm.caller(Text::publish).settle("a page".into());
    println!("publish: {value:?}, in spite of");
    for failure in settled.iter().filter_map(|each| each.result.as_ref().err()) {
        println!("  {failure}");
    }
}

/// The error without the time it took, which differs from run to run.
fn describe(error: &CallError<Fault>) -> String {
    match error {
        CallError::TimedOut { plugin: Some(plugin), limit, .. } => {
            format!("`{plugin}` took longer than {limit:?}")
        }
        other => other.to_string(),
    }
}
