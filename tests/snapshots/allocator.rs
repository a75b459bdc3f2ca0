//! Memory of values, given out again last in, first out.
//!
//! A reader that is late may meet another value at an address that it knows. Whether it does must follow from the
//! schedule alone, as the checker runs the same steps again. The system's allocator remembers more than that.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::ptr::null_mut;

/// What makes a value so large that nothing else has its size.
pub(crate) type Padding = [u64; 100];

struct Stacked;

#[global_allocator]
static STACKED: Stacked = Stacked;

thread_local! {
    /// Free memory of values, linked through its first word.
    static FREE: Cell<*mut u8> = const { Cell::new(null_mut()) };
}

/// The size of all memory that a value may stand in, with what the checker adds.
const SIZE: usize = 1024;

fn is_of_value(layout: Layout) -> bool {
    layout.align() <= 16 && (size_of::<Padding>()..=SIZE).contains(&layout.size())
}

fn block() -> Layout {
    Layout::from_size_align(SIZE, 16).unwrap_or_else(|_| unreachable!("the alignment is a power of two"))
}

#[expect(unsafe_code, reason = "an allocator is")]
#[expect(clippy::cast_ptr_alignment, reason = "memory of values is aligned for all that they are")]
// SAFETY: memory comes from the system's allocator, and is large and aligned enough for all that `is_of_value`.
unsafe impl GlobalAlloc for Stacked {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if !is_of_value(layout) {
            // SAFETY: as the caller promises.
            return unsafe { System.alloc(layout) };
        }
        let first = FREE.get();
        if first.is_null() {
            // SAFETY: the size is not zero.
            return unsafe { System.alloc(block()) };
        }
        // SAFETY: the first word of free memory is the link to the next.
        FREE.set(unsafe { first.cast::<*mut u8>().read() });
        first
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        if !is_of_value(layout) {
            // SAFETY: as the caller promises.
            return unsafe { System.dealloc(memory, layout) };
        }
        // SAFETY: it is free, large and aligned enough for a link.
        unsafe { memory.cast::<*mut u8>().write(FREE.get()) };
        FREE.set(memory);
    }
}
