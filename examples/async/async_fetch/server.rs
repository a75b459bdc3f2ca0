//! A small HTTP server on the loopback interface, which decides who waits for whom.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

/// Serves until it is dropped.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    stopping: AtomicBool,
    asked: Mutex<Vec<String>>,
}

impl Server {
    pub(crate) fn start() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared::default());
        let serving = Arc::clone(&shared);
        let thread = thread::spawn(move || serving.serve(&listener));
        Ok(Self { address, shared, thread: Some(thread) })
    }

    /// The paths that were asked for since the last time.
    pub(crate) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.shared.asked.lock().unwrap())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stopping.store(true, Ordering::Release);
        // Wakes the thread up, which waits for somebody to connect.
        let _ = TcpStream::connect(self.address);
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

impl Shared {
    fn serve(&self, listener: &TcpListener) {
        let mut unanswered = Vec::new();
        let mut first_of_two: Option<(TcpStream, String)> = None;
        for stream in listener.incoming() {
            if self.stopping.load(Ordering::Acquire) {
                break;
            }
            let Ok(stream) = stream else { continue };
            let Some(path) = requested(&stream) else { continue };
            self.asked.lock().unwrap().push(path.clone());
            match path.trim_start_matches('/').split_once('/') {
                // Kept open for good, so that its client waits until it loses patience.
                Some(("ferries", _)) => unanswered.push(stream),
                Some(("tides", _)) => answer(stream, "500 Internal Server Error", ""),
                // Answered as soon as two clients wait for it at the same time.
                Some((source, "regatta")) => match first_of_two.take() {
                    None => first_of_two = Some((stream, source.to_owned())),
                    Some((first, other)) => {
                        answer(first, "200 OK", &format!("{other} on the regatta, as {source} asks too"));
                        answer(stream, "200 OK", &format!("{source} on the regatta, as {other} asks too"));
                    }
                },
                Some((source, topic)) => answer(stream, "200 OK", &format!("{source} on the {topic}")),
                None => answer(stream, "404 Not Found", ""),
            }
        }
    }
}

/// The path of a request, once all of it is there.
fn requested(stream: &TcpStream) -> Option<String> {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    let path = lines.next()?.split(' ').nth(1)?.to_owned();
    lines.any(|line| line.is_empty()).then_some(path)
}

fn answer(mut stream: TcpStream, status: &str, body: &str) {
    let length = body.len();
    // A client that has gone away needs no answer.
    let _ =
        write!(stream, "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}");
}
