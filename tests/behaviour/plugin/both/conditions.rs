//! Conditional extensions: `when`.

use pluginkit::prelude::*;
use pluginkit_tests::Log;

use super::kind::{Manager, awaited, implement, wait};

#[extension_point]
trait Specs {
    fn fetch(&self, topic: &str) -> String;
    #[extension_point(firstresult)]
    fn deliver(&self, message: &str, urgent: bool) -> Option<String>;
    #[extension_point(pipeline)]
    fn transform(&self, text: String, log: &mut Vec<u32>) -> String;
    #[extension_point(pipeline)]
    fn maybe(&self, text: String) -> Option<String>;
}

struct Picky {
    only: &'static str,
    log: Log,
}

impl Picky {
    fn likes(&self, topic: &str) -> bool {
        self.log.push("asked");
        topic == self.only
    }
    fn ready(&self) -> bool {
        !self.only.is_empty()
    }
    fn is_short(&self, text: &str) -> bool {
        text.len() < 3
    }
    fn is_long(&self, text: &String, log: &Vec<u32>) -> bool {
        text.len() > 3 && log.is_empty()
    }
}

fn is_urgent(_: &Picky, urgent: bool) -> bool {
    urgent
}

implement! {
    #[extension]
    impl Specs for Picky {
        #[extension(when = Self::likes)]
        fn fetch(&self, topic: &str) -> String {
            self.log.push("ran");
            topic.to_uppercase()
        }
        #[extension(when = is_urgent(urgent))]
        fn deliver(&self, message: &str) -> Option<String> {
            Some(message.to_owned())
        }
        #[extension(when = Self::is_long)]
        fn transform(&self, text: String, log: &mut Vec<u32>) -> String {
            log.push(1);
            text + "!"
        }
        #[extension(when = Picky::is_short)]
        fn maybe(&self, text: String) -> Option<String> {
            Some(text + "?")
        }
    }
}

fn manager(only: &'static str) -> (Manager, Log) {
    let (pm, log) = (Manager::new("conditions"), Log::new());
    pm.add_extension_points(Specs).unwrap();
    pm.register(Picky { only, log: log.clone() }).unwrap();
    (pm, log)
}

#[test]
fn an_extension_runs_only_where_its_predicate_holds() {
    let (pm, log) = manager("harbor");
    assert_eq!(wait!(pm.caller(Specs::fetch).call("harbor")), ["HARBOR"]);
    assert_eq!(log.line(), "asked ran");
    assert!(wait!(pm.caller(Specs::fetch).call("hill")).is_empty());
    assert_eq!(log.line(), "asked");
}

#[test]
fn the_others_run_all_the_same_and_in_order() {
    let (pm, _) = manager("harbor");
    pm.register_fn("other", Specs::fetch, |args| args.topic.to_owned()).unwrap();
    assert_eq!(wait!(pm.caller(Specs::fetch).call("hill")), ["hill"]);
    assert_eq!(wait!(pm.caller(Specs::fetch).call("harbor")), ["HARBOR", "harbor"]);
}

#[test]
fn a_predicate_may_judge_an_argument_that_the_extension_leaves_out() {
    let (pm, _) = manager("x");
    assert_eq!(wait!(pm.caller(Specs::deliver).call("m", false)), None);
    assert_eq!(wait!(pm.caller(Specs::deliver).call("m", true)), Some("m".into()));
}

#[test]
fn a_skipped_extension_of_a_pipeline_leaves_the_value_and_the_arguments_alone() {
    let (pm, _) = manager("x");
    let mut log = Vec::new();
    assert_eq!(wait!(pm.caller(Specs::transform).call("abc".into(), &mut log)), "abc");
    assert_eq!(wait!(pm.caller(Specs::transform).call("abcd".into(), &mut log)), "abcd!");
    assert_eq!(log, [1]);
    assert_eq!(wait!(pm.caller(Specs::transform).call("abcd".into(), &mut log)), "abcd");
    assert_eq!(wait!(pm.caller(Specs::maybe).call("ab".into())), "ab?");
    assert_eq!(wait!(pm.caller(Specs::maybe).call("abc".into())), "abc");
}

#[test]
fn a_skipped_extension_does_not_count_as_called() {
    let (pm, _) = manager("harbor");
    let seen = Log::new();
    let watch = seen.clone();
    let _guard = pm.observe(move |event: &pluginkit::observe::Event<'_>| {
        if matches!(event, pluginkit::observe::Event::StateChanged { .. }) {
            return;
        }
        watch.push(event.plugin().map_or_else(|| "call".to_owned(), ToString::to_string));
    });
    wait!(pm.caller(Specs::fetch).call("hill"));
    assert_eq!(seen.line(), "call call");
    wait!(pm.caller(Specs::fetch).call("harbor"));
    assert_eq!(seen.line(), "call Picky Picky call");
}

