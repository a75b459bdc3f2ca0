//! Points of async managers without the macros.

use std::pin::Pin;
use std::sync::Arc;
use std::thread::{self, ThreadId};

use futures_util::{Stream, StreamExt};
use pluginkit::calls::ExtensionFuture;
use pluginkit::kind::{Asynchronous, Kind};
use pluginkit::manual::{
    Arguments, AsyncArguments, AsyncPointTypes, AsyncRemembered, AsyncRest, AsyncSpecs, AsyncWrapArguments,
    AsyncWrappable, BindAsync, BindAsyncWrapper, BindFn, Callable, FutureSlot, NoWrapper, PointTypes, Points,
    Rest, Shared, Specs, Units, Values, WaitingExtension, WrapArguments, offload,
};
use pluginkit::points::{Mode, PointInfo};
use pluginkit::{AsyncPluginManager, CallError, Options, PluginBuilder, PluginManager, Settled};
use pluginkit_tests::{Log, block_on, pending};

use super::PlainCaller;

#[derive(Clone, Copy)]
struct Library;

#[expect(non_upper_case_globals, reason = "points are named like the methods they stand for")]
impl Library {
    const read: Read = Read;
    const configure: Configure = Configure;
    const place: Place = Place;
}

impl Specs for Library {
    const NAME: &'static str = "Library";
    const PROJECT: Option<&'static str> = None;
    fn declare(points: &mut Points) {
        points.add::<Read>();
    }
}

impl AsyncSpecs for Library {
    fn declare_async(points: &mut Points) {
        points.add_async::<Read>();
        points.add_async::<Configure>();
        points.add_async::<Place>();
    }
}

// A collecting point whose result borrows from its argument, with async extensions, wrappers and closures.

#[derive(Clone, Copy)]
struct Read;

trait ReadExtension: Send + Sync {
    fn read<'d>(&self, document: &'d str) -> &'d str;
}

trait AsyncReadExtension: Send + Sync {
    fn read<'f, 'd: 'f>(
        &'f self,
        slot: FutureSlot<'f, &'d str>,
        document: &'d str,
    ) -> ExtensionFuture<'f, &'d str>;
}

trait AsyncReadWrapper: Send + Sync {
    fn wrap<'f, 'd: 'f>(&'f self, document: &'d str, next: ReadNext<'f>)
    -> ExtensionFuture<'f, Vec<&'d str>>;
}

struct ReadArgs<'d> {
    document: &'d str,
}

impl<'d> Arguments<Read, &'d str> for ReadArgs<'d> {
    fn call(&mut self, extension: &dyn ReadExtension, _last: bool) -> &'d str {
        extension.read(self.document)
    }
}

impl<'d> WrapArguments<Read, Vec<&'d str>> for ReadArgs<'d> {
    fn wrap(self, wrapper: &NoWrapper, _: Rest<'_, Read>) -> Vec<&'d str> {
        match *wrapper {}
    }
}

impl<'d> AsyncArguments<Read, &'d str> for ReadArgs<'d> {
    fn call_async<'s>(
        &'s mut self,
        extension: &'s dyn AsyncReadExtension,
        slot: FutureSlot<'s, &'d str>,
        _last: bool,
    ) -> ExtensionFuture<'s, &'d str> {
        extension.read(slot, self.document)
    }

    fn call_concurrently<'w>(
        &self,
        extension: &'w dyn AsyncReadExtension,
        slot: FutureSlot<'w, &'d str>,
    ) -> ExtensionFuture<'w, &'d str>
    where
        Self: 'w,
    {
        extension.read(slot, self.document)
    }
}

impl<'d> AsyncWrapArguments<Read, Vec<&'d str>> for ReadArgs<'d> {
    fn wrap_async<'w>(
        self,
        wrapper: &'w dyn AsyncReadWrapper,
        next: AsyncRest<'w, Read>,
    ) -> ExtensionFuture<'w, Vec<&'d str>>
    where
        Self: 'w,
    {
        wrapper.wrap(self.document, ReadNext(next))
    }
}

