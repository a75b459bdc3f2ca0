//! Calls of an async manager: `fn` and `async fn` on one point, in every mode.

use pluginkit::prelude::*;
use pluginkit::{Error, Options};
use pluginkit_tests::{Log, block_on, panic_of, pending};

struct Ctx<'x> {
    lines: &'x mut Vec<String>,
}

/// Deliberately neither `Clone` nor `Copy`.
#[derive(Debug, PartialEq)]
struct Draft(String);

#[extension_point]
trait Specs {
    fn fetch(&self, topic: &str, owned: String) -> String;
    fn option(&self, n: u32) -> Option<u32>;
    fn result(&self, n: u32) -> Result<Option<u32>, String>;
    fn unit(&self, cx: &mut Ctx<'_>);
    #[extension_point(firstresult)]
    fn find<'a>(&self, from: &'a [String], key: &str) -> Option<&'a str>;
    #[extension_point(pipeline)]
    fn transform(&self, draft: Draft) -> Draft;
    #[extension_point(pipeline)]
    fn maybe(&self, text: String) -> Result<Option<String>, String>;
    #[extension_point(pipeline)]
    fn edit(&self, text: &mut String);
    fn local(&self, shared: std::rc::Rc<u32>) -> u32;
}

/// Implements every point with `async fn`s that are not ready at once.
struct Slow(&'static str);

#[extension]
impl Specs for Slow {
    async fn fetch(&self, topic: &str, owned: String) -> String {
        pending(2).await;
        format!("{}:{topic}:{owned}", self.0)
    }
    async fn option(&self, n: u32) -> Option<u32> {
        pending(1).await;
        (n > 1).then_some(n)
    }
    async fn result(&self, n: u32) -> Result<Option<u32>, String> {
        pending(1).await;
        if n == 0 { Err(self.0.to_owned()) } else { Ok(Some(n)) }
    }
    async fn unit(&self, cx: &mut Ctx<'_>) {
        pending(1).await;
        cx.lines.push(self.0.to_owned());
    }
    async fn find<'a>(&self, from: &'a [String], key: &str) -> Option<&'a str> {
        pending(1).await;
        from.iter().map(String::as_str).find(|each| each.starts_with(key))
    }
    async fn transform(&self, draft: Draft) -> Draft {
        pending(1).await;
        Draft(draft.0 + self.0)
    }
    async fn maybe(&self, text: String) -> Result<Option<String>, String> {
        pending(1).await;
        if text == "err" { Err(text) } else { Ok(Some(text + self.0)) }
    }
    async fn edit(&self, text: &mut String) {
        pending(1).await;
        text.push_str(self.0);
    }
}

fn manager() -> AsyncPluginManager {
    let pm = AsyncPluginManager::new("async");
    pm.add_extension_points(Specs).unwrap();
    pm
}

const fn is_send<T: Send>(value: T) -> T {
    value
}

#[test]
fn extensions_of_both_kinds_mix_on_one_point_in_call_order() {
    let pm = manager();
    pm.register_as("a", Slow("a")).unwrap();
    pm.register_fn("s", Specs::fetch, |args| format!("s:{}:{}", args.topic, args.owned)).unwrap();
    pm.register_as("b", Slow("b")).unwrap();
    let outcome: Vec<String> = block_on(pm.caller(Specs::fetch).call("t", "o".into()));
    assert_eq!(outcome, ["a:t:o", "s:t:o", "b:t:o"]);
}

