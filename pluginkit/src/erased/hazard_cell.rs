//! [`HazardCell`]: a shared value that many threads read while others replace it.
//!
//! With a reference count, all readers would write to the same memory. Here a reader writes the pointer of the value into
//! a *hazard pointer* of its own thread, and checks that the cell still has the value. A writer replaces the pointer of
//! the cell, and searches the hazard pointers for the old one. In each that has it, the writer leaves a counted
//! reference, a *handover*, which the reader drops later. So a replaced value is dropped as soon as its last reader is
//! done, and no thread waits for a reader.
//!
//! The cell makes no assumptions about its values. Their destructors are foreign code, which may load, replace and drop
//! cells.
//!
//! # Invariants
//!
//! 1. A [`HazardCell`] owns a reference of its pointer. The pointer changes only by a swap or a compare-exchange, and the
//!    code that changed it owns the old reference.
//! 2. A hazard pointer is null, an address that its reader wrote, or a tagged handover. Only the reader turns null into an
//!    address, only a writer turns an address into a handover, and only the reader turns either into null.
//!    The reader of a hazard pointer is one load or one [`Guard`] at a time.
//! 3. A writer drops the reference that it took out of a cell only after a search of all hazard pointers in use
//!    (`hand_over_to_readers`).
//! 4. A [`Guard`] without a hazard pointer owns a reference. A guard with one wrote its pointer there, and the cell had
//!    that pointer afterwards.
//! 5. No foreign code except the global allocator runs while a load uses a hazard pointer, while a hazard pointer is
//!    cleared, or under the lock of the records. A load drops the handovers that it takes back after its guard exists.
//! 6. A thread that is about to end has no record. It counts a reference under the lock of the records instead.
//!
//! # Why a guard's value is alive
//!
//! Four operations are sequentially consistent: the write of the hazard pointer, the second look at the cell, the
//! replacement, and the search. In their single order, the replacement comes before the second look, or after it. If it
//! comes before, the second look does not see the old pointer. If it comes after, the hazard pointer was written before the
//! search, and the search finds it. A record that joins after a search was added under the lock of the search, so that its
//! thread sees the replacement. So by invariant 3 the old reference is dropped only after every guard has a handover, or
//! has cleared its hazard pointer.
//!
//! The second look may see the old pointer because the same value was put back. Then the cell owns another reference of
//! it, and another search precedes the drop of that one.
//!
//! A thread without a record reads the pointer under the lock. Either the cell still has the pointer and its reference, or
//! it was replaced just now, and the search before its drop waits for the lock.
//!
//! An address does not identify a value. A late load may write the address of a freed value, which may be the address of
//! another value by now, even of another type. If that value is replaced, the hazard pointer gets a handover of it. A
//! handover has its own type, so that the load takes it back and drops it.
//!
//! # Orderings
//!
//! | operation | ordering | reason |
//! |---|---|---|
//! | first look at the cell | relaxed | a guess, which the second look checks |
//! | write of a hazard pointer, second look | sequentially consistent | see above; the second look also acquires the value |
//! | replacement of the pointer | sequentially consistent | see above; also releases the new value and acquires the old one |
//! | read of hazard pointers in a search | sequentially consistent | see above; also acquires the reads of a reader that is done |
//! | clearing a hazard pointer | release, and acquire on failure | reads of the value come before its drop; a handover is complete |
//! | leaving a handover | release, and acquire on failure | the counterpart of the row above |
//! | search for a free hazard pointer | relaxed | only this thread fills it; the write is a read-modify-write, which continues the release of a guard on another thread |
//! | check whether a record is empty | acquire | the next thread of the record comes after the guards of the last |
//! | position of a record, whether its thread has left, a failed replacement, drop of a cell | relaxed | under the lock, without effect, or exclusive |
//! | address before a handover | relaxed | written before the handover, and read by the thread that reads the handover |
//!
//! A replacement takes the lock for its search. A thread takes it for its first load and at its end. A load in a destructor
//! of a thread-local takes it. Other loads take no lock.
//!
//! A search skips the records of ended threads, so that a peak of threads does not slow later changes. If a guard moved to
//! another thread, its record stays until the drop of the guard.
//!
//! `benches/EXPERIMENTS.md` compares it with `arc-swap` and `haphazard`.

use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ops::Deref;
use std::ptr::{self, NonNull, null_mut};

use super::platform::{self, Arc, AtomicBool, AtomicPtr, AtomicUsize, Mutex, MutexGuard, Ordering};

/// A hazard pointer.
type HazardPointer = AtomicPtr<()>;

