//! Specs that are generic over types, constants and lifetimes. Each instantiation is a set of points of its own.

use std::fmt::Display;
use std::marker::PhantomData;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};

use pluginkit::insight::Metrics;
use pluginkit::limits::FailurePolicy;
use pluginkit::prelude::*;
use pluginkit::{Error, Options, PluginBuilder};

use super::kind::{Manager, adding, awaited, enter, implement, lazily, wait};

trait Runtime: Send + Sync + 'static {
    const NAME: &'static str;
}

struct Wry;

impl Runtime for Wry {
    const NAME: &'static str = "wry";
}

struct Gtk;

impl Runtime for Gtk {
    const NAME: &'static str = "gtk";
}

struct App<R: Runtime> {
    windows: usize,
    runtime: PhantomData<R>,
}

impl<R: Runtime> App<R> {
    fn new(windows: usize) -> Self {
        Self { windows, runtime: PhantomData }
    }
}

impl<R: Runtime> Clone for App<R> {
    fn clone(&self) -> Self {
        Self::new(self.windows)
    }
}

/// Not covariant: a reference to it fits no shorter `'x`.
struct Ctx<'x, R: Runtime> {
    app: &'x App<R>,
    seen: Vec<&'x str>,
}

impl<'x, R: Runtime> Ctx<'x, R> {
    fn new(app: &'x App<R>) -> Self {
        Self { app, seen: Vec::new() }
    }
}

#[extension_point]
trait Plugin<R: Runtime>
where
    R: Sync,
{
    fn initialize(&self, app: &App<R>) -> usize;
    fn plain(&self, number: usize) -> usize;
    fn owned(&self, app: App<R>, text: String) -> Result<usize, String>;
    #[extension_point(firstresult)]
    fn first(&self, app: &App<R>) -> Option<&'static str>;
    #[extension_point(pipeline)]
    fn thread(&self, app: App<R>) -> App<R>;
    #[extension_point(pipeline)]
    fn perhaps(&self, app: App<R>, most: usize) -> Result<Option<App<R>>, String>;
    #[extension_point(pipeline)]
    fn trim(&self, text: &str) -> &str;
    #[extension_point(pipeline)]
    fn edit(&self, app: &mut App<R>);
    fn ctx(&self, cx: &mut Ctx<'_, R>) -> usize;
    #[extension_point(pipeline)]
    fn rename(&self, name: String, cx: &mut Ctx<'_, R>) -> String;
    fn pick<'x>(&self, app: &'x App<R>, name: &'x str) -> &'x str;
    #[extension_point(historic)]
    fn configure(&self, app: &App<R>, apps: &[App<R>], number: usize) -> usize;
    #[extension_point(historic)]
    fn settle(&self, app: Option<&App<R>>, other: App<R>);
}

struct Generic<R>(PhantomData<fn() -> R>);

implement! {
    #[extension]
    impl [R: Runtime] [Plugin<R>] for [Generic<R>] {
        fn initialize(&self, app: &App<R>) -> usize {
            app.windows + 10
        }
        fn plain(&self, number: usize) -> usize {
            number + R::NAME.len()
        }
        fn owned(&self, app: App<R>) -> Result<usize, String> {
            Ok(app.windows)
        }
        fn first(&self) -> Option<&'static str> {
            Some(R::NAME)
        }
        fn thread(&self, app: App<R>) -> App<R> {
            App::new(app.windows + 1)
        }
        fn perhaps(&self, app: App<R>, most: usize) -> Result<Option<App<R>>, String> {
            Ok((app.windows < most).then(|| App::new(app.windows + 1)))
        }
        fn trim(&self, text: &str) -> &str {
            text.trim()
        }
        fn edit(&self, app: &mut App<R>) {
            app.windows += 1;
        }
        fn ctx(&self, cx: &mut Ctx<'_, R>) -> usize {
            cx.seen.push(R::NAME);
            cx.seen.len() + cx.app.windows
        }
        fn rename(&self, name: String, cx: &mut Ctx<'_, R>) -> String {
            format!("{name}{}", cx.seen.len())
        }
        fn pick<'x>(&self, name: &'x str) -> &'x str {
            name
        }
        fn configure(&self, app: &App<R>, apps: &[App<R>]) -> usize {
            app.windows + apps.len()
        }
        fn settle(&self, app: Option<&App<R>>, other: App<R>) {
            assert_eq!(app.map(|app| app.windows), Some(other.windows));
        }
    }
}

