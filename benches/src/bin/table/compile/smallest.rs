//! The smallest program that offers what points offer: typed callers with `call` and `try_call`, plugins that extend some of
//! the points, closures as extensions, and wrappers. It is written out, without macros.
//!
//! What it shares lies in a crate of its own, as the library does. It has no options, order, observers, limits or
//! lifecycle, and mistakes have the messages that the compiler happens to give.

use std::fmt::Write as _;

use super::bundler::{Kind, Point, main, types};

/// What all points share.
pub(crate) fn core() -> String {
    CORE.to_owned()
}

/// The host of [`bundler::library`](super::bundler::library), over these points.
pub(crate) fn host(points: &[Point], kind: Kind) -> String {
    let mut text = format!(
        "#![allow(non_camel_case_types)]\n{}use std::sync::Arc;\nuse smallest_core::*;\n\npub struct One;\n",
        types()
    );
    for point in points {
        text.push_str(&match kind {
            Kind::Sync => of_point(point),
            Kind::Async => of_async_point(point),
        });
    }
    let mut set_up = String::from("let mut host = Host::default();\n    let one = Arc::new(One);\n");
    for point in points {
        let _ = writeln!(set_up, "    host.add({}, one.clone());", point.name);
    }
    text.push_str(&main(points, kind, &set_up, |point| {
        format!("host.caller({}).call({})", point.name, point.arguments())
    }));
    text
}

/// A point, its objects, its calls, and the extension of the one plugin.
fn of_point(point: &Point) -> String {
    let (name, parameters, outcome) = (&point.name, point.parameters(), point.outcome());
    let (returns, body, arguments) = (point.returns(), point.body(), point.names());
    let (types, each) = (point.types(), point.each_of("self.0.extensions()", name, ""));
    let passed_on = point.passed_on();
    format!(
        "
pub struct {name};
pub trait {name}_extension: Send + Sync {{ fn {name}(&self, {parameters}) -> {returns}; }}
pub trait {name}_wrapper: Send + Sync {{
    fn wrap(&self, {parameters}, next: {name}_calls<'_>) -> {outcome};
}}
pub struct {name}_calls<'c>(Caller<'c, {name}>);
impl Point for {name} {{
    type Extension = dyn {name}_extension;
    type Wrapper = dyn {name}_wrapper;
    type Calls<'c> = {name}_calls<'c>;
    fn calls(caller: Caller<'_, Self>) -> {name}_calls<'_> {{ {name}_calls(caller) }}
}}
impl<F: Fn({types}) -> {returns} + Send + Sync> {name}_extension for F {{
    fn {name}(&self, {parameters}) -> {returns} {{ self({arguments}) }}
}}
impl {name}_calls<'_> {{
    pub fn call(&self, {parameters}) -> {outcome} {{
        if let Some((wrapper, next)) = self.0.wrapper() {{ return wrapper.wrap({arguments}, next); }}
        {each}
    }}
    pub fn try_call(&self, {parameters}) -> Result<{outcome}, Failed> {{
        caught(|| self.call({passed_on}))
    }}
}}
impl {name}_extension for One {{ fn {name}(&self, {parameters}) -> {returns} {{ {body} }} }}
"
    )
}

