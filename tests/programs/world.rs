//! [`World`]: the managers of a program and all that its plugins, threads and destructors share.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use pluginkit::{AsyncPluginManager, PluginManager};
use pluginkit_tests::Random;

use crate::actions::{self, Action};
use crate::canary::{Ledger, Life};
use crate::kept::Kept;
use crate::points::{Points, Speak};
use crate::violations::quietly;

/// How long a stop waits for calls. A thread may keep a call that its own next action would wait for.
const NO_WAIT: Duration = Duration::ZERO;

/// How deep actions nest.
const DEPTH: u32 = 3;

/// What a program is like.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Traits {
    /// How many threads it has.
    pub(crate) threads: usize,
    /// Whether destructors of plugins may panic.
    pub(crate) drops_panic: bool,
    /// Whether some futures, iterators and sagas are never dropped.
    pub(crate) forgets: bool,
    /// The number of actions, those within others included.
    pub(crate) actions: i64,
}

/// A manager of either kind.
#[derive(Clone, Debug)]
pub(crate) enum Host {
    Sync(Arc<PluginManager>),
    Async(Arc<AsyncPluginManager>),
}

/// Evaluates an expression for a manager of either kind.
macro_rules! either {
    ($host:expr, $pm:ident => $body:expr) => {
        match $host {
            $crate::world::Host::Sync($pm) => $body,
            $crate::world::Host::Async($pm) => $body,
        }
    };
}
pub(crate) use either;

impl Host {
    /// A manager without plugins.
    pub(crate) fn new(random: &mut Random) -> Self {
        let host = match random.below(8) {
            0..=4 => Self::Sync(Arc::new(PluginManager::builder("programs").drain_limit(NO_WAIT).build())),
            _ => Self::Async(Arc::new(AsyncPluginManager::builder("programs").drain_limit(NO_WAIT).build())),
        };
        either!(&host, pm => pm.add_extension_points(Points)).expect("the specs are new");
        either!(&host, pm => pm.declare_services::<dyn Speak>("speakers")).expect("the name is new");
        host
    }
}

/// The managers of a program and all that its threads share.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) traits: Traits,
    pub(crate) ledger: Arc<Ledger>,
    hosts: Mutex<Vec<Host>>,
    /// Those that others were put in the place of.
    old: Mutex<Vec<Host>>,
    kept: Mutex<Vec<Kept>>,
    /// The lives of plugins, by their number.
    lives: Mutex<Vec<Arc<Life>>>,
    fuel: AtomicI64,
    ticks: AtomicU64,
    /// How many changes of managers have begun, and how many of these have ended.
    begun: AtomicU64,
    ended: AtomicU64,
    /// Whether something changes managers unasked.
    unsteady: AtomicBool,
}

impl World {
    pub(crate) fn new(traits: Traits, random: &mut Random) -> Arc<Self> {
        let hosts = (0..3).map(|_| Host::new(random)).collect();
        Arc::new(Self {
            traits,
            ledger: Arc::default(),
            hosts: Mutex::new(hosts),
            old: Mutex::default(),
            kept: Mutex::default(),
            lives: Mutex::default(),
            fuel: AtomicI64::new(traits.actions),
            ticks: AtomicU64::new(0),
            begun: AtomicU64::new(0),
            ended: AtomicU64::new(0),
            unsteady: AtomicBool::new(false),
        })
    }

    /// Takes the fuel of one action, if there is some left.
    pub(crate) fn burn(&self) -> bool {
        self.fuel.fetch_sub(1, SeqCst) > 0
    }

    pub(crate) fn tick(&self) -> u64 {
        self.ticks.fetch_add(1, SeqCst)
    }

    pub(crate) fn host(&self, random: &mut Random) -> Option<Host> {
        let hosts = open(&self.hosts);
        // The first is in demand.
        let at = if random.once_in(2) { 0 } else { random.below(hosts.len().max(1)) };
        hosts.get(at).cloned()
    }

    pub(crate) fn sync_host(&self, random: &mut Random) -> Option<Arc<PluginManager>> {
        let hosts = open(&self.hosts);
        let mut found: Vec<_> = hosts.iter().collect();
        found.retain(|host| matches!(host, Host::Sync(_)));
        match found.get(random.below(found.len().max(1)))? {
            Host::Sync(pm) => Some(Arc::clone(pm)),
            Host::Async(_) => None,
        }
    }

    /// Puts a new manager in the place of an old one.
    pub(crate) fn renew(&self, random: &mut Random) {
        let new = Host::new(random);
        let mut hosts = open(&self.hosts);
        let at = random.below(hosts.len().max(1));
        let old = hosts.get_mut(at).map(|host| std::mem::replace(host, new));
        open(&self.old).extend(old);
    }

