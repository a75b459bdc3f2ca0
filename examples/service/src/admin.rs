//! The routes for administrators.

use std::fmt::Write;

use axum::extract::{FromRequestParts, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{Html, IntoResponse, Response};
use pluginkit::AsyncPluginManager;
use pluginkit::insight::Report;

use crate::app;
use crate::drawing::{draw, escaped};
use crate::host::Host;
use crate::points::{Access, Failure};

/// Lets only administrators in.
pub(crate) struct Admin;

impl<S: Sync> FromRequestParts<S> for Admin {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        match parts.extensions.get() {
            Some(Access::User(user)) if user.is_admin => Ok(Self),
            _ => Err(Failure::Forbidden),
        }
    }
}

/// Loads the file into the running service.
///
/// The load is awaited here, not in a task. A load waits for the calls under way with the old plugins, and the library
/// sees that this call waits for the load itself. If the client hangs up, the load still ends whole: it is taken back,
/// or goes on if calls see the new plugins already.
pub(crate) async fn reload(State(host): State<Host>, _: Admin) -> Result<Response, StatusCode> {
    let pm = host.pm()?;
    let loaded = match app::read(&host.file) {
        Ok(config) => pm.load_config(&config).await,
        Err(error) => Err(error),
    };
    Ok(match loaded {
        Ok(report) => {
            tracing::info!(%report, "reloaded");
            let text = report.to_string();
            if text.is_empty() { "no plugin changed\n".to_owned() } else { text }.into_response()
        }
        Err(error) => {
            // The `Debug` form of an error has its causes, too.
            tracing::warn!(?error, "not reloaded");
            let status = if error.code() == "load_busy" {
                StatusCode::CONFLICT
            } else {
                StatusCode::UNPROCESSABLE_ENTITY
            };
            (status, format!("{error:?}\n")).into_response()
        }
    })
}

/// Shows the plugins in a browser. The page loads nothing else.
pub(crate) async fn page(State(host): State<Host>, _: Admin) -> Result<Html<String>, StatusCode> {
    let pm = host.pm()?;
    let mut page = String::from(HEAD);
    plugins(&mut page, &pm);
    let _ = write!(page, "<h2>Graph</h2>{}", draw(&pm.graph()));
    times(&mut page, &pm.report());
    Ok(Html(page))
}

const HEAD: &str = r#"<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Plugins of the service</title>
<style>
body { font: 15px/1.4 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; color: #222 }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid #ddd; vertical-align: top }
td.n, th.n { text-align: right }
.out { color: #a40000 }
svg { max-width: 100%; height: auto }
</style>
<h1>Plugins of the service</h1>
"#;

fn plugins(page: &mut String, pm: &AsyncPluginManager) {
    page.push_str(
        "<table><tr><th>plugin<th>version<th>state<th>circuit<th>places in calls<th class=n>calls<th class=n>failures",
    );
    for plugin in pm.report().plugins {
        let places = plugin.places.iter().map(|(point, place, is_wrapper)| {
            format!("{point} {}{place}", if *is_wrapper { "wrapper " } else { "" })
        });
        let _ = write!(
            page,
            "<tr><td><b>{}</b><td>{}<td>{}",
            escaped(plugin.id.as_str()),
            escaped(&plugin.version),
            plugin.state
        );
        if let Some(left_out) = &plugin.left_out {
            let why = plugin.reason.clone().unwrap_or_else(|| left_out.to_string());
            let _ = write!(page, "<br><span class=out>out of calls: {}</span>", escaped(&why));
        }
        let _ = write!(
            page,
            "<td>{}<td>{}<td class=n>{}<td class=n>{}",
            pm.circuit(&plugin.id),
            places.collect::<Vec<_>>().join("<br>"),
            plugin.calls,
            plugin.failures,
        );
    }
    page.push_str("</table>");
}

fn times(page: &mut String, report: &Report) {
    page.push_str(
        "<h2>Times</h2><table><tr><th>plugin<th>point<th class=n>calls<th class=n>mean<th class=n>99 %<th class=n>max",
    );
    for each in &report.extensions {
        let Some(plugin) = &each.plugin else { continue };
        let _ = write!(
            page,
            "<tr><td>{}<td>{}<td class=n>{}<td class=n>{:.1?}<td class=n>{:.1?}<td class=n>{:.1?}",
            escaped(plugin.as_str()),
            each.point,
            each.calls,
            each.mean(),
            each.percentile(99.0),
            each.max,
        );
    }
    page.push_str("</table>\n");
}
