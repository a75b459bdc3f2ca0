//! Every hook, called.

use std::net::SocketAddr;
use std::ops::ControlFlow::{Break, Continue};
use std::time::{Duration, SystemTime};

use pluginkit::prelude::*;
use pluginkit_tests::block_on;

use super::plugins::{Auth, Backoff, ByError, ByStatus, Cache, Hosts, Jar, Spans};
use super::types::{
    Error, Extensions, HeaderValue, Name, Request, RequestBuilder, Response, Result, RetryDecision,
    Retryable, Span, Url,
};
use super::{
    CookieStore, Middleware, RequestInitialiser, ReqwestOtelSpanBackend, Resolve, RetryPolicy,
    RetryableStrategy,
};

fn manager() -> AsyncPluginManager {
    let pm = AsyncPluginManager::new("reqwest");
    pm.add_extension_points(Middleware).unwrap();
    pm.add_extension_points(RequestInitialiser).unwrap();
    pm.add_extension_points(RetryableStrategy).unwrap();
    pm.add_extension_points(RetryPolicy).unwrap();
    pm.add_extension_points(ReqwestOtelSpanBackend).unwrap();
    pm.add_extension_points(Resolve).unwrap();
    pm.register(Auth("token")).unwrap();
    pm.register(Cache::default()).unwrap();
    pm.register(ByStatus).unwrap();
    pm.register(ByError).unwrap();
    pm.register(Backoff).unwrap();
    pm.register(Spans).unwrap();
    pm.register(Hosts("localhost")).unwrap();
    pm
}

fn request(url: &str) -> Request {
    Request { url: url.to_owned(), headers: Vec::new() }
}

fn response(status: u16, body: &str) -> Response {
    Response { status, body: body.to_owned() }
}

/// Sends a request as the client does, without plugins.
async fn send(client: &str, req: Request) -> Result<Response> {
    pluginkit_tests::pending(1).await;
    if req.url.is_empty() {
        Err(Error("no address"))
    } else {
        Ok(response(200, &format!("{client}: {req:?}")))
    }
}

#[test]
fn middleware_wraps_the_client_itself() {
    let pm = manager();
    assert_eq!(pm.extension_points().len(), 7);
    let handle = pm.caller(Middleware::handle);
    let client = String::from("client");
    let sent = |url: &str, extensions: &mut Extensions| {
        let sending = handle.call_around(request(url), extensions, client.as_str(), |client, args, slot| {
            slot.put(async move { Ok(Break(send(client, args.req).await?)) })
        });
        match block_on(sending) {
            Ok(Break(response)) => Ok(response),
            Ok(Continue(request)) => panic!("{request:?} was not sent"),
            Err(error) => Err(error),
        }
    };
    let mut extensions = Extensions::default();
    let body = "client: Request { url: \"/a\", headers: [\"Authorization: token\"] }";
    assert_eq!(sent("/a", &mut extensions), Ok(response(200, body)));
    assert_eq!(sent("/a", &mut extensions), Ok(response(304, body)));
    assert_eq!(sent("", &mut extensions), Err(Error("no address")));
    assert_eq!(extensions.0["authorized"], 2);
    let back = block_on(handle.without(["Auth"]).call(request("/b"), &mut extensions));
    assert_eq!(back, Ok(Continue(request("/b"))));
}

#[test]
fn initialisers_complete_a_request() {
    let pm = manager();
    pm.register_as("other", Auth("other")).unwrap();
    let built = block_on(pm.caller(RequestInitialiser::init).call(RequestBuilder(vec!["get"])));
    assert_eq!(built.0, ["get", "token", "other"]);
}

#[test]
fn the_first_strategy_that_knows_an_outcome_classifies_it() {
    let handle = manager().caller(RetryableStrategy::handle);
    let class = |outcome| block_on(handle.call(&outcome));
    assert_eq!(class(Ok(response(200, ""))), None);
    assert_eq!(class(Ok(response(404, ""))), Some(Retryable::Fatal));
    assert_eq!(class(Ok(response(503, ""))), Some(Retryable::Transient));
    assert_eq!(class(Err(Error("reset"))), Some(Retryable::Transient));
    assert_eq!(class(Err(Error("no route"))), Some(Retryable::Fatal));
}

#[test]
fn a_policy_says_when_to_try_again() {
    let should_retry = manager().caller(RetryPolicy::should_retry);
    let start = SystemTime::UNIX_EPOCH;
    let execute_after = start + Duration::from_secs(4);
    assert_eq!(block_on(should_retry.call(start, 2)), [RetryDecision::Retry { execute_after }]);
    assert_eq!(block_on(should_retry.call(start, 3)), [RetryDecision::DoNotRetry]);
}

#[test]
fn functions_without_a_receiver_open_and_close_spans() {
    let pm = manager();
    let mut extensions = Extensions::default();
    let mut req = request("/a");
    req.headers.push("Accept: */*".to_owned());
    let spans = block_on(pm.caller(ReqwestOtelSpanBackend::on_request_start).call(&req, &mut extensions));
    assert_eq!((spans.as_slice(), extensions.0["headers"]), ([Span("/a".to_owned())].as_slice(), 1));
    let end = pm.caller(ReqwestOtelSpanBackend::on_request_end);
    block_on(end.call(&spans[0], &Ok(response(200, "body")), &mut extensions));
    assert_eq!(extensions.0["bytes"], 6);
}

#[test]
fn a_resolver_that_knows_a_name_returns_a_future() {
    let resolve = manager().caller(Resolve::resolve);
    let name = |name: &str| Name(name.to_owned());
    let Break(resolving) = block_on(resolve.call(name("localhost"))) else { panic!("the name is known") };
    let addresses: Vec<_> = block_on(resolving).unwrap().collect();
    assert_eq!(addresses, [SocketAddr::from(([127, 0, 0, 1], 80))]);
    let Continue(unknown) = block_on(resolve.call(name("example"))) else { panic!("the name is unknown") };
    assert_eq!(unknown, name("example"));
}

/// The iterator is not `Send`, so that a manager for sync calls has the store, as the host has.
#[test]
fn a_store_takes_cookies_out_of_an_iterator_that_borrows() {
    let pm = PluginManager::new("reqwest");
    pm.add_extension_points(CookieStore).unwrap();
    pm.register(Jar::default()).unwrap();
    let headers = ["a=1", "b=2"].map(|cookie| HeaderValue(cookie.to_owned()));
    let cookies = pm.caller(CookieStore::cookies);
    assert_eq!(cookies.call(&Url("/a")), None);
    pm.caller(CookieStore::set_cookies).call(&mut headers.iter(), &Url("/a"));
    assert_eq!(cookies.call(&Url("/a")), Some(HeaderValue("a=1; b=2".to_owned())));
    assert_eq!(cookies.call(&Url("/b")), None);
}