struct Around<R>(PhantomData<fn() -> R>);

implement! {
    #[extension(wrapper)]
    impl [R: Runtime] [Plugin<R>] for [Around<R>] {
        fn ctx(&self, cx: &mut Ctx<'_, R>, next: Next<'_>) -> Vec<usize> {
            cx.seen.push("around");
            let mut all = awaited!(next.run(cx));
            all.push(0);
            all
        }
        fn pick<'x>(&self, app: &'x App<R>, name: &'x str, next: Next<'_>) -> Vec<&'x str> {
            let mut all = awaited!(next.run(app, name));
            all.push("around");
            all
        }
        fn plain(&self, next: Next<'_>) -> Vec<usize> {
            let mut all = awaited!(next.clone().run());
            all.extend(awaited!(next.run()));
            all.push(0);
            all
        }
        #[extension(when = Self::has_windows)]
        fn thread(&self, app: App<R>, next: Next<'_>) -> App<R> {
            let app = awaited!(next.clone().run(App::new(app.windows * 10)));
            awaited!(next.run(app))
        }
    }
}

impl<R: Runtime> Around<R> {
    fn has_windows(&self, app: &App<R>) -> bool {
        app.windows > 0
    }
}

/// A plugin that is not generic, of one instantiation.
struct Logger;

implement! {
    #[extension]
    impl [] [Plugin<Wry>] for [Logger] {
        fn initialize(&self, app: &App<Wry>) -> usize {
            app.windows
        }
        fn configure(&self, number: usize) -> usize {
            number
        }
    }
}

/// A plugin that is not generic, of every instantiation.
struct Everywhere;

implement! {
    #[extension]
    impl [R: Runtime] [Plugin<R>] for [Everywhere] {
        fn initialize(&self, app: &App<R>) -> usize {
            app.windows + R::NAME.len()
        }
        fn first(&self) -> Option<&'static str> {
            Some(R::NAME)
        }
    }
}

fn manager() -> Manager {
    let pm = Manager::new("generics");
    pm.add_extension_points(Plugin::<Wry>::SPECS).unwrap();
    pm.add_extension_points(Plugin::<Gtk>::SPECS).unwrap();
    pm
}

fn generic<R: Runtime>(name: &str) -> PluginBuilder<Generic<R>> {
    PluginBuilder::new(Generic(PhantomData)).named(name).extends(Plugin::<R>::SPECS)
}

#[test]
fn each_instantiation_has_its_own_points() {
    let pm = manager();
    pm.register(Logger).unwrap();
    wait!(enter(&pm, generic::<Wry>("w"))).unwrap();
    wait!(enter(&pm, generic::<Gtk>("g"))).unwrap();
    let everywhere =
        PluginBuilder::new(Everywhere).extends(Plugin::<Wry>::SPECS).extends(Plugin::<Gtk>::SPECS);
    wait!(enter(&pm, everywhere)).unwrap();
    assert_eq!(wait!(pm.caller(Plugin::<Wry>::initialize).call(&App::new(1))), [1, 11, 4]);
    assert_eq!(wait!(pm.caller(Plugin::<Gtk>::initialize).call(&App::new(1))), [11, 4]);
    assert_eq!(wait!(pm.caller(Plugin::<Gtk>::first).call(&App::new(1))), Some("gtk"));
    assert_eq!(wait!(pm.caller(Plugin::<Wry>::first).without(["w"]).call(&App::new(1))), Some("wry"));
    assert_eq!(pm.extension_points_of("g").unwrap().len(), 13);
}

