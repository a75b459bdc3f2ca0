//! Guarded calls: a panic or an error is attributed to a plugin.

use std::any::Any;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;

use crate::base::drops::{DropPanic, apart, caught, message, reported};
use crate::base::name::PluginId;
use crate::call::around::Host;
use crate::call::blame::{How, NOBODY, Raised, text_of};
use crate::call::chain::Clear;
use crate::call::guard::Ended;
use crate::call::local::{LocalCall, LocalChain};
use crate::local::chain::Chain;
use crate::local::slot::Snapshot;
use crate::local::view::View;

/// The failures of a guarded call, on their way out.
#[derive(Default)]
pub(super) struct Blame {
    /// Those within the wrappers that are running. A wrapper may run its rest again, and pass on the failure of any run.
    raised: RefCell<Vec<Raised>>,
    /// The first panic of a destructor.
    dropped: RefCell<Option<DropPanic>>,
}

/// The number of failures before an implementation runs.
#[derive(Clone, Copy)]
pub(super) struct Mark(usize);

impl Blame {
    /// The most failures in a row that are kept of one implementation.
    const MOST: usize = 32;

    pub(super) fn mark(&self) -> Mark {
        Mark(self.raised.borrow().len())
    }

    /// Runs the implementation at `position`.
    pub(super) fn watch(&self, mark: Mark, position: usize, is_wrapper: bool, work: &mut dyn FnMut()) {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(work)) {
            self.unwind(mark, position, is_wrapper, panic);
        }
    }

    /// Runs code of the host.
    pub(super) fn of_host(&self, work: &mut dyn FnMut()) {
        self.watch(self.mark(), NOBODY, false, work);
    }

    fn unwind(&self, mark: Mark, position: usize, is_wrapper: bool, panic: Box<dyn Any + Send>) -> ! {
        self.raise(mark, position, is_wrapper, How::panicked(&*panic));
        resume_unwind(panic)
    }

    /// Notes that the implementation at `position` returned an error with this text.
    pub(super) fn failed(
        &self,
        mark: Mark,
        position: usize,
        is_wrapper: bool,
        text: &mut dyn FnMut() -> Option<String>,
    ) {
        let text = text_of(text).map(String::into_boxed_str);
        self.raise(mark, position, is_wrapper, How::Failed(text));
    }

    /// Notes a failure: the own one of an implementation, or one within a wrapper that passes it on.
    fn raise(&self, Mark(mark): Mark, position: usize, is_wrapper: bool, how: How) {
        let mut raised = self.raised.borrow_mut();
        let inside = raised.get(mark..).unwrap_or_default().iter().rposition(|raised| how.passes_on(raised));
        let raise = match inside.filter(|_| is_wrapper) {
            Some(at) => raised.swap_remove(mark + at),
            None => Raised { position, how },
        };
        if is_wrapper {
            raised.truncate(mark);
        }
        let same = raised.iter().rev().take_while(|other| other.position == position).count();
        if same >= Self::MOST {
            let oldest = raised.len() - same;
            raised.remove(oldest);
        }
        raised.push(raise);
    }

    /// Notes that a wrapper has succeeded.
    pub(super) fn forget(&self, Mark(mark): Mark) {
        self.raised.borrow_mut().truncate(mark);
    }

    /// Returns the position of the implementation that panicked, or returned an error.
    fn blamed(&self, panicked: bool) -> Option<usize> {
        let raised = self.raised.borrow();
        raised.last().filter(|raised| raised.how.is_panic() == panicked).map(|raised| raised.position)
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

/// Makes a guarded call, whose outcome is in `call` if it ends well or with an error. Work of a `host` runs in the place of
/// the extensions.
pub(super) fn run(view: &View<'_>, call: &mut dyn LocalCall, host: Option<&dyn Host>) -> Ended {
    let (snapshot, mut dropped) = match load(view) {
        Ok(loaded) => loaded,
        Err(panic) => {
            reported(&|_| (), &mut || call.clear_all());
            return Ended::DropPanicked(panic);
        }
    };
    let blame = Blame::default();
    let panic =
        apart(&mut || Chain { snapshot: &snapshot, blame: Some(&blame), host }.run_from(0, call)).err();
    let plugin =
        |position: Option<usize>| -> Option<PluginId> { Some(snapshot.all.get(position?)?.plugin().clone()) };
    let ended = match panic {
        Some(panic) => {
            reported(&|_| (), &mut || call.clear_all());
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
