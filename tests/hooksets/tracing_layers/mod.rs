//! The layers and filters of tracing-subscriber, generic in the subscriber that they lie on.
//!
//! The host asks layers for an interest, a level and whether something is enabled. Reducers combine the answers, as the stack
//! of layers does there.

mod calls;
mod plugins;
mod types;

use pluginkit::prelude::*;
use pluginkit::reduce::All;

use types::{Context, Dispatch, Event, Interest, Interests, LevelFilter, Metadata, Most, Subscriber, span};

#[extension_point(project = "tracing")]
pub(crate) trait Layer<S>
where
    S: Subscriber,
{
    fn on_register_dispatch(&self, subscriber: &Dispatch) {}

    fn on_layer(&self, subscriber: &mut S) {}

    /// The host asks `enabled` if no layer answers. A default body has no layer to ask.
    #[extension_point(reduce = Interests)]
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest;

    #[extension_point(reduce = All)]
    fn enabled(&self, metadata: &Metadata<'_>, ctx: Context<'_, S>) -> bool {
        true
    }

    fn on_new_span(&self, attrs: &span::Attributes<'_>, id: &span::Id, ctx: Context<'_, S>) {}

    #[extension_point(reduce = Most)]
    fn max_level_hint(&self) -> Option<LevelFilter> {
        None
    }

    fn on_record(&self, span: &span::Id, values: &span::Record<'_>, ctx: Context<'_, S>) {}

    fn on_follows_from(&self, span: &span::Id, follows: &span::Id, ctx: Context<'_, S>) {}

    #[extension_point(reduce = All)]
    fn event_enabled(&self, event: &Event<'_>, ctx: Context<'_, S>) -> bool {
        true
    }

    fn on_event(&self, event: &Event<'_>, ctx: Context<'_, S>) {}

    fn on_enter(&self, id: &span::Id, ctx: Context<'_, S>) {}

    fn on_exit(&self, id: &span::Id, ctx: Context<'_, S>) {}

    fn on_close(&self, id: span::Id, ctx: Context<'_, S>) {}

    fn on_id_change(&self, old: &span::Id, new: &span::Id, ctx: Context<'_, S>) {}
}

#[extension_point(project = "tracing")]
pub(crate) trait Filter<S> {
    #[extension_point(reduce = All)]
    fn enabled(&self, meta: &Metadata<'_>, cx: &Context<'_, S>) -> bool;

    #[extension_point(reduce = Interests)]
    fn callsite_enabled(&self, meta: &'static Metadata<'static>) -> Interest {
        let _ = meta;
        Interest::Sometimes
    }

    #[extension_point(reduce = All)]
    fn event_enabled(&self, event: &Event<'_>, cx: &Context<'_, S>) -> bool {
        true
    }

    #[extension_point(reduce = Most)]
    fn max_level_hint(&self) -> Option<LevelFilter> {
        None
    }

    fn on_new_span(&self, attrs: &span::Attributes<'_>, id: &span::Id, ctx: Context<'_, S>) {}

    fn on_record(&self, id: &span::Id, values: &span::Record<'_>, ctx: Context<'_, S>) {}

    fn on_enter(&self, id: &span::Id, ctx: Context<'_, S>) {}

    fn on_exit(&self, id: &span::Id, ctx: Context<'_, S>) {}

    fn on_close(&self, id: span::Id, ctx: Context<'_, S>) {}
}