#[test]
fn a_generic_plugin_extends_points_of_every_shape() {
    let pm = manager();
    wait!(enter(&pm, generic::<Wry>("a"))).unwrap();
    wait!(enter(&pm, generic::<Wry>("b"))).unwrap();
    let app = App::<Wry>::new(1);
    assert_eq!(wait!(pm.caller(Plugin::<Wry>::plain).call(1)), [4, 4]);
    assert_eq!(wait!(pm.caller(Plugin::<Wry>::owned).call(App::new(3), String::new())), Ok(vec![3, 3]));
    assert_eq!(wait!(pm.caller(Plugin::<Wry>::owned).try_call(App::new(3), String::new())).unwrap(), [3, 3]);
    assert_eq!(wait!(pm.caller(Plugin::<Wry>::owned).settle(App::new(3), String::new())).len(), 2);
    assert_eq!(lazily!(pm.caller(Plugin::<Wry>::owned), App::new(3), String::new()).count(), 2);
    assert_eq!(wait!(pm.caller(Plugin::<Wry>::thread).call(App::new(1))).windows, 3);
    assert_eq!(wait!(pm.caller(Plugin::<Wry>::thread).settle(App::new(1))).value.windows, 3);
    assert_eq!(wait!(pm.caller(Plugin::<Wry>::perhaps).call(App::new(1), 2)).unwrap().windows, 2);
    let mut edited = App::<Wry>::new(1);
    wait!(pm.caller(Plugin::<Wry>::edit).call(&mut edited));
    assert_eq!(edited.windows, 3);
    let text = String::from(" text ");
    assert_eq!(wait!(pm.caller(Plugin::<Wry>::trim).call(&text)), "text");
    assert_eq!(wait!(pm.caller(Plugin::<Wry>::pick).call(&app, &text)), [" text ", " text "]);
    let mut cx = Ctx::new(&app);
    assert_eq!(wait!(pm.caller(Plugin::<Wry>::ctx).call(&mut cx)), [2, 3]);
    assert_eq!(wait!(pm.caller(Plugin::<Wry>::rename).call("n".to_owned(), &mut cx)), "n22");
}

#[test]
fn a_generic_plugin_wraps_generic_points() {
    let pm = manager();
    wait!(enter(&pm, generic::<Gtk>("a"))).unwrap();
    let around = PluginBuilder::new(Around::<Gtk>(PhantomData)).extends(Plugin::<Gtk>::SPECS);
    wait!(enter(&pm, around)).unwrap();
    let app = App::<Gtk>::new(1);
    let mut cx = Ctx::new(&app);
    assert_eq!(wait!(pm.caller(Plugin::<Gtk>::ctx).call(&mut cx)), [3, 0]);
    assert_eq!(cx.seen, ["around", "gtk"]);
    assert_eq!(wait!(pm.caller(Plugin::<Gtk>::pick).call(&app, "name")), ["name", "around"]);
    assert_eq!(wait!(pm.caller(Plugin::<Gtk>::plain).call(1)), [4, 4, 0]);
    assert_eq!(wait!(pm.caller(Plugin::<Gtk>::thread).call(App::new(2))).windows, 22);
    assert_eq!(wait!(pm.caller(Plugin::<Gtk>::thread).call(App::new(0))).windows, 1);
    assert_eq!(wait!(pm.caller(Plugin::<Wry>::thread).call(App::new(2))).windows, 2);
}

