//! Names that generated code might use itself.

use pluginkit::prelude::*;

/// Types called like type parameters and like generated types.
#[allow(non_camel_case_types, dead_code, reason = "they are called like generated ones")]
mod types {
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub(super) struct T(pub(super) u8);
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub(super) struct F(pub(super) u8);
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub(super) struct N;
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub(super) struct R;
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub(super) struct Args(pub(super) u8);
    pub(super) struct __FetchNext;
    pub(super) struct __Pipe;
    pub(super) struct __CHECK;
}

use types::{Args, F, N, R, T};

#[allow(dead_code, reason = "they are in the way of generated ones")]
#[allow(non_camel_case_types, non_upper_case_globals, reason = "they are called like generated ones")]
mod decoys {
    pub(super) struct __Fetch;
    pub(super) struct __FetchArgs;
    pub(super) struct __FetchCalls;
    pub(super) struct __FetchExtension;
    pub(super) struct __Plugin;
    pub(super) struct __Specs;
    pub(super) struct __Shape;
    pub(super) const __CHECKS: u8 = 0;
}

#[allow(unused_imports, reason = "they are in the way of generated ones")]
use decoys::*;

#[extension_point]
trait Specs {
    fn fetch(&self, topic: &str) -> String;

    #[extension_point(pipeline)]
    fn pipe(&self, t: T, f: &F, n: N) -> T;

    fn list(&self, args: Args, r: R) -> Option<F>;

    fn longest<'a, 'b, 'c, 'd, 'e, 'f>(
        &self,
        a: &'a str,
        b: &'b str,
        c: Option<&'c str>,
        d: &'d [&'e str],
        f: &'f mut Vec<&'a str>,
    ) -> Vec<&'a str>;

    fn n<'n, 'w, 'x>(&self, n: &'n str, w: &'w mut Vec<&'x str>) -> Option<&'n str>;
}

/// Points called like methods of generated types.
#[extension_point]
trait Points {
    fn new(&self) -> u8;
    fn call(&self, call: u8) -> u8;
    fn clone(&self) -> u8;
    fn declare(&self) -> u8;
    fn accepts(&self) -> u8;
    fn wrap(&self) -> u8;
    fn run(&self) -> u8;
    fn bind(&self) -> u8;
    fn extend(&self) -> u8;
    fn handle(&self) -> u8;
    #[allow(non_snake_case, reason = "it is called like a generated constant")]
    fn NAME(&self) -> u8;
    fn fetch_all(&self) -> u8;
    #[allow(non_snake_case, reason = "its generated types would be called like those before")]
    fn fetchAll(&self) -> u8;
}

/// Arguments called like locals of generated code.
#[extension_point]
trait Arguments {
    #[allow(clippy::too_many_arguments, reason = "as many names as there are")]
    fn all(
        &self,
        next: u8,
        visit: String,
        value: &mut Vec<u8>,
        chain: &str,
        extension: u8,
        extensions: u8,
        args: u8,
        this: &u8,
        rest: String,
        error: u8,
        event: &[u8],
        wrapper: u8,
    ) -> Result<u8, String>;

    #[extension_point(pipeline = "value")]
    fn thread(&self, extension: u8, visit: String, value: Vec<u8>, call: u8) -> Option<Vec<u8>>;

    #[extension_point(historic)]
    fn remember(
        &self,
        event: &str,
        sink: u8,
        results: Option<&str>,
        error: String,
        text: &[u8],
    ) -> Result<u8, String>;

    #[extension_point(firstresult)]
    fn first(&self, when: u8, step: &mut u8, parts: String, slot: Option<u8>, points: u8) -> Option<u8>;
}

struct Weather;

#[extension]
impl Specs for Weather {
    fn fetch(&self, topic: &str) -> String {
        topic.to_owned()
    }

    fn pipe(&self, t: T, f: &F) -> T {
        T(t.0 + f.0)
    }

    fn list(&self, args: Args) -> Option<F> {
        Some(F(args.0))
    }

    fn longest<'a>(&self, a: &'a str, f: &mut Vec<&'a str>) -> Vec<&'a str> {
        f.push(a);
        f.clone()
    }

    #[extension(wrapper)]
    fn n<'n>(&self, n: &'n str, w: &mut Vec<&str>, next: Next<'_>) -> Vec<&'n str> {
        let mut all = next.run(n, w);
        all.push(n);
        all
    }
}

#[extension]
impl Points for Weather {
    fn new(&self) -> u8 {
        1
    }

    fn call(&self, call: u8) -> u8 {
        call
    }

    fn clone(&self) -> u8 {
        2
    }

    #[extension(wrapper, target = "run")]
    fn run(&self, next: Next<'_>) -> Vec<u8> {
        next.run()
    }

    #[extension(target = "fetchAll")]
    fn all(&self) -> u8 {
        3
    }
}

#[extension]
impl Arguments for Weather {
    #[extension(target = "all")]
    fn sum(&self, next: u8, this: &u8, args: u8, event: &[u8], value: &mut Vec<u8>) -> Result<u8, String> {
        value.push(0);
        Ok(next + *this + args + event[0])
    }

    fn thread(&self, value: Vec<u8>, extension: u8) -> Option<Vec<u8>> {
        Some([value, vec![extension]].concat())
    }

