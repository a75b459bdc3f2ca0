//! Shapes of arguments and results: optional `&mut`s, arguments called `_`, functions, bounds between lifetimes, and results
//! that borrow as the running value does.

use pluginkit::prelude::*;
use pluginkit::{Options, PluginBuilder};

use super::kind::{Manager, adding, awaited, enter, implement, lazily, wait};

/// Not covariant: a reference to it fits no shorter `'x`.
struct Ctx<'x> {
    seen: Vec<&'x str>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Data<'x>(&'x str);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Pair<'x, 'y>(&'x str, &'y str);

type Log<'x> = dyn FnMut(&str) + Send + 'x;

#[extension_point]
trait Specs {
    fn log(&self, word: &str, log: Option<&mut Vec<String>>) -> usize;
    fn tell(&self, word: &str, log: Option<&mut (dyn FnMut(&str) + Send)>);
    fn look(&self, cx: Option<&mut Ctx<'_>>) -> usize;
    #[extension_point(pipeline)]
    fn edit(&self, list: Option<&mut Vec<u8>>);

    fn unnamed(&self, _: &str, count: u8, _: u8) -> u8;

    fn each(&self, words: &[&str], visit: &mut (dyn FnMut(&str) + Send), map: fn(&str) -> usize) -> usize;

    #[extension_point(pipeline)]
    fn trim(&self, text: &str) -> &str;
    #[extension_point(pipeline)]
    fn cut(&self, data: Data<'_>, count: &u8) -> Result<Option<Data<'_>>, String>;
    #[extension_point(pipeline = "pair")]
    fn swap(&self, label: &str, pair: Pair<'_, '_>) -> Pair<'_, '_>;

    fn pick<'a, 'b: 'a>(&self, from: &'a str, or: &'b str) -> &'a str;
    #[extension_point(firstresult)]
    fn keep<'a, 'b>(&self, cx: &mut Ctx<'a>, word: &'b str) -> Option<&'a str>
    where
        'b: 'a;
    fn visit<'a, 'b: 'a>(&self, name: &'a str, cx: &'a mut Ctx<'b>) -> usize;
    fn hand_on<'a, 'b: 'a>(&self, to: &mut Ctx<'a>, from: &mut Ctx<'b>) -> usize;
    fn answer<'r>(&self, request: &'r Data<'_>, response: &mut Ctx<'r>) -> usize;
    #[extension_point(historic)]
    fn settings<'a, 'b: 'a>(&self, key: &'a str, value: &'b str);
}

struct Plugin;

implement! {
    #[extension]
    impl Specs for Plugin {
        fn log(&self, word: &str, log: Option<&mut Vec<String>>) -> usize {
            log.map_or(0, |log| {
                log.push(word.to_owned());
                log.len()
            })
        }
        fn tell(&self, word: &str, log: Option<&mut (dyn FnMut(&str) + Send)>) {
            if let Some(log) = log {
                log(word);
            }
        }
        fn look(&self, cx: Option<&mut Ctx<'_>>) -> usize {
            cx.map_or(0, |cx| cx.seen.len())
        }
        fn edit(&self, list: Option<&mut Vec<u8>>) {
            if let Some(list) = list {
                list.push(1);
            }
        }
        fn unnamed(&self, _: &str, mut count: u8, _: u8) -> u8 {
            count += 1;
            count
        }
        fn each(&self, words: &[&str], visit: &mut (dyn FnMut(&str) + Send), map: fn(&str) -> usize) -> usize {
            words.iter().map(|word| {
                visit(word);
                map(word)
            }).sum()
        }
        fn trim(&self, text: &str) -> &str {
            text.trim()
        }
        fn cut(&self, data: Data<'_>) -> Result<Option<Data<'_>>, String> {
            match data.0.split_once(' ') {
                Some((_, rest)) => Ok(Some(Data(rest))),
                None => Ok(None),
            }
        }
        fn swap(&self, pair: Pair<'_, '_>) -> Pair<'_, '_> {
            Pair(&pair.0[1..], pair.1)
        }
        fn pick<'a, 'b: 'a>(&self, from: &'a str, or: &'b str) -> &'a str {
            if from.is_empty() { or } else { from }
        }
        fn keep<'a, 'b: 'a>(&self, cx: &mut Ctx<'a>, word: &'b str) -> Option<&'a str> {
            cx.seen.push(word);
            cx.seen.first().copied()
        }
        fn visit<'a, 'b: 'a>(&self, name: &'a str, cx: &'a mut Ctx<'b>) -> usize {
            name.len() + cx.seen.len()
        }
        fn hand_on<'a, 'b: 'a>(&self, to: &mut Ctx<'a>, from: &mut Ctx<'b>) -> usize {
            for word in from.seen.drain(..) {
                to.seen.push(word);
            }
            to.seen.len()
        }
        fn answer<'r>(&self, request: &'r Data<'_>, response: &mut Ctx<'r>) -> usize {
            response.seen.push(request.0);
            response.seen.len()
        }
        fn settings<'a, 'b: 'a>(&self, key: &'a str, value: &'b str) {
            assert!(key < value);
        }
    }
}

