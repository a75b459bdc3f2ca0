//! Registrations that fail, and plugins that do.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use pluginkit::limits::{BreakerPolicy, CircuitState};
use pluginkit::prelude::*;
use pluginkit::{Error, Options};
use shuttle::thread;

use crate::explore;
use crate::host::{Host, Model, Refused, Voice};

/// Registered by its type.
struct Listed(Voice);

#[extension]
impl Model for Listed {
    fn pass(&self, mut trail: Vec<u32>) -> Vec<u32> {
        trail.push(self.0.number());
        trail
    }
}

#[test]
fn a_registration_of_many_that_is_refused_is_never_seen() {
    explore(|| {
        Host::with(|host| {
            thread::scope(|scope| {
                scope.spawn(|| {
                    let listed = |number| Listed(Voice::new(number, &host.ledger));
                    let all = [("one", listed(7)), ("two", listed(8)), ("resident-0", listed(9))];
                    let refused = host.pm.register_all(all);
                    assert!(matches!(refused, Err(Error::NameTaken { .. })), "{refused:?}");
                    assert!(!host.pm.is_registered("two"));
                });
                scope.spawn(|| host.come("one", 10).map(drop).expect("who is refused takes no name"));
                scope.spawn(|| {
                    for _ in 0..2 {
                        let trail = host.pass();
                        assert!(!trail.iter().any(|voice| (7..10).contains(voice)), "{trail:?}");
                    }
                });
            });
        });
    });
}

#[test]
fn a_registration_of_many_is_seen_whole() {
    explore(|| {
        Host::with(|host| {
            thread::scope(|scope| {
                scope.spawn(|| {
                    let listed = |number| Listed(Voice::new(number, &host.ledger));
                    host.pm.register_all([("one", listed(7)), ("two", listed(8))]).expect("they are new");
                    assert_eq!(host.pass(), [0, 1, 7, 8]);
                });
                scope.spawn(|| {
                    let trail = host.pass();
                    assert!(trail == [0, 1] || trail == [0, 1, 7, 8], "a part of a registration: {trail:?}");
                });
            });
        });
    });
}

#[test]
fn a_replay_that_fails_leaves_nothing() {
    explore(|| {
        Host::with(|host| {
            host.pm.caller(Model::hear).call_historic(1).expect("nobody refuses");
            thread::scope(|scope| {
                scope.spawn(|| {
                    let plugin = PluginBuilder::new(Voice::new(7, &host.ledger)).named("guest");
                    let refused = plugin
                        .extension(Model::hear, Options::new(), |_, _| Err(Refused))
                        .extension(Model::pass, Options::new(), |_, args| args.trail)
                        .register(&host.pm);
                    assert!(matches!(refused, Err(Error::Replay { .. })), "{refused:?}");
                    host.expect(7, false);
                    assert!(!host.pm.is_registered("guest"));
                });
                scope.spawn(|| host.call(1));
                // It fails if it reaches who is to refuse, and may.
                scope.spawn(|| drop(host.pm.caller(Model::hear).call_historic(2)));
            });
            assert_eq!(host.pm.plugin_names().len(), 2);
        });
    });
}

#[test]
fn a_circuit_that_was_opened_can_be_closed_again() {
    explore(|| {
        Host::with(|host| {
            let time = Arc::new(Mutex::new(SystemTime::UNIX_EPOCH));
            let clock = Arc::clone(&time);
            let after = Duration::from_secs(1);
            let policy = BreakerPolicy::new(1).retry_after(after).clock(move || *clock.lock().unwrap());
            let breaker = host.pm.break_circuits(policy);
            let plugin = PluginBuilder::new(Voice::new(7, &host.ledger)).named("guest");
            let fails = |event| if event == 1 { Err(Refused) } else { Ok(()) };
            plugin
                .extension(Model::hear, Options::new(), move |_, args| fails(args.event))
                .extension(Model::pass, Options::new(), |_, args| args.trail)
                .register(&host.pm)
                .expect("its name is free");
            thread::scope(|scope| {
                for event in [1, 1, 2] {
                    scope.spawn(move || {
                        let outcome = host.pm.caller(Model::hear).call_historic(event);
                        assert!(event == 1 || outcome.is_ok());
                    });
                }
            });
            let (state, reason) = (breaker.state("guest"), host.pm.disabled_reason("guest"));
            assert!(!host.pm.is_enabled("guest"), "a plugin that has failed is enabled: {state}, {reason:?}");
            assert_eq!(state, CircuitState::Open, "it is disabled, and nobody knows why: {reason:?}");
            *time.lock().unwrap() += after;
            breaker.retry();
            assert!(host.pm.is_enabled("guest"), "it stays disabled without end: {state}, {reason:?}");
        });
    });
}
