//! [`Actor`]: the body of every plugin. Its extensions and its destructor act.

use std::panic::panic_any;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use futures_util::future::{Either, join, select};
use pluginkit::observe::{Event, Fault, Observer};
use pluginkit::prelude::*;
use pluginkit_tests::Random;

use crate::actions::{is_calling, keep};
use crate::canary::Canary;
use crate::points::{Points, Refusal, Speak, Token};
use crate::violations::{INJECTED, Payload};
use crate::world::{World, provoke, provoke_with};

/// The body of a plugin.
#[derive(Debug)]
pub(crate) struct Actor {
    canary: Canary,
    pub(crate) world: Weak<World>,
    pub(crate) number: u64,
    seed: u64,
    turns: AtomicU64,
    /// Whether its destructor panics.
    panics: bool,
}

impl Actor {
    pub(crate) fn new(world: &Arc<World>, random: &mut Random) -> Self {
        let seed = random.number();
        let panics = world.traits.drops_panic && random.once_in(8);
        world.enter(|number| {
            let canary = Canary::new(&world.ledger, "plugin", number);
            let life = Arc::clone(canary.life());
            let turns = AtomicU64::new(0);
            (Self { canary, world: Arc::downgrade(world), number, seed, turns, panics }, life)
        })
    }

    /// The name that it alone has.
    pub(crate) fn name(&self) -> String {
        format!("a{}", self.number)
    }

    /// A number of its own for each turn.
    pub(crate) fn turn(&self) -> Random {
        Random::new(self.seed, self.turns.fetch_add(1, Relaxed))
    }

    /// What it does wherever it runs: acts, and panics where it may.
    pub(crate) fn run(&self, once_in: usize, may_panic: bool) -> Random {
        self.canary.check();
        let mut random = self.turn();
        provoke(&self.world, random.number(), once_in);
        if may_panic && random.once_in(24) {
            if random.once_in(2) {
                panic_any(Payload { world: Weak::clone(&self.world), seed: random.number() });
            }
            panic!("{INJECTED} panic of plugin {}", self.number);
        }
        self.canary.check();
        random
    }

    fn token(&self, seed: u64) -> Token {
        let world = self.world.upgrade().expect("a program is over and its plugins run");
        Token::new(&world, seed)
    }

    pub(crate) fn gather(&self, token: &Token) -> Token {
        token.check();
        let mut random = self.run(12, !token.calm);
        token.check();
        self.token(random.number())
    }

    pub(crate) fn check(&self) -> Result<u64, Refusal> {
        let mut random = self.run(12, true);
        if random.once_in(6) { Err(Refusal(self.token(random.number()))) } else { Ok(self.number) }
    }

    pub(crate) fn visit(&self, trail: &mut Vec<u64>) {
        self.run(12, true);
        trail.push(self.number);
    }

    /// Does nothing else for a token that is calm, of which there are many in a row.
    pub(crate) fn find(&self, token: &Token) -> Option<u64> {
        token.check();
        if token.calm {
            self.canary.check();
            return None;
        }
        self.run(24, true).once_in(4).then_some(self.number)
    }

    pub(crate) fn pass(&self, token: Token) -> Token {
        if self.gather(&token).seed.is_multiple_of(3) { token.clone() } else { token }
    }

    /// Whether it takes part in a call.
    pub(crate) fn when(&self) -> bool {
        !self.run(8, true).once_in(4)
    }

    /// A phase of its life.
    pub(crate) fn phase(&self) -> Result<(), BoxError> {
        let mut random = self.run(4, true);
        if random.once_in(8) { Err(Box::new(Refusal(self.token(random.number())))) } else { Ok(()) }
    }
}

impl Drop for Actor {
    fn drop(&mut self) {
        self.canary.bury();
        let mut random = self.turn();
        if is_calling() {
            provoke_with(&self.world, random.number(), 1, keep);
        } else {
            provoke(&self.world, random.number(), 2);
        }
        assert!(!self.panics, "{INJECTED} panic of the destructor of plugin {}", self.number);
    }
}

impl Speak for Actor {
    fn speak(&self) -> u64 {
        self.run(6, true).number()
    }
}

impl Provides<dyn Speak> for Actor {
    fn provide(self: Arc<Self>) -> Arc<dyn Speak> {
        self
    }
}

use pluginkit::services::Provides;

/// A plugin that is registered by its type.
#[derive(Debug)]
pub(crate) struct Plain(pub(crate) Actor);