#[test]
fn every_mode_awaits_one_extension_after_the_other() {
    let pm = manager();
    pm.register_fn("s1", Specs::option, |args| Some(args.n + 1)).unwrap();
    pm.register_fn("s2", Specs::result, |_| Ok(None)).unwrap();
    pm.register_fn("s3", Specs::transform, |args| Draft(args.draft.0 + "s")).unwrap();
    pm.register_fn("s4", Specs::maybe, |_| Ok(None)).unwrap();
    pm.register_fn("s5", Specs::edit, |args| args.text.push('s')).unwrap();
    pm.register_as("a", Slow("a")).unwrap();
    pm.register_as("b", Slow("b")).unwrap();
    assert_eq!(block_on(pm.caller(Specs::option).call(1)), [2]);
    assert_eq!(block_on(pm.caller(Specs::option).call(2)), [3, 2, 2]);
    assert_eq!(block_on(pm.caller(Specs::result).call(2)), Ok(vec![2, 2]));
    assert_eq!(block_on(pm.caller(Specs::result).call(0)), Err("a".into()));
    assert_eq!(block_on(pm.caller(Specs::transform).call(Draft("-".into()))), Draft("-sab".into()));
    assert_eq!(block_on(pm.caller(Specs::maybe).call("-".into())), Ok("-ab".into()));
    assert_eq!(block_on(pm.caller(Specs::maybe).call("err".into())), Err("err".into()));
    let mut text = String::from("-");
    block_on(pm.caller(Specs::edit).call(&mut text));
    assert_eq!(text, "-sab");
    let mut lines = Vec::new();
    block_on(pm.caller(Specs::unit).call(&mut Ctx { lines: &mut lines }));
    assert_eq!(lines, ["a", "b"]);
}

#[test]
fn without_extensions_every_mode_has_its_empty_outcome() {
    let pm = manager();
    assert!(block_on(pm.caller(Specs::fetch).call("t", String::new())).is_empty());
    assert_eq!(block_on(pm.caller(Specs::find).call(&[], "k")), None);
    assert_eq!(block_on(pm.caller(Specs::transform).call(Draft("-".into()))), Draft("-".into()));
}

#[test]
fn firstresult_stops_at_the_first_answer_and_lends_from_its_argument() {
    let pm = manager();
    pm.register_fn("none", Specs::find, |_| None).unwrap();
    pm.register_as("slow", Slow("slow")).unwrap();
    pm.register_fn("never", Specs::find, |_| unreachable!("answered before")).unwrap();
    let from = ["alpha".to_owned(), "beta".to_owned()];
    let found;
    {
        let key = String::from("b");
        found = block_on(pm.caller(Specs::find).call(&from, &key));
    }
    assert_eq!(found, Some("beta"));
}

#[test]
fn futures_are_send_if_their_arguments_are_and_do_nothing_until_polled() {
    let pm = manager();
    let log = Log::new();
    let inner = log.clone();
    pm.register_fn("s", Specs::edit, move |_| inner.push("ran")).unwrap();
    let mut text = String::new();
    let call = is_send(pm.caller(Specs::edit).call(&mut text));
    assert!(log.take().is_empty());
    block_on(call);
    assert_eq!(log.line(), "ran");

    pm.register_fn("rc", Specs::local, |args| *args.shared).unwrap();
    assert_eq!(block_on(pm.caller(Specs::local).call(std::rc::Rc::new(4))), [4]);
}

#[test]
fn a_call_works_on_the_snapshot_taken_when_it_was_made() {
    let pm = manager();
    pm.register_as("a", Slow("a")).unwrap();
    let call = pm.caller(Specs::fetch).call("t", "o".into());
    pm.register_as("b", Slow("b")).unwrap();
    pm.unregister("a").unwrap();
    assert_eq!(block_on(call), ["a:t:o"]);
    assert_eq!(block_on(pm.caller(Specs::fetch).call("t", "o".into())), ["b:t:o"]);
}

#[test]
fn views_and_extras_work_as_in_a_sync_manager() {
    let pm = manager();
    pm.register_as("a", Slow("a")).unwrap();
    pm.register_as("b", Slow("b")).unwrap();
    let view = pm.caller(Specs::fetch).without(["a"]).extra(|args| args.topic.to_owned());
    assert_eq!(block_on(view.call("t", "o".into())), ["b:t:o", "t"]);
    let shown: Vec<_> = view.implementations().iter().map(|each| each.is_async).collect();
    assert_eq!(shown, [true, false]);
    pm.set_enabled("b", false).unwrap();
    assert_eq!(block_on(view.call("t", "o".into())), ["t"]);
}

