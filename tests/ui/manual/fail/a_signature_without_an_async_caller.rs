//~ ERROR: `Fetch` is not an extension point that this manager can call

use std::ops::Deref;

use pluginkit::AsyncPluginManager;
use pluginkit::kind::Synchronous;
use pluginkit::manual::{
    AsyncRest, Callable, Collects, Handle, PointCaller, Points, Rest, Signature, Specs, Values,
};
use pluginkit::points::{Mode, PointInfo};

#[derive(Clone, Copy)]
pub struct Feed;

impl Specs for Feed {
    const NAME: &'static str = "Feed";
    const PROJECT: Option<&'static str> = None;
    fn declare(_points: &mut Points) {}
}

#[derive(Clone, Copy)]
pub struct Fetch;

impl Signature for Fetch {
    type Specs = Feed;
    type Form = Collects;
    type Shape = Values;
    type Return = String;
    type Args<'a> = &'a str;
    type Held<'a> = &'a str;
    type Peeked<'x> = &'x str;
    type Next<'n> = Rest<'n, Self>;
    type AsyncNext<'n> = AsyncRest<'n, Self>;
    const INFO: &'static PointInfo = &PointInfo::new("Feed", "fetch", Mode::Collecting, &["topic"]);

    fn open<'w, 'a: 'w>(held: Self::Held<'a>) -> Self::Args<'w> {
        held
    }
    fn close(args: Self::Args<'_>) -> Self::Held<'_> {
        args
    }
    fn peek<'x>(held: &'x Self::Held<'_>) -> Self::Peeked<'x> {
        held
    }
    fn give<'s>(held: &'s mut Self::Held<'_>, _last: bool) -> Self::Args<'s> {
        held
    }
    fn next(rest: Rest<'_, Self>) -> Self::Next<'_> {
        rest
    }
    fn async_next(rest: AsyncRest<'_, Self>) -> Self::AsyncNext<'_> {
        rest
    }
}

#[derive(Clone, Debug)]
pub struct FetchCaller(pub Handle<Fetch>);

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

pub fn uses(pm: &AsyncPluginManager) {
    pm.caller(Fetch);
}
