//! An axum server whose plugins are listed in a file: one limits how often each client may ask.
//!
//! ```text
//! cargo run -p example-http --bin rate_limiter               until Ctrl-C, at 127.0.0.1:3000; try `curl -i` a few times
//! cargo run -p example-http --bin rate_limiter -- ADDRESS    somewhere else
//! ```

mod app;
mod limiter;
mod points;

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use pluginkit::AsyncPluginManager;
use tokio::net::TcpListener;

use crate::limiter::RateLimiter;
use crate::points::{Clock, Http};

struct SystemClock(Instant);

impl Clock for SystemClock {
    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }

    fn unix(&self) -> u64 {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/rate_limiter/rate-limited.toml");
    let pm = Arc::new(AsyncPluginManager::from_config("rate-limited", Http, file).await?);
    pm.provide::<dyn Clock>(Arc::new(SystemClock(Instant::now())))?;
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:3000".to_owned());
    let listener = TcpListener::bind(address).await?;
    println!("plugins: {}", pm.plugin_names().join(", "));
    println!("serving http://{}", listener.local_addr()?);
    app::serve(Arc::clone(&pm), listener, async { drop(tokio::signal::ctrl_c().await) }).await?;
    if let Some(limiter) = pm.plugin_as::<RateLimiter>("rate-limiter") {
        println!("clients that had a limit: {}", limiter.clients());
    }
    Ok(())
}
