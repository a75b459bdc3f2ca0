//! Historic calls: each listener hears each of them once, whenever it comes.

use std::sync::{Arc, Mutex};

use pluginkit::Options;
use pluginkit::prelude::*;
use shuttle::thread;

use crate::explore;
use crate::host::{Host, Ledger, Model, Voice};

struct Listener {
    heard: Mutex<Vec<u32>>,
    _voice: Voice,
}

impl Listener {
    fn new(ledger: &Ledger) -> Arc<Self> {
        Arc::new(Self { heard: Mutex::default(), _voice: Voice::new(50, ledger) })
    }

    fn heard(&self) -> Vec<u32> {
        self.heard.lock().expect("nothing panics").clone()
    }

    fn hear(&self, event: u32) {
        self.heard.lock().expect("nothing panics").push(event);
        // Others have their turn while it is told.
        thread::yield_now();
    }

    fn register(self: &Arc<Self>, pm: &PluginManager, name: &str) {
        PluginBuilder::<Self>::new(Arc::clone(self))
            .named(name)
            .extension(Model::hear, Options::new(), |this, args| {
                this.hear(args.event);
                Ok(())
            })
            .register(pm)
            .expect("its name is free");
    }
}

fn tell(pm: &PluginManager, event: u32) {
    pm.caller(Model::hear).call_historic(event).expect("nobody refuses");
}

#[test]
fn a_new_plugin_hears_each_call_once_and_in_order() {
    explore(|| {
        Host::with(|host| {
            let listeners = [(); 3].map(|()| Listener::new(&host.ledger));
            listeners[0].register(&host.pm, "listener-0");
            tell(&host.pm, 1);
            thread::scope(|scope| {
                scope.spawn(|| {
                    tell(&host.pm, 2);
                    tell(&host.pm, 3);
                });
                for (listener, name) in listeners[1..].iter().zip(["listener-1", "listener-2"]) {
                    scope.spawn(|| {
                        listener.register(&host.pm, name);
                        assert!(listener.heard().starts_with(&[1]), "it is in, and has not heard what was");
                    });
                }
            });
            for listener in &listeners {
                assert_eq!(listener.heard(), [1, 2, 3]);
            }
        });
    });
}

#[test]
fn two_calls_at_once_are_each_heard_once() {
    explore(|| {
        Host::with(|host| {
            let listeners = [(); 2].map(|()| Listener::new(&host.ledger));
            listeners[0].register(&host.pm, "listener-0");
            thread::scope(|scope| {
                for event in 1..3 {
                    scope.spawn(move || tell(&host.pm, event));
                }
                scope.spawn(|| listeners[1].register(&host.pm, "listener-1"));
            });
            for listener in &listeners {
                let mut heard = listener.heard();
                heard.sort_unstable();
                assert_eq!(heard, [1, 2]);
            }
        });
    });
}

#[test]
fn a_plugin_registered_again_hears_every_call_again() {
    explore(|| {
        Host::with(|host| {
            let listener = Listener::new(&host.ledger);
            tell(&host.pm, 1);
            thread::scope(|scope| {
                scope.spawn(|| tell(&host.pm, 2));
                scope.spawn(|| {
                    listener.register(&host.pm, "listener");
                    assert!(host.pm.unregister_plugin(&listener).is_some());
                    let before = listener.heard().len();
                    let again = Listener::new(&host.ledger);
                    again.register(&host.pm, "listener");
                    assert!(before >= 1 && again.heard().starts_with(&[1]));
                    assert!(host.pm.unregister("listener").is_some());
                });
                scope.spawn(|| host.call(1));
            });
            let last = Listener::new(&host.ledger);
            last.register(&host.pm, "last");
            assert_eq!(last.heard(), [1, 2]);
        });
    });
}

#[test]
fn results_reach_the_sink_once_per_listener_and_call() {
    explore(|| {
        Host::with(|host| {
            let told = Arc::new(Mutex::new(0));
            let listeners = [(); 2].map(|()| Listener::new(&host.ledger));
            thread::scope(|scope| {
                let sink = Arc::clone(&told);
                scope.spawn(move || {
                    let caller = host.pm.caller(Model::hear);
                    let count = move |()| *sink.lock().expect("nothing panics") += 1;
                    caller.call_historic_with(1, count).expect("nobody refuses");
                });
                for (listener, name) in listeners.iter().zip(["listener-0", "listener-1"]) {
                    scope.spawn(|| listener.register(&host.pm, name));
                }
            });
            assert!(listeners.iter().all(|listener| listener.heard() == [1]));
        });
    });
}

#[test]
fn an_awaited_registration_hears_each_call_once() {
    explore(|| {
        Host::with(|outer| {
            let pm = Arc::new(AsyncPluginManager::new("model"));
            pm.add_extension_points(Model).expect("they are new");
            let listeners = [(); 2].map(|()| Listener::new(&outer.ledger));
            thread::scope(|scope| {
                let tells = Arc::clone(&pm);
                scope.spawn(move || {
                    shuttle::future::block_on(async {
                        for event in 1..3 {
                            tells.caller(Model::hear).call_historic(event).await.expect("nobody refuses");
                        }
                    });
                });
                for (listener, name) in listeners.iter().zip(["listener-0", "listener-1"]) {
                    let pm = &pm;
                    scope.spawn(move || {
                        let plugin = PluginBuilder::<Listener>::new(Arc::clone(listener)).named(name);
                        let plugin =
                            plugin.async_extension(Model::hear, Options::new(), |this, args, slot| {
                                slot.put(async move {
                                    shuttle::future::yield_now().await;
                                    this.hear(args.event);
                                    Ok(())
                                })
                            });
                        shuttle::future::block_on(plugin.register_and_replay(pm)).expect("its name is free");
                    });
                }
            });
            assert!(listeners.iter().all(|listener| listener.heard() == [1, 2]));
            let _ = outer.call(1);
        });
    });
}
