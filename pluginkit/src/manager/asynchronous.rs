//! [`AsyncPluginManager`]: owns plugins and dispatches calls that are awaited.

use crate::base::kind::Asynchronous;
use crate::manager::Manager;

/// Owns plugins and makes async calls of their extensions, which are `fn`s or `async fn`s.
///
/// Registration, checks and the order of calls are the same as in a [`PluginManager`](crate::PluginManager). One plugin
/// type can serve both kinds of managers, unless it has a wrapper: an async manager takes only wrappers that are `async
/// fn`s. Extensions run one after the other, except in `call_concurrent`.
///
/// ```
/// use pluginkit::prelude::*;
///
/// #[extension_point(project = "feed")]
/// trait Specs {
///     fn fetch(&self, topic: &str) -> String;
/// }
///
/// struct Weather;
///
/// #[extension]
/// impl Specs for Weather {
///     async fn fetch(&self, topic: &str) -> String {
///         format!("weather[{topic}]: clear skies")
///     }
/// }
///
/// # fn block_on<T>(future: impl Future<Output = T>) -> T {
/// #     let mut future = std::pin::pin!(future);
/// #     let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
/// #     loop {
/// #         if let std::task::Poll::Ready(value) = future.as_mut().poll(&mut cx) { return value; }
/// #     }
/// # }
/// # fn main() -> Result<(), pluginkit::Error> {
/// let pm = AsyncPluginManager::new("feed");
/// pm.add_extension_points(Specs)?;
/// pm.register(Weather)?;
/// pm.register_fn("static", Specs::fetch, |args| format!("static[{}]", args.topic))?;
/// // `block_on` is a function of any executor, for example `futures_executor::block_on`.
/// let headlines = block_on(async { pm.caller(Specs::fetch).call("harbor").await });
/// assert_eq!(headlines, ["weather[harbor]: clear skies", "static[harbor]"]);
/// # Ok(())
/// # }
/// ```
///
/// # Methods by task
///
/// | task | methods |
/// |---|---|
/// | add extension points | [`add_extension_points`](#method.add_extension_points) |
/// | register plugins | [`register`](#method.register), [`register_as`](#method.register_as), [`register_all`](#method.register_all), [`register_fn`](#method.register_fn), [`register_and_replay`](#method.register_and_replay) and [`PluginBuilder`](crate::PluginBuilder) |
/// | call | [`caller`](#method.caller), [`try_caller`](#method.try_caller) |
/// | unregister, block, disable | [`unregister`](#method.unregister), [`block`](#method.block), [`disable`](#method.disable), [`enable`](#method.enable) |
/// | look up | [`plugin`](#method.plugin), [`plugin_as`](#method.plugin_as), [`plugin_names`](#method.plugin_names), [`extension_points`](#method.extension_points) |
/// | limit | [`set_plugin_timeout`](#method.set_plugin_timeout), [`set_point_timeout`](#method.set_point_timeout), [`set_point_failure_policy`](#method.set_point_failure_policy) |
/// | start and stop | [`start_all`](#method.start_all), [`stop_all`](#method.stop_all), [`remove`](#method.remove), [`replace`](#method.replace), [`run`](#method.run) |
/// | discover and configure | [`discover`](#method.discover), [`load_config`](#method.load_config), [`from_config`](#method.from_config) |
/// | services | [`service`](#method.service), [`services`](#method.services), [`provide`](#method.provide) |
/// | watch | [`observe`](#method.observe), [`report`](#method.report), [`graph`](#method.graph), [`break_circuits`](#method.break_circuits) |
///
/// # What is awaited
///
/// Everything that runs plugins is awaited: the calls of an [`AsyncCaller`](crate::AsyncCaller), `next.run(…)` in a
/// wrapper, the phases of plugins, [`register_and_replay`](Manager::register_and_replay), discoveries and loads.
/// [`register`](Manager::register) runs no plugin. So it refuses a plugin to which past [historic
/// calls](macro@crate::extension_point#historic-points) must be replayed.
///
/// A `fn` extension runs in place and holds up the task that polls the call. Mark a slow `fn` with
/// `#[extension(blocking)]`, or build the manager with `offload_sync(true)` (feature `tokio`).
///
/// # Futures
///
/// Nothing runs before a future is polled. A call works on the plugins that are registered when the method of the
/// caller is called, not when the future is polled first. Only a historic call also reaches plugins that are registered
/// before the call ends.
///
/// A future may be dropped wherever it waits. The work under way is dropped, innermost first. Work that has ended is
/// not undone. A historic call that is dropped is not remembered. A `register_and_replay` that is dropped is taken
/// back. Work on the blocking pool runs to its end, and its result is lost.
///
/// # Executors
///
/// A future is `Send` if its arguments and the items of its extensions are, and runs on any executor. A future can be spawned if its arguments are
/// owned or `'static`. The blocking pool and the timeouts of the feature `tokio` need a tokio runtime. Outside of a
/// tokio runtime, a `blocking` extension runs in place, and a late `async fn` is not dropped, but reported when it
/// returns.
pub type AsyncPluginManager = Manager<Asynchronous>;
