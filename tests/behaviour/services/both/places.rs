//! The places of services: a service that comes in for another is found where that one was.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use pluginkit::lifecycle::{Lifecycle, StartPolicy};
use pluginkit::metadata::PluginMetadata;
use pluginkit::prelude::*;
use pluginkit::services::ServiceId;

use super::kind::{Manager, implement, wait};

#[extension_point(service)]
trait Tool: Send + Sync {
    fn name(&self) -> &'static str;
}

#[extension_point(service)]
trait Other: Send + Sync {}

struct Named(&'static str);

impl Tool for Named {
    fn name(&self) -> &'static str {
        self.0
    }
}

impl Other for Named {}

/// The contexts of plugins, and what they have provided.
type Provided = Arc<Mutex<Vec<(PluginContext, ServiceId)>>>;

/// A plugin whose start provides these tools, each at a priority.
#[derive(Clone, Default)]
struct Kit {
    tools: &'static [(&'static str, i32)],
    provided: Provided,
    /// The number of tools after which its start fails.
    fails_after: Option<Arc<AtomicUsize>>,
    /// Whether its stop withdraws what it has provided.
    withdraws: bool,
}

implement! {
    #[extension]
    impl Lifecycle for Kit {
        fn start(&self, cx: &PluginContext) -> Result<(), BoxError> {
            for (at, (name, priority)) in self.tools.iter().enumerate() {
                if self.fails_after.as_ref().is_some_and(|after| after.load(Ordering::SeqCst) == at) {
                    return Err("told to".into());
                }
                // Services of another kind have places of their own.
                cx.provide::<dyn Other>(Arc::new(Named(name)))?;
                let id = cx.provide_with::<dyn Tool>(*priority, Arc::new(Named(name)))?;
                self.provided.lock().unwrap().push((cx.clone(), id));
            }
            Ok(())
        }
        fn stop(&self) -> Result<(), BoxError> {
            if self.withdraws {
                let provided = std::mem::take(&mut *self.provided.lock().unwrap());
                assert!(provided.iter().all(|(cx, id)| cx.withdraw(*id)));
            }
            Ok(())
        }
    }
}

/// A plugin that is a tool itself.
struct Hammer(&'static str);

#[extension(service)]
impl Tool for Hammer {
    fn name(&self) -> &'static str {
        self.0
    }
}

fn kit(tools: &'static [(&'static str, i32)]) -> Kit {
    Kit { tools, ..Kit::default() }
}

fn found(pm: &Manager) -> String {
    pm.services::<dyn Tool>().iter().map(|tool| tool.name()).collect::<Vec<_>>().join(" ")
}

/// Returns a manager that runs the kits `a`, `b` and `c`, each with a tool of its name.
fn running() -> Manager {
    let pm = Manager::new("places");
    pm.register_as("a", kit(&[("a", 0)])).unwrap();
    pm.register_as("b", kit(&[("b", 0)])).unwrap();
    pm.register_as("c", kit(&[("c", 0)])).unwrap();
    wait!(pm.start_all()).unwrap();
    assert_eq!(found(&pm), "a b c");
    pm
}

fn replace(pm: &Manager, name: &'static str, exclusive: bool, kit: Kit) {
    let metadata = PluginMetadata::new(name).exclusive(exclusive);
    wait!(pm.replace_built(PluginBuilder::new(kit).metadata(metadata))).unwrap();
}

#[test]
fn a_replacement_provides_in_its_phases_in_the_place_of_the_old_plugin() {
    for exclusive in [false, true] {
        let pm = running();
        let handle = pm.service_handle::<dyn Tool>();
        replace(&pm, "a", exclusive, kit(&[("A", 0)]));
        assert_eq!((found(&pm).as_str(), handle.get().unwrap().name()), ("A b c", "A"));
        replace(&pm, "b", exclusive, kit(&[("B", 0)]));
        replace(&pm, "b", exclusive, kit(&[("BB", 0)]));
        assert_eq!(found(&pm), "A BB c");
        replace(&pm, "b", exclusive, kit(&[("B", 5)]));
        assert_eq!(found(&pm), "B A c", "the priority comes first");
        replace(&pm, "b", exclusive, kit(&[("B", 0)]));
        assert_eq!(found(&pm), "A B c");
    }
}

