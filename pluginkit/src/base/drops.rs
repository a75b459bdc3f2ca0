//! Destructors of foreign values, run one at a time.
//!
//! A destructor of a plugin, closure or observer may panic. Rust aborts when a second one panics while the first panic
//! unwinds. So each of these values stands in a [`Foreign`], or its owner calls [`contain`]: a panic is caught where
//! it comes out, and put aside until the [`scope`] that dropped the value ends. Then the first panic goes on to the
//! caller, and the others are reported.
//!
//! A scope covers nothing but drops, and foreign code runs outside of all scopes: an operation that a destructor calls
//! has a scope of its own. The first panic of that scope goes on to the destructor.
#![allow(missing_debug_implementations, clippy::missing_panics_doc, reason = "public for `__core` only")]

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::mem::ManuallyDrop;
use std::ops::{Deref, DerefMut};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::task::Waker;

use crate::base::name::PluginId;
use crate::base::sync::thread_local;

/// A panic that came out of a destructor.
pub struct DropPanic {
    /// The plugin that the dropped value belonged to, if it belonged to one.
    pub(crate) plugin: Option<PluginId>,
    payload: Box<dyn Any + Send>,
}

impl DropPanic {
    /// Returns the text of the panic, if it had one.
    pub(crate) fn message(&self) -> &str {
        text(&*self.payload)
    }
}

impl Drop for DropPanic {
    fn drop(&mut self) {
        dispose(std::mem::replace(&mut self.payload, Box::new(())));
    }
}

/// Returns the text of a panic's payload.
pub(crate) fn text(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("(a panic without a text)")
}

/// Drops the payload of a caught panic and returns its text.
pub fn message(payload: Box<dyn Any + Send>) -> String {
    let message = text(&*payload).to_owned();
    dispose(payload);
    message
}

/// The greatest number of payloads that panic in a row when they are dropped.
const PAYLOADS: usize = 16;

/// Drops the payload of a caught panic. If its destructor panics, that payload is dropped next; after too many of them
/// the last one is leaked.
pub fn dispose(payload: Box<dyn Any + Send>) {
    let mut payload = payload;
    for _ in 0..PAYLOADS {
        let mut dropped = Some(payload);
        match outside(&mut || dropped = None) {
            Ok(()) => return,
            Err(next) => payload = next,
        }
    }
    std::mem::forget(payload);
}

/// The scopes of a thread and what fell into them.
struct Scopes {
    /// The number of the innermost scope that is open; 0 if there is none.
    open: Cell<u64>,
    /// The number of the scope that foreign code runs outside of; 0 if there is none.
    left: Cell<u64>,
    opened: Cell<u64>,
    /// Panics, each with the number of its scope. Without a destructor, as destructors of thread-locals use it.
    panics: RefCell<ManuallyDrop<Vec<(u64, DropPanic)>>>,
}

thread_local! {
    static SCOPES: Scopes = const {
        Scopes {
            open: Cell::new(0),
            left: Cell::new(0),
            opened: Cell::new(0),
            panics: RefCell::new(ManuallyDrop::new(Vec::new())),
        }
    };
}

/// Makes another scope the innermost one, until it is dropped.
struct Within {
    open: u64,
    left: u64,
}

impl Within {
    fn enter(scope: u64) -> Self {
        SCOPES.with(|scopes| {
            let (open, left) = (scopes.open.replace(scope), scopes.left.get());
            scopes.left.set(if open == 0 { left } else { open });
            Self { open, left }
        })
    }
}

impl Drop for Within {
    fn drop(&mut self) {
        SCOPES.with(|scopes| {
            scopes.open.set(self.open);
            scopes.left.set(self.left);
        });
    }
}

/// Runs foreign code outside of all scopes, and catches its panic.
fn outside(run: &mut dyn FnMut()) -> Result<(), Box<dyn Any + Send>> {
    let _outside = Within::enter(0);
    catch_unwind(AssertUnwindSafe(run))
}

