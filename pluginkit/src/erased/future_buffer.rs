//! [`FutureBuffer`]: one piece of memory for the futures of the extensions of a call, one after the other.
//!
//! A boxed future costs more than most extensions do. Extensions that run one after the other need but one
//! piece of memory, which the call keeps and which is as large as the largest of its futures.
//!
//! An [`ExtensionFuture`] is a pointer to a future behind a [`Header`], which says whether the memory is that
//! of a buffer or the future's own. Four rules keep it sound:
//!
//! 1. A buffer holds one future at most: an `ExtensionFuture<'f, _>` borrows it exclusively for `'f`, and drops
//!    the future when it is dropped itself.
//! 2. A future is pinned: its memory is on the heap, does not move with the buffer, and is not used again
//!    before the future was dropped. If an `ExtensionFuture` was forgotten, so that this will never be, the
//!    buffer forgets the memory.
//! 3. A future is written only to memory that is large and aligned enough for it and its header.
//! 4. The header ends where its future starts, so that it is found from there.

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::ptr::{self, NonNull};
use std::task::{Context, Poll};

use crate::base::futures::BoxFuture;

/// What all memory of rooms is aligned to.
const ALIGN: usize = 16;

/// What stands before a future.
#[repr(C, align(16))]
struct Header {
    /// The buffer the memory belongs to; null if it is the future's own.
    buffer: *mut FutureBuffer,
}

/// How far a future that is aligned to `align` stands from the start of its memory.
const fn offset(align: usize) -> usize {
    if align > size_of::<Header>() { align } else { size_of::<Header>() }
}

/// FutureBuffer for one future at a time.
pub(crate) struct FutureBuffer {
    /// Memory on the heap, of `capacity` bytes; if that is 0, none.
    start: NonNull<u8>,
    capacity: usize,
    /// Whether a future is there.
    is_taken: bool,
    /// How much buffer there should have been from the start.
    wanted: usize,
}

// SAFETY: it is owned memory, in which only `Send` futures are placed.
unsafe impl Send for FutureBuffer {}
// SAFETY: a shared reference gives access to a number only.
unsafe impl Sync for FutureBuffer {}

impl FutureBuffer {
    /// FutureBuffer that will be `wanted` bytes large once there is a future for it.
    pub(crate) fn of(wanted: usize) -> Self {
        Self { start: NonNull::dangling(), capacity: 0, is_taken: false, wanted }
    }

    /// How much buffer was needed.
    pub(crate) fn wanted(&self) -> usize {
        self.wanted
    }

    /// Memory for a header and a future of `size` bytes.
    #[inline]
    fn reserve(&mut self, size: usize) -> NonNull<u8> {
        let size = size + size_of::<Header>();
        if self.is_taken || self.capacity < size {
            self.grow(size);
        }
        self.start
    }

    /// Other memory, of at least `size` bytes.
    #[cold]
    fn grow(&mut self, size: usize) {
        self.clear();
        self.wanted = self.wanted.max(size);
        let layout = self.layout();
        // SAFETY: the layout is not of size zero.
        let start = unsafe { alloc(layout) };
        let Some(start) = NonNull::new(start) else { handle_alloc_error(layout) };
        self.start = start;
        self.capacity = layout.size();
    }

    /// The layout of memory of `wanted` bytes.
    fn layout(&self) -> Layout {
        Layout::from_size_align(self.wanted, ALIGN).expect("the sizes of types, rounded up, are in bounds")
    }

    /// Gives the memory back or, if whoever had the last future has forgotten it, forgets it too, by rule 2.
    fn clear(&mut self) {
        let capacity = std::mem::take(&mut self.capacity);
        if capacity > 0 && !std::mem::take(&mut self.is_taken) {
            // SAFETY: it was allocated with this layout in `grow`, and nothing is there any more.
            unsafe { dealloc(self.start.as_ptr(), Layout::from_size_align_unchecked(capacity, ALIGN)) }
        }
    }
}

impl Default for FutureBuffer {
    fn default() -> Self {
        Self::of(0)
    }
}

impl Drop for FutureBuffer {
    fn drop(&mut self) {
        self.clear();
    }
}

