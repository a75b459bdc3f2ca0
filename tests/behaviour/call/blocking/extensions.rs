//! Extensions and closures under `blocking`: they run on the pool with owned copies of their arguments.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Barrier, mpsc};
use std::thread::ThreadId;

use pluginkit::prelude::*;
use pluginkit::{Error, Options, PluginBuilder};
use pluginkit_tests::{block_on, panic_of};

use super::{
    Pool, Ran, Session, Settings, Specs, current_thread, here, manager, multi_thread, offloading, ran,
};

#[test]
fn blocking_extensions_run_on_another_thread_with_owned_copies_of_their_arguments() {
    let pm = manager();
    pm.register(Pool).unwrap();
    let (topic, list, extra) = (String::from("t"), vec![1, 2], String::from("e"));
    for extra in [Some(extra.as_str()), None] {
        let call = pm.caller(Specs::where_is).call(&topic, &list, extra, "o".into());
        let [Ran(thread, seen)] = <[Ran; 1]>::try_from(current_thread().block_on(call)).unwrap();
        assert_ne!(thread, here());
        assert_eq!(seen, format!("t[1, 2]{extra:?}o"));
    }
    let found = multi_thread().block_on(pm.caller(Specs::find).call("k")).unwrap();
    assert!(found.0 != here() && found.1 == "k");
    let text = current_thread().block_on(pm.caller(Specs::transform).call("x".into()));
    assert!(text.starts_with('x') && text != format!("x{:?}", here()));
    assert!(pm.caller(Specs::find).implementations()[0].options.blocking);
}

#[test]
fn an_owned_copy_is_another_value_than_the_callers() {
    struct Addresses;
    #[extension]
    impl Specs for Addresses {
        #[extension(blocking)]
        fn where_is(&self, topic: &str, list: &[u32], extra: Option<&str>) -> Ran {
            ran(format!("{:p} {:p} {:p}", topic.as_ptr(), list.as_ptr(), extra.unwrap().as_ptr()))
        }
    }
    let pm = manager();
    pm.register(Addresses).unwrap();
    let (topic, list) = ("topic", [1, 2, 3]);
    let call = pm.caller(Specs::where_is).call(topic, &list, Some(topic), String::new());
    let ran = current_thread().block_on(call).pop().unwrap();
    for address in ran.1.split(' ') {
        assert!(
            ![format!("{:p}", topic.as_ptr()), format!("{:p}", list.as_ptr())].contains(&address.to_owned())
        );
    }
}

#[test]
fn only_the_arguments_that_are_needed_are_cloned_and_the_others_need_no_owned_form() {
    struct Some;
    #[extension]
    impl Specs for Some {
        #[extension(blocking)]
        fn settle_on(&self, topic: &str) -> Ran {
            ran(topic)
        }
    }
    struct More;
    #[extension]
    impl Specs for More {
        #[extension(blocking)]
        fn settle_on(&self, settings: &Settings) -> Ran {
            ran(settings.0.load(Ordering::SeqCst))
        }
    }
    let pm = manager();
    pm.register(Some).unwrap();
    let settings = Settings::default();
    let outcome = current_thread().block_on(pm.caller(Specs::settle_on).call(&settings, &Session, "t"));
    assert!(outcome[0].0 != here() && outcome[0].1 == "t");
    assert_eq!(settings.0.load(Ordering::SeqCst), 0);
    pm.register(More).unwrap();
    let outcome = current_thread().block_on(pm.caller(Specs::settle_on).call(&settings, &Session, "t"));
    assert!(outcome[1].0 != here() && outcome[1].1 == "1");
}

