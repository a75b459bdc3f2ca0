//! [`Turns`]: futures that use a buffer in turn.

use std::marker::PhantomData;
use std::pin::Pin;
use std::ptr::NonNull;
use std::task::{Context, Poll};

use crate::erased::ErasedSlice;
use crate::erased::future_buffer::{ExtensionFuture, FutureBuffer, FutureSlot};

/// Futures of objects `O` that use a buffer in turn.
pub(crate) trait InTurn<O: ?Sized> {
    /// The output of each future.
    type Output;
    /// The error that ends the turns.
    type Error;

    /// Starts the future of an object, perhaps of the `last` one.
    fn start<'s>(
        &'s mut self,
        object: &'s O,
        slot: FutureSlot<'s, Self::Output>,
        last: bool,
    ) -> ExtensionFuture<'s, Self::Output>;

    /// Takes in the output of a future. Returns whether the next one starts.
    ///
    /// # Errors
    ///
    /// Returns the error in `output`, which ends the turns.
    fn take(&mut self, output: Self::Output) -> Result<bool, Self::Error>;

    /// Called when an error or a panic ends the turns, while `left` objects are left.
    fn stopped(&mut self, left: usize);
}

/// A value that is borrowed for `'s`. It is reached through a pointer, because a future may borrow it, too.
struct Borrowed<'s, T>(NonNull<T>, PhantomData<&'s mut T>);

// SAFETY: it is a `&mut T`.
unsafe impl<T: Send> Send for Borrowed<'_, T> {}

/// The objects that are left while futures run. Dropped by an error or a panic, it tells the rules.
struct Running<'o, O: ?Sized + 'static, T: InTurn<O>> {
    left: ErasedSlice<'o, O>,
    rules: NonNull<T>,
}

impl<O: ?Sized + 'static, T: InTurn<O>> Drop for Running<'_, O, T> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: `poll` has borrowed the rules, and there is no future: variables are dropped in reverse order.
        unsafe { self.rules.as_mut() }.stopped(self.left.len());
    }
}

/// Runs futures in turn. Those that are ready at once run in one loop.
///
/// The type of the outputs is a parameter of its own. A `T::Output` would make the compiler look for the impl of `InTurn` to
/// find out whether this is `Send`, and then it forgets which lifetimes outlive others.
pub(crate) struct Turns<'s, 'm, 'o, O: ?Sized, T, R> {
    /// The future that has waited. It borrows the buffer and the rules.
    waiting: Option<ExtensionFuture<'s, R>>,
    buffer: Borrowed<'s, FutureBuffer<'m>>,
    rules: Borrowed<'s, T>,
    objects: ErasedSlice<'o, O>,
}

impl<'s, 'm, 'o, O: ?Sized, T: InTurn<O, Output = R>, R> Turns<'s, 'm, 'o, O, T, R> {
    /// Returns the future that runs those of `objects`.
    #[inline]
    pub(crate) fn new(
        buffer: &'s mut FutureBuffer<'m>,
        turns: &'s mut T,
        objects: ErasedSlice<'o, O>,
    ) -> Self {
        buffer.fill();
        let (buffer, turns) = (Borrowed(buffer.into(), PhantomData), Borrowed(turns.into(), PhantomData));
        Self { waiting: None, buffer, rules: turns, objects }
    }
}

impl<'s, 'o: 's, O, T, R> Future for Turns<'s, '_, 'o, O, T, R>
where
    O: ?Sized + 'static,
    T: InTurn<O, Output = R>,
{
    type Output = Result<(), T::Error>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let (buffer, turns) = (this.buffer.0.as_ptr(), this.rules.0.as_ptr());
        // A variable, to have it in registers.
        let mut running = Running { left: this.objects, rules: this.rules.0 };
        let mut waiting = this.waiting.take();
        loop {
            let mut future: ExtensionFuture<'s, R> = match waiting {
                Some(future) => future,
                None => {
                    let Some(object) = running.left.next() else {
                        std::mem::forget(running);
                        return Poll::Ready(Ok(()));
                    };
                    // SAFETY: both are borrowed for `'s`, and only by the future until it is dropped.
                    unsafe { (*turns).start(object, (*buffer).slot(), running.left.is_empty()) }
                }
            };
            waiting = None;
            let Poll::Ready(output) = Pin::new(&mut future).poll(cx) else {
                (this.objects, this.waiting) = (running.left, Some(future));
                std::mem::forget(running);
                return Poll::Pending;
            };
            drop(future);
            // SAFETY: as above. There is no future now.
            match unsafe { (*turns).take(output) } {
                Ok(true) => {}
                Ok(false) => {
                    std::mem::forget(running);
                    return Poll::Ready(Ok(()));
                }
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }
}