#[test]
fn closures_extend_generic_points() {
    let pm = manager();
    pm.register_fn("function", Plugin::<Wry>::initialize, |args| args.app.windows).unwrap();
    let builder = PluginBuilder::new(Everywhere);
    let builder = adding!(builder, Plugin::<Wry>::ctx, Options::new(), |_this, args| {
        args.cx.seen.push("closure");
        args.cx.app.windows
    });
    let builder = adding!(builder, Plugin::<Wry>::ctx, Options::new(), |_this, args, next| {
        let mut all = awaited!(next.run(args.cx));
        all.push(0);
        all
    });
    wait!(enter(&pm, builder)).unwrap();
    let app = App::new(5);
    let mut cx = Ctx::new(&app);
    assert_eq!(wait!(pm.caller(Plugin::<Wry>::initialize).call(&app)), [5]);
    assert_eq!(wait!(pm.caller(Plugin::<Wry>::ctx).call(&mut cx)), [5, 0]);
    let extra = pm.caller(Plugin::<Wry>::initialize).extra(|args| args.app.windows * 2);
    assert_eq!(wait!(extra.call(&app)), [5, 10]);
}

#[test]
fn a_generic_historic_call_is_replayed() {
    let pm = manager();
    let app = App::<Wry>::new(1);
    assert!(wait!(pm.caller(Plugin::<Wry>::configure).call_historic(&app, &[App::new(2)], 3)).is_empty());
    wait!(pm.caller(Plugin::<Wry>::settle).call_historic(Some(&app), App::new(1)));
    let results = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&results);
    let hear = move |result| heard.lock().unwrap().push(result);
    wait!(pm.caller(Plugin::<Wry>::configure).call_historic_with(&app, &[], 4, hear));
    wait!(enter(&pm, generic::<Gtk>("g"))).unwrap();
    assert!(results.lock().unwrap().is_empty());
    wait!(enter(&pm, generic::<Wry>("w"))).unwrap();
    assert_eq!(*results.lock().unwrap(), [1]);
    assert_eq!(wait!(pm.caller(Plugin::<Wry>::configure).call_historic(&app, &[App::new(2)], 3)), [2]);
}

#[test]
fn points_of_generic_specs_are_called_with_their_types() {
    let pm = Manager::new("generics");
    pm.add_extension_points(Plugin::<Wry>::SPECS).unwrap();
    let missing = pm.try_caller(Plugin::<Gtk>::plain).unwrap_err();
    assert_eq!(
        missing.to_string(),
        "this manager has no extension point `Plugin<Gtk>::plain`: call `add_extension_points(Plugin::<Gtk>::SPECS)` first"
    );
    let refused = wait!(enter(&pm, generic::<Gtk>("g"))).unwrap_err();
    assert!(matches!(refused, Error::UnknownSpecs { .. }));
    assert!(refused.to_string().contains("this manager has no `Plugin<Gtk>`"), "{refused}");
    assert_eq!(format!("{:?}", Plugin::<Wry>::plain), "Plugin<Wry>::plain");
    let (wry, gtk) = (pm.caller(Plugin::<Wry>::plain), manager().caller(Plugin::<Gtk>::plain));
    assert_ne!(wry.extension_point(), gtk.extension_point());
    assert_eq!(wry.extension_point(), manager().caller(Plugin::<Wry>::plain).extension_point());
    assert_eq!(wry.extension_point().specs, "Plugin");
    assert_eq!(wry.extension_point().specs_name(), "Plugin<Wry>");
}