    /// Takes out the old managers that nothing uses, so that no panic drops one while it unwinds.
    pub(crate) fn unused(&self) -> Vec<Host> {
        open(&self.old).extract_if(.., |host| either!(host, pm => Arc::strong_count(pm)) == 1).collect()
    }

    /// Takes out a manager, until there is none.
    pub(crate) fn close(&self) -> Option<Host> {
        let host = open(&self.hosts).pop();
        host.or_else(|| open(&self.old).pop())
    }

    pub(crate) fn keep(&self, kept: Kept) {
        open(&self.kept).push(kept);
    }

    /// Takes out something that was kept.
    pub(crate) fn take(&self, random: &mut Random) -> Option<Kept> {
        let mut kept = open(&self.kept);
        let many = kept.len();
        (many > 0).then(|| kept.swap_remove(random.below(many)))
    }

    pub(crate) fn is_full(&self) -> bool {
        open(&self.kept).len() > 24
    }

    /// Numbers a plugin, whose life `make` returns with it.
    pub(crate) fn enter<T>(&self, make: impl FnOnce(u64) -> (T, Arc<Life>)) -> T {
        let mut lives = open(&self.lives);
        let (made, life) = make(lives.len() as u64);
        lives.push(life);
        made
    }

    /// The life of the plugin of this name, if it is one that has its name for itself.
    pub(crate) fn life(&self, name: &str) -> Option<Arc<Life>> {
        let number: usize = name.strip_prefix('a')?.parse().ok()?;
        open(&self.lives).get(number).cloned()
    }

    pub(crate) fn plugins(&self) -> usize {
        open(&self.lives).len()
    }

    /// Runs what changes a manager.
    pub(crate) fn change<T>(&self, change: impl FnOnce() -> T) -> T {
        struct End<'w>(&'w AtomicU64);
        impl Drop for End<'_> {
            fn drop(&mut self) {
                self.0.fetch_add(1, SeqCst);
            }
        }
        self.begun.fetch_add(1, SeqCst);
        let _end = End(&self.ended);
        change()
    }

    /// How many changes there were, if none is under way.
    pub(crate) fn changes(&self) -> Option<u64> {
        let ended = self.ended.load(SeqCst);
        let begun = self.begun.load(SeqCst);
        (begun == ended && !self.unsteady.load(SeqCst)).then_some(begun)
    }

    /// Notes that something changes managers unasked from now on.
    pub(crate) fn unsettle(&self) {
        self.unsteady.store(true, SeqCst);
    }
}

fn open<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

thread_local! {
    // These have no destructors, so that destructors of thread locals find them.
    static NESTED: Cell<u32> = const { Cell::new(0) };
    /// The address of the manager that this thread waits in.
    static WAITS_IN: Cell<Option<usize>> = const { Cell::new(None) };
}

/// Whether this thread waits in a manager, so that others must not wait for this thread.
pub(crate) fn waits() -> bool {
    WAITS_IN.get().is_some()
}

/// Lets this thread wait in no manager, as another waits for it that does.
pub(crate) fn never_wait() {
    WAITS_IN.set(Some(0));
}

/// Runs what may wait in a manager for other threads, unless this one waits in another manager already: then each of
/// two threads could wait for the other.
pub(crate) fn wait_in(pm: &Arc<PluginManager>, work: impl FnOnce()) {
    struct Back(Option<usize>);
    impl Drop for Back {
        fn drop(&mut self) {
            WAITS_IN.set(self.0);
        }
    }
    let own = Some(Arc::as_ptr(pm).addr());
    let outer = WAITS_IN.get();
    if outer.is_none() || outer == own {
        let _back = Back(outer);
        WAITS_IN.set(own);
        work();
    }
}

/// How many actions this thread is in.
pub(crate) fn nested() -> u32 {
    NESTED.get()
}

/// Acts once in some times, unless the program is over, or this thread in too many actions already.
pub(crate) fn provoke(world: &Weak<World>, seed: u64, once_in: usize) {
    provoke_with(world, seed, once_in, actions::one);
}

/// The same, with this action.
pub(crate) fn provoke_with(world: &Weak<World>, seed: u64, once_in: usize, action: Action) {
    if NESTED.get() >= DEPTH {
        return;
    }
    let Some(world) = world.upgrade() else { return };
    let mut random = Random::new(seed, world.tick());
    if random.once_in(once_in) {
        act_with(&world, &mut random, action);
    }
}

/// Acts once, and catches what it panics with. Returns false if the program has done all its actions.
pub(crate) fn act(world: &Arc<World>, random: &mut Random) -> bool {
    act_with(world, random, actions::one)
}

fn act_with(world: &Arc<World>, random: &mut Random, action: Action) -> bool {
    if !world.burn() {
        return false;
    }
    NESTED.set(NESTED.get() + 1);
    quietly(|| action(world, random));
    NESTED.set(NESTED.get() - 1);
    true
}
