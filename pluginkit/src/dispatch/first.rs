//! Firstresult: extensions run until one answers.

use crate::dispatch::chain::{Extensions, Visit};
use crate::point::ExtensionPoint;
use crate::returns::{One, Returns};

impl<P: ExtensionPoint> Extensions<'_, P> {
    /// Runs extensions in order until one answers with an item or an error.
    ///
    /// `call` runs one extension, or answers `None` if the visit does not admit it.
    #[inline]
    pub fn first<S, R>(
        self,
        describe: impl Fn(&S::Error) -> String,
        mut call: impl FnMut(&P::Extension, Visit<'_>) -> Option<R>,
    ) -> One<S, R>
    where
        S: Returns<R>,
    {
        if !self.is_plain() {
            return self.first_traced::<S, R>(&describe, &mut call);
        }
        let extensions = &self.chain.extensions;
        for (index, extension) in extensions.iter().enumerate() {
            let visit = Visit::plain(index + 1 == extensions.len());
            match call(extension, visit).map(S::split) {
                None | Some(Ok(None)) => {}
                Some(answer) => return S::lift(answer),
            }
        }
        S::lift(Ok(None))
    }

    #[cold]
    #[inline(never)]
    fn first_traced<S, R>(
        self,
        describe: &dyn Fn(&S::Error) -> String,
        call: &mut dyn FnMut(&P::Extension, Visit<'_>) -> Option<R>,
    ) -> One<S, R>
    where
        S: Returns<R>,
    {
        for index in 0..self.len() {
            let failure = |returned: &R| S::returned_error(returned).map(describe);
            match self.visit(index, failure, &mut *call).map(S::split) {
                None | Some(Ok(None)) => {}
                Some(answer) => return S::lift(answer),
            }
        }
        S::lift(Ok(None))
    }
}
