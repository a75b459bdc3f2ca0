//! The host of every step: a text processor, what it reads, and what plugins may extend.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;
use std::{fmt, fs, io};

use pluginkit::prelude::*;

/// What the text processor lets plugins extend.
#[extension_point(project = "tour")]
pub(crate) trait Text {
    /// One figure about the document.
    fn measure(&self, document: &Document) -> String;

    /// One remark on a line, if there is something to say.
    fn lint(&self, line: &str, number: usize) -> Option<String>;

    /// One requirement the document has to meet.
    fn check(&self, document: &Document) -> Result<String, Fault>;

    /// Takes note of something that happened.
    fn notify(&self, message: &str);

    /// How grave a line is; the first plugin that knows decides.
    #[extension_point(firstresult)]
    fn classify(&self, line: &str, number: usize) -> Option<Severity>;

    /// The second of the day that a line tells; a time that cannot be is an error.
    #[extension_point(firstresult)]
    fn clock(&self, line: &str) -> Result<Option<u32>, Fault>;

    /// Formats one line for a page of some width; the line is what passes through the plugins.
    #[extension_point(pipeline = "line")]
    fn format(&self, width: usize, line: String) -> String;

    /// Takes secrets out of a line; `None` leaves it as it is.
    #[extension_point(pipeline)]
    fn redact(&self, line: String) -> Option<String>;

    /// Prepares a page, or refuses it.
    #[extension_point(pipeline)]
    fn publish(&self, page: String) -> Result<String, Fault>;

    /// Edits the lines in place.
    #[extension_point(pipeline)]
    fn tidy(&self, lines: &mut Vec<String>);

    /// A document was opened; told to later plugins too.
    #[extension_point(historic)]
    fn opened(&self, name: &str, lines: usize) -> String;

    /// A place in the text, borrowed from it.
    fn find<'t>(&self, text: &'t str, word: &str) -> Option<&'t str>;

    /// Adds what a line holds to the counts.
    fn tally(&self, counts: &mut BTreeMap<String, usize>, line: &str);

    /// Moves what is left of the document onto a page.
    fn draw(&self, cursor: &mut Cursor<'_>, page: &mut Page<'_>);
}

/// A manager for the plugins of the text processor.
pub(crate) fn manager() -> Result<PluginManager, pluginkit::Error> {
    let pm = PluginManager::new("tour");
    pm.add_extension_points(Text)?;
    Ok(pm)
}

/// What a step returns.
pub(crate) type Outcome = Result<(), Box<dyn Error>>;

/// A text, and the name of the file it came from.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    pub(crate) name: String,
    pub(crate) text: String,
}

impl Document {
    pub(crate) fn read(path: &Path) -> io::Result<Self> {
        let text = String::from_utf8_lossy(&fs::read(path)?).into_owned();
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        Ok(Self { name, text })
    }

    /// The lines with their numbers, from 1.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        (1..).zip(self.text.lines())
    }

    /// The first line that is not blank.
    pub(crate) fn title(&self) -> &str {
        self.text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("(blank)")
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Severity {
    Note,
    Warning,
    Error,
}

/// What a plugin finds wrong with a document.
#[derive(Debug)]
pub(crate) struct Fault(pub(crate) String);

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Fault {}

/// A position in a text that outlives the page.
pub(crate) struct Cursor<'t> {
    pub(crate) rest: &'t str,
}

/// A page being filled; what it fills lives no longer than the call needs.
pub(crate) struct Page<'p> {
    pub(crate) lines: &'p mut Vec<String>,
}

/// Anything that prints, in one line.
pub(crate) fn list<T: fmt::Display>(items: impl IntoIterator<Item = T>) -> String {
    items.into_iter().map(|item| item.to_string()).collect::<Vec<_>>().join(", ")
}

/// The beginning of a long line.
pub(crate) fn excerpt(line: &str) -> String {
    const LONGEST: usize = 56;
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", &line[..end]),
        None => line.to_owned(),
    }
}
