//! [`Chain`]: the wrappers and extensions that one call runs, and the loop over them.
//!
//! It uses no type of a point and is compiled once.

use crate::call::around::Host;
use crate::call::blame::NOBODY;
use crate::call::chain::Clearing;
use crate::call::fold::{Flow, ValueStep};
use crate::call::local::{LocalCall, LocalChain};
use crate::local::guard::Blame;
use crate::local::implementation::Implementation;
use crate::local::slot::Snapshot;

/// The implementations of one call, in call order.
pub(super) struct Chain<'c, 'p> {
    pub(super) snapshot: &'c Snapshot<'p>,
    /// What a guarded call records.
    pub(super) blame: Option<&'c Blame>,
    /// The work of the host that runs in the place of the extensions.
    pub(super) host: Option<&'c dyn Host>,
}

impl LocalChain for Chain<'_, '_> {
    fn run_from(&self, depth: usize, call: &mut dyn LocalCall) {
        let mut call = Clearing::new(call);
        self.run_rest(depth, call.call);
        call.end();
    }

    fn host(&self) -> Option<&dyn Host> {
        self.host
    }
}

impl<'p> Chain<'_, 'p> {
    /// Wrappers may nest a thousand deep, each with a frame of this function. So it has few variables.
    fn run_rest(&self, depth: usize, call: &mut dyn LocalCall) {
        match self.next_wrapper(depth, call) {
            None => match self.host {
                None => self.run_extensions(call),
                Some(host) => self.run_host(host, call),
            },
            Some(position) => match self.blame {
                None => self.wrap(position, call),
                Some(blame) => {
                    let mark = blame.mark();
                    blame.watch(mark, position, true, &mut || self.wrap(position, call));
                    if call.results().outcome().is_error() {
                        blame.failed(mark, position, true, &mut || call.outcome_text());
                    } else {
                        blame.forget(mark);
                    }
                }
            },
        }
    }

    fn wrap(&self, position: usize, call: &mut dyn LocalCall) {
        call.wrap_local(&self.snapshot.all[position].contribution.object, self, position + 1);
    }

    /// Runs the work of `host` and sets the outcome. Its failure is that of no plugin.
    #[cold]
    #[inline(never)]
    fn run_host(&self, host: &dyn Host, call: &mut dyn LocalCall) {
        let depth = self.snapshot.wrappers;
        let Some(blame) = self.blame else { return call.wrap_host(host, self, depth) };
        blame.of_host(&mut || call.wrap_host(host, self, depth));
        if call.results().outcome().is_error() {
            blame.failed(blame.mark(), NOBODY, false, &mut || call.outcome_text());
        }
    }

    /// Returns the position of the first wrapper from `depth` on that accepts the call.
    fn next_wrapper(&self, depth: usize, call: &mut dyn LocalCall) -> Option<usize> {
        (depth..self.snapshot.wrappers).find(|&position| {
            let wrapper = &self.snapshot.all[position].contribution;
            !wrapper.conditional
                || self.watched(position, &mut || call.accepts_wrapper_local(&wrapper.object))
        })
    }

    /// Runs plugin code that answers a question.
    fn watched(&self, position: usize, ask: &mut dyn FnMut() -> bool) -> bool {
        let Some(blame) = self.blame else { return ask() };
        let mut answer = false;
        // A panic of a predicate is one of its plugin.
        blame.watch(blame.mark(), position, false, &mut || answer = ask());
        answer
    }

    /// Runs the extensions until the call ends, and sets the outcome.
    fn run_extensions(&self, call: &mut dyn LocalCall) {
        let extensions = self.snapshot.extensions();
        call.results().start(extensions.len());
        let mut has_answer = false;
        for (index, extension) in extensions.iter().enumerate() {
            if has_answer && self.snapshot.is_default(index) {
                break;
            }
            let ran =
                self.run(self.snapshot.wrappers + index, index + 1 == extensions.len(), extension, call);
            match self.take(ran, self.snapshot.wrappers + index, call) {
                Flow::Next => has_answer = true,
                Flow::Pass => {}
                Flow::Done => break,
            }
        }
        self.finish(call);
    }

    /// Runs an extension, if its predicate accepts the call. Returns whether it ran.
    fn run(
        &self,
        position: usize,
        last: bool,
        extension: &Implementation<'p>,
        call: &mut dyn LocalCall,
    ) -> bool {
        let contribution = &extension.contribution;
        let mut run = || {
            if contribution.conditional && !call.accepts_local(&contribution.object) {
                return false;
            }
            call.run_local(&contribution.object, last);
            true
        };
        match self.blame {
            None => run(),
            Some(_) => self.watched(position, &mut run),
        }
    }

    /// Takes in the held result of an extension, if it `ran`.
    fn take(&self, ran: bool, position: usize, call: &mut dyn LocalCall) -> Flow {
        if !ran {
            self.run_value(ValueStep::Restore, call);
            return Flow::Pass;
        }
        let flow = call.results().take();
        self.run_value(ValueStep::Lend, call);
        flow.unwrap_or_else(|| {
            if let Some(blame) = self.blame {
                blame.failed(blame.mark(), position, false, &mut || call.outcome_text());
            }
            self.drop_used(&mut || call.results().drop_taken());
            Flow::Done
        })
    }

    /// Sets the outcome, if there is none, and drops the arguments.
    fn finish(&self, call: &mut dyn LocalCall) {
        self.run_value(ValueStep::Reclaim, call);
        match self.blame {
            None => call.results().finish(),
            // A reducer is code of the host: its panic is that of no plugin.
            Some(blame) => blame.of_host(&mut || call.results().finish()),
        }
        self.drop_used(&mut || call.drop_args());
    }

    /// Moves the running value of a pipeline, and drops the values that it leaves behind.
    fn run_value(&self, step: ValueStep, call: &mut dyn LocalCall) {
        if call.running(step) {
            self.drop_used(&mut || {
                call.running(ValueStep::Drop);
            });
        }
    }

    /// Runs `drops`, which drops values that the call no longer needs.
    fn drop_used(&self, drops: &mut dyn FnMut()) {
        match self.blame {
            None => drops(),
            Some(blame) => blame.drop_used(drops),
        }
    }
}