/// The bit that marks the content of a hazard pointer as a handover.
const HANDOVER: usize = 1;

/// A counted reference that a writer leaves in a hazard pointer for its reader.
struct Handover {
    /// An `Arc` of any type.
    _reference: Box<dyn Send + Sync>,
}

impl Handover {
    fn into_raw(self) -> *mut () {
        Box::into_raw(Box::new(self)).cast::<()>().map_addr(|address| address | HANDOVER)
    }

    /// # Safety
    ///
    /// `raw` must come from [`into_raw`](Self::into_raw), and only this call may take it.
    unsafe fn from_raw(raw: *mut ()) -> Self {
        let pointer = raw.map_addr(|address| address & !HANDOVER).cast::<Self>();
        // SAFETY: by the contract, it is the pointer of a box after the tag is removed.
        *unsafe { Box::from_raw(pointer) }
    }
}

/// The hazard pointers of one thread.
#[repr(align(64))]
pub(crate) struct Record {
    hazards: [HazardPointer; platform::HAZARD_POINTERS],
    /// For a load while all others are in use, until it has counted a reference.
    reserve: HazardPointer,
    /// The position among the records in use; it changes under their lock.
    position: AtomicUsize,
    /// Whether the thread ended while a guard on another thread used a hazard pointer; it changes under the same lock.
    has_left: AtomicBool,
    /// The address that each hazard pointer had before its last handover. Nothing follows these pointers.
    handed_over: [HazardPointer; platform::HAZARD_POINTERS],
}

impl Record {
    fn new() -> Self {
        Self {
            hazards: std::array::from_fn(|_| HazardPointer::new(null_mut())),
            reserve: HazardPointer::new(null_mut()),
            position: AtomicUsize::new(0),
            has_left: AtomicBool::new(false),
            handed_over: std::array::from_fn(|_| HazardPointer::new(null_mut())),
        }
    }

    /// Returns a free hazard pointer, which only the thread of the record fills.
    #[inline]
    fn free(&self) -> Option<&HazardPointer> {
        self.hazards.iter().find(|hazard| hazard.load(Ordering::Relaxed).is_null())
    }

    fn hazards(&self) -> impl Iterator<Item = &HazardPointer> {
        self.hazards.iter().chain([&self.reserve])
    }

    /// Returns how many hazard pointers have `address`, or a handover of the value there.
    fn count(&self, address: *mut ()) -> usize {
        let has = |(hazard, handed_over): &(&HazardPointer, &HazardPointer)| {
            let content = hazard.load(Ordering::Acquire);
            let is_handover = content.addr() & HANDOVER != 0;
            ptr::eq(if is_handover { handed_over.load(Ordering::Relaxed) } else { content }, address)
        };
        self.hazards.iter().zip(&self.handed_over).filter(has).count()
    }

    fn is_empty(&self) -> bool {
        self.hazards().all(|hazard| hazard.load(Ordering::Acquire).is_null())
    }
}

/// The records of all threads. They are reused and never freed.
pub(crate) struct Records {
    pub(super) lists: Mutex<Lists>,
}

pub(crate) struct Lists {
    /// The records that a search reads.
    in_use: Vec<&'static Record>,
    idle: Vec<&'static Record>,
}

impl Lists {
    pub(super) const EMPTY: Self = Self { in_use: Vec::new(), idle: Vec::new() };

    /// Moves the record at `position` to the idle records.
    fn idle(&mut self, position: usize) {
        let record = self.in_use.swap_remove(position);
        if let Some(moved) = self.in_use.get(position) {
            moved.position.store(position, Ordering::Relaxed);
        }
        self.idle.push(record);
    }
}

impl Records {
    fn lock(&self) -> MutexGuard<'_, Lists> {
        // No code that could panic halfway runs under the lock.
        self.lists.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Returns a record for a thread that has none.
    pub(super) fn take(&self) -> &'static Record {
        let mut lists = self.lock();
        let record = lists.idle.pop().unwrap_or_else(|| Box::leak(Box::new(Record::new())));
        record.has_left.store(false, Ordering::Relaxed);
        record.position.store(lists.in_use.len(), Ordering::Relaxed);
        lists.in_use.push(record);
        record
    }

    /// Returns the number of records that a search reads.
    #[cfg(all(test, not(pluginkit_shuttle)))]
    pub(super) fn in_use(&self) -> usize {
        self.lock().in_use.len()
    }

    /// Takes back the record of a thread that ends.
    pub(super) fn leave(&self, record: &'static Record) {
        let mut lists = self.lock();
        if record.is_empty() {
            lists.idle(record.position.load(Ordering::Relaxed));
        } else {
            record.has_left.store(true, Ordering::Relaxed);
        }
    }
}

