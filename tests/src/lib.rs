//! Helpers that the tests share.

use std::cell::RefCell;
use std::sync::{Arc, Mutex, Once, PoisonError};

use futures_util::{Stream, StreamExt};
use pluginkit::observe::{End, Event, Observer};

pub mod on_async;
pub mod on_sync;
mod random;

pub use random::Random;

/// A list of what happened, which plugins of a test write into.
#[derive(Clone, Debug, Default)]
pub struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    /// An empty log.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an entry.
    pub fn push(&self, entry: impl Into<String>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(entry.into());
    }

    /// Takes the entries out.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes the entries out, joined by spaces.
    pub fn line(&self) -> String {
        self.take().join(" ")
    }
}

/// An observer that logs what it sees, each entry beginning with its own text: `fetch>` when a call or an
/// extension starts, `fetch<` when it ends, `fetch!error` when it fails. It does not log changes of states.
#[derive(Debug)]
pub struct Show(pub &'static str, pub Log);

impl Observer for Show {
    fn observe(&self, event: &Event<'_>) {
        let point = event.point().map_or("", |point| point.name);
        let who = event.plugin().map_or(point, |plugin| plugin.as_str());
        let what = match event {
            Event::CallStarted { .. } | Event::ExtensionStarted { .. } => ">".to_owned(),
            Event::CallFinished { end, .. } | Event::ExtensionFinished { end, .. } => match end {
                End::Returned => "<".to_owned(),
                End::Failed(error) | End::PassedOn { error: Some(error) } => format!("!{error}"),
                End::Panicked | End::PassedOn { error: None } => "panic".to_owned(),
                End::Cancelled => "cancelled".to_owned(),
                End::TimedOut => "timeout".to_owned(),
                _ => "?".to_owned(),
            },
            Event::DropPanicked { message, .. } => format!(" drop: {message}"),
            Event::StateChanged { .. } | Event::CircuitChanged { .. } => return,
            _ => "?".to_owned(),
        };
        self.1.push(format!("{}{who}{what}", self.0));
    }
}

/// Runs `body`, which panics, and returns the panic's text.
///
/// # Panics
///
/// If `body` does not panic, or not with a text.
pub fn panic_of<R>(body: impl FnOnce() -> R) -> String {
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(body));
    let Err(panic) = result else { panic!("expected a panic") };
    match panic.downcast::<String>() {
        Ok(text) => *text,
        Err(panic) => (*panic.downcast::<&str>().expect("a panic with a text")).to_owned(),
    }
}

/// Runs `body`, which panics, and returns the panic's text and the file it is said to be in.
///
/// # Panics
///
/// As [`panic_of`].
pub fn panic_and_file_of<R>(body: impl FnOnce() -> R) -> (String, String) {
    thread_local! {
        static FILE: RefCell<String> = const { RefCell::new(String::new()) };
    }
    // The hook is the process's, and other tests run beside this one: it is set once, and passes all on.
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let others = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            FILE.set(panic.location().map_or_else(String::new, |place| place.file().to_owned()));
            others(panic);
        }));
    });
    let text = panic_of(body);
    (text, FILE.take())
}

/// Polls `future` on this thread until it is ready, with a waker that does nothing.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    loop {
        if let std::task::Poll::Ready(value) = future.as_mut().poll(&mut cx) {
            return value;
        }
    }
}

/// The items of a stream, each polled for on this thread when it is asked for.
#[derive(Debug)]
pub struct Blocking<S>(pub S);

impl<S: Stream + Unpin> Iterator for Blocking<S> {
    type Item = S::Item;

    fn next(&mut self) -> Option<S::Item> {
        block_on(self.0.next())
    }
}

/// A future that is ready when it has been polled `pending` times before, and wants to be polled on.
pub async fn pending(mut pending: u32) {
    std::future::poll_fn(move |cx| {
        if pending == 0 {
            return std::task::Poll::Ready(());
        }
        pending -= 1;
        cx.waker().wake_by_ref();
        std::task::Poll::Pending
    })
    .await;
}