struct ReadNext<'n>(AsyncRest<'n, Read>);

impl<'n> ReadNext<'n> {
    fn run<'d>(self, document: &'d str) -> impl Future<Output = Vec<&'d str>> + use<'n, 'd> {
        self.0.collect::<Values, _, _>(ReadArgs { document })
    }
}

impl PointTypes for Read {
    type Specs = Library;
    type Extension = dyn ReadExtension;
    type Wrapper = NoWrapper;
    const INFO: &'static PointInfo = &PointInfo::new("Library", "read", Mode::Collecting, &["document"]);
}

impl<K: Kind> Callable<K> for Read {
    type Caller = PlainCaller<Self, K>;
}

impl AsyncPointTypes for Read {
    type AsyncExtension = dyn AsyncReadExtension;
    type AsyncWrapper = dyn AsyncReadWrapper;

    fn awaited(extension: &WaitingExtension) -> Option<&Self::Extension> {
        Some(extension)
    }
}

impl ReadExtension for WaitingExtension {
    fn read<'d>(&self, document: &'d str) -> &'d str {
        self.wait(self.extension::<dyn AsyncReadExtension>().read(FutureSlot::own(), document))
    }
}

impl AsyncWrappable for Read {
    type AsyncNext<'n> = ReadNext<'n>;
}

impl PlainCaller<Read> {
    fn call<'d>(&self, document: &'d str) -> Vec<&'d str> {
        self.0.dispatch().collect::<Values, _, _>(ReadArgs { document })
    }
}

impl PlainCaller<Read, Asynchronous> {
    fn call<'d>(&self, document: &'d str) -> impl Future<Output = Vec<&'d str>> + use<'d> {
        self.0.dispatch().collect::<Values, _, _>(ReadArgs { document })
    }
    fn call_concurrent<'d>(&self, document: &'d str) -> impl Future<Output = Vec<&'d str>> + use<'d> {
        self.0.dispatch().collect_concurrent::<Values, _, _>(ReadArgs { document })
    }
    fn try_call<'d>(
        &self,
        document: &'d str,
    ) -> impl Future<Output = Result<Vec<&'d str>, CallError>> + use<'d> {
        self.0.dispatch().try_collect::<Values, _, _>(ReadArgs { document })
    }
    fn settle<'d>(&self, document: &'d str) -> impl Future<Output = Vec<Settled<&'d str>>> + use<'d> {
        self.0.dispatch().settle::<Values, _, _>(ReadArgs { document })
    }
    fn stream<'d>(&self, document: &'d str) -> impl Stream<Item = &'d str> + use<'d> {
        self.0.dispatch().results::<Values, _, _>(ReadArgs { document })
    }
    fn call_blocking<'d>(&self, document: &'d str) -> Result<Vec<&'d str>, CallError> {
        self.0.dispatch().collect_blocking::<Values, _, _>(ReadArgs { document })
    }
}

/// A plugin and the closure that makes it an extension or a wrapper.
struct Method<T, F> {
    this: Arc<T>,
    call: F,
}

impl<T, F> AsyncReadExtension for Method<T, F>
where
    T: Send + Sync + 'static,
    F: for<'d> Fn(&T, &'d str) -> &'d str + Send + Sync + 'static,
{
    fn read<'f, 'd: 'f>(
        &'f self,
        slot: FutureSlot<'f, &'d str>,
        document: &'d str,
    ) -> ExtensionFuture<'f, &'d str> {
        slot.put(async move {
            pending(1).await;
            (self.call)(&self.this, document)
        })
    }
}

impl<T, F> BindAsync<T, F> for Read
where
    T: Send + Sync + 'static,
    F: for<'d> Fn(&T, &'d str) -> &'d str + Send + Sync + 'static,
{
    type When = ();
    fn bind_async(this: Arc<T>, call: F) -> Shared<dyn AsyncReadExtension> {
        Shared::<dyn AsyncReadExtension>::within(Arc::new(Method { this, call }), |bound| bound)
    }
    fn bind_async_when(this: Arc<T>, call: F, (): ()) -> Shared<dyn AsyncReadExtension> {
        Shared::<dyn AsyncReadExtension>::within(Arc::new(Method { this, call }), |bound| bound)
    }
}

