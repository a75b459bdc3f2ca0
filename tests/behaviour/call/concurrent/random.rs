//! Random extensions: concurrent calls end as calls do that run them one after the other.

use pluginkit::limits::FailurePolicy;
use pluginkit::observe::Event;
use pluginkit::prelude::*;
use pluginkit::{CallError, Options};
use pluginkit_tests::{Random, block_on, pending};

use super::{Specs, manager};

/// What an extension does after it was pending.
#[derive(Clone, Copy, Debug)]
enum Does {
    Answers(u32),
    Abstains,
    Fails(u32),
    Panics(u32),
}

impl Does {
    fn any(random: &mut Random, number: u32) -> Self {
        match random.below(8) {
            0 | 1 => Self::Abstains,
            2 => Self::Fails(number),
            3 => Self::Panics(number),
            _ => Self::Answers(number),
        }
    }

    fn word(self) -> Result<Option<String>, String> {
        match self {
            // One in four ends a reduced call.
            Self::Answers(number) if number % 4 == 3 => Ok(Some("stop".to_owned())),
            Self::Answers(number) => Ok(Some(number.to_string())),
            Self::Abstains => Ok(None),
            Self::Fails(number) => Err(format!("error {number}")),
            // Without the panic hook.
            Self::Panics(number) => std::panic::resume_unwind(Box::new(format!("panic {number}"))),
        }
    }
}

fn told<T: std::fmt::Debug>(result: Result<T, CallError<String>>) -> String {
    fn of(error: &CallError<String>) -> String {
        match error {
            CallError::Failed { plugin, error, .. } => format!("{plugin:?} fails: {error}"),
            CallError::Panicked { plugin, message, .. } => format!("{plugin:?} panics: {message}"),
            CallError::Several { failures, .. } => failures.iter().map(of).collect::<Vec<_>>().join(", "),
            other => format!("{other}"),
        }
    }
    result.map_or_else(|error| of(&error), |value| format!("{value:?}"))
}

/// Passes failures on, and changes the outcome.
struct Wraps;

#[extension(wrapper)]
impl Specs for Wraps {
    async fn parse(&self, text: &str, next: Next<'_>) -> Result<Vec<u32>, String> {
        pending(1).await;
        let mut all = next.run(text).await?;
        all.push(text.len().try_into().unwrap());
        Ok(all)
    }
    async fn join(&self, word: &str, next: Next<'_>) -> Result<String, String> {
        match next.clone().run(word).await {
            Err(error) if error.ends_with('5') => next.run(word).await,
            joined => joined.map(|joined| joined + "!"),
        }
    }
}

#[test]
fn concurrent_calls_end_as_calls_do_whatever_is_the_fastest() {
    for seed in 0..400 {
        let mut random = Random::new(seed, 0);
        let (pm, _) = manager();
        if random.once_in(2) {
            pm.register(Wraps).unwrap();
        }
        let _observer = random.once_in(2).then(|| pm.observe(|_: &Event<'_>| {}));
        let mut all = Vec::new();
        for number in 0..random.below(7) {
            let number = u32::try_from(number).unwrap();
            let (does, pends) = (Does::any(&mut random, number), u32::try_from(random.below(5)).unwrap());
            let is_async = random.below(3) > 0;
            all.push((does, is_async.then_some(pends)));
            let builder = PluginBuilder::new(()).named(format!("p{number}"));
            let builder = if is_async {
                let builder = builder.async_extension(Specs::join, Options::new(), move |_, _, slot| {
                    slot.put(async move {
                        pending(pends).await;
                        does.word()
                    })
                });
                builder.async_extension(Specs::parse, Options::new(), move |_, _, slot| {
                    slot.put(async move {
                        pending(pends).await;
                        does.word().map(|word| word.map(|_| number))
                    })
                })
            } else {
                let builder = builder.extension(Specs::join, Options::new(), move |_, _| does.word());
                builder.extension(Specs::parse, Options::new(), move |_, _| {
                    does.word().map(|word| word.map(|_| number))
                })
            };
            builder.register(&pm).unwrap();
        }
        let limit = [1, 2, 3, 100][random.below(4)];
        for policy in [FailurePolicy::FailFast, FailurePolicy::Skip, FailurePolicy::Collect] {
            let join = pm.caller(Specs::join).on_failure(policy);
            let expected = told(block_on(join.try_call("w")));
            let ended = told(block_on(join.concurrency(limit).try_call_concurrent("w")));
            assert_eq!(ended, expected, "seed {seed}: {policy:?}, up to {limit} of {all:?}");
            if policy == FailurePolicy::FailFast {
                // The first failure that arrives ends a call without a reducer.
                continue;
            }
            let parse = pm.caller(Specs::parse).on_failure(policy);
            let expected = told(block_on(parse.try_call("w")));
            let ended = told(block_on(parse.concurrency(limit).try_call_concurrent("w")));
            assert_eq!(ended, expected, "seed {seed}: {policy:?}, up to {limit} of {all:?}");
        }
    }
}
