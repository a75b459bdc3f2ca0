//! The host: reads requests, passes them to the plugins, and writes the answers.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use pluginkit::config::PluginConfig;
use pluginkit::prelude::*;
use pluginkit::{AsyncCaller, AsyncPluginManager, CallError, Error, point};
use tokio::net::TcpListener;

use crate::host::HostRoutes;
use crate::points::{Extras, Http, Request, response};
use crate::telemetry;

/// The largest body that a request may have.
const MAX_BODY: usize = 64 * 1024;

/// Reads the configuration: the file, and over it variables such as `SERVICE_PLUGIN__NOTES__PAGE`.
pub(crate) fn read(file: &Path) -> Result<PluginConfig, Error> {
    Ok(PluginConfig::from_path(file)?.with_env("SERVICE")?)
}

/// Adds the points, the plugins of the file, and the routes of the host to a new manager.
///
/// The manager is an argument because tests set its clock. Other hosts use `AsyncPluginManager::from_config`.
pub(crate) async fn assemble(pm: AsyncPluginManager, file: &Path) -> Result<Arc<AsyncPluginManager>, Error> {
    let pm = Arc::new(pm);
    telemetry::observe(&pm);
    pm.add_extension_points(Http)?;
    pm.add_extension_points(Extras)?;
    pm.load_config(&read(file)?).await?;
    pm.register(HostRoutes::new(&pm, file))?;
    Ok(pm)
}

/// Starts the plugins, serves until `end`, finishes the requests under way, and stops the plugins.
pub(crate) async fn serve(
    pm: Arc<AsyncPluginManager>,
    listener: TcpListener,
    end: impl Future<Output = ()> + Send + 'static,
) -> Result<(), BoxError> {
    let app = Router::new().fallback(answer).with_state(pm.caller(Http::handle));
    let server = axum::serve(listener, app).with_graceful_shutdown(end).into_future();
    let served: io::Result<()> = pm
        .run(async {
            tokio::select! {
                served = server => served,
                () = keep_up() => Ok(()),
            }
        })
        .await?;
    Ok(served?)
}

/// Sums measurements up every few seconds, so that they take no more memory if nobody reads the metrics. Never ends.
async fn keep_up() {
    loop {
        tokio::time::sleep(Duration::from_secs(5)).await;
        telemetry::recorder().run_upkeep();
    }
}

/// Answers a request: one call runs the middleware and, inside it, the routes.
async fn answer(
    State(handle): State<AsyncCaller<point!(Http::handle)>>,
    request: axum::extract::Request,
) -> Response {
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let request = Request::from_parts(head, body);
    let error = match handle.try_call(&request).await {
        Ok(answer) => return response(Ok(answer)),
        Err(CallError::Failed { error, .. }) => return response(Err(error)),
        Err(error) => error,
    };
    // A panic or a timeout ends the middleware, too, so the host logs it. The client does not see the text.
    tracing::error!(%error, method = %request.method(), path = request.uri().path(), "a request failed");
    let is_late = matches!(error, CallError::TimedOut { .. });
    if is_late { StatusCode::GATEWAY_TIMEOUT } else { StatusCode::INTERNAL_SERVER_ERROR }.into_response()
}
