//! Stand-ins for the values that Datasette hands to its hooks.

use std::collections::BTreeMap;
use std::fmt;

#[derive(Debug, Default)]
pub(crate) struct Datasette {
    pub(crate) base_url: String,
    pub(crate) debug: bool,
    /// `plugin.key` and its value.
    pub(crate) settings: BTreeMap<String, String>,
}

#[derive(Debug, PartialEq)]
pub(crate) struct StartupError(pub(crate) String);

impl fmt::Display for StartupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[derive(Debug, Default)]
pub(crate) struct Request {
    pub(crate) path: String,
    pub(crate) cookies: BTreeMap<String, String>,
    pub(crate) args: BTreeMap<String, String>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Response {
    pub(crate) fn new(status: u16, body: impl Into<String>) -> Self {
        Self { status, headers: Vec::new(), body: body.into() }
    }
}

#[derive(Debug)]
pub(crate) struct Scope {
    pub(crate) path: String,
}

/// Can be called any number of times and cloned not at all.
pub(crate) type App = Box<dyn Fn(&Scope) -> Response>;

pub(crate) type Function = Box<dyn Fn(&str) -> String>;

#[derive(Default)]
pub(crate) struct Connection {
    pub(crate) functions: BTreeMap<&'static str, Function>,
}

/// Borrows the directories it loads from.
#[derive(Debug)]
pub(crate) struct Environment<'a> {
    pub(crate) search_path: Vec<&'a str>,
    pub(crate) filters: Vec<&'static str>,
}

#[derive(Debug, PartialEq)]
pub(crate) enum Script {
    Url(String),
    Module(String),
    Inline(String),
}

pub(crate) enum TemplateVars {
    Now(BTreeMap<String, String>),
    Later(Box<dyn FnOnce() -> BTreeMap<String, String>>),
}

impl TemplateVars {
    pub(crate) fn resolve(self) -> BTreeMap<String, String> {
        match self {
            Self::Now(vars) => vars,
            Self::Later(vars) => vars(),
        }
    }
}

pub(crate) trait Command {
    fn name(&self) -> &str;
    fn run(&self, args: &[&str]) -> String;
}

pub(crate) type Row = BTreeMap<String, Value>;

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Null,
    Text(String),
    Integer(i64),
}

pub(crate) struct Renderer {
    pub(crate) extension: &'static str,
    pub(crate) render: fn(&[Row]) -> Response,
}

pub(crate) trait Facet {
    fn buckets(&self, rows: &[Row]) -> BTreeMap<String, usize>;
}

/// Makes the facet of a column.
pub(crate) type FacetClass = fn(&str) -> Box<dyn Facet>;

/// A pattern and the view behind it.
pub(crate) type Route = (&'static str, Box<dyn Fn(&Request) -> Response>);

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Actor {
    pub(crate) id: String,
}

#[derive(Debug, PartialEq)]
pub(crate) struct Filters {
    pub(crate) where_clauses: Vec<String>,
    pub(crate) params: BTreeMap<String, String>,
    pub(crate) human_descriptions: Vec<String>,
}

/// A database and perhaps one of its tables.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Resource<'a> {
    pub(crate) database: &'a str,
    pub(crate) table: Option<&'a str>,
}

/// A prefix and what turns the rest of the parameter's name into a value.
pub(crate) type MagicParameter = (&'static str, Box<dyn Fn(&str, &Request) -> String>);

#[derive(Debug, PartialEq)]
pub(crate) struct Link {
    pub(crate) href: String,
    pub(crate) label: String,
}

impl Link {
    pub(crate) fn new(href: impl Into<String>, label: &str) -> Self {
        Self { href: href.into(), label: label.to_owned() }
    }
}

pub(crate) fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|&(key, value)| (key.to_owned(), value.to_owned())).collect()
}
