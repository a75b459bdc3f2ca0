//! Firstresult: extensions run until one answers.

use crate::arguments::Arguments;
use crate::dispatch::chain::{Extensions, Plain};
use crate::point::ExtensionPoint;
use crate::returns::{One, Returns};

impl<P: ExtensionPoint> Plain<'_, P> {
    /// Runs extensions in order until one answers with an item or an error.
    #[inline]
    pub(crate) fn first<S, R, A>(self, mut args: A) -> One<S, R>
    where
        S: Returns<R>,
        A: Arguments<P, R>,
    {
        let mut left = self.0.len();
        for extension in self.0.iter() {
            left -= 1;
            match S::split(args.call(extension, left == 0)) {
                Ok(None) => {}
                answer => return S::lift(answer),
            }
        }
        S::lift(Ok(None))
    }
}

impl<P: ExtensionPoint> Extensions<'_, P> {
    /// Runs extensions in order until one answers with an item or an error.
    #[inline]
    pub fn first<S, R, A>(self, mut args: A) -> One<S, R>
    where
        S: Returns<R>,
        A: Arguments<P, R>,
    {
        match self.plain() {
            Some(extensions) => extensions.first::<S, R, A>(args),
            None => self.first_traced::<S, R, A>(&mut args),
        }
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
