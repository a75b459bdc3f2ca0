//! The server: an axum application that asks its plugins about every request.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use pluginkit::AsyncPluginManager;
use tokio::net::TcpListener;

use crate::points::{Client, Headers, Http, Refusal};

/// Starts the plugins, serves until `end`, answers what is under way, and stops the plugins.
pub(crate) async fn serve(
    pm: Arc<AsyncPluginManager>,
    listener: TcpListener,
    end: impl Future<Output = ()> + Send + 'static,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let app = router(Arc::clone(&pm)).into_make_service_with_connect_info::<SocketAddr>();
    let server = axum::serve(listener, app).with_graceful_shutdown(end);
    pm.run(server.into_future()).await??;
    Ok(())
}

fn router(pm: Arc<AsyncPluginManager>) -> Router {
    let limited = Router::new()
        .route("/", get(async || r#"{"status":"success","data":{}}"#))
        .layer(from_fn_with_state(Arc::clone(&pm), admit));
    limited.merge(Router::new().route("/quota", get(quota)).with_state(pm))
}

fn client(request: &Request) -> Option<Client> {
    let address = request.extensions().get::<ConnectInfo<SocketAddr>>()?.0.ip();
    let api_key = request.headers().get("x-api-key").and_then(|key| key.to_str().ok()).map(str::to_owned);
    Some(Client { address, api_key })
}

/// Asks the plugins of the group `middleware` whether a request is served.
async fn admit(State(pm): State<Arc<AsyncPluginManager>>, request: Request, next: Next) -> Response {
    let Some(client) = client(&request) else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    match pm.caller(Http::admit).within_group("middleware").call(&client).await {
        Ok(headers) => with_headers(next.run(request).await, headers.concat()),
        Err(Refusal { status, headers, body }) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::FORBIDDEN);
            with_headers((status, body).into_response(), headers)
        }
    }
}

/// What the client has left; asking costs nothing.
async fn quota(State(pm): State<Arc<AsyncPluginManager>>, request: Request) -> Response {
    let Some(client) = client(&request) else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    match pm.caller(Http::quota).call(&client).await {
        Some(quota) => format!("{} of {}", quota.remaining, quota.limit).into_response(),
        None => "unlimited".into_response(),
    }
}

fn with_headers(mut response: Response, headers: Headers) -> Response {
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
    response
}