#[test]
fn a_plugin_that_stops_and_starts_again_provides_in_its_places() {
    let pm = running();
    wait!(pm.stop_plugin("a")).unwrap();
    assert_eq!(found(&pm), "b c");
    wait!(pm.start_plugin("a")).unwrap();
    assert_eq!(found(&pm), "a b c");
    wait!(pm.stop_all()).unwrap();
    for name in ["c", "a", "b"] {
        wait!(pm.start_plugin(name)).unwrap();
    }
    assert_eq!(found(&pm), "a b c");
}

#[test]
fn a_plugin_that_is_replaced_while_it_is_stopped_leaves_its_places() {
    let pm = running();
    wait!(pm.stop_plugin("a")).unwrap();
    replace(&pm, "a", false, kit(&[("A", 0)]));
    replace(&pm, "a", false, kit(&[("AA", 0)]));
    assert_eq!(found(&pm), "b c");
    wait!(pm.start_plugin("a")).unwrap();
    assert_eq!(found(&pm), "AA b c");
}

#[test]
fn a_plugin_that_is_registered_anew_provides_at_the_end() {
    let pm = running();
    wait!(pm.remove("a")).unwrap();
    pm.register_as("a", kit(&[("a", 0)])).unwrap();
    wait!(pm.start_plugin("a")).unwrap();
    assert_eq!(found(&pm), "b c a");
}

#[test]
fn a_start_that_fails_half_way_keeps_the_places() {
    let pm = Manager::new("places");
    let fails_after = Arc::new(AtomicUsize::new(9));
    let tools = &[("one", 0), ("two", 0)];
    let kit_a = Kit { tools, fails_after: Some(Arc::clone(&fails_after)), ..Kit::default() };
    pm.register_as("a", kit_a).unwrap();
    pm.register_as("b", kit(&[("b", 0)])).unwrap();
    wait!(pm.start_all()).unwrap();
    assert_eq!(found(&pm), "one two b");
    wait!(pm.stop_plugin("a")).unwrap();
    for tools in [0, 1, 1, 0] {
        fails_after.store(tools, Ordering::SeqCst);
        wait!(pm.start_plugins(["a"], StartPolicy::Keep)).unwrap_err();
        assert_eq!(found(&pm), "b");
    }
    fails_after.store(9, Ordering::SeqCst);
    wait!(pm.start_all()).unwrap();
    assert_eq!(found(&pm), "one two b");
}

#[test]
fn of_several_services_the_first_has_the_place_of_the_first_and_a_further_one_comes_last() {
    let pm = Manager::new("places");
    pm.register_as("a", kit(&[("one", 0), ("two", 0)])).unwrap();
    pm.register_as("b", kit(&[("b", 0)])).unwrap();
    wait!(pm.start_all()).unwrap();
    replace(&pm, "a", false, kit(&[("ONE", 0), ("TWO", 0), ("THREE", 0)]));
    assert_eq!(found(&pm), "ONE TWO b THREE");
    let last = kit(&[("1", 0)]);
    replace(&pm, "a", false, last.clone());
    assert_eq!(found(&pm), "1 b");
    // What it provides later gets the places that are left.
    let cx = last.provided.lock().unwrap()[0].0.clone();
    let mut later = Vec::new();
    for name in ["2", "3", "4"] {
        later.push(cx.provide::<dyn Tool>(Arc::new(Named(name))).unwrap());
    }
    assert_eq!(found(&pm), "1 2 b 3 4");
    assert!(cx.withdraw(later[0]));
    cx.provide::<dyn Tool>(Arc::new(Named("II"))).unwrap();
    assert_eq!(found(&pm), "1 II b 3 4");
}

#[test]
fn a_plugin_that_withdraws_what_it_has_provided_as_it_stops_keeps_its_places() {
    let pm = Manager::new("places");
    let polite = |tools| Kit { tools, withdraws: true, ..Kit::default() };
    pm.register_as("a", polite(&[("one", 0), ("two", 0)])).unwrap();
    pm.register_as("b", kit(&[("b", 0)])).unwrap();
    wait!(pm.start_all()).unwrap();
    wait!(pm.stop_plugin("a")).unwrap();
    wait!(pm.start_plugin("a")).unwrap();
    assert_eq!(found(&pm), "one two b");
    // A replacement in place: the old one is stopped first.
    replace(&pm, "a", true, polite(&[("ONE", 0), ("TWO", 0)]));
    assert_eq!(found(&pm), "ONE TWO b");
}

