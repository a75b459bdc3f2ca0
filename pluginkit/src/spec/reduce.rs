//! [`Reduce`]: the reducers of collecting points.
#![forbid(unsafe_code)]

use std::fmt;
use std::marker::PhantomData;
use std::ops::ControlFlow;

/// A reducer of a collecting point: it takes the items of a call one by one, and makes the outcome of them.
///
/// `#[extension_point(reduce = MyReducer)]` gives a point its reducer. A call [starts](Self::start) one, passes each item to
/// [`take`](Self::take) in call order, and returns what [`finish`](Self::finish) returns. Wrappers, `try_call` and the other
/// calls see that outcome. An item is the `T` of a `T`, `Option<T>` or `Result<T, E>` that extensions return.
///
/// ```
/// use std::ops::ControlFlow;
///
/// use pluginkit::prelude::*;
/// use pluginkit::reduce::Reduce;
///
/// /// A plan, and whether a rule has changed it.
/// #[derive(Debug, PartialEq)]
/// pub struct Transformed {
///     pub plan: String,
///     pub changed: bool,
///     pub stop: bool,
/// }
///
/// /// Joins plans until a rule stops the call.
/// pub struct Merged(Transformed);
///
/// impl Reduce for Merged {
///     type Item = Transformed;
///     type Output = Transformed;
///
///     fn start() -> Self {
///         Self(Transformed { plan: String::new(), changed: false, stop: false })
///     }
///
///     fn take(&mut self, item: Transformed) -> ControlFlow<()> {
///         self.0.plan += &item.plan;
///         self.0.changed |= item.changed;
///         self.0.stop = item.stop;
///         if item.stop { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
///     }
///
///     fn finish(self) -> Transformed {
///         self.0
///     }
/// }
///
/// #[extension_point]
/// pub trait Rules {
///     #[extension_point(reduce = Merged)]
///     fn rewrite(&self, plan: &str) -> Option<Transformed>;
/// }
///
/// # fn main() -> Result<(), pluginkit::Error> {
/// let pm = PluginManager::new("query");
/// pm.add_extension_points(Rules)?;
/// let rule = |changed, stop| move |plan: &str| Some(Transformed { plan: plan.to_owned(), changed, stop });
/// let (first, last) = (rule(true, false), rule(false, true));
/// pm.register_fn("first", Rules::rewrite, move |args| first(args.plan))?;
/// pm.register_fn("none", Rules::rewrite, |_| None)?;
/// pm.register_fn("last", Rules::rewrite, move |args| last(args.plan))?;
/// pm.register_fn("late", Rules::rewrite, |_| unreachable!("the call has ended"))?;
///
/// let outcome = pm.caller(Rules::rewrite).call("scan;");
/// assert_eq!(outcome, Transformed { plan: "scan;scan;".to_owned(), changed: true, stop: true });
/// # Ok(())
/// # }
/// ```
pub trait Reduce: Sized {
    /// The item of one extension.
    type Item;
    /// The outcome of a call.
    type Output;

    /// Returns the reducer of a call that has no item yet.
    fn start() -> Self;

    /// Takes in the next item, in call order. After `Break`, no further extension runs.
    fn take(&mut self, item: Self::Item) -> ControlFlow<()>;

    /// Returns the outcome of the call. Without items, `start` precedes it immediately.
    fn finish(self) -> Self::Output;
}

/// A type that `#[extension_point(reduce = …)]` may name, at a point with items of type `T`.
///
/// Every [`Reduce`] is one, for the items that it takes. [`Sum`], [`Collect`] and [`Extend`] are reducers of many types of items.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not reduce items of type `{T}`",
    label = "not a reducer of `{T}`",
    note = "implement `pluginkit::reduce::Reduce` for it, with `type Item = {T}`, or name one of the reducers in `pluginkit::reduce`"
)]
pub trait Reducer<T> {
    /// The reducer of one call.
    type Running: Reduce<Item = T>;
}

impl<R: Reduce> Reducer<R::Item> for R {
    type Running = R;
}

/// The reducer `D` of one call with items of type `T`.
pub(crate) type RunningReducer<D, T> = <D as Reducer<T>>::Running;

/// The outcome of the reducer `D` for items of type `T`.
pub type Reduced<D, T> = <RunningReducer<D, T> as Reduce>::Output;

