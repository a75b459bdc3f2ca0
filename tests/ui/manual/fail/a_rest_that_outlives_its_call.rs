//~ ERROR: borrowed data escapes outside of method

use std::ops::Deref;
use std::sync::Mutex;

use pluginkit::kind::Synchronous;
use pluginkit::manual::{
    Callable, Handle, PointCaller, PointTypes, Points, Rest, Specs, WrapArguments, Wrappable,
};
use pluginkit::points::{Mode, PointInfo};

#[derive(Clone, Copy)]
pub struct Feed;

impl Specs for Feed {
    const NAME: &'static str = "Feed";
    const PROJECT: Option<&'static str> = None;
    fn declare(points: &mut Points) {
        points.add::<Fetch>();
    }
}

#[derive(Clone, Copy)]
pub struct Fetch;

pub trait Fetches: Send + Sync {}

impl PointTypes for Fetch {
    type Specs = Feed;
    type Extension = dyn Fetches;
    type Wrapper = dyn Fetches;
    const INFO: &'static PointInfo = &PointInfo::new("Feed", "fetch", Mode::Collecting, &[]);
}

impl Wrappable for Fetch {
    type Next<'n> = Rest<'n, Fetch>;
}

#[derive(Clone, Debug)]
pub struct FetchCaller(Handle<Fetch>);

impl Callable<Synchronous> for Fetch {
    type Caller = FetchCaller;
}

impl PointCaller<Fetch, Synchronous> for FetchCaller {
    fn new(handle: Handle<Fetch>) -> Self {
        Self(handle)
    }
}

impl Deref for FetchCaller {
    type Target = Handle<Fetch>;
    fn deref(&self) -> &Handle<Fetch> {
        &self.0
    }
}

pub struct Args;

static HELD: Mutex<Option<Rest<'static, Fetch>>> = Mutex::new(None);

impl WrapArguments<Fetch, Vec<String>> for Args {
    fn wrap(self, _wrapper: &dyn Fetches, next: Rest<'_, Fetch>) -> Vec<String> {
        *HELD.lock().unwrap() = Some(next);
        Vec::new()
    }
}
