//! Requests to a server of `axum`: wrappers as its middleware, beside those of `axum` and `tower`.

use std::task::{Context, Poll};

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::request::Parts;
use axum::middleware::{self, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use pluginkit::prelude::*;
use tower::{Layer, Service, ServiceBuilder, ServiceExt};

use crate::ready;

#[extension_point]
pub trait Http {
    #[extension_point(firstresult)]
    fn serve(&self, head: &mut Parts) -> Option<Response>;
}

struct Answer;

#[extension]
impl Http for Answer {
    async fn serve(&self, _head: &mut Parts) -> Option<Response> {
        Some(answer().await)
    }
}

struct Pass;

#[extension(wrapper)]
impl Http for Pass {
    async fn serve(&self, next: Next<'_>) -> Option<Response> {
        next.run().await
    }
}

async fn answer() -> Response {
    "answer".into_response()
}

/// A server with one plugin that answers, and `count` wrappers around it.
///
/// # Panics
///
/// If the library refuses them.
pub fn wrappers(count: usize) -> Router {
    let pm = AsyncPluginManager::new("http");
    pm.add_extension_points(Http).expect("the specs fit the manager");
    pm.register(Answer).expect("the plugin fits the manager");
    pm.register_all((0..count).map(|n| (format!("pass{n}"), Pass))).expect("the wrappers fit the manager");
    let serve = pm.caller(Http::serve);
    Router::new().route(
        "/",
        any(move |request: Request| {
            let serve = serve.clone();
            async move {
                let (mut head, _body) = request.into_parts();
                serve.call(&mut head).await.expect("a plugin answers")
            }
        }),
    )
}

/// A server with `count` functions as its middleware.
pub fn functions(count: usize) -> Router {
    async fn pass(request: Request, next: middleware::Next) -> Response {
        next.run(request).await
    }
    (0..count).fold(Router::new().route("/", any(answer)), |router, _| router.layer(from_fn(pass)))
}

/// A server with ten layers in one stack, each of a type of its own.
pub fn stack() -> Router {
    let layers = ServiceBuilder::new().layer(PassLayer).layer(PassLayer).layer(PassLayer).layer(PassLayer);
    let layers = layers.layer(PassLayer).layer(PassLayer).layer(PassLayer).layer(PassLayer);
    let layers = layers.layer(PassLayer).layer(PassLayer);
    Router::new().route("/", any(answer)).layer(layers)
}

#[derive(Clone)]
struct PassLayer;

impl<S> Layer<S> for PassLayer {
    type Service = PassService<S>;

    fn layer(&self, inner: S) -> PassService<S> {
        PassService(inner)
    }
}

#[derive(Clone)]
struct PassService<S>(S);

impl<S: Service<Request>> Service<Request> for PassService<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        self.0.call(request)
    }
}

/// Asks a server once, for the status of its answer.
///
/// # Panics
///
/// If it waits.
pub fn ask(server: &Router) -> u64 {
    let Ok(response) = ready(server.clone().oneshot(Request::new(Body::empty())));
    u64::from(response.status().as_u16())
}
