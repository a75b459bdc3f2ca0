#![deny(warnings)]
#![warn(clippy::all, clippy::pedantic)]

use std::cell::RefCell;

use pluginkit::prelude::*;

/// What a walk has.
#[derive(Debug)]
pub struct Walk<'w> {
    /// The names that were seen.
    pub names: Vec<&'w str>,
}

/// The points.
#[extension_point]
pub trait Specs {
    /// Checks a word.
    fn check(&self, word: &str) -> Option<String>;
    /// Walks.
    #[extension_point(pipeline)]
    fn walk(&self, walk: &mut Walk<'_>);
}

/// A plugin that borrows.
#[derive(Debug)]
pub struct Lint<'p, T> {
    log: &'p RefCell<Vec<String>>,
    last: Option<T>,
}

#[extension(local, priority = 3)]
impl<T: From<usize> + 'static> Specs for Lint<'_, T> {
    #[extension(when = Self::is_open, after = "other")]
    fn check(&mut self, word: &str) -> Option<String> {
        self.last = Some(word.len().into());
        self.log.borrow_mut().push(word.to_owned());
        None
    }

    #[extension(wrapper)]
    fn walk(&self, walk: &mut Walk<'_>, next: Next<'_>) {
        next.run(walk);
    }
}

impl<T> Lint<'_, T> {
    fn is_open(&self) -> bool {
        self.last.is_none()
    }
}

/// A closure that is registered borrows what lives longer.
///
/// # Errors
///
/// Returns what registrations return.
pub fn uses(log: &RefCell<Vec<String>>) -> Result<Vec<String>, pluginkit::Error> {
    let pm = LocalPluginManager::new("words");
    pm.add_extension_points(Specs)?;
    pm.plugin(Lint::<usize> { log, last: None }).named("lint").extends(Specs).register()?;
    pm.register_fn("closure", Specs::check, |args| log.borrow().first().map(|it| it.clone() + args.word))?;
    Ok(pm.caller(Specs::check).call("harbor"))
}
