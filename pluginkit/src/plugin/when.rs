//! [`Predicate`]: the functions that `when = path` accepts.
#![forbid(unsafe_code)]

use std::sync::Arc;

/// A predicate over a plugin `T` and arguments of the types `A`.
///
/// A predicate takes any of the arguments, in their order. The compiler infers its choice of arguments and their types as
/// `M`.
#[diagnostic::on_unimplemented(
    message = "this is not a predicate for this extension",
    label = "expected `fn(&Self, …) -> bool` over arguments of the extension",
    note = "it takes the plugin and any arguments of the extension, in order (of more than three: all or none); otherwise name them: `when = path(argument)`"
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

/// The arguments that a predicate takes, so that the implementations below do not overlap.
#[derive(Debug)]
pub struct Choice<const N: u8>;

macro_rules! predicates {
    ($([$($all:ident)*] $choice:literal => $named:tt;)*) => { $(predicates!(@one [$($all)*] $choice $named);)* };
    (@one [$($all:ident)*] $choice:literal ($($named:ident $parameter:ident)*)) => {
        impl<'x, T, F, $($all,)* $($parameter,)*> Predicate<T, ($(&'x $all,)*), (Choice<$choice>, $($parameter,)*)> for F
        where
            F: Fn(&T, $($parameter,)*) -> bool,
            $($parameter: ArgumentView<'x, $named>,)*
        {
            #[allow(non_snake_case, unused_variables)]
            fn ask(&self, this: &T, args: ($(&'x $all,)*)) -> bool {
                let ($($all,)*) = args;
                self(this, $($parameter::view($named),)*)
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