impl<T, F> AsyncReadWrapper for Method<T, F>
where
    T: Send + Sync + 'static,
    F: for<'v, 'd> Fn(&T, &'v mut Vec<&'d str>) + Send + Sync + 'static,
{
    fn wrap<'f, 'd: 'f>(
        &'f self,
        document: &'d str,
        next: ReadNext<'f>,
    ) -> ExtensionFuture<'f, Vec<&'d str>> {
        ExtensionFuture::new(async move {
            let mut read = next.run(document).await;
            (self.call)(&self.this, &mut read);
            read
        })
    }
}

impl<T, F> BindAsyncWrapper<T, F> for Read
where
    T: Send + Sync + 'static,
    F: for<'v, 'd> Fn(&T, &'v mut Vec<&'d str>) + Send + Sync + 'static,
{
    type When = ();
    fn bind_async_wrapper(this: Arc<T>, call: F, _: Option<()>) -> Shared<dyn AsyncReadWrapper> {
        Shared::<dyn AsyncReadWrapper>::within(Arc::new(Method { this, call }), |bound| bound)
    }
}

/// Makes a wrapper that adds to a log what is left of the call, as it is shown.
struct Shown;

impl AsyncReadWrapper for Method<Log, Shown> {
    fn wrap<'f, 'd: 'f>(
        &'f self,
        document: &'d str,
        next: ReadNext<'f>,
    ) -> ExtensionFuture<'f, Vec<&'d str>> {
        self.this.push(format!("{:?}", next.0));
        ExtensionFuture::new(next.run(document))
    }
}

impl BindAsyncWrapper<Log, Shown> for Read {
    type When = ();
    fn bind_async_wrapper(this: Arc<Log>, call: Shown, _: Option<()>) -> Shared<dyn AsyncReadWrapper> {
        Shared::<dyn AsyncReadWrapper>::within(Arc::new(Method { this, call }), |bound| bound)
    }
}

// A historic point.

#[derive(Clone, Copy)]
struct Configure;

trait ConfigureExtension: Send + Sync {
    fn configure(&self, level: u32);
}

trait AsyncConfigureExtension: Send + Sync {
    fn configure(&self, level: u32) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

impl PointTypes for Configure {
    type Specs = Library;
    type Extension = dyn ConfigureExtension;
    type Wrapper = NoWrapper;
    const INFO: &'static PointInfo = &PointInfo::new("Library", "configure", Mode::Historic, &["level"]);
}

impl<K: Kind> Callable<K> for Configure {
    type Caller = PlainCaller<Self, K>;
}

impl AsyncPointTypes for Configure {
    type AsyncExtension = dyn AsyncConfigureExtension;
    type AsyncWrapper = NoWrapper;
}

#[derive(Clone, Copy)]
struct Level(u32);

impl Arguments<Configure, ()> for Level {
    fn call(&mut self, extension: &dyn ConfigureExtension, _last: bool) {
        extension.configure(self.0);
    }
}

impl AsyncArguments<Configure, ()> for Level {
    fn call_async<'s>(
        &'s mut self,
        extension: &'s dyn AsyncConfigureExtension,
        _slot: FutureSlot<'s, ()>,
        _last: bool,
    ) -> ExtensionFuture<'s, ()> {
        extension.configure(self.0).into()
    }
}

impl AsyncRemembered<Configure, ()> for Level {
    type Args<'e> = Level;
    fn recall_async(&self) -> Level {
        *self
    }
}

impl PlainCaller<Configure, Asynchronous> {
    fn call_historic(&self, level: u32) -> impl Future<Output = ()> + use<> {
        self.0.dispatch().historic::<Units, (), _, _, _>(Level(level), Level(level), |never| match never {})
    }
}

impl<F: Fn(u32) + Send + Sync + 'static> ConfigureExtension for F {
    fn configure(&self, level: u32) {
        self(level);
    }
}

