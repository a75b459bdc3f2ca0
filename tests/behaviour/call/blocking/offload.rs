//! `offload_sync`: a manager moves every sync extension to the pool where its point allows it.

use std::rc::Rc;
use std::sync::atomic::Ordering;
use std::sync::mpsc;

use pluginkit::prelude::*;
use pluginkit::{Error, ErrorKind, Options};
use pluginkit_tests::{block_on, panic_of};

use super::{Ran, Session, Settings, Specs, current_thread, here, manager, offloading, ran, with};

/// Implements what can go and what cannot, without `blocking`.
struct Plain;

#[extension]
impl Specs for Plain {
    fn settle_on(&self) -> Ran {
        ran("")
    }
    fn parse(&self, text: &str) -> Result<u32, String> {
        text.parse().map_err(|_| format!("{:?}", here()))
    }
    fn find(&self, key: &str) -> Option<Ran> {
        Some(ran(key))
    }
    fn transform(&self, text: String) -> String {
        format!("{text}{:?}", here())
    }
    fn edit(&self, text: &mut String) {
        *text = format!("{:?}", here());
    }
    fn configure(&self, level: u32) -> Ran {
        ran(level)
    }
    fn shared(&self, n: u32) -> Rc<Ran> {
        Rc::new(ran(n))
    }
    fn lend<'a>(&self, from: &'a str) -> &'a str {
        if format!("{:?}", here()) == from { "here" } else { from }
    }
}

#[test]
fn offload_sync_moves_the_extensions_it_can() {
    let pm = offloading();
    pm.register(Plain).unwrap();
    pm.register_fn("closure", Specs::find, |args| (args.key == "closure").then(|| ran(args.key))).unwrap();
    current_thread().block_on(async {
        let found = pm.caller(Specs::find).call("k").await.unwrap();
        assert!(found.0 != here() && found.1 == "k");
        let found = pm.caller(Specs::find).without(["Plain"]).call("closure").await.unwrap();
        assert!(found.0 != here() && found.1 == "closure");
        let found = pm.caller(Specs::find).without(["Plain"]).call("other").await;
        assert_eq!(found, None);
        assert_eq!(pm.caller(Specs::parse).call("7").await, Ok(vec![7]));
        assert_ne!(pm.caller(Specs::parse).call("x").await, Err(format!("{:?}", here())));
        let text = pm.caller(Specs::transform).call("x".into()).await;
        assert!(text.starts_with("xThreadId") && text != format!("x{:?}", here()));
        let ran = pm.caller(Specs::configure).call_historic(3).await.pop().unwrap();
        assert!(ran.0 != here() && ran.1 == "3");
    });
}

#[test]
fn offload_sync_moves_the_extensions_of_every_call() {
    use futures_util::StreamExt;

    let pm = offloading();
    pm.register(Plain).unwrap();
    current_thread().block_on(async {
        let this = format!("{:?}", here());
        let (find, parse) = (pm.caller(Specs::find), pm.caller(Specs::parse));
        assert_ne!(find.try_call("k").await.unwrap().unwrap().0, here());
        assert_ne!(find.settle("k").await.pop().unwrap().result.unwrap().unwrap().0, here());
        assert_ne!(parse.call_concurrent("x").await.unwrap_err(), this);
        assert_ne!(parse.stream("x").collect::<Vec<_>>().await, [Err(this.clone())]);
        assert_ne!(pm.caller(Specs::transform).settle("x".into()).await.value, format!("x{this}"));
        let (results, told) = mpsc::channel();
        pm.caller(Specs::configure).call_historic_with(2, move |ran| results.send(ran).unwrap()).await;
        assert_ne!(told.recv().unwrap().0, here());
        pm.register_and_replay_as("late", Plain).await.unwrap();
        assert_ne!(told.recv().unwrap().0, here());
    });
}

#[test]
fn offload_sync_leaves_other_extensions_in_place() {
    let pm = offloading();
    pm.register(Plain).unwrap();
    current_thread().block_on(async {
        let mut text = String::new();
        pm.caller(Specs::edit).call(&mut text).await;
        assert_eq!(text, format!("{:?}", here()));
        let settings = Settings::default();
        let call = pm.caller(Specs::settle_on).call(&settings, &Session, "t");
        assert_eq!(call.await, [ran("")]);
        assert_eq!(settings.0.load(Ordering::SeqCst), 0);
        assert_eq!(*pm.caller(Specs::shared).call(1).await[0], ran(1));
        let from = format!("{:?}", here());
        assert_eq!(pm.caller(Specs::lend).call(&from).await, ["here"]);
    });
}

