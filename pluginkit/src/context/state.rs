//! [`StateMap`]: values by their types.

use std::any::TypeId;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError};

use crate::registry::AnyPlugin;
use crate::sync::{Mutex, MutexGuard};

/// Values, at most one of each type.
///
/// ```
/// # let map = pluginkit::StateMap::default();
/// map.insert(7_u32);
/// assert_eq!(map.get::<u32>().as_deref(), Some(&7));
/// assert!(map.get::<u64>().is_none());
/// ```
#[derive(Default)]
pub struct StateMap {
    values: Mutex<HashMap<TypeId, AnyPlugin>>,
}

impl StateMap {
    fn lock(&self) -> MutexGuard<'_, HashMap<TypeId, AnyPlugin>> {
        self.values.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps `value`, and returns what it takes the place of.
    pub fn insert<T: Send + Sync + 'static>(&self, value: T) -> Option<Arc<T>> {
        self.insert_shared(Arc::new(value))
    }

    /// Keeps `value`, which is shared already, and returns what it takes the place of.
    pub fn insert_shared<T: Send + Sync + 'static>(&self, value: Arc<T>) -> Option<Arc<T>> {
        let before = self.lock().insert(TypeId::of::<T>(), value);
        before.and_then(|before| before.downcast().ok())
    }

    /// The value of this type.
    pub fn get<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        let value = self.lock().get(&TypeId::of::<T>()).cloned();
        value.and_then(|value| value.downcast().ok())
    }

    /// The value of this type, or what `make` makes: of two threads that make one at once, one is in time.
    pub fn get_or_insert_with<T: Send + Sync + 'static>(&self, make: impl FnOnce() -> T) -> Arc<T> {
        if let Some(value) = self.get() {
            return value;
        }
        let made = Arc::new(make());
        let kept = {
            let mut values = self.lock();
            let kept: &mut AnyPlugin =
                values.entry(TypeId::of::<T>()).or_insert_with(|| Arc::clone(&made) as AnyPlugin);
            Arc::clone(kept)
        };
        kept.downcast().unwrap_or(made)
    }

    /// Takes out the value of this type.
    pub fn remove<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        let value = self.lock().remove(&TypeId::of::<T>());
        value.and_then(|value| value.downcast().ok())
    }

    /// Takes out every value.
    pub fn clear(&self) {
        let values = std::mem::take(&mut *self.lock());
        // Their destructors run without the lock.
        drop(values);
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        self.lock().len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl fmt::Debug for StateMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StateMap").field("len", &self.len()).finish_non_exhaustive()
    }
}