impl<F: Fn(u32) + Send + Sync + 'static> BindFn<F> for Configure {
    fn bind_fn(call: F) -> Shared<dyn ConfigureExtension> {
        Shared::<dyn ConfigureExtension>::within(Arc::new(call), |bound| bound)
    }
}

struct Method1<T, F>(Arc<T>, F);

impl<T, F> AsyncConfigureExtension for Method1<T, F>
where
    T: Send + Sync + 'static,
    F: Fn(&T, u32) + Send + Sync + 'static,
{
    fn configure(&self, level: u32) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async move {
            pending(1).await;
            (self.1)(&self.0, level);
        })
    }
}

impl<T, F> BindAsync<T, F> for Configure
where
    T: Send + Sync + 'static,
    F: Fn(&T, u32) + Send + Sync + 'static,
{
    type When = ();
    fn bind_async(this: Arc<T>, call: F) -> Shared<dyn AsyncConfigureExtension> {
        Shared::<dyn AsyncConfigureExtension>::within(Arc::new(Method1(this, call)), |bound| bound)
    }
    fn bind_async_when(this: Arc<T>, call: F, (): ()) -> Shared<dyn AsyncConfigureExtension> {
        Shared::<dyn AsyncConfigureExtension>::within(Arc::new(Method1(this, call)), |bound| bound)
    }
}

// A point whose arguments can go to the blocking pool.

#[derive(Clone, Copy)]
struct Place;

trait PlaceExtension: Send + Sync {
    fn place(&self, name: &str) -> (String, ThreadId);
}

/// Has no values: the point takes no async extensions.
enum NoAsync {}

impl PointTypes for Place {
    type Specs = Library;
    type Extension = dyn PlaceExtension;
    type Wrapper = NoWrapper;
    const INFO: &'static PointInfo = &PointInfo::new("Library", "place", Mode::Collecting, &["name"]);
}

impl<K: Kind> Callable<K> for Place {
    type Caller = PlainCaller<Self, K>;
}

impl AsyncPointTypes for Place {
    type AsyncExtension = NoAsync;
    type AsyncWrapper = NoWrapper;
    const OFFLOADS: bool = true;
}

impl PlainCaller<Place, Asynchronous> {
    fn stream<'n>(&self, name: &'n str) -> impl Stream<Item = (String, ThreadId)> + use<'n> {
        self.0.dispatch().results::<Values, _, _>(PlaceArgs(name))
    }
}

struct PlaceArgs<'n>(&'n str);

impl Arguments<Place, (String, ThreadId)> for PlaceArgs<'_> {
    fn call(&mut self, extension: &dyn PlaceExtension, _last: bool) -> (String, ThreadId) {
        extension.place(self.0)
    }
}

impl AsyncArguments<Place, (String, ThreadId)> for PlaceArgs<'_> {
    fn call_async<'s>(
        &'s mut self,
        extension: &'s NoAsync,
        _slot: FutureSlot<'s, (String, ThreadId)>,
        _last: bool,
    ) -> ExtensionFuture<'s, (String, ThreadId)> {
        match *extension {}
    }

    fn offload<'w>(
        &self,
        extension: Shared<dyn PlaceExtension>,
    ) -> Option<ExtensionFuture<'w, (String, ThreadId)>> {
        let name = self.0.to_owned();
        Some(offload(move || extension.place(&name)))
    }
}

struct Here;

impl PlaceExtension for Here {
    fn place(&self, name: &str) -> (String, ThreadId) {
        (name.to_owned(), thread::current().id())
    }
}

fn manager() -> AsyncPluginManager {
    let pm = AsyncPluginManager::new("library");
    pm.add_extension_points(Library).unwrap();
    pm
}

fn with_readers() -> AsyncPluginManager {
    let pm = manager();
    PluginBuilder::new(2usize)
        .named("head")
        .async_extension(Library::read, Options::new(), |this: &usize, document: &str| &document[..*this])
        .register(&pm)
        .unwrap();
    PluginBuilder::new(1usize)
        .named("tail")
        .async_extension(Library::read, Options::new(), |this: &usize, document: &str| &document[*this..])
        .register(&pm)
        .unwrap();
    pm
}

