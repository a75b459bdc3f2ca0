//! `call_concurrent`: extensions are under way at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;

use pluginkit::prelude::*;
use pluginkit_tests::{Log, Show, block_on, panic_and_file_of, panic_of, pending};

use super::{Specs, gate, manager, poll};

#[test]
fn results_are_in_call_order_whatever_the_order_they_arrive_in() {
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let (pm, log) = manager();
        let gates = ["a", "b", "c"].map(|name| gate(&pm, &log, name, Ok(None)));
        let mut call = Box::pin(pm.caller(Specs::fetch).call_concurrent("t", "o".into()));
        assert!(log.take().is_empty());
        assert!(poll(&mut call).is_pending());
        assert_eq!(log.line(), "+a +b +c");
        for (done, index) in order.into_iter().enumerate() {
            gates[index].notify_one();
            let polled = poll(&mut call);
            assert_eq!(log.line(), ["-a", "-b", "-c"][index]);
            if done < 2 {
                assert!(polled.is_pending());
            } else {
                assert_eq!(polled, Poll::Ready(["a:t:o", "b:t:o", "c:t:o"].map(String::from).into()));
            }
        }
    }
}

#[test]
fn the_first_error_to_arrive_ends_the_call_and_drops_the_others() {
    let (pm, log) = manager();
    let gates = [
        gate(&pm, &log, "a", Err("a".into())),
        gate(&pm, &log, "b", Ok(Some(1))),
        gate(&pm, &log, "c", Err("c".into())),
    ];
    let caller = pm.caller(Specs::parse);
    for (first, expected) in [(0, "a"), (2, "c")] {
        let mut call = Box::pin(caller.call_concurrent("x"));
        assert!(poll(&mut call).is_pending());
        gates[1].notify_one();
        assert!(poll(&mut call).is_pending());
        assert_eq!(log.line(), "+a +b +c -b");
        gates[first].notify_one();
        assert_eq!(poll(&mut call), Poll::Ready(Err(expected.to_owned())));
        let mut gone = log.take();
        assert_eq!(
            gone.remove(0),
            format!("-{expected}"),
            "it ends by itself, before the others are dropped"
        );
        assert_eq!(gone, [if first == 0 { "-c" } else { "-a" }]);
    }
}

#[test]
fn an_error_of_a_fn_ends_the_call_before_anything_is_awaited() {
    let (pm, log) = manager();
    let _gate = gate(&pm, &log, "a", Ok(None));
    pm.register_fn("bad", Specs::parse, |args| Err(args.text.to_owned())).unwrap();
    let _gate = gate(&pm, &log, "late", Ok(None));
    let mut call = Box::pin(pm.caller(Specs::parse).call_concurrent("x"));
    assert_eq!(poll(&mut call), Poll::Ready(Err("x".into())));
    assert!(log.take().is_empty());
}

/// Counts how many of its kind are under way.
#[derive(Default)]
struct Traffic {
    now: AtomicUsize,
    most: AtomicUsize,
    all: AtomicUsize,
}

struct Counted(usize, Arc<Traffic>);

#[extension]
impl Specs for Counted {
    async fn fetch(&self, owned: String) -> String {
        let now = self.1.now.fetch_add(1, Ordering::SeqCst) + 1;
        self.1.most.fetch_max(now, Ordering::SeqCst);
        pending(u32::try_from(self.0 * 7 % 5).unwrap()).await;
        self.1.now.fetch_sub(1, Ordering::SeqCst);
        self.1.all.fetch_add(1, Ordering::SeqCst);
        format!("{}{owned}", self.0)
    }
}

/// Ten of them.
fn counted() -> (AsyncPluginManager, Arc<Traffic>) {
    let (pm, _) = manager();
    let traffic = Arc::new(Traffic::default());
    pm.register_all((0..10).map(|n| (n.to_string(), Counted(n, Arc::clone(&traffic))))).unwrap();
    (pm, traffic)
}

