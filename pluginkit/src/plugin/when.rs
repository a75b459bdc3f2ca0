//! [`Predicate`]: the functions that `when = path` accepts.
#![forbid(unsafe_code)]
#![expect(clippy::many_single_char_names, reason = "the arguments have the names of their types")]

use std::marker::PhantomData;
use std::sync::Arc;

/// A predicate over a plugin `T` and arguments `A`: nested pairs, `(&first, (&second, ()))`.
///
/// A predicate takes any of the arguments, in their order. The compiler infers its choice of arguments and their types as
/// `M`.
#[diagnostic::on_unimplemented(
    message = "this is not a predicate for this extension",
    label = "expected `fn(&Self, …) -> bool` over arguments of the extension",
    note = "it takes the plugin and any arguments of the extension, in order; otherwise name them: `when = path(argument)`"
)]
pub trait Predicate<T, A, M> {
    /// Returns whether the extension runs.
    fn ask(&self, this: &T, args: A) -> bool;
}

/// Returns whether `predicate` accepts the arguments.
#[inline]
#[allow(clippy::needless_pass_by_value, reason = "a function item has no size")]
pub fn ask_predicate<T, A, M>(predicate: impl Predicate<T, A, M>, this: &Arc<T>, args: A) -> bool {
    predicate.ask(this, args)
}

/// Calls the predicate of a plugin of a local manager, like [`ask_predicate`].
#[cfg(feature = "local")]
#[allow(clippy::needless_pass_by_value, reason = "a function item has no size")]
pub fn ask_local_predicate<T, A, M>(predicate: impl Predicate<T, A, M>, this: &T, args: A) -> bool {
    predicate.ask(this, args)
}

/// A parameter type of a predicate for an argument of type `A`.
pub trait ArgumentView<'x, A: ?Sized> {
    fn view(argument: &'x A) -> Self;
}

impl<A: Clone> ArgumentView<'_, A> for A {
    fn view(argument: &A) -> Self {
        argument.clone()
    }
}

impl<'x, A> ArgumentView<'x, A> for &'x A {
    fn view(argument: &'x A) -> Self {
        argument
    }
}

impl<'x, A: ?Sized> ArgumentView<'x, &mut A> for &'x A {
    fn view(argument: &'x &mut A) -> Self {
        argument
    }
}

impl<'x> ArgumentView<'x, String> for &'x str {
    fn view(argument: &'x String) -> Self {
        argument
    }
}

impl<'x, A> ArgumentView<'x, Vec<A>> for &'x [A] {
    fn view(argument: &'x Vec<A>) -> Self {
        argument
    }
}

/// An argument is taken, and `M` of those that follow.
#[derive(Debug)]
pub struct Taken<M>(PhantomData<M>);

/// An argument is left out, and `M` of those that follow is taken.
#[derive(Debug)]
pub struct LeftOut<M>(PhantomData<M>);

/// Arguments of which a predicate takes the choice `M`, as parameters `P`.
pub trait Choose<P, M> {
    fn choose(self) -> P;
}

impl Choose<(), ()> for () {
    fn choose(self) {}
}

impl<'x, A, B, P, Q, M> Choose<(P, Q), Taken<M>> for (&'x A, B)
where
    P: ArgumentView<'x, A>,
    B: Choose<Q, M>,
{
    #[inline]
    fn choose(self) -> (P, Q) {
        (P::view(self.0), self.1.choose())
    }
}

impl<A, B, P, M> Choose<P, LeftOut<M>> for (&A, B)
where
    B: Choose<P, M>,
{
    #[inline]
    fn choose(self) -> P {
        self.1.choose()
    }
}

#[diagnostic::do_not_recommend]
impl<T, A, M, F> Predicate<T, A, (M,)> for F
where
    F: Fn(&T) -> bool,
    A: Choose<(), M>,
{
    fn ask(&self, this: &T, args: A) -> bool {
        let () = args.choose();
        self(this)
    }
}

#[diagnostic::do_not_recommend]
impl<T, A, M, F, P> Predicate<T, A, (M, P)> for F
where
    F: Fn(&T, P) -> bool,
    A: Choose<(P, ()), M>,
{
    fn ask(&self, this: &T, args: A) -> bool {
        let (p, ()) = args.choose();
        self(this, p)
    }
}

#[diagnostic::do_not_recommend]
impl<T, A, M, F, P, Q> Predicate<T, A, (M, P, Q)> for F
where
    F: Fn(&T, P, Q) -> bool,
    A: Choose<(P, (Q, ())), M>,
{
    fn ask(&self, this: &T, args: A) -> bool {
        let (p, (q, ())) = args.choose();
        self(this, p, q)
    }
}

#[diagnostic::do_not_recommend]
impl<T, A, M, F, P, Q, R> Predicate<T, A, (M, P, Q, R)> for F
where
    F: Fn(&T, P, Q, R) -> bool,
    A: Choose<(P, (Q, (R, ()))), M>,
{
    fn ask(&self, this: &T, args: A) -> bool {
        let (p, (q, (r, ()))) = args.choose();
        self(this, p, q, r)
    }
}

#[diagnostic::do_not_recommend]
impl<T, A, M, F, P, Q, R, S> Predicate<T, A, (M, P, Q, R, S)> for F
where
    F: Fn(&T, P, Q, R, S) -> bool,
    A: Choose<(P, (Q, (R, (S, ())))), M>,
{
    fn ask(&self, this: &T, args: A) -> bool {
        let (p, (q, (r, (s, ())))) = args.choose();
        self(this, p, q, r, s)
    }
}

