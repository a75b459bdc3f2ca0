//! Threads that do random operations.

use pluginkit::observe::Event;
use shuttle::rand::{Rng, thread_rng};
use shuttle::thread;

use crate::explore;
use crate::host::{Host, Late, Model, RESIDENTS};

const STEPS: usize = 5;

/// One worker and the plugin that it alone registers and takes away.
struct Worker<'h> {
    host: &'h Host,
    number: u32,
    name: String,
    is_in: bool,
}

impl Worker<'_> {
    fn work(mut self) {
        for _ in 0..STEPS {
            self.step();
            self.host.expect(self.number, self.is_in);
        }
        if self.is_in {
            assert!(self.host.pm.unregister(&self.name).is_some(), "{} was lost", self.name);
        }
    }

    fn step(&mut self) {
        let pm = &self.host.pm;
        match thread_rng().gen_range(0..8) {
            0..=1 if self.is_in => {
                assert!(pm.unregister(&self.name).is_some(), "{} was lost", self.name);
                self.is_in = false;
            }
            0..=1 => {
                self.host.come(&self.name, self.number).expect("its name is free");
                self.is_in = true;
            }
            2 if self.is_in => {
                pm.set_enabled(&self.name, false).expect("it is there");
                self.host.expect(self.number, false);
                pm.set_enabled(&self.name, true).expect("it is there");
            }
            3 => {
                pm.set_blocked(self.name.as_str());
                assert!(self.host.come(&self.name, self.number).is_err(), "a blocked name was taken");
                assert!(pm.unblock(&self.name));
                self.is_in = false;
            }
            4 => drop(pm.observe(|_: &Event<'_>| {})),
            5 => pm.add_extension_points(Late).expect("the same again does nothing"),
            6 => pm.caller(Model::hear).call_historic(self.number).expect("nobody refuses"),
            _ => {
                let found = pm.caller(Model::find).call(self.number);
                assert_eq!(found, Some(self.number % RESIDENTS));
            }
        }
    }
}

#[test]
fn guarantees_of_calls_hold_beside_any_other_operation() {
    explore(|| {
        Host::with(|host| {
            thread::scope(|scope| {
                for number in 7..10 {
                    let worker = Worker { host, number, name: format!("guest-{number}"), is_in: false };
                    scope.spawn(move || worker.work());
                }
            });
            assert_eq!(host.pm.plugin_names().len(), 2);
            assert!(host.call(1).is_empty());
        });
    });
}