struct Wraps;

implement! {
    #[extension(wrapper)]
    impl Specs for Wraps {
        fn log(&self, word: &str, log: Option<&mut Vec<String>>, next: Next<'_>) -> Vec<usize> {
            match log {
                Some(log) => awaited!(next.run(&word.to_uppercase(), Some(log))),
                None => awaited!(next.run(word, None)),
            }
        }
        fn unnamed(&self, _: &str, _: u8, _: u8, next: Next<'_>) -> Vec<u8> {
            let mut all = awaited!(next.run());
            all.push(0);
            all
        }
        fn trim(&self, text: &str, next: Next<'_>) -> &str {
            awaited!(next.run(text)).trim_matches('-')
        }
        fn pick<'a, 'b: 'a>(&self, from: &'a str, or: &'b str, next: Next<'_>) -> Vec<&'a str> {
            let mut all = awaited!(next.run(from, or));
            all.push(or);
            all
        }
        fn answer<'r>(&self, request: &'r Data<'_>, response: &mut Ctx<'r>, next: Next<'_>) -> Vec<usize> {
            response.seen.push("wrapped");
            awaited!(next.run(request, response))
        }
    }
}

fn manager() -> Manager {
    let pm = Manager::new("shapes");
    pm.add_extension_points(Specs).unwrap();
    pm
}

#[test]
fn an_optional_mut_is_reborrowed_for_each_extension() {
    let pm = manager();
    pm.register(Plugin).unwrap();
    pm.register_as("again", Plugin).unwrap();
    pm.register_fn("function", Specs::edit, |args| args.list.into_iter().for_each(|list| list.push(2)))
        .unwrap();
    let mut log = Vec::new();
    assert_eq!(wait!(pm.caller(Specs::log).call("a", Some(&mut log))), [1, 2]);
    assert_eq!(wait!(pm.caller(Specs::log).call("a", None)), [0, 0]);
    assert_eq!(wait!(pm.caller(Specs::log).settle("b", Some(&mut log))).len(), 2);
    assert_eq!(wait!(pm.caller(Specs::log).try_call("c", Some(&mut log))).unwrap(), [5, 6]);
    assert_eq!(lazily!(pm.caller(Specs::log), "d", Some(&mut log)).collect::<Vec<_>>(), [7, 8]);
    let mut words = 0;
    wait!(pm.caller(Specs::tell).call("a", Some(&mut |word: &str| words += word.len())));
    wait!(pm.caller(Specs::tell).call("a", None));
    assert_eq!(words, 2);
    assert_eq!(wait!(pm.caller(Specs::look).call(Some(&mut Ctx { seen: vec!["a"] }))), [1, 1]);
    let mut list = Vec::new();
    wait!(pm.caller(Specs::edit).call(Some(&mut list)));
    assert_eq!(list, [1, 1, 2]);
}

#[test]
fn a_wrapper_passes_an_optional_mut_on() {
    let pm = manager();
    pm.register(Plugin).unwrap();
    pm.register(Wraps).unwrap();
    let mut log = Vec::new();
    assert_eq!(wait!(pm.caller(Specs::log).call("a", Some(&mut log))), [1]);
    assert_eq!(wait!(pm.caller(Specs::log).call("a", None)), [0]);
    assert_eq!(log, ["A"]);
}

