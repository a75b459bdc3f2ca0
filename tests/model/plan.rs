//! What a random case is made of: plugins, what their bodies do, and what happens to them.

use std::fmt;

use pluginkit::{Bucket, Options};
use pluginkit_tests::Log;

pub(crate) const NAMES: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

/// `before` and `after` name one or two neighbours of this table; no plugin is ever called `z`.
pub(crate) static REFERENCES: [&str; 32] = [
    "a", "b", "c", "d", "e", "f", "z", "a", "c", "e", "b", "d", "f", "a", "d", "b", "e", "c", "f", "b", "a",
    "e", "d", "c", "z", "f", "e", "a", "f", "d", "z", "b",
];

/// The indices of the entries of one plugin, by which the library's listing tells them apart.
pub(crate) const INDICES: [&str; 3] = ["0", "1", "2"];

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Fault(pub(crate) i64);

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "fault {}", self.0)
    }
}

/// Every outcome in one form: all contributions, the first answer if any, or the threaded value.
pub(crate) type Outcome = Result<Vec<i64>, Fault>;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    Collecting,
    FirstResult,
    Pipeline,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Mode {
    CollectValues,
    CollectOptions,
    CollectResults,
    FirstOption,
    FirstResult,
    PipeValue,
    PipeOption,
    PipeResult,
    PipeResultOption,
}

impl Mode {
    pub(crate) const ALL: [Self; 9] = [
        Self::CollectValues,
        Self::CollectOptions,
        Self::CollectResults,
        Self::FirstOption,
        Self::FirstResult,
        Self::PipeValue,
        Self::PipeOption,
        Self::PipeResult,
        Self::PipeResultOption,
    ];

    pub(crate) fn kind(self) -> Kind {
        match self {
            Self::CollectValues | Self::CollectOptions | Self::CollectResults => Kind::Collecting,
            Self::FirstOption | Self::FirstResult => Kind::FirstResult,
            Self::PipeValue | Self::PipeOption | Self::PipeResult | Self::PipeResultOption => Kind::Pipeline,
        }
    }

    pub(crate) fn may_fail(self) -> bool {
        matches!(self, Self::CollectResults | Self::FirstResult | Self::PipeResult | Self::PipeResultOption)
    }

    pub(crate) fn may_abstain(self) -> bool {
        !matches!(self, Self::CollectValues | Self::PipeValue | Self::PipeResult)
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Condition {
    Even,
    Odd,
    Below(i64),
}

impl Condition {
    pub(crate) fn holds(self, argument: i64) -> bool {
        match self {
            Self::Even => argument % 2 == 0,
            Self::Odd => argument % 2 != 0,
            Self::Below(limit) => argument < limit,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Body {
    Adds(i64),
    Abstains,
    Fails(i64),
    Around(Around),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Around {
    PassesThrough,
    AddsToArgument(i64),
    AddsToOutcome(i64),
    ReplacesOutcome(i64),
    SwallowsError(i64),
    RaisesBefore(i64),
    RaisesAfter(i64),
    NeverRuns(i64),
}

/// One extension or wrapper.
#[derive(Clone, PartialEq)]
pub(crate) struct Entry {
    pub(crate) plugin: &'static str,
    pub(crate) index: usize,
    pub(crate) bucket: Bucket,
    pub(crate) priority: i32,
    pub(crate) before: &'static [&'static str],
    pub(crate) after: &'static [&'static str],
    pub(crate) when: Option<Condition>,
    pub(crate) body: Body,
}

impl Entry {
    pub(crate) fn is_wrapper(&self) -> bool {
        matches!(self.body, Body::Around(_))
    }

    pub(crate) fn accepts(&self, argument: i64) -> bool {
        self.when.is_none_or(|when| when.holds(argument))
    }

    pub(crate) fn options(&self) -> Options {
        let mut options = Options::new().priority(self.priority).before(self.before).after(self.after);
        options.bucket = self.bucket;
        options.method(INDICES[self.index])
    }

    /// The body of an extension.
    pub(crate) fn answer(&self, argument: i64, log: &Log) -> Result<Option<i64>, Fault> {
        log.push(format!("{}{}({argument})", self.plugin, self.index));
        match self.body {
            Body::Adds(number) => Ok(Some(argument + number)),
            Body::Fails(number) => Err(Fault(number)),
            Body::Abstains | Body::Around(_) => Ok(None),
        }
    }

    /// The body of a wrapper.
    pub(crate) fn around(&self, argument: i64, log: &Log, run: impl FnOnce(i64) -> Outcome) -> Outcome {
        log.push(format!("{}{}({argument})[", self.plugin, self.index));
        let Body::Around(around) = self.body else { unreachable!("{self:?} is no wrapper") };
        let outcome = match around {
            Around::PassesThrough => run(argument),
            Around::AddsToArgument(number) => run(argument + number),
            Around::AddsToOutcome(number) => {
                run(argument).map(|values| values.into_iter().map(|value| value + number).collect())
            }
            Around::ReplacesOutcome(number) => {
                let _ = run(argument);
                Ok(vec![number])
            }
            Around::SwallowsError(number) => run(argument).or_else(|_| Ok(vec![number])),
            Around::RaisesBefore(number) => Err(Fault(number)),
            Around::RaisesAfter(number) => {
                let _ = run(argument);
                Err(Fault(number))
            }
            Around::NeverRuns(number) => Ok(vec![number]),
        };
        log.push(format!("]{}{}", self.plugin, self.index));
        outcome
    }
}

#[derive(Clone, PartialEq)]
pub(crate) struct Plugin {
    pub(crate) name: &'static str,
    /// What its conditional entries depend on.
    pub(crate) condition: Condition,
    pub(crate) entries: Vec<Entry>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Step {
    Unregister(usize),
    Register(usize),
    Disable(usize),
    Enable(usize),
}

#[derive(Clone)]
pub(crate) struct Case {
    pub(crate) mode: Mode,
    pub(crate) argument: i64,
    pub(crate) observed: bool,
    pub(crate) plugins: Vec<Plugin>,
    /// What happens after all plugins were registered in turn; every state is called.
    pub(crate) steps: Vec<Step>,
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { index, body, bucket, priority, .. } = self;
        write!(f, "{}{index} {body:?} in {bucket:?}", self.plugin)?;
        if *priority != 0 {
            write!(f, " priority {priority}")?;
        }
        for (word, names) in [("before", self.before), ("after", self.after)] {
            if !names.is_empty() {
                write!(f, " {word} {}", names.join("+"))?;
            }
        }
        self.when.map_or(Ok(()), |when| write!(f, " when {when:?}"))
    }
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let observed = if self.observed { ", observed" } else { "" };
        writeln!(f, "{:?} of {}{observed}", self.mode, self.argument)?;
        for plugin in &self.plugins {
            writeln!(f, "  plugin {}", plugin.name)?;
            plugin.entries.iter().try_for_each(|entry| writeln!(f, "    {entry:?}"))?;
        }
        let named = |index: usize| self.plugins[index].name;
        for step in &self.steps {
            match *step {
                Step::Unregister(index) => writeln!(f, "  unregister {}", named(index))?,
                Step::Register(index) => writeln!(f, "  register {}", named(index))?,
                Step::Disable(index) => writeln!(f, "  disable {}", named(index))?,
                Step::Enable(index) => writeln!(f, "  enable {}", named(index))?,
            }
        }
        Ok(())
    }
}
