//! [`FutureBuffer`]: memory that the futures of one call use in turn.
//!
//! A boxed future costs more than most extensions. Extensions that run one after the other share one buffer, which is as
//! large as the largest future.
//!
//! An [`ExtensionFuture`] points to a future behind a [`Header`]. The header has the functions of the future's type, and
//! records whether the memory belongs to a buffer or to the future. So most code here is independent of types, and a host
//! compiles little of it per point. Five rules make it sound:
//!
//! 1. A buffer holds at most one future. An `ExtensionFuture<'f, _>` borrows the buffer exclusively for `'f`, and drops the
//!    future when it is dropped.
//! 2. A future is pinned. Its memory is on the heap, does not move with the buffer, and is reused only after the drop of
//!    the future. If an `ExtensionFuture` was forgotten, the buffer leaks the memory.
//! 3. A future is written only to memory that is large and aligned enough for it and its header.
//! 4. The header ends where the future starts, so that each is found from the other.
//! 5. The functions in the header belong to the type of the future.

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::ptr::{self, NonNull};
use std::task::{Context, Poll};

use crate::base::drops::{contain, in_scope};
use crate::base::futures::BoxFuture;
use crate::erased::here::{Here, Setter};

/// The alignment of the memory of buffers.
const ALIGN: usize = 16;

/// The functions of a type of futures.
struct Functions {
    layout: Layout,
    /// Polls the future and writes the `Poll` of its output to the second pointer. Returns whether it is ready.
    poll: unsafe fn(NonNull<()>, *mut (), &mut Context<'_>) -> bool,
    drop: unsafe fn(NonNull<()>),
}

impl Functions {
    /// Returns the functions of `F`.
    const fn of<F: Future>() -> &'static Self {
        const { &Self { layout: Layout::new::<F>(), poll: poll_future::<F>, drop: drop_future::<F> } }
    }
}

/// Polls the `F` at `future` and writes the `Poll` of its output to `out`. Returns whether it is ready.
///
/// # Safety
///
/// There must be a pinned `F`, and `out` must be valid for a write of a `Poll` of its output.
unsafe fn poll_future<F: Future>(future: NonNull<()>, out: *mut (), cx: &mut Context<'_>) -> bool {
    // SAFETY: the caller guarantees both.
    unsafe {
        let polled = Pin::new_unchecked(future.cast::<F>().as_mut()).poll(cx);
        let is_ready = polled.is_ready();
        out.cast::<Poll<F::Output>>().write(polled);
        is_ready
    }
}

/// Drops the `F` at `future`.
///
/// # Safety
///
/// There must be an `F`, which is not used again.
unsafe fn drop_future<F>(future: NonNull<()>) {
    // SAFETY: the caller guarantees it.
    unsafe { future.cast::<F>().drop_in_place() }
}

/// The header in front of a future.
#[repr(C, align(16))]
struct Header {
    functions: &'static Functions,
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
        self.start = allocate(layout);
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
/// The futures of a call use one buffer in turn, so that not each future needs an allocation.
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
        let header = place(self.buffer, Functions::of::<F>());
        // SAFETY: by rules 3 and 4, the memory behind the header is large and aligned enough, and holds no future.
        unsafe { header.add(1).cast::<F>().write(future) };
        ExtensionFuture { raw: Raw { header: Some(header), is_ready: false }, future: PhantomData }
    }
}

/// Returns the header of a future that its caller writes behind it: in `buffer`, if there is one and its memory is aligned
/// enough, else in memory of its own.
#[inline]
fn place(buffer: Option<&mut FutureBuffer>, functions: &'static Functions) -> NonNull<Header> {
    let layout = functions.layout;
    let (start, buffer) = match buffer {
        Some(buffer) if layout.align() <= ALIGN => {
            let start = buffer.reserve(layout.size());
            buffer.is_taken = true;
            (start, ptr::from_mut(buffer))
        }
        _ => (allocate(own_layout(layout)), ptr::null_mut()),
    };
    // SAFETY: the memory is large and aligned enough for a header that ends at the offset of the future.
    unsafe {
        let header = start.add(offset(layout.align())).cast::<Header>().sub(1);
        header.write(Header { functions, buffer });
        header
    }
}

/// Allocates memory of this layout, whose size is not zero.
fn allocate(layout: Layout) -> NonNull<u8> {
    assert!(layout.size() > 0, "a header takes memory");
    // SAFETY: the size of the layout is not zero.
    let start = unsafe { alloc(layout) };
    NonNull::new(start).unwrap_or_else(|| handle_alloc_error(layout))
}

impl<T> fmt::Debug for FutureSlot<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FutureSlot").finish_non_exhaustive()
    }
}

