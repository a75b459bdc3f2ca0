//! One side of one pair, called once in a function of its own, for programs that count instructions.

use std::hint::black_box;

use crate::pairs::{self, Call, Measure, Work};

/// Calls `side` of the pair with that name, the last time in `counted_call`. The sides are numbered: the library,
/// the other, and for layers these two without the layers.
///
/// # Panics
///
/// If no pair has the name.
pub fn count(name: &str, side: usize) {
    count_in(name, side, |only| match name.split_once('/') {
        Some(("register", _)) => pairs::registration(only),
        Some(("change", _)) => pairs::changes(only),
        Some(("beyond", _)) => pairs::beyond(only),
        _ => pairs::all(only),
    });
}

/// The same for one of the pairs that `show` shows.
///
/// # Panics
///
/// If no pair has the name.
pub fn count_in(name: &str, side: usize, show: impl FnOnce(&mut Only<'_>)) {
    let mut only = Only { name, side, found: false };
    show(&mut only);
    assert!(only.found, "no pair has the name {name}");
}

/// Calls one side of the pair with this name.
pub struct Only<'n> {
    name: &'n str,
    side: usize,
    found: bool,
}

impl Measure for Only<'_> {
    fn pair<A>(&mut self, work: Work, mut library: impl FnMut() -> A, mut other: impl FnMut() -> A) {
        if work.name == self.name {
            self.found = true;
            if self.side == 0 { once(&mut library) } else { once(&mut other) }
        }
    }

    fn layers(&mut self, work: Work, library: [Call<'_>; 2], other: [Call<'_>; 2]) {
        if work.name == self.name {
            self.found = true;
            let ([with, without], [other, other_without]) = (library, other);
            match self.side {
                0 => once(with),
                1 => once(other),
                2 => once(without),
                _ => once(other_without),
            }
        }
    }
}

fn once<A>(call: &mut (impl FnMut() -> A + ?Sized)) {
    // What a first call sets up for good is not counted.
    for _ in 0..3 {
        drop(black_box(call()));
    }
    let mut outcome = None;
    counted_call(&mut || outcome = Some(call()));
    drop(black_box(outcome));
}

/// What runs in here is counted, by the name of the function. The indirect call and the place for the outcome
/// are a few instructions on both sides.
#[inline(never)]
fn counted_call(call: &mut dyn FnMut()) {
    call();
}
