//! `iter` runs a plugin when its answer is asked for; iterator adaptors make any strategy of it.

use pluginkit::prelude::*;

use super::collecting::{Lines, Longest};
use crate::host::{self, Document, Fault, Outcome, Text};

/// Says when it runs.
struct Costly;

#[extension]
impl Text for Costly {
    fn measure(&self, document: &Document) -> String {
        println!("  (Costly runs)");
        format!("{} distinct bytes", document.text.bytes().collect::<std::collections::BTreeSet<_>>().len())
    }

    fn check(&self) -> Result<String, Fault> {
        println!("  (Costly runs)");
        Ok("costly, but well".into())
    }
}

pub(crate) fn run(document: &Document) -> Outcome {
    let pm = host::manager()?;
    pm.register(Lines)?;
    pm.register(Costly)?;
    pm.register(Longest)?;
    let measure = pm.caller(Text::measure);

    let mut figures = measure.iter(document);
    println!("nothing ran yet");
    println!("the first: {:?}", figures.next());
    println!("the rest: {:?}", figures.collect::<Vec<_>>());

    println!("take(1): {:?}", measure.iter(document).take(1).collect::<Vec<_>>());
    println!("find: {:?}", measure.iter(document).find(|figure| figure.ends_with("bytes")));
    println!("fold: {} characters of figures", measure.iter(document).fold(0, |sum, each| sum + each.len()));

    pm.register_fn("Picky", Text::check, |_| Err(Fault("not good enough".into())))?;
    let check = pm.caller(Text::check);
    println!("call, which stops at an error: {:?}", check.call(document));
    let (met, missed): (Vec<_>, Vec<_>) = check.iter(document).partition(Result::is_ok);
    println!("iter, which goes on: {} met, {} missed", met.len(), missed.len());
    Ok(())
}
