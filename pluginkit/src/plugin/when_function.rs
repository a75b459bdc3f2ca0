//! [`FunctionPredicate`]: the functions that `when = path` accepts for a function that is a plugin.
#![forbid(unsafe_code)]

use crate::plugin::when::Choose;

/// A predicate over arguments `A`, as [`Predicate`](crate::__private::Predicate) has them, without a plugin.
#[diagnostic::on_unimplemented(
    message = "this is not a predicate for this function",
    label = "expected `fn(…) -> bool` over arguments of the function",
    note = "it takes any arguments of the function, in order; otherwise name them: `when = path(argument)`"
)]
pub trait FunctionPredicate<A, M> {
    /// Returns whether the function runs.
    fn ask(&self, args: A) -> bool;
}

/// Returns whether `predicate` accepts the arguments.
#[inline]
#[allow(clippy::needless_pass_by_value, reason = "a function item has no size")]
pub fn ask_function<A, M>(predicate: impl FunctionPredicate<A, M>, args: A) -> bool {
    predicate.ask(args)
}

#[diagnostic::do_not_recommend]
impl<A, M, F> FunctionPredicate<A, (M,)> for F
where
    F: Fn() -> bool,
    A: Choose<(), M>,
{
    fn ask(&self, args: A) -> bool {
        let () = args.choose();
        self()
    }
}

/// Implements the predicate for functions of some parameters, given as nested pairs and as a list.
macro_rules! predicates {
    ($($pairs:ty, $pattern:pat => $($name:ident: $ty:ident),+;)+) => {$(
        #[diagnostic::do_not_recommend]
        impl<A, M, F, $($ty),+> FunctionPredicate<A, (M, $($ty),+)> for F
        where
            F: Fn($($ty),+) -> bool,
            A: Choose<$pairs, M>,
        {
            fn ask(&self, args: A) -> bool {
                let $pattern = args.choose();
                self($($name),+)
            }
        }
    )+};
}

predicates! {
    (P, ()), (p, ()) => p: P;
    (P, (Q, ())), (p, (q, ())) => p: P, q: Q;
    (P, (Q, (R, ()))), (p, (q, (r, ()))) => p: P, q: Q, r: R;
    (P, (Q, (R, (S, ())))), (p, (q, (r, (s, ())))) => p: P, q: Q, r: R, s: S;
    (P, (Q, (R, (S, (U, ()))))), (p, (q, (r, (s, (u, ()))))) => p: P, q: Q, r: R, s: S, u: U;
    (P, (Q, (R, (S, (U, (V, ())))))), (p, (q, (r, (s, (u, (v, ())))))) => p: P, q: Q, r: R, s: S, u: U, v: V;
}
