//! Functions as plugins: for one caller with `extra`, for the manager with `register_fn`.

use pluginkit::Options;

use super::collecting::Lines;
use crate::host::{self, Document, Outcome, Text, list};

pub(crate) fn run(document: &Document) -> Outcome {
    let pm = host::manager()?;
    pm.register(Lines)?;
    let measure = pm.caller(Text::measure);

    let with_bytes = measure.extra(|args| format!("{} bytes", args.document.text.len()));
    println!("with an extra: {:?}", with_bytes.call(document));
    println!("  it runs {}", list(with_bytes.implementations()));
    println!("without it: {:?}", measure.call(document));

    pm.register_fn("paragraphs", Text::measure, |args| {
        format!("{} paragraphs", args.document.text.split("\n\n").count())
    })?;
    pm.register_fn_with("name", Text::measure, Options::new().tryfirst(), |args| args.document.name.clone())?;
    println!("with two functions: {:?}", measure.call(document));
    println!("with the extra, too: {:?}", with_bytes.call(document));

    pm.unregister("name");
    println!("one taken back: {:?}", measure.call(document));
    Ok(())
}
