//! [`Location`]: where something stands.
#![forbid(unsafe_code)]

use std::collections::HashMap;
use std::fmt;
use std::ops::Range;
use std::panic;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The place of a value of a configuration: in a document, in code, or in a variable.
///
/// A location displays as `plugins.toml:3:14`, and is cheap to clone.
#[derive(Clone, PartialEq, Eq)]
pub struct Location(Repr);

#[derive(Clone, PartialEq, Eq)]
enum Repr {
    Document(Arc<Document>, Range<usize>),
    /// A file of which nothing could be read.
    File(Arc<Path>),
    Code(&'static panic::Location<'static>),
    Variable(Arc<str>),
}

/// The identity of the source of a location.
#[derive(PartialEq, Eq, Hash)]
pub(crate) enum SourceId {
    /// By the address of the document.
    Document(usize),
    File(Arc<Path>),
    Code(&'static panic::Location<'static>),
    Variable(Arc<str>),
}

/// Documents, of which those with the same text are one.
#[derive(Default)]
pub(crate) struct Documents {
    /// The first of each text.
    all: Vec<Arc<Document>>,
    /// By the address of each that was met: the address of the first with its text.
    first: HashMap<usize, usize>,
}

impl Documents {
    /// The identity of the source of a location.
    pub(crate) fn source_id(&mut self, location: &Location) -> SourceId {
        let Repr::Document(document, _) = &location.0 else { return location.source_id() };
        let address = Arc::as_ptr(document).addr();
        let first = *self.first.entry(address).or_insert_with(|| {
            if let Some(same) = self.all.iter().find(|other| *other == document) {
                return Arc::as_ptr(same).addr();
            }
            self.all.push(Arc::clone(document));
            address
        });
        SourceId::Document(first)
    }
}

/// A text that was read.
#[derive(PartialEq, Eq)]
pub(crate) struct Document {
    /// The file, or what the text is called.
    pub(crate) name: PathBuf,
    pub(crate) is_file: bool,
    pub(crate) text: String,
    /// The offset of each of its lines.
    lines: Vec<usize>,
}

/// The kind of source of a [`Location`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ConfigSource {
    /// A file.
    File,
    /// A text that the host passed.
    Text,
    /// Code that called a [`ConfigBuilder`](super::ConfigBuilder).
    Code,
    /// An environment variable.
    Environment,
}

impl Location {
    pub(crate) fn document(document: &Arc<Document>, span: Range<usize>) -> Self {
        let end = span.end.min(document.text.len());
        Self(Repr::Document(document.clone(), span.start.min(end)..end))
    }

    /// Returns the identity of its source: a document differs from other documents, anything else from other places.
    pub(crate) fn source_id(&self) -> SourceId {
        match &self.0 {
            Repr::Document(document, _) => SourceId::Document(Arc::as_ptr(document).addr()),
            Repr::File(path) => SourceId::File(Arc::clone(path)),
            Repr::Code(caller) => SourceId::Code(caller),
            Repr::Variable(name) => SourceId::Variable(Arc::clone(name)),
        }
    }

    pub(crate) fn file(path: &Path) -> Self {
        Self(Repr::File(path.into()))
    }

    #[track_caller]
    pub(crate) fn caller() -> Self {
        Self(Repr::Code(panic::Location::caller()))
    }

    pub(crate) fn environment(variable: &str) -> Self {
        Self(Repr::Variable(variable.into()))
    }

    pub(crate) fn is_environment(&self) -> bool {
        matches!(self.0, Repr::Variable(_))
    }

    /// Returns the kind of the source.
    pub fn source(&self) -> ConfigSource {
        match &self.0 {
            Repr::Document(document, _) if !document.is_file => ConfigSource::Text,
            Repr::Document(..) | Repr::File(_) => ConfigSource::File,
            Repr::Code(_) => ConfigSource::Code,
            Repr::Variable(_) => ConfigSource::Environment,
        }
    }

    /// Returns the file of the document or of the code; `None` for a text in memory and for a variable.
    pub fn path(&self) -> Option<&Path> {
        match &self.0 {
            Repr::Document(document, _) => document.is_file.then_some(&document.name),
            Repr::File(path) => Some(path),
            Repr::Code(caller) => Some(Path::new(caller.file())),
            Repr::Variable(_) => None,
        }
    }

    /// Returns the name of the environment variable; `None` for other sources.
    pub fn variable(&self) -> Option<&str> {
        match &self.0 {
            Repr::Variable(name) => Some(name),
            _ => None,
        }
    }

    /// Returns the line, counted from 1.
    pub fn line(&self) -> Option<usize> {
        Some(self.line_and_column()?.0)
    }

    /// Returns the column in characters, counted from 1.
    pub fn column(&self) -> Option<usize> {
        Some(self.line_and_column()?.1)
    }

    /// Returns the range of bytes in the document.
    pub fn span(&self) -> Option<Range<usize>> {
        match &self.0 {
            Repr::Document(_, span) => Some(span.clone()),
            _ => None,
        }
    }

    /// Returns its position among the places of its document.
    pub(crate) fn offset(&self) -> usize {
        self.span().map_or(0, |span| span.start)
    }

    fn line_and_column(&self) -> Option<(usize, usize)> {
        match &self.0 {
            Repr::Document(document, span) => {
                let before = document.before(span.start);
                let line = document.lines.partition_point(|&start| start <= before.len());
                Some((line, before[document.lines[line - 1]..].chars().count() + 1))
            }
            Repr::Code(caller) => Some((caller.line() as usize, caller.column() as usize)),
            Repr::File(_) | Repr::Variable(_) => None,
        }
    }

    /// Returns the line it is on, and the numbers of characters before it and in it, if the line can be shown.
    pub(crate) fn excerpt(&self) -> Option<(&str, usize, usize)> {
        let Repr::Document(document, span) = &self.0 else { return None };
        let before = document.before(span.start);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = document.text[line_start..].lines().next().unwrap_or_default();
        let hidden = |character: char| character.is_control() && character != '\t';
        if line.trim().is_empty() || line.chars().count() > 160 || line.contains(hidden) {
            return None;
        }
        let indent = before[line_start..].chars().count();
        let covered = document.text.get(span.clone()).unwrap_or_default();
        let width = covered.lines().next().unwrap_or_default().chars().count();
        Some((line, indent, width.clamp(1, (line.chars().count() - indent.min(line.chars().count())).max(1))))
    }
}

impl Document {
    pub(crate) fn new(name: PathBuf, is_file: bool, text: String) -> Self {
        let newlines = text.match_indices('\n').map(|(newline, _)| newline + 1);
        let lines = std::iter::once(0).chain(newlines).collect();
        Self { name, is_file, text, lines }
    }

    /// Returns the text before an offset. The parser may have put the offset inside a character.
    fn before(&self, offset: usize) -> &str {
        let mut end = offset.min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        &self.text[..end]
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Document(document, _) => write!(f, "{}", document.name.display())?,
            Repr::File(path) => write!(f, "{}", path.display())?,
            Repr::Code(caller) => f.write_str(caller.file())?,
            Repr::Variable(name) => write!(f, "environment variable {name}")?,
        }
        match self.line_and_column() {
            Some((line, column)) => write!(f, ":{line}:{column}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Location({self})")
    }
}
