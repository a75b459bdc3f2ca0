//! A server, from its start to its end.

use std::borrow::Cow;
use std::ops::ControlFlow::{Break, Continue};

use pluginkit::prelude::*;
use pluginkit_tests::{Log, block_on};

use super::plugins::{Database, Echo, Fallback, Files, Frame, Greet, Logger, NotFound};
use super::types::{Data, Finished, Header, Info, Request, Response, Rewrite, Rocket, Status};
use super::{Catcher, Fairing, Policy, Rewriter, Route};

fn manager(log: &Log) -> AsyncPluginManager {
    let pm = AsyncPluginManager::new("rocket");
    pm.add_extension_points(Fairing).unwrap();
    pm.add_extension_points(Route).unwrap();
    pm.add_extension_points(Catcher).unwrap();
    pm.add_extension_points(Rewriter).unwrap();
    pm.add_extension_points(Policy).unwrap();
    pm.register(Logger(log.clone())).unwrap();
    pm.register(Database).unwrap();
    pm.register(Greet).unwrap();
    pm.register(Echo).unwrap();
    pm.register(NotFound).unwrap();
    pm.register(Files).unwrap();
    pm.register(Fallback).unwrap();
    pm.register(Frame).unwrap();
    pm
}

fn request(uri: &str) -> Request<'_> {
    Request { uri, host: Cow::Borrowed("") }
}

#[test]
fn fairings_see_the_server_and_its_requests() {
    let log = Log::new();
    let pm = manager(&log);
    assert_eq!(pm.extension_points().len(), 10);
    let infos = block_on(pm.caller(Fairing::info).call());
    let expected = [Info { name: "logger", on_request: true }, Info { name: "database", on_request: false }];
    assert_eq!(infos, expected);
    let ignite = pm.caller(Fairing::on_ignite);
    let rocket = block_on(ignite.call(Rocket::new(&["/"]))).unwrap();
    let failed = block_on(ignite.call(Rocket::new(&["/db"]))).unwrap_err();
    assert_eq!(failed.mounted, ["/db"]);
    let untouched = block_on(ignite.without(["Database"]).call(Rocket::new(&["/"]))).unwrap();
    assert_eq!(untouched.mounted, ["/"]);

    let rocket = rocket.lift_off();
    block_on(pm.caller(Fairing::on_liftoff).call(&rocket));
    let uri = String::from("/echo");
    let (mut req, mut data) = (request(&uri), Data { bytes: b"body", peeked: 0 });
    block_on(pm.caller(Fairing::on_request).call(&mut req, &mut data));
    assert_eq!((&*req.host, data.peeked), ("localhost", 2));
    let mut res = Response { status: Status(200), ..Response::default() };
    block_on(pm.caller(Fairing::on_response).call(&req, &mut res));
    assert_eq!(res.headers, [("Host", "localhost")]);
    block_on(pm.caller(Fairing::on_shutdown).call(&rocket));
    assert_eq!(log.take(), ["serving / /db", "/echo with 4 bytes", "/echo is 200", "2 routes less"]);
}

#[test]
fn a_route_that_forwards_hands_the_data_on() {
    let pm = manager(&Log::new());
    let handle = pm.caller(Route::handle);
    let route = |req, bytes| block_on(handle.call(req, Data { bytes, peeked: 0 }));
    let body = |finished| match finished {
        Break(Finished::Success(response)) => response.body,
        other => panic!("{other:?}"),
    };
    let (greet, echo, other) = (request("/greet"), request("/echo"), request("/other"));
    assert_eq!(body(route(&greet, b"Ada")), "Ada");
    assert_eq!(body(route(&echo, b"Ada")), "/echo");
    assert_eq!(route(&greet, b"\xff"), Break(Finished::Error(Status(422))));
    assert_eq!(route(&other, b"Ada"), Continue(Data { bytes: b"Ada", peeked: 1 }));
}

#[test]
fn a_catcher_answers_with_what_it_borrows_from_the_request() {
    let pm = manager(&Log::new());
    let handle = pm.caller(Catcher::handle).only(["NotFound"]);
    let uri = String::from("/lost");
    let lost = request(&uri);
    let answers = block_on(handle.call(Status(404), &lost)).unwrap();
    assert_eq!((answers[0].status, &*answers[0].body), (Status(404), "/lost"));
    assert_eq!(block_on(handle.call(Status(404), &request(""))), Err(Status(500)));
}

#[test]
fn rewriters_pass_on_what_is_there_and_what_is_not() {
    let pm = manager(&Log::new());
    let rewrite = pm.caller(Rewriter::rewrite);
    let req = Request { uri: "/", host: Cow::Borrowed("example.com") };
    let file = |path: &'static str| Some(Rewrite::File(path.into()));
    let run = |opt| block_on(rewrite.call(opt, &req));
    assert_eq!(run(file("a.html")), file("a.html"));
    assert_eq!(run(file(".git")), file("404.html"));
    assert_eq!(run(None), file("404.html"));
    assert_eq!(run(file("docs/")), Some(Rewrite::Redirect("example.com")));
    assert_eq!(block_on(rewrite.without(["Fallback"]).call(file(".git"), &req)), None);
}

#[test]
fn policies_give_headers() {
    let pm = manager(&Log::new());
    let headers = block_on(pm.caller(Policy::header).call());
    assert_eq!(headers, [Header { name: "X-Frame-Options".into(), value: "SAMEORIGIN".into() }]);
}
