//! Makes ready and does one operation over few and over four times as many plugins, for the test beside it, which
//! counts the instructions of both. Without arguments it prints the names of the operations and how many few are.
#![allow(missing_docs, missing_debug_implementations, reason = "test plugins are nobody's API")]
#![allow(clippy::needless_for_each, reason = "one line for each operation")]

mod asking;
mod calling;
mod configuring;
mod living;
mod loading;
mod mistaken;
mod ordering;
mod plugins;
mod registering;
mod serving;

/// An operation that is ready to be done, once.
type Operation = Box<dyn FnMut()>;

/// The name of an operation, over how many plugins it is counted first, and what makes it ready for so many.
type Row = (&'static str, usize, fn(usize) -> Operation);

/// How many plugins are few, unless a row needs more to show how it grows.
const FEW: usize = 200;

const TABLE: [&[Row]; 9] = [
    &registering::ROWS,
    &ordering::ROWS,
    &asking::ROWS,
    &calling::ROWS,
    &living::ROWS,
    &serving::ROWS,
    &loading::ROWS,
    &configuring::ROWS,
    &mistaken::ROWS,
];

/// The function whose instructions are counted, each time it runs.
#[inline(never)]
fn counted_operation(operation: &mut Operation) {
    operation();
}

fn main() -> Result<(), String> {
    let mut arguments = std::env::args().skip(1);
    let rows = || TABLE.into_iter().flatten();
    let Some(name) = arguments.next() else {
        rows().for_each(|(name, few, _)| println!("{few} {name}"));
        return Ok(());
    };
    let (_, few, ready) =
        rows().find(|row| row.0 == name).ok_or_else(|| format!("there is no operation named `{name}`"))?;
    let sizes: Vec<usize> = match arguments.next() {
        Some(sizes) => sizes.split(',').map(|size| size.parse().expect("a number of plugins")).collect(),
        None => vec![*few, 4 * few],
    };
    for size in sizes {
        let mut operation = ready(size);
        let started = std::time::Instant::now();
        counted_operation(&mut operation);
        eprintln!("{name}, {size}: {:?}", started.elapsed());
        // What is left over is no part of the operation.
        std::mem::forget(operation);
    }
    Ok(())
}
