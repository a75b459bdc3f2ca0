//! Predicates of conditional extensions: what `when = path` may name.
#![forbid(unsafe_code)]

use std::sync::Arc;

/// A function that can judge arguments of the types `A`: each of its own parameters takes one of them,
/// in their order; those it does not care about it leaves out.
///
/// `M` is its choice of arguments and their types, which the compiler finds.
#[diagnostic::on_unimplemented(
    message = "this is not a predicate for this extension",
    label = "expected `fn(&Self, …) -> bool` over arguments of the extension",
    note = "it takes the plugin and any of the arguments the extension names, in their order (of more than three: all or none); otherwise say which: `when = path(argument)`"
)]
pub trait Holds<T, A, M> {
    /// Returns whether the extension is to run.
    fn holds(&self, this: &T, args: A) -> bool;
}

/// Asks `predicate`.
#[inline]
#[allow(clippy::needless_pass_by_value, reason = "a function item is nothing to refer to")]
pub fn holds<T, A, M>(predicate: impl Holds<T, A, M>, this: &Arc<T>, args: A) -> bool {
    predicate.holds(this, args)
}

/// A parameter type that an argument of type `A` can be seen as.
pub trait Sees<'x, A: ?Sized> {
    fn see(argument: &'x A) -> Self;
}

impl<A: Clone> Sees<'_, A> for A {
    fn see(argument: &A) -> Self {
        argument.clone()
    }
}

impl<'x, A> Sees<'x, A> for &'x A {
    fn see(argument: &'x A) -> Self {
        argument
    }
}

impl<'x, A: ?Sized> Sees<'x, &mut A> for &'x A {
    fn see(argument: &'x &mut A) -> Self {
        argument
    }
}

impl<'x> Sees<'x, String> for &'x str {
    fn see(argument: &'x String) -> Self {
        argument
    }
}

impl<'x, A> Sees<'x, Vec<A>> for &'x [A] {
    fn see(argument: &'x Vec<A>) -> Self {
        argument
    }
}

/// Which of the arguments a predicate takes, so that no two of the implementations below meet.
#[derive(Debug)]
pub struct Choice<const N: u8>;

macro_rules! predicates {
    ($([$($all:ident)*] $choice:literal => $named:tt;)*) => { $(predicates!(@one [$($all)*] $choice $named);)* };
    (@one [$($all:ident)*] $choice:literal ($($named:ident $parameter:ident)*)) => {
        impl<'x, T, F, $($all,)* $($parameter,)*> Holds<T, ($(&'x $all,)*), (Choice<$choice>, $($parameter,)*)> for F
        where
            F: Fn(&T, $($parameter,)*) -> bool,
            $($parameter: Sees<'x, $named>,)*
        {
            #[allow(non_snake_case, unused_variables)]
            fn holds(&self, this: &T, args: ($(&'x $all,)*)) -> bool {
                let ($($all,)*) = args;
                self(this, $($parameter::see($named),)*)
            }
        }
    };
}

predicates! {
    [] 0 => ();
    [A] 0 => ();
    [A] 1 => (A P);
    [A B] 0 => ();
    [A B] 1 => (A P);
    [A B] 2 => (B P);
    [A B] 3 => (A P B Q);
    [A B C] 0 => ();
    [A B C] 1 => (A P);
    [A B C] 2 => (B P);
    [A B C] 3 => (C P);
    [A B C] 4 => (A P B Q);
    [A B C] 5 => (A P C Q);
    [A B C] 6 => (B P C Q);
    [A B C] 7 => (A P B Q C R);
    [A B C D] 0 => ();
    [A B C D] 1 => (A P B Q C R D S);
    [A B C D E] 0 => ();
    [A B C D E] 1 => (A P B Q C R D S E U);
    [A B C D E G] 0 => ();
    [A B C D E G] 1 => (A P B Q C R D S E U G V);
    [A B C D E G H] 0 => ();
    [A B C D E G H] 1 => (A AA B BB C CC D DD E EE G GG H HH);
    [A B C D E G H I] 0 => ();
    [A B C D E G H I] 1 => (A AA B BB C CC D DD E EE G GG H HH I II);
    [A B C D E G H I J] 0 => ();
    [A B C D E G H I J] 1 => (A AA B BB C CC D DD E EE G GG H HH I II J JJ);
    [A B C D E G H I J K] 0 => ();
    [A B C D E G H I J K] 1 => (A AA B BB C CC D DD E EE G GG H HH I II J JJ K KK);
    [A B C D E G H I J K L] 0 => ();
    [A B C D E G H I J K L] 1 => (A AA B BB C CC D DD E EE G GG H HH I II J JJ K KK L LL);
    [A B C D E G H I J K L M] 0 => ();
    [A B C D E G H I J K L M] 1 => (A AA B BB C CC D DD E EE G GG H HH I II J JJ K KK L LL M MM);
}
