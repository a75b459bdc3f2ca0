//! What the handle of a point of a sync manager offers, per mode.

use crate::call::CallError;
use crate::call::arguments::{Arguments, ThreadedArguments, WrapArguments};
use crate::call::caller::Handle;
use crate::call::chain::{Chain, Plain};
use crate::call::next::Rest;
use crate::call::release::{Loaded, Outcome};
use crate::spec::point::ExtensionPoint;
use crate::spec::returns::{Always, Many, One, Returns, Threaded};

macro_rules! calls {
    ($(#[$docs:meta])* $mode:ident $guarded:ident $outcome:ident<$success:ty> $returns:ident $discard:path [$($threaded:tt)*]) => {
        impl<P: ExtensionPoint> Handle<P> {
            $(#[$docs])*
            #[inline]
            pub fn $mode<S, R, A>(&self, args: A) -> $outcome<S, R>
            where
                S: $returns<R>,
                A: Arguments<P, R> + WrapArguments<P, $outcome<S, R>> $($threaded)*,
            {
                let snapshot = self.seen.load();
                let outcome = if snapshot.plain {
                    Plain::<P>::of(&snapshot).$mode::<S, R, A>(args)
                } else {
                    Chain::<P>::new(&snapshot).call(args, |rest, args| rest.$mode::<S, R, A>(args))
                };
                // A destructor may panic here. The compiler drops a variable then, and leaks a value that is returned.
                let outcome = Outcome::<S, R, $success>::new(outcome, $discard);
                drop(snapshot);
                outcome.into_inner()
            }

            $(#[$docs])*
            ///
            /// A panic, an error or an overrun names its plugin. A sync call cannot be interrupted: an
            /// implementation over its timeout is reported when it returns.
            ///
            /// # Errors
            ///
            /// What stopped the call, and whose it is.
            pub fn $guarded<S, R, A>(&self, args: A) -> Result<$success, CallError<S::Error>>
            where
                S: $returns<R>,
                A: Arguments<P, R> + WrapArguments<P, $outcome<S, R>> $($threaded)*,
            {
                let loaded = Loaded::by(|| self.seen.load());
                let loaded = loaded.map_err(|panic| CallError::dropped(&panic, P::INFO))?;
                let chain = Chain::<P>::new(&loaded.snapshot);
                let run = |rest: Rest<'_, P>, args| rest.$mode::<S, R, A>(args);
                let outcome = chain.try_call::<S, R, $success, A>(args, run, $discard);
                loaded.conclude(P::INFO, outcome, $discard)
            }
        }
    };
}

calls! {
    /// A collecting call.
    collect try_collect Many<S::All> Returns S::discard []
}
calls! {
    /// A firstresult call.
    first try_first One<Option<S::Item>> Returns drop []
}
calls! {
    /// A call of a pipeline whose extensions always return the next value.
    thread try_thread Threaded<S::Item> Always drop [+ ThreadedArguments<S::Item>]
}
calls! {
    /// A call of a pipeline whose extensions may abstain.
    thread_optional try_thread_optional Threaded<S::Item> Returns drop [+ ThreadedArguments<S::Item>]
}