/// A shared value that can be replaced while it is read.
pub(crate) struct HazardCell<T: Send + Sync + 'static> {
    /// From `Arc::into_raw`.
    pointer: AtomicPtr<T>,
    owns: PhantomData<Arc<T>>,
}

impl<T: Send + Sync + 'static> HazardCell<T> {
    pub(crate) fn new(value: Arc<T>) -> Self {
        const { assert!(align_of::<T>() > HANDOVER, "the lowest bit of a pointer tells a handover") }
        Self { pointer: AtomicPtr::new(Arc::into_raw(value).cast_mut()), owns: PhantomData }
    }

    /// Returns the current value.
    #[inline]
    pub(crate) fn load(&self) -> Guard<T> {
        match self.try_load() {
            Ok(guard) => guard,
            Err(interrupted) => self.finish(interrupted),
        }
    }

    /// Returns the current value, and drops nothing.
    ///
    /// # Errors
    ///
    /// Returns what [`finish`](Self::finish) needs if a replacement comes in between, or if the thread has no free hazard
    /// pointer.
    #[inline]
    pub(crate) fn try_load(&self) -> Result<Guard<T>, Interrupted<T>> {
        let Some(hazard) = platform::own().and_then(Record::free) else { return Err(Interrupted(None)) };
        let guess = self.pointer.load(Ordering::Relaxed);
        platform::set_hazard(hazard, guess.cast());
        let current = self.pointer.load(Ordering::SeqCst);
        if ptr::eq(current, guess) {
            Ok(Guard::protected(current, hazard))
        } else {
            Err(Interrupted(Some((hazard, guess))))
        }
    }

    /// Returns the current value, after a load of this cell that was interrupted on this thread. It may drop older values.
    #[cold]
    #[inline(never)]
    pub(crate) fn finish(&self, interrupted: Interrupted<T>) -> Guard<T> {
        match ManuallyDrop::new(interrupted).0 {
            Some((hazard, guess)) => self.load_again(hazard, guess),
            None => self.load_slow(),
        }
    }

    /// Returns the current value after `hazard` got an outdated pointer, `guess`.
    fn load_again(&self, hazard: &'static HazardPointer, guess: *mut T) -> Guard<T> {
        let mut handovers: Vec<_> = clear(hazard, guess.cast()).into_iter().collect();
        let guard = self.protect(hazard, &mut handovers);
        platform::drop_each(handovers);
        guard
    }

    /// Returns the current value to a thread that has no record or no free hazard pointer, or that is about to end.
    fn load_slow(&self) -> Guard<T> {
        let Some(record) = platform::enter() else { return Guard::from(self.count()).noted() };
        let mut handovers = Vec::new();
        let guard = match record.free() {
            Some(hazard) => self.protect(hazard, &mut handovers),
            None => Guard::from(self.protect(&record.reserve, &mut handovers).into_arc()),
        };
        platform::drop_each(handovers);
        guard.noted()
    }

    /// Writes the current pointer to `hazard`, which is free and belongs to this thread. Handovers of outdated pointers go
    /// to `handovers`.
    fn protect(&self, hazard: &'static HazardPointer, handovers: &mut Vec<Handover>) -> Guard<T> {
        let mut guess = self.pointer.load(Ordering::Relaxed);
        loop {
            platform::set_hazard(hazard, guess.cast());
            let current = self.pointer.load(Ordering::SeqCst);
            if ptr::eq(current, guess) {
                return Guard::protected(current, hazard);
            }
            handovers.extend(clear(hazard, guess.cast()));
            guess = current;
        }
    }

    /// Counts a reference of the current value without a hazard pointer.
    fn count(&self) -> Arc<T> {
        let _lists = platform::records().lock();
        let pointer = self.pointer.load(Ordering::SeqCst);
        // SAFETY: the cell has the pointer and its reference. If it was replaced just now, its drop comes after
        // `hand_over_to_readers`, which waits for the lock that is held here.
        unsafe {
            Arc::increment_strong_count(pointer);
            Arc::from_raw(pointer)
        }
    }

    /// Makes `new` the current value and returns the old one.
    pub(crate) fn replace(&self, new: Arc<T>) -> Arc<T> {
        let old = self.pointer.swap(Arc::into_raw(new).cast_mut(), Ordering::SeqCst);
        // SAFETY: by invariant 1 this function owns its reference.
        unsafe { retire(old) }
    }

    /// Makes `new` the current value if `seen` is still current, and returns the old one.
    ///
    /// # Errors
    ///
    /// Returns `new` if another value is current.
    pub(crate) fn replace_if_current(&self, seen: &Guard<T>, new: Arc<T>) -> Result<Arc<T>, Arc<T>> {
        let (old, new) = (seen.pointer.as_ptr(), Arc::into_raw(new).cast_mut());
        match self.pointer.compare_exchange(old, new, Ordering::SeqCst, Ordering::Relaxed) {
            // SAFETY: by invariant 1 this function owns its reference.
            Ok(old) => Ok(unsafe { retire(old) }),
            // SAFETY: no other code has seen the pointer.
            Err(_) => Err(unsafe { Arc::from_raw(new) }),
        }
    }

    /// Returns whether `value` is current.
    pub(crate) fn is(&self, value: &T) -> bool {
        ptr::eq(self.pointer.load(Ordering::SeqCst), value)
    }
}