#[test]
fn metrics_tell_the_points_of_instantiations_apart() {
    let (pm, metrics) = (manager(), Metrics::new());
    let _guard = pm.observe(metrics.clone());
    let everywhere =
        PluginBuilder::new(Everywhere).extends(Plugin::<Wry>::SPECS).extends(Plugin::<Gtk>::SPECS);
    wait!(enter(&pm, everywhere)).unwrap();
    wait!(pm.caller(Plugin::<Wry>::initialize).call(&App::new(1)));
    wait!(pm.caller(Plugin::<Gtk>::initialize).call(&App::new(1)));
    wait!(pm.caller(Plugin::<Gtk>::initialize).call(&App::new(1)));
    let calls = |point: &str| {
        let found: Vec<_> =
            metrics.calls().into_iter().filter(|each| each.point.to_string() == point).collect();
        assert_eq!(found.len(), 1, "{point}");
        found[0].calls
    };
    assert_eq!(calls("Plugin<Wry>::initialize"), 1);
    assert_eq!(calls("Plugin<Gtk>::initialize"), 2);
    assert_eq!(metrics.of("Everywhere", Plugin::<Gtk>::initialize).unwrap().calls, 2);
    let json = serde_json::to_value(pm.caller(Plugin::<Gtk>::initialize).extension_point()).unwrap();
    assert_eq!((&json["id"], &json["specs"]), (&"Plugin<Gtk>::initialize".into(), &"Plugin<Gtk>".into()));
}

#[extension_point]
trait Visit<'ast, N: Default + Clone = u8, const COUNT: usize = 2> {
    fn visit(&self, item: &'ast str, seen: &mut Vec<&'ast str>) -> usize;
    fn array(&self, items: [N; COUNT]) -> usize;
    fn sum(&self, items: &[u8]) -> usize;
}

struct Lint;

implement! {
    #[extension]
    impl ['ast] [Visit<'ast>] for [Lint] {
        fn visit(&self, item: &'ast str, seen: &mut Vec<&'ast str>) -> usize {
            seen.push(item);
            seen.len()
        }
        fn array(&self, items: [u8; 2]) -> usize {
            items.len()
        }
    }
}

struct Counts;

implement! {
    #[extension]
    impl ['ast, const COUNT: usize] [Visit<'ast, u16, COUNT>] for [Counts] {
        fn visit(&self, item: &'ast str) -> usize {
            item.len() + COUNT
        }
        fn array(&self, items: [u16; COUNT]) -> usize {
            items.len()
        }
    }
}

#[test]
fn specs_have_lifetimes_constants_and_defaults() {
    let pm = Manager::new("generics");
    pm.add_extension_points(<Visit>::SPECS).unwrap();
    pm.add_extension_points(Visit::<u16, 3>::SPECS).unwrap();
    pm.register(Lint).unwrap();
    wait!(enter(&pm, PluginBuilder::new(Counts).extends(Visit::<u16, 3>::SPECS))).unwrap();
    let text = String::from("text");
    let mut seen = Vec::new();
    assert_eq!(wait!(pm.caller(<Visit>::visit).call(&text, &mut seen)), [1]);
    assert_eq!(seen, ["text"]);
    assert_eq!(wait!(pm.caller(Visit::<u16, 3>::visit).call(&text, &mut seen)), [7]);
    assert_eq!(wait!(pm.caller(Visit::<u16, 3>::array).call([1, 2, 3])), [3]);
    assert_eq!(wait!(pm.caller(<Visit>::array).call([1, 2])), [2]);
    assert!(wait!(pm.caller(<Visit>::sum).call(&[1])).is_empty());
}

/// Bounds of specs say what a call may do with a value of a parameter.
#[extension_point]
trait Bounded<T: Clone + Send + Sync + 'static, E: Display + Send + Sync + 'static> {
    #[extension_point(pipeline, on_failure = "skip")]
    fn thread(&self, value: T) -> Result<T, E>;
    #[extension_point(firstresult)]
    fn hand_on(&self, value: T) -> ControlFlow<usize, T>;
}

struct Twice;

implement! {
    #[extension(wrapper)]
    impl [] [Bounded<String, String>] for [Twice] {
        fn thread(&self, value: String, next: Next<'_>) -> Result<String, String> {
            let first = awaited!(next.clone().run(value.clone()))?;
            awaited!(next.run(value)).map(|second| format!("{first}/{second}"))
        }
        fn hand_on(&self, value: String, next: Next<'_>) -> ControlFlow<usize, String> {
            let _ = awaited!(next.clone().run(value.clone()));
            awaited!(next.run(value))
        }
    }
}

