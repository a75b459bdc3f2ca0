//! Work of the host inside the wrappers of a point: `call_around`.

use std::rc::Rc;

use futures_util::future::join;
use pluginkit::observe::Event;
use pluginkit::prelude::*;
use pluginkit::{CallError, Options};
use pluginkit_tests::{Log, Show, block_on, panic_of, pending};

struct Ctx<'x> {
    lines: &'x mut Vec<String>,
}

#[extension_point]
trait Specs {
    fn fetch(&self, topic: &str, limit: usize) -> Result<String, String>;
    #[extension_point(firstresult)]
    fn find(&self, key: &str) -> Option<u32>;
    #[extension_point(pipeline)]
    fn thread(&self, text: String) -> String;
    #[extension_point(pipeline)]
    fn edit(&self, text: &mut String);
    fn wide(&self, cx: &mut Ctx<'_>, word: String);
    fn none(&self) -> u8;
}

/// Wraps every point, and runs the rest of `none` twice.
struct Wrapper(&'static str, Log);

#[extension(wrapper)]
impl Specs for Wrapper {
    fn fetch(&self, topic: &str, limit: usize, next: Next<'_>) -> Result<Vec<String>, String> {
        self.1.push(format!("{}(", self.0));
        let outcome = next.run(&topic.to_uppercase(), limit + 1);
        self.1.push(format!("){}", self.0));
        outcome
    }
    fn find(&self, next: Next<'_>) -> Option<u32> {
        next.run().map(|found| found * 10)
    }
    fn thread(&self, next: Next<'_>) -> String {
        next.clone().run() + &next.run()
    }
    fn edit(&self, next: Next<'_>) {
        next.clone().run();
        next.run();
    }
    fn wide(&self, cx: &mut Ctx<'_>, word: String, next: Next<'_>) {
        next.run(cx, word + "!");
        cx.lines.push(self.0.to_owned());
    }
    fn none(&self, next: Next<'_>) -> Vec<u8> {
        let mut all = next.clone().run();
        all.extend(next.run());
        all
    }
}

struct AsyncWrapper(&'static str, Log);

#[extension(wrapper)]
impl Specs for AsyncWrapper {
    async fn fetch(&self, topic: &str, limit: usize, next: Next<'_>) -> Result<Vec<String>, String> {
        self.1.push(format!("{}(", self.0));
        pending(1).await;
        let outcome = next.run(&topic.to_uppercase(), limit + 1).await;
        self.1.push(format!("){}", self.0));
        outcome
    }
    async fn find(&self, next: Next<'_>) -> Option<u32> {
        next.run().await.map(|found| found * 10)
    }
    async fn thread(&self, next: Next<'_>) -> String {
        let (one, other) = join(next.clone().run(), next.run()).await;
        one + &other
    }
    async fn edit(&self, next: Next<'_>) {
        join(next.clone().run(), next.run()).await;
    }
    async fn wide(&self, cx: &mut Ctx<'_>, word: String, next: Next<'_>) {
        next.run(cx, word + "!").await;
        cx.lines.push(self.0.to_owned());
    }
    async fn none(&self, next: Next<'_>) -> Vec<u8> {
        let (mut one, other) = join(next.clone().run(), next.run()).await;
        one.extend(other);
        one
    }
}

fn manager(log: &Log) -> PluginManager {
    let pm = PluginManager::new("around");
    pm.add_extension_points(Specs).unwrap();
    pm.register_fn("x", Specs::fetch, |_| panic!("no extension runs")).unwrap();
    pm.register_as("a", Wrapper("a", log.clone())).unwrap();
    pm.register_as("b", Wrapper("b", log.clone())).unwrap();
    pm
}

fn async_manager(log: &Log) -> AsyncPluginManager {
    let pm = AsyncPluginManager::new("around");
    pm.add_extension_points(Specs).unwrap();
    pm.register_fn("x", Specs::fetch, |_| panic!("no extension runs")).unwrap();
    pm.register_as("a", AsyncWrapper("a", log.clone())).unwrap();
    pm.register_as("b", AsyncWrapper("b", log.clone())).unwrap();
    pm
}

#[test]
fn work_of_the_host_runs_in_the_place_of_the_extensions() {
    let log = Log::new();
    let pm = manager(&log);
    // It borrows, it changes what it captures, and it need not be `Send`.
    let (mut runs, shared, inner) = (0, Rc::new("h"), log.clone());
    let outcome = pm.caller(Specs::fetch).call_around("t", 1, |args| {
        runs += 1;
        inner.push("host");
        Ok(vec![format!("{shared}{}{}", args.topic, args.limit)])
    });
    assert_eq!(outcome, Ok(vec!["hT3".to_owned()]));
    assert_eq!((runs, log.line().as_str()), (1, "a( b( host )b )a"));
    assert_eq!(pm.caller(Specs::find).call_around("k", |args| (args.key == "k").then_some(2)), Some(200));
    assert_eq!(pm.caller(Specs::thread).call_around("v".into(), |args| args.text + "!"), "v!v!v!v!");
    assert_eq!(pm.caller(Specs::none).try_call_around(|_| vec![7]).unwrap(), [7; 4]);
    let mut text = String::new();
    pm.caller(Specs::edit).call_around(&mut text, |args| args.text.push('e'));
    assert_eq!(text, "eeee");
    let mut lines = Vec::new();
    pm.caller(Specs::wide).call_around(&mut Ctx { lines: &mut lines }, "w".into(), |args| {
        args.cx.lines.push(args.word);
    });
    assert_eq!(lines, ["w!!", "b", "a"]);
}

#[test]
fn async_work_of_the_host_runs_in_the_place_of_the_extensions() {
    fn is_send<T: Send>(value: T) -> T {
        value
    }
    let log = Log::new();
    let pm = async_manager(&log);
    let (prefix, inner) = (String::from("h"), log.clone());
    let outcome = block_on(is_send(pm.caller(Specs::fetch).call_around(
        "t",
        1,
        &(&prefix, &inner),
        |(prefix, log), args, slot| {
            slot.put(async move {
                pending(2).await;
                log.push("host");
                Ok(vec![format!("{prefix}{}{}", args.topic, args.limit)])
            })
        },
    )));
    assert_eq!(outcome, Ok(vec!["hT3".to_owned()]));
    assert_eq!(log.line(), "a( b( host )b )a");
    let found = pm.caller(Specs::find).call_around("k", "k", |wanted, args, slot| {
        slot.put(async move { (args.key == wanted).then_some(2) })
    });
    assert_eq!(block_on(found), Some(200));
    let threaded = pm.caller(Specs::thread).try_call_around("v".into(), &1, |pends, args, slot| {
        slot.put(async move {
            pending(*pends).await;
            args.text + "!"
        })
    });
    assert_eq!(block_on(threaded).unwrap(), "v!v!v!v!");
    assert_eq!(
        block_on(
            pm.caller(Specs::none).call_around(&7, |number, _, slot| slot.put(async move { vec![*number] }))
        ),
        [7; 4]
    );
    let mut text = String::new();
    block_on(pm.caller(Specs::edit).call_around(&mut text, &'e', |letter, args, slot| {
        slot.put(async move {
            pending(1).await;
            args.text.push(*letter);
        })
    }));
    assert_eq!(text, "eeee");
    let mut lines = Vec::new();
    block_on(pm.caller(Specs::wide).call_around(
        &mut Ctx { lines: &mut lines },
        "w".into(),
        &(),
        |(), args, slot| slot.put(async move { args.cx.lines.push(args.word) }),
    ));
    assert_eq!(lines, ["w!!", "b", "a"]);
}

#[test]
fn without_wrappers_the_work_runs_alone() {
    let pm = PluginManager::new("around");
    pm.add_extension_points(Specs).unwrap();
    assert_eq!(pm.caller(Specs::none).call_around(|_| vec![1]), [1]);
    assert_eq!(pm.caller(Specs::none).try_call_around(|_| vec![1]).unwrap(), [1]);
    let pm = AsyncPluginManager::new("around");
    pm.add_extension_points(Specs).unwrap();
    let work = pm.caller(Specs::none).call_around(&(), |(), _, slot| slot.put(async { vec![1] }));
    assert_eq!(block_on(work), [1]);
}

#[test]
fn views_choose_the_wrappers_around_the_work() {
    let log = Log::new();
    let pm = manager(&log);
    let fetch = pm.caller(Specs::fetch);
    let called = |fetch: &Caller<pluginkit::point!(Specs::fetch)>| {
        fetch.call_around("t", 1, |args| Ok(vec![args.limit.to_string()])).unwrap().concat()
    };
    assert_eq!((called(&fetch), log.line().as_str()), ("3".into(), "a( b( )b )a"));
    assert_eq!((called(&fetch.without(["a"])), log.line().as_str()), ("2".into(), "b( )b"));
    assert_eq!((called(&fetch.only(["a"])), log.line().as_str()), ("2".into(), "a( )a"));
    let extra = fetch.extra(|_| panic!("no extension runs"));
    assert_eq!((called(&extra), log.line().as_str()), ("3".into(), "a( b( )b )a"));
}

#[test]
fn a_failure_of_the_work_is_that_of_no_plugin() {
    for observed in [false, true] {
        let log = Log::new();
        let pm = manager(&Log::new());
        let _observer = observed.then(|| pm.observe(Show("", log.clone())));
        let fetch = pm.caller(Specs::fetch);
        let error = fetch.try_call_around("t", 1, |_| Err("host".into())).unwrap_err();
        assert!(
            matches!(&error, CallError::Failed { plugin: None, error, .. } if error == "host"),
            "{error}"
        );
        if observed {
            assert_eq!(log.line(), "fetch> a> b> b!host a!host fetch!host");
        }
        let error = fetch.try_call_around("t", 1, |_| panic!("work")).unwrap_err();
        assert!(
            matches!(&error, CallError::Panicked { plugin: None, message, .. } if message == "work"),
            "{error}"
        );
        assert_eq!(panic_of(|| fetch.call_around("t", 1, |_| panic!("work"))), "work");

        let pm = async_manager(&Log::new());
        let _observer = observed.then(|| pm.observe(|_: &Event<'_>| {}));
        let fetch = pm.caller(Specs::fetch);
        let failing = fetch.try_call_around("t", 1, "host", |error, _, slot| {
            slot.put(async move {
                pending(1).await;
                Err(error.to_owned())
            })
        });
        let error = block_on(failing).unwrap_err();
        assert!(matches!(&error, CallError::Failed { plugin: None, .. }), "{error}");
        let panicking = fetch.try_call_around("t", 1, "work", |text, _, slot| {
            slot.put(async move {
                pending(1).await;
                panic!("{text}")
            })
        });
        let error = block_on(panicking).unwrap_err();
        assert!(matches!(&error, CallError::Panicked { plugin: None, .. }), "{error}");
    }
}

#[test]
fn a_wrapper_that_fails_around_the_work_is_named() {
    let pm = PluginManager::new("around");
    pm.add_extension_points(Specs).unwrap();
    let builder = PluginBuilder::new(()).named("w");
    let builder = builder.wrapper(Specs::fetch, Options::new(), |_, args, next| {
        next.run(args.topic, args.limit).map_err(|error| format!("own: {error}"))
    });
    builder.register(&pm).unwrap();
    let error = pm.caller(Specs::fetch).try_call_around("t", 1, |_| Err("host".into())).unwrap_err();
    assert_eq!(error.plugin().map(PluginId::as_str), Some("w"));
}

/// Panics if the work returns 0.
struct Picky;

#[extension(wrapper)]
impl Specs for Picky {
    fn none(&self, next: Next<'_>) -> Vec<u8> {
        let outcome = next.run();
        assert!(outcome != [0], "picky");
        outcome
    }
}

#[test]
fn a_breaker_counts_wrappers_around_the_work_and_not_the_work() {
    let pm = PluginManager::new("around");
    pm.add_extension_points(Specs).unwrap();
    pm.register(Picky).unwrap();
    let _breaker = pm.break_circuits(pluginkit::limits::BreakerPolicy::new(2).including_wrappers());
    let none = pm.caller(Specs::none);
    for _ in 0..3 {
        assert_eq!(none.try_call_around(|_| panic!("work")).unwrap_err().plugin(), None);
    }
    assert!(pm.is_enabled("Picky"), "the work is that of the host");
    for _ in 0..2 {
        let error = none.try_call_around(|_| vec![0]).unwrap_err();
        assert_eq!(error.plugin().map(PluginId::as_str), Some("Picky"));
        assert_eq!(none.without(["Picky"]).try_call_around(|_| vec![0]).unwrap(), [0]);
        assert_eq!(none.only(["nobody"]).call_around(|_| vec![0]), [0]);
    }
    assert!(!pm.is_enabled("Picky"));
    assert_eq!(none.call_around(|_| vec![0]), [0], "the wrapper is taken out");
    assert_eq!(none.only(["Picky"]).call_around(|_| vec![0]), [0]);
}

#[test]
fn a_stop_waits_for_work_that_runs_inside_the_wrappers_of_its_plugin() {
    struct Lives(Log);
    #[extension]
    impl Specs for Lives {
        #[extension(wrapper)]
        fn none(&self, next: Next<'_>) -> Vec<u8> {
            next.run()
        }
    }
    #[extension]
    impl Lifecycle for Lives {
        fn start(&self) -> Result<(), BoxError> {
            Ok(())
        }
        fn stop(&self) -> Result<(), BoxError> {
            self.0.push("stopped");
            Ok(())
        }
    }
    let log = Log::new();
    let pm = std::sync::Arc::new(PluginManager::builder("around").drain_limit(None).build());
    pm.add_extension_points(Specs).unwrap();
    pm.register_as("lives", Lives(log.clone())).unwrap();
    pm.start_all().unwrap();
    let none = pm.caller(Specs::none);
    let mut stops = None;
    let outcome = none.call_around(|_| {
        let stopping = std::sync::Arc::clone(&pm);
        stops = Some(std::thread::spawn(move || stopping.stop_plugin("lives")));
        // The plugin leaves calls before the stop waits for this one.
        while !none.implementations().is_empty() {
            std::thread::yield_now();
        }
        assert_eq!(none.call_around(|_| vec![2]), [2], "a new call has no wrapper");
        log.push("works");
        vec![1]
    });
    assert_eq!(outcome, [1]);
    stops.unwrap().join().unwrap().unwrap();
    assert_eq!(log.line(), "works stopped");
}

#[test]
fn a_wrapper_runs_the_work_on_the_thread_of_the_call_only() {
    struct Elsewhere;
    #[extension(wrapper)]
    impl Specs for Elsewhere {
        fn find(&self, key: &str, next: Next<'_>) -> Option<u32> {
            let run = std::thread::scope(|scope| scope.spawn(|| next.run(key)).join());
            run.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        }
    }
    let pm = PluginManager::new("around");
    pm.add_extension_points(Specs).unwrap();
    pm.register(Elsewhere).unwrap();
    let text = panic_of(|| pm.caller(Specs::find).call_around("k", |_| Some(1)));
    assert!(text.contains("the closure of `call_around`"), "{text}");
    assert!(text.ends_with("run `next` on the thread of the call"), "{text}");
    let error = pm.caller(Specs::find).try_call_around("k", |_| Some(1)).unwrap_err();
    assert_eq!(error.plugin().map(PluginId::as_str), Some("Elsewhere"), "{error}");
    let pm = LocalPluginManager::new("around");
    pm.add_extension_points(Specs).unwrap();
    pm.register(Elsewhere).unwrap();
    let text = panic_of(|| pm.caller(Specs::find).call("k"));
    assert!(text.contains("a wrapper of a local manager"), "{text}");
    assert!(text.ends_with("run `next` on the thread of the call"), "{text}");
    let error = pm.caller(Specs::find).try_call_around("k", |_| Some(1)).unwrap_err();
    assert_eq!(error.plugin().map(PluginId::as_str), Some("Elsewhere"), "{error}");
}

#[test]
fn a_call_around_work_may_be_dropped_half_way() {
    let log = Log::new();
    let pm = async_manager(&log);
    for polls in 0..6 {
        let held = Log::new();
        let mut work = Box::pin(pm.caller(Specs::fetch).call_around("t", 1, &held, |held, _, slot| {
            struct Dropped<'l>(&'l Log);
            impl Drop for Dropped<'_> {
                fn drop(&mut self) {
                    self.0.push("dropped");
                }
            }
            slot.put(async move {
                let _dropped = Dropped(held);
                pending(20).await;
                Ok(Vec::new())
            })
        }));
        for _ in 0..polls {
            let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
            assert!(work.as_mut().poll(&mut cx).is_pending());
        }
        drop(work);
        assert_eq!(held.line(), if polls > 2 { "dropped" } else { "" });
    }
}
