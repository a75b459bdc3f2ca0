//! [`Canary`]: heap memory that shows when it is used after it was dropped.

use std::hint::black_box;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::violations::must;

const ALIVE: u8 = 0;
/// The destructor of its owner has begun.
const DYING: u8 = 1;
const GONE: u8 = 2;

const WHOLE: u64 = 0x5afe_c0de_0b1e_55ed;
const SCRIBBLE: u64 = 0xdead_dead_dead_dead;
const WORDS: usize = 24;

/// The canaries that a program made, and how many were dropped.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    made: Mutex<Vec<Arc<Life>>>,
    dropped: AtomicU64,
}

impl Ledger {
    pub(crate) fn made(&self) -> u64 {
        self.lives().len() as u64
    }

    fn lives(&self) -> MutexGuard<'_, Vec<Arc<Life>>> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The canaries that were not dropped.
    pub(crate) fn left(&self) -> Vec<String> {
        let lives = self.lives();
        let left = lives.iter().filter(|life| life.state.load(SeqCst) != GONE);
        left.map(|life| format!("{} {} ({})", life.of, life.number, life.state.load(SeqCst))).collect()
    }

    pub(crate) fn dropped(&self) -> u64 {
        self.dropped.load(SeqCst)
    }
}

/// The state of a canary, which outlives it.
#[derive(Debug)]
pub(crate) struct Life {
    of: &'static str,
    number: u64,
    state: AtomicU8,
}

impl Life {
    /// Fails if the owner's destructor has begun.
    pub(crate) fn must_last(&self, holder: &str) {
        let state = self.state.load(SeqCst);
        must(state == ALIVE, format_args!("{} {} was dropped while {holder} held it", self.of, self.number));
    }
}

/// Heap memory with a pattern, which its destructor overwrites.
#[derive(Debug)]
pub(crate) struct Canary {
    words: Box<[u64]>,
    life: Arc<Life>,
    ledger: Arc<Ledger>,
}

impl Canary {
    pub(crate) fn new(ledger: &Arc<Ledger>, of: &'static str, number: u64) -> Self {
        let life = Arc::new(Life { of, number, state: AtomicU8::new(ALIVE) });
        ledger.lives().push(Arc::clone(&life));
        Self { words: vec![WHOLE ^ number; WORDS].into(), life, ledger: Arc::clone(ledger) }
    }

    pub(crate) fn life(&self) -> &Arc<Life> {
        &self.life
    }

    /// Fails if the memory is not as it was made.
    pub(crate) fn check(&self) {
        let pattern = WHOLE ^ self.life.number;
        let is_whole = self.words.iter().all(|word| *word == pattern);
        must(
            is_whole,
            format_args!("{} {} is used and its memory is overwritten", self.life.of, self.life.number),
        );
    }

    /// Notes that the owner's destructor has begun.
    pub(crate) fn bury(&self) {
        self.check();
        let state = self.life.state.swap(DYING, SeqCst);
        must(state == ALIVE, format_args!("{} {} is dropped a second time", self.life.of, self.life.number));
    }
}

impl Drop for Canary {
    fn drop(&mut self) {
        self.check();
        let state = self.life.state.swap(GONE, SeqCst);
        must(state != GONE, format_args!("{} {} is dropped a second time", self.life.of, self.life.number));
        self.words.fill(SCRIBBLE);
        // Without this the compiler leaves out a write to memory that is freed next.
        black_box(&mut self.words);
        self.ledger.dropped.fetch_add(1, SeqCst);
    }
}
