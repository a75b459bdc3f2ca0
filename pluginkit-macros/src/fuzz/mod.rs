//! Random options on random items: the macros may reject them, but never panic and never hang.
//!
//! `PLUGINKIT_FUZZ_INPUTS` says how many inputs are tried, `PLUGINKIT_FUZZ_SEED` which.

mod nesting;
mod random;
mod source;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use proc_macro2::TokenStream;

use random::Random;

/// How many inputs are tried unless the environment says otherwise.
const INPUTS: u64 = 2_000;
/// How long one input may take on the slowest of machines.
const STUCK: Duration = Duration::from_secs(60);

/// What one macro was given.
#[derive(Clone, Default)]
struct Input {
    seed: u64,
    args: String,
    item: String,
}

/// What a macro made of its input.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Accepted,
    Rejected,
}

type Expand = fn(TokenStream, &TokenStream) -> TokenStream;

fn number(name: &str, default: u64) -> u64 {
    match std::env::var(name) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name} is `{text}`, which is no whole number")),
        Err(_) => default,
    }
}

/// Expands one input; what is accepted must be items.
fn expand(expand: Expand, args: TokenStream, item: &TokenStream) -> Result<Verdict, String> {
    let expansion = catch_unwind(AssertUnwindSafe(|| expand(args, item)));
    let expansion = expansion.map_err(|_| "panicked".to_owned())?;
    if expansion.to_string().contains("compile_error") {
        return Ok(Verdict::Rejected);
    }
    match syn::parse2::<syn::File>(expansion.clone()) {
        Ok(_) => Ok(Verdict::Accepted),
        Err(error) => Err(format!("accepted it, and wrote what is no Rust ({error}):\n{expansion}")),
    }
}

/// Tries many inputs, which `generate` makes, on one macro.
fn try_many(name: &'static str, macro_: Expand, generate: fn(&mut Random) -> (TokenStream, TokenStream)) {
    let inputs = number("PLUGINKIT_FUZZ_INPUTS", INPUTS);
    let first = number("PLUGINKIT_FUZZ_SEED", 1);
    let current = Arc::new(Mutex::new(Input::default()));
    let (progress, seen) = mpsc::channel();
    let shown = Arc::clone(&current);
    let worker = thread::Builder::new().stack_size(16 << 20).spawn(move || {
        let mut accepted = 0;
        for seed in first..first + inputs {
            let (args, item) = generate(&mut Random::new(seed));
            let input = Input { seed, args: args.to_string(), item: item.to_string() };
            *shown.lock().unwrap_or_else(PoisonError::into_inner) = input.clone();
            match expand(macro_, args, &item) {
                Ok(verdict) => accepted += u64::from(verdict == Verdict::Accepted),
                Err(wrong) => {
                    let Input { seed, args, item } = input;
                    panic!("#[{name}] {wrong}\nseed {seed}\n#[{name}({args})]\n{item}");
                }
            }
            progress.send(()).expect("somebody waits");
        }
        accepted
    });
    let worker = worker.expect("a thread can be had");
    loop {
        match seen.recv_timeout(STUCK) {
            Ok(()) => {}
            Err(mpsc::RecvTimeoutError::Disconnected) => break,
            Err(mpsc::RecvTimeoutError::Timeout) => {
                let Input { seed, args, item } =
                    current.lock().unwrap_or_else(PoisonError::into_inner).clone();
                panic!("#[{name}] hangs\nseed {seed}\n#[{name}({args})]\n{item}");
            }
        }
    }
    let accepted = worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    println!("#[{name}]: {inputs} inputs, {accepted} accepted, {} rejected", inputs - accepted);
    let twentieth = inputs / 20;
    assert!(accepted >= twentieth, "nearly all was rejected: what is right is hardly tried");
    assert!(inputs - accepted >= twentieth, "nearly all was accepted: what is wrong is hardly tried");
}

#[test]
fn extension_point_rejects_what_it_does_not_take() {
    try_many("extension_point", crate::extension_point::expand, source::specs);
}

#[test]
fn extension_rejects_what_it_does_not_take() {
    try_many("extension", crate::extension::expand, source::block);
}

#[test]
fn plugin_rejects_what_it_does_not_take() {
    try_many("plugin", crate::plugin::expand, source::plugin);
}

#[test]
fn point_rejects_what_it_does_not_take() {
    // It stands for a type, not for items.
    let point: Expand = |_, path| {
        let expansion = crate::extension_point::point(path.clone());
        if expansion.to_string().contains("compile_error") {
            return expansion;
        }
        quote::quote!(type Point = #expansion;)
    };
    try_many("point", point, source::path);
}

#[test]
fn a_macro_that_panics_or_writes_nonsense_is_found() {
    let item = TokenStream::new();
    assert!(expand(|_, _| panic!("meant"), item.clone(), &item).is_err());
    assert!(expand(|_, _| quote::quote!(fn), item.clone(), &item).is_err());
}