#[test]
fn offload_sync_is_asked_for_and_needs_a_runtime() {
    for pm in [with(AsyncPluginManager::builder("blocking").offload_sync(false).build()), manager()] {
        pm.register(Plain).unwrap();
        current_thread()
            .block_on(async { assert_eq!(pm.caller(Specs::find).call("k").await, Some(ran("k"))) });
    }
    let pm = offloading();
    pm.register(Plain).unwrap();
    assert_eq!(block_on(pm.caller(Specs::find).call("k")), Some(ran("k")));
}

#[test]
fn offload_sync_asks_predicates_in_place_and_brings_panics_back() {
    struct Picky;
    impl Picky {
        fn likes(&self, text: &str) -> bool {
            text != format!("{:?}", here())
        }
    }
    #[extension]
    impl Specs for Picky {
        #[extension(when = Self::likes)]
        fn parse(&self, text: &str) -> Result<u32, String> {
            panic!("boom {text}")
        }
    }
    let pm = offloading();
    pm.register(Picky).unwrap();
    let (runtime, caller) = (current_thread(), pm.caller(Specs::parse));
    assert_eq!(runtime.block_on(caller.call(&format!("{:?}", here()))), Ok(vec![]));
    assert_eq!(panic_of(|| runtime.block_on(caller.call("x"))), "boom x");
}

#[test]
fn a_closure_that_asks_to_go_goes_where_its_point_can_and_is_refused_elsewhere() {
    let pm = manager();
    let blocking = Options::new().blocking();
    pm.register_fn_with("goes", Specs::find, blocking.clone(), |args| Some(ran(args.key))).unwrap();
    let found = current_thread().block_on(pm.caller(Specs::find).call("k")).unwrap();
    assert!(found.0 != here() && found.1 == "k");

    let refused = [
        pm.register_fn_with("stays", Specs::edit, blocking.clone(), |_| ()),
        pm.register_fn_with("stays", Specs::settle_on, blocking.clone(), |_| ran("")),
        pm.register_fn_with("stays", Specs::shared, blocking.clone(), |_| Rc::new(ran(""))),
        pm.register_fn_with("stays", Specs::lend, blocking.clone(), |args| args.from),
        PluginBuilder::new(()).named("stays").extension(Specs::edit, blocking, |_, _| ()).register(&pm),
    ];
    for (refused, point) in refused.into_iter().zip(["edit", "settle_on", "shared", "lend", "edit"]) {
        let error = refused.unwrap_err();
        assert!(matches!(error, Error::CannotOffload { .. }), "{error}");
        assert_eq!(
            error.to_string(),
            format!(
                "plugin `stays` asks to run its extension of `Specs::{point}` on the blocking pool, but its arguments or its result cannot go there: each must be `Send + 'static` or have an owned form that is; remove `blocking`, or change the types of the point"
            )
        );
        assert_eq!((error.plugin().unwrap().as_str(), error.kind()), ("stays", ErrorKind::Validation));
        assert_eq!(error.extension_point().unwrap().name, point);
    }
    assert_eq!(pm.plugin_names(), ["goes"]);
}

#[test]
fn an_optional_reference_can_go_from_wherever_a_blocking_method_can() {
    let pm = manager();
    let blocking = Options::new().blocking();
    pm.register_fn_with("goes", Specs::where_is, blocking, |args| ran(args.extra.unwrap())).unwrap();
    let call = pm.caller(Specs::where_is).call("", &[], Some("e"), String::new());
    assert_ne!(current_thread().block_on(call)[0].0, here());

    let pm = offloading();
    pm.register_fn("goes", Specs::where_is, |args| ran(args.extra.unwrap())).unwrap();
    let call = pm.caller(Specs::where_is).call("", &[], Some("e"), String::new());
    assert_ne!(current_thread().block_on(call)[0].0, here());
}