#[extension]
impl Points for Plain {
    fn gather(&self, token: Token) -> Token {
        self.0.gather(&token)
    }
    #[extension(tryfirst)]
    fn check(&self) -> Result<u64, Refusal> {
        self.0.check()
    }
    fn find(&self, token: &Token) -> Option<u64> {
        self.0.find(token)
    }
    fn pass(&self, token: Token) -> Token {
        self.0.pass(token)
    }
    fn hear(&self, token: &Token) {
        self.0.gather(token);
    }
}

/// A plugin whose wrappers run the rest again, with unchanged arguments.
#[derive(Debug)]
pub(crate) struct Again(pub(crate) Actor);

#[extension]
impl Points for Again {
    #[extension(wrapper)]
    fn gather(&self, next: Next<'_>) -> Vec<Token> {
        let mut random = self.0.run(12, true);
        let gathered = next.clone().run();
        if random.once_in(3) { gathered } else { next.run() }
    }
    #[extension(wrapper)]
    fn check(&self, next: Next<'_>) -> Result<Vec<u64>, Refusal> {
        let again = next.clone();
        next.run().or_else(|_| again.run())
    }
    #[extension(wrapper)]
    fn visit(&self, next: Next<'_>) {
        next.clone().run();
        if self.0.run(12, true).once_in(2) {
            next.run();
        }
    }
    #[extension(wrapper)]
    fn pass(&self, next: Next<'_>) -> Token {
        let first = next.clone().run();
        self.0.run(12, true);
        drop(first);
        next.run()
    }
}

/// The same, whose runs may be under way at once.
#[derive(Debug)]
pub(crate) struct AgainLater(pub(crate) Actor);

#[extension]
impl Points for AgainLater {
    #[extension(wrapper)]
    async fn gather(&self, next: Next<'_>) -> Vec<Token> {
        // The slower run is dropped under way.
        match select(Box::pin(next.clone().run()), Box::pin(next.run())).await {
            Either::Left((gathered, _)) | Either::Right((gathered, _)) => gathered,
        }
    }
    #[extension(wrapper)]
    async fn check(&self, next: Next<'_>) -> Result<Vec<u64>, Refusal> {
        let again = next.clone();
        self.0.run(12, true);
        match next.run().await {
            Ok(checked) => Ok(checked),
            Err(_) => again.run().await,
        }
    }
    #[extension(wrapper)]
    async fn visit(&self, next: Next<'_>) {
        // The runs have the trail in turn.
        let (first, second) = (next.clone().run(), next.run());
        join(second, first).await;
    }
    #[extension(wrapper)]
    async fn pass(&self, next: Next<'_>) -> Token {
        let (first, second) = join(next.clone().run(), next.run()).await;
        self.0.run(12, true);
        drop(second);
        first
    }
}

/// A plugin with an id, which is replaced by another of its kind.
#[plugin(id = "replaced", version = "1.0.0", project = "programs")]
#[derive(Debug)]
pub(crate) struct Replaced(pub(crate) Actor);

#[extension]
impl Points for Replaced {
    fn gather(&self, token: Token) -> Token {
        self.0.gather(&token)
    }
    fn visit(&self, trail: &mut Vec<u64>) {
        self.0.visit(trail);
    }
}

#[extension]
impl Lifecycle for Replaced {
    fn start(&self) -> Result<(), BoxError> {
        self.0.phase()
    }
    fn stop(&self) -> Result<(), BoxError> {
        self.0.phase()
    }
}

#[derive(Debug, serde::Deserialize)]
pub(crate) struct Settings {
    seed: u64,
}

/// A plugin that configurations make.
#[plugin(id = "made", project = "programs", config = Settings)]
#[derive(Debug)]
pub(crate) struct Made(Actor);

/// Where configurations make plugins.
static WORLD: Mutex<Weak<World>> = Mutex::new(Weak::new());

/// Lets configurations make plugins of this program.
pub(crate) fn settle_in(world: &Arc<World>) {
    *WORLD.lock().unwrap_or_else(PoisonError::into_inner) = Arc::downgrade(world);
}

impl From<Settings> for Made {
    fn from(settings: Settings) -> Self {
        let world = WORLD.lock().unwrap_or_else(PoisonError::into_inner).upgrade();
        let world = world.expect("a program is over and loads");
        Self(Actor::new(&world, &mut Random::new(settings.seed, world.tick())))
    }
}

#[extension]
impl Points for Made {
    fn gather(&self, token: Token) -> Token {
        self.0.gather(&token)
    }
    fn find(&self, token: &Token) -> Option<u64> {
        self.0.find(token)
    }
}

/// An observer that acts.
pub(crate) struct Watcher(pub(crate) Actor);

impl Observer for Watcher {
    fn observe(&self, _event: &Event<'_>) {
        self.0.run(24, false);
    }

    fn fault(&self, _fault: &Fault<'_>) {
        self.0.run(8, false);
    }
}
