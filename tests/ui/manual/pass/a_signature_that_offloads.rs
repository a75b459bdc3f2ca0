use std::fmt;
use std::ops::Deref;

use pluginkit::calls::ExtensionFuture;
use pluginkit::kind::Kind;
use pluginkit::manual::{
    AsyncRest, Callable, Collects, Handle, PointCaller, PointTypes, Points, Rest, Shared, Signature, Specs, Values,
    offload,
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
    const OFFLOADS: bool = true;

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
    fn offload<'w>(
        held: &Self::Held<'_>,
        extension: Shared<<Self as PointTypes>::Extension>,
    ) -> Option<ExtensionFuture<'w, String>> {
        let topic = held.to_string();
        Some(offload(move || extension.call(&topic)))
    }
}

pub struct FetchCaller<K: Kind>(Handle<Fetch, K>);

impl<K: Kind> Callable<K> for Fetch {
    type Caller = FetchCaller<K>;
}

impl<K: Kind> PointCaller<Fetch, K> for FetchCaller<K> {
    fn new(handle: Handle<Fetch, K>) -> Self {
        Self(handle)
    }
}

impl<K: Kind> Deref for FetchCaller<K> {
    type Target = Handle<Fetch, K>;
    fn deref(&self) -> &Handle<Fetch, K> {
        &self.0
    }
}

impl<K: Kind> Clone for FetchCaller<K> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<K: Kind> fmt::Debug for FetchCaller<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
