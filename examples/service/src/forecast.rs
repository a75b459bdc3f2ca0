//! A plugin that asks another server, which may be down.

use std::net::SocketAddr;

use pluginkit::prelude::*;
use serde::Deserialize;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::points::Extras;

#[derive(Deserialize)]
pub(crate) struct ForecastSettings {
    upstream: SocketAddr,
}

/// Asks for a forecast. The timeout and the circuit breaker are in `service.toml`, not in this code.
#[plugin(id = "forecast", project = "service", config = ForecastSettings)]
pub(crate) struct Forecast(SocketAddr);

impl From<ForecastSettings> for Forecast {
    fn from(settings: ForecastSettings) -> Self {
        Self(settings.upstream)
    }
}

#[extension]
impl Extras for Forecast {
    async fn forecast(&self) -> Result<Option<String>, BoxError> {
        let mut stream = TcpStream::connect(self.0).await?;
        stream.write_all(b"GET / HTTP/1.0\r\n\r\n").await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        let (head, body) = answer.split_once("\r\n\r\n").ok_or("the server hung up")?;
        match head.split(' ').nth(1) {
            Some("200") => Ok(Some(body.to_owned())),
            status => Err(format!("the server answered {}", status.unwrap_or("nothing")).into()),
        }
    }
}