#[test]
fn a_wrapper_with_a_predicate_that_declines_is_left_out() {
    struct Around(Log);
    impl Around {
        fn loud(&self, topic: &str) -> bool {
            topic.ends_with('!')
        }
    }
    implement! {
        #[extension(when = Self::loud)]
        impl Specs for Around {
            #[extension(wrapper)]
            fn fetch(&self, topic: &str, next: Next<'_>) -> Vec<String> {
                self.0.push(format!("around {topic}"));
                awaited!(next.run(topic))
            }
        }
    }
    let (pm, _) = manager("harbor");
    let log = Log::new();
    pm.register(Around(log.clone())).unwrap();
    assert_eq!(wait!(pm.caller(Specs::fetch).call("harbor")), ["HARBOR"]);
    assert!(log.take().is_empty());
    wait!(pm.caller(Specs::fetch).call("harbor!"));
    assert_eq!(log.line(), "around harbor!");
}

#[test]
fn a_condition_of_the_block_holds_for_all_its_methods() {
    struct Quiet;
    implement! {
        #[extension(when = never)]
        impl Specs for Quiet {
            fn fetch(&self) -> String {
                unreachable!("the condition never holds")
            }
            #[extension(when = always)]
            fn maybe(&self) -> Option<String> {
                Some("quiet".into())
            }
        }
    }
    fn never(_: &Quiet) -> bool {
        false
    }
    fn always(_: &Quiet) -> bool {
        true
    }
    let pm = Manager::new("conditions");
    pm.add_extension_points(Specs).unwrap();
    pm.register(Quiet).unwrap();
    assert!(wait!(pm.caller(Specs::fetch).call("x")).is_empty());
    assert_eq!(wait!(pm.caller(Specs::maybe).call("x".into())), "quiet");
}

#[test]
fn a_predicate_without_arguments_asks_the_plugin_alone() {
    struct Ready(bool);
    impl Ready {
        fn is_ready(&self) -> bool {
            self.0
        }
    }
    implement! {
        #[extension]
        impl Specs for Ready {
            #[extension(when = Self::is_ready)]
            fn fetch(&self, topic: &str) -> String {
                topic.to_owned()
            }
        }
    }
    let pm = Manager::new("conditions");
    pm.add_extension_points(Specs).unwrap();
    pm.register_as("yes", Ready(true)).unwrap();
    pm.register_as("no", Ready(false)).unwrap();
    assert_eq!(wait!(pm.caller(Specs::fetch).call("x")), ["x"]);
    assert!(Picky { only: "x", log: Log::new() }.ready());
}

#[test]
fn a_predicate_may_judge_all_or_none_of_many_arguments() {
    #[extension_point]
    trait Wide {
        fn wide(&self, a: u8, b: u8, c: u8, d: u8, e: u8, f: u8, g: u8, h: String) -> u8;
    }
    struct Plugin;
    impl Plugin {
        #[expect(clippy::too_many_arguments, reason = "that many are the point")]
        fn all(&self, a: u8, _: u8, _: u8, _: u8, _: u8, _: u8, _: u8, h: &str) -> bool {
            a == 1 && h == "h"
        }
        fn none(&self) -> bool {
            false
        }
    }
    implement! {
        #[extension]
        impl Wide for Plugin {
            #[extension(when = Self::all)]
            fn wide(&self, a: u8, b: u8, c: u8, d: u8, e: u8, f: u8, g: u8, h: String) -> u8 {
                a + b + c + d + e + f + g + u8::try_from(h.len()).unwrap()
            }
            #[extension(target = "wide", when = Self::none)]
            fn never(&self, a: u8, _b: u8, _c: u8, _d: u8, _e: u8, _f: u8, _g: u8) -> u8 {
                a
            }
        }
    }
    let pm = Manager::new("wide");
    pm.add_extension_points(Wide).unwrap();
    pm.register(Plugin).unwrap();
    assert_eq!(wait!(pm.caller(Wide::wide).call(1, 1, 1, 1, 1, 1, 1, "h".into())), [8]);
    assert!(wait!(pm.caller(Wide::wide).call(2, 1, 1, 1, 1, 1, 1, "h".into())).is_empty());
}

#[test]
fn a_predicate_may_judge_some_of_many_arguments() {
    #[extension_point]
    trait Wide {
        fn wide(&self, a: u8, b: String, c: bool, d: &[u8], e: u16) -> u16;
    }
    struct Plugin;
    impl Plugin {
        fn some(&self, b: &str, d: &[u8], e: u16) -> bool {
            b == "b" && d.len() == 2 && e > 1
        }
    }
    implement! {
        #[extension]
        impl Wide for Plugin {
            #[extension(when = Self::some)]
            fn wide(&self, a: u8, b: String, c: bool, d: &[u8], e: u16) -> u16 {
                let _ = (a, b, c, d);
                e
            }
        }
    }
    let pm = Manager::new("wide");
    pm.add_extension_points(Wide).unwrap();
    pm.register(Plugin).unwrap();
    assert_eq!(wait!(pm.caller(Wide::wide).call(1, "b".into(), true, &[1, 2], 7)), [7]);
    assert!(wait!(pm.caller(Wide::wide).call(1, "b".into(), true, &[1], 7)).is_empty());
    assert!(wait!(pm.caller(Wide::wide).call(1, "c".into(), true, &[1, 2], 7)).is_empty());
}
