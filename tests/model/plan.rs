//! What a random case is made of: plugins, what their bodies do, and what happens to them.

use std::fmt;
use std::time::Duration;

use pluginkit::Options;
use pluginkit::points::Bucket;
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
    HandsOn,
    Reduces,
}

/// Whether an extension that may hand its argument on answers with this value instead.
pub(crate) fn answers(value: i64) -> bool {
    value % 3 == 0
}

/// Whether a reducer ends its call at this sum.
pub(crate) fn suffices(sum: i64) -> bool {
    sum > 4
}

/// What a default body makes of its argument.
pub(crate) fn default_of(argument: i64) -> i64 {
    argument + 1000
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
    HandOn,
    HandOnResult,
    Reduce,
    ReduceResult,
    DefaultCollect,
    DefaultFirst,
    DefaultPipe,
    DefaultHandOn,
    DefaultReduce,
}

impl Mode {
    pub(crate) const ALL: [Self; 18] = [
        Self::CollectValues,
        Self::CollectOptions,
        Self::CollectResults,
        Self::FirstOption,
        Self::FirstResult,
        Self::PipeValue,
        Self::PipeOption,
        Self::PipeResult,
        Self::PipeResultOption,
        Self::HandOn,
        Self::HandOnResult,
        Self::Reduce,
        Self::ReduceResult,
        Self::DefaultCollect,
        Self::DefaultFirst,
        Self::DefaultPipe,
        Self::DefaultHandOn,
        Self::DefaultReduce,
    ];

    pub(crate) fn kind(self) -> Kind {
        match self {
            Self::CollectValues | Self::CollectOptions | Self::CollectResults | Self::DefaultCollect => {
                Kind::Collecting
            }
            Self::FirstOption | Self::FirstResult | Self::DefaultFirst => Kind::FirstResult,
            Self::PipeValue
            | Self::PipeOption
            | Self::PipeResult
            | Self::PipeResultOption
            | Self::DefaultPipe => Kind::Pipeline,
            Self::HandOn | Self::HandOnResult | Self::DefaultHandOn => Kind::HandsOn,
            Self::Reduce | Self::ReduceResult | Self::DefaultReduce => Kind::Reduces,
        }
    }

    pub(crate) fn has_default(self) -> bool {
        matches!(
            self,
            Self::DefaultCollect
                | Self::DefaultFirst
                | Self::DefaultPipe
                | Self::DefaultHandOn
                | Self::DefaultReduce
        )
    }

    pub(crate) fn may_fail(self) -> bool {
        matches!(
            self,
            Self::CollectResults
                | Self::FirstResult
                | Self::PipeResult
                | Self::PipeResultOption
                | Self::HandOnResult
                | Self::ReduceResult
        )
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
    /// Runs the rest once more after an error, so many times at most.
    Retries(u8),
    /// Runs the rest twice, with another argument the second time. An error of the second run is no matter if the first
    /// has none.
    RunsTwice(i64),
}

/// What the host does in the place of the extensions, in a call around its own work.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Work {
    pub(crate) body: WorkBody,
    /// How often it lets others go on first, under an async manager.
    pub(crate) yields: u8,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum WorkBody {
    Adds(i64),
    Fails(i64),
    Panics,
}

impl Work {
    /// Begins the work.
    pub(crate) fn enter(argument: i64, log: &Log) {
        log.push(format!("host({argument})"));
    }

    /// What the work returns.
    pub(crate) fn outcome(self, mode: Mode, argument: i64) -> Outcome {
        match self.body {
            WorkBody::Adds(number) => {
                let value = argument + number;
                let is_answer = mode.kind() == Kind::HandsOn && answers(value);
                Ok(if is_answer { vec![value, value] } else { vec![value] })
            }
            WorkBody::Fails(number) => Err(Fault(number)),
            WorkBody::Panics => std::panic::resume_unwind(Box::new(Self::PANIC.to_owned())),
        }
    }