#[test]
fn what_the_host_withdraws_and_provides_again_comes_last() {
    let pm = running();
    let first = pm.provide::<dyn Tool>(Arc::new(Named("first"))).unwrap();
    let second = pm.provide::<dyn Tool>(Arc::new(Named("second"))).unwrap();
    assert!(pm.withdraw(first));
    pm.provide::<dyn Tool>(Arc::new(Named("again"))).unwrap();
    assert_eq!(found(&pm), "a b c second again");
    assert!(pm.withdraw(second) && !pm.withdraw(second) && !pm.withdraw(first));
}

#[test]
fn an_identity_withdraws_no_other_service() {
    let pm = Manager::new("places");
    let old = kit(&[("a", 0)]);
    pm.register_as("a", old.clone()).unwrap();
    pm.register_as("b", kit(&[("b", 0)])).unwrap();
    wait!(pm.start_all()).unwrap();
    let new = kit(&[("A", 0)]);
    replace(&pm, "a", false, new.clone());
    let (old_cx, old_id) = old.provided.lock().unwrap()[0].clone();
    let (new_cx, new_id) = new.provided.lock().unwrap()[0].clone();
    assert_ne!(old_id, new_id);
    // Neither the old plugin nor the new one, nor the host, finds the old service; and each withdraws its own ones only.
    assert!(!old_cx.withdraw(old_id) && !new_cx.withdraw(old_id) && !pm.withdraw(old_id));
    assert!(!old_cx.withdraw(new_id) && !pm.withdraw(new_id));
    assert_eq!(found(&pm), "A b");
    let host = pm.provide::<dyn Tool>(Arc::new(Named("host"))).unwrap();
    let other = Manager::new("places");
    let others = other.provide::<dyn Tool>(Arc::new(Named("other"))).unwrap();
    assert!(!pm.withdraw(others) && !other.withdraw(host) && !new_cx.withdraw(host));
    // After the places have changed, an identity is that of the same service.
    assert!(new_cx.withdraw(new_id) && !new_cx.withdraw(new_id));
    assert_eq!((found(&pm).as_str(), found(&other).as_str()), ("b host", "other"));
    assert!(pm.withdraw(host) && other.withdraw(others));
}

#[test]
fn a_service_of_a_phase_comes_in_for_one_of_the_registration_and_the_other_way_round() {
    let pm = Manager::new("places");
    pm.register_as("a", Hammer("a")).unwrap();
    pm.register_as("b", Hammer("b")).unwrap();
    wait!(pm.start_all()).unwrap();
    for exclusive in [false, true] {
        replace(&pm, "a", exclusive, kit(&[("A", 0)]));
        assert_eq!(found(&pm), "A b");
        let metadata = PluginMetadata::new("a").exclusive(exclusive);
        wait!(pm.replace_built(PluginBuilder::new(Hammer("a")).metadata(metadata))).unwrap();
        assert_eq!(found(&pm), "a b");
    }
}

#[test]
fn a_plugin_that_is_restarted_in_place_keeps_the_places_of_its_services() {
    let pm = Manager::new("places");
    pm.register_as("store", kit(&[])).unwrap();
    let web = PluginMetadata::new("web").requires(["store"]);
    PluginBuilder::new(kit(&[("web", 0)])).metadata(web).register(&pm).unwrap();
    pm.register_as("last", kit(&[("last", 0)])).unwrap();
    wait!(pm.start_all()).unwrap();
    let before = pm.services::<dyn Tool>();
    // The host made `web`, so it stops and starts again.
    replace(&pm, "store", false, kit(&[]));
    assert_eq!(found(&pm), "web last");
    assert!(!Arc::ptr_eq(&before[0], &pm.services::<dyn Tool>()[0]));
    // A change that fails lets it start again.
    let metadata = PluginMetadata::new("store").exclusive(true);
    let fails_after = Some(Arc::new(AtomicUsize::new(0)));
    let broken = Kit { tools: &[("none", 0)], fails_after, ..Kit::default() };
    wait!(pm.replace_built(PluginBuilder::new(broken).metadata(metadata))).unwrap_err();
    assert_eq!(found(&pm), "web last");
}
