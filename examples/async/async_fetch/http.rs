//! As much HTTP as the sources need: a GET, awaited or not.

use std::io::{Read, Write};
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::feed::FetchError;

pub(crate) async fn get(server: SocketAddr, path: &str) -> Result<String, FetchError> {
    let mut stream = tokio::net::TcpStream::connect(server).await?;
    stream.write_all(request(path).as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    body(&answer)
}

pub(crate) fn get_blocking(server: SocketAddr, path: &str) -> Result<String, FetchError> {
    let mut stream = std::net::TcpStream::connect(server)?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    stream.write_all(request(path).as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    body(&answer)
}

fn request(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
}

fn body(answer: &str) -> Result<String, FetchError> {
    let (head, body) =
        answer.split_once("\r\n\r\n").ok_or_else(|| FetchError("the server hung up".into()))?;
    match head.split(' ').nth(1) {
        Some("200") => Ok(body.to_owned()),
        status => Err(FetchError(format!("the server answered {}", status.unwrap_or("nothing")))),
    }
}