#[diagnostic::do_not_recommend]
impl<T, A, M, F, P, Q, R, S, U> Predicate<T, A, (M, P, Q, R, S, U)> for F
where
    F: Fn(&T, P, Q, R, S, U) -> bool,
    A: Choose<(P, (Q, (R, (S, (U, ()))))), M>,
{
    fn ask(&self, this: &T, args: A) -> bool {
        let (p, (q, (r, (s, (u, ()))))) = args.choose();
        self(this, p, q, r, s, u)
    }
}

#[diagnostic::do_not_recommend]
impl<T, A, M, F, P, Q, R, S, U, V> Predicate<T, A, (M, P, Q, R, S, U, V)> for F
where
    F: Fn(&T, P, Q, R, S, U, V) -> bool,
    A: Choose<(P, (Q, (R, (S, (U, (V, ())))))), M>,
{
    fn ask(&self, this: &T, args: A) -> bool {
        let (p, (q, (r, (s, (u, (v, ())))))) = args.choose();
        self(this, p, q, r, s, u, v)
    }
}

#[diagnostic::do_not_recommend]
impl<T, A, M, F, P, Q, R, S, U, V, W> Predicate<T, A, (M, P, Q, R, S, U, V, W)> for F
where
    F: Fn(&T, P, Q, R, S, U, V, W) -> bool,
    A: Choose<(P, (Q, (R, (S, (U, (V, (W, ()))))))), M>,
{
    fn ask(&self, this: &T, args: A) -> bool {
        let (p, (q, (r, (s, (u, (v, (w, ()))))))) = args.choose();
        self(this, p, q, r, s, u, v, w)
    }
}

#[diagnostic::do_not_recommend]
impl<T, A, M, F, P, Q, R, S, U, V, W, X> Predicate<T, A, (M, P, Q, R, S, U, V, W, X)> for F
where
    F: Fn(&T, P, Q, R, S, U, V, W, X) -> bool,
    A: Choose<(P, (Q, (R, (S, (U, (V, (W, (X, ())))))))), M>,
{
    fn ask(&self, this: &T, args: A) -> bool {
        let (p, (q, (r, (s, (u, (v, (w, (x, ())))))))) = args.choose();
        self(this, p, q, r, s, u, v, w, x)
    }
}

#[diagnostic::do_not_recommend]
impl<T, A, M, F, P, Q, R, S, U, V, W, X, Y> Predicate<T, A, (M, P, Q, R, S, U, V, W, X, Y)> for F
where
    F: Fn(&T, P, Q, R, S, U, V, W, X, Y) -> bool,
    A: Choose<(P, (Q, (R, (S, (U, (V, (W, (X, (Y, ()))))))))), M>,
{
    fn ask(&self, this: &T, args: A) -> bool {
        let (p, (q, (r, (s, (u, (v, (w, (x, (y, ()))))))))) = args.choose();
        self(this, p, q, r, s, u, v, w, x, y)
    }
}

#[diagnostic::do_not_recommend]
impl<T, A, M, F, P, Q, R, S, U, V, W, X, Y, Z> Predicate<T, A, (M, P, Q, R, S, U, V, W, X, Y, Z)> for F
where
    F: Fn(&T, P, Q, R, S, U, V, W, X, Y, Z) -> bool,
    A: Choose<(P, (Q, (R, (S, (U, (V, (W, (X, (Y, (Z, ())))))))))), M>,
{
    fn ask(&self, this: &T, args: A) -> bool {
        let (p, (q, (r, (s, (u, (v, (w, (x, (y, (z, ())))))))))) = args.choose();
        self(this, p, q, r, s, u, v, w, x, y, z)
    }
}

#[diagnostic::do_not_recommend]
impl<T, A, M, F, P, Q, R, S, U, V, W, X, Y, Z, C> Predicate<T, A, (M, P, Q, R, S, U, V, W, X, Y, Z, C)> for F
where
    F: Fn(&T, P, Q, R, S, U, V, W, X, Y, Z, C) -> bool,
    A: Choose<(P, (Q, (R, (S, (U, (V, (W, (X, (Y, (Z, (C, ()))))))))))), M>,
{
    fn ask(&self, this: &T, args: A) -> bool {
        let (p, (q, (r, (s, (u, (v, (w, (x, (y, (z, (c, ()))))))))))) = args.choose();
        self(this, p, q, r, s, u, v, w, x, y, z, c)
    }
}

#[diagnostic::do_not_recommend]
impl<T, A, M, F, P, Q, R, S, U, V, W, X, Y, Z, C, D> Predicate<T, A, (M, P, Q, R, S, U, V, W, X, Y, Z, C, D)>
    for F
where
    F: Fn(&T, P, Q, R, S, U, V, W, X, Y, Z, C, D) -> bool,
    A: Choose<(P, (Q, (R, (S, (U, (V, (W, (X, (Y, (Z, (C, (D, ())))))))))))), M>,
{
    fn ask(&self, this: &T, args: A) -> bool {
        let (p, (q, (r, (s, (u, (v, (w, (x, (y, (z, (c, (d, ())))))))))))) = args.choose();
        self(this, p, q, r, s, u, v, w, x, y, z, c, d)
    }
}
