//! Stand-ins for the objects of pytest.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};

/// A handle: what is remembered of a call is a clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Parser(pub(crate) Arc<Mutex<Vec<String>>>);

/// A handle, too.
#[expect(dead_code, reason = "no plugin looks into it")]
#[derive(Clone, Debug, Default)]
pub(crate) struct PytestPluginManager(pub(crate) Arc<Mutex<Vec<String>>>);

/// Declares values that hold a name.
macro_rules! stand_ins {
    ($($name:ident)*) => {$(
        #[allow(dead_code, reason = "not every name is read")]
        #[allow(dead_code, reason = "not every name is read")]
        #[derive(Clone, Debug, Default, PartialEq)]
        pub(crate) struct $name(pub(crate) String);
    )*};
}

stand_ins! {
    CallInfo
    Collector
    CollectReport
    Config
    FixtureDef
    Item
    Module
    Pdb
    Plugin
    Session
    TestReport
    WarningMessage
}

pub(crate) type Data = BTreeMap<String, String>;
pub(crate) type Namespace = BTreeMap<String, bool>;
pub(crate) type Place = (String, u32, String);

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum ExitCode {
    Ok,
    TestsFailed,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum When {
    Collect,
}

#[derive(Debug, PartialEq)]
pub(crate) struct TestStatus {
    pub(crate) category: &'static str,
    pub(crate) letter: char,
}

/// The test that is multiplied.
#[derive(Debug)]
pub(crate) struct Metafunc<'a> {
    pub(crate) item: &'a Item,
    pub(crate) calls: Vec<String>,
}

/// A request of a test for a fixture.
#[derive(Debug)]
pub(crate) struct SubRequest<'a> {
    pub(crate) item: &'a Item,
}

/// A report of a test or of a collection.
pub(crate) trait Report: Debug {
    fn outcome(&self) -> &str;
}

impl Report for TestReport {
    fn outcome(&self) -> &str {
        &self.0
    }
}

impl Report for CollectReport {
    fn outcome(&self) -> &str {
        &self.0
    }
}
