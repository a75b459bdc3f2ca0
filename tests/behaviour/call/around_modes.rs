//! `call_around` of points whose extensions hand an argument on, or with a reducer.

use std::ops::ControlFlow::{self, Break, Continue};

use pluginkit::Options;
use pluginkit::prelude::*;
use pluginkit::reduce::Sum;
use pluginkit_tests::block_on;

#[derive(Debug, PartialEq)]
struct Request(String);

#[extension_point]
trait Specs {
    #[extension_point(firstresult)]
    fn handle(&self, request: Request) -> ControlFlow<usize, Request>;
    #[extension_point(reduce = Sum)]
    fn weigh(&self, text: &str) -> Result<usize, String> {
        Ok(text.len())
    }
}

#[test]
fn work_of_the_host_gets_the_argument_and_returns_the_outcome() {
    let pm = PluginManager::new("around");
    pm.add_extension_points(Specs).unwrap();
    PluginBuilder::new(())
        .named("wraps")
        .wrapper(Specs::handle, Options::new(), |_, args, next| next.run(Request(args.request.0 + "w")))
        .wrapper(Specs::weigh, Options::new(), |_, args, next| next.run(args.text).map(|sum| sum * 2))
        .register(&pm)
        .unwrap();
    let handle = pm.caller(Specs::handle);
    assert_eq!(handle.call_around(Request("a".into()), |args| Break(args.request.0.len())), Break(2));
    let outcome = handle.try_call_around(Request("a".into()), |args| Continue(args.request));
    assert_eq!(outcome.unwrap(), Continue(Request("aw".into())));
    assert_eq!(pm.caller(Specs::weigh).call_around("abc", |args| Ok(args.text.len() + 1)), Ok(8));
    assert_eq!(pm.caller(Specs::weigh).call("abc"), Ok(6));
}

#[test]
fn async_work_of_the_host_does_the_same() {
    let pm = AsyncPluginManager::new("around");
    pm.add_extension_points(Specs).unwrap();
    let one = 1;
    let weigh = pm.caller(Specs::weigh);
    let outcome =
        weigh.call_around("abc", &one, |one, args, slot| slot.put(async move { Ok(args.text.len() + *one) }));
    assert_eq!(block_on(outcome), Ok(4));
    let handle = pm.caller(Specs::handle);
    let outcome = handle.call_around(Request("a".into()), &one, |_, args, slot| {
        slot.put(async move { Continue(args.request) })
    });
    assert_eq!(block_on(outcome), Continue(Request("a".into())));
}