/// Reduces `bool`s to `true` if all of them are `true`. The first `false` ends the call.
///
/// Without items, the outcome is `true`.
#[derive(Debug)]
pub struct All(bool);

impl Reduce for All {
    type Item = bool;
    type Output = bool;

    #[inline]
    fn start() -> Self {
        Self(true)
    }

    #[inline]
    fn take(&mut self, item: bool) -> ControlFlow<()> {
        self.0 = item;
        if item { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }

    #[inline]
    fn finish(self) -> bool {
        self.0
    }
}

/// Reduces `bool`s to `true` if any of them is `true`. The first `true` ends the call.
///
/// Without items, the outcome is `false`.
#[derive(Debug)]
pub struct Any(bool);

impl Reduce for Any {
    type Item = bool;
    type Output = bool;

    #[inline]
    fn start() -> Self {
        Self(false)
    }

    #[inline]
    fn take(&mut self, item: bool) -> ControlFlow<()> {
        self.0 = item;
        if item { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    #[inline]
    fn finish(self) -> bool {
        self.0
    }
}

/// Reduces items to their [sum](std::iter::Sum).
#[derive(Debug)]
pub struct Sum(());

/// The [`Sum`] of one call.
#[derive(Debug)]
pub struct Summing<T>(Option<T>);

impl<T: std::iter::Sum> Reducer<T> for Sum {
    type Running = Summing<T>;
}

impl<T: std::iter::Sum> Reduce for Summing<T> {
    type Item = T;
    type Output = T;

    #[inline]
    fn start() -> Self {
        Self(None)
    }

    #[inline]
    fn take(&mut self, item: T) -> ControlFlow<()> {
        self.0 = Some(match self.0.take() {
            Some(sum) => [sum, item].into_iter().sum(),
            None => item,
        });
        ControlFlow::Continue(())
    }

    #[inline]
    fn finish(self) -> T {
        self.0.unwrap_or_else(|| std::iter::empty().sum())
    }
}

/// Collects the items in a collection `C`, such as a `HashSet<String>` of the `String` of every plugin.
pub struct Collect<C>(PhantomData<fn() -> C>);

impl<C> fmt::Debug for Collect<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Collect")
    }
}

impl<C, T> Reducer<T> for Collect<C>
where
    C: Default + std::iter::Extend<T>,
{
    type Running = Collecting<C, T>;
}

/// The [`Collect`] of one call.
pub struct Collecting<C, T>(C, PhantomData<fn(T)>);

impl<C, T> fmt::Debug for Collecting<C, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Collecting").finish_non_exhaustive()
    }
}

impl<C, T> Reduce for Collecting<C, T>
where
    C: Default + std::iter::Extend<T>,
{
    type Item = T;
    type Output = C;

    #[inline]
    fn start() -> Self {
        Self(C::default(), PhantomData)
    }

    #[inline]
    fn take(&mut self, item: T) -> ControlFlow<()> {
        self.0.extend([item]);
        ControlFlow::Continue(())
    }

    #[inline]
    fn finish(self) -> C {
        self.0
    }
}

/// Extends a collection `C` with each item, such as a `HashSet<String>` with a `Vec<String>` of every plugin.
pub struct Extend<C>(PhantomData<fn() -> C>);

impl<C> fmt::Debug for Extend<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Extend")
    }
}

/// The [`Extend`] of one call.
pub struct Extending<C, T>(C, PhantomData<fn(T)>);

impl<C, T> fmt::Debug for Extending<C, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Extending").finish_non_exhaustive()
    }
}

impl<C, T> Reducer<T> for Extend<C>
where
    C: Default + std::iter::Extend<T::Item>,
    T: IntoIterator,
{
    type Running = Extending<C, T>;
}

impl<C, T> Reduce for Extending<C, T>
where
    C: Default + std::iter::Extend<T::Item>,
    T: IntoIterator,
{
    type Item = T;
    type Output = C;

    #[inline]
    fn start() -> Self {
        Self(C::default(), PhantomData)
    }

    #[inline]
    fn take(&mut self, item: T) -> ControlFlow<()> {
        self.0.extend(item);
        ControlFlow::Continue(())
    }

    #[inline]
    fn finish(self) -> C {
        self.0
    }
}
