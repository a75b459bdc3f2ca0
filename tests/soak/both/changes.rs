//! Plugins that come and go, and are switched, blocked, started, told and loaded.

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

use pluginkit::config::PluginConfig;
use pluginkit::lifecycle::StartPolicy;
use pluginkit::{Error, Options, PluginBuilder};

use super::kind::{awaited, enter};
use super::own;
use super::worker::{EVENTS, Worker};
use crate::ledger::must;
use crate::lives::{House, LIVES, Mood};
use crate::plugins::{LOADED, Listener, Loud, Soak, Voice};

/// What no plugin of a configuration is numbered.
const TYPO: &str = "[plugins]\nloads = ['loaded']\n[plugin.loaded]\nnumber = 'seven'";

impl Worker {
    /// Registers a plugin with two extensions and perhaps a wrapper, all seen by the next call.
    pub(crate) async fn come(&mut self) {
        if self.own.len() >= 10 {
            return self.go().await;
        }
        let number = self.round.numbers.fetch_add(1, SeqCst);
        let name = format!("voice-{number}");
        let priority = i32::try_from(self.random.below(7)).unwrap_or(0) - 3;
        let wraps = self.random.once_in(3);
        let registered = {
            let voice = PluginBuilder::new(Voice::new(number, priority)).named(name.as_str());
            own::voice(voice, Options::new().priority(priority), wraps).register(&self.round.pm)
        };
        must(registered.is_ok(), format_args!("{name} was refused: {registered:?}"));
        self.own.push((name, number));
        self.tally.did("register");
        self.call().await;
    }

    pub(crate) async fn go(&mut self) {
        if self.own.is_empty() {
            return;
        }
        let at = self.random.below(self.own.len());
        let (name, number) = self.own.swap_remove(at);
        let plugin = self.round.pm.unregister(&name).and_then(|plugin| plugin.downcast::<Voice>().ok());
        must(plugin.is_some_and(|plugin| plugin.number == number), format_args!("{name} was not given back"));
        self.absent(number).await;
        self.tally.did("unregister");
    }

    pub(crate) async fn switch(&mut self) {
        let Some((name, number)) = self.own.last().cloned() else { return };
        let reason = self.random.once_in(2).then(|| format!("worker {} says so", self.number));
        let done = match &reason {
            Some(reason) => self.round.pm.disable(&name, reason),
            None => self.round.pm.set_enabled(&name, false),
        };
        must(done.is_ok(), format_args!("{name} was lost"));
        let told = self.round.pm.disabled_reason(&name);
        must(told == reason, format_args!("{name} is disabled as {told:?}, which was {reason:?}"));
        self.absent(number).await;
        must(self.round.pm.set_enabled(&name, true).is_ok(), format_args!("{name} was lost"));
        let told = self.round.pm.disabled_reason(&name);
        must(told.is_none(), format_args!("{name} is enabled, and still disabled as {told:?}"));
        self.call().await;
        self.tally.did("disable and enable");
    }

    pub(crate) async fn block(&mut self) {
        let Some((name, number)) = self.own.pop() else { return };
        must(self.round.pm.set_blocked(name.as_str()).is_some(), format_args!("{name} was lost"));
        self.absent(number).await;
        let refused = self.round.pm.register_fn(name.as_str(), Soak::find, |_| None);
        let survived = matches!(refused, Err(Error::Blocked { .. }));
        must(survived, format_args!("a blocked name was taken: {refused:?}"));
        self.tally.fault("a name is blocked", survived);
        must(self.round.pm.unblock(&name), format_args!("the block of {name} was lost"));
        self.tally.did("block and unblock");
    }

    /// A registration that must leave nothing behind.
    pub(crate) async fn doomed(&mut self) {
        let name = format!("doomed-{}", self.number);
        let loud = || Loud(Voice::new(u64::MAX, 9));
        let refused = self.round.pm.register_all([(name.as_str(), loud()), ("resident-0", loud())]);
        let survived = matches!(refused, Err(Error::NameTaken { .. }));
        must(survived, format_args!("a taken name was given away: {refused:?}"));
        must(
            !self.round.pm.is_registered(&name),
            format_args!("a registration that failed left {name} behind"),
        );
        self.tally.fault("a registration is refused", survived);
        self.absent(u64::MAX).await;
        self.tally.did("register what is refused");
    }

