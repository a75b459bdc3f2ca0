//! Middleware as plugins around an axum application: each is a wrapper of one point, and its order is an option.
//!
//! ```text
//! cargo run -p example-http --bin middleware              asks itself, and prints the answers
//! cargo run -p example-http --bin middleware -- ADDRESS   serves until Ctrl-C
//! ```

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::State;
use axum::http::{HeaderValue, Request, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use pluginkit::point;
use pluginkit::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceExt;

#[extension_point(project = "middleware")]
trait Http {
    /// Answers a request. Extensions are applications, and wrappers are the middleware around them.
    #[extension_point(firstresult)]
    fn handle(&self, request: &Request<Bytes>) -> Option<Response>;
}

/// The application: handlers of axum, which know nothing of plugins.
struct Application(Router);

#[extension]
impl Http for Application {
    async fn handle(&self, request: &Request<Bytes>) -> Option<Response> {
        let answered = self.0.clone().oneshot(request.clone().map(Body::from)).await;
        answered.ok()
    }
}

/// Lets in requests with a key.
struct Auth {
    key: &'static str,
}

#[extension]
impl Http for Auth {
    #[extension(wrapper)]
    async fn handle(&self, request: &Request<Bytes>, next: Next<'_>) -> Option<Response> {
        let is_open = !request.uri().path().starts_with("/private");
        if is_open || request.headers().get("x-key").is_some_and(|key| key == self.key) {
            return next.run(request).await;
        }
        Some((StatusCode::UNAUTHORIZED, "who are you?").into_response())
    }
}

/// Numbers the answers, those of other middleware included: `tryfirst` makes it the outermost wrapper.
#[derive(Default)]
struct Numbers(AtomicU64);

#[extension]
impl Http for Numbers {
    #[extension(wrapper, tryfirst)]
    async fn handle(&self, next: Next<'_>) -> Option<Response> {
        let mut response = next.run().await?;
        let number = self.0.fetch_add(1, Ordering::Relaxed) + 1;
        response.headers_mut().insert("x-number", HeaderValue::from(number));
        Some(response)
    }
}

/// Changes a request on the way in.
struct OldPaths;

#[extension]
impl Http for OldPaths {
    #[extension(wrapper)]
    async fn handle(&self, request: &Request<Bytes>, next: Next<'_>) -> Option<Response> {
        if request.uri().path() != "/hi" {
            return next.run(request).await;
        }
        let mut moved = request.clone();
        *moved.uri_mut() = axum::http::Uri::from_static("/hello");
        next.run(&moved).await
    }
}

fn manager() -> Result<AsyncPluginManager, pluginkit::Error> {
    let routes = Router::new()
        .route("/hello", get(|| async { "hello" }))
        .route("/private/diary", get(|| async { "dear diary" }));
    let pm = AsyncPluginManager::new("middleware");
    pm.add_extension_points(Http)?;
    pm.register(Application(routes))?;
    pm.register(OldPaths)?;
    pm.register(Auth { key: "sesame" })?;
    pm.register(Numbers::default())?;
    Ok(pm)
}

/// The one handler of the server: a call.
async fn answer(
    State(handle): State<AsyncCaller<point!(Http::handle)>>,
    request: axum::extract::Request,
) -> Response {
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, 64 * 1024).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    match handle.try_call(&Request::from_parts(head, body)).await {
        Ok(Some(response)) => response,
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        // A middleware panicked. The error names it.
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let pm = manager()?;
    let order: Vec<_> = pm.caller(Http::handle).implementations().iter().map(ToString::to_string).collect();
    println!("{}", order.join(", "));
    let app = Router::new().fallback(answer).with_state(pm.caller(Http::handle));
    let address = std::env::args().nth(1);
    let listener = TcpListener::bind(address.as_deref().unwrap_or("127.0.0.1:0")).await?;
    let at = listener.local_addr()?;
    let server =
        axum::serve(listener, app).with_graceful_shutdown(async { drop(tokio::signal::ctrl_c().await) });
    if address.is_some() {
        println!("serving http://{at}");
        return Ok(server.await?);
    }
    let server = tokio::spawn(server.into_future());
    for (path, key) in
        [("/hello", ""), ("/hi", ""), ("/private/diary", ""), ("/private/diary", "sesame"), ("/no", "")]
    {
        println!("{path} {key:?}: {}", ask(at, path, key).await?);
    }
    server.abort();
    Ok(())
}

/// Asks the server, and returns the number, the status and the text of its answer.
async fn ask(at: std::net::SocketAddr, path: &str, key: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect(at).await?;
    let request = format!("GET {path} HTTP/1.0\r\nhost: test\r\nx-key: {key}\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
    let number = head.lines().find_map(|line| line.strip_prefix("x-number: ")).unwrap_or("none");
    Ok(format!("number {number}, {} {body}", head.split(' ').nth(1).unwrap_or_default())
        .trim_end()
        .to_owned())
}