    /// The text of its panic.
    pub(crate) const PANIC: &'static str = "the host panics";
}

/// How the body of an entry goes about it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Manner {
    /// Whether it is an `async fn`, under an async manager; wrappers always are there.
    pub(crate) is_async: bool,
    /// How many seconds it waits first, and how often it lets others go on then, if it is one.
    pub(crate) waits: u32,
    pub(crate) yields: u8,
    /// Whether it panics at its end.
    pub(crate) panics: bool,
    /// How many seconds it may take.
    pub(crate) limit: Option<u32>,
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
    pub(crate) manner: Manner,
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
        let options = options.method(INDICES[self.index]);
        match self.manner.limit {
            Some(limit) => options.timeout(Duration::from_secs(limit.into())),
            None => options,
        }
    }

    pub(crate) fn label(&self) -> String {
        format!("{}{}", self.plugin, self.index)
    }

    /// The text of its panic.
    pub(crate) fn panic(&self) -> String {
        format!("{} panics", self.label())
    }

    /// Panics if it is to, without telling the panic hook.
    pub(crate) fn panic_if_told(&self) {
        if self.manner.panics {
            std::panic::resume_unwind(Box::new(self.panic()));
        }
    }

    /// Begins the body.
    pub(crate) fn enter(&self, argument: i64, log: &Log) -> UnderWay {
        let open = if self.is_wrapper() { "[" } else { "" };
        log.push(format!("{}({argument}){open}", self.label()));
        UnderWay { label: self.label(), wraps: self.is_wrapper(), log: log.clone(), ended: false }
    }

    /// What an extension returns.
    pub(crate) fn result(&self, argument: i64) -> Result<Option<i64>, Fault> {
        match self.body {
            Body::Adds(number) => Ok(Some(argument + number)),
            Body::Fails(number) => Err(Fault(number)),
            Body::Abstains | Body::Around(_) => Ok(None),
        }
    }

    /// The body of an extension.
    pub(crate) fn answer(&self, argument: i64, log: &Log) -> Result<Option<i64>, Fault> {
        let under_way = self.enter(argument, log);
        self.panic_if_told();
        under_way.end(self.result(argument))
    }

    fn kind(&self) -> Around {
        let Body::Around(around) = self.body else { unreachable!("{self:?} is no wrapper") };
        around
    }

    /// What a wrapper runs the rest with, or what it answers without.
    pub(crate) fn before(&self, argument: i64) -> Result<i64, Outcome> {
        match self.kind() {
            Around::AddsToArgument(number) => Ok(argument + number),
            Around::RaisesBefore(number) => Err(Err(Fault(number))),
            Around::NeverRuns(number) => Err(Ok(vec![number])),
            _ => Ok(argument),
        }
    }

    /// The argument of the next run of the rest, and whether it is the last, after those that had these outcomes.
    pub(crate) fn next_run(&self, argument: i64, so_far: &[Outcome]) -> Option<(i64, bool)> {
        match (self.kind(), so_far) {
            (Around::Retries(_), [.., Ok(_)]) => None,
            (Around::Retries(times), _) if so_far.len() <= times.into() => {
                Some((argument, so_far.len() == usize::from(times)))
            }
            (Around::RunsTwice(_), []) => Some((argument, false)),
            (Around::RunsTwice(number), [_]) => Some((argument + number, true)),
            (_, []) => Some((argument, true)),
            _ => None,
        }
    }

    /// What a wrapper makes of the outcomes of the rest.
    pub(crate) fn after_runs(&self, mut outcomes: Vec<Outcome>) -> Outcome {
        let last = outcomes.pop().expect("the rest has run");
        self.after(match outcomes.pop() {
            Some(first) if matches!(self.kind(), Around::RunsTwice(_)) => last.or(first),
            _ => last,
        })
    }

    /// What a wrapper makes of the rest's outcome.
    fn after(&self, outcome: Outcome) -> Outcome {
        match self.kind() {
            Around::AddsToOutcome(number) => {
                outcome.map(|values| values.into_iter().map(|value| value + number).collect())
            }
            Around::ReplacesOutcome(number) => Ok(vec![number]),
            Around::SwallowsError(number) => outcome.or_else(|_| Ok(vec![number])),
            Around::RaisesAfter(number) => Err(Fault(number)),
            _ => outcome,
        }
    }

    /// The body of a wrapper. It tells `run` whether it runs the rest for the last time.
    pub(crate) fn around(
        &self,
        argument: i64,
        log: &Log,
        mut run: impl FnMut(i64, bool) -> Outcome,
    ) -> Outcome {
        let under_way = self.enter(argument, log);
        let outcome = match self.before(argument) {
            Ok(argument) => {
                let mut outcomes = Vec::new();
                while let Some((argument, last)) = self.next_run(argument, &outcomes) {
                    outcomes.push(run(argument, last));
                }
                self.after_runs(outcomes)
            }
            Err(outcome) => outcome,
        };
        self.panic_if_told();
        under_way.end(outcome)
    }
}

/// A body that has begun; dropped before its end, it says so.
pub(crate) struct UnderWay {
    label: String,
    wraps: bool,
    log: Log,
    ended: bool,
}

impl UnderWay {
    pub(crate) fn end<T>(mut self, result: T) -> T {
        self.ended = true;
        if self.wraps {
            self.log.push(format!("]{}", self.label));
        }
        result
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        if !self.ended {
            self.log.push(format!("~{}", self.label));
        }
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
    pub(crate) work: Work,
    /// What happens after all plugins were registered in turn; every state is called.
    pub(crate) steps: Vec<Step>,
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { body, bucket, priority, manner, .. } = self;
        write!(f, "{} {body:?} in {bucket:?}", self.label())?;
        let Manner { is_async, waits, yields, panics, limit } = manner;
        if *is_async {
            write!(f, " async, waits {waits} s, yields {yields}")?;
        }
        if *panics {
            write!(f, " panics")?;
        }
        if let Some(limit) = limit {
            write!(f, " within {limit} s")?;
        }
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
        writeln!(f, "{:?} of {}{observed}, around {:?}", self.mode, self.argument, self.work)?;
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
