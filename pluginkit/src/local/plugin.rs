//! [`LocalPlugin`]: a plugin of a local manager, and the check of its borrows at run time.

use std::cell::{Cell, Ref, RefCell, RefMut};
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::rc::Rc;

use crate::base::name::{PluginId, short_type_name};
use crate::local::bind::Kept;
use crate::spec::point::PointInfo;

/// A shared plugin of a [`LocalPluginManager`](crate::LocalPluginManager), which its methods take as `&self` or
/// `&mut self`.
///
/// A manager makes one of each plugin under `#[extension(local)]`. A host that keeps a clone can read and change the plugin:
///
/// ```
/// use pluginkit::prelude::*;
///
/// #[extension_point]
/// trait Specs {
///     fn check(&self, word: &str);
/// }
///
/// #[derive(Default)]
/// struct Lint {
///     found: Vec<String>,
/// }
///
/// #[extension(local)]
/// impl Specs for Lint {
///     fn check(&mut self, word: &str) {
///         if word.len() > 8 {
///             self.found.push(word.to_owned());
///         }
///     }
/// }
///
/// # fn main() -> Result<(), pluginkit::Error> {
/// let pm = LocalPluginManager::new("words");
/// pm.add_extension_points(Specs)?;
/// let lint = LocalPlugin::new(Lint::default());
/// pm.register(lint.clone())?;
/// let check = pm.caller(Specs::check);
/// for word in ["harbor", "lighthouse"] {
///     check.call(word);
/// }
/// assert_eq!(lint.borrow().found, ["lighthouse"]);
/// # Ok(())
/// # }
/// ```
///
/// A plugin has one name in a manager: a second registration is refused, as that of the same `Arc` by other managers is.
///
/// # Borrows
///
/// The plugin is borrowed while one of its methods runs. `&self` methods may run within each other. A `&mut self` method runs
/// alone: a call that comes back to the plugin meanwhile panics, and the message names both calls. After a panic in one of
/// its methods, the plugin takes part in calls as before.
pub struct LocalPlugin<T: ?Sized>(Rc<Inner<T>>);

struct Inner<T: ?Sized> {
    /// The name of its last registration.
    id: RefCell<Option<PluginId>>,
    /// The point whose extension has borrowed the plugin last; `None` if the host has, or nothing.
    point: Cell<Option<&'static PointInfo>>,
    value: RefCell<T>,
}

impl<T> LocalPlugin<T> {
    /// Returns a plugin that a host shares with its manager.
    pub fn new(plugin: T) -> Self {
        Self(Rc::new(Inner { id: RefCell::new(None), point: Cell::new(None), value: RefCell::new(plugin) }))
    }

    /// Borrows the plugin.
    ///
    /// # Panics
    ///
    /// Panics while a `&mut self` method of the plugin runs.
    #[track_caller]
    pub fn borrow(&self) -> LocalRef<'_, T> {
        self.shared(None)
    }

    /// Borrows the plugin to change it.
    ///
    /// # Panics
    ///
    /// Panics while a method of the plugin runs.
    #[track_caller]
    pub fn borrow_mut(&self) -> LocalRefMut<'_, T> {
        self.exclusive(None)
    }

    /// Borrows the plugin for a `&self` method that extends a point.
    #[doc(hidden)]
    #[inline]
    #[track_caller]
    pub fn lend(&self, point: &'static PointInfo) -> LocalRef<'_, T> {
        self.shared(Some(point))
    }

    /// Borrows the plugin for a `&mut self` method that extends a point.
    #[doc(hidden)]
    #[inline]
    #[track_caller]
    pub fn lend_mut(&self, point: &'static PointInfo) -> LocalRefMut<'_, T> {
        self.exclusive(Some(point))
    }

    #[inline]
    #[track_caller]
    fn shared(&self, point: Option<&'static PointInfo>) -> LocalRef<'_, T> {
        match self.0.value.try_borrow() {
            Ok(value) => LocalRef { value, _point: Restore::set(&self.0.point, point) },
            Err(_) => self.busy(point),
        }
    }

    #[inline]
    #[track_caller]
    fn exclusive(&self, point: Option<&'static PointInfo>) -> LocalRefMut<'_, T> {
        match self.0.value.try_borrow_mut() {
            Ok(value) => LocalRefMut { value, _point: Restore::set(&self.0.point, point) },
            Err(_) => self.busy(point),
        }
    }

    #[cold]
    #[track_caller]
    fn busy(&self, asked: Option<&'static PointInfo>) -> ! {
        let name = match &*self.0.id.borrow() {
            Some(id) => id.to_string(),
            None => short_type_name(std::any::type_name::<T>()),
        };
        let within = match self.0.point.get() {
            Some(point) => format!("is in `{point}` already"),
            None => "is borrowed by the host".to_owned(),
        };
        let asked = match asked {
            Some(point) => format!("take `{point}`"),
            None => "be borrowed by the host".to_owned(),
        };
        panic!(
            "plugin `{name}` {within} and cannot {asked} meanwhile, because at least one of the two changes it: take `&self` in both, with a `Cell` or a `RefCell` for what changes, or make the second call later"
        )
    }
}

impl<T> LocalPlugin<T> {
    /// Returns the plugin as a value that is kept.
    pub(super) fn kept<'p>(&self) -> Rc<dyn Kept + 'p>
    where
        T: 'p,
    {
        Rc::<Inner<T>>::clone(&self.0)
    }
}

impl<T> LocalPlugin<T> {
    /// Returns the address by which clones of it are known.
    pub(super) fn address(&self) -> usize {
        Rc::as_ptr(&self.0).addr()
    }
}

impl<T: ?Sized> LocalPlugin<T> {
    /// Says under which name it is registered.
    pub(super) fn set_id(&self, id: &PluginId) {
        *self.0.id.borrow_mut() = Some(id.clone());
    }
}

/// Sets the point that has borrowed a plugin, and the earlier one again when it is dropped.
struct Restore<'b> {
    cell: &'b Cell<Option<&'static PointInfo>>,
    earlier: Option<&'static PointInfo>,
}

impl<'b> Restore<'b> {
    #[inline]
    fn set(cell: &'b Cell<Option<&'static PointInfo>>, point: Option<&'static PointInfo>) -> Self {
        Self { cell, earlier: cell.replace(point) }
    }
}

impl Drop for Restore<'_> {
    #[inline]
    fn drop(&mut self) {
        self.cell.set(self.earlier);
    }
}

/// A borrowed [`LocalPlugin`].
pub struct LocalRef<'b, T> {
    value: Ref<'b, T>,
    _point: Restore<'b>,
}

/// A [`LocalPlugin`] that is borrowed to change it.
pub struct LocalRefMut<'b, T> {
    value: RefMut<'b, T>,
    _point: Restore<'b>,
}

impl<T> Deref for LocalRef<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> Deref for LocalRefMut<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for LocalRefMut<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

impl<T: ?Sized> Clone for LocalPlugin<T> {
    /// Returns the same plugin.
    fn clone(&self) -> Self {
        Self(Rc::clone(&self.0))
    }
}

impl<T: ?Sized> fmt::Debug for LocalPlugin<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalPlugin").field("id", &*self.0.id.borrow()).finish_non_exhaustive()
    }
}

impl<T: fmt::Debug> fmt::Debug for LocalRef<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl<T: fmt::Debug> fmt::Debug for LocalRefMut<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}
