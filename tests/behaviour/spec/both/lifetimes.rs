//! Points whose arguments have lifetimes within their types.

use std::borrow::Cow;
use std::sync::{Arc, Mutex};

use pluginkit::prelude::*;
use pluginkit::{Options, PluginBuilder};

use super::kind::{Manager, adding, awaited, enter, implement, lazily, wait};

/// Not covariant: a reference to it fits no shorter `'x`.
struct Ctx<'x> {
    text: &'x str,
    seen: Vec<&'x str>,
}

impl<'x> Ctx<'x> {
    fn new(text: &'x str) -> Self {
        Self { text, seen: Vec::new() }
    }

    fn see(&mut self) {
        self.seen.push(self.text);
    }
}

#[derive(Clone)]
struct Data<'x>(&'x str);

trait Sink: Send {
    fn put(&mut self, word: &str);
}

impl Sink for Vec<String> {
    fn put(&mut self, word: &str) {
        self.push(word.to_owned());
    }
}

#[extension_point]
trait Specs {
    fn one(&self, id: &str, cx: &mut Ctx<'_>) -> usize;
    fn two(&self, a: &mut Ctx<'_>, data: Data<'_>) -> Result<usize, String>;
    fn owned(&self, data: Data<'_>, text: Cow<'_, str>) -> String;
    #[extension_point(firstresult)]
    fn first(&self, cx: &mut Ctx<'_>, sink: &mut dyn Sink) -> Option<String>;
    #[extension_point(pipeline)]
    fn thread(&self, code: String, cx: &mut Ctx<'_>) -> String;
    #[extension_point(pipeline)]
    fn edit(&self, list: &mut Vec<&str>, cx: &mut Ctx<'_>);
    fn named<'x>(&self, cx: &mut Ctx<'x>, word: &'x str, data: &Data<'x>);
}

struct Plugin;

implement! {
    #[extension]
    impl Specs for Plugin {
        fn one(&self, id: &str, cx: &mut Ctx<'_>) -> usize {
            cx.see();
            id.len()
        }
        fn two(&self, data: Data<'_>, a: &mut Ctx<'_>) -> Result<usize, String> {
            a.see();
            Ok(data.0.len())
        }
        fn owned(self: &Arc<Self>, text: Cow<'_, str>, data: Data<'_>) -> String {
            format!("{}{text}", data.0)
        }
        fn first(&self, cx: &mut Ctx<'_>, sink: &mut dyn Sink) -> Option<String> {
            sink.put(cx.text);
            None
        }
        fn thread(&self, code: String, cx: &mut Ctx<'_>) -> String {
            format!("{code}+{}", cx.text)
        }
        fn edit(&self, list: &mut Vec<&str>) {
            list.pop();
        }
        fn named<'x>(&self, cx: &mut Ctx<'x>, word: &'x str, data: &Data<'x>) {
            cx.seen.push(word);
            cx.seen.push(data.0);
        }
    }
}

struct Adds(usize);

struct Wraps;

implement! {
    #[extension(wrapper)]
    impl Specs for Wraps {
        fn one(&self, id: &str, cx: &mut Ctx<'_>, next: Next<'_>) -> Vec<usize> {
            cx.see();
            let mut inner = Ctx::new(id);
            let mut lengths = awaited!(next.run("inner", &mut inner));
            lengths.push(inner.seen.len());
            lengths
        }
        fn owned(&self, next: Next<'_>) -> Vec<String> {
            let mut all = awaited!(next.run());
            all.push("wrapped".to_owned());
            all
        }
        #[extension(when = wants_a)]
        fn thread(&self, code: String, cx: &mut Ctx<'_>, next: Next<'_>) -> String {
            format!("({})", awaited!(next.run(code, cx)))
        }
    }
}

fn wants_a(_: &Wraps, code: &str, cx: &Ctx<'_>) -> bool {
    code == "a" && cx.seen.is_empty()
}

fn manager() -> Manager {
    let pm = Manager::new("lifetimes");
    pm.add_extension_points(Specs).unwrap();
    pm
}

#[test]
fn methods_get_arguments_with_lifetimes_within_types() {
    let pm = manager();
    pm.register(Plugin).unwrap();
    pm.register_as("again", Plugin).unwrap();
    let outer = String::from("outer");
    let mut cx = Ctx::new(&outer);
    {
        let id = String::from("short");
        assert_eq!(wait!(pm.caller(Specs::one).call(&id, &mut cx)), [5, 5]);
        assert_eq!(wait!(pm.caller(Specs::two).call(&mut cx, Data(&id))), Ok(vec![5, 5]));
        assert_eq!(wait!(pm.caller(Specs::two).try_call(&mut cx, Data(&id))).unwrap(), [5, 5]);
        assert_eq!(wait!(pm.caller(Specs::two).settle(&mut cx, Data(&id))).len(), 2);
        assert_eq!(lazily!(pm.caller(Specs::two), &mut cx, Data(&id)).count(), 2);
        assert_eq!(wait!(pm.caller(Specs::owned).call(Data(&id), Cow::Borrowed("!"))), ["short!", "short!"]);
        assert_eq!(wait!(pm.caller(Specs::thread).call("a".to_owned(), &mut cx)), "a+outer+outer");
        assert_eq!(wait!(pm.caller(Specs::thread).settle("a".to_owned(), &mut cx)).value, "a+outer+outer");
        let mut list = vec![&*id, "x", "y"];
        wait!(pm.caller(Specs::edit).call(&mut list, &mut cx));
        assert_eq!(list, ["short"]);
        let mut words: Vec<String> = Vec::new();
        assert_eq!(wait!(pm.caller(Specs::first).call(&mut cx, &mut words)), None);
        assert_eq!(words, ["outer", "outer"]);
    }
    wait!(pm.caller(Specs::named).call(&mut cx, "word", &Data("data")));
    assert_eq!(cx.seen.len(), 14);
    assert_eq!(cx.seen[10..], ["word", "data", "word", "data"]);
}

#[test]
fn wrappers_run_around_arguments_with_lifetimes_within_types() {
    let pm = manager();
    pm.register(Plugin).unwrap();
    pm.register(Wraps).unwrap();
    let mut cx = Ctx::new("outer");
    assert_eq!(wait!(pm.caller(Specs::one).call("id", &mut cx)), [5, 1]);
    assert_eq!(cx.seen, ["outer"]);
    assert_eq!(wait!(pm.caller(Specs::owned).call(Data("a"), Cow::Owned("b".to_owned()))), ["ab", "wrapped"]);
    assert_eq!(wait!(pm.caller(Specs::thread).call("a".to_owned(), &mut Ctx::new("x"))), "(a+x)");
    assert_eq!(wait!(pm.caller(Specs::thread).call("a".to_owned(), &mut cx)), "a+outer");
    assert_eq!(wait!(pm.caller(Specs::thread).call("b".to_owned(), &mut Ctx::new("x"))), "b+x");
}

#[test]
fn closures_need_no_types_for_lifetimes_within_types() {
    let pm = manager();
    pm.register_fn("function", Specs::one, |args| {
        args.cx.see();
        args.id.len()
    })
    .unwrap();
    pm.register_fn("named", Specs::named, |args| args.cx.seen.push(args.word)).unwrap();
    let builder = PluginBuilder::new(Adds(3));
    let builder = adding!(builder, Specs::one, Options::new(), |this, args| {
        args.cx.see();
        this.0 + args.id.len()
    });
    let builder = adding!(
        builder,
        Specs::two,
        Options::new(),
        |this, args| Ok(this.0 + args.data.0.len()),
        |this, args| args.a.text.len() == this.0
    );
    let builder = adding!(builder, Specs::one, Options::new(), |this, args, next| {
        let mut all = awaited!(next.run(args.id, args.cx));
        all.push(this.0);
        all
    });
    wait!(enter(&pm, builder)).unwrap();
    let mut cx = Ctx::new("cx");
    assert_eq!(wait!(pm.caller(Specs::one).call("id", &mut cx)), [2, 5, 3]);
    assert_eq!(cx.seen, ["cx", "cx"]);
    assert_eq!(wait!(pm.caller(Specs::two).call(&mut cx, Data("1234"))), Ok(vec![]));
    assert_eq!(wait!(pm.caller(Specs::two).call(&mut Ctx::new("abc"), Data("1234"))), Ok(vec![7]));
    let extra = pm.caller(Specs::one).extra(|args| args.cx.text.len() * 10);
    assert_eq!(wait!(extra.call("id", &mut cx)), [2, 5, 20, 3]);
    wait!(pm.caller(Specs::named).call(&mut cx, "word", &Data("data")));
    assert_eq!(cx.seen.last(), Some(&"word"));
}

/// Invariant, with a parameter beside its lifetime.
struct Cells<'x, T> {
    last: &'x Mutex<Vec<&'x T>>,
}

impl<'x, T> Cells<'x, T> {
    fn keep(&self, value: &'x T) {
        self.last.lock().unwrap().push(value);
    }
}

/// Two lifetimes in one type, of which one outlives the other.
struct Walk<'x, 'y> {
    inner: &'x mut Ctx<'y>,
}

#[extension_point]
trait Invariant {
    fn keep<'x>(&self, cells: &Cells<'x, String>, value: &'x String) -> usize;
    fn both(&self, cells: &mut Cells<'_, u8>, other: &mut Cells<'_, String>, count: usize) -> usize;
    #[extension_point(firstresult)]
    fn first<'x>(&self, cells: Cells2<'x>, value: &'x String) -> Option<usize>;
    fn walk(&self, walk: &mut Walk<'_, '_>, word: &str);
    fn apply(&self, visit: &(dyn for<'x> Fn(&'x str) -> &'x str + Sync), cx: &mut Ctx<'_>) -> usize;
    #[extension_point(pipeline)]
    fn borrowed<'x>(&self, data: Data<'x>, cx: &mut Ctx<'_>) -> Data<'x>;
}

type Cells2<'x> = &'x Cells<'x, String>;

struct Keeper;

implement! {
    #[extension]
    impl Invariant for Keeper {
        fn keep<'x>(&self, cells: &Cells<'x, String>, value: &'x String) -> usize {
            cells.keep(value);
            value.len()
        }
        fn both(&self, count: usize, other: &mut Cells<'_, String>, cells: &mut Cells<'_, u8>) -> usize {
            count + cells.last.lock().unwrap().len() + other.last.lock().unwrap().len()
        }
        fn first<'x>(&self, cells: Cells2<'x>, value: &'x String) -> Option<usize> {
            cells.keep(value);
            Some(cells.last.lock().unwrap().len())
        }
        fn walk(&self, walk: &mut Walk<'_, '_>, word: &str) {
            if walk.inner.text == word {
                walk.inner.see();
            }
        }
        fn apply(&self, cx: &mut Ctx<'_>, visit: &(dyn for<'x> Fn(&'x str) -> &'x str + Sync)) -> usize {
            visit(cx.text).len()
        }
        fn borrowed<'x>(&self, data: Data<'x>, cx: &mut Ctx<'_>) -> Data<'x> {
            cx.see();
            Data(&data.0[1..])
        }
    }
}

