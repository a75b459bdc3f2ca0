//! A manager, its permanent plugins, and the guarantees of every call.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use pluginkit::Options;
use pluginkit::prelude::*;

/// How many plugins take part from the beginning to the end.
pub(crate) const RESIDENTS: u32 = 2;

#[extension_point]
pub(crate) trait Model {
    fn answer(&self, order: u32) -> Answer;
    #[extension_point(firstresult)]
    fn find(&self, order: u32) -> Option<u32>;
    #[extension_point(pipeline)]
    fn pass(&self, trail: Vec<u32>) -> Vec<u32>;
    #[extension_point(historic)]
    fn hear(&self, event: u32) -> Result<(), Refused>;
}

/// Points that are added while others call.
#[extension_point]
pub(crate) trait Late {
    fn late(&self) -> u32;
    fn later(&self) -> u32;
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) voice: u32,
    /// Which of its two extensions.
    pub(crate) half: u8,
    pub(crate) order: u32,
}

#[derive(Debug)]
pub(crate) struct Refused;

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("it refuses")
    }
}

impl std::error::Error for Refused {}

/// How many plugins were made and dropped. The checker does not see it, so that it costs no schedules.
#[derive(Clone, Default)]
pub(crate) struct Ledger(Arc<[AtomicUsize; 2]>);

impl Ledger {
    pub(crate) fn alive(&self) -> usize {
        let [made, dropped] = &*self.0;
        made.load(SeqCst) - dropped.load(SeqCst)
    }
}

/// A plugin that answers.
pub(crate) struct Voice {
    number: u32,
    mark: u32,
    ledger: Ledger,
}

const MARK: u32 = 0x5a5a_5a5a;

impl Voice {
    pub(crate) fn new(number: u32, ledger: &Ledger) -> Self {
        ledger.0[0].fetch_add(1, SeqCst);
        Self { number, mark: MARK, ledger: ledger.clone() }
    }

    pub(crate) fn number(&self) -> u32 {
        assert_eq!(self.mark, MARK, "a plugin is used after it was dropped");
        self.number
    }

    fn answer(&self, half: u8, order: u32) -> Answer {
        Answer { voice: self.number(), half, order }
    }
}

impl Drop for Voice {
    fn drop(&mut self) {
        assert_eq!(self.mark, MARK, "a plugin is dropped twice");
        self.mark = 0;
        self.ledger.0[1].fetch_add(1, SeqCst);
    }
}

/// What a plugin is that comes with two extensions of one point, a wrapper around it and one of another point.
fn voiced(builder: PluginBuilder<Voice>) -> PluginBuilder<Voice> {
    builder
        .extension(Model::answer, Options::new(), |this, args| this.answer(0, args.order))
        .extension(Model::answer, Options::new(), |this, args| this.answer(1, args.order))
        .wrapper(Model::answer, Options::new(), |this, args, next| {
            let answers = next.run(args.order);
            let own = answers.iter().filter(|answer| answer.voice == this.number()).count();
            assert_eq!(own, 2, "a wrapper runs without the extensions of its plugin: {answers:?}");
            answers
        })
        .extension(Model::pass, Options::new(), |this, mut args| {
            args.trail.push(this.number());
            args.trail
        })
}

pub(crate) struct Host {
    pub(crate) pm: PluginManager,
    pub(crate) ledger: Ledger,
}

impl Host {
    /// Lets `work` work on a manager that has its residents, of which nothing may be left in the end.
    pub(crate) fn with(work: impl FnOnce(&Self)) {
        Self::with_crowd(0, work);
    }

    /// With as many further plugins as make calls fill their snapshots themselves.
    pub(crate) fn with_crowd(crowd: u32, work: impl FnOnce(&Self)) {
        let host = Self { pm: PluginManager::new("model"), ledger: Ledger::default() };
        host.pm.add_extension_points(Model).expect("they are new");
        for number in 0..RESIDENTS {
            host.resident(number);
        }
        for number in 0..crowd {
            host.pm
                .register_fn(format!("crowd-{number}"), Model::pass, |args| args.trail)
                .expect("its name is free");
        }
        work(&host);
        let Self { pm, ledger } = host;
        drop(pm);
        assert_eq!(ledger.alive(), 0, "plugins are left over");
    }

    fn resident(&self, number: u32) {
        PluginBuilder::new(Voice::new(number, &self.ledger))
            .named(format!("resident-{number}"))
            .extension(Model::answer, Options::new(), |this, args| this.answer(0, args.order))
            .extension(Model::find, Options::new(), |this, args| {
                (args.order % RESIDENTS == this.number()).then_some(this.number())
            })
            .extension(Model::pass, Options::new(), |this, mut args| {
                args.trail.push(this.number());
                args.trail
            })
            .register(&self.pm)
            .expect("its name is free");
    }

    /// Registers a plugin that answers twice under `name`.
    pub(crate) fn come(&self, name: &str, number: u32) -> Result<PluginId, pluginkit::Error> {
        voiced(PluginBuilder::new(Voice::new(number, &self.ledger)).named(name)).register(&self.pm)
    }

    /// Calls, and checks that what the call saw was whole.
    pub(crate) fn call(&self, order: u32) -> Vec<u32> {
        let answers = self.pm.caller(Model::answer).call(order);
        whole(&answers, order)
    }

    /// Calls, where `voice` must answer or must not.
    pub(crate) fn expect(&self, voice: u32, there: bool) {
        let came = self.call(voice);
        assert_eq!(came.contains(&voice), there, "the next call of who made a change does not see it");
        let trail = self.pass();
        assert_eq!(trail.contains(&voice), there, "another point of the same plugin does not show it");
    }

    /// Calls the pipeline, and checks that it went through every resident once and in order.
    pub(crate) fn pass(&self) -> Vec<u32> {
        let trail = self.pm.caller(Model::pass).call(Vec::new());
        assert!(trail.iter().copied().filter(|voice| *voice < RESIDENTS).eq(0..RESIDENTS), "{trail:?}");
        let mut once = trail.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), trail.len(), "a plugin was called twice: {trail:?}");
        trail
    }
}

/// Who came and answered, in order, of a call that must have seen one whole snapshot: each resident once and in order,
/// then each of the others with both its extensions.
pub(crate) fn whole(answers: &[Answer], order: u32) -> Vec<u32> {
    assert!(answers.iter().all(|answer| answer.order == order), "answers to another call: {answers:?}");
    let (residents, others): (Vec<Answer>, Vec<Answer>) =
        answers.iter().partition(|answer| answer.voice < RESIDENTS);
    assert!(residents.iter().map(|answer| answer.voice).eq(0..RESIDENTS), "residents: {answers:?}");
    assert!(answers[..residents.len()].iter().all(|answer| answer.voice < RESIDENTS), "{answers:?}");
    let mut came = Vec::new();
    for pair in others.chunks(2) {
        let [one, two] = pair else { panic!("a part of a plugin: {answers:?}") };
        assert!(one.voice == two.voice && (one.half, two.half) == (0, 1), "a part of a plugin: {answers:?}");
        assert!(!came.contains(&one.voice), "a plugin answers twice: {answers:?}");
        came.push(one.voice);
    }
    came
}