#[test]
fn no_more_than_the_limit_are_under_way_at_once_and_all_of_them_run() {
    let expected: Vec<_> = (0..10).map(|n| format!("{n}!")).collect();
    for limit in [1, 2, 3, 9, 10, 11, usize::MAX] {
        let (pm, traffic) = counted();
        let caller = pm.caller(Specs::fetch).concurrency(limit);
        assert_eq!(block_on(caller.call_concurrent("", "!".into())), expected, "{limit}");
        assert_eq!(traffic.all.load(Ordering::SeqCst), 10, "{limit}");
        assert_eq!(traffic.most.load(Ordering::SeqCst).max(1), limit.min(8), "{limit}");
        assert_eq!(traffic.now.load(Ordering::SeqCst), 0);
    }
}

#[test]
fn without_a_limit_all_are_under_way_at_once_and_call_still_runs_one_after_the_other() {
    let (pm, log) = manager();
    let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];
    let gates = names.map(|name| gate(&pm, &log, name, Ok(None)));
    let mut call = Box::pin(pm.caller(Specs::parse).call_concurrent("x"));
    assert!(poll(&mut call).is_pending());
    assert_eq!(log.take().len(), names.len());
    for gate in &gates {
        gate.notify_one();
    }
    assert_eq!(block_on(call), Ok(vec![]));

    let (pm, traffic) = counted();
    block_on(pm.caller(Specs::fetch).concurrency(5).call("", String::new()));
    assert_eq!(traffic.most.load(Ordering::SeqCst), 1);
}

#[test]
fn the_next_one_starts_when_one_has_ended() {
    let (pm, log) = manager();
    let gates = ["a", "b", "c", "d"].map(|name| gate(&pm, &log, name, Ok(None)));
    let mut call = Box::pin(pm.caller(Specs::parse).concurrency(2).call_concurrent("x"));
    assert!(poll(&mut call).is_pending());
    assert_eq!(log.line(), "+a +b");
    gates[1].notify_one();
    assert!(poll(&mut call).is_pending());
    assert_eq!(log.line(), "-b +c");
    gates[0].notify_one();
    gates[2].notify_one();
    assert!(poll(&mut call).is_pending());
    assert_eq!(log.take().last().unwrap(), "+d");
    gates[3].notify_one();
    assert_eq!(poll(&mut call), Poll::Ready(Ok(vec![])));
}

#[test]
fn a_limit_belongs_to_its_caller_and_the_views_of_that_caller() {
    let (pm, _) = manager();
    let most = |make: &dyn Fn() -> AsyncCaller<pluginkit::point!(Specs::fetch)>| {
        let traffic = Arc::new(Traffic::default());
        for name in ["a", "b", "c"] {
            pm.unregister(name);
            pm.register_as(name, Counted(1, Arc::clone(&traffic))).unwrap();
        }
        block_on(make().call_concurrent("", String::new()));
        traffic.most.load(Ordering::SeqCst)
    };
    let caller = pm.caller(Specs::fetch);
    let limited = caller.concurrency(1);
    assert_eq!(most(&|| caller.clone()), 3);
    assert_eq!(most(&|| limited.clone()), 1);
    assert_eq!(most(&|| limited.without(["x"])), 1);
    assert_eq!(most(&|| limited.extra(|_| String::new())), 1);
    assert_eq!(most(&|| limited.concurrency(2)), 2);
}

#[test]
fn a_concurrency_of_zero_panics() {
    let (pm, _) = manager();
    let caller = pm.caller(Specs::fetch);
    let (text, file) = panic_and_file_of(|| caller.concurrency(0));
    assert_eq!(text, "the concurrency of `Specs::fetch` is 0: expected at least 1");
    assert_eq!(file, file!());
}

#[test]
fn extensions_of_both_kinds_mix_and_abstentions_are_skipped() {
    let (pm, log) = manager();
    pm.register_fn("first", Specs::parse, |_| Ok(Some(0))).unwrap();
    let slow = gate(&pm, &log, "slow", Ok(Some(1)));
    let none = gate(&pm, &log, "none", Ok(None));
    pm.register_fn("abstains", Specs::parse, |_| Ok(None)).unwrap();
    pm.register_fn("last", Specs::parse, |args| Ok(args.text.parse().ok())).unwrap();
    none.notify_one();
    slow.notify_one();
    assert_eq!(block_on(pm.caller(Specs::parse).call_concurrent("7")), Ok(vec![0, 1, 7]));
}

