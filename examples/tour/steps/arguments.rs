//! What plugins take: any subset of the arguments by name, `&mut`, borrowed results, their own `Arc`.

use std::collections::BTreeMap;
use std::sync::Arc;

use pluginkit::prelude::*;

use crate::host::{self, Cursor, Document, Outcome, Page, Text, excerpt};

struct Numbers;

#[extension]
impl Text for Numbers {
    fn lint(&self, number: usize) -> Option<String> {
        number.is_multiple_of(5).then(|| format!("line {number} is one in five"))
    }
}

struct Shouting;

#[extension]
impl Text for Shouting {
    // A method that needs no `self` takes none.
    #[extension(target = "lint")]
    fn loudness(line: &str) -> Option<String> {
        let capitals = line.chars().filter(|c| c.is_uppercase()).count();
        (capitals > 5).then(|| format!("{capitals} capitals"))
    }
}

struct FirstWords {
    added: usize,
}

#[extension]
impl Text for FirstWords {
    fn tally(self: &Arc<Self>, counts: &mut BTreeMap<String, usize>, line: &str) {
        if let Some(word) = line.split_whitespace().next() {
            *counts.entry(word.to_owned()).or_default() += self.added;
        }
    }
}

struct Finder;

#[extension]
impl Text for Finder {
    fn find<'t>(&self, text: &'t str, word: &str) -> Option<&'t str> {
        text.lines().find(|line| line.contains(word))
    }
}

struct Printer;

#[extension]
impl Text for Printer {
    fn draw(&self, cursor: &mut Cursor<'_>, page: &mut Page<'_>) {
        while page.lines.len() < 3 {
            let Some((line, rest)) = cursor.rest.split_once('\n') else { break };
            cursor.rest = rest;
            page.lines.push(excerpt(line.trim_end()));
        }
    }
}

pub(crate) fn run(document: &Document) -> Outcome {
    let pm = host::manager()?;
    pm.register(Numbers)?;
    pm.register(Shouting)?;
    pm.register(FirstWords { added: 1 })?;
    pm.register(Finder)?;
    pm.register(Printer)?;

    println!("some of the arguments: {:?}", pm.caller(Text::lint).call("SOME OF THEM", 10));

    let mut counts = BTreeMap::new();
    let tally = pm.caller(Text::tally);
    document.text.lines().for_each(|line| tally.call(&mut counts, line));
    let most = counts.iter().max_by_key(|(word, count)| (**count, std::cmp::Reverse(*word)));
    println!("by `&mut`: the most common first word is {most:?}");

    // The answer borrows from the text, not from the word.
    let found: Vec<&str> = {
        let word = String::from("in");
        pm.caller(Text::find).call(&document.text, &word)
    };
    println!("borrowed: {:?}", found.first().map(|line| excerpt(line)));

    // The cursor lives as long as the document, each page only for its turn.
    let draw = pm.caller(Text::draw);
    let mut cursor = Cursor { rest: &document.text };
    for number in 1..=2 {
        let mut lines = Vec::new();
        draw.call(&mut cursor, &mut Page { lines: &mut lines });
        println!("page {number}, which starts with {:?}, holds {} lines", lines.first(), lines.len());
    }
    println!("not drawn: {} lines", cursor.rest.lines().count());
    Ok(())
}
