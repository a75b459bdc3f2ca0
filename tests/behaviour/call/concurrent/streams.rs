//! `stream`: an extension runs when its result is asked for.

use futures_util::{StreamExt, TryStreamExt};
use pluginkit_tests::{block_on, panic_of};

use super::{Specs, gate, manager, poll};

#[test]
fn a_stream_starts_an_extension_when_its_result_is_asked_for_and_goes_on_after_an_err() {
    let (pm, log) = manager();
    let gates = [Ok(Some(1)), Err("no".to_owned()), Ok(None), Ok(Some(4))]
        .into_iter()
        .zip(["a", "b", "c", "d"])
        .map(|(parsed, name)| gate(&pm, &log, name, parsed))
        .collect::<Vec<_>>();
    let mut stream = Box::pin(pm.caller(Specs::parse).stream("x"));
    assert!(log.take().is_empty());
    assert!(poll(&mut stream.next()).is_pending());
    assert!(poll(&mut stream.next()).is_pending());
    assert_eq!(log.line(), "+a");
    gates[0].notify_one();
    assert_eq!(block_on(stream.next()), Some(Ok(1)));
    assert_eq!(log.line(), "-a");
    gates[1].notify_one();
    assert_eq!(block_on(stream.next()), Some(Err("no".into())));
    gates[2].notify_one();
    gates[3].notify_one();
    assert_eq!(block_on(stream.next()), Some(Ok(4)));
    assert_eq!(log.line(), "+b -b +c -c +d -d");
    assert_eq!(block_on(stream.next()), None);
    assert_eq!(block_on(stream.next()), None);
}

#[test]
fn stopping_at_the_first_err_is_an_adaptor_away() {
    let (pm, log) = manager();
    let ran = log.clone();
    pm.register_fn("one", Specs::parse, |_| Ok(Some(1))).unwrap();
    pm.register_fn("bad", Specs::parse, |_| Err("bad".into())).unwrap();
    pm.register_fn("never", Specs::parse, move |_| {
        ran.push("ran");
        Ok(None)
    })
    .unwrap();
    let caller = pm.caller(Specs::parse);
    assert_eq!(block_on(caller.stream("x").try_collect::<Vec<_>>()), Err("bad".into()));
    assert!(log.take().is_empty());
    let numbers =
        block_on(caller.stream("x").filter_map(|each| std::future::ready(each.ok())).collect::<Vec<_>>());
    assert_eq!((numbers, log.line().as_str()), (vec![1], "ran"));
}

#[test]
fn a_panic_in_a_stream_comes_through_and_a_new_stream_is_as_good_as_ever() {
    let (pm, _) = manager();
    pm.register_fn("bad", Specs::parse, |args| if args.text == "x" { panic!("boom") } else { Ok(Some(2)) })
        .unwrap();
    let caller = pm.caller(Specs::parse);
    assert_eq!(panic_of(|| block_on(Box::pin(caller.stream("x")).next())), "boom");
    assert_eq!(block_on(caller.stream("y").try_collect::<Vec<_>>()), Ok(vec![2]));
}
