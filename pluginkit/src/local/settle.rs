//! `settle`: runs every extension separately and returns the outcome of each.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::base::drops::{caught, message, reported};
use crate::call::fold::Flow;
use crate::call::guard::Ended;
use crate::call::local::LocalSettle;
use crate::call::settle::prepare;
use crate::local::guard::load;
use crate::local::implementation::Implementation;
use crate::local::view::View;

/// Settles the extensions of a call.
pub(super) fn settle(view: &View<'_>, call: &mut dyn LocalSettle) {
    let (snapshot, mut dropped) = match load(view) {
        Ok(loaded) => loaded,
        Err(panic) => return call.settle_dropped(&panic),
    };
    let extensions = snapshot.extensions();
    call.reserve(extensions.len());
    let mut has_answer = false;
    for (index, extension) in extensions.iter().enumerate() {
        if has_answer && snapshot.is_default(index) {
            break;
        }
        match settle_extension(extension, index + 1 == extensions.len(), call) {
            Flow::Next => has_answer = true,
            Flow::Pass => {}
            Flow::Done => break,
        }
    }
    let mut snapshot = Some(snapshot);
    let released = caught(&|_| (), &mut || snapshot = None);
    dropped = dropped.or(released);
    if let Some(panic) = dropped {
        call.settle_dropped(&panic);
    }
}

pub(super) fn settle_extension(
    extension: &Implementation<'_>,
    last: bool,
    call: &mut dyn LocalSettle,
) -> Flow {
    let plugin = extension.plugin();
    if let Err(flow) = prepare(plugin, call) {
        return flow;
    }
    let contribution = &extension.contribution;
    let ran = catch_unwind(AssertUnwindSafe(|| {
        let accepted = !contribution.conditional || call.accepts_local(&contribution.object);
        if accepted {
            call.run_local(&contribution.object, last);
        }
        accepted
    }));
    let flow = match ran {
        Ok(false) => Flow::Pass,
        Ok(true) if call.is_error() => call.settle(plugin, Ended::Failed(Some(plugin.clone()))),
        Ok(true) => call.settle(plugin, Ended::Well),
        Err(panic) => {
            reported(&|_| (), &mut || call.drop_held());
            call.settle(plugin, Ended::Panicked(Some(plugin.clone()), message(panic)))
        }
    };
    if let Some(panic) = caught(&|_| (), &mut || call.drop_used()) {
        call.settle_dropped(&panic);
    }
    flow
}