#[test]
fn async_points_written_by_hand_are_called_in_every_way_of_their_mode() {
    let pm = with_readers();
    let (read, text) = (pm.caller(Library::read), "abc".to_owned());
    assert_eq!(block_on(read.call(&text)), ["ab", "bc"]);
    assert_eq!(block_on(read.call_concurrent(&text)), ["ab", "bc"]);
    assert_eq!(block_on(read.try_call(&text)).unwrap(), ["ab", "bc"]);
    assert_eq!(block_on(read.stream(&text).collect::<Vec<_>>()), ["ab", "bc"]);
    assert_eq!(read.call_blocking(&text).unwrap(), ["ab", "bc"]);

    let settled = block_on(read.settle("a"));
    assert!(matches!(settled[0].result, Err(CallError::Panicked { .. })));
    assert_eq!(*settled[1].result.as_ref().unwrap(), "");
    let error = block_on(read.try_call("a")).unwrap_err();
    assert!(matches!(error, CallError::Panicked { plugin: Some(id), .. } if id == "head"));
}

#[test]
fn async_wrappers_of_a_point_written_by_hand_run_around_its_extensions() {
    let pm = with_readers();
    let push = |this: &&'static str, read: &mut Vec<&str>| read.push(this);
    PluginBuilder::new("end").async_wrapper(Library::read, Options::new(), push).register(&pm).unwrap();
    assert_eq!(block_on(pm.caller(Library::read).call("abc")), ["ab", "bc", "end"]);
}

#[test]
fn async_extensions_of_a_point_written_by_hand_are_awaited_by_a_sync_manager() {
    let pm = PluginManager::builder("library")
        .block_on(|future: Pin<&mut (dyn Future<Output = ()> + '_)>| block_on(future))
        .build();
    pm.add_extension_points(Library).unwrap();
    PluginBuilder::new(1usize)
        .named("tail")
        .async_extension(Library::read, Options::new(), |this: &usize, document: &str| &document[*this..])
        .register(&pm)
        .unwrap();
    assert_eq!(pm.caller(Library::read).call("abc"), ["bc"]);
}

#[test]
fn historic_calls_of_an_async_point_written_by_hand_are_replayed() {
    let (pm, log) = (manager(), Log::new());
    let direct = log.clone();
    pm.register_fn("direct", Library::configure, move |level: u32| direct.push(format!("d{level}"))).unwrap();
    block_on(pm.caller(Library::configure).call_historic(3));
    let write = |this: &Log, level: u32| this.push(format!("a{level}"));
    let builder = PluginBuilder::new(log.clone()).named("log");
    block_on(builder.async_extension(Library::configure, Options::new(), write).register_and_replay(&pm))
        .unwrap();
    block_on(pm.caller(Library::configure).call_historic(4));
    assert_eq!(log.line(), "d3 a3 d4 a4");
}

#[test]
fn extensions_of_a_point_written_by_hand_run_on_the_blocking_pool() {
    let pm = manager();
    PluginBuilder::new(Here)
        .object(Library::place, Options::new().blocking(), |this| this)
        .register(&pm)
        .unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let places = runtime.block_on(pm.caller(Library::place).stream("x").collect::<Vec<_>>());
    assert_eq!(places[0].0, "x");
    assert_ne!(places[0].1, thread::current().id());
}

#[test]
fn the_rest_of_an_async_call_shows_its_wrappers_and_extensions() {
    let (pm, log) = (with_readers(), Log::new());
    PluginBuilder::new(log.clone())
        .named("shown")
        .async_wrapper(Library::read, Options::new(), Shown)
        .register(&pm)
        .unwrap();
    assert_eq!(block_on(pm.caller(Library::read).call("abc")), ["ab", "bc"]);
    assert_eq!(log.line(), "Next { chain: Chain { extensions: 2, wrappers: 1, .. }, depth: 1, .. }");
}
