use std::sync::Arc;

use pluginkit::manual::{
    Arity, Collects, ExtensionPoint, InTurn, Points, Signature, Signature1, Specs, Values, offload,
};
use pluginkit::{ExtensionFuture, Mode, PointInfo};

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
    type Arity = Arity<1>;
    type Concurrency = InTurn;
    type Shape = Values;
    type Return = String;
    type Args<'a> = &'a str;
    type Held<'a> = &'a str;
    type Peeked<'x> = &'x str;
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
    fn offload<'w>(
        held: &Self::Held<'_>,
        extension: &'w Arc<<Self as ExtensionPoint>::Extension>,
    ) -> Option<ExtensionFuture<'w, String>> {
        let (extension, topic) = (Arc::clone(extension), held.to_string());
        Some(offload(move || extension.call(&topic)))
    }
}

impl Signature1 for Fetch {
    type A<'a> = &'a str;
    fn args(topic: Self::A<'_>) -> Self::Args<'_> {
        topic
    }
}
