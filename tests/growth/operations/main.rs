//! Makes operations ready and does each over few and over four times as many plugins. The test beside it counts the
//! instructions of each. Without arguments the program prints the names of the operations. Before the names,
//! `--times 4` takes four times as many plugins, and `--sizes 1000,20000` as many as it says.
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

/// The name of an operation, the smaller number of plugins it is counted over, and the function that makes it ready.
type Row = (&'static str, usize, fn(usize) -> Operation);

/// The smaller number of plugins: quadratic operations show at it, and the whole table takes a minute under `valgrind`.
const FEW: usize = 40;

/// The smaller number where the array that calls loop over matters: it has leaves of up to 64 places, and a change copies
/// one. Over fewer plugins, it would copy a part of one.
const ARRAY: usize = 80;

/// The number of plugins that rows about changes of such an array start with.
const FILLED: usize = 64;

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
    let rows = || TABLE.into_iter().flatten();
    let mut arguments = std::env::args().skip(1).peekable();
    if arguments.peek().is_none() {
        rows().for_each(|(name, ..)| println!("{name}"));
        return Ok(());
    }
    let (mut times, mut sizes) = (1, None);
    while let Some(option) = arguments.next_if(|argument| argument.starts_with("--")) {
        let numbers = numbers(&arguments.next().unwrap_or_default())?;
        match (option.as_str(), numbers.as_slice()) {
            ("--times", &[number]) => times = number,
            ("--sizes", _) => sizes = Some(numbers),
            _ => return Err(format!("there is no option `{option}` with these numbers: {numbers:?}")),
        }
    }
    for name in arguments {
        let (_, few, ready) = rows()
            .find(|row| row.0 == name)
            .ok_or_else(|| format!("there is no operation named `{name}`"))?;
        let few = few * times;
        for size in sizes.clone().unwrap_or_else(|| vec![few, 4 * few]) {
            let mut operation = ready(size);
            let started = std::time::Instant::now();
            counted_operation(&mut operation);
            eprintln!("{name}, {size}: {:?}", started.elapsed());
            // Dropping the operation is no part of it.
            std::mem::forget(operation);
            // A row in which plugins panic has silenced panics, those of later rows too.
            drop(std::panic::take_hook());
        }
    }
    Ok(())
}

fn numbers(list: &str) -> Result<Vec<usize>, String> {
    let number = |text: &str| text.parse().map_err(|error| format!("`{text}` is not a number: {error}"));
    list.split(',').map(number).collect()
}