#[test]
fn invariant_types_with_parameters_keep_their_lifetime() {
    let pm = Manager::new("lifetimes");
    pm.add_extension_points(Invariant).unwrap();
    pm.register(Keeper).unwrap();
    pm.register_as("again", Keeper).unwrap();
    let word = String::from("word");
    let kept = Mutex::new(Vec::new());
    let cells = Cells { last: &kept };
    assert_eq!(wait!(pm.caller(Invariant::keep).call(&cells, &word)), [4, 4]);
    assert_eq!(wait!(pm.caller(Invariant::first).call(&cells, &word)), Some(3));
    let numbers = Mutex::new(vec![&1]);
    let (mut numbers, mut words) = (Cells { last: &numbers }, Cells { last: &kept });
    assert_eq!(wait!(pm.caller(Invariant::both).call(&mut numbers, &mut words, 10)), [14, 14]);
    assert_eq!(*kept.lock().unwrap(), [&word, &word, &word]);
}

#[test]
fn lifetimes_that_outlive_each_other_and_bound_ones_reach_extensions() {
    let pm = Manager::new("lifetimes");
    pm.add_extension_points(Invariant).unwrap();
    pm.register(Keeper).unwrap();
    pm.register_as("again", Keeper).unwrap();
    let mut cx = Ctx::new("word");
    wait!(pm.caller(Invariant::walk).call(&mut Walk { inner: &mut cx }, "word"));
    assert_eq!(cx.seen, ["word", "word"]);
    assert_eq!(wait!(pm.caller(Invariant::apply).call(&|word| &word[1..], &mut cx)), [3, 3]);
    let text = String::from("text");
    assert_eq!(wait!(pm.caller(Invariant::borrowed).call(Data(&text), &mut cx)).0, "xt");
    assert_eq!(cx.seen.len(), 4);
}