/// Runs foreign code as if no destructor had called it, and catches its panic: a panic that is contained while it unwinds
/// reaches no scope outside.
#[inline]
pub(crate) fn apart(run: &mut dyn FnMut()) -> Result<(), Box<dyn Any + Send>> {
    if is_apart() { catch_unwind(AssertUnwindSafe(run)) } else { apart_from_scopes(run) }
}

/// Returns whether no destructor calls this code.
fn is_apart() -> bool {
    SCOPES.with(|scopes| scopes.open.get() == 0 && scopes.left.get() == 0)
}

#[cold]
fn apart_from_scopes(run: &mut dyn FnMut()) -> Result<(), Box<dyn Any + Send>> {
    outside(&mut || {
        SCOPES.with(|scopes| scopes.left.set(0));
        run();
    })
}

/// Runs `drop`, a destructor of a value of `plugin`. If it panics, the panic goes to the scope that is open; without one
/// it unwinds. If the thread unwinds already, the panic goes to the scope that this foreign code runs outside of, or is
/// disposed of: a destructor has panicked, and the library drops what else stood beside its value.
///
/// It is not generic, because every point drops values of types of its own.
pub(crate) fn contain(plugin: Option<&PluginId>, drop: &mut dyn FnMut()) {
    let before = SCOPES.with(|scopes| scopes.panics.borrow().len());
    let dropped = outside(drop);
    if let Some(plugin) = plugin {
        SCOPES.with(|scopes| scopes.name(before, plugin));
    }
    if let Err(payload) = dropped {
        let panic = DropPanic { plugin: plugin.cloned(), payload };
        if let Err(panic) = put_aside(before, panic) {
            if !std::thread::panicking() {
                unwind(panic);
            }
            SCOPES.with(|scopes| scopes.put(scopes.left.get(), before, panic));
        }
    }
}

/// Runs foreign code and disposes of its panic: the thread may unwind already.
pub fn contain_quietly(run: &mut dyn FnMut()) {
    if let Err(payload) = outside(run) {
        dispose(payload);
    }
}

impl Scopes {
    /// Gives the panics after the first `before` ones to `plugin`, unless they name another.
    fn name(&self, before: usize, plugin: &PluginId) {
        for (_, panic) in self.panics.borrow_mut().iter_mut().skip(before) {
            panic.plugin.get_or_insert_with(|| plugin.clone());
        }
    }

    /// Leaves `panic`, which came while there were no more than `before` others, to the scope of this number, if there
    /// is one.
    ///
    /// Panics that came since are of values beside the first one. They come after it, and belong to its plugin unless
    /// they name another.
    fn put(&self, scope: u64, before: usize, panic: DropPanic) {
        if scope != 0 {
            let mut panics = self.panics.borrow_mut();
            for (_, beside) in panics.iter_mut().skip(before).filter(|(number, _)| *number == scope) {
                beside.plugin = beside.plugin.take().or_else(|| panic.plugin.clone());
            }
            let before = before.min(panics.len());
            panics.insert(before, (scope, panic));
        }
    }
}

/// Leaves `panic`, which came while there were no more than `before` others, to the scope that is open.
fn put_aside(before: usize, panic: DropPanic) -> Result<(), DropPanic> {
    SCOPES.with(|scopes| match scopes.open.get() {
        0 => Err(panic),
        open => {
            scopes.put(open, before, panic);
            Ok(())
        }
    })
}

/// Lets `panic`, of a step of an operation that is complete now, go on to the caller.
pub fn go_on(panic: Option<DropPanic>) {
    if let Some(panic) = panic
        && let Err(panic) = put_aside(usize::MAX, panic)
        && !std::thread::panicking()
    {
        unwind(panic);
    }
}

/// Returns whether a scope is open.
fn is_inside() -> bool {
    SCOPES.with(|scopes| scopes.open.get() > 0)
}

