//! What each refusal reads like, and what it says without its text.

use std::sync::Arc;

use pluginkit::prelude::*;
use pluginkit::{Error, Options};

use super::collecting::Lines;
use crate::host::{self, Document, Outcome, Text};

#[extension_point(project = "tour")]
trait Print {
    fn print(&self, document: &Document) -> Result<(), std::fmt::Error>;
}

#[extension_point(project = "mail")]
trait Mail {
    #[extension_point(historic)]
    fn sent(&self, subject: &str) -> Result<(), std::fmt::Error>;
}

struct Printer;

#[extension]
impl Print for Printer {
    fn print(&self) -> Result<(), std::fmt::Error> {
        Ok(())
    }
}

struct Later;

#[extension]
impl Text for Later {
    async fn notify(&self) {
        std::future::ready(()).await;
    }
}

/// Cannot cope with what happened before it came.
struct Fussy;

#[extension]
impl Mail for Fussy {
    fn sent(&self) -> Result<(), std::fmt::Error> {
        Err(std::fmt::Error)
    }
}

struct Nothing;

pub(crate) fn run(document: &Document) -> Outcome {
    let pm = host::manager()?;
    let lines = Arc::new(Lines);
    pm.register_as("lines", Arc::clone(&lines))?;
    pm.set_blocked("banned");

    show(pm.register_as("", Lines));
    show(pm.register_as("lines", Lines));
    show(pm.register_as("again", lines));
    show(pm.register_as("banned", Lines));
    show(pm.register_as("nothing", Nothing));
    show(pm.register(Printer));
    show(pm.add_extension_points(Mail));
    show(pm.register(Later));

    let first = Options::new().before(["second"]);
    pm.register_fn_with("first", Text::measure, first, |args| args.document.name.clone())?;
    let second = Options::new().before(["first"]);
    show(pm.register_fn_with("second", Text::measure, second, |args| args.document.name.clone()));

    show(pm.try_caller(Print::print));
    show(pm.set_enabled("lnies", false));

    let mail = PluginManager::new("mail");
    mail.add_extension_points(Mail)?;
    mail.caller(Mail::sent).call_historic(&document.name)?;
    show(mail.register(Fussy));
    println!("in the end, registered: {:?} and {:?}", pm.plugin_names(), mail.plugin_names());
    Ok(())
}

fn show<T>(refused: Result<T, Error>) {
    let Err(error) = refused else { return println!("accepted") };
    println!("{:?}: {error}", error.kind());
    let plugin = error.plugin().map_or("none", PluginId::as_str);
    let point = error.extension_point().map_or_else(|| "none".into(), ToString::to_string);
    println!("    plugin: {plugin}, point: {point}");
    if let Some(source) = std::error::Error::source(&error) {
        println!("    source: {source}");
    }
}
