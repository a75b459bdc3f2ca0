//! [`FutureBuffer`]: memory that the futures of one call use in turn.
//!
//! A boxed future costs more than most extensions. Extensions that run one after the other share one buffer, which is as
//! large as the largest future. Wrappers run inside of each other: the first bytes of a buffer, its head, are for the future
//! of a wrapper, and the others, its tail, are the buffer of the rest of the call. So all futures of a call are in one
//! [`Chunk`], which a thread keeps for the next call.
//!
//! An [`ExtensionFuture`] points to a future behind a [`Header`]. The header has the functions of the future's type, and
//! records whether the memory belongs to a buffer or to the future. So most code here is independent of types, and a host
//! compiles little of it per point. Eight rules make it sound:
//!
//! 1. The head of a buffer holds at most one future. An `ExtensionFuture<'f, _>` borrows the buffer for `'f`, and drops the
//!    future when it is ready, when it has panicked, or when the `ExtensionFuture` is dropped.
//! 2. A future is pinned. Its memory is on the heap, does not move with the buffer, and is reused only after the drop of
//!    the future. If an `ExtensionFuture` was forgotten, the buffer leaks the memory.
//! 3. A future is written only to memory that is large and aligned enough for it and its header.
//! 4. The header ends where the future starts, so that each is found from the other.
//! 5. The functions in the header belong to the type of the future.
//! 6. One [`FutureSlot`] or [`FutureRoom`] of a buffer exists at a time, which borrows it exclusively. A room becomes at
//!    most one slot and one buffer. While it is borrowed, of a buffer only `holds_future`, `lends_tail` and `missed` change.
//! 7. The buffer that a tail became says so when it is dropped with nothing left in its memory. If it was forgotten, or
//!    leaks its own memory, the buffer that the tail belongs to leaks all of its memory.
//! 8. The bounds between head and tail never grow, so that a head is free even if something is left in the tail.

use std::alloc::{Layout, dealloc};
use std::fmt;
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::num::NonZeroUsize;
use std::pin::Pin;
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll};

use crate::base::drops::{contain, drop_each};
use crate::erased::chunk::{ALIGN, Chunk, allocate};
use crate::erased::here::{Here, Setter};

/// The functions of a type of futures.
struct Functions {
    layout: Layout,
    poll: unsafe fn(NonNull<()>, *mut (), &mut Context<'_>) -> bool,
    drop: unsafe fn(NonNull<()>),
}

impl Functions {
    /// Returns the functions of `F`.
    const fn of<F: Future>() -> &'static Self {
        const { &Self { layout: Layout::new::<F>(), poll: poll_future::<F>, drop: drop_future::<F> } }
    }
}

/// Polls the `F` at `future`. If it is ready, writes its output to `out` as a `Poll`, and drops it. Returns whether it is
/// ready.
///
/// A future that panics is dropped, too: its destructor may panic as well.
///
/// # Safety
///
/// There must be a pinned `F`, which is not used again if it is ready or panics. `out` must be valid for a write of a `Poll`
/// of its output.
unsafe fn poll_future<F: Future>(future: NonNull<()>, out: *mut (), cx: &mut Context<'_>) -> bool {
    let polling = Polling { future, drop: drop_future::<F> };
    // SAFETY: the caller guarantees both.
    unsafe {
        let mut future = future.cast::<F>();
        let polled = Pin::new_unchecked(future.as_mut()).poll(cx);
        std::mem::forget(polling);
        let is_ready = polled.is_ready();
        if is_ready {
            out.cast::<Poll<F::Output>>().write(polled);
            future.drop_in_place();
        }
        is_ready
    }
}

/// A future during a poll.
struct Polling {
    future: NonNull<()>,
    drop: unsafe fn(NonNull<()>),
}