fn unwind(mut panic: DropPanic) -> ! {
    let payload = std::mem::replace(&mut panic.payload, Box::new(()));
    drop(panic);
    resume_unwind(payload)
}

/// A scope that is open.
struct Scope {
    number: u64,
    _within: Within,
}

impl Scope {
    fn open() -> Self {
        let number = SCOPES.with(|scopes| {
            scopes.opened.set(scopes.opened.get() + 1);
            scopes.opened.get()
        });
        Self { number, _within: Within::enter(number) }
    }

    /// Closes it and returns the panics that fell into it.
    fn close(self) -> Vec<DropPanic> {
        SCOPES.with(|scopes| {
            let mut panics = scopes.panics.borrow_mut();
            if panics.is_empty() {
                return Vec::new();
            }
            let own =
                panics.extract_if(.., |(number, _)| *number == self.number).map(|(_, panic)| panic).collect();
            if panics.is_empty() {
                // Its memory would not be freed otherwise.
                drop(std::mem::take(&mut **panics));
            }
            own
        })
    }
}

/// Runs `drops`, which does nothing but drop values, and returns the panics that came out of foreign destructors
/// meanwhile.
fn gather(drops: &mut dyn FnMut()) -> impl Iterator<Item = DropPanic> + use<> {
    let scope = Scope::open();
    let unwound = catch_unwind(AssertUnwindSafe(drops)).err();
    scope.close().into_iter().chain(unwound.map(|payload| DropPanic { plugin: None, payload }))
}

/// Runs `drops`, which does nothing but drop values, and returns the first panic that came out of a foreign destructor
/// meanwhile. `report` is told of the others.
pub fn caught(report: &dyn Fn(&DropPanic), drops: &mut dyn FnMut()) -> Option<DropPanic> {
    let mut panics = gather(drops);
    let first = panics.next();
    panics.for_each(|other| report(&other));
    first
}

/// Runs `drops`, which does nothing but drop values, and tells `report` of each panic that comes out of a foreign
/// destructor meanwhile.
pub(crate) fn reported(report: &dyn Fn(&DropPanic), drops: &mut dyn FnMut()) {
    gather(drops).for_each(|panic| report(&panic));
}

/// Runs `drops`, which does nothing but drop values. The first panic that comes out of a foreign destructor meanwhile
/// goes on to the caller once all are dropped. `report` is told of the others, and of the first if the thread unwinds
/// already.
pub(crate) fn scope(report: &dyn Fn(&DropPanic), drops: &mut dyn FnMut()) {
    let mut panics = gather(drops);
    let goes_on = is_inside() || !std::thread::panicking();
    let first = if goes_on { panics.next() } else { None };
    panics.for_each(|other| report(&other));
    if let Some(first) = first
        && let Err(first) = put_aside(usize::MAX, first)
    {
        unwind(first);
    }
}

/// Drops `values`, of which each contains its foreign ones, one at a time. The first panic goes on to the caller once
/// all are dropped, or all go to the scope that is open.
pub fn drop_each<T>(values: impl IntoIterator<Item = T>) {
    let mut values = values.into_iter();
    drop_all(&mut || {
        let Some(value) = values.next() else { return false };
        let mut value = Some(value);
        // A scope is open here.
        put_aside_caught(&mut || value = None);
        true
    });
}

/// Drops foreign `values` one at a time. The first panic goes on to the caller once all are dropped, or all go to the
/// scope that is open.
pub fn drop_each_foreign<T>(values: impl IntoIterator<Item = T>) {
    let mut values = values.into_iter();
    drop_all(&mut || {
        let Some(value) = values.next() else { return false };
        let mut value = Some(value);
        contain(None, &mut || value = None);
        true
    });
}

/// Drops values in the scope that is open, or in one of its own. `next` drops one value; it returns whether there was
/// one.
fn drop_all(next: &mut dyn FnMut() -> bool) {
    let mut drops = || while next() {};
    if is_inside() {
        drops();
    } else {
        scope(&|_| (), &mut drops);
    }
}

