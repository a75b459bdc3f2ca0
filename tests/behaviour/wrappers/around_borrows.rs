//! `call_around` of points whose results borrow, or whose types have several lifetimes, under all kinds of manager.

use std::ops::ControlFlow;

use pluginkit::points::ImplementationInfo;
use pluginkit::prelude::*;
use pluginkit::reduce::Reduce;
use pluginkit::{CallError, LocalPluginManager, Options, PluginBuilder};
use pluginkit_tests::{block_on, on_async, on_sync, panic_of, pending};

struct Ctx<'x> {
    words: Vec<&'x str>,
}

struct Walker<'a, 'b> {
    names: &'a mut Vec<&'b str>,
}

/// Not `Clone`.
#[derive(Debug, PartialEq)]
struct Part<'a>(&'a str);

struct Longest<'a>(&'a str);

impl<'a> Reduce for Longest<'a> {
    type Item = &'a str;
    type Output = &'a str;

    fn start() -> Self {
        Self("")
    }
    fn take(&mut self, item: &'a str) -> ControlFlow<()> {
        if item.len() > self.0.len() {
            self.0 = item;
        }
        ControlFlow::Continue(())
    }
    fn finish(self) -> &'a str {
        self.0
    }
}

#[extension_point]
trait Specs {
    fn pick<'a>(&self, from: &'a str, at: usize) -> &'a str;
    fn parse<'a>(&self, from: &'a str) -> Result<Option<&'a str>, String>;
    #[extension_point(firstresult)]
    fn find<'a>(&self, from: &'a [String], key: &str) -> Option<&'a str>;
    #[extension_point(pipeline)]
    fn trim(&self, text: &str) -> &str;
    #[extension_point(firstresult)]
    fn split<'a>(&self, part: Part<'a>) -> ControlFlow<&'a str, Part<'a>>;
    #[extension_point(reduce = Longest<'a>)]
    fn longest<'a>(&self, from: &'a str) -> &'a str;
    fn walk(&self, walker: &mut Walker<'_, '_>);
    fn three(&self, a: &Ctx<'_>, b: &Ctx<'_>, c: &mut Ctx<'_>) -> usize;
    fn hand_on<'a, 'b: 'a>(&self, to: &mut Ctx<'a>, from: &Ctx<'b>);
    fn visit(&self, visit: &(dyn for<'x> Fn(&'x str) -> usize + Send + Sync)) -> usize;
}

/// A plugin that wraps every point.
macro_rules! wraps {
    ($kind:ident, $name:ident) => {
        struct $name;

        $kind::implement! {
            #[extension(wrapper)]
            impl Specs for $name {
                fn pick<'a>(&self, from: &'a str, at: usize, next: Next<'_>) -> Vec<&'a str> {
                    let mut picked = $kind::awaited!(next.clone().run(from, at));
                    picked.extend($kind::awaited!(next.run(&from[1..], at)));
                    picked
                }
                fn parse<'a>(&self, next: Next<'_>) -> Result<Vec<&'a str>, String> {
                    $kind::awaited!(next.run())
                }
                fn find<'a>(&self, from: &'a [String], key: &str, next: Next<'_>) -> Option<&'a str> {
                    $kind::awaited!(next.run(&from[1..], key))
                }
                fn trim(&self, text: &str, next: Next<'_>) -> &str {
                    $kind::awaited!(next.run(text.trim()))
                }
                fn split<'a>(&self, part: Part<'a>, next: Next<'_>) -> ControlFlow<&'a str, Part<'a>> {
                    $kind::awaited!(next.run(Part(part.0.trim())))
                }
                fn longest<'a>(&self, from: &'a str, next: Next<'_>) -> &'a str {
                    $kind::awaited!(next.run(from)).trim()
                }
                fn walk(&self, walker: &mut Walker<'_, '_>, next: Next<'_>) {
                    walker.names.push("wrapper");
                    $kind::awaited!(next.run(walker))
                }
                fn three(&self, next: Next<'_>) -> Vec<usize> {
                    $kind::awaited!(next.run())
                }
                fn hand_on<'a, 'b: 'a>(&self, to: &mut Ctx<'a>, from: &Ctx<'b>, next: Next<'_>) {
                    to.words.push(from.words[0]);
                    $kind::awaited!(next.run(to, from))
                }
                fn visit(&self, next: Next<'_>) -> Vec<usize> {
                    $kind::awaited!(next.run())
                }
            }
        }
    };
}

wraps!(on_sync, Wraps);
wraps!(on_async, AsyncWraps);