#[test]
fn an_argument_may_be_called_underscore() {
    let pm = manager();
    pm.register(Plugin).unwrap();
    pm.register(Wraps).unwrap();
    pm.register_fn("function", Specs::unnamed, |args| u8::try_from(args._0.len()).unwrap() + args._2)
        .unwrap();
    let builder =
        adding!(PluginBuilder::new(Wraps).named("closure"), Specs::unnamed, Options::new(), |_this, args| {
            args._2
        });
    wait!(enter(&pm, builder)).unwrap();
    assert_eq!(wait!(pm.caller(Specs::unnamed).call("four", 1, 2)), [2, 6, 2, 0]);
    assert_eq!(pm.caller(Specs::unnamed).extension_point().args, ["_0", "count", "_2"]);
}

#[test]
fn a_method_keeps_its_parameters_called_underscore() {
    assert_eq!(wait!(Plugin.unnamed("four", 1, 2)), 2);
}

#[test]
fn functions_stand_in_for_generic_methods() {
    let pm = manager();
    pm.register(Plugin).unwrap();
    let mut seen = Vec::new();
    let visit: &mut Log<'_> = &mut |word| seen.push(word.to_owned());
    assert_eq!(wait!(pm.caller(Specs::each).call(&["a", "bc"], visit, str::len)), [3]);
    assert_eq!(seen, ["a", "bc"]);
}

#[test]
fn a_result_of_a_pipeline_borrows_as_the_running_value_does() {
    let pm = manager();
    pm.register(Plugin).unwrap();
    let text = String::from(" -a b- ");
    assert_eq!(wait!(pm.caller(Specs::trim).call(&text)), "-a b-");
    let cut = {
        let count = 1;
        wait!(pm.caller(Specs::cut).call(Data(&text[1..]), &count))
    };
    assert_eq!(cut, Ok(Data("b- ")));
    let pair = {
        let label = String::from("label");
        wait!(pm.caller(Specs::swap).call(&label, Pair(&text, "y")))
    };
    assert_eq!(pair, Pair("-a b- ", "y"));
    pm.register(Wraps).unwrap();
    assert_eq!(wait!(pm.caller(Specs::trim).call(&text)), "a b");
}

#[test]
fn a_lifetime_may_outlive_another() {
    let pm = manager();
    pm.register(Plugin).unwrap();
    let longer = String::from("longer");
    let mut cx = Ctx { seen: vec!["static"] };
    {
        let short = String::from("short");
        assert_eq!(wait!(pm.caller(Specs::pick).call(&short, &longer)), ["short"]);
        assert_eq!(wait!(pm.caller(Specs::visit).call(&short, &mut cx)), [6]);
    }
    assert_eq!(wait!(pm.caller(Specs::keep).call(&mut cx, &longer)), Some("static"));
    let mut from = Ctx { seen: vec!["from"] };
    assert_eq!(wait!(pm.caller(Specs::hand_on).call(&mut cx, &mut from)), [3]);
    pm.register_fn("function", Specs::pick, |args| args.or).unwrap();
    pm.register(Wraps).unwrap();
    assert_eq!(wait!(pm.caller(Specs::pick).call("", &longer)), ["longer", "longer", "longer"]);
    wait!(pm.caller(Specs::settings).call_historic("a", "b"));
}

#[test]
fn a_lifetime_of_a_reference_may_stand_within_another_argument() {
    let pm = manager();
    pm.register(Plugin).unwrap();
    pm.register_fn("function", Specs::answer, |args| {
        args.response.seen.push(args.request.0);
        0
    })
    .unwrap();
    pm.register(Wraps).unwrap();
    let word = String::from("word");
    let request = Data(&word);
    let mut response = Ctx { seen: Vec::new() };
    let answer = pm.caller(Specs::answer);
    assert_eq!(wait!(answer.call(&request, &mut response)), [2, 0]);
    assert_eq!(response.seen, ["wrapped", "word", "word"]);
    assert_eq!(wait!(answer.try_call(&request, &mut response)).unwrap(), [5, 0]);
    assert_eq!(wait!(answer.settle(&request, &mut response)).len(), 2);
    assert_eq!(lazily!(answer, &request, &mut response).collect::<Vec<_>>(), [9, 0]);
}
