//! The steps, in the order of the tour.

use crate::host::{Document, Outcome};

mod arguments;
mod collecting;
mod conditions;
mod errors;
mod extras;
mod firstresult;
mod generic;
mod guarded;
mod historic;
mod lazy;
mod manual;
mod observe;
mod options;
mod ordering;
mod pipeline;
mod registry;
mod wrappers;

/// One step: it runs alone, on its own manager.
#[derive(Clone, Copy)]
pub(crate) struct Step {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) run: fn(&Document) -> Outcome,
}

const fn step(name: &'static str, about: &'static str, run: fn(&Document) -> Outcome) -> Step {
    Step { name, about, run }
}

pub(crate) const STEPS: &[Step] = &[
    step("collecting", "every plugin answers, the call returns all answers", collecting::run),
    step("options", "answers that are left out, that fail, and calls without an answer", options::run),
    step("firstresult", "the first plugin that knows decides", firstresult::run),
    step("pipeline", "one value passes through every plugin", pipeline::run),
    step("arguments", "what plugins take, edit and borrow", arguments::run),
    step("ordering", "who runs before whom", ordering::run),
    step("wrappers", "plugins that run around the others", wrappers::run),
    step("historic", "calls that later plugins get too", historic::run),
    step("conditions", "plugins that take part only sometimes", conditions::run),
    step("extras", "one-off functions, for one caller or for all", extras::run),
    step("lazy", "plugins that run only when their answer is asked for", lazy::run),
    step("guarded", "panics, errors and overruns that name their plugin", guarded::run),
    step("observe", "watching every call and every plugin", observe::run),
    step("registry", "who is registered, and changing that", registry::run),
    step("generic", "one generic plugin type for many plugins", generic::run),
    step("manual", "an extension point without macros", manual::run),
    step("errors", "what each refusal reads like", errors::run),
];
