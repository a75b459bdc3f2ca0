//! The arguments that a point can take, and how extensions ask for them.

use std::fmt::Display;
use std::rc::Rc;
use std::sync::Arc;

use pluginkit::prelude::*;

use super::kind::{Manager, implement, wait};

struct Ctx<'x> {
    lines: &'x mut Vec<String>,
}

struct Three<'a, 'b, 'c>(&'a mut Vec<u32>, &'b mut Vec<u32>, &'c mut Vec<u32>);

#[derive(Clone)]
struct Data<'a>(&'a str);

#[extension_point]
trait Specs {
    fn reference(&self, list: &Vec<u32>) -> usize;
    fn slice(&self, list: &[u32]) -> usize;
    fn object(&self, shown: &dyn Display) -> String;
    fn optional(&self, shown: Option<&str>) -> bool;
    fn slot(&self, slot: &mut Option<&mut String>);
    fn context(&self, cx: &mut Ctx<'_>);
    fn contexts(&self, a: &mut Ctx<'_>, b: &mut Ctx<'_>, slot: &mut Option<&mut String>) -> usize;
    fn three(&self, all: &mut Three<'_, '_, '_>, more: &mut Ctx<'_>);
    fn boxes(&self, routes: &mut Vec<Box<dyn Fn(u32) -> u32>>);
    fn cloned(&self, words: Vec<String>) -> usize;
    fn carrying(&self, data: Data<'_>) -> String;
    fn named<'a, 'b>(&self, a: &'a str, b: &'b str) -> (&'a str, &'b str);
    fn not_send(&self, shared: Rc<u32>, cell: &std::cell::Cell<u32>);
    fn callback(&self, f: &mut dyn FnMut(&str) -> usize) -> usize;
    fn pointer(&self, f: fn(&str) -> &str) -> String;
    fn many(
        &self,
        a: u8,
        b: &str,
        c: &mut u32,
        d: Option<&str>,
        e: String,
        f: &[u8],
        g: char,
        h: f64,
    ) -> String;
    fn nothing(&self) -> u8;
}

fn manager() -> Manager {
    let pm = Manager::new("arguments");
    pm.add_extension_points(Specs).unwrap();
    pm
}

struct Plugin;

implement! {
    #[extension]
    impl Specs for Plugin {
        fn reference(&self, list: &Vec<u32>) -> usize {
            list.capacity().min(list.len())
        }
        fn slice(list: &[u32]) -> usize {
            list.len()
        }
        fn optional(&self, shown: Option<&str>) -> bool {
            shown.is_some()
        }
        fn slot(&self, slot: &mut Option<&mut String>) {
            if let Some(text) = slot {
                text.push('!');
            }
        }
        fn context(&self, cx: &mut Ctx<'_>) {
            cx.lines.push("context".into());
        }
        fn contexts(&self, b: &mut Ctx<'_>, slot: &mut Option<&mut String>) -> usize {
            b.lines.push("b".into());
            slot.as_mut().map_or(0, |text| text.len())
        }
        fn three(&self, more: &mut Ctx<'_>, all: &mut Three<'_, '_, '_>) {
            all.0.push(1);
            all.1.push(2);
            all.2.push(3);
            more.lines.push(format!("{}", all.0.len()));
        }
        fn cloned(&self, mut words: Vec<String>) -> usize {
            words.push(String::new());
            words.len()
        }
        fn carrying(&self, data: Data<'_>) -> String {
            data.0.to_owned()
        }
        fn named<'a, 'b>(&self, a: &'a str, b: &'b str) -> (&'a str, &'b str) {
            (&a[1..], &b[1..])
        }
        fn pointer(&self, f: fn(&str) -> &str) -> String {
            f(" x ").to_owned()
        }
        fn many(&self, h: f64, g: char, c: &mut u32, a: u8, e: String) -> String {
            *c += 1;
            format!("{a}{e}{g}{h}")
        }
        fn nothing() -> u8 {
            9
        }
    }
}

// What cannot be sent between threads is for a `fn` only.
#[extension]
impl Specs for Plugin {
    fn object(&self, shown: &dyn Display) -> String {
        shown.to_string()
    }
    fn boxes(&self, routes: &mut Vec<Box<dyn Fn(u32) -> u32>>) {
        routes.push(Box::new(|n| n + 1));
    }
    fn not_send(&self, shared: Rc<u32>, cell: &std::cell::Cell<u32>) {
        cell.set(cell.get() + *shared);
    }
    fn callback(&self, f: &mut dyn FnMut(&str) -> usize) -> usize {
        f("four")
    }
}

#[test]
fn every_shape_of_argument_reaches_extensions() {
    let pm = manager();
    pm.register(Plugin).unwrap();
    pm.register_as("again", Plugin).unwrap();
    assert_eq!(wait!(pm.caller(Specs::reference).call(&vec![1, 2])), [2, 2]);
    assert_eq!(wait!(pm.caller(Specs::slice).call(&[1, 2, 3])), [3, 3]);
    assert_eq!(wait!(pm.caller(Specs::object).call(&7)), ["7", "7"]);
    assert_eq!(wait!(pm.caller(Specs::optional).call(None)), [false, false]);
    let mut text = String::new();
    wait!(pm.caller(Specs::slot).call(&mut Some(&mut text)));
    wait!(pm.caller(Specs::slot).call(&mut None));
    assert_eq!(text, "!!");
    let mut lines = Vec::new();
    wait!(pm.caller(Specs::context).call(&mut Ctx { lines: &mut lines }));
    assert_eq!(lines, ["context", "context"]);
    let mut routes: Vec<Box<dyn Fn(u32) -> u32>> = Vec::new();
    wait!(pm.caller(Specs::boxes).call(&mut routes));
    assert_eq!(routes.iter().map(|route| route(1)).collect::<Vec<_>>(), [2, 2]);
    assert_eq!(wait!(pm.caller(Specs::cloned).call(vec!["x".into()])), [2, 2]);
    let local = String::from("local");
    assert_eq!(wait!(pm.caller(Specs::carrying).call(Data(&local))), ["local", "local"]);
    let cell = std::cell::Cell::new(1);
    wait!(pm.caller(Specs::not_send).call(Rc::new(2), &cell));
    assert_eq!(cell.get(), 5);
    let mut total = 0;
    let lengths = wait!(pm.caller(Specs::callback).call(&mut |text| {
        total += text.len();
        total
    }));
    assert_eq!((lengths, total), (vec![4, 8], 8));
    assert_eq!(wait!(pm.caller(Specs::pointer).call(str::trim)), ["x", "x"]);
    let mut c = 0;
    let many = wait!(pm.caller(Specs::many).call(1, "b", &mut c, None, "e".into(), &[], 'g', 0.5));
    assert_eq!((many, c), (vec!["1eg0.5".to_owned(); 2], 2));
    assert_eq!(wait!(pm.caller(Specs::nothing).call()), [9, 9]);
}

#[test]
fn contexts_of_different_lifetimes_go_into_one_call() {
    let pm = manager();
    pm.register(Plugin).unwrap();
    let mut text = String::from("four");
    let mut outer = Vec::new();
    {
        let mut a = Ctx { lines: &mut outer };
        let mut slot = Some(&mut text);
        for expected in 1..=2 {
            let mut inner = Vec::new();
            let mut b = Ctx { lines: &mut inner };
            assert_eq!(wait!(pm.caller(Specs::contexts).call(&mut a, &mut b, &mut slot)), [4]);
            assert_eq!(inner.len(), 1, "{expected}");
        }
        slot.as_mut().unwrap().push('!');
    }
    let (mut x, mut y, mut z) = (vec![], vec![], vec![]);
    {
        let mut all = Three(&mut x, &mut y, &mut z);
        wait!(pm.caller(Specs::three).call(&mut all, &mut Ctx { lines: &mut outer }));
    }
    assert_eq!((x, y, z, outer), (vec![1], vec![2], vec![3], vec!["1".to_owned()]));
    assert_eq!(text, "four!");
}

#[test]
fn an_outcome_borrows_from_the_arguments_it_names_only() {
    let pm = manager();
    pm.register(Plugin).unwrap();
    let a = String::from("xa");
    let first;
    {
        let b = String::from("xb");
        let outcome = wait!(pm.caller(Specs::named).call(&a, &b));
        assert_eq!(outcome, [("a", "b")]);
        first = outcome[0].0;
    }
    assert_eq!(first, "a");
}

#[test]
fn an_owned_argument_is_cloned_for_all_but_the_last() {
    #[derive(Debug)]
    struct Counted(Arc<()>);
    impl Clone for Counted {
        fn clone(&self) -> Self {
            Self(Arc::clone(&self.0))
        }
    }

    #[extension_point]
    trait Counting {
        fn count(&self, counted: Counted) -> usize;
    }

    let pm = Manager::new("counting");
    pm.add_extension_points(Counting).unwrap();
    for name in ["a", "b", "c"] {
        pm.register_fn(name, Counting::count, |args| Arc::strong_count(&args.counted.0)).unwrap();
    }
    // The value itself and one clone while the first two run, the value alone for the last.
    assert_eq!(wait!(pm.caller(Counting::count).call(Counted(Arc::new(())))), [2, 2, 1]);
}