#[test]
fn owned_arguments_are_cloned_and_borrowed_results_come_from_the_arguments() {
    struct Own;
    #[extension]
    impl Specs for Own {
        async fn fetch(&self, mut owned: String) -> String {
            owned.push('+');
            pending(2).await;
            owned
        }
        async fn lend<'a>(&self, from: &'a [String]) -> Option<&'a str> {
            pending(1).await;
            from.last().map(String::as_str)
        }
        async fn unit(&self, n: u32) {
            pending(n).await;
        }
    }
    let (pm, _) = manager();
    pm.register_as("a", Own).unwrap();
    pm.register_fn("b", Specs::fetch, |args| args.owned + "-").unwrap();
    pm.register_as("c", Own).unwrap();
    pm.register_fn("d", Specs::lend, |args| args.from.first().map(String::as_str)).unwrap();
    assert_eq!(block_on(pm.caller(Specs::fetch).call_concurrent("", "x".into())), ["x+", "x-", "x+"]);
    let from = ["first".to_owned(), "last".to_owned()];
    assert_eq!(block_on(pm.caller(Specs::lend).call_concurrent(&from)), ["last", "last", "first"]);
    let () = block_on(pm.caller(Specs::unit).call_concurrent(3));
}

#[test]
fn without_extensions_the_outcome_is_empty() {
    let (pm, _) = manager();
    assert!(block_on(pm.caller(Specs::fetch).call_concurrent("", String::new())).is_empty());
    assert_eq!(block_on(pm.caller(Specs::parse).call_concurrent("")), Ok(vec![]));
}

#[test]
fn wrappers_run_around_it_change_arguments_and_outcome_and_see_the_error() {
    struct Around(Log);
    #[extension(wrapper)]
    impl Specs for Around {
        async fn fetch(&self, topic: &str, owned: String, next: Next<'_>) -> Vec<String> {
            self.0.push("(");
            pending(1).await;
            let mut outcome = next.run(&topic.to_uppercase(), owned + "?").await;
            self.0.push(")");
            outcome.reverse();
            outcome
        }
        async fn parse(&self, next: Next<'_>) -> Result<Vec<u32>, String> {
            next.run().await.or_else(|error| Ok(vec![u32::try_from(error.len()).unwrap()]))
        }
    }
    let (pm, log) = manager();
    pm.register(Around(log.clone())).unwrap();
    let gates = ["a", "b"].map(|name| gate(&pm, &log, name, Ok(None)));
    let bad = gate(&pm, &log, "bad", Err("error".into()));
    let mut call = Box::pin(pm.caller(Specs::fetch).without(["bad"]).call_concurrent("t", "o".into()));
    assert!(poll(&mut call).is_pending());
    assert!(poll(&mut call).is_pending());
    assert_eq!(log.line(), "( +a +b");
    for gate in &gates {
        gate.notify_one();
    }
    assert_eq!(poll(&mut call), Poll::Ready(vec!["b:T:o?".into(), "a:T:o?".into()]));
    assert_eq!(log.take().pop().unwrap(), ")");
    bad.notify_one();
    assert_eq!(block_on(pm.caller(Specs::parse).call_concurrent("x")), Ok(vec![5]));
}

#[test]
fn a_limit_holds_under_wrappers() {
    struct Around;
    #[extension(wrapper)]
    impl Specs for Around {
        async fn fetch(&self, next: Next<'_>) -> Vec<String> {
            next.run().await
        }
    }
    let (pm, traffic) = counted();
    pm.register(Around).unwrap();
    block_on(pm.caller(Specs::fetch).concurrency(3).call_concurrent("", String::new()));
    assert_eq!(traffic.most.load(Ordering::SeqCst), 3);
}

