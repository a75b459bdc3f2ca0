//! Layers and filters in the manner of those that people write.

use pluginkit::prelude::*;
use pluginkit_tests::Log;

use super::types::{Context, Dispatch, Event, Interest, LevelFilter, Metadata, Registry, Subscriber, span};
use super::{Filter, Layer};

/// Writes what happens, on any subscriber.
pub(crate) struct Fmt(pub(crate) Log);

#[extension]
impl<S: Subscriber> Layer<S> for Fmt {
    fn on_register_dispatch(&self, subscriber: &Dispatch) {
        self.0.push(format!("dispatch to {}", subscriber.0));
    }

    fn on_layer(&self, subscriber: &mut S) {
        subscriber.layered("fmt");
    }

    fn on_new_span(&self, attrs: &span::Attributes<'_>, id: &span::Id, ctx: Context<'_, S>) {
        self.0.push(format!("new {} is {}", attrs.name, ctx.name(id)));
    }

    fn on_record(&self, span: &span::Id, values: &span::Record<'_>, ctx: Context<'_, S>) {
        self.0.push(format!("{} {:?}", ctx.name(span), values.values));
    }

    fn on_follows_from(&self, span: &span::Id, follows: &span::Id, ctx: Context<'_, S>) {
        self.0.push(format!("{} follows {}", ctx.name(span), ctx.name(follows)));
    }

    fn on_event(&self, event: &Event<'_>, ctx: Context<'_, S>) {
        let last = if ctx.0.is_some() { "" } else { " outside" };
        self.0.push(format!("{}: {}{last}", event.metadata.target, event.message));
    }

    fn on_enter(&self, id: &span::Id, ctx: Context<'_, S>) {
        self.0.push(format!("enter {}", ctx.name(id)));
    }

    fn on_exit(&self, id: &span::Id, ctx: Context<'_, S>) {
        self.0.push(format!("exit {}", ctx.name(id)));
    }

    fn on_close(&self, id: span::Id, ctx: Context<'_, S>) {
        self.0.push(format!("close {}", ctx.name(&id)));
    }

    fn on_id_change(&self, old: &span::Id, new: &span::Id, ctx: Context<'_, S>) {
        self.0.push(format!("{} is {} now", ctx.name(old), ctx.name(new)));
    }
}

/// Lets nothing through that is more verbose than a level. A layer of one subscriber.
pub(crate) struct Level(pub(crate) LevelFilter);

#[extension]
impl Layer<Registry> for Level {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if metadata.level <= self.0 { Interest::Always } else { Interest::Never }
    }

    fn enabled(&self, metadata: &Metadata<'_>, ctx: Context<'_, Registry>) -> bool {
        metadata.level <= self.0 || ctx.0.is_none()
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.0)
    }

    fn event_enabled(&self, event: &Event<'_>) -> bool {
        !event.message.is_empty()
    }
}

/// Counts the layers below it, in itself.
#[derive(Default)]
pub(crate) struct Depth {
    pub(crate) below: usize,
}

#[extension(local)]
impl Layer<Registry> for Depth {
    fn on_layer(&mut self, subscriber: &mut Registry) {
        self.below = subscriber.layers.len();
        subscriber.layers.push("depth");
    }
}

/// Lets through what one target tells, and follows its spans.
pub(crate) struct Target {
    pub(crate) name: &'static str,
    pub(crate) log: Log,
}

#[extension]
impl<S: Subscriber> Filter<S> for Target {
    fn enabled(&self, meta: &Metadata<'_>, cx: &Context<'_, S>) -> bool {
        meta.target == self.name || cx.0.is_none()
    }

    fn callsite_enabled(&self, meta: &'static Metadata<'static>) -> Interest {
        if meta.target == self.name { Interest::Always } else { Interest::Never }
    }

    fn event_enabled(&self, event: &Event<'_>) -> bool {
        event.metadata.target == self.name
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        (self.name != "*").then_some(LevelFilter::Info)
    }

    fn on_new_span(&self, attrs: &span::Attributes<'_>, id: &span::Id, ctx: Context<'_, S>) {
        self.log.push(format!("{} filters {} as {}", self.name, attrs.name, ctx.name(id)));
    }

    fn on_record(&self, id: &span::Id, values: &span::Record<'_>, ctx: Context<'_, S>) {
        self.log.push(format!("{} of {}", values.values.len(), ctx.name(id)));
    }

    fn on_enter(&self, id: &span::Id, ctx: Context<'_, S>) {
        self.log.push(format!("in {}", ctx.name(id)));
    }

    fn on_exit(&self, id: &span::Id, ctx: Context<'_, S>) {
        self.log.push(format!("out of {}", ctx.name(id)));
    }

    fn on_close(&self, id: span::Id, ctx: Context<'_, S>) {
        self.log.push(format!("end of {}", ctx.name(&id)));
    }
}
