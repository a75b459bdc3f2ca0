//! Stand-ins for the values of a desktop program.

use std::marker::PhantomData;
use std::sync::{Arc, Mutex};

/// What draws the windows.
pub(crate) trait Runtime: 'static {
    const NAME: &'static str;
}

pub(crate) struct Wry;

impl Runtime for Wry {
    const NAME: &'static str = "wry";
}

/// What draws no windows, for tests.
pub(crate) struct MockRuntime;

impl Runtime for MockRuntime {
    const NAME: &'static str = "mock";
}

/// Declares handles of the program's parts.
macro_rules! handles {
    ($($name:ident)*) => {$(
        pub(crate) struct $name<R: Runtime> {
            pub(crate) label: String,
            runtime: PhantomData<R>,
        }

        impl<R: Runtime> $name<R> {
            pub(crate) fn new(label: &str) -> Self {
                Self { label: label.to_owned(), runtime: PhantomData }
            }
        }

        impl<R: Runtime> Clone for $name<R> {
            fn clone(&self) -> Self {
                Self::new(&self.label)
            }
        }
    )*};
}

handles! { AppHandle Webview Window }

#[derive(Clone, Debug)]
pub(crate) struct JsonValue(pub(crate) String);

#[derive(Debug, PartialEq)]
pub(crate) struct InitializationScript {
    pub(crate) script: String,
    pub(crate) for_main_frame_only: bool,
}

#[derive(Debug)]
pub(crate) struct Url(pub(crate) String);

#[derive(Debug)]
pub(crate) struct PageLoadPayload<'a> {
    pub(crate) url: &'a Url,
}

#[derive(Debug)]
pub(crate) enum RunEvent {
    Exit,
}

/// A command with the way back of its answer. It cannot be cloned.
pub(crate) struct Invoke<R: Runtime> {
    pub(crate) command: String,
    pub(crate) answer: Arc<Mutex<Option<String>>>,
    pub(crate) webview: Webview<R>,
}
