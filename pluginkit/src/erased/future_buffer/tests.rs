//! Tests of the buffer.

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
    assert!(buffer.missed().unwrap().get() >= 512);
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
    assert!(buffer.missed().is_none());
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

/// The size of the heads of nested buffers.
const HEAD: usize = 192;

/// A future of `depth` others inside of each other, of which the innermost waits once and drops `held` then.
fn nested(depth: usize, mut room: FutureRoom<'_>, held: Arc<()>) -> ExtensionFuture<'_, usize> {
    let slot = room.slot();
    slot.put(async move {
        let mut buffer = room.into_buffer();
        if depth > 0 {
            return nested(depth - 1, buffer.room(HEAD), held).await + 1;
        }
        let mut waited = false;
        std::future::poll_fn(|_| {
            if std::mem::replace(&mut waited, true) { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
        drop(held);
        0
    })
}

#[test]
fn futures_inside_of_each_other_share_the_memory() {
    let held = Arc::new(());
    // Enough for all, for some, and for none.
    for wanted in [40 * HEAD, 5 * HEAD, 0] {
        let mut buffer = FutureBuffer::of(wanted);
        for polls in [2, 1, 0] {
            let mut future = nested(30, buffer.room(HEAD), Arc::clone(&held));
            for poll_number in 0..polls {
                let expected = if poll_number == 1 { Poll::Ready(30) } else { Poll::Pending };
                assert_eq!(poll(&mut future), expected);
            }
            drop(future);
            assert_eq!(Arc::strong_count(&held), 1);
            assert!(!*buffer.memory.lends_tail.get_mut() && !*buffer.memory.holds_future.get_mut());
        }
        assert_eq!(buffer.missed(), None);
    }
}

#[test]
fn a_head_that_is_too_small_is_left_to_the_futures_inside() {
    let held = Arc::new(());
    let mut buffer = FutureBuffer::of(HEAD);
    let mut future = nested(3, buffer.room(32), Arc::clone(&held));
    assert_eq!((poll(&mut future), poll(&mut future)), (Poll::Pending, Poll::Ready(3)));
    drop(future);
    assert!(buffer.missed().unwrap().get() > 32);
    assert_eq!(Arc::strong_count(&held), 1);
}

#[test]
fn a_tail_that_was_forgotten_keeps_its_memory() {
    let held = Arc::new(7);
    let kept = {
        let mut buffer = FutureBuffer::of(1024);
        let mut room = buffer.room(HEAD);
        let slot = room.slot::<()>();
        let inner = Arc::clone(&held);
        let mut future = slot.put(async move {
            let mut buffer = room.into_buffer();
            let mut waits = FutureSlot::of(&mut buffer).put(async move {
                std::future::pending::<()>().await;
                drop(inner);
            });
            assert!(poll(&mut waits).is_pending());
            std::mem::forget(waits);
        });
        assert_eq!(poll(&mut future), Poll::Ready(()));
        drop(future);
        // The head is free, but there is no second buffer of the tail.
        let mut room = buffer.room(HEAD);
        let _ = room.slot::<()>();
        assert!(room.into_buffer().memory.outer.is_none());
        buffer.memory.start
    };
    // The chunk was not freed, and is not used by the next buffer.
    let mut next = FutureBuffer::of(1024);
    let _ = next.room(HEAD);
    assert_ne!(next.memory.start, kept);
    assert_eq!(Arc::strong_count(&held), 2);
}

#[test]
fn a_thread_keeps_few_chunks_that_are_not_large() {
    std::thread::spawn(|| {
        let filled = |wanted| {
            let mut buffer = FutureBuffer::of(wanted);
            let _ = buffer.room(0);
            buffer
        };
        let kept = || Chunk::kept();
        let buffers: Vec<_> = (0..10).map(|_| filled(0)).collect();
        drop(buffers);
        assert_eq!(kept(), Chunk::KEPT.1);
        drop(filled(Chunk::KEPT.0 + 1));
        // Those that were too small are gone, and the large one is freed.
        assert_eq!(kept(), 0);
        let first = filled(600).memory.start;
        assert_eq!(filled(512).memory.start, first);
    })
    .join()
    .unwrap();
}