/// Tests the calls of a manager that is not async.
macro_rules! called_directly {
    ($pm:expr) => {
        let (pm, mut runs) = ($pm, 0);
        pm.add_extension_points(Specs).unwrap();
        pm.register(Wraps).unwrap();
        let text = String::from(" harbor ");
        let picked = pm.caller(Specs::pick).call_around(&text, 2, |args| {
            runs += 1;
            vec![&args.from[args.at..]]
        });
        assert_eq!((picked, runs), (vec!["arbor ", "rbor "], 2));
        let names = ["a".to_owned(), "b".to_owned()];
        let found = pm.caller(Specs::find).try_call_around(&names, "b", |args| {
            args.from.iter().find(|name| *name == args.key).map(String::as_str)
        });
        assert_eq!(found.unwrap(), Some("b"));
        assert_eq!(pm.caller(Specs::trim).call_around(&text, |args| &args.text[1..]), "arbor");
        let split = pm.caller(Specs::split);
        assert_eq!(split.call_around(Part(&text), |args| ControlFlow::Continue(args.part)), ControlFlow::Continue(Part("harbor")));
        assert_eq!(split.call_around(Part(&text), |args| ControlFlow::Break(args.part.0)), ControlFlow::Break("harbor"));
        assert_eq!(pm.caller(Specs::longest).call_around(&text, |args| args.from), "harbor");
        let mut names = Vec::new();
        pm.caller(Specs::walk).call_around(&mut Walker { names: &mut names }, |args| args.walker.names.push("host"));
        assert_eq!(names, ["wrapper", "host"]);
        let (a, b) = (Ctx { words: vec!["a"] }, Ctx { words: vec!["b"] });
        let mut c = Ctx { words: Vec::new() };
        assert_eq!(pm.caller(Specs::three).call_around(&a, &b, &mut c, |args| vec![args.a.words.len() + args.c.words.len()]), [1]);
        pm.caller(Specs::hand_on).call_around(&mut c, &a, |args| args.to.words.push("host"));
        assert_eq!(c.words, ["a", "host"]);
        assert_eq!(pm.caller(Specs::visit).call_around(&|word| word.len(), |args| vec![(args.visit)("four")]), [4]);

        let parse = pm.caller(Specs::parse);
        assert_eq!(parse.call_around(&text, |args| Ok(vec![args.from])), Ok(vec![&*text]));
        let error = parse.try_call_around(&text, |_| Err("host".to_owned())).unwrap_err();
        assert!(matches!(&error, CallError::Failed { plugin: None, error, .. } if error == "host"), "{error}");
        let error = parse.try_call_around(&text, |_| panic!("work")).unwrap_err();
        assert!(matches!(&error, CallError::Panicked { plugin: None, .. }), "{error}");
        assert_eq!(panic_of(|| parse.call_around(&text, |_| panic!("work"))), "work");
        assert_eq!(parse.without(["Wraps"]).call_around(&text, |args| Ok(vec![args.from])), Ok(vec![&*text]));
        let wraps = |info: &ImplementationInfo| info.is_wrapper;
        assert!(parse.implementations().iter().all(wraps));
    };
}

#[test]
fn work_of_the_host_may_return_what_it_borrows_from_an_argument() {
    called_directly!(PluginManager::new("around"));
}

#[test]
fn work_of_the_host_may_return_what_it_borrows_under_a_local_manager() {
    called_directly!(LocalPluginManager::new("around"));
}