/// The place for the future of one async extension, which returns a `T`.
///
/// A call has one place for the futures of all its extensions, so that they need no allocation each.
pub struct FutureSlot<'f, T> {
    buffer: Option<&'f mut FutureBuffer>,
    returns: PhantomData<fn() -> T>,
}

impl<'f, T> FutureSlot<'f, T> {
    pub(crate) fn of(buffer: &'f mut FutureBuffer) -> Self {
        Self { buffer: Some(buffer), returns: PhantomData }
    }

    /// Returns a slot with memory of its own, for a future that no call has a place for.
    pub fn own() -> Self {
        Self { buffer: None, returns: PhantomData }
    }

    /// Puts `future` there.
    #[inline]
    pub fn put<F>(self, future: F) -> ExtensionFuture<'f, T>
    where
        F: Future<Output = T> + Send + 'f,
    {
        match self.buffer {
            Some(buffer) if align_of::<F>() <= ALIGN => {
                let start = buffer.reserve(size_of::<F>());
                buffer.is_taken = true;
                // SAFETY: by `reserve` the memory is large and aligned enough, and holds nothing.
                unsafe { ExtensionFuture::write(start, buffer, future) }
            }
            _ => ExtensionFuture::new(future),
        }
    }
}

impl<T> fmt::Debug for FutureSlot<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FutureSlot").finish_non_exhaustive()
    }
}

/// The future of an async extension or wrapper: a `Send` future of any type.
///
/// `ExtensionFuture::new(async move { … })` makes one, and so does `.into()` of a boxed future.
#[must_use = "futures do nothing unless they are awaited"]
pub struct ExtensionFuture<'f, T> {
    /// Behind its header; owned.
    future: NonNull<dyn Future<Output = T> + Send + 'f>,
    buffer: PhantomData<&'f mut FutureBuffer>,
}

// SAFETY: it owns a `Send` future and borrows a `Send` buffer.
unsafe impl<T> Send for ExtensionFuture<'_, T> {}
// SAFETY: a shared reference gives access to nothing.
unsafe impl<T> Sync for ExtensionFuture<'_, T> {}

impl<'f, T> ExtensionFuture<'f, T> {
    /// The future of an extension that does what `future` does.
    pub fn new<F>(future: F) -> Self
    where
        F: Future<Output = T> + Send + 'f,
    {
        let layout = own_layout(Layout::new::<F>());
        // SAFETY: the layout is at least as large as a header.
        let start = unsafe { alloc(layout) };
        let Some(start) = NonNull::new(start) else { handle_alloc_error(layout) };
        // SAFETY: the memory is large and aligned enough by its layout, and holds nothing.
        unsafe { Self::write(start, ptr::null_mut(), future) }
    }

    /// Writes a header and `future` to the memory at `start`.
    ///
    /// # Safety
    ///
    /// It is large and aligned enough, holds nothing, and stays as it is before the future was dropped.
    #[inline]
    unsafe fn write<F>(start: NonNull<u8>, buffer: *mut FutureBuffer, future: F) -> Self
    where
        F: Future<Output = T> + Send + 'f,
    {
        // SAFETY: as the caller promises; the header ends where the future starts, and both are in bounds.
        let future = unsafe {
            let place = start.add(offset(align_of::<F>()));
            place.cast::<Header>().sub(1).write(Header { buffer });
            let place = place.cast::<F>();
            place.write(future);
            place
        };
        Self { future, buffer: PhantomData }
    }
}

/// The layout of a header and a future of this layout, in memory of its own.
fn own_layout(future: Layout) -> Layout {
    let align = future.align().max(ALIGN);
    Layout::from_size_align(offset(future.align()) + future.size(), align)
        .expect("the size of a type is in bounds")
}

impl<'f, T: 'f> From<BoxFuture<'f, T>> for ExtensionFuture<'f, T> {
    fn from(future: BoxFuture<'f, T>) -> Self {
        Self::new(future)
    }
}

impl<T> Future for ExtensionFuture<'_, T> {
    type Output = T;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        // SAFETY: by rule 1 the future is there and nobody else's, and by rule 2 it is pinned.
        unsafe { Pin::new_unchecked(self.future.as_mut()) }.poll(cx)
    }
}

