//! Firstresult: extensions run until one answers.

use crate::arguments::Arguments;
use crate::dispatch::chain::Extensions;
use crate::point::ExtensionPoint;
use crate::returns::{One, Returns};

impl<P: ExtensionPoint> Extensions<'_, P> {
    /// Runs extensions in order until one answers with an item or an error.
    #[inline]
    pub fn first<S, R, A>(self, mut args: A) -> One<S, R>
    where
        S: Returns<R>,
        A: Arguments<P, R>,
    {
        if !self.is_plain() {
            return self.first_traced::<S, R, A>(&mut args);
        }
        let extensions = self.chain.extensions;
        for (index, extension) in extensions.iter().enumerate() {
            match S::split(args.call(extension, index + 1 == extensions.len())) {
                Ok(None) => {}
                answer => return S::lift(answer),
            }
        }
        S::lift(Ok(None))
    }

    #[cold]
    #[inline(never)]
    fn first_traced<S, R, A>(self, args: &mut A) -> One<S, R>
    where
        S: Returns<R>,
        A: Arguments<P, R>,
    {
        for index in 0..self.len() {
            match self.visit(index, index + 1 == self.len(), args).map(S::split) {
                None | Some(Ok(None)) => {}
                Some(answer) => return S::lift(answer),
            }
        }
        S::lift(Ok(None))
    }
}
