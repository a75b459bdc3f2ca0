//! [`Current`]: what is current, read by many threads at once while others replace it.
//!
//! A reader that took a reference count on each call would pay for it, and all readers would write to the same
//! place. Here one announces, in a slot of its own thread, what it is about to read, and looks whether that is still
//! current: then whoever replaces it finds the announcement, gives the reader a reference and strikes the
//! announcement out. The reader strikes it out itself when it is done or, if that has been done for it, gives the
//! reference back. So what was replaced goes as soon as its last reader is done, and nobody waits for anybody.
//!
//! With `arc-swap` a load and its release took 57 instructions, here 21; `benches/README.md` has what else was tried.
//!
//! What is unsafe about it rests on these rules, which hold within this file:
//!
//! 1. A [`Current`] owns a reference of what its pointer points to.
//! 2. Who holds a [`Held`] has either an announcement of its pointer that came before a look at a `Current` which had
//!    that pointer, or a reference. An announcement is struck out by its holder, or by who replaced the pointer and
//!    added a reference before.
//! 3. Announcing and looking, and replacing and searching the announcements, are in the one order of all
//!    sequentially consistent operations: of a reader that looked before the replacement the announcement is found, and
//!    one that looks after it does not see the old pointer.
//! 4. Announcements are of values of one type only. A reader may be late and announce a pointer that is not current
//!    any more, whose memory may be that of another value by now: if that one is replaced, the reader gets a reference of
//!    it, and gives that back. Announcements of one pointer are alike: whose is struck out does not matter.
//! 5. Slots are never freed.

use std::ops::Deref;
use std::ptr::{self, null_mut};

use super::Kept;
use super::platform::{self, Arc, AtomicBool, AtomicPtr, Ordering};

type Slot = AtomicPtr<Kept>;

/// The announcements of one thread.
#[repr(align(64))]
pub(crate) struct Record {
    slots: [Slot; platform::SLOTS],
    next: AtomicPtr<Record>,
    is_taken: AtomicBool,
}

impl Record {
    /// A slot without an announcement, which only the thread that took the record fills.
    #[inline]
    fn free(&self) -> Option<&Slot> {
        self.slots.iter().find(|slot| slot.load(Ordering::Relaxed).is_null())
    }

    /// Leaves the record to the next thread that needs one.
    pub(super) fn leave(&self) {
        self.is_taken.store(false, Ordering::Release);
    }
}

/// The records of all threads, which come and never go.
pub(crate) struct Records {
    pub(super) first: AtomicPtr<Record>,
}

impl Records {
    fn iter(&self) -> impl Iterator<Item = &'static Record> {
        let at = |link: &AtomicPtr<Record>| {
            // SAFETY: links are null or to records, which are never freed.
            unsafe { link.load(Ordering::SeqCst).as_ref() }
        };
        std::iter::successors(at(&self.first), move |record| at(&record.next))
    }

    /// A record that no thread has, with a free slot.
    pub(super) fn take(&self) -> &'static Record {
        let left = self.iter().find(|record| {
            let taken = record.is_taken.compare_exchange(false, true, Ordering::Acquire, Ordering::Relaxed);
            // A reader that went to another thread may have an announcement there still.
            let is_full = taken.is_ok() && record.free().is_none();
            if is_full {
                record.leave();
            }
            taken.is_ok() && !is_full
        });
        left.unwrap_or_else(|| self.add())
    }

    fn add(&self) -> &'static Record {
        let record: &'static Record = Box::leak(Box::new(Record {
            slots: std::array::from_fn(|_| Slot::new(null_mut())),
            next: AtomicPtr::new(null_mut()),
            is_taken: AtomicBool::new(true),
        }));
        let mut first = self.first.load(Ordering::Relaxed);
        loop {
            record.next.store(first, Ordering::Relaxed);
            let added = ptr::from_ref(record).cast_mut();
            match self.first.compare_exchange(first, added, Ordering::SeqCst, Ordering::Relaxed) {
                Ok(_) => return record,
                Err(other) => first = other,
            }
        }
    }
}

/// What is current.
pub(crate) struct Current {
    /// From `Arc::into_raw`; its provenance is exposed.
    pointer: AtomicPtr<Kept>,
}

// SAFETY: it is an `Arc` that can be replaced, of something `Send + Sync`.
unsafe impl Send for Current where Kept: Send + Sync {}
// SAFETY: as above.
unsafe impl Sync for Current where Kept: Send + Sync {}

/// The pointer of `value`, which now owns its reference.
fn raw(value: Arc<Kept>) -> *mut Kept {
    let pointer = Arc::into_raw(value);
    let _ = pointer.expose_provenance();
    pointer.cast_mut()
}

impl Current {
    pub(crate) fn new(value: Arc<Kept>) -> Self {
        Self { pointer: AtomicPtr::new(raw(value)) }
    }

    /// What is current now.
    #[inline]
    pub(crate) fn load(&self) -> Held {
        match platform::own().and_then(Record::free) {
            Some(slot) => self.announce(slot),
            None => self.load_elsewhere(),
        }
    }

    /// What is current now or, if that is not ready, what `make` makes of it, which is current from then on unless
    /// another has come first.
    #[inline]
    pub(crate) fn load_ready(
        &self,
        is_ready: impl FnOnce(&Kept) -> bool,
        make: impl FnOnce(&Kept) -> Arc<Kept>,
    ) -> Held {
        let current = self.load();
        if is_ready(&current) { current } else { self.make_ready(current, make) }
    }