#[extension_point]
trait Remembered {
    #[extension_point(historic)]
    fn note(&self, word: &str, list: &[u8], more: Option<&str>, owned: String) -> Result<String, String>;
}

struct Notes;

implement! {
    #[extension]
    impl Remembered for Notes {
        #[extension(when = is_wanted)]
        fn note(&self, word: &str, list: &[u8], more: Option<&str>, owned: String) -> Result<String, String> {
            Ok(format!("{word}{}{}{owned}", list.len(), more.unwrap_or("-")))
        }
    }
}

fn is_wanted(_: &Notes, word: &str, _: &[u8], _: Option<&str>, _: &str) -> bool {
    word != "unwanted"
}

#[test]
fn historic_calls_remember_borrowed_arguments() {
    let pm = Manager::new("lifetimes");
    pm.add_extension_points(Remembered).unwrap();
    pm.register(Notes).unwrap();
    let told = Arc::new(Mutex::new(Vec::new()));
    {
        let (word, list, more) = (String::from("word"), vec![1, 2], String::from("more"));
        let caller = pm.caller(Remembered::note);
        let sink = Arc::clone(&told);
        let put = move |value| sink.lock().unwrap().push(value);
        let made = wait!(caller.call_historic_with(&word, &list, Some(&more), "owned".to_owned(), put));
        assert_eq!(made, Ok(()));
        assert_eq!(wait!(caller.call_historic("unwanted", &list, None, String::new())), Ok(vec![]));
        let made = wait!(caller.try_call_historic(&word, &[], None, String::new()));
        assert_eq!(made.unwrap(), ["word0-"]);
    }
    assert_eq!(*told.lock().unwrap(), ["word2moreowned"]);
    wait!(enter(&pm, PluginBuilder::new(Notes).named("later"))).unwrap();
    assert_eq!(*told.lock().unwrap(), ["word2moreowned", "word2moreowned"]);
}