    pub(crate) async fn live(&mut self) {
        let house = self.random.below(LIVES);
        let mood = [Mood::Good, Mood::Good, Mood::StartFails, Mood::StartPanics, Mood::StopFails];
        self.round.street.set(house, mood[self.random.below(mood.len())]);
        let pm = &self.round.pm;
        let houses = || (0..LIVES).map(House::id);
        let result = match self.random.below(5) {
            0 => awaited!(pm.start_plugins(houses(), StartPolicy::Rollback)),
            1 => awaited!(pm.start_plugins(houses(), StartPolicy::Continue)),
            // All of them: each requires the one before.
            2 => awaited!(pm.stop_plugin(House::id(0))),
            3 => awaited!(pm.start_plugin(House::id(house))),
            _ => awaited!(pm.stop_plugin(House::id(house))),
        };
        if result.is_err() {
            self.tally.fault("a phase of a life fails or panics", true);
        }
        self.tally.did("start or stop");
    }

    pub(crate) async fn listen(&mut self) {
        let name = format!("listener-{}", self.number);
        let before = self.round.events.load(SeqCst);
        let listener = Arc::new(Listener::new(None));
        let plugin = PluginBuilder::<Listener>::new(Arc::clone(&listener)).named(name.as_str());
        let registered = awaited!(enter(&self.round.pm, own::hearing(plugin)));
        must(registered.is_ok(), format_args!("{name} was refused: {registered:?}"));
        let heard = listener.check();
        must(heard >= before, format_args!("a newcomer heard {heard} of {before} events"));
        must(self.round.pm.unregister_plugin(&listener).is_some(), format_args!("{name} was lost"));
        self.tally.did("register and replay");
    }

    /// One worker alone makes historic calls, so that they have an order.
    pub(crate) async fn announce(&mut self) {
        let event = self.round.events.load(SeqCst);
        if self.number == 0 && event < EVENTS {
            awaited!(self.round.pm.caller(Soak::hear).call_historic(event));
            self.round.events.store(event + 1, SeqCst);
            self.tally.did("call_historic");
        }
    }

    /// One worker alone loads configurations, as two at once are refused.
    pub(crate) async fn load(&mut self) {
        if self.number != 0 {
            return self.call().await;
        }
        if self.random.once_in(3) {
            let error = awaited!(self.round.pm.load_config(&config(TYPO)));
            let survived = matches!(error, Err(Error::Config { .. }));
            must(survived, format_args!("a mistake was loaded: {error:?}"));
            self.tally.fault("a configuration is refused", survived);
        } else {
            let number = self.random.number() % 4;
            let text = format!("[plugins]\nloads = ['loaded']\n[plugin.loaded]\nnumber = {number}");
            let loaded = awaited!(self.round.pm.load_config(&config(&text)));
            let expected = LOADED + number;
            let told = loaded
                .as_ref()
                .map(|report| (report.added().len(), report.reconfigured().len(), report.unchanged().len()));
            let right = match self.loaded.replace(expected) {
                None => (1, 0, 0),
                Some(before) if before == expected => (0, 0, 1),
                Some(_) => (0, 1, 0),
            };
            must(
                told.as_ref().ok() == Some(&right),
                format_args!("a load is told as {told:?}, which is {right:?}"),
            );
        }
        let trail = self.pass().await;
        let loaded: Vec<_> = trail.into_iter().filter(|plugin| *plugin >= LOADED).collect();
        must(
            loaded.iter().eq(&self.loaded),
            format_args!("{:?} is loaded, and {loaded:?} are called", self.loaded),
        );
        self.tally.did("load");
        if self.random.once_in(4) {
            self.unload().await;
        }
    }

    /// Loads a configuration that has nothing.
    pub(crate) async fn unload(&mut self) {
        if self.loaded.take().is_none() {
            return;
        }
        let loaded = awaited!(self.round.pm.load_config(&PluginConfig::default()));
        must(
            loaded.is_ok_and(|report| report.removed() == ["loaded"]),
            format_args!("what was loaded stays"),
        );
        let trail = self.pass().await;
        must(
            trail.iter().all(|plugin| *plugin < LOADED),
            format_args!("what was loaded is called when it is gone"),
        );
        self.tally.did("load");
    }
}

fn config(text: &str) -> PluginConfig {
    PluginConfig::from_toml_str(text).expect("it is TOML")
}
