//! A generic plugin type: no registration stub can name its types, so the registration does.

use pluginkit::prelude::*;

use crate::host::{self, Document, Outcome, Text, list};

/// Counts and remarks on lines that fit.
struct Matching<F> {
    what: &'static str,
    fits: F,
}

#[extension]
impl<F> Text for Matching<F>
where
    F: Fn(&str) -> bool + Send + Sync + 'static,
{
    fn measure(&self, document: &Document) -> String {
        let count = document.text.lines().filter(|line| (self.fits)(line)).count();
        format!("{count} {} lines", self.what)
    }

    fn lint(&self, line: &str) -> Option<String> {
        (self.fits)(line).then(|| format!("{} line", self.what))
    }
}

pub(crate) fn run(document: &Document) -> Outcome {
    let pm = host::manager()?;
    let blank = Matching { what: "blank", fits: |line: &str| line.trim().is_empty() };
    let numbered =
        Matching { what: "numbered", fits: |line: &str| line.starts_with(|c: char| c.is_ascii_digit()) };
    if let Err(error) = pm.register_as("blank", 7_u8) {
        println!("a type without extensions: {error}");
    }
    PluginBuilder::new(blank).named("blank").extends(Text).register(&pm)?;
    PluginBuilder::new(numbered).named("numbered").extends(Text).register(&pm)?;

    println!("{:?}", pm.caller(Text::measure).call(document));
    println!("{:?}", pm.caller(Text::lint).call("1 of a kind", 1));
    for name in pm.plugin_names() {
        println!("{name} extends {}", list(pm.extension_points_of(&name).unwrap_or_default()));
    }
    Ok(())
}
