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

/// What the routes need. The manager owns the routes, as a plugin has them, so they do not own the manager.
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

/// The routes of the host, and the guard in front of all routes. The host registers it, so no configuration changes it.
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
            .fallback(nobody)
            .with_state(Host { pm: Arc::downgrade(pm), file: Arc::new(file.to_owned()) });
        Self { router }
    }
}

#[extension]
impl Http for HostRoutes {
    /// Refuses what no authentication has let in: a file without `auth` closes the service instead of opening it.
    #[extension(wrapper, trylast)]
    async fn handle(&self, request: &Request, next: Next<'_>) -> Result<Option<Response>, Failure> {
        if request.extensions().get::<Access>().is_none() {
            return Err(Failure::Stranger);
        }
        next.run(request).await
    }

    /// Gives what no plugin has answered to the router.
    #[extension(target = "handle", trylast)]
    async fn route(&self, request: &Request) -> Result<Option<Response>, Failure> {
        let Ok(response) = self.router.clone().oneshot(request.clone().map(Body::from)).await;
        Ok(Some(response))
    }
}

/// Answers what no plugin and no route has answered. A route that is out of calls may be back soon.
async fn nobody(State(host): State<Host>) -> Result<Response, StatusCode> {
    let left_out = host.pm()?.caller(Http::handle).left_out();
    Ok(if left_out.iter().all(|(left_out, _)| left_out.is_wrapper) {
        StatusCode::NOT_FOUND.into_response()
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "1")]).into_response()
    })
}

/// Degrades if there is no forecast: if no plugin has one, if all that do fail, or if their circuits are open.
async fn forecast(State(host): State<Host>) -> Result<Response, StatusCode> {
    // What fails has been logged and counted, with its plugin.
    let forecast = host.pm()?.caller(Extras::forecast).try_call().await.unwrap_or_default();
    Ok(match forecast {
        Some(text) => text.into_response(),
        None => ([("x-degraded", "forecast")], "no forecast today\n").into_response(),
    })
}
