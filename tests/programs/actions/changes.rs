//! Changes of managers.

use std::sync::Arc;

use pluginkit::config::PluginConfig;
use pluginkit::lifecycle::StartPolicy;
use pluginkit_tests::Random;

use super::{async_calls, some_plugin};
use crate::kept::{Kept, put_away};
use crate::plugins::{Actor, Replaced};
use crate::violations::{Quiet, quietly};
use crate::world::{Host, World, either, wait_in};

pub(super) fn unregister(world: &Arc<World>, random: &mut Random) {
    let Some(host) = world.host(random) else { return };
    let Some(name) = some_plugin(&host, random) else { return };
    let plugin = world.change(|| either!(&host, pm => pm.unregister(&name)));
    match plugin {
        Some(plugin) if random.once_in(6) => put_away(world, Kept::Plugin(plugin), random),
        plugin => drop(plugin),
    }
}

pub(super) fn switch(world: &Arc<World>, random: &mut Random) {
    let Some(host) = world.host(random) else { return };
    let Some(name) = some_plugin(&host, random) else { return };
    let _ = world.change(|| match random.below(3) {
        0 => either!(&host, pm => pm.set_enabled(&name, false)),
        1 => either!(&host, pm => pm.disable(&name, "a program says so")),
        _ => either!(&host, pm => pm.set_enabled(&name, true)),
    });
}

pub(super) fn block(world: &Arc<World>, random: &mut Random) {
    let Some(host) = world.host(random) else { return };
    let Some(name) = some_plugin(&host, random) else { return };
    drop(world.change(|| either!(&host, pm => pm.set_blocked(name.clone()))));
    world.change(|| either!(&host, pm => pm.unblock(&name)));
}

pub(super) fn replace(world: &Arc<World>, random: &mut Random) {
    let Some(host) = world.host(random) else { return };
    let plugin = Replaced(Actor::new(world, random));
    match host {
        Host::Sync(pm) => wait_in(&pm, || drop(world.change(|| pm.replace(plugin)))),
        Host::Async(pm) => {
            let pm = Quiet::new(pm);
            world.unsettle();
            let work = async move { drop(pm.replace(plugin).await) };
            async_calls::run(world, Box::pin(work), random);
        }
    }
}

pub(super) fn load(world: &Arc<World>, random: &mut Random) {
    let Some(host) = world.host(random) else { return };
    let text = match random.below(4) {
        0 => "[plugins]".to_owned(),
        1 => "[plugins]\nall = ['made']\n[plugin.made]\nseed = 'none'".to_owned(),
        _ => format!("[plugins]\nall = ['made']\n[plugin.made]\nseed = {}", random.below(3)),
    };
    let config = PluginConfig::from_toml_str(&text).expect("it is TOML");
    match host {
        Host::Sync(pm) => wait_in(&pm, || drop(world.change(|| pm.load_config(&config)))),
        Host::Async(pm) => {
            let pm = Quiet::new(pm);
            world.unsettle();
            let work = async move { drop(pm.load_config(&config).await) };
            async_calls::run(world, Box::pin(work), random);
        }
    }
}

/// Puts a new manager in the place of an old one, which goes with its plugins when nobody uses it.
pub(super) fn renew(world: &Arc<World>, random: &mut Random) {
    world.renew(random);
    for old in world.unused() {
        quietly(|| drop(old));
    }
}

pub(super) fn life(world: &Arc<World>, random: &mut Random) {
    let Some(host) = world.host(random) else { return };
    let name = some_plugin(&host, random).unwrap_or_else(|| "nobody".into());
    let which = random.below(6);
    match host {
        Host::Sync(pm) => wait_in(&pm, || {
            world.change(|| match which {
                0 | 1 => drop(pm.start_all_with(StartPolicy::Continue)),
                2 => drop(pm.stop_all()),
                3 => drop(pm.start_plugin(&name)),
                4 => drop(pm.remove(&name)),
                _ => drop(pm.unload_all()),
            });
        }),
        Host::Async(pm) => {
            let pm = Quiet::new(pm);
            world.unsettle();
            let work = async move {
                match which {
                    0 | 1 => drop(pm.start_all_with(StartPolicy::Continue).await),
                    2 => drop(pm.stop_all().await),
                    3 => drop(pm.start_plugin(&name).await),
                    4 => drop(pm.remove(&name).await),
                    _ => drop(pm.unload_all().await),
                }
            };
            async_calls::run(world, Box::pin(work), random);
        }
    }
}