impl Drop for Polling {
    #[cold]
    fn drop(&mut self) {
        // SAFETY: `poll_future` has the future, and unwinds.
        contain(None, &mut || unsafe { (self.drop)(self.future) });
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
    /// The buffer whose memory it is; null if the future owns it.
    buffer: *const Memory,
}

/// Returns the offset of a future with alignment `align` from the start of its memory.
const fn offset(align: usize) -> usize {
    if align > size_of::<Header>() { align } else { size_of::<Header>() }
}

/// The memory of a buffer.
struct Memory {
    /// Heap memory of `capacity` bytes; dangling if that is 0.
    start: NonNull<u8>,
    capacity: usize,
    /// The size of the head.
    head: usize,
    /// The memory whose tail this one is; `None` if it is a chunk.
    outer: Option<NonNull<Self>>,
    /// Whether there is a future in the head.
    holds_future: AtomicBool,
    /// Whether a buffer has the tail.
    lends_tail: AtomicBool,
    /// The size of a future that did not fit; 0 if there was none.
    missed: AtomicUsize,
}

// SAFETY: it is heap memory, which holds only `Send` futures.
unsafe impl Send for Memory {}
// SAFETY: by rule 6, shared memory does not change but for atomics.
unsafe impl Sync for Memory {}

impl Memory {
    /// Returns the start of the head for a future of `size` bytes with its header, if it is free and large enough.
    #[inline]
    fn take_head(&self, size: usize) -> Option<NonNull<u8>> {
        if size > self.head || self.holds_future.load(Ordering::Acquire) {
            self.missed.store(size, Ordering::Relaxed);
            return None;
        }
        self.holds_future.store(true, Ordering::Relaxed);
        Some(self.start)
    }

    /// Replaces the memory by a chunk of at least `capacity` bytes.
    #[cold]
    #[inline(never)]
    fn grow(&mut self, capacity: usize) {
        self.clear();
        (self.start, self.capacity) = Chunk::of(capacity).into_raw();
        self.head = self.capacity;
    }

    /// Ends the use of the memory, or leaks it by the rules 2 and 7 if something is left in it.
    fn clear(&mut self) {
        let (capacity, outer) = (std::mem::take(&mut self.capacity), self.outer.take());
        let is_left = *self.holds_future.get_mut() || *self.lends_tail.get_mut();
        (*self.holds_future.get_mut(), *self.lends_tail.get_mut(), self.head) = (false, false, 0);
        match outer {
            _ if is_left || capacity == 0 => {}
            // SAFETY: a buffer borrows the memory whose tail it has.
            Some(outer) => unsafe { outer.as_ref() }.lends_tail.store(false, Ordering::Release),
            // SAFETY: `grow` took both from a chunk, and the capacity is 0 from now on.
            None => unsafe { Chunk::from_raw(self.start, capacity) }.end(),
        }
    }
}

/// Memory for one future at a time. It is a chunk, or the tail `'m` of another buffer.
pub(crate) struct FutureBuffer<'m> {
    memory: Memory,
    /// The capacity that it needs.
    wanted: usize,
    outer: PhantomData<&'m Memory>,
}

impl FutureBuffer<'_> {
    /// The largest capacity that a buffer has from the start.
    const MOST: usize = 64 * 1024;

    /// Returns a buffer without memory. It gets that for its first future, and at least `wanted` bytes.
    #[inline]
    pub(crate) fn of(wanted: usize) -> Self {
        let memory = Memory {
            start: NonNull::dangling(),
            capacity: 0,
            head: 0,
            outer: None,
            holds_future: AtomicBool::new(false),
            lends_tail: AtomicBool::new(false),
            missed: AtomicUsize::new(0),
        };
        Self { memory, wanted: wanted.clamp(1, Self::MOST), outer: PhantomData }
    }

    /// Gets the memory that it needs, if it has less.
    #[inline]
    pub(super) fn fill(&mut self) {
        if self.memory.missed.load(Ordering::Relaxed) > self.wanted {
            self.wanted = self.memory.missed.load(Ordering::Relaxed);
        }
        if self.memory.capacity < self.wanted {
            self.memory.grow(self.wanted);
        }
    }

    /// Returns the slot for a future, in the memory that the buffer has.
    #[inline]
    pub(super) fn slot<T>(&mut self) -> FutureSlot<'_, T> {
        FutureSlot { buffer: Some(&self.memory), returns: PhantomData }
    }

    /// Returns the size of a future that did not fit, with its header.
    #[inline]
    pub(crate) fn missed(&self) -> Option<NonZeroUsize> {
        NonZeroUsize::new(self.memory.missed.load(Ordering::Relaxed))
    }

    /// Returns the room for a future of a wrapper, with its header in `head` bytes, and for the futures inside of it.
    #[inline]
    pub(crate) fn room(&mut self, head: usize) -> FutureRoom<'_> {
        self.fill();
        // A future that does not fit leaves its bytes to those inside of it. Both are aligned.
        self.memory.head = if head > self.memory.head { 0 } else { head - head % ALIGN };
        FutureRoom { head: Some(&self.memory), tail: Some(&self.memory) }
    }
}

impl Default for FutureBuffer<'_> {
    fn default() -> Self {
        Self::of(0)
    }
}

impl Drop for FutureBuffer<'_> {
    #[inline]
    fn drop(&mut self) {
        if self.memory.capacity > 0 {
            self.memory.clear();
        }
    }
}

