//! The rules once more, step by step: what has begun and not ended, how late it is, and where a call stops before its
//! end. Written down as plainly as they can be.

use pluginkit::limits::FailurePolicy;
use pluginkit_tests::Log;

use crate::plan::{Case, Entry, Fault, Kind, Mode, NAMES, Work, WorkBody, answers, default_of, suffices};

/// How a point is called.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Form {
    Call,
    TryCall(FailurePolicy),
    Settle,
    /// Around work of the host.
    Around,
    TryAround(FailurePolicy),
}

impl Form {
    /// The forms of calls that a mode has.
    pub(crate) fn of(mode: Mode) -> impl Iterator<Item = Self> {
        let has_all = mode.kind() != Kind::HandsOn;
        Self::ALL.into_iter().filter(move |form| has_all || *form != Self::Settle)
    }

    const ALL: [Self; 9] = [
        Self::Call,
        Self::TryCall(FailurePolicy::FailFast),
        Self::TryCall(FailurePolicy::Skip),
        Self::TryCall(FailurePolicy::Collect),
        Self::Settle,
        Self::Around,
        Self::TryAround(FailurePolicy::FailFast),
        Self::TryAround(FailurePolicy::Skip),
        Self::TryAround(FailurePolicy::Collect),
    ];
}

/// What became of a call.
#[derive(Debug, PartialEq)]
pub(crate) enum Ended {
    Returned(Vec<i64>),
    Failed {
        plugin: Option<String>,
        fault: i64,
    },
    Panicked {
        plugin: Option<String>,
        message: String,
    },
    TimedOut {
        plugin: String,
        limit: u32,
    },
    /// All that failed.
    Several(Vec<Ended>),
    /// Each extension by itself, and what is left of what passed through them.
    Settled(Vec<(String, Ended)>, Option<i64>),
    /// It was dropped.
    Dropped,
}

/// What all that a call runs is held to, in seconds, beside what bodies are by themselves.
#[derive(Clone, Debug, Default)]
pub(crate) struct Limits {
    /// By the places of their names.
    pub(crate) plugins: Vec<Option<u32>>,
    pub(crate) point: Option<u32>,
    pub(crate) call: Option<u32>,
}

impl Limits {
    /// The limit of all of its time.
    fn whole(&self, entry: &Entry) -> Option<u32> {
        let plugin = NAMES.iter().position(|name| *name == entry.plugin);
        let plugin = plugin.and_then(|plugin| *self.plugins.get(plugin)?);
        [entry.manner.limit, plugin].into_iter().flatten().min()
    }

    /// The limit of the time that it does not spend in what it runs.
    fn own(&self) -> Option<u32> {
        [self.point, self.call].into_iter().flatten().min()
    }
}

/// Why a call stops before its end.
enum Stop {
    Dropped,
    /// The time is over of what has begun at this depth.
    TimedOut {
        plugin: &'static str,
        limit: u32,
        depth: usize,
    },
    Panicked {
        plugin: &'static str,
        message: String,
    },
}

/// A body that has begun.
struct Begun {
    plugin: &'static str,
    /// When all of its time is over, and its limit.
    whole: Option<(u32, u32)>,
    /// What is left of the time that it does not spend in what it runs, and the limit of that.
    own: Option<(u32, u32)>,
}

/// An outcome, and whose fault it is; [`NOBODY`] is the host.
type Told = Result<Vec<i64>, (Fault, &'static str)>;

/// Who fails where work of the host does.
const NOBODY: &str = "";

/// A call under way.
pub(crate) struct Stepwise<'s> {
    pub(crate) mode: Mode,
    /// What it runs, in call order.
    pub(crate) around: &'s [&'s Entry],
    pub(crate) plain: &'s [&'s Entry],
    pub(crate) log: &'s Log,
    /// What the host does in the place of the extensions, if it does.
    work: Work,
    is_around: bool,
    /// What it is held to, if to anything.
    limits: Option<&'s Limits>,
    /// After how many polls it is dropped.
    polls: Option<u32>,
    now: u32,
    /// What an extension that fails does to its call, and those that have and did not end it.
    policy: FailurePolicy,
    failures: Vec<Ended>,
    /// What has begun, and how long it may take, the innermost last.
    begun: Vec<Begun>,
}