#[test]
fn order_and_refusals_are_those_of_a_sync_manager() {
    let pm = manager();
    pm.register_as("a", Slow("a")).unwrap();
    pm.register_fn_with("first", Specs::option, Options::new().tryfirst(), |_| Some(0)).unwrap();
    assert_eq!(block_on(pm.caller(Specs::option).call(5)), [0, 5]);
    assert!(matches!(pm.register_as("a", Slow("a")), Err(Error::NameTaken { .. })));
    assert!(matches!(pm.register(Log::new()), Err(Error::NoExtensions { .. })));
    let cycle = Options::new().before(["a"]).after(["a"]);
    assert!(matches!(
        pm.register_fn_with("c", Specs::option, cycle, |_| None),
        Err(Error::OrderCycle { .. })
    ));
    assert_eq!(pm.plugin_names(), ["a", "first"]);
}

#[test]
fn conditions_of_async_extensions_are_asked_before_they_start() {
    struct Picky(Log);
    impl Picky {
        fn likes(&self, n: u32) -> bool {
            self.0.push("asked");
            n > 3
        }
    }
    #[extension]
    impl Specs for Picky {
        #[extension(when = Self::likes)]
        async fn option(&self, n: u32) -> Option<u32> {
            self.0.push("ran");
            Some(n)
        }
    }
    let (pm, log) = (manager(), Log::new());
    pm.register(Picky(log.clone())).unwrap();
    assert!(block_on(pm.caller(Specs::option).call(3)).is_empty());
    assert_eq!(log.line(), "asked");
    assert_eq!(block_on(pm.caller(Specs::option).call(4)), [4]);
    assert_eq!(log.line(), "asked ran");
}

#[test]
fn observers_see_async_calls_and_extensions() {
    let (pm, log) = (manager(), Log::new());
    let seen = log.clone();
    let _guard = pm.observe(move |event: &pluginkit::observe::Event<'_>| {
        let Some(point) = event.point().map(|point| point.name) else { return };
        let who = event.plugin().map_or(point, |plugin| plugin.as_str());
        seen.push(match event.error() {
            Some(error) => format!("{who}!{error}"),
            None => who.to_owned(),
        });
    });
    pm.register_as("a", Slow("a")).unwrap();
    block_on(pm.caller(Specs::result).call(0)).unwrap_err();
    assert_eq!(log.line(), "result a a!a result!a");
}

#[test]
fn a_panic_unwinds_to_the_polling_task_and_leaves_the_manager_usable() {
    let pm = manager();
    pm.register_fn("bad", Specs::option, |_| panic!("boom")).unwrap();
    assert_eq!(panic_of(|| block_on(pm.caller(Specs::option).call(1))), "boom");
    pm.unregister("bad").unwrap();
    assert!(block_on(pm.caller(Specs::option).call(1)).is_empty());
}

#[test]
fn one_plugin_type_serves_managers_of_both_kinds_at_once() {
    struct Both;
    #[extension]
    impl Specs for Both {
        fn fetch(&self, topic: &str) -> String {
            topic.to_owned()
        }
    }
    let (sync, asynchronous) = (PluginManager::new("both"), manager());
    sync.add_extension_points(Specs).unwrap();
    let plugin = std::sync::Arc::new(Both);
    sync.register(std::sync::Arc::clone(&plugin)).unwrap();
    asynchronous.register(plugin).unwrap();
    for _ in 0..3 {
        assert_eq!(sync.caller(Specs::fetch).call("t", String::new()), ["t"]);
        assert_eq!(block_on(asynchronous.caller(Specs::fetch).call("t", String::new())), ["t"]);
    }
}
