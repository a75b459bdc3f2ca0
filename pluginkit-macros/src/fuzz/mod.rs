//! Random options on random items: the macros may reject them, but never panic and never hang.
//!
//! `PLUGINKIT_FUZZ_INPUTS` is the number of inputs, and `PLUGINKIT_FUZZ_SEED` selects them.

mod nesting;
mod random;
mod source;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use proc_macro2::TokenStream;

use random::Random;

use crate::support::editor::tests::in_an_editor;

/// The default number of inputs.
const INPUTS: u64 = 1_000;
/// The time limit of one input on a slow machine.
const STUCK: Duration = Duration::from_secs(60);

/// The input of one macro.
#[derive(Clone, Default)]
struct Input {
    seed: u64,
    args: String,
    item: String,
}

/// The result of a macro.
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

/// Expands one input for the compiler and for an editor. An accepted expansion must consist of items.
fn expand(macro_: Expand, args: TokenStream, item: &TokenStream) -> Result<Verdict, String> {
    in_an_editor(|| expand_once(macro_, args.clone(), item))?;
    expand_once(macro_, args, item)
}

fn expand_once(expand: Expand, args: TokenStream, item: &TokenStream) -> Result<Verdict, String> {
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

/// Expands many inputs of `generate` with one macro.
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
            progress.send(()).expect("the test waits for progress");
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
    assert!(accepted >= twentieth, "nearly all inputs were rejected: correct inputs are hardly tested");
    assert!(inputs - accepted >= twentieth, "nearly all inputs were accepted: mistakes are hardly tested");
}

#[test]
fn extension_point_accepts_or_rejects_every_input() {
    try_many("extension_point", crate::extension_point::expand, source::specs);
}

#[test]
fn extension_accepts_or_rejects_every_input() {
    try_many("extension", crate::extension::expand, source::block);
}

#[test]
fn plugin_accepts_or_rejects_every_input() {
    try_many("plugin", crate::plugin::expand, source::plugin);
}

#[test]
fn point_accepts_or_rejects_every_input() {
    // It expands to a type, not to items.
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
