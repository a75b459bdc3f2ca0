//! Stand-ins for what a program tells while it runs.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use pluginkit::reduce::Reduce;

/// What a program does for a while.
pub(crate) mod span {
    #[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
    pub(crate) struct Id(pub(crate) u64);

    #[derive(Debug)]
    pub(crate) struct Attributes<'a> {
        pub(crate) name: &'a str,
    }

    #[derive(Debug)]
    pub(crate) struct Record<'a> {
        pub(crate) values: &'a [(&'a str, u64)],
    }
}

/// What knows the spans.
pub(crate) trait Subscriber: 'static {
    fn name(&self, id: &span::Id) -> Option<&str>;

    /// Notes that a layer lies on it.
    fn layered(&mut self, layer: &'static str);
}

#[derive(Debug, Default)]
pub(crate) struct Registry {
    pub(crate) spans: BTreeMap<span::Id, String>,
    pub(crate) layers: Vec<&'static str>,
}

impl Subscriber for Registry {
    fn name(&self, id: &span::Id) -> Option<&str> {
        self.spans.get(id).map(String::as_str)
    }

    fn layered(&mut self, layer: &'static str) {
        self.layers.push(layer);
    }
}

/// What a layer sees of the subscriber below it. It can be cloned whether the subscriber can or not.
#[derive(Debug)]
pub(crate) struct Context<'a, S>(pub(crate) Option<&'a S>);

impl<S> Clone for Context<'_, S> {
    fn clone(&self) -> Self {
        Self(self.0)
    }
}

impl<S: Subscriber> Context<'_, S> {
    pub(crate) fn name(&self, id: &span::Id) -> &str {
        self.0.and_then(|subscriber| subscriber.name(id)).unwrap_or("?")
    }
}

#[derive(Debug)]
pub(crate) struct Dispatch(pub(crate) &'static str);

#[derive(Debug)]
pub(crate) struct Event<'a> {
    pub(crate) metadata: &'a Metadata<'a>,
    pub(crate) message: &'a str,
}

#[derive(Debug)]
pub(crate) struct Metadata<'a> {
    pub(crate) target: &'a str,
    pub(crate) level: LevelFilter,
}

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum LevelFilter {
    Error,
    Info,
    Trace,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Interest {
    Never,
    Sometimes,
    Always,
}

/// The interest of a stack: what all say, or `Sometimes` if they differ. Without a layer that says, there is none.
pub(crate) struct Interests(Option<Interest>);

impl Reduce for Interests {
    type Item = Interest;
    type Output = Option<Interest>;

    fn start() -> Self {
        Self(None)
    }

    fn take(&mut self, item: Interest) -> ControlFlow<()> {
        let before = self.0.replace(item).unwrap_or(item);
        if before == item {
            return ControlFlow::Continue(());
        }
        self.0 = Some(Interest::Sometimes);
        ControlFlow::Break(())
    }

    fn finish(self) -> Option<Interest> {
        self.0
    }
}

/// The most verbose level that a layer wants.
pub(crate) struct Most(Option<LevelFilter>);

impl Reduce for Most {
    type Item = LevelFilter;
    type Output = Option<LevelFilter>;

    fn start() -> Self {
        Self(None)
    }

    fn take(&mut self, item: LevelFilter) -> ControlFlow<()> {
        self.0 = self.0.max(Some(item));
        ControlFlow::Continue(())
    }

    fn finish(self) -> Option<LevelFilter> {
        self.0
    }
}
