//! [`FutureBuffer`]: memory that the futures of one call use in turn.
//!
//! A boxed future costs more than most extensions. Extensions that run one after the other share one buffer, which is as
//! large as the largest future.
//!
//! An [`ExtensionFuture`] points to a future behind a [`Header`]. The header records whether the memory belongs to a buffer
//! or to the future. Four rules make it sound:
//!
//! 1. A buffer holds at most one future. An `ExtensionFuture<'f, _>` borrows the buffer exclusively for `'f`, and drops the
//!    future when it is dropped.
//! 2. A future is pinned. Its memory is on the heap, does not move with the buffer, and is reused only after the drop of
//!    the future. If an `ExtensionFuture` was forgotten, the buffer leaks the memory.
//! 3. A future is written only to memory that is large and aligned enough for it and its header.
//! 4. The header ends where the future starts, so that it is found from there.

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::ptr::{self, NonNull};
use std::task::{Context, Poll};

use crate::base::futures::BoxFuture;

/// The alignment of the memory of buffers.
const ALIGN: usize = 16;

/// The header in front of a future.
#[repr(C, align(16))]
struct Header {
    /// The buffer that owns the memory; null if the future owns it.
    buffer: *mut FutureBuffer,
}

/// Returns the offset of a future with alignment `align` from the start of its memory.
const fn offset(align: usize) -> usize {
    if align > size_of::<Header>() { align } else { size_of::<Header>() }
}

/// Memory for one future at a time.
pub(crate) struct FutureBuffer {
    /// Heap memory of `capacity` bytes; dangling if that is 0.
    start: NonNull<u8>,
    capacity: usize,
    /// Whether it holds a future.
    is_taken: bool,
    /// The size that avoids a second allocation.
    wanted: usize,
}

// SAFETY: a buffer owns its memory, which holds only `Send` futures.
unsafe impl Send for FutureBuffer {}
// SAFETY: a shared reference gives access only to a number.
unsafe impl Sync for FutureBuffer {}

impl FutureBuffer {
    /// Returns an empty buffer. Its first allocation has at least `wanted` bytes.
    pub(crate) fn of(wanted: usize) -> Self {
        Self { start: NonNull::dangling(), capacity: 0, is_taken: false, wanted }
    }

    /// Returns the size that avoids a second allocation.
    pub(crate) fn wanted(&self) -> usize {
        self.wanted
    }

    /// Returns memory for a header and a future of `size` bytes.
    #[inline]
    fn reserve(&mut self, size: usize) -> NonNull<u8> {
        let size = size + size_of::<Header>();
        if self.is_taken || self.capacity < size {
            self.grow(size);
        }
        self.start
    }

    /// Replaces the memory by at least `size` bytes.
    #[cold]
    fn grow(&mut self, size: usize) {
        self.clear();
        self.wanted = self.wanted.max(size);
        let layout = self.layout();
        // SAFETY: the size of the layout is not zero.
        let start = unsafe { alloc(layout) };
        let Some(start) = NonNull::new(start) else { handle_alloc_error(layout) };
        self.start = start;
        self.capacity = layout.size();
    }

    /// Returns the layout of `wanted` bytes.
    fn layout(&self) -> Layout {
        Layout::from_size_align(self.wanted, ALIGN).expect("the sizes of types, rounded up, are in bounds")
    }

    /// Frees the memory, or leaks it by rule 2 if the last future was forgotten.
    fn clear(&mut self) {
        let capacity = std::mem::take(&mut self.capacity);
        if capacity > 0 && !std::mem::take(&mut self.is_taken) {
            // SAFETY: `grow` allocated it with this layout, and it holds no future.
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

/// The slot for the future of one async extension, which returns a `T`.
///
/// The futures of a call use one buffer in turn, so that they need no allocation each.
pub struct FutureSlot<'f, T> {
    buffer: Option<&'f mut FutureBuffer>,
    returns: PhantomData<fn() -> T>,
}

impl<'f, T> FutureSlot<'f, T> {
    pub(crate) fn of(buffer: &'f mut FutureBuffer) -> Self {
        Self { buffer: Some(buffer), returns: PhantomData }
    }

    /// Returns a slot without a buffer: the future gets its own allocation.
    pub fn own() -> Self {
        Self { buffer: None, returns: PhantomData }
    }

    /// Puts `future` into the slot.
    #[inline]
    pub fn put<F>(self, future: F) -> ExtensionFuture<'f, T>
    where
        F: Future<Output = T> + Send + 'f,
    {
        match self.buffer {
            Some(buffer) if align_of::<F>() <= ALIGN => {
                let start = buffer.reserve(size_of::<F>());
                buffer.is_taken = true;
                // SAFETY: `reserve` returned memory that is large and aligned enough, and that holds no future.
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
    /// Owned, behind its header.
    future: NonNull<dyn Future<Output = T> + Send + 'f>,
    buffer: PhantomData<&'f mut FutureBuffer>,
}

// SAFETY: it owns a `Send` future and borrows a `Send` buffer.
unsafe impl<T> Send for ExtensionFuture<'_, T> {}
// SAFETY: a shared reference gives access to nothing.
unsafe impl<T> Sync for ExtensionFuture<'_, T> {}

impl<'f, T> ExtensionFuture<'f, T> {
    /// Returns `future` as the future of an extension.
    pub fn new<F>(future: F) -> Self
    where
        F: Future<Output = T> + Send + 'f,
    {
        let layout = own_layout(Layout::new::<F>());
        // SAFETY: the size of the layout is at least that of a header.
        let start = unsafe { alloc(layout) };
        let Some(start) = NonNull::new(start) else { handle_alloc_error(layout) };
        // SAFETY: the memory is large and aligned enough by its layout, and holds no future.
        unsafe { Self::write(start, ptr::null_mut(), future) }
    }

    /// Writes a header and `future` to the memory at `start`.
    ///
    /// # Safety
    ///
    /// The memory must be large and aligned enough, hold no future, and stay valid until the future is dropped.
    #[inline]
    unsafe fn write<F>(start: NonNull<u8>, buffer: *mut FutureBuffer, future: F) -> Self
    where
        F: Future<Output = T> + Send + 'f,
    {
        // SAFETY: the caller guarantees the memory. The header ends where the future starts, and both are in bounds.
        let future = unsafe {
            let target = start.add(offset(align_of::<F>()));
            target.cast::<Header>().sub(1).write(Header { buffer });
            let target = target.cast::<F>();
            target.write(future);
            target
        };
        Self { future, buffer: PhantomData }
    }
}

/// Returns the layout of a header and a future of this layout, in their own allocation.
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
        // SAFETY: by rule 1 the future exists and is not aliased, and by rule 2 it is pinned.
        unsafe { Pin::new_unchecked(self.future.as_mut()) }.poll(cx)
    }
}

impl<T> Drop for ExtensionFuture<'_, T> {
    #[inline]
    fn drop(&mut self) {
        /// Frees the memory of a dropped future, even if its destructor panics.
        struct Free<'f, T>(NonNull<dyn Future<Output = T> + Send + 'f>);

        impl<T> Drop for Free<'_, T> {
            #[inline]
            fn drop(&mut self) {
                // SAFETY: the header exists until its memory is freed, which is now. A buffer outlives the borrow of its
                // futures. No other reference to the future exists, so that its layout can be read through one.
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
        // SAFETY: by rule 1 the future exists. Only this drops it.
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
    fn a_buffer_is_used_again_and_grows() {
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
    fn a_forgotten_future_keeps_its_memory() {
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
    fn a_panic_in_a_destructor_leaves_the_buffer_usable() {
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