/// The same with futures. Closures that return futures are left out, which keeps the program small.
fn of_async_point(point: &Point) -> String {
    let of_call = |text: String| text.replace('&', "&'a ");
    let (name, parameters, outcome) = (&point.name, of_call(point.parameters()), point.outcome());
    let (returns, body, arguments) = (point.returns(), point.body(), point.names());
    let each = point.each_of("self.0.extensions()", name, ".await");
    format!(
        "
pub struct {name};
pub trait {name}_extension: Send + Sync {{ fn {name}<'a>(&'a self, {parameters}) -> BoxFuture<'a, {returns}>; }}
pub trait {name}_wrapper: Send + Sync {{
    fn wrap<'a>(&'a self, {parameters}, next: {name}_calls<'a>) -> BoxFuture<'a, {outcome}>;
}}
pub struct {name}_calls<'c>(Caller<'c, {name}>);
impl Point for {name} {{
    type Extension = dyn {name}_extension;
    type Wrapper = dyn {name}_wrapper;
    type Calls<'c> = {name}_calls<'c>;
    fn calls(caller: Caller<'_, Self>) -> {name}_calls<'_> {{ {name}_calls(caller) }}
}}
impl {name}_calls<'_> {{
    pub fn call<'a>(&'a self, {parameters}) -> BoxFuture<'a, {outcome}> {{
        if let Some((wrapper, next)) = self.0.wrapper() {{ return wrapper.wrap({arguments}, next); }}
        Box::pin(async move {{ {each} }})
    }}
    pub fn try_call<'a>(&'a self, {parameters}) -> BoxFuture<'a, Result<{outcome}, Failed>> {{
        caught_later(self.call({arguments}))
    }}
}}
impl {name}_extension for One {{
    fn {name}<'a>(&'a self, {parameters}) -> BoxFuture<'a, {returns}> {{ Box::pin(async move {{ {body} }}) }}
}}
"
    )
}

const CORE: &str = "use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

pub trait Point: Send + Sync + 'static {
    type Extension: ?Sized + Send + Sync;
    type Wrapper: ?Sized + Send + Sync;
    type Calls<'c>;
    fn calls(caller: Caller<'_, Self>) -> Self::Calls<'_> where Self: Sized;
}

pub struct Lists<P: Point> { extensions: Vec<Arc<P::Extension>>, wrappers: Vec<Arc<P::Wrapper>> }

pub struct Caller<'c, P: Point> { lists: &'c Lists<P>, depth: usize }

impl<'c, P: Point> Caller<'c, P> {
    pub fn extensions(&self) -> &'c [Arc<P::Extension>] { &self.lists.extensions }
    pub fn wrapper(&self) -> Option<(&'c P::Wrapper, P::Calls<'c>)> {
        let wrapper = self.lists.wrappers.get(self.depth)?;
        Some((&**wrapper, P::calls(Caller { lists: self.lists, depth: self.depth + 1 })))
    }
}

#[derive(Default)]
pub struct Host { points: HashMap<TypeId, Box<dyn Any + Send + Sync>> }

impl Host {
    fn lists<P: Point>(&mut self, _: P) -> &mut Lists<P> {
        let lists = || Box::new(Lists::<P> { extensions: Vec::new(), wrappers: Vec::new() });
        let lists = self.points.entry(TypeId::of::<P>()).or_insert_with(|| lists());
        lists.downcast_mut().expect(\"it has this type\")
    }
    pub fn add<P: Point>(&mut self, point: P, extension: Arc<P::Extension>) {
        self.lists(point).extensions.push(extension);
    }
    pub fn wrap<P: Point>(&mut self, point: P, wrapper: Arc<P::Wrapper>) {
        self.lists(point).wrappers.push(wrapper);
    }
    pub fn caller<P: Point>(&self, _: P) -> P::Calls<'_> {
        let lists = &self.points[&TypeId::of::<P>()];
        P::calls(Caller { lists: lists.downcast_ref().expect(\"it has this type\"), depth: 0 })
    }
}

#[derive(Debug)]
pub struct Failed(pub Box<dyn Any + Send>);

pub fn caught<R>(call: impl FnOnce() -> R) -> Result<R, Failed> {
    catch_unwind(AssertUnwindSafe(call)).map_err(Failed)
}

pub fn caught_later<'a, R: 'a>(mut call: BoxFuture<'a, R>) -> BoxFuture<'a, Result<R, Failed>> {
    Box::pin(std::future::poll_fn(move |cx| {
        match catch_unwind(AssertUnwindSafe(|| call.as_mut().poll(cx))) {
            Ok(poll) => poll.map(Ok),
            Err(panic) => Poll::Ready(Err(Failed(panic))),
        }
    }))
}
";
