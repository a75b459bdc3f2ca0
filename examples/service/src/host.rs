//! The routes of the host.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use pluginkit::AsyncPluginManager;
use pluginkit::prelude::*;
use tower::ServiceExt;

use crate::points::{Access, Extras, Failure, Http, Request};
use crate::{admin, telemetry};

/// The state of the routes. The manager owns the routes, because they are in a plugin, so they hold it by a `Weak`.
#[derive(Clone)]
pub(crate) struct Host {
    pm: Weak<AsyncPluginManager>,
    pub(crate) file: Arc<PathBuf>,
}

impl Host {
    pub(crate) fn pm(&self) -> Result<Arc<AsyncPluginManager>, StatusCode> {
        self.pm.upgrade().ok_or(StatusCode::SERVICE_UNAVAILABLE)
    }
}

/// The routes of the host, and a guard before all routes. The host registers this plugin, so no file can remove it.
#[plugin(id = "host", project = "service")]
pub(crate) struct HostRoutes {
    router: Router,
}

impl HostRoutes {
    pub(crate) fn new(pm: &Arc<AsyncPluginManager>, file: &Path) -> Self {
        let router = Router::new()
            .route("/health", get(async || "ok\n"))
            .route("/metrics", get(async || telemetry::recorder().render()))
            .route("/forecast", get(forecast))
            .route("/admin", get(admin::page))
            .route("/admin/reload", post(admin::reload))
            .fallback(missing)
            .with_state(Host { pm: Arc::downgrade(pm), file: Arc::new(file.to_owned()) });
        Self { router }
    }
}

#[extension]
impl Http for HostRoutes {
    /// Refuses requests that no authentication has let in. A file without `auth` closes the service.
    #[extension(wrapper, trylast)]
    async fn handle(&self, request: &Request, next: Next<'_>) -> Result<Option<Response>, Failure> {
        if request.extensions().get::<Access>().is_none() {
            return Err(Failure::Stranger);
        }
        next.run(request).await
    }

    /// Passes a request that no plugin has answered to the router.
    #[extension(target = "handle", trylast)]
    async fn route(&self, request: &Request) -> Result<Option<Response>, Failure> {
        let Ok(response) = self.router.clone().oneshot(request.clone().map(Body::from)).await;
        Ok(Some(response))
    }
}

/// Answers a request without a route: `404`, or `503` while a plugin that may have the route is out of calls.
async fn missing(State(host): State<Host>) -> Result<Response, StatusCode> {
    let left_out = host.pm()?.caller(Http::handle).left_out();
    Ok(if left_out.iter().all(|(left_out, _)| left_out.is_wrapper) {
        StatusCode::NOT_FOUND.into_response()
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "1")]).into_response()
    })
}

/// Answers with the forecast, or with a text that there is none if its plugin fails or its circuit is open.
async fn forecast(State(host): State<Host>) -> Result<Response, StatusCode> {
    // Observers have logged and counted the failure.
    let forecast = host.pm()?.caller(Extras::forecast).try_call().await.unwrap_or_default();
    Ok(match forecast {
        Some(text) => text.into_response(),
        None => ([("x-degraded", "forecast")], "no forecast today\n").into_response(),
    })
}