impl<T: Send + Sync + 'static> Drop for HazardCell<T> {
    fn drop(&mut self) {
        let pointer = self.pointer.load(Ordering::Relaxed);
        // SAFETY: the cell owns the reference, and no load is possible any more.
        drop(unsafe { retire(pointer) });
    }
}

/// Returns the reference of `old`, which its cell no longer has, after every guard of it has a handover.
///
/// # Safety
///
/// `old` must come from `Arc::into_raw`, and the caller must own its reference.
unsafe fn retire<T: Send + Sync + 'static>(old: *mut T) -> Arc<T> {
    // Leaked if the search unwinds, for example from a failing allocator: invariant 3.
    // SAFETY: by the contract.
    let old = ManuallyDrop::new(unsafe { Arc::from_raw(old) });
    hand_over_to_readers(&old);
    ManuallyDrop::into_inner(old)
}

/// Leaves a handover of `old`, which its cell no longer has, in every hazard pointer with its address.
fn hand_over_to_readers<T: Send + Sync + 'static>(old: &Arc<T>) {
    let address = Arc::as_ptr(old).cast_mut().cast::<()>();
    let mut lists = platform::records().lock();
    platform::before_search();
    let mut position = 0;
    while let Some(record) = lists.in_use.get(position).copied() {
        for (index, hazard) in record.hazards().enumerate() {
            if ptr::eq(hazard.load(Ordering::SeqCst), address) {
                if let Some(handed_over) = record.handed_over.get(index) {
                    // Before the handover, whose release shows it.
                    handed_over.store(address, Ordering::Relaxed);
                }
                hand_over(hazard, address, old);
            }
        }
        if record.has_left.load(Ordering::Relaxed) && record.is_empty() {
            lists.idle(position);
        } else {
            position += 1;
        }
    }
}

/// Leaves a handover of `value` in `hazard`, if it still has the address of `value`.
fn hand_over<T: Send + Sync + 'static>(hazard: &HazardPointer, address: *mut (), value: &Arc<T>) {
    let handover = Handover { _reference: Box::new(Arc::clone(value)) }.into_raw();
    if hazard.compare_exchange(address, handover, Ordering::Release, Ordering::Acquire).is_err() {
        // SAFETY: no other code has seen it. It is not the last reference, because `value` is one.
        drop(unsafe { Handover::from_raw(handover) });
    }
}

/// Clears `hazard`, to which its reader wrote `pointer`, unless a writer left a handover in it.
#[inline]
fn cleared(hazard: &HazardPointer, pointer: *mut ()) -> bool {
    hazard.compare_exchange(pointer, null_mut(), Ordering::Release, Ordering::Relaxed).is_ok()
}

/// Clears `hazard`, to which its reader wrote `pointer`. Returns the handover of a writer, if there is one.
#[inline]
fn clear(hazard: &HazardPointer, pointer: *mut ()) -> Option<Handover> {
    match hazard.compare_exchange(pointer, null_mut(), Ordering::Release, Ordering::Acquire) {
        Ok(_) => None,
        Err(handover) => Some(take_handover(hazard, handover)),
    }
}

#[cold]
#[inline(never)]
fn take_handover(hazard: &HazardPointer, handover: *mut ()) -> Handover {
    hazard.store(null_mut(), Ordering::Release);
    // SAFETY: by invariant 2, content that its reader did not write is a handover, which only the reader takes.
    unsafe { Handover::from_raw(handover) }
}

/// Returns how many guards hold `value` for code that runs on this thread.
///
/// A guard counts on the thread that loaded it. A guard that uses no hazard pointer counts if it was
/// [noted](Guard::noted).
pub(crate) fn held_here<T>(value: *const T) -> usize {
    let address = value.cast_mut().cast::<()>();
    platform::own().map_or(0, |record| record.count(address)) + platform::noted(address.addr())
}

