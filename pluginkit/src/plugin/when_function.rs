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

#[diagnostic::do_not_recommend]
impl<A, M, F, P> FunctionPredicate<A, (M, P)> for F
where
    F: Fn(P) -> bool,
    A: Choose<(P, ()), M>,
{
    fn ask(&self, args: A) -> bool {
        let (p, ()) = args.choose();
        self(p)
    }
}

#[diagnostic::do_not_recommend]
impl<A, M, F, P, Q> FunctionPredicate<A, (M, P, Q)> for F
where
    F: Fn(P, Q) -> bool,
    A: Choose<(P, (Q, ())), M>,
{
    fn ask(&self, args: A) -> bool {
        let (p, (q, ())) = args.choose();
        self(p, q)
    }
}

#[diagnostic::do_not_recommend]
impl<A, M, F, P, Q, R> FunctionPredicate<A, (M, P, Q, R)> for F
where
    F: Fn(P, Q, R) -> bool,
    A: Choose<(P, (Q, (R, ()))), M>,
{
    fn ask(&self, args: A) -> bool {
        let (p, (q, (r, ()))) = args.choose();
        self(p, q, r)
    }
}

#[diagnostic::do_not_recommend]
impl<A, M, F, P, Q, R, S> FunctionPredicate<A, (M, P, Q, R, S)> for F
where
    F: Fn(P, Q, R, S) -> bool,
    A: Choose<(P, (Q, (R, (S, ())))), M>,
{
    fn ask(&self, args: A) -> bool {
        let (p, (q, (r, (s, ())))) = args.choose();
        self(p, q, r, s)
    }
}

#[diagnostic::do_not_recommend]
impl<A, M, F, P, Q, R, S, U> FunctionPredicate<A, (M, P, Q, R, S, U)> for F
where
    F: Fn(P, Q, R, S, U) -> bool,
    A: Choose<(P, (Q, (R, (S, (U, ()))))), M>,
{
    #[allow(clippy::many_single_char_names, reason = "one letter for each parameter, as its type has")]
    fn ask(&self, args: A) -> bool {
        let (p, (q, (r, (s, (u, ()))))) = args.choose();
        self(p, q, r, s, u)
    }
}

#[diagnostic::do_not_recommend]
impl<A, M, F, P, Q, R, S, U, V> FunctionPredicate<A, (M, P, Q, R, S, U, V)> for F
where
    F: Fn(P, Q, R, S, U, V) -> bool,
    A: Choose<(P, (Q, (R, (S, (U, (V, ())))))), M>,
{
    #[allow(clippy::many_single_char_names, reason = "one letter for each parameter, as its type has")]
    fn ask(&self, args: A) -> bool {
        let (p, (q, (r, (s, (u, (v, ())))))) = args.choose();
        self(p, q, r, s, u, v)
    }
}