#[test]
fn every_receiver_can_go() {
    struct Receivers(&'static str);
    #[extension(blocking)]
    impl Specs for Receivers {
        fn find(&self, key: &str) -> Option<Ran> {
            (key == "reference").then(|| ran(self.0))
        }
        #[extension(target = "find")]
        fn by_arc_reference(self: &Arc<Self>, key: &str) -> Option<Ran> {
            (key == "arc reference").then(|| ran(self.0))
        }
        #[extension(target = "find")]
        fn by_arc(self: Arc<Self>, key: &str) -> Option<Ran> {
            (key == "arc").then(|| ran(self.0))
        }
        #[extension(target = "find")]
        fn by_nothing(key: &str) -> Option<Ran> {
            (key == "nothing").then(|| ran("plugin"))
        }
    }
    let pm = manager();
    pm.register(Receivers("plugin")).unwrap();
    for key in ["reference", "arc reference", "arc", "nothing"] {
        let found = current_thread().block_on(pm.caller(Specs::find).call(key)).unwrap();
        assert!(found.0 != here() && found.1 == "plugin", "{key}");
    }
}

#[test]
fn predicates_are_asked_where_the_call_is_polled_before_anything_goes() {
    struct Picky(mpsc::SyncSender<ThreadId>);
    impl Picky {
        fn likes(&self, key: &str) -> bool {
            self.0.send(here()).unwrap();
            key == "yes"
        }
    }
    #[extension]
    impl Specs for Picky {
        #[extension(blocking, when = Self::likes)]
        fn find(&self, key: &str) -> Option<Ran> {
            Some(ran(key))
        }
    }
    let pm = manager();
    let (asked, where_asked) = mpsc::sync_channel(2);
    pm.register(Picky(asked)).unwrap();
    assert_eq!(current_thread().block_on(pm.caller(Specs::find).call("no")), None);
    let found = current_thread().block_on(pm.caller(Specs::find).call("yes")).unwrap();
    assert!(found.0 != here() && found.1 == "yes");
    assert_eq!(where_asked.try_iter().collect::<Vec<_>>(), [here(), here()]);
}

#[test]
fn errors_come_back_and_are_blamed_on_their_plugin() {
    let pm = manager();
    pm.register_as("pool", Pool).unwrap();
    let runtime = current_thread();
    assert_eq!(runtime.block_on(pm.caller(Specs::parse).call("7")), Ok(vec![7]));
    assert_eq!(runtime.block_on(pm.caller(Specs::parse).call("x")), Err("not(x)".into()));
    let error = runtime.block_on(pm.caller(Specs::parse).try_call("x")).unwrap_err();
    assert_eq!(error.to_string(), "plugin `pool` failed in `Specs::parse`: not(x)");
}

#[test]
fn the_plugins_own_panic_comes_through() {
    struct Panics;
    #[derive(Debug, PartialEq)]
    struct Payload(u32);
    #[extension]
    impl Specs for Panics {
        #[extension(blocking)]
        fn find(&self) -> Option<Ran> {
            std::panic::panic_any(Payload(7))
        }
    }
    let pm = manager();
    pm.register_as("pool", Pool).unwrap();
    let (runtime, caller) = (current_thread(), pm.caller(Specs::parse));
    assert_eq!(panic_of(|| runtime.block_on(caller.call("boom"))), "boom");
    let error = runtime.block_on(caller.try_call("boom")).unwrap_err();
    assert_eq!(error.to_string(), "plugin `pool` panicked in `Specs::parse`: boom");
    assert_eq!(runtime.block_on(caller.call("7")), Ok(vec![7]));

    pm.unregister("pool").unwrap();
    pm.register(Panics).unwrap();
    let call = std::panic::AssertUnwindSafe(|| runtime.block_on(pm.caller(Specs::find).call("k")));
    let panic = std::panic::catch_unwind(call).unwrap_err();
    assert_eq!(panic.downcast_ref(), Some(&Payload(7)));
}

#[test]
fn outside_of_a_runtime_and_in_a_sync_manager_blocking_extensions_run_in_place() {
    let pm = manager();
    pm.register(Pool).unwrap();
    assert_eq!(block_on(pm.caller(Specs::find).call("k")), Some(ran("k")));
    assert_eq!(block_on(pm.caller(Specs::where_is).call("t", &[], None, "o".into())), [ran("t[]Noneo")]);
    let pm = PluginManager::new("blocking");
    pm.add_extension_points(Specs).unwrap();
    pm.register(Pool).unwrap();
    current_thread().block_on(async { assert_eq!(pm.caller(Specs::find).call("k"), Some(ran("k"))) });
}

#[test]
fn every_call_can_be_of_blocking_extensions() {
    use futures_util::StreamExt;

    let pm = manager();
    pm.register(Pool).unwrap();
    current_thread().block_on(async {
        assert_eq!(pm.caller(Specs::parse).call_concurrent("7").await, Ok(vec![7]));
        assert_eq!(pm.caller(Specs::parse).stream("7").collect::<Vec<_>>().await, [Ok(7)]);
        let settled = pm.caller(Specs::find).settle("k").await.pop().unwrap();
        assert_ne!(settled.result.unwrap().unwrap().0, here());
        let ran = pm.caller(Specs::configure).call_historic(1).await.pop().unwrap();
        assert!(ran.0 != here() && ran.1 == "1");
        let (results, replayed) = mpsc::channel();
        pm.caller(Specs::configure).call_historic_with(2, move |ran| results.send(ran).unwrap()).await;
        assert_ne!(replayed.recv().unwrap().0, here());
        pm.register_and_replay_as("late", Pool).await.unwrap();
        let ran = replayed.recv().unwrap();
        assert!(ran.0 != here() && ran.1 == "2");
    });
}

#[test]
fn a_block_of_blocking_extensions_may_hold_async_ones_and_wrappers_which_do_not_go() {
    struct Mixed;
    #[extension(blocking)]
    impl Specs for Mixed {
        async fn find(&self, key: &str) -> Option<Ran> {
            tokio::task::yield_now().await;
            Some(ran(key))
        }
        fn configure(&self, level: u32) -> Ran {
            ran(level)
        }
        #[extension(wrapper, target = "find")]
        async fn around(&self, key: &str, next: Next<'_>) -> Option<Ran> {
            let inner = next.run(key).await?;
            Some(ran(inner.1 + "!"))
        }
    }
    let pm = manager();
    pm.register(Mixed).unwrap();
    current_thread().block_on(async {
        assert_eq!(pm.caller(Specs::find).call("k").await, Some(ran("k!")));
        assert_ne!(pm.caller(Specs::configure).call_historic(1).await[0].0, here());
    });
}

#[test]
fn a_blocking_body_runs_to_its_end_after_its_call_is_dropped() {
    struct Waits(std::sync::Mutex<(mpsc::Sender<&'static str>, mpsc::Receiver<()>)>);
    #[extension]
    impl Specs for Waits {
        #[extension(blocking)]
        fn find(&self) -> Option<Ran> {
            let channels = self.0.lock().unwrap();
            channels.0.send("started").unwrap();
            channels.1.recv().unwrap();
            channels.0.send("done").unwrap();
            None
        }
    }
    let ((said, says), (go, goes)) = (mpsc::channel(), mpsc::channel());
    let pm = manager();
    pm.register(Waits(std::sync::Mutex::new((said, goes)))).unwrap();
    current_thread().block_on(async {
        let mut call = Box::pin(pm.caller(Specs::find).call("k"));
        let polled = std::future::poll_fn(|cx| std::task::Poll::Ready(call.as_mut().poll(cx).is_pending()));
        assert!(polled.await);
        assert_eq!(says.recv().unwrap(), "started");
        drop(call);
        go.send(()).unwrap();
        assert_eq!(says.recv().unwrap(), "done");
    });
}

#[test]
fn two_blocking_extensions_of_a_concurrent_call_run_at_once() {
    struct Meets(Arc<Barrier>);
    #[extension]
    impl Specs for Meets {
        #[extension(blocking)]
        fn parse(&self, text: &str) -> Result<u32, String> {
            self.0.wait();
            Ok(u32::try_from(text.len()).unwrap())
        }
    }
    let barrier = Arc::new(Barrier::new(2));
    let pm = manager();
    pm.register_as("a", Meets(Arc::clone(&barrier))).unwrap();
    pm.register_as("b", Meets(barrier)).unwrap();
    assert_eq!(current_thread().block_on(pm.caller(Specs::parse).call_concurrent("four")), Ok(vec![4, 4]));
}

#[test]
fn two_offloaded_closures_of_a_concurrent_call_run_at_once() {
    let barrier = Arc::new(Barrier::new(2));
    let pm = offloading();
    for name in ["a", "b"] {
        let barrier = Arc::clone(&barrier);
        pm.register_fn(name, Specs::parse, move |args| {
            barrier.wait();
            Ok(u32::try_from(args.text.len()).unwrap())
        })
        .unwrap();
    }
    assert_eq!(current_thread().block_on(pm.caller(Specs::parse).call_concurrent("four")), Ok(vec![4, 4]));
}

#[test]
fn a_blocking_extension_is_in_the_span_of_its_call() {
    struct Traced;
    #[extension]
    impl Specs for Traced {
        #[extension(blocking)]
        fn find(&self) -> Option<Ran> {
            Some(ran(tracing::Span::current().metadata().map_or("none", |span| span.name())))
        }
    }
    // What a thread of the pool has for a subscriber is the process's.
    tracing::subscriber::set_global_default(tracing_subscriber::registry()).unwrap();
    let pm = manager();
    pm.register(Traced).unwrap();
    let find = || current_thread().block_on(pm.caller(Specs::find).call("k")).unwrap();
    let found = tracing::info_span!("request").in_scope(find);
    assert!(found.0 != here());
    assert_eq!(found.1, "request");
    assert_eq!(find().1, "none");

    let pm = offloading();
    pm.register_fn("fn", Specs::find, |_| {
        Some(ran(tracing::Span::current().metadata().map_or("none", |span| span.name())))
    })
    .unwrap();
    let find = || current_thread().block_on(pm.caller(Specs::find).call("k")).unwrap();
    let found = tracing::info_span!("offloaded").in_scope(find);
    assert!(found.0 != here());
    assert_eq!(found.1, "offloaded");
}

#[test]
fn a_runtime_that_is_shut_down_runs_no_blocking_extension_and_the_panic_says_so() {
    let pm = manager();
    pm.register(Pool).unwrap();
    let runtime = current_thread();
    let handle = runtime.handle().clone();
    drop(runtime);
    let text = panic_of(|| handle.block_on(pm.caller(Specs::find).call("k")));
    let expected = "a blocking extension did not run, because the runtime is shut down";
    assert!(text.starts_with(expected), "{text}");
}

#[test]
fn a_registration_sends_extensions_to_the_pool() {
    struct Plain;
    #[extension]
    impl Specs for Plain {
        fn find(&self, key: &str) -> Option<Ran> {
            Some(ran(key))
        }
    }
    let pm = manager();
    let on_pool = Options::new().blocking();
    PluginBuilder::new(Plain).options(Specs::find, on_pool).register(&pm).unwrap();
    assert!(pm.caller(Specs::find).implementations()[0].options.blocking);
    let found = current_thread().block_on(pm.caller(Specs::find).call("k")).unwrap();
    assert!(found.0 != here() && found.1 == "k");
}

#[test]
fn a_plugin_is_refused_where_nothing_of_it_can_go_to_the_pool() {
    struct Awaited;
    #[extension]
    impl Specs for Awaited {
        async fn find(&self, key: &str) -> Option<Ran> {
            Some(ran(key))
        }
    }
    struct Around;
    #[extension]
    impl Specs for Around {
        #[extension(wrapper)]
        async fn find(&self, key: &str, next: Next<'_>) -> Option<Ran> {
            next.run(key).await
        }
    }
    let pm = manager();
    let on_pool = || Options::new().blocking();
    let refused = [
        PluginBuilder::new(Awaited).options(Specs::find, on_pool()).register(&pm),
        PluginBuilder::new(Around).options(Specs::find, on_pool()).register(&pm),
    ];
    for refused in refused {
        let error = refused.unwrap_err();
        assert!(matches!(error, Error::CannotOffload { is_never_blocking: true, .. }), "{error}");
        assert!(error.to_string().contains("has no `fn` there"), "{error}");
    }
}
