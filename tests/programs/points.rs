//! The points of programs, with their arguments, results and errors.

use std::sync::{Arc, Weak};

use pluginkit::prelude::*;

use crate::canary::Canary;
use crate::world::{World, provoke};

#[extension_point(project = "programs")]
pub(crate) trait Points {
    /// Collecting; the argument is cloned for each extension.
    fn gather(&self, token: Token) -> Token;
    /// Collecting, fallible.
    fn check(&self, number: u64) -> Result<u64, Refusal>;
    /// Collecting into an argument.
    fn visit(&self, trail: &mut Vec<u64>);
    #[extension_point(firstresult)]
    fn find(&self, token: &Token) -> Option<u64>;
    #[extension_point(pipeline)]
    fn pass(&self, token: Token, number: u64) -> Token;
    #[extension_point(historic)]
    fn hear(&self, token: &Token);
}

#[extension_point(service, project = "programs")]
pub(crate) trait Speak: Send + Sync {
    fn speak(&self) -> u64;
}

/// A value that is passed around. Its clones and destructors act.
#[derive(Debug)]
pub(crate) struct Token {
    canary: Canary,
    world: Weak<World>,
    pub(crate) seed: u64,
    /// Whether extensions must not panic for it.
    pub(crate) calm: bool,
}

impl Token {
    pub(crate) fn new(world: &Arc<World>, seed: u64) -> Self {
        Self::of(world, seed, false)
    }

    pub(crate) fn calm(world: &Arc<World>, seed: u64) -> Self {
        Self::of(world, seed, true)
    }

    fn of(world: &Arc<World>, seed: u64, calm: bool) -> Self {
        let canary = Canary::new(&world.ledger, "token", seed);
        Self { canary, world: Arc::downgrade(world), seed, calm }
    }

    pub(crate) fn check(&self) {
        self.canary.check();
    }
}

impl Clone for Token {
    fn clone(&self) -> Self {
        self.check();
        provoke(&self.world, self.seed, 24);
        let world = self.world.upgrade().expect("a program is over and its tokens are cloned");
        Self::of(&world, self.seed, self.calm)
    }
}

impl Drop for Token {
    fn drop(&mut self) {
        self.canary.bury();
        provoke(&self.world, self.seed, 24);
    }
}

/// The error of an extension.
#[derive(Debug)]
pub(crate) struct Refusal(pub(crate) Token);

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.check();
        write!(f, "injected refusal {}", self.0.seed)
    }
}

impl std::error::Error for Refusal {}
