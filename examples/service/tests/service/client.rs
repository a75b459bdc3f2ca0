//! A small HTTP client: requests one after the other over one connection.

use std::io::{self, Error, ErrorKind};
use std::net::SocketAddr;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

pub(crate) struct Connection {
    stream: BufReader<TcpStream>,
    key: String,
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }
}

impl Connection {
    pub(crate) async fn new(server: SocketAddr, key: Option<&str>) -> io::Result<Self> {
        let stream = TcpStream::connect(server).await?;
        stream.set_nodelay(true)?;
        let key = key.map(|key| format!("authorization: Bearer {key}\r\n")).unwrap_or_default();
        Ok(Self { stream: BufReader::new(stream), key })
    }

    pub(crate) async fn send(&mut self, method: &str, path: &str, body: &str) -> io::Result<()> {
        let (key, length) = (&self.key, body.len());
        let request =
            format!("{method} {path} HTTP/1.1\r\nhost: test\r\n{key}content-length: {length}\r\n\r\n{body}");
        self.stream.write_all(request.as_bytes()).await
    }

    pub(crate) async fn receive(&mut self) -> io::Result<Answer> {
        let mut head = String::new();
        loop {
            let start = head.len();
            if self.stream.read_line(&mut head).await? == 0 {
                return Err(Error::new(ErrorKind::UnexpectedEof, format!("it hung up after {head:?}")));
            }
            if head[start..] == *"\r\n" {
                break;
            }
        }
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        let status = status.ok_or_else(|| Error::other(format!("no status: {head}")))?;
        let mut answer = Answer { status, head, body: String::new() };
        let length = answer.header("content-length").and_then(|length| length.parse().ok());
        let mut body = vec![0; length.ok_or_else(|| Error::other(format!("no length: {}", answer.head)))?];
        self.stream.read_exact(&mut body).await?;
        answer.body = String::from_utf8(body).map_err(Error::other)?;
        Ok(answer)
    }

    pub(crate) async fn ask(&mut self, method: &str, path: &str, body: &str) -> io::Result<Answer> {
        self.send(method, path, body).await?;
        self.receive().await
    }
}
