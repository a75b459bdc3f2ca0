//! [`Mock`]: an extension with prepared answers.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Prepared answers of an extension, and a record of its arguments. Clones share one state.
///
/// ```
/// use pluginkit::prelude::*;
/// use pluginkit::testing::{self, Mock};
///
/// #[extension_point]
/// trait Specs {
///     fn fetch(&self, topic: &str) -> Result<String, String>;
/// }
///
/// # fn main() -> Result<(), pluginkit::Error> {
/// let pm = testing::host(Specs)?;
/// let mock = Mock::new([Ok("calm".to_owned()), Err("no news".to_owned())]);
/// let extension = mock.clone();
/// pm.register_fn("mock", Specs::fetch, move |args| extension.answer(args.topic.to_owned()))?;
///
/// assert_eq!(pm.caller(Specs::fetch).call("harbor"), Ok(vec!["calm".to_owned()]));
/// assert!(pm.caller(Specs::fetch).call("weather").is_err());
/// assert_eq!(mock.asked(), ["harbor", "weather"]);
/// # Ok(())
/// # }
/// ```
pub struct Mock<A, T>(Arc<Mutex<State<A, T>>>);

struct State<A, T> {
    /// Shared, so that no `Clone` of an argument runs under the lock.
    asked: Vec<Arc<A>>,
    had: usize,
    answers: VecDeque<T>,
}

impl<A, T> Mock<A, T> {
    /// Returns a mock that gives these answers, one after the other.
    pub fn new(answers: impl IntoIterator<Item = T>) -> Self {
        let answers: VecDeque<T> = answers.into_iter().collect();
        Self(Arc::new(Mutex::new(State { asked: Vec::new(), had: answers.len(), answers })))
    }

    fn state(&self) -> MutexGuard<'_, State<A, T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records `asked` and returns the next answer.
    ///
    /// # Panics
    ///
    /// Panics if no answer is left.
    #[track_caller]
    pub fn answer(&self, asked: A) -> T {
        let (answer, asked, had) = {
            let mut state = self.state();
            state.asked.push(Arc::new(asked));
            (state.answers.pop_front(), state.asked.len(), state.had)
        };
        answer.unwrap_or_else(|| panic!("a mock has no answer for call {asked}: it was given {had}"))
    }

    /// Returns how many answers are left.
    pub fn left(&self) -> usize {
        self.state().answers.len()
    }

    /// Returns the recorded arguments, in call order.
    pub fn asked(&self) -> Vec<A>
    where
        A: Clone,
    {
        let asked = self.state().asked.clone();
        asked.iter().map(|each| A::clone(each)).collect()
    }
}

impl<A, T> Clone for Mock<A, T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<A, T> fmt::Debug for Mock<A, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mock").field("left", &self.left()).finish_non_exhaustive()
    }
}
