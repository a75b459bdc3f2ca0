//! [`Chunk`]: heap memory of a call, which a thread keeps for its next calls.

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::cell::Cell;
use std::mem::ManuallyDrop;
use std::ptr::NonNull;

/// The alignment of chunks.
pub(super) const ALIGN: usize = 16;

/// Heap memory of calls.
pub(super) struct Chunk {
    start: NonNull<u8>,
    capacity: usize,
}

/// What the memory of a chunk holds while no call has it.
struct Unused {
    next: Option<NonNull<Self>>,
    capacity: usize,
    /// The number of chunks in the list that starts here.
    count: usize,
}

/// The chunks that a thread keeps for its next calls: a list through their memory.
struct Kept(Cell<Option<NonNull<Unused>>>);

thread_local! {
    static KEPT: Kept = const { Kept(Cell::new(None)) };
}

impl Chunk {
    /// The capacity of the smallest chunk: large enough for the futures of most calls.
    const LEAST: usize = 512;
    /// The capacity of the largest chunk that a thread keeps, and the number of chunks.
    pub(super) const KEPT: (usize, usize) = (16 * 1024, 4);

    /// Returns a chunk of at least `capacity` bytes. Smaller ones that the thread keeps before it are freed.
    pub(super) fn of(capacity: usize) -> Self {
        while let Ok(Some(chunk)) = KEPT.try_with(Kept::pop) {
            if chunk.capacity >= capacity {
                return chunk;
            }
        }
        let layout = Self::layout(capacity.max(Self::LEAST));
        Self { start: allocate(layout), capacity: layout.size() }
    }

    fn layout(capacity: usize) -> Layout {
        Layout::from_size_align(capacity, ALIGN).expect("the sizes of types, rounded up, are in bounds")
    }

    /// Returns the start and the capacity, for [`from_raw`](Self::from_raw).
    #[inline]
    pub(super) fn into_raw(self) -> (NonNull<u8>, usize) {
        let chunk = ManuallyDrop::new(self);
        (chunk.start, chunk.capacity)
    }

    /// Returns the chunk of this start and this capacity.
    ///
    /// # Safety
    ///
    /// Both must come from [`into_raw`](Self::into_raw), and only this call may take them.
    #[inline]
    pub(super) unsafe fn from_raw(start: NonNull<u8>, capacity: usize) -> Self {
        Self { start, capacity }
    }

    /// Returns the number of chunks that this thread keeps.
    #[cfg(test)]
    pub(super) fn kept() -> usize {
        KEPT.with(Kept::count)
    }

    /// Keeps it for a later call, or frees it.
    pub(super) fn end(self) {
        let (most, _) = Self::KEPT;
        if self.capacity > most {
            return;
        }
        let mut chunk = Some(self);
        let _ = KEPT.try_with(|kept| chunk.take().into_iter().for_each(|chunk| kept.push(chunk)));
    }
}

impl Drop for Chunk {
    fn drop(&mut self) {
        // SAFETY: `of` allocated it with this layout.
        unsafe { dealloc(self.start.as_ptr(), Self::layout(self.capacity)) }
    }
}

impl Kept {
    #[inline]
    fn pop(&self) -> Option<Chunk> {
        let first = self.0.get()?;
        // SAFETY: what is in the list belongs to it, and was written by `push`.
        let Unused { next, capacity, .. } = unsafe { first.read() };
        self.0.set(next);
        Some(Chunk { start: first.cast(), capacity })
    }

    fn count(&self) -> usize {
        // SAFETY: as in `pop`.
        self.0.get().map_or(0, |first| unsafe { first.as_ref() }.count)
    }

    #[inline]
    fn push(&self, chunk: Chunk) {
        let count = 1 + self.count();
        let (_, most) = Chunk::KEPT;
        if count > most {
            return;
        }
        let unused = Unused { next: self.0.get(), capacity: chunk.capacity, count };
        let first = chunk.start.cast::<Unused>();
        // SAFETY: a chunk is large and aligned enough, as is checked below, and belongs to the list from now on.
        unsafe { first.write(unused) };
        std::mem::forget(chunk);
        self.0.set(Some(first));
    }
}

const _: () = assert!(size_of::<Unused>() <= Chunk::LEAST && align_of::<Unused>() <= ALIGN);

impl Drop for Kept {
    fn drop(&mut self) {
        while self.pop().is_some() {}
    }
}

/// Allocates memory of this layout. Its size must not be zero.
pub(super) fn allocate(layout: Layout) -> NonNull<u8> {
    assert!(layout.size() > 0, "a header takes memory");
    // SAFETY: the size of the layout is not zero.
    let start = unsafe { alloc(layout) };
    NonNull::new(start).unwrap_or_else(|| handle_alloc_error(layout))
}