/// The room for a future, and for the futures inside of it.
pub(crate) struct FutureRoom<'n> {
    /// `None` once there is a slot.
    head: Option<&'n Memory>,
    /// `None` if it has no memory.
    tail: Option<&'n Memory>,
}

impl<'n> FutureRoom<'n> {
    /// A room without memory: each future gets its own allocation.
    pub(crate) const NONE: Self = Self { head: None, tail: None };

    /// Returns the slot for the future. A second slot has no memory.
    #[inline]
    pub(crate) fn slot<T>(&mut self) -> FutureSlot<'n, T> {
        FutureSlot { buffer: self.head.take(), returns: PhantomData }
    }

    /// Takes the room, if it has memory.
    #[inline]
    pub(crate) fn take(&mut self) -> Option<Self> {
        Some(Self { head: self.head.take(), tail: Some(self.tail.take()?) })
    }

    /// Returns the buffer for the futures inside of the future.
    #[inline]
    pub(crate) fn into_buffer(self) -> FutureBuffer<'n> {
        let mut buffer = FutureBuffer::of(0);
        if let Some(outer) = self.tail
            && outer.head < outer.capacity
            && !outer.lends_tail.load(Ordering::Acquire)
        {
            outer.lends_tail.store(true, Ordering::Relaxed);
            // SAFETY: the memory has more bytes than its head.
            buffer.memory.start = unsafe { outer.start.add(outer.head) };
            buffer.memory.capacity = outer.capacity - outer.head;
            buffer.memory.head = buffer.memory.capacity;
            buffer.memory.outer = Some(outer.into());
        }
        buffer
    }
}

/// The slot for the future of one async extension or wrapper, which returns a `T`.
///
/// The futures of a call use one buffer in turn, so that they need no allocation each.
pub struct FutureSlot<'f, T> {
    buffer: Option<&'f Memory>,
    returns: PhantomData<fn() -> T>,
}

impl<'f, T> FutureSlot<'f, T> {
    #[inline]
    pub(crate) fn of(buffer: &'f mut FutureBuffer<'_>) -> Self {
        buffer.fill();
        Self { buffer: Some(&buffer.memory), returns: PhantomData }
    }

    /// Returns a slot without a buffer: the future gets its own allocation.
    #[inline]
    pub fn own() -> Self {
        Self { buffer: None, returns: PhantomData }
    }

    /// Puts `future` into the slot.
    #[inline]
    pub fn put<F>(self, future: F) -> ExtensionFuture<'f, T>
    where
        F: Future<Output = T> + Send + 'f,
    {
        // With a destructor to run if the allocation panics, the compiler would build the future elsewhere and copy it.
        let future = ManuallyDrop::new(future);
        let header = place(self.buffer, Functions::of::<F>());
        // SAFETY: by rules 3 and 4, the memory behind the header is large and aligned enough, and holds no future.
        unsafe { header.add(1).cast::<ManuallyDrop<F>>().write(future) };
        ExtensionFuture { raw: Raw { header: Some(header) }, future: PhantomData }
    }
}

/// Returns the header of a future that its caller writes behind it: in `buffer`, if there is one and its memory is large and
/// aligned enough, else in memory of its own.
#[inline]
fn place(buffer: Option<&Memory>, functions: &'static Functions) -> NonNull<Header> {
    let layout = functions.layout;
    if layout.align() <= ALIGN
        && let Some(buffer) = buffer
        && let Some(start) = buffer.take_head(in_buffer(layout.size()))
    {
        let header = start.cast::<Header>();
        // SAFETY: the memory is large and aligned enough for a header and the future behind it.
        unsafe { header.write(Header { functions, buffer }) };
        return header;
    }
    place_alone(functions)
}

/// Returns the size of a future of `size` bytes with its header, in a buffer.
const fn in_buffer(size: usize) -> usize {
    (size + size_of::<Header>()).next_multiple_of(ALIGN)
}

/// Returns the header of a future that its caller writes behind it, in memory of its own.
#[inline(never)]
fn place_alone(functions: &'static Functions) -> NonNull<Header> {
    let start = allocate(own_layout(functions.layout));
    // SAFETY: the memory is large and aligned enough for a header that ends at the offset of the future.
    unsafe {
        let header = start.add(offset(functions.layout.align())).cast::<Header>().sub(1);
        header.write(Header { functions, buffer: ptr::null() });
        header
    }
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
}