impl<'s> Stepwise<'s> {
    pub(crate) fn new(case: &Case, around: &'s [&'s Entry], plain: &'s [&'s Entry], log: &'s Log) -> Self {
        Self {
            mode: case.mode,
            work: case.work,
            is_around: false,
            around,
            plain,
            log,
            limits: None,
            polls: None,
            now: 0,
            policy: FailurePolicy::FailFast,
            failures: Vec::new(),
            begun: Vec::new(),
        }
    }

    pub(crate) fn run(
        mut self,
        form: Form,
        argument: i64,
        limits: &'s Limits,
        polls: Option<u32>,
    ) -> (Ended, u32) {
        self.polls = polls;
        self.limits = (!matches!(form, Form::Call | Form::Around)).then_some(limits);
        self.is_around = matches!(form, Form::Around | Form::TryAround(_));
        let ended = match (polls, form) {
            (Some(0), _) => Ended::Dropped,
            (_, Form::Settle) => self.settle(argument),
            (_, Form::Call | Form::Around) => told(self.rest(0, argument), false),
            (_, Form::TryCall(policy) | Form::TryAround(policy)) => {
                self.policy = policy;
                let ended = told(self.rest(0, argument), true);
                self.verdict(ended)
            }
        };
        (ended, self.now)
    }

    /// What a call has ended with, if those who failed did not end it.
    fn verdict(&mut self, ended: Ended) -> Ended {
        if self.policy != FailurePolicy::Collect || self.failures.is_empty() || ended == Ended::Dropped {
            return ended;
        }
        if !matches!(ended, Ended::Returned(_)) {
            self.failures.push(ended);
        }
        if self.failures.len() == 1 {
            self.failures.remove(0)
        } else {
            Ended::Several(self.failures.split_off(0))
        }
    }

    /// What the wrappers from `depth` on run, and the extensions.
    fn rest(&mut self, depth: usize, mut argument: i64) -> Result<Told, Stop> {
        if let Some(wrapper) = self.around.get(depth) {
            if !wrapper.accepts(argument) {
                return self.rest(depth + 1, argument);
            }
            return self.body(wrapper, argument, |this| match wrapper.before(argument) {
                Ok(argument) => {
                    let (mut outcomes, mut failed) = (Vec::new(), Vec::new());
                    while let Some((argument, _)) = wrapper.next_run(argument, &outcomes) {
                        let inner = this.rest(depth + 1, argument)?;
                        failed.extend(inner.as_ref().err().cloned());
                        outcomes.push(inner.map_err(|(fault, _)| fault));
                    }
                    // A wrapper that replaces an error has failed, and one that passes it on from any of its runs has not.
                    let whose = |fault: &Fault| {
                        let passed_on = failed.iter().rev().find(|(passed_on, _)| passed_on == fault);
                        passed_on.map_or(wrapper.plugin, |(_, plugin)| *plugin)
                    };
                    let after = wrapper.after_runs(outcomes);
                    Ok(after.map_err(|fault| (fault.clone(), whose(&fault))))
                }
                Err(outcome) => Ok(outcome.map_err(|fault| (fault, wrapper.plugin))),
            });
        }
        if self.is_around {
            return self.host(argument);
        }
        let kind = self.mode.kind();
        let (mut all, mut sum, mut has_answer) = (Vec::new(), 0, false);
        let default = self.mode.has_default().then_some(None);
        for entry in self.plain.iter().copied().map(Some).chain(default) {
            let Some(entry) = entry else {
                if !has_answer {
                    let value = default_of(argument);
                    match kind {
                        Kind::Collecting | Kind::FirstResult => all.push(value),
                        Kind::HandsOn if answers(value) => return Ok(Ok(vec![value, value])),
                        Kind::Pipeline | Kind::HandsOn => argument = value,
                        Kind::Reduces => sum += value,
                    }
                }
                break;
            };
            if !entry.accepts(argument) {
                continue;
            }
            let failure = match self.body(entry, argument, |_| Ok(entry.result(argument))) {
                Ok(Ok(answer)) => Ok(answer),
                Ok(Err(fault)) => Err(Ok(Err((fault, entry.plugin)))),
                Err(stop @ Stop::Panicked { .. }) => Err(Err(stop)),
                // Its own time is over, and not that of a wrapper.
                Err(stop @ Stop::TimedOut { depth, .. }) if depth == self.begun.len() => Err(Err(stop)),
                Err(stop) => return Err(stop),
            };
            let answer = match failure {
                Ok(answer) => answer,
                Err(failure) if self.policy == FailurePolicy::FailFast => return failure,
                Err(failure) => {
                    self.failures.push(told(failure, true));
                    continue;
                }
            };
            has_answer |= answer.is_some() && kind != Kind::HandsOn;
            match (kind, answer) {
                (_, None) => {}
                (Kind::Collecting, Some(item)) => all.push(item),
                (Kind::FirstResult, Some(item)) => return Ok(Ok(vec![item])),
                (Kind::HandsOn, Some(value)) if answers(value) => return Ok(Ok(vec![value, value])),
                (Kind::Pipeline | Kind::HandsOn, Some(value)) => argument = value,
                (Kind::Reduces, Some(item)) => {
                    sum += item;
                    if suffices(sum) {
                        break;
                    }
                }
            }
        }
        Ok(Ok(match kind {
            Kind::Pipeline | Kind::HandsOn => vec![argument],
            Kind::Reduces => vec![sum],
            Kind::Collecting | Kind::FirstResult => all,
        }))
    }

    /// What the host does.
    fn host(&mut self, argument: i64) -> Result<Told, Stop> {
        Work::enter(argument, self.log);
        (0..self.work.yields).try_for_each(|_| self.pass(0))?;
        if self.work.body == WorkBody::Panics {
            return Err(Stop::Panicked { plugin: NOBODY, message: Work::PANIC.to_owned() });
        }
        Ok(self.work.outcome(self.mode, argument).map_err(|fault| (fault, NOBODY)))
    }

    fn settle(&mut self, mut argument: i64) -> Ended {
        let kind = self.mode.kind();
        let (mut settled, mut has_answer) = (Vec::new(), false);
        for entry in self.plain {
            if !entry.accepts(argument) {
                continue;
            }
            let result = self.body(entry, argument, |_| Ok(entry.result(argument)));
            let answers = matches!(result, Ok(Ok(Some(_))));
            has_answer |= answers;
            if let (Kind::Pipeline, Ok(Ok(Some(value)))) = (kind, &result) {
                argument = *value;
            }
            let result = result.map(|result| match result {
                Ok(answer) => Ok(answer.into_iter().collect()),
                Err(fault) => Err((fault, entry.plugin)),
            });
            if let Err(Stop::Dropped) = result {
                return Ended::Dropped;
            }
            settled.push((entry.plugin.to_owned(), told(result, true)));
            if kind == Kind::FirstResult && answers {
                break;
            }
        }
        if self.mode.has_default() && !has_answer {
            let value = default_of(argument);
            settled.push(("(default)".to_owned(), Ended::Returned(vec![value])));
            argument = value;
        }
        Ended::Settled(settled, (kind == Kind::Pipeline).then_some(argument))
    }

    /// A body from its beginning to where it ends or is stopped.
    fn body<T>(
        &mut self,
        entry: &Entry,
        argument: i64,
        work: impl FnOnce(&mut Self) -> Result<T, Stop>,
    ) -> Result<T, Stop> {
        let under_way = entry.enter(argument, self.log);
        let limits = self.limits.filter(|_| entry.manner.is_async);
        self.begun.push(Begun {
            plugin: entry.plugin,
            whole: limits.and_then(|limits| limits.whole(entry)).map(|limit| (self.now + limit, limit)),
            own: limits.and_then(Limits::own).map(|limit| (limit, limit)),
        });
        let lingered = self.linger(entry);
        let ended = lingered.and_then(|()| work(self)).and_then(|result| {
            let message = entry.panic();
            if entry.manner.panics {
                Err(Stop::Panicked { plugin: entry.plugin, message })
            } else {
                Ok(result)
            }
        });
        self.begun.pop();
        Ok(under_way.end(ended?))
    }

    fn linger(&mut self, entry: &Entry) -> Result<(), Stop> {
        if entry.manner.waits > 0 {
            self.pass(entry.manner.waits)?;
        }
        (0..entry.manner.yields).try_for_each(|_| self.pass(0))
    }

    /// Time passes, and the call waits for it; where it is dropped or too late, it ends.
    fn pass(&mut self, time: u32) -> Result<(), Stop> {
        // What was over at the same moment as what was skipped is over before the call waits.
        self.keep_to_deadlines(0)?;
        if let Some(polls) = &mut self.polls {
            *polls -= 1;
            if *polls == 0 {
                return Err(Stop::Dropped);
            }
        }
        self.keep_to_deadlines(time)?;
        self.now += time;
        if let Some((left, _)) = self.begun.last_mut().and_then(|begun| begun.own.as_mut()) {
            *left -= time;
        }
        Ok(())
    }

    /// Ends what is too late if that comes before so much time has passed, or is now.
    fn keep_to_deadlines(&mut self, time: u32) -> Result<(), Stop> {
        let innermost = self.begun.len().checked_sub(1);
        let set = self.begun.iter().enumerate().rev().flat_map(|(depth, begun)| {
            let own = begun.own.filter(|_| Some(depth) == innermost);
            let own = own.map(|(left, limit)| (self.now + left, limit));
            own.into_iter().chain(begun.whole).map(move |(deadline, limit)| (depth, deadline, limit))
        });
        let Some((depth, deadline, limit)) = set.min_by_key(|(_, deadline, _)| *deadline) else {
            return Ok(());
        };
        let plugin = self.begun[depth].plugin;
        if deadline > self.now && deadline >= self.now + time {
            return Ok(());
        }
        self.now = deadline;
        Err(Stop::TimedOut { plugin, limit, depth })
    }
}

/// What a caller is told, and whose it is if the call `blames`.
fn told(result: Result<Told, Stop>, blames: bool) -> Ended {
    let plugin = |plugin: &str| (blames && plugin != NOBODY).then(|| plugin.to_owned());
    match result {
        Ok(Ok(values)) => Ended::Returned(values),
        Ok(Err((Fault(fault), whose))) => Ended::Failed { plugin: plugin(whose), fault },
        Err(Stop::Panicked { plugin: whose, message }) => Ended::Panicked { plugin: plugin(whose), message },
        Err(Stop::TimedOut { plugin, limit, .. }) => Ended::TimedOut { plugin: plugin.to_owned(), limit },
        Err(Stop::Dropped) => Ended::Dropped,
    }
}
