//! Guarded calls: a panic or an error is attributed to a plugin.

use std::any::Any;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;

use crate::base::drops::{DropPanic, apart, caught, message, reported};
use crate::base::name::PluginId;
use crate::call::blame::{How, Raised, text_of};
use crate::call::chain::CallErased;
use crate::call::guard::Ended;
use crate::call::local::{LocalCall, LocalChain};
use crate::local::chain::Chain;
use crate::local::slot::Snapshot;
use crate::local::view::View;

/// The failure of a guarded call, on its way out.
#[derive(Default)]
pub(super) struct Blame {
    raised: RefCell<Option<Raised>>,
    /// The first panic of a destructor.
    dropped: RefCell<Option<DropPanic>>,
}

impl Blame {
    /// Runs the implementation at `position`, which fails itself unless it is a wrapper that passes a failure on.
    pub(super) fn watch(&self, position: usize, is_wrapper: bool, work: &mut dyn FnMut()) {
        // What failed before is not inside of it.
        self.nothing_raised();
        if let Err(panic) = catch_unwind(AssertUnwindSafe(work)) {
            self.unwind(position, is_wrapper, panic);
        }
    }

    fn unwind(&self, position: usize, is_wrapper: bool, panic: Box<dyn Any + Send>) -> ! {
        self.raise(position, is_wrapper, How::panicked(&*panic));
        resume_unwind(panic)
    }

    /// Notes that the implementation at `position` returned an error with this text.
    pub(super) fn failed(&self, position: usize, is_wrapper: bool, text: &mut dyn FnMut() -> Option<String>) {
        let text = text_of(text).map(String::into_boxed_str);
        self.raise(position, is_wrapper, How::Failed(text));
    }

    fn raise(&self, position: usize, is_wrapper: bool, how: How) {
        let mut raised = self.raised.borrow_mut();
        if !(is_wrapper && raised.as_ref().is_some_and(|raised| how.passes_on(raised))) {
            *raised = Some(Raised { position, how });
        }
    }

    /// Notes that an implementation succeeded.
    pub(super) fn nothing_raised(&self) {
        *self.raised.borrow_mut() = None;
    }

    /// Returns the position of the implementation that panicked, or returned an error.
    fn blamed(&self, panicked: bool) -> Option<usize> {
        let raised = self.raised.borrow();
        raised.as_ref().filter(|raised| raised.how.is_panic() == panicked).map(|raised| raised.position)
    }

    /// Runs `drops`, which drops values that the call no longer needs.
    pub(super) fn drop_used(&self, drops: &mut dyn FnMut()) {
        let Some(panic) = caught(&|_| (), drops) else { return };
        let mut dropped = self.dropped.borrow_mut();
        let _later = if dropped.is_none() { dropped.replace(panic) } else { Some(panic) };
        // The payload of a later panic is dropped when nothing is borrowed.
        drop(dropped);
    }
}

/// Returns the snapshot of a view, and the first panic of a destructor that ran when it was loaded.
pub(super) fn load<'p>(view: &View<'p>) -> Result<(Rc<Snapshot<'p>>, Option<DropPanic>), DropPanic> {
    let mut snapshot = None;
    let panic = caught(&|_| (), &mut || snapshot = Some(view.load()));
    match (snapshot, panic) {
        (Some(snapshot), panic) => Ok((snapshot, panic)),
        (None, Some(panic)) => Err(panic),
        (None, None) => unreachable!("a load that does not return panics"),
    }
}

/// Makes a guarded call, whose outcome is in `call` if it ends well or with an error.
pub(super) fn run(view: &View<'_>, call: &mut dyn LocalCall) -> Ended {
    let (snapshot, mut dropped) = match load(view) {
        Ok(loaded) => loaded,
        Err(panic) => {
            reported(&|_| (), &mut || (call as &mut dyn CallErased).clear());
            return Ended::DropPanicked(panic);
        }
    };
    let blame = Blame::default();
    let panic = apart(&mut || Chain { snapshot: &snapshot, blame: Some(&blame) }.run_from(0, call)).err();
    let plugin =
        |position: Option<usize>| -> Option<PluginId> { Some(snapshot.all.get(position?)?.plugin().clone()) };
    let ended = match panic {
        Some(panic) => {
            reported(&|_| (), &mut || (call as &mut dyn CallErased).clear());
            Ended::Panicked(plugin(blame.blamed(true)), message(panic))
        }
        None if call.results().outcome().is_error() => Ended::Failed(plugin(blame.blamed(false))),
        None => Ended::Well,
    };
    let mut snapshot = Some(snapshot);
    let released = caught(&|_| (), &mut || snapshot = None);
    dropped = dropped.or(blame.dropped.take()).or(released);
    match (ended, dropped) {
        (Ended::Well, Some(panic)) => {
            reported(&|_| (), &mut || call.results().outcome().clear());
            Ended::DropPanicked(panic)
        }
        (ended, _) => ended,
    }
}