fn bounded() -> Manager {
    let pm = Manager::new("bounded");
    pm.add_extension_points(Bounded::<String, String>::SPECS).unwrap();
    pm.register_fn("a", Bounded::<String, String>::thread, |args| Ok(args.value + "a")).unwrap();
    pm.register_fn("bad", Bounded::<String, String>::thread, |_| Err("bad".to_owned())).unwrap();
    pm.register_fn("b", Bounded::<String, String>::thread, |args| Ok(args.value + "b")).unwrap();
    pm
}

#[test]
fn values_that_are_clone_by_a_bound_are_skipped_past_a_failure() {
    let pm = bounded();
    assert_eq!(wait!(pm.caller(Bounded::<String, String>::thread).try_call("x".into())).unwrap(), "xab");
}

#[test]
fn the_rest_of_a_call_runs_again_with_a_value_that_is_clone_by_a_bound() {
    let pm = bounded();
    pm.register(Twice).unwrap();
    assert_eq!(wait!(pm.caller(Bounded::<String, String>::thread).try_call("x".into())).unwrap(), "xab/xab");
    let handed = wait!(pm.caller(Bounded::<String, String>::hand_on).call("x".into()));
    assert_eq!(handed, ControlFlow::Continue("x".to_owned()));
}

struct Context;

implement! {
    #[extension(wrapper)]
    impl [] [Bounded<String, String>] for [Context] {
        fn thread(&self, value: String, next: Next<'_>) -> Result<String, String> {
            awaited!(next.run(value)).map_err(|error| format!("context: {error}"))
        }
    }
}

#[test]
fn an_error_that_is_displayed_by_a_bound_tells_who_made_it() {
    let pm = bounded();
    pm.register_as("outer", Twice).unwrap();
    let thread = pm.caller(Bounded::<String, String>::thread).on_failure(FailurePolicy::FailFast);
    let blamed = || wait!(thread.try_call("x".into())).unwrap_err().plugin().cloned();
    assert_eq!(blamed(), Some("bad".into()), "passed on");
    pm.register_as("inner", Context).unwrap();
    assert_eq!(blamed(), Some("inner".into()), "another text");
}

/// A bound of a method on a parameter holds for the specs.
#[extension_point]
trait Narrowed<T: Send + Sync, const N: usize> {
    #[extension_point(pipeline)]
    fn render(&self, value: T) -> T
    where
        T: Clone + PartialEq,
        [u8; N]: Default;
    fn count(&self, value: &T) -> usize
    where
        for<'x> &'x T: Into<String>;
}

struct Renders;

implement! {
    #[extension]
    impl [] [Narrowed<String, 2>] for [Renders] {
        fn count(&self, value: &String) -> usize {
            value.len()
        }
        #[extension(wrapper)]
        fn render(&self, next: Next<'_>) -> String {
            let first = awaited!(next.clone().run());
            first + &awaited!(next.run())
        }
    }
}

/// It knows of `T` what the method says.
fn twice<T: Clone + PartialEq + Send + Sync + 'static>(pm: &Manager, value: T) -> T
where
    for<'x> &'x T: Into<String>,
{
    wait!(pm.caller(Narrowed::<T, 2>::render).call(value))
}

#[test]
fn a_bound_of_a_method_is_one_of_the_specs() {
    let pm = Manager::new("generics");
    pm.add_extension_points(Narrowed::<String, 2>::SPECS).unwrap();
    pm.register(Renders).unwrap();
    pm.register_fn("adds", Narrowed::<String, 2>::render, |args| args.value + "!").unwrap();
    assert_eq!(wait!(pm.caller(Narrowed::<String, 2>::render).call("a".to_owned())), "a!a!");
    assert_eq!(wait!(pm.caller(Narrowed::<String, 2>::count).call(&"four".to_owned())), [4]);
    assert_eq!(twice(&pm, "b".to_owned()), "b!b!");
}
