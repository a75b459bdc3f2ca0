//! Random configurations, of several sources each: they are loaded or refused, and nothing else.
//!
//! `PLUGINKIT_FUZZ_INPUTS` says how many inputs are tried, `PLUGINKIT_FUZZ_SEED` which.

mod check;
mod document;
mod plugins;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use pluginkit_tests::Random;

use check::Verdict;
use document::Document;

/// How many inputs are tried unless the environment says otherwise.
const INPUTS: u64 = 1_500;
/// How long one input may take on the slowest of machines.
const STUCK: Duration = Duration::from_secs(60);

/// What a host is given.
#[derive(Clone, Debug)]
struct Input {
    seed: u64,
    /// What was loaded before.
    before: Document,
    /// Whether the manager is started then.
    started: bool,
    /// Whether plugins are switched off then.
    switched: bool,
    /// What is loaded, one merged after the other.
    sources: Vec<Document>,
    variables: Vec<(String, String)>,
    profile: Option<&'static str>,
}

impl Input {
    fn new(seed: u64) -> Self {
        let random = &mut Random::new(seed, 1);
        let before = document::right(random, 1_000);
        let (started, switched) = (random.once_in(2), random.once_in(4));
        let sources = (0..=random.below(3)).map(|_| document::any(random)).collect();
        let profile = random.once_in(4).then(|| random.one_of(&["development", "staging", "production"]));
        Self { seed, before, started, switched, sources, variables: document::variables(random), profile }
    }

    fn show(&self) -> String {
        let Self { seed, before, started, switched, sources, variables, profile } = self;
        let sources: Vec<_> = sources.iter().map(|source| source.0.as_str()).collect();
        format!(
            "seed {seed}\n--- before, started: {started}, switched: {switched}\n{}\n--- loaded, profile {profile:?}, {variables:?}\n{}",
            before.0,
            sources.join("\n--- merged with\n")
        )
    }
}

fn number(name: &str, default: u64) -> u64 {
    match std::env::var(name) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name} is `{text}`, which is no whole number")),
        Err(_) => default,
    }
}

/// Keeps quiet about the panics of factories that are to.
fn hush() {
    let others = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if panic.payload().downcast_ref::<&str>() != Some(&"meant to panic") {
            others(panic);
        }
    }));
}

#[test]
fn any_configuration_is_loaded_or_refused() {
    let inputs = number("PLUGINKIT_FUZZ_INPUTS", INPUTS);
    let first = number("PLUGINKIT_FUZZ_SEED", 1);
    hush();
    let current = Arc::new(Mutex::new(0));
    let (progress, seen) = mpsc::channel();
    let shown = Arc::clone(&current);
    let worker = thread::spawn(move || {
        let mut counts = [0_u64; Verdict::ALL.len()];
        for seed in first..first + inputs {
            *shown.lock().unwrap_or_else(PoisonError::into_inner) = seed;
            let input = Input::new(seed);
            match catch_unwind(AssertUnwindSafe(|| check::check(&input))) {
                Ok(verdict) => counts[verdict as usize] += 1,
                Err(panic) => {
                    eprintln!("{}", input.show());
                    std::panic::resume_unwind(panic);
                }
            }
            progress.send(()).expect("somebody waits");
        }
        counts
    });
    loop {
        match seen.recv_timeout(STUCK) {
            Ok(()) => {}
            Err(mpsc::RecvTimeoutError::Disconnected) => break,
            Err(mpsc::RecvTimeoutError::Timeout) => {
                let seed = *current.lock().unwrap_or_else(PoisonError::into_inner);
                panic!("loading hangs\n{}", Input::new(seed).show());
            }
        }
    }
    let counts = worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    let told: Vec<_> =
        Verdict::ALL.iter().zip(counts).map(|(verdict, count)| format!("{count} {verdict:?}")).collect();
    println!("{inputs} configurations: {}", told.join(", "));
    for (verdict, count) in Verdict::ALL.iter().zip(counts) {
        assert!(count >= inputs / 50, "hardly any was {verdict:?}: {counts:?}");
    }
}