impl<T> Drop for ExtensionFuture<'_, T> {
    #[inline]
    fn drop(&mut self) {
        /// Frees the memory of a future that was dropped, also if its destructor panics.
        struct Free<'f, T>(NonNull<dyn Future<Output = T> + Send + 'f>);

        impl<T> Drop for Free<'_, T> {
            #[inline]
            fn drop(&mut self) {
                // SAFETY: the header is there until its memory is freed, which is now; a buffer outlives the
                // borrow that its futures have of it. Nothing refers to the future any more, so that its layout may be
                // read through a reference.
                unsafe {
                    let header = self.0.cast::<Header>().sub(1);
                    if let Some(buffer) = header.as_ref().buffer.as_mut() {
                        buffer.is_taken = false;
                        return;
                    }
                    let layout = Layout::for_value(self.0.as_ref());
                    let start = self.0.cast::<u8>().sub(offset(layout.align()));
                    dealloc(start.as_ptr(), own_layout(layout));
                }
            }
        }

        let _free = Free(self.future);
        // SAFETY: by rule 1 it is there. It is dropped here and nowhere else.
        unsafe { self.future.drop_in_place() }
    }
}

impl<T> fmt::Debug for ExtensionFuture<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExtensionFuture").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::task::Waker;

    use super::*;

    fn poll<T>(future: &mut ExtensionFuture<'_, T>) -> Poll<T> {
        Pin::new(future).poll(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn a_room_is_used_again_and_grows() {
        let mut buffer = FutureBuffer::default();
        for size in [1u8, 3, 2] {
            let bytes = vec![size; usize::from(size)];
            let large = [u64::from(size); 64];
            assert_eq!(
                poll(&mut FutureSlot::of(&mut buffer).put(async { bytes })),
                Poll::Ready(vec![size; usize::from(size)])
            );
            let future = async move { std::future::ready(large.len()).await + large.len() };
            assert_eq!(poll(&mut FutureSlot::of(&mut buffer).put(future)), Poll::Ready(128));
        }
        assert!(buffer.wanted() >= 512);
    }

    #[test]
    fn a_future_is_dropped_once_whether_it_was_ready_or_not() {
        let kept = Arc::new(());
        let mut buffer = FutureBuffer::of(16);
        for own in [true, false] {
            for polls in 0..2 {
                let held = Arc::clone(&kept);
                let work = async move {
                    std::future::pending::<()>().await;
                    drop(held);
                };
                let slot = if own { FutureSlot::own() } else { FutureSlot::of(&mut buffer) };
                let mut future = slot.put(work);
                for _ in 0..polls {
                    assert!(poll(&mut future).is_pending());
                }
                assert_eq!(Arc::strong_count(&kept), 2);
                drop(future);
                assert_eq!(Arc::strong_count(&kept), 1);
            }
        }
    }

    #[test]
    fn what_was_forgotten_keeps_its_memory() {
        let kept = Arc::new(5);
        let mut buffer = FutureBuffer::default();
        let held = Arc::clone(&kept);
        std::mem::forget(FutureSlot::of(&mut buffer).put(async move { *held }));
        assert_eq!(poll(&mut FutureSlot::of(&mut buffer).put(std::future::ready(7))), Poll::Ready(7));
        assert_eq!(Arc::strong_count(&kept), 2);
    }

    #[test]
    fn a_future_with_an_alignment_of_its_own_gets_memory_of_its_own() {
        #[repr(align(64))]
        struct Wide(u8);
        let mut buffer = FutureBuffer::default();
        let wide = Wide(9);
        let mut future = FutureSlot::of(&mut buffer).put(async move {
            assert!((&raw const wide).is_aligned());
            wide.0
        });
        assert_eq!(poll(&mut future), Poll::Ready(9));
        drop(future);
        assert_eq!(buffer.wanted(), 0);
    }

    #[test]
    fn a_panic_in_a_destructor_leaves_the_room_usable() {
        struct Panics;
        impl Drop for Panics {
            fn drop(&mut self) {
                panic!("dropped");
            }
        }
        let mut buffer = FutureBuffer::default();
        for _ in 0..2 {
            let panics = Panics;
            let future = FutureSlot::of(&mut buffer).put(async move { drop(panics) });
            assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(future))).is_err());
        }
        assert_eq!(poll(&mut FutureSlot::of(&mut buffer).put(async { 1 })), Poll::Ready(1));
    }
}
