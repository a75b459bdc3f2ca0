//! Firstresult: extensions run until one answers.

use crate::call::arguments::Arguments;
use crate::call::chain::{Extensions, Plain};
use crate::spec::point::ExtensionPoint;
use crate::spec::returns::{One, Returns};

impl<P: ExtensionPoint> Plain<'_, P> {
    /// Runs extensions in order until one answers with an item or an error.
    #[inline]
    pub(crate) fn first<S, R, A>(self, mut args: A) -> One<S, R>
    where
        S: Returns<R>,
        A: Arguments<P, R>,
    {
        let mut extensions = self.0;
        while let Some(extension) = extensions.next() {
            match S::split(args.call(extension, extensions.len() == 0)) {
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
    pub(crate) fn first<S, R, A>(self, mut args: A) -> One<S, R>
    where
        S: Returns<R>,
        A: Arguments<P, R>,
    {
        if self.is_plain() {
            return Plain::<P>::of(self.chain.snapshot).first::<S, R, A>(args);
        }
        self.first_traced::<S, R, A>(&mut args)
    }

    #[cold]
    #[inline(never)]
    fn first_traced<S, R, A>(self, args: &mut A) -> One<S, R>
    where
        S: Returns<R>,
        A: Arguments<P, R>,
    {
        for index in 0..self.len() {
            let Some(returned) = self.attend::<S, R, A>(index, index + 1 == self.len(), args) else {
                continue;
            };
            match S::split(returned) {
                Ok(None) => {}
                answer => return S::lift(answer),
            }
        }
        S::lift(Ok(None))
    }
}
