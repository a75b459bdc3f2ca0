//! Pipeline: one argument passes through every extension.

use crate::dispatch::chain::{Extensions, Visit};
use crate::point::ExtensionPoint;
use crate::returns::{Always, Returns, Threaded};

/// Runs one extension on a running value.
type Step<'s, P, V, O> = dyn FnMut(&<P as ExtensionPoint>::Extension, Visit<'_>, V) -> O + 's;

/// Runs one extension on a copy of a running value.
type Look<'s, P, V, O> = dyn FnMut(&<P as ExtensionPoint>::Extension, Visit<'_>, &V) -> O + 's;

impl<P: ExtensionPoint> Extensions<'_, P> {
    /// Passes `value` through every extension, up to the first error.
    ///
    /// `call` runs one extension on the running value, or gives it back as the `Err` if the visit
    /// does not admit the extension.
    #[inline]
    pub fn thread<S, R>(
        self,
        describe: impl Fn(&S::Error) -> String,
        mut value: S::Item,
        mut call: impl FnMut(&P::Extension, Visit<'_>, S::Item) -> Result<R, S::Item>,
    ) -> Threaded<S, R>
    where
        S: Always<R>,
    {
        if !self.is_plain() {
            return self.thread_traced::<S, R>(&describe, value, &mut call);
        }
        let extensions = &self.chain.extensions;
        for (index, extension) in extensions.iter().enumerate() {
            let visit = Visit::plain(index + 1 == extensions.len());
            value = match call(extension, visit, value).map(S::value) {
                Err(unchanged) => unchanged,
                Ok(Ok(value)) => value,
                Ok(Err(error)) => return S::lift(Err(error)),
            };
        }
        S::lift(Ok(value))
    }

    /// Passes `value` through every extension; one that abstains leaves it as it was.
    ///
    /// `call` runs one extension on a copy of the running value, or answers `None` if the visit does
    /// not admit the extension.
    #[inline]
    pub fn thread_optional<S, R>(
        self,
        describe: impl Fn(&S::Error) -> String,
        mut value: S::Item,
        mut call: impl FnMut(&P::Extension, Visit<'_>, &S::Item) -> Option<R>,
    ) -> Threaded<S, R>
    where
        S: Returns<R>,
    {
        if !self.is_plain() {
            return self.thread_optional_traced::<S, R>(&describe, value, &mut call);
        }
        let extensions = &self.chain.extensions;
        for (index, extension) in extensions.iter().enumerate() {
            let visit = Visit::plain(index + 1 == extensions.len());
            match call(extension, visit, &value).map(S::split) {
                None | Some(Ok(None)) => {}
                Some(Ok(Some(changed))) => value = changed,
                Some(Err(error)) => return S::lift(Err(error)),
            }
        }
        S::lift(Ok(value))
    }

    #[cold]
    #[inline(never)]
    fn thread_traced<S, R>(
        self,
        describe: &dyn Fn(&S::Error) -> String,
        mut value: S::Item,
        call: &mut Step<'_, P, S::Item, Result<R, S::Item>>,
    ) -> Threaded<S, R>
    where
        S: Always<R>,
    {
        for index in 0..self.len() {
            let failure = |returned: &R| S::returned_error(returned).map(describe);
            let mut unchanged = None;
            let returned = self.visit(index, failure, |extension, visit| {
                call(extension, visit, value).map_err(|value| unchanged = Some(value)).ok()
            });
            value = match (returned.map(S::value), unchanged) {
                (Some(Ok(value)), _) | (None, Some(value)) => value,
                (Some(Err(error)), _) => return S::lift(Err(error)),
                (None, None) => unreachable!("an extension that declines gives the value back"),
            };
        }
        S::lift(Ok(value))
    }

    #[cold]
    #[inline(never)]
    fn thread_optional_traced<S, R>(
        self,
        describe: &dyn Fn(&S::Error) -> String,
        mut value: S::Item,
        call: &mut Look<'_, P, S::Item, Option<R>>,
    ) -> Threaded<S, R>
    where
        S: Returns<R>,
    {
        for index in 0..self.len() {
            let failure = |returned: &R| S::returned_error(returned).map(describe);
            match self.visit(index, failure, |extension, visit| call(extension, visit, &value)).map(S::split)
            {
                None | Some(Ok(None)) => {}
                Some(Ok(Some(changed))) => value = changed,
                Some(Err(error)) => return S::lift(Err(error)),
            }
        }
        S::lift(Ok(value))
    }
}
