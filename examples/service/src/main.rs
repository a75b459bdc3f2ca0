//! A web service. Its middleware, its routes and its store are plugins. A file lists the plugins, and they change while the
//! service runs.
//!
//! ```text
//! cargo run -p example-service                   until Ctrl-C or SIGTERM, at a free port, with `service.toml`
//! cargo run -p example-service -- PORT [FILE]    at a port, with another file
//!
//! curl -H 'authorization: Bearer letmein' -d 'buy rope' ADDRESS/notes
//! curl -H 'authorization: Bearer letmein' ADDRESS/forecast          (a few times: its circuit opens)
//! curl -H 'authorization: Bearer opensesame' -X POST ADDRESS/admin/reload
//! ```
//!
//! A browser shows `ADDRESS/admin`; the password is `opensesame`.

mod admin;
mod app;
mod beacon;
mod drawing;
mod forecast;
mod host;
mod middleware;
mod points;
mod routes;
mod store;
mod telemetry;

use std::net::Ipv4Addr;
use std::path::PathBuf;

use pluginkit::AsyncPluginManager;
use pluginkit::prelude::BoxError;
use tokio::net::TcpListener;
use tracing::level_filters::LevelFilter;

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    write_logs()?;
    telemetry::recorder();
    let mut args = std::env::args().skip(1);
    let port: u16 = args.next().map_or(Ok(0), |port| port.parse())?;
    let file = args
        .next()
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/service.toml")), PathBuf::from);
    let pm = app::assemble(AsyncPluginManager::new("service"), &file).await?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    println!("serving http://{}", listener.local_addr()?);
    app::serve(pm, listener, told_to_end()).await
}

/// Writes the logs of the process to the standard error, one JSON object a line.
fn write_logs() -> Result<(), BoxError> {
    let level: LevelFilter = std::env::var("SERVICE_LOG").unwrap_or_else(|_| "info".to_owned()).parse()?;
    tracing_subscriber::fmt().json().with_writer(std::io::stderr).with_max_level(level).try_init()
}

/// Waits for Ctrl-C, or for the signal of a supervisor.
async fn told_to_end() {
    #[cfg(unix)]
    let terminated = async {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending::<()>();
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminated => {}
    }
}