    #[cold]
    #[inline(never)]
    fn make_ready(&self, current: Held, make: impl FnOnce(&Kept) -> Arc<Kept>) -> Held {
        let ready = make(&current);
        let (old, new) = (current.pointer, raw(Arc::clone(&ready)));
        if self.pointer.compare_exchange(old, new, Ordering::SeqCst, Ordering::Relaxed).is_ok() {
            // SAFETY: the reference of `old` was this cell's, whose pointer it is no more.
            drop(unsafe { replaced(old) });
        } else {
            // SAFETY: nobody else has seen this pointer.
            drop(unsafe { Arc::from_raw(new) });
        }
        // Held until here, so that nothing else can have had its pointer.
        drop(current);
        Held::from(ready)
    }

    /// Makes `new` current, and returns what was.
    pub(crate) fn replace(&self, new: Arc<Kept>) -> Arc<Kept> {
        let old = self.pointer.swap(raw(new), Ordering::SeqCst);
        // SAFETY: the reference of `old` was this cell's, whose pointer it is no more.
        unsafe { replaced(old) }
    }

    /// Whether `value` is current.
    pub(crate) fn is(&self, value: &Arc<Kept>) -> bool {
        ptr::eq(self.pointer.load(Ordering::SeqCst), Arc::as_ptr(value))
    }

    /// Announces in `slot`, which is free and this thread's, what is current.
    #[inline]
    fn announce(&self, slot: &'static Slot) -> Held {
        let mut guess = self.pointer.load(Ordering::Relaxed);
        loop {
            platform::announce(slot, guess);
            let current = self.pointer.load(Ordering::SeqCst);
            if ptr::eq(current, guess) {
                return Held { pointer: current, slot: Some(slot) };
            }
            take_back(slot, guess);
            guess = current;
        }
    }

    /// What is current now, for a thread without a free slot.
    #[cold]
    #[inline(never)]
    fn load_elsewhere(&self) -> Held {
        if let Some(slot) = platform::enter().and_then(Record::free) {
            return self.announce(slot);
        }
        let record = platform::records().take();
        let slot = record.free().expect("a record that was taken has a free slot");
        let held = self.announce(slot).into_arc();
        record.leave();
        Held::from(held)
    }
}

impl Drop for Current {
    fn drop(&mut self) {
        let pointer = self.pointer.load(Ordering::Relaxed);
        // SAFETY: the reference is this cell's, of which nobody loads any more.
        drop(unsafe { replaced(pointer) });
    }
}

/// Takes back the announcement of a guess that was wrong.
#[cold]
#[inline(never)]
fn take_back(slot: &Slot, guess: *mut Kept) {
    if slot.compare_exchange(guess, null_mut(), Ordering::Release, Ordering::Acquire).is_err() {
        let guess = ptr::with_exposed_provenance(guess.addr());
        // SAFETY: by rules 2 and 4 who struck it out added a reference of what is there now, which is a `Kept`.
        drop(unsafe { Arc::<Kept>::from_raw(guess) });
    }
}

/// Gives a reference to everyone who announced `old`, and returns the one of who calls this.
///
/// # Safety
///
/// The caller owns a reference of `old`, of which a `Current` had the pointer, and has it no more.
unsafe fn replaced(old: *mut Kept) -> Arc<Kept> {
    // SAFETY: as the caller promises.
    let own = unsafe { Arc::from_raw(old) };
    platform::before_search();
    for record in platform::records().iter() {
        for slot in &record.slots {
            if !ptr::eq(slot.load(Ordering::SeqCst), old) {
                continue;
            }
            let theirs = Arc::into_raw(Arc::clone(&own));
            if slot.compare_exchange(old, null_mut(), Ordering::AcqRel, Ordering::Acquire).is_err() {
                // SAFETY: the reader was done before it could be given this reference.
                drop(unsafe { Arc::from_raw(theirs) });
            }
        }
    }
    own
}

/// What was current when it was loaded.
pub(crate) struct Held {
    pointer: *mut Kept,
    /// Where it was announced; if nowhere, this owns a reference.
    slot: Option<&'static Slot>,
}

// SAFETY: it is a reference of something `Send + Sync`, and what it does to a slot any thread may do.
unsafe impl Send for Held where Kept: Send + Sync {}
// SAFETY: as above.
unsafe impl Sync for Held where Kept: Send + Sync {}

impl Held {
    /// The same as a reference, which can be kept.
    pub(crate) fn into_arc(self) -> Arc<Kept> {
        let held = std::mem::ManuallyDrop::new(self);
        // SAFETY: by rule 2 it is there, for as long as what is released next is not.
        unsafe { Arc::increment_strong_count(held.pointer) };
        release(held.pointer, held.slot);
        // SAFETY: the reference was just added.
        unsafe { Arc::from_raw(held.pointer) }
    }
}

impl From<Arc<Kept>> for Held {
    fn from(value: Arc<Kept>) -> Self {
        Self { pointer: raw(value), slot: None }
    }
}

impl Deref for Held {
    type Target = Kept;

    #[inline]
    fn deref(&self) -> &Kept {
        // SAFETY: by rules 2 and 3 nobody drops it before this is released.
        unsafe { &*self.pointer }
    }
}

impl Drop for Held {
    #[inline]
    fn drop(&mut self) {
        release(self.pointer, self.slot);
    }
}

/// Strikes out the announcement of a [`Held`], or gives back its reference.
#[inline]
fn release(pointer: *mut Kept, slot: Option<&'static Slot>) {
    // What was read of it happens before the search that finds the slot free.
    let strike =
        |slot: &Slot| slot.compare_exchange(pointer, null_mut(), Ordering::Release, Ordering::Acquire);
    if slot.is_none_or(|slot| strike(slot).is_err()) {
        give_back(pointer);
    }
}

#[cold]
#[inline(never)]
fn give_back(pointer: *mut Kept) {
    // SAFETY: by rule 2 its holder, which called this on its way out, owns a reference.
    drop(unsafe { Arc::from_raw(pointer) });
}