#[test]
fn async_work_of_the_host_may_return_what_it_borrows_from_an_argument() {
    fn is_send<T: Send>(value: T) -> T {
        value
    }
    let pm = AsyncPluginManager::new("around");
    pm.add_extension_points(Specs).unwrap();
    pm.register(AsyncWraps).unwrap();
    let text = String::from(" harbor ");
    let picked = is_send(pm.caller(Specs::pick).call_around(&text, 2, &1, |pends, args, slot| {
        slot.put(async move {
            pending(*pends).await;
            vec![&args.from[args.at..]]
        })
    }));
    assert_eq!(block_on(picked), ["arbor ", "rbor "]);
    let names = ["a".to_owned(), "b".to_owned()];
    let found = pm.caller(Specs::find).try_call_around(&names, "b", &(), |(), args, slot| {
        slot.put(async move { args.from.iter().find(|name| *name == args.key).map(String::as_str) })
    });
    assert_eq!(block_on(found).unwrap(), Some("b"));
    let trimmed = pm
        .caller(Specs::trim)
        .call_around(&text, &(), |(), args, slot| slot.put(async move { &args.text[1..] }));
    assert_eq!(block_on(trimmed), "arbor");
    let split = pm.caller(Specs::split).call_around(Part(&text), &(), |(), args, slot| {
        slot.put(async move { ControlFlow::Continue(args.part) })
    });
    assert_eq!(block_on(split), ControlFlow::Continue(Part("harbor")));
    let longest = pm
        .caller(Specs::longest)
        .call_around(&text, &(), |(), args, slot| slot.put(async move { args.from }));
    assert_eq!(block_on(longest), "harbor");
    let mut names = Vec::new();
    let mut walker = Walker { names: &mut names };
    block_on(pm.caller(Specs::walk).call_around(&mut walker, "host", |name, args, slot| {
        slot.put(async move {
            pending(1).await;
            let _ = name;
            args.walker.names.push("work");
        })
    }));
    assert_eq!(names, ["wrapper", "work"]);
    let (a, b) = (Ctx { words: vec!["a"] }, Ctx { words: vec!["b"] });
    let mut c = Ctx { words: Vec::new() };
    let three = pm.caller(Specs::three).call_around(&a, &b, &mut c, &2, |more, args, slot| {
        slot.put(async move { vec![args.a.words.len() + more] })
    });
    assert_eq!(block_on(three), [3]);
    block_on(
        pm.caller(Specs::hand_on).call_around(&mut c, &a, &(), |(), args, slot| {
            slot.put(async move { args.to.words.push("host") })
        }),
    );
    assert_eq!(c.words, ["a", "host"]);
    let visit = pm.caller(Specs::visit).call_around(&|word| word.len(), &(), |(), args, slot| {
        slot.put(async move { vec![(args.visit)("four")] })
    });
    assert_eq!(block_on(visit), [4]);

    let parse = pm.caller(Specs::parse);
    let failing = parse.try_call_around(&text, "host", |error, _, slot| {
        slot.put(async move {
            pending(1).await;
            Err(error.to_owned())
        })
    });
    let error = block_on(failing).unwrap_err();
    assert!(matches!(&error, CallError::Failed { plugin: None, error, .. } if error == "host"), "{error}");
    let panicking = parse.call_around(&text, &(), |(), _, slot| slot.put(async move { panic!("work") }));
    assert_eq!(panic_of(|| block_on(panicking)), "work");
}

/// The specs have parameters, and the result borrows.
#[extension_point]
trait Stores<T: Send + Sync> {
    #[extension_point(firstresult)]
    fn load<'a>(&self, from: &'a [T], at: usize) -> Option<&'a T>;
}

#[test]
fn points_of_generic_specs_run_around_work_that_borrows() {
    let pm = PluginManager::new("around");
    pm.add_extension_points(Stores::<u8>::SPECS).unwrap();
    let builder = PluginBuilder::new(()).named("next");
    let builder =
        builder.wrapper(Stores::<u8>::load, Options::new(), |_, args, next| next.run(args.from, args.at + 1));
    builder.register(&pm).unwrap();
    let load = pm.caller(Stores::<u8>::load);
    assert_eq!(load.call_around(&[1, 2], 0, |args| args.from.get(args.at)), Some(&2));
}

fn sent<F: Future + Send>(future: F) -> F {
    future
}

async fn calls_every_point(pm: &AsyncPluginManager) -> Result<Vec<String>, CallError<String>> {
    let text = String::from(" harbor ");
    let all = ["a".to_owned(), "b".to_owned()];
    let mut names = Vec::new();
    let (a, b) = (Ctx { words: vec!["a"] }, Ctx { words: vec!["b"] });
    let mut c = Ctx { words: Vec::new() };
    pm.caller(Specs::pick).call(&text, 2).await;
    pm.caller(Specs::pick).call_concurrent(&text, 2).await;
    pm.caller(Specs::parse).try_call(&text).await?;
    pm.caller(Specs::parse).try_call_concurrent(&text).await?;
    pm.caller(Specs::find).settle(&all, "b").await;
    pm.caller(Specs::trim).call(&text).await;
    let _ = pm.caller(Specs::split).call(Part(&text)).await;
    pm.caller(Specs::longest).call(&text).await;
    pm.caller(Specs::walk).call(&mut Walker { names: &mut names }).await;
    pm.caller(Specs::three).call(&a, &b, &mut c).await;
    pm.caller(Specs::hand_on).call(&mut c, &a).await;
    let _ = pm.caller(Specs::hand_on).try_call(&mut c, &a).await;
    let mut work = pm.caller(Specs::hand_on).settle(&mut c, &b).await;
    work.clear();
    let around = pm.caller(Specs::hand_on);
    around
        .call_around(&mut c, &b, &(), |(), args, slot| slot.put(async move { args.to.words.push("host") }))
        .await;
    pm.caller(Specs::visit).call(&|word| word.len()).await;
    Ok(c.words.into_iter().map(str::to_owned).collect())
}

#[test]
fn the_futures_of_calls_are_send_whatever_the_lifetimes_of_a_point() {
    let pm = AsyncPluginManager::new("around");
    pm.add_extension_points(Specs).unwrap();
    pm.register(AsyncWraps).unwrap();
    // Each call runs the wrapper, but for `settle`.
    let words = block_on(sent(calls_every_point(&pm))).unwrap();
    assert_eq!(words, ["a", "a", "b", "host"]);
}
