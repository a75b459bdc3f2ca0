//! The documentation of generated items.
//!
//! Expansions insert it as strings. A literal within `quote!` is parsed anew for each point.

pub(super) const NEXT: &str = "The rest of the call that a wrapper runs around.";
pub(super) const ASYNC_NEXT: &str = "The rest of the call that an async wrapper runs around.";
pub(super) const RUN: &str = "Runs the rest of the call and returns its outcome.";
pub(super) const CLONE: &str = "Returns a `next` that runs the rest of the call once more.";
pub(super) const CALL: &str = "Calls the point and returns the outcome. A panic unwinds to the caller.";
pub(super) const ASYNC_CALL: &str = "\
    Calls the point and returns the outcome. A panic unwinds to the code that polls the future.";
pub(super) const TRY_CALL: &str = "\
    Calls the point and returns the outcome. A panic, an error or an overrun becomes an error that names the \
    plugin.";
pub(super) const CALL_BLOCKING: &str = "\
    Calls the point from sync code and waits for the outcome. In async code, it returns an error.\
    \n\nIt does not drive the runtime that it waits on. A current-thread runtime needs another thread that drives \
    it: otherwise, an extension that waits for a timer, a socket or a task waits for ever.";
pub(super) const CALL_CONCURRENT: &str = "\
    Calls the point and runs its extensions concurrently, or as many as `concurrency` allows.\
    \n\nThe results are in call order. The first error that arrives ends the call and drops the other extensions. \
    In a call with a reducer, an error waits for the extensions before it, which may end the call, too.";
pub(super) const TRY_CALL_CONCURRENT: &str = "\
    Does the same as `call_concurrent`. A panic, an error or an overrun becomes an error that names the \
    plugin.";
pub(super) const CALL_AROUND: &str = "\
    Runs the closure inside the wrappers of the point, in the place of its extensions, and returns the \
    outcome.\
    \n\nIt is a closure `|args| …` that returns the outcome of a call, and may borrow. `args` has a field for \
    each argument, as the wrappers pass them on. A wrapper may run the closure several times, or not at all.";
pub(super) const ASYNC_CALL_AROUND: &str = "\
    Runs the closure inside the wrappers of the point, in the place of its extensions, and returns the \
    outcome.\
    \n\nIt is a closure `|host, args, slot| slot.put(async move { … })`, whose future returns the outcome of a \
    call. The future may borrow from `host`, which is passed on: a reference to anything, also to a tuple of \
    references. `args` has a field for each argument, as the wrappers pass them on. A wrapper may run the \
    closure several times, also at once, or not at all.";
pub(super) const TRY_CALL_AROUND: &str = "\
    Does the same as `call_around`. A panic, an error or an overrun becomes an error that names the plugin, \
    or none if the closure has failed.";
pub(super) const SETTLE: &str = "\
    Runs every extension and returns the outcome of each. Wrappers take no part.";
pub(super) const RESULTS: &str = "\
    Returns the results one by one: an extension runs when its result is requested. Wrappers take no part.";
pub(super) const CALL_HISTORIC: &str = "\
    Calls the current extensions and returns the outcome. The call is remembered for later plugins.";
pub(super) const TRY_CALL_HISTORIC: &str = "\
    Calls the current extensions until one fails. A panic, an error or an overrun becomes an error that names \
    the plugin. The call is remembered for later plugins if no extension fails.";
pub(super) const SETTLE_HISTORIC: &str = "\
    Runs every current extension and returns the outcome of each. The call is remembered for later plugins.";
pub(super) const CALL_HISTORIC_WITH: &str = "\
    Calls the current extensions and passes each result to the last argument.\
    \n\nThe call is remembered for later plugins. Results are passed on when all extensions have run. Replays \
    pass their results on too.";
