//! Stand-ins for the types of a desktop shell.

use std::marker::PhantomData;

/// What draws windows.
pub(crate) trait Runtime: Send + Sync + 'static {
    const NAME: &'static str;
}

pub(crate) struct Wry;

impl Runtime for Wry {
    const NAME: &'static str = "wry";
}

pub(crate) struct Headless;

impl Runtime for Headless {
    const NAME: &'static str = "headless";
}

pub(crate) struct App<R: Runtime> {
    pub(crate) title: &'static str,
    runtime: PhantomData<R>,
}

impl<R: Runtime> App<R> {
    pub(crate) fn new(title: &'static str) -> Self {
        Self { title, runtime: PhantomData }
    }
}

/// A handle: clones are of one window.
pub(crate) struct Window<R: Runtime> {
    pub(crate) label: &'static str,
    runtime: PhantomData<R>,
}

impl<R: Runtime> Window<R> {
    pub(crate) fn new(label: &'static str) -> Self {
        Self { label, runtime: PhantomData }
    }
}

impl<R: Runtime> Clone for Window<R> {
    fn clone(&self) -> Self {
        Self::new(self.label)
    }
}

pub(crate) struct PageLoad<'a> {
    pub(crate) url: &'a str,
    pub(crate) finished: bool,
}

#[derive(Debug)]
pub(crate) enum Event {
    Ready,
    Exit { code: i32 },
}

/// A call of the page to the shell. It is answered once.
pub(crate) struct Invoke<'a, R: Runtime> {
    pub(crate) command: &'a str,
    pub(crate) window: &'a Window<R>,
    pub(crate) replies: &'a mut Vec<String>,
}