/// A note that code on this thread holds a value by reference count, as long as it exists.
pub(crate) struct HeldHere(usize);

impl HeldHere {
    /// Notes `value` for [`held_here`].
    pub(crate) fn note<T>(value: &T) -> Self {
        let address = ptr::from_ref(value).addr();
        platform::note(address);
        Self(address)
    }
}

impl Drop for HeldHere {
    fn drop(&mut self) {
        platform::forget(self.0);
    }
}

/// A load that could not be completed at once. It holds the hazard pointer that it has filled, with the outdated pointer.
pub(crate) struct Interrupted<T>(Option<(&'static HazardPointer, *mut T)>);

impl<T> Drop for Interrupted<T> {
    /// Clears the hazard pointer of a load that is given up.
    fn drop(&mut self) {
        if let Some((hazard, guess)) = self.0 {
            drop(clear(hazard, guess.cast()));
        }
    }
}

/// A value that was current when it was loaded. It stays alive until the guard is dropped.
pub(crate) struct Guard<T> {
    pointer: NonNull<T>,
    /// The hazard pointer with the pointer; `None` if the guard owns a reference.
    hazard: Option<&'static HazardPointer>,
    value: PhantomData<Arc<T>>,
}

// SAFETY: a guard is a reference of a `Send + Sync` value, and any thread may clear a hazard pointer.
unsafe impl<T: Send + Sync> Send for Guard<T> {}
// SAFETY: as above.
unsafe impl<T: Send + Sync> Sync for Guard<T> {}

impl<T> Guard<T> {
    /// Returns a guard of `pointer`, which its cell had after the write to `hazard`.
    #[inline]
    fn protected(pointer: *mut T, hazard: &'static HazardPointer) -> Self {
        // SAFETY: pointers of cells come from `Arc::into_raw`, which never returns null.
        let pointer = unsafe { NonNull::new_unchecked(pointer) };
        Self { pointer, hazard: Some(hazard), value: PhantomData }
    }

    /// Returns the guard, which [`held_here`] counts from now on, even if it uses no hazard pointer.
    pub(crate) fn noted(self) -> Self {
        if self.hazard.is_none() {
            platform::note(self.pointer.as_ptr().addr());
        }
        self
    }

    /// Releases the value.
    ///
    /// # Errors
    ///
    /// Returns the guard if it may have the last reference of the value. Its drop may then run foreign code.
    #[inline]
    pub(crate) fn release(self) -> Result<(), Self> {
        match self.hazard {
            Some(hazard) if cleared(hazard, self.pointer.as_ptr().cast()) => {
                let _cleared = ManuallyDrop::new(self);
                Ok(())
            }
            _ => Err(self),
        }
    }

    /// Returns a counted reference of the value, which uses no hazard pointer.
    pub(crate) fn into_arc(self) -> Arc<T> {
        let guard = ManuallyDrop::new(self);
        let pointer = guard.pointer.as_ptr();
        if let Some(hazard) = guard.hazard {
            // SAFETY: the hazard pointer keeps the value alive until it is cleared below.
            unsafe { Arc::increment_strong_count(pointer) };
            // Not the last reference.
            drop(clear(hazard, pointer.cast()));
        } else {
            platform::forget(pointer.addr());
        }
        // SAFETY: the guard owned the reference, or it was added above.
        unsafe { Arc::from_raw(pointer) }
    }
}

impl<T> From<Arc<T>> for Guard<T> {
    fn from(value: Arc<T>) -> Self {
        // SAFETY: `Arc::into_raw` never returns null.
        let pointer = unsafe { NonNull::new_unchecked(Arc::into_raw(value).cast_mut()) };
        Self { pointer, hazard: None, value: PhantomData }
    }
}

impl<T> Deref for Guard<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: by invariants 3 and 4 the value is alive as long as the guard is.
        unsafe { self.pointer.as_ref() }
    }
}

impl<T> Drop for Guard<T> {
    #[inline]
    fn drop(&mut self) {
        // Both may run foreign code, after the hazard pointer is cleared.
        match self.hazard {
            Some(hazard) => drop(clear(hazard, self.pointer.as_ptr().cast())),
            None => drop_counted(self.pointer),
        }
    }
}

#[cold]
#[inline(never)]
fn drop_counted<T>(pointer: NonNull<T>) {
    platform::forget(pointer.as_ptr().addr());
    // SAFETY: by invariant 4 a guard without a hazard pointer owns a reference. Only its drop calls this.
    drop(unsafe { Arc::from_raw(pointer.as_ptr()) });
}
