//! Every plugin answers, and the call returns all answers in call order.

use pluginkit::prelude::*;

use crate::host::{self, Document, Outcome, Text};

pub(crate) struct Lines;

#[extension]
impl Text for Lines {
    fn measure(&self, document: &Document) -> String {
        format!("{} lines", document.text.lines().count())
    }
}

pub(crate) struct Words;

#[extension]
impl Text for Words {
    fn measure(&self, document: &Document) -> String {
        format!("{} words", document.text.split_whitespace().count())
    }
}

pub(crate) struct Longest;

#[extension]
impl Text for Longest {
    fn measure(&self, document: &Document) -> String {
        let longest = document.text.lines().map(|line| line.chars().count()).max();
        format!("{} characters in the longest line", longest.unwrap_or(0))
    }
}

pub(crate) fn run(document: &Document) -> Outcome {
    let pm = host::manager()?;
    let measure = pm.caller(Text::measure);
    println!("without plugins: {:?}", measure.call(document));

    pm.register(Lines)?;
    pm.register(Words)?;
    pm.register(Longest)?;
    let figures: Vec<String> = measure.call(document);
    for (plugin, figure) in measure.implementations().iter().zip(figures) {
        println!("{plugin}: {figure}");
    }
    Ok(())
}
