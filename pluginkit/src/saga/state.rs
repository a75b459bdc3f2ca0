//! Values of a [`StateMap`] that a saga puts back.

use std::any::TypeId;
use std::collections::BTreeMap;

use crate::base::drops;
use crate::base::state::StateMap;
use crate::plugin::AnyPlugin;

/// Returns a compensation that puts back the value of type `T` that `state` has now.
pub(super) fn put_back<T: Send + Sync + 'static>(state: &StateMap) -> impl FnOnce() + Send + use<'_, T> {
    let before = state.get::<T>();
    move || match before {
        Some(before) => drop(state.insert_shared(before)),
        None => drop(state.remove::<T>()),
    }
}

/// Returns a compensation that puts back every value that `state` has now.
pub(super) fn put_all_back(state: &StateMap) -> impl FnOnce() + Send + use<'_> {
    let before = Before::of(state);
    move || state.put_all_back(before.into_values())
}

/// The values that a state had. They are dropped one by one, unless they are put back.
struct Before(BTreeMap<TypeId, AnyPlugin>);

impl Before {
    fn of(state: &StateMap) -> Self {
        Self(state.values())
    }

    fn into_values(mut self) -> BTreeMap<TypeId, AnyPlugin> {
        std::mem::take(&mut self.0)
    }
}

impl Drop for Before {
    fn drop(&mut self) {
        drops::drop_each_foreign(std::mem::take(&mut self.0).into_values());
    }
}
