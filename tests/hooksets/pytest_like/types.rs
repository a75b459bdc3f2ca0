//! Stand-ins for the values that a test runner hands to its hooks.

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Config {
    pub(crate) verbose: u8,
    pub(crate) keyword: Option<String>,
}

#[derive(Debug, Default)]
pub(crate) struct Session {
    pub(crate) shuffled: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Item {
    pub(crate) name: String,
    pub(crate) marks: Vec<&'static str>,
}

impl Item {
    pub(crate) fn new(name: &str, marks: &[&'static str]) -> Self {
        Self { name: name.to_owned(), marks: marks.to_vec() }
    }

    pub(crate) fn is(&self, mark: &str) -> bool {
        self.marks.contains(&mark)
    }
}

/// Borrows the test it multiplies.
#[derive(Debug)]
pub(crate) struct Metafunc<'a> {
    pub(crate) item: &'a Item,
    pub(crate) params: Vec<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Failure(pub(crate) String);

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Outcome {
    Passed,
    Failed,
    Skipped,
    XFailed,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Phase {
    Early,
    Final,
}

/// What came of running a test.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) result: Result<Outcome, Failure>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Report {
    pub(crate) name: String,
    pub(crate) outcome: Outcome,
    pub(crate) sections: Vec<String>,
}

pub(crate) trait Terminal {
    fn line(&mut self, text: &str);
}

impl Terminal for Vec<String> {
    fn line(&mut self, text: &str) {
        self.push(text.to_owned());
    }
}
