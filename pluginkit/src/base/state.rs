//! [`StateMap`]: values by their types.

use std::any::TypeId;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, PoisonError};

use crate::base::boxed::AnyValue;
use crate::base::drops::drop_each_foreign;
use crate::base::sync::{Mutex, MutexGuard};

/// Shared values, at most one value of each type.
///
/// Threads and tasks may share a map. A map returns values as `Arc`s, never as guards. No lock is held while a value is
/// used, or while a closure or a destructor runs. So a closure or a destructor may use the map.
/// [`update`](Self::update) replaces a value. Code that holds the old `Arc` keeps the old value.
///
/// ```
/// # let map = pluginkit::lifecycle::StateMap::default();
/// map.insert(7_u32);
/// map.update(|count: Option<&u32>| count.map_or(0, |count| count + 1));
/// assert_eq!(map.get::<u32>().as_deref(), Some(&8));
/// assert!(map.get::<u64>().is_none());
/// ```
#[derive(Default)]
pub struct StateMap {
    values: Mutex<Values>,
}

/// The contents of a map.
pub(crate) type Values = BTreeMap<TypeId, AnyValue>;

impl StateMap {
    fn lock(&self) -> MutexGuard<'_, Values> {
        self.values.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stores `value`, and returns the value that it replaces.
    pub fn insert<T: Send + Sync + 'static>(&self, value: T) -> Option<Arc<T>> {
        self.insert_shared(Arc::new(value))
    }

    /// Stores the value of an `Arc`, and returns the value that it replaces.
    pub fn insert_shared<T: Send + Sync + 'static>(&self, value: Arc<T>) -> Option<Arc<T>> {
        let before = self.lock().insert(TypeId::of::<T>(), value);
        before.and_then(|before| before.downcast().ok())
    }

    /// Returns the value of this type.
    pub fn get<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        let value = self.lock().get(&TypeId::of::<T>()).cloned();
        value.and_then(|value| value.downcast().ok())
    }

    /// Returns the value of this type. If there is none, stores and returns the value that `make` returns. If two
    /// threads call `make` at the same time, only one value is stored.
    pub fn get_or_insert_with<T: Send + Sync + 'static>(&self, make: impl FnOnce() -> T) -> Arc<T> {
        if let Some(value) = self.get() {
            return value;
        }
        let made = Arc::new(make());
        let kept = {
            let mut values = self.lock();
            let kept: &mut AnyValue =
                values.entry(TypeId::of::<T>()).or_insert_with(|| Arc::clone(&made) as AnyValue);
            Arc::clone(kept)
        };
        kept.downcast().unwrap_or(made)
    }

    /// Replaces the value of this type by the result of `change`, and returns the new value.
    ///
    /// No update is lost: if another thread changes the value while `change` runs, `change` is called again with the
    /// new value.
    pub fn update<T: Send + Sync + 'static>(&self, mut change: impl FnMut(Option<&T>) -> T) -> Arc<T> {
        loop {
            let before = self.get::<T>();
            let after = Arc::new(change(before.as_deref()));
            let replaced = {
                let mut values = self.lock();
                let there = values.get(&TypeId::of::<T>()).map(Arc::as_ptr).map(<*const _>::cast::<T>);
                let is_as_before = there == before.as_ref().map(Arc::as_ptr);
                is_as_before.then(|| values.insert(TypeId::of::<T>(), Arc::clone(&after) as AnyValue))
            };
            if let Some(replaced) = replaced {
                // Dropped while the result is a variable: a destructor may panic, and a value that is returned would leak.
                drop_each_foreign([before.map(|before| before as AnyValue), replaced]);
                return after;
            }
            drop_each_foreign([Some(after as AnyValue), before.map(|before| before as AnyValue)]);
        }
    }

    /// Returns every value.
    #[doc(hidden)]
    pub fn values(&self) -> Values {
        self.lock().clone()
    }

    /// Makes `before` all there is, and drops each value that was there.
    #[doc(hidden)]
    pub fn put_all_back(&self, before: Values) {
        let after = std::mem::replace(&mut *self.lock(), before);
        // Their destructors run without the lock.
        drop_each_foreign(after.into_values());
    }

    /// Removes the value of this type.
    pub fn remove<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        let value = self.lock().remove(&TypeId::of::<T>());
        value.and_then(|value| value.downcast().ok())
    }

    /// Removes every value.
    pub fn clear(&self) {
        let values = std::mem::take(&mut *self.lock());
        // Their destructors run without the lock.
        drop_each_foreign(values.into_values());
    }

    /// Returns the number of values.
    pub fn len(&self) -> usize {
        self.lock().len()
    }

    /// Returns whether the map is empty.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Drop for StateMap {
    fn drop(&mut self) {
        self.clear();
    }
}

impl fmt::Debug for StateMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StateMap").field("len", &self.len()).finish_non_exhaustive()
    }
}