#[test]
fn conditional_extensions_are_left_out_and_take_no_place() {
    struct Picky(Log);
    impl Picky {
        fn likes(&self, text: &str) -> bool {
            self.0.push("asked");
            text == "yes"
        }
    }
    #[extension(when = Self::likes)]
    impl Specs for Picky {
        async fn parse(&self, text: &str) -> Result<Option<u32>, String> {
            pending(1).await;
            self.0.push(text);
            Ok(Some(1))
        }
        #[extension(target = "parse")]
        fn direct(&self, text: &str) -> Result<Option<u32>, String> {
            self.0.push(text);
            Ok(Some(2))
        }
    }
    let (pm, log) = manager();
    pm.register(Picky(log.clone())).unwrap();
    let caller = pm.caller(Specs::parse).concurrency(1);
    assert_eq!(block_on(caller.call_concurrent("no")), Ok(vec![]));
    assert_eq!(log.line(), "asked asked");
    assert_eq!(block_on(caller.call_concurrent("yes")), Ok(vec![1, 2]));
    assert_eq!(log.line(), "asked yes asked yes");
}

#[test]
fn a_panic_unwinds_to_the_polling_task_and_drops_the_other_extensions() {
    struct Panics;
    #[extension]
    impl Specs for Panics {
        async fn parse(&self, text: &str) -> Result<Option<u32>, String> {
            pending(1).await;
            panic!("{text}")
        }
    }
    let (pm, log) = manager();
    let _gate = gate(&pm, &log, "a", Ok(None));
    pm.register(Panics).unwrap();
    let caller = pm.caller(Specs::parse);
    assert_eq!(panic_of(|| block_on(caller.call_concurrent("boom"))), "boom");
    assert_eq!(log.line(), "+a -a");
    assert_eq!(block_on(caller.without(["a", "Panics"]).call_concurrent("")), Ok(vec![]));
}

#[test]
fn observers_see_all_start_before_the_first_ends() {
    let (pm, log) = manager();
    let gates = ["a", "b"].map(|name| gate(&pm, &Log::new(), name, Err(name.to_owned())));
    pm.register_fn("fn", Specs::parse, |_| Ok(None)).unwrap();
    let _guard = pm.observe(Show("", log.clone()));
    let mut call = Box::pin(pm.caller(Specs::parse).call_concurrent("x"));
    assert!(poll(&mut call).is_pending());
    assert_eq!(log.line(), "parse> a> b> fn> fn<");
    gates[1].notify_one();
    assert!(poll(&mut call).is_ready());
    assert_eq!(log.line(), "b!b acancelled parse!b");
}

#[test]
fn a_call_works_on_the_snapshot_taken_when_it_was_made() {
    let (pm, traffic) = counted();
    let call = pm.caller(Specs::fetch).call_concurrent("", String::new());
    for name in pm.plugin_names() {
        pm.unregister(name).unwrap();
    }
    assert_eq!(block_on(call).len(), 10);
    assert_eq!(traffic.all.load(Ordering::SeqCst), 10);
}

/// Runs the rest.
struct Around;

#[extension(wrapper)]
impl Specs for Around {
    async fn parse(&self, text: &str, next: Next<'_>) -> Result<Vec<u32>, String> {
        next.run(text).await
    }
}

#[test]
fn what_a_panic_drops_is_cancelled_and_has_not_panicked() {
    for (wrapped, expected) in [
        (false, "parse> before> bad> badpanic beforecancelled parsepanic"),
        // A wrapper is shown with the panic that passes through it.
        (true, "parse> around> before> bad> badpanic beforecancelled aroundpanic parsepanic"),
    ] {
        let (pm, log) = manager();
        if wrapped {
            pm.register_as("around", Around).unwrap();
        }
        let _before = gate(&pm, &Log::new(), "before", Ok(None));
        pm.register_fn("bad", Specs::parse, |_| panic!("boom")).unwrap();
        let _after = gate(&pm, &Log::new(), "after", Ok(None));
        let _shows = pm.observe(Show("", log.clone()));
        assert_eq!(panic_of(|| block_on(pm.caller(Specs::parse).call_concurrent("x"))), "boom");
        assert_eq!(log.line(), expected);
    }
}