    fn remember(&self, event: &str, sink: u8, error: String) -> Result<u8, String> {
        if sink > 0 { Ok(sink) } else { Err(format!("{event}{error}")) }
    }

    #[extension(when = is_odd(when), target = "first")]
    fn first_odd(&self, step: &mut u8, slot: Option<u8>) -> Option<u8> {
        *step += 1;
        slot
    }

    #[extension(wrapper, target = "first")]
    fn around(
        &self,
        when: u8,
        step: &mut u8,
        parts: String,
        slot: Option<u8>,
        points: u8,
        this: Next<'_>,
    ) -> Option<u8> {
        this.run(when, step, parts, slot, points)
    }
}

const fn is_odd(_: &Weather, when: u8) -> bool {
    when % 2 == 1
}

#[test]
fn names_of_generated_code_may_be_taken() {
    let pm = PluginManager::new("feed");
    pm.add_extension_points(Specs).unwrap();
    pm.add_extension_points(Points).unwrap();
    pm.add_extension_points(Arguments).unwrap();
    pm.register(Weather).unwrap();
    assert_eq!(pm.caller(Specs::fetch).call("harbor"), ["harbor"]);
    assert_eq!(pm.caller(Specs::pipe).call(T(1), &F(2), N), T(3));
    assert_eq!(pm.caller(Specs::list).call(Args(4), R), [F(4)]);
    assert_eq!(pm.caller(Specs::longest).call("a", "b", None, &[], &mut vec!["f"]), [["f", "a"]]);
    assert_eq!(pm.caller(Specs::n).call("n", &mut Vec::new()), ["n"]);
}

#[test]
fn points_may_be_called_like_methods_of_generated_types() {
    let pm = PluginManager::new("feed");
    pm.add_extension_points(Points).unwrap();
    pm.add_extension_points(Specs).unwrap();
    pm.add_extension_points(Arguments).unwrap();
    pm.register(Weather).unwrap();
    assert_eq!(pm.caller(Points::new).call(), [1]);
    assert_eq!(pm.caller(Points::call).call(9), [9]);
    assert_eq!(pm.caller(Points::clone).call(), [2]);
    assert!(pm.caller(Points::run).call().is_empty());
    assert!(pm.caller(Points::fetch_all).call().is_empty());
    assert_eq!(pm.caller(Points::fetchAll).call(), [3]);
}

#[test]
fn arguments_may_be_called_like_locals_of_generated_code() {
    let pm = PluginManager::new("feed");
    pm.add_extension_points(Arguments).unwrap();
    pm.add_extension_points(Specs).unwrap();
    pm.add_extension_points(Points).unwrap();
    pm.register(Weather).unwrap();
    let mut value = Vec::new();
    let all = pm.caller(Arguments::all);
    let sum = all.call(1, String::new(), &mut value, "", 0, 0, 2, &3, String::new(), 0, &[4], 0);
    assert_eq!((sum, value), (Ok(vec![10]), vec![0]));
    assert_eq!(pm.caller(Arguments::thread).call(5, String::new(), vec![4], 0), [4, 5]);
    let remember = pm.caller(Arguments::remember);
    assert_eq!(remember.call_historic("a", 1, None, String::new(), &[]), Ok(vec![1]));
    assert_eq!(remember.call_historic("a", 0, None, "b".to_owned(), &[]), Err("ab".to_owned()));
    let mut step = 0;
    let first = pm.caller(Arguments::first);
    assert_eq!(first.call(1, &mut step, String::new(), Some(7), 0), Some(7));
    assert_eq!(first.call(2, &mut step, String::new(), Some(7), 0), None);
    assert_eq!(step, 1);
}

/// Points called like type parameters and like parts of generated names.
mod points {
    use pluginkit::prelude::*;

    #[extension_point]
    trait Letters {
        fn f(&self, t: u8) -> u8;
        fn t(&self, f: u8) -> u8;
        fn point(&self, args: u8) -> u8;
        fn args(&self, when: u8, next: u8) -> u8;
        fn calls(&self, call: u8, this: u8, handle: u8) -> u8;
    }

    struct Plugin;

    #[extension]
    impl Letters for Plugin {
        fn f(&self, t: u8) -> u8 {
            t
        }
        fn t(&self, f: u8) -> u8 {
            f + 1
        }
        fn point(&self, args: u8) -> u8 {
            args + 2
        }
        fn args(&self, when: u8, next: u8) -> u8 {
            when + next
        }
        fn calls(&self, call: u8, this: u8, handle: u8) -> u8 {
            call + this + handle
        }
        #[extension(wrapper, target = "args")]
        fn around(&self, when: u8, next: u8, rest: Next<'_>) -> Vec<u8> {
            rest.run(when, next)
        }
    }

    #[test]
    fn points_may_be_called_like_parts_of_generated_names() {
        let pm = PluginManager::new("letters");
        pm.add_extension_points(Letters).unwrap();
        pm.register(Plugin).unwrap();
        let outcomes = [
            pm.caller(Letters::f).call(1),
            pm.caller(Letters::t).call(1),
            pm.caller(Letters::point).call(1),
            pm.caller(Letters::args).call(2, 2),
            pm.caller(Letters::calls).call(1, 2, 2),
        ];
        assert_eq!(outcomes.concat(), [1, 2, 3, 4, 5]);
    }
}
