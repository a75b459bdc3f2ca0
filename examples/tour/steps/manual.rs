//! An extension point, its calls and its plugins without any macro.

use std::ops::Deref;
use std::sync::Arc;

use pluginkit::kind::Synchronous;
use pluginkit::manual::{
    Arguments, Callable, Handle, NoWrapper, PointCaller, PointTypes, Points, Rest, Specs, Values,
    WrapArguments,
};
use pluginkit::points::{Mode, PointInfo};
use pluginkit::{Options, PluginBuilder, PluginManager};

use crate::host::{Document, Outcome};

/// What an extension of the point does.
trait Score: Send + Sync {
    fn score(&self, text: &str) -> usize;
}

/// The arguments of a call, and how they reach an extension.
struct ScoreArgs<'a> {
    text: &'a str,
}

impl Arguments<ScorePoint, usize> for ScoreArgs<'_> {
    fn call(&mut self, extension: &dyn Score, _last: bool) -> usize {
        extension.score(self.text)
    }
}

impl WrapArguments<ScorePoint, Vec<usize>> for ScoreArgs<'_> {
    fn wrap(self, wrapper: &NoWrapper, _: Rest<'_, ScorePoint>) -> Vec<usize> {
        match *wrapper {}
    }
}

/// The specs, with one constant per point.
#[derive(Clone, Copy)]
struct Rating;

#[expect(non_upper_case_globals, reason = "a point is called as its method is")]
impl Rating {
    const score: ScorePoint = ScorePoint;
}

impl Specs for Rating {
    const NAME: &'static str = "Rating";
    const PROJECT: Option<&'static str> = Some("tour");

    fn declare(points: &mut Points) {
        points.add::<ScorePoint>();
    }
}

#[derive(Clone, Copy, Debug)]
struct ScorePoint;

impl PointTypes for ScorePoint {
    type Specs = Rating;
    type Extension = dyn Score;
    type Wrapper = NoWrapper;
    const INFO: &'static PointInfo = &PointInfo::new("Rating", "score", Mode::Collecting, &["text"]);
}

/// The caller that `pm.caller(Rating::score)` returns.
#[derive(Clone, Debug)]
struct ScoreCaller(Handle<ScorePoint>);

impl Callable<Synchronous> for ScorePoint {
    type Caller = ScoreCaller;
}

impl PointCaller<ScorePoint, Synchronous> for ScoreCaller {
    fn new(handle: Handle<ScorePoint>) -> Self {
        Self(handle)
    }
}

impl Deref for ScoreCaller {
    type Target = Handle<ScorePoint>;

    fn deref(&self) -> &Handle<ScorePoint> {
        &self.0
    }
}

impl ScoreCaller {
    fn call(&self, text: &str) -> Vec<usize> {
        self.dispatch().collect::<Values, _, _>(ScoreArgs { text })
    }
}

struct Length;

impl Score for Length {
    fn score(&self, text: &str) -> usize {
        text.len() / 100
    }
}

struct Variety;

impl Score for Variety {
    fn score(&self, text: &str) -> usize {
        text.split_whitespace().collect::<std::collections::HashSet<_>>().len()
    }
}

pub(crate) fn run(document: &Document) -> Outcome {
    let pm = PluginManager::new("tour");
    pm.add_extension_points(Rating)?;
    PluginBuilder::new(Length).object(Rating::score, Options::new(), |length| length).register(&pm)?;
    let shared = Arc::new(Variety);
    PluginBuilder::<Variety>::new(shared)
        .object(Rating::score, Options::new().tryfirst(), |variety| variety)
        .register(&pm)?;

    let score = pm.caller(Rating::score);
    for (plugin, points) in score.implementations().iter().zip(score.call(&document.text)) {
        println!("{plugin}: {points}");
    }
    Ok(())
}