impl Raw {
    /// Polls the future. If it is ready, writes its output to `out` as a `Poll`, and drops it. Returns whether it is ready.
    ///
    /// A future that panics is dropped at once: its destructor may panic too.
    ///
    /// # Panics
    ///
    /// Panics if the future was ready or has panicked before.
    ///
    /// # Safety
    ///
    /// `out` must be valid for a write of a `Poll` of its output.
    #[inline]
    unsafe fn poll(&mut self, out: *mut (), cx: &mut Context<'_>) -> bool {
        let header = self.header.expect("a future that is over is not polled again");
        let free = Free(self);
        // SAFETY: by rules 1 and 5 the future exists, is not aliased, and has the type of the functions. By rule 2 it is
        // pinned. The caller guarantees `out`.
        let is_over = unsafe { (header.as_ref().functions.poll)(header.add(1).cast(), out, cx) };
        if is_over {
            drop(free);
        } else {
            std::mem::forget(free);
        }
        is_over
    }

    /// Drops the future and frees its memory, even if its destructor panics.
    fn end(&mut self) {
        if let Some(header) = self.header {
            let _free = Free(self);
            // SAFETY: by rules 1 and 5 the future exists and has the type of the functions. It is dropped once, as the
            // header is taken afterwards.
            unsafe { (header.as_ref().functions.drop)(header.add(1).cast()) }
        }
    }

    /// Frees the memory of the future, which is dropped.
    #[inline]
    fn free(&mut self) {
        if let Some(header) = self.header.take() {
            // SAFETY: the header exists until its memory is freed, which is now. A buffer outlives the borrow of its futures.
            unsafe {
                match header.as_ref().buffer.as_ref() {
                    Some(buffer) => buffer.holds_future.store(false, Ordering::Release),
                    None => free_own(header),
                }
            }
        }
    }
}

/// Frees the memory of a future that is dropped, also if that panics.
struct Free<'r>(&'r mut Raw);

impl Drop for Free<'_> {
    #[inline]
    fn drop(&mut self) {
        self.0.free();
    }
}

/// Frees the memory of a future without a buffer.
///
/// # Safety
///
/// The header must be that of such a future, which is dropped and not used again.
unsafe fn free_own(header: NonNull<Header>) {
    // SAFETY: `place` allocated the memory with this layout.
    unsafe {
        let layout = header.as_ref().functions.layout;
        let start = header.add(1).cast::<u8>().sub(offset(layout.align()));
        dealloc(start.as_ptr(), own_layout(layout));
    }
}

impl Drop for Raw {
    /// Drops the future, unless it is over. While the thread unwinds, a panic of its destructor is contained.
    #[inline]
    fn drop(&mut self) {
        if self.header.is_some() {
            self.drop_left();
        }
    }
}

impl Raw {
    #[inline(never)]
    fn drop_left(&mut self) {
        /// A future that is dropped.
        struct Ending<'r>(&'r mut Raw);

        impl Drop for Ending<'_> {
            fn drop(&mut self) {
                self.0.end();
            }
        }

        if std::thread::panicking() {
            contain(None, &mut || self.end());
        } else {
            // Inside of another future that is dropped, its panic waits until that one has dropped all that it has.
            drop_each([Ending(self)]);
        }
    }
}

/// The future of an async extension or wrapper: a `Send` future of any type.
///
/// `ExtensionFuture::new(async move { … })` makes one, and so does `.into()` of a boxed future.
#[must_use = "futures do nothing unless they are awaited"]
pub struct ExtensionFuture<'f, T> {
    raw: Raw,
    /// Owned, perhaps in a buffer.
    future: PhantomData<(NonNull<dyn Future<Output = T> + Send + 'f>, &'f Memory)>,
}

// SAFETY: it owns a `Send` future and borrows `Sync` memory.
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

// Written out, as users see it.
impl<'f, T: 'f> From<Pin<Box<dyn Future<Output = T> + Send + 'f>>> for ExtensionFuture<'f, T> {
    fn from(future: Pin<Box<dyn Future<Output = T> + Send + 'f>>) -> Self {
        Self::new(future)
    }
}

impl<T> Future for ExtensionFuture<'_, T> {
    type Output = T;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let mut polled = Polled(Poll::Pending);
        // SAFETY: the output of the future is a `T`.
        unsafe { self.raw.poll((&raw mut polled.0).cast(), cx) };
        std::mem::replace(&mut polled.0, Poll::Pending)
    }
}

/// The output of a future. It is left behind if the destructor of the future panics, and its own may panic as well.
struct Polled<T>(Poll<T>);

impl<T> Drop for Polled<T> {
    #[inline]
    fn drop(&mut self) {
        if self.0.is_ready() {
            contain(None, &mut || self.0 = Poll::Pending);
        }
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
    borrowed: PhantomData<&'f Memory>,
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
mod tests;
