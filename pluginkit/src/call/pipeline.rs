//! Pipeline: one argument passes through every extension.

use crate::call::arguments::{Arguments, ThreadedArguments};
use crate::call::chain::{Extensions, Plain};
use crate::spec::point::ExtensionPoint;
use crate::spec::returns::{Always, Returns, Threaded};

impl<P: ExtensionPoint> Plain<'_, P> {
    /// Passes the threaded argument through every extension, up to the first error.
    #[inline]
    pub(crate) fn thread<S, R, A>(self, mut args: A) -> Threaded<S, R>
    where
        S: Always<R>,
        A: Arguments<P, R> + ThreadedArguments<S::Item>,
    {
        let mut extensions = self.0;
        while let Some(extension) = extensions.next() {
            match S::value(args.call(extension, extensions.len() == 0)) {
                Ok(changed) => *args.threaded() = Some(changed),
                Err(error) => return S::lift(Err(error)),
            }
        }
        S::lift(Ok(running(&mut args)))
    }

    /// Passes the threaded argument through every extension; one that abstains leaves it as it was.
    #[inline]
    pub(crate) fn thread_optional<S, R, A>(self, mut args: A) -> Threaded<S, R>
    where
        S: Returns<R>,
        A: Arguments<P, R> + ThreadedArguments<S::Item>,
    {
        let mut extensions = self.0;
        while let Some(extension) = extensions.next() {
            match S::split(args.call(extension, extensions.len() == 0)) {
                Ok(Some(changed)) => *args.threaded() = Some(changed),
                Ok(None) => {}
                Err(error) => return S::lift(Err(error)),
            }
        }
        S::lift(Ok(running(&mut args)))
    }
}

impl<P: ExtensionPoint> Extensions<'_, P> {
    /// Passes the threaded argument through every extension, up to the first error.
    ///
    /// An extension takes the running value out of the arguments.
    #[inline]
    pub(crate) fn thread<S, R, A>(self, args: A) -> Threaded<S, R>
    where
        S: Always<R>,
        A: Arguments<P, R> + ThreadedArguments<S::Item>,
    {
        if self.is_plain() {
            return Plain::<P>::of(self.chain.snapshot).thread::<S, R, A>(args);
        }
        self.thread_traced::<S, R, A>(args)
    }

    /// Passes the threaded argument through every extension; one that abstains leaves it as it was.
    ///
    /// An extension gets a copy of the running value.
    #[inline]
    pub(crate) fn thread_optional<S, R, A>(self, args: A) -> Threaded<S, R>
    where
        S: Returns<R>,
        A: Arguments<P, R> + ThreadedArguments<S::Item>,
    {
        if self.is_plain() {
            return Plain::<P>::of(self.chain.snapshot).thread_optional::<S, R, A>(args);
        }
        self.thread_optional_traced::<S, R, A>(args)
    }

    #[cold]
    #[inline(never)]
    fn thread_traced<S, R, A>(self, mut args: A) -> Threaded<S, R>
    where
        S: Always<R>,
        A: Arguments<P, R> + ThreadedArguments<S::Item>,
    {
        for index in 0..self.len() {
            let last = index + 1 == self.len();
            // Of a value that cannot be cloned nothing is left if the extension fails, so that the call ends.
            let spare = if self.spares() { args.spare() } else { None };
            let returned = match spare {
                Some(_) => self.attend::<S, R, A>(index, last, &mut args),
                None => self.visit(index, last, &mut args),
            };
            let Some(returned) = returned else {
                *args.threaded() = args.threaded().take().or(spare);
                continue;
            };
            match S::value(returned) {
                Ok(changed) => *args.threaded() = Some(changed),
                Err(error) => return S::lift(Err(error)),
            }
        }
        S::lift(Ok(running(&mut args)))
    }

    #[cold]
    #[inline(never)]
    fn thread_optional_traced<S, R, A>(self, mut args: A) -> Threaded<S, R>
    where
        S: Returns<R>,
        A: Arguments<P, R> + ThreadedArguments<S::Item>,
    {
        for index in 0..self.len() {
            let Some(returned) = self.attend::<S, R, A>(index, index + 1 == self.len(), &mut args) else {
                continue;
            };
            match S::split(returned) {
                Ok(None) => {}
                Ok(Some(changed)) => *args.threaded() = Some(changed),
                Err(error) => return S::lift(Err(error)),
            }
        }
        S::lift(Ok(running(&mut args)))
    }
}

/// The value that a pipeline ends with.
#[inline]
pub(crate) fn running<T>(args: &mut impl ThreadedArguments<T>) -> T {
    args.threaded().take().expect("an extension that took the running value returned another")
}
