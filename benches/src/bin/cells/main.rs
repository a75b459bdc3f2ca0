//! Calls through the cell that snapshots are read from, beside the same calls through cells of other crates.
//!
//! Without arguments it prints the nanoseconds of a collecting call over closures in a plain vector, and what each cell
//! adds to it: the least of 25 runs in turns. Then it prints what a replacement costs before and after a peak of threads.
//! `cells NAME COUNT` does so many loads and no calls, to be counted:
//! `valgrind --tool=callgrind target/release/cells hazard-cell 100000`.

#[path = "../../../../pluginkit/src/erased/hazard_cell.rs"]
#[allow(unsafe_code, dead_code, reason = "the library's own file, of which this uses a part")]
mod hazard_cell;
mod platform;

use std::cell::RefCell;
use std::env;
use std::hint::black_box;
use std::sync::{Arc, Barrier, RwLock};
use std::thread;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use haphazard::HazardPointer;
use hazard_cell::HazardCell;

const CALLS: usize = 1_000_000;
const RUNS: usize = 25;
const PEAK: usize = 10_000;

/// What a snapshot has: the extensions of a point.
type Extensions = Vec<Box<dyn Fn(usize) -> usize + Send + Sync>>;

fn extensions(count: usize) -> Extensions {
    (0..count).map(|own| Box::new(move |argument| argument ^ own) as Box<_>).collect()
}

/// A collecting call: one function for all, so that they differ in the cell alone.
#[inline(never)]
fn call(extensions: &Extensions, argument: usize) -> usize {
    let mut results = Vec::with_capacity(extensions.len());
    for extension in extensions {
        results.push(extension(argument));
    }
    black_box(&results).len()
}

/// The same extensions in every kind of cell.
struct Cells {
    plain: Extensions,
    hazard: HazardCell<Extensions>,
    swap: ArcSwap<Extensions>,
    haphazard: haphazard::AtomicPtr<Extensions>,
    lock: RwLock<Arc<Extensions>>,
}

impl Cells {
    fn new(count: usize) -> Self {
        Self {
            plain: extensions(count),
            hazard: HazardCell::new(Arc::new(extensions(count))),
            swap: ArcSwap::from_pointee(extensions(count)),
            haphazard: haphazard::AtomicPtr::from(Box::new(extensions(count))),
            lock: RwLock::new(Arc::new(extensions(count))),
        }
    }
}

thread_local! {
    static HELD: RefCell<HazardPointer<'static>> = RefCell::new(HazardPointer::new());
}

/// Makes so many calls, and returns how many results there were.
type Run = fn(&Cells, usize) -> usize;

const KINDS: [(&str, Run); 6] = [
    ("plain", |cells, calls| (0..calls).map(|each| call(black_box(&cells.plain), each)).sum()),
    ("hazard-cell", |cells, calls| (0..calls).map(|each| call(&black_box(&cells.hazard).load(), each)).sum()),
    ("arc-swap", |cells, calls| (0..calls).map(|each| call(&black_box(&cells.swap).load(), each)).sum()),
    ("haphazard", |cells, calls| {
        HELD.with_borrow_mut(|pointer| {
            let run = |each| {
                let loaded = black_box(&cells.haphazard).safe_load(pointer);
                let results = loaded.map_or(0, |extensions| call(extensions, each));
                pointer.reset_protection();
                results
            };
            (0..calls).map(run).sum()
        })
    }),
    ("haphazard-new", |cells, calls| {
        let run = |each| {
            let mut pointer = HazardPointer::new();
            let loaded = black_box(&cells.haphazard).safe_load(&mut pointer);
            loaded.map_or(0, |extensions| call(extensions, each))
        };
        (0..calls).map(run).sum()
    }),
    ("rwlock-arc", |cells, calls| {
        let load = || Arc::clone(&black_box(&cells.lock).read().expect("nobody panics"));
        (0..calls).map(|each| call(&load(), each)).sum()
    }),
];

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if let [name, count] = &arguments[..] {
        let (_, run) = KINDS.iter().find(|(own, _)| own == name).expect("one of the names of the table");
        let count = count.parse().expect("a number of loads");
        assert_eq!(run(&Cells::new(0), count), 0);
        return;
    }
    for count in [1, 10, 100] {
        print_calls(count);
    }
    let cell = HazardCell::new(Arc::new(extensions(1)));
    println!("replacing: {:?}", replacing(&cell));
    crowd(&cell);
    println!("replacing after {PEAK} threads: {:?}", replacing(&cell));
}

fn print_calls(count: usize) {
    let (cells, calls) = (Cells::new(count), CALLS / count);
    let mut least = [Duration::MAX; KINDS.len()];
    for _ in 0..RUNS {
        for (least, (_, run)) in least.iter_mut().zip(KINDS) {
            let begin = Instant::now();
            assert_eq!(run(&cells, calls), count * calls);
            *least = begin.elapsed().min(*least);
        }
    }
    let nanoseconds = least.map(|time| time.as_secs_f64() * 1e9 / calls as f64);
    println!("{count} extensions by hand: {:.1} ns", nanoseconds[0]);
    for (own, (name, _)) in nanoseconds.iter().zip(KINDS).skip(1) {
        println!("  {name}: {:.1} ns more, {:.2} times", own - nanoseconds[0], own / nanoseconds[0]);
    }
}

/// The mean time of a replacement.
fn replacing(cell: &HazardCell<Extensions>) -> Duration {
    const COUNT: u32 = 10_000;
    let begin = Instant::now();
    (0..COUNT).for_each(|_| drop(cell.replace(Arc::new(extensions(1)))));
    begin.elapsed() / COUNT
}

/// Lets many threads load at once, and waits until all have ended.
fn crowd(cell: &HazardCell<Extensions>) {
    let barrier = Barrier::new(PEAK);
    thread::scope(|scope| {
        let crowd: Vec<_> = (0..PEAK)
            .map(|_| {
                let work = || {
                    drop(cell.load());
                    barrier.wait();
                };
                thread::Builder::new().stack_size(64 * 1024).spawn_scoped(scope, work).expect("a thread")
            })
            .collect();
        // Joined one by one, as a scope does not wait for the destructors of thread-locals.
        crowd.into_iter().for_each(|thread| thread.join().expect("nothing panics"));
    });
}