/// Runs `drop` in the scope that is open, which gets its panic.
fn put_aside_caught(drop: &mut dyn FnMut()) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(drop)) {
        let _ = put_aside(usize::MAX, DropPanic { plugin: None, payload });
    }
}

/// Values that are gathered one by one. Left behind by an error or a panic, they are dropped one at a time.
pub struct Gathered<T>(pub Vec<T>);

impl<T> Gathered<T> {
    /// Returns the values to code that may drop them.
    #[inline]
    pub fn into_vec(mut self) -> Vec<T> {
        std::mem::take(&mut self.0)
    }
}

impl<T> Drop for Gathered<T> {
    #[inline]
    fn drop(&mut self) {
        if std::mem::needs_drop::<T>() && !self.0.is_empty() {
            drop_each_foreign(std::mem::take(&mut self.0));
        }
    }
}

impl<T> IntoIterator for Gathered<T> {
    type Item = T;
    type IntoIter = OneByOne<T>;

    fn into_iter(self) -> OneByOne<T> {
        OneByOne(self.into_vec().into_iter())
    }
}

/// Foreign values that are taken out one by one. Left behind by an error or a panic, they are dropped one at a time.
pub struct OneByOne<T>(std::vec::IntoIter<T>);

impl<T> Iterator for OneByOne<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.0.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl<T> Drop for OneByOne<T> {
    fn drop(&mut self) {
        drop_each_foreign(&mut self.0);
    }
}

/// Wakes tasks one at a time. The first panic of a waker goes on to the caller once all are awake.
pub fn wake_each(wakers: impl IntoIterator<Item = Waker>) {
    let mut wakers = wakers.into_iter();
    scope(&|_| (), &mut || {
        for waker in wakers.by_ref() {
            let mut waker = Some(waker);
            contain(None, &mut || waker.take().into_iter().for_each(Waker::wake));
        }
    });
}

/// Drops `value`, then wakes tasks, one at a time. The first panic goes on to the caller at the end.
#[cfg(all(feature = "macros", feature = "async"))]
pub fn drop_and_wake<T>(value: T, wakers: impl IntoIterator<Item = Waker>) {
    let (mut value, mut wakers) = (Some(value), Some(wakers));
    scope(&|_| (), &mut || {
        contain(None, &mut || value = None);
        wakers.take().into_iter().for_each(wake_each);
    });
}

/// A value whose destructor is foreign code.
pub struct Foreign<T> {
    /// Taken when it is dropped.
    value: Option<T>,
    plugin: Option<PluginId>,
}

impl<T> Foreign<T> {
    /// Wraps a value that belongs to `plugin`, or to none.
    pub fn new(value: T, plugin: Option<&PluginId>) -> Self {
        Self { value: Some(value), plugin: plugin.cloned() }
    }

    /// Returns the same value, as one of `plugin`.
    #[must_use]
    pub fn of(mut self, plugin: &PluginId) -> Self {
        self.plugin = Some(plugin.clone());
        self
    }

    /// Says that the value belongs to `plugin`.
    pub(crate) fn set_plugin(&mut self, plugin: &PluginId) {
        self.plugin = Some(plugin.clone());
    }

    /// Returns the value to code that may drop it.
    pub fn into_inner(mut self) -> T {
        self.value.take().expect("it is taken only here and when it is dropped")
    }
}

impl<T> Deref for Foreign<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.value.as_ref().expect("it is there until it is dropped")
    }
}

impl<T> DerefMut for Foreign<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.value.as_mut().expect("it is there until it is dropped")
    }
}

impl<T> Drop for Foreign<T> {
    fn drop(&mut self) {
        if self.value.is_some() {
            contain(self.plugin.as_ref(), &mut || self.value = None);
        }
    }
}