/// A future behind its header, with any output.
struct Raw {
    /// `None` once the future is dropped.
    header: Option<NonNull<Header>>,
    /// Whether the future has returned its output.
    is_ready: bool,
}

impl Raw {
    /// Polls the future and writes the `Poll` of its output to `out`. Returns whether it is ready.
    ///
    /// A future that panics is dropped at once: its destructor may panic too.
    ///
    /// # Panics
    ///
    /// Panics if the future has panicked before.
    ///
    /// # Safety
    ///
    /// `out` must be valid for a write of a `Poll` of its output.
    #[inline]
    unsafe fn poll(&mut self, out: *mut (), cx: &mut Context<'_>) -> bool {
        /// A future during a poll.
        struct Polling<'p>(&'p mut Raw);

        impl Drop for Polling<'_> {
            #[cold]
            fn drop(&mut self) {
                contain(None, &mut || self.0.end());
            }
        }

        let header = self.header.expect("a future that has panicked is not polled again");
        let polling = Polling(self);
        // SAFETY: by rules 1 and 5 the future exists, is not aliased, and has the type of the functions. By rule 2 it is
        // pinned. The caller guarantees `out`.
        let is_ready = unsafe { (header.as_ref().functions.poll)(header.add(1).cast(), out, cx) };
        std::mem::forget(polling);
        self.is_ready = is_ready;
        is_ready
    }

    /// Drops the future and frees its memory, even if its destructor panics.
    fn end(&mut self) {
        /// Frees the memory of a dropped future.
        struct Free(NonNull<Header>);

        impl Drop for Free {
            fn drop(&mut self) {
                // SAFETY: the header exists until its memory is freed, which is now. A buffer outlives the borrow of its
                // futures. `place` allocated memory without a buffer with this layout.
                unsafe {
                    let Header { functions, buffer } = *self.0.as_ref();
                    if let Some(buffer) = buffer.as_mut() {
                        buffer.is_taken = false;
                        return;
                    }
                    let layout = functions.layout;
                    let start = self.0.add(1).cast::<u8>().sub(offset(layout.align()));
                    dealloc(start.as_ptr(), own_layout(layout));
                }
            }
        }

        if let Some(header) = self.header.take() {
            let _free = Free(header);
            // SAFETY: by rules 1 and 5 the future exists and has the type of the functions. Only this drops it.
            unsafe { (header.as_ref().functions.drop)(header.add(1).cast()) }
        }
    }
}

impl Drop for Raw {
    /// Drops the future. While the thread unwinds, a panic of its destructor is contained.
    ///
    /// A future that is not ready may hold a call that it awaits, and beside it a value of its own. Both may panic.
    fn drop(&mut self) {
        if std::thread::panicking() {
            contain(None, &mut || self.end());
        } else if self.is_ready {
            self.end();
        } else {
            in_scope(&mut || self.end());
        }
    }
}

/// The future of an async extension or wrapper: a `Send` future of any type.
///
/// Make an `ExtensionFuture` with `ExtensionFuture::new(async move { … })`, or with `.into()` from a boxed future.
#[must_use = "futures do nothing unless they are awaited"]
pub struct ExtensionFuture<'f, T> {
    raw: Raw,
    /// Owned, perhaps in a buffer.
    future: PhantomData<(NonNull<dyn Future<Output = T> + Send + 'f>, &'f mut FutureBuffer)>,
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
        FutureSlot::own().put(future)
    }

    /// Returns a future that sets `here` to the output of this one.
    pub(crate) fn filling(self, here: &'f mut Here<T>) -> Filling<'f> {
        let (out, setter) = here.parts();
        let Self { raw, .. } = self;
        Filling { raw, out: out.cast(), setter, borrowed: PhantomData }
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
        let mut polled = Poll::Pending;
        // SAFETY: the output of the future is a `T`.
        unsafe { self.raw.poll((&raw mut polled).cast(), cx) };
        polled
    }
}

impl<T> fmt::Debug for ExtensionFuture<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExtensionFuture").finish_non_exhaustive()
    }
}

/// The future of an async extension or wrapper, which sets a [`Here`] to its output.
///
/// It has none of the types of a point.
pub(crate) struct Filling<'f> {
    raw: Raw,
    /// The value of the [`Here`], a `Poll` of the output.
    out: *mut (),
    setter: &'f mut Setter,
    borrowed: PhantomData<&'f mut FutureBuffer>,
}

// SAFETY: it is an `ExtensionFuture` with a reference to a `Here`. Both are `Send`.
unsafe impl Send for Filling<'_> {}

impl Future for Filling<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        this.setter.set();
        // SAFETY: `out` is a `Poll` of the output, by `filling`. It is borrowed for the life of this future.
        if unsafe { this.raw.poll(this.out, cx) } { Poll::Ready(()) } else { Poll::Pending }
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
