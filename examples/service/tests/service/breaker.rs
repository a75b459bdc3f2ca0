//! Faults of a plugin: its answers degrade, the rest works, and no stranger gets in.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use pluginkit::limits::CircuitState;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::client::{Answer, Connection};
use crate::{ADMIN, File, Scratch, Service, USER, start};

/// The server that `forecast` asks.
#[derive(Default)]
struct Upstream {
    is_down: AtomicBool,
    asked: AtomicUsize,
}

impl Upstream {
    async fn serve(self: Arc<Self>, listener: TcpListener) {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let number = self.asked.fetch_add(1, Ordering::SeqCst);
            let mut request = [0; 64];
            let _ = stream.read(&mut request).await;
            let answer = match (self.is_down.load(Ordering::SeqCst), number % 2) {
                (false, _) => "HTTP/1.0 200 OK\r\n\r\nsunny\n",
                (true, 0) => "HTTP/1.0 503 Unavailable\r\n\r\n",
                (true, _) => "",
            };
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

/// Clients that ask all the time: strangers that must not get in, and a user that must.
#[derive(Default)]
struct Watch {
    is_over: AtomicBool,
    strangers: AtomicUsize,
    wrong: std::sync::Mutex<Vec<Answer>>,
}

impl Watch {
    async fn ask(self: Arc<Self>, mut connection: Connection, status: u16) {
        while !self.is_over.load(Ordering::SeqCst) {
            for path in ["/forecast", "/whoami", "/hello", "/notes", "/admin", "/metrics", "/nowhere"] {
                let path = if status == 200 { "/whoami" } else { path };
                let answer = connection.ask("GET", path, "").await.unwrap();
                if answer.status != status {
                    self.wrong.lock().unwrap().push(answer);
                }
                if status == 401 {
                    self.strangers.fetch_add(1, Ordering::SeqCst);
                }
            }
        }
    }

    /// Waits until more strangers have asked.
    async fn wait_for(&self, more: usize) {
        let goal = self.strangers.load(Ordering::SeqCst) + more;
        while self.strangers.load(Ordering::SeqCst) < goal {
            tokio::task::yield_now().await;
        }
    }
}

async fn forecast(connection: &mut Connection) -> String {
    let answer = connection.ask("GET", "/forecast", "").await.unwrap();
    assert_eq!(answer.status, 200, "{answer:?}");
    let is_degraded = answer.header("x-degraded").is_some();
    assert_eq!(is_degraded, answer.body == "no forecast today\n", "{answer:?}");
    answer.body
}

const DEGRADED: &str = "no forecast today\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_circuit_opens_and_closes_and_no_stranger_gets_in_meanwhile() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let upstream = Arc::new(Upstream::default());
    let scratch = Scratch::new();
    let mut file = File::new(&scratch);
    file.list("d-extras", "forecast", format!("upstream = '{}'", listener.local_addr().unwrap()));
    file.limits = "
        [limits.forecast]
        timeout = '1h'
        breaker = { failures = 3, retry_after = '10s' }
        [limits.auth]
        breaker = { failures = 3, retry_after = '10s' }
    ";
    let server = tokio::spawn(Arc::clone(&upstream).serve(listener));
    let service = start(scratch, &file).await;

    let watch = Arc::new(Watch::default());
    let mut watchers = JoinSet::new();
    for (key, status) in [(None, 401), (Some("guess"), 401), (None, 401), (Some(USER), 200)] {
        watchers.spawn(Arc::clone(&watch).ask(service.connect(key).await, status));
    }

    let mut user = service.connect(Some(USER)).await;
    let state = || service.pm.circuit("forecast");
    assert_eq!(forecast(&mut user).await, "sunny\n");

    // It fails three times. The answers degrade from the first on.
    upstream.is_down.store(true, Ordering::SeqCst);
    for failures in 0..3 {
        assert_eq!((failures, state()), (failures, CircuitState::Closed));
        assert_eq!(forecast(&mut user).await, DEGRADED);
    }
    assert_eq!(state(), CircuitState::Open);
    watch.wait_for(200).await;

    // No request waits for the other server now.
    let asked = upstream.asked();
    for _ in 0..100 {
        assert_eq!(forecast(&mut user).await, DEGRADED);
    }
    assert_eq!(upstream.asked(), asked);

    // One request tries it again. It is still down.
    service.clock.advance(Duration::from_secs(10));
    for _ in 0..100 {
        assert_eq!(forecast(&mut user).await, DEGRADED);
    }
    assert_eq!((upstream.asked(), state()), (asked + 1, CircuitState::Open));

    // A reload of something else leaves the circuit as it is.
    file.set("notes", "page = 7");
    assert_eq!(service.reload(&file).await.status, 200);
    assert_eq!(state(), CircuitState::Open);
    watch.wait_for(200).await;

    // The other server is back.
    upstream.is_down.store(false, Ordering::SeqCst);
    assert_eq!(forecast(&mut user).await, DEGRADED);
    service.clock.advance(Duration::from_secs(10));
    assert_eq!(forecast(&mut user).await, "sunny\n");
    assert_eq!(state(), CircuitState::Closed);

    // A new authentication guards from its first request on.
    let users = file.settings["auth"].replace("'ada'", "'grace'");
    file.set("auth", users);
    assert_eq!(service.reload(&file).await.status, 200);
    assert_eq!(user.ask("GET", "/whoami", "").await.unwrap().body, "grace\n");
    watch.wait_for(200).await;

    watch.is_over.store(true, Ordering::SeqCst);
    watchers.join_all().await;
    let wrong = std::mem::take(&mut *watch.wrong.lock().unwrap());
    assert!(wrong.is_empty(), "{} wrong answers: {wrong:#?}", wrong.len());
    // The refusals of the wrapper are no failures of its plugin, and have opened no circuit.
    assert_eq!(service.pm.circuit("auth"), CircuitState::Closed);
    server.abort();
    service.end().await;
}

#[tokio::test]
async fn a_file_without_authentication_closes_the_service() {
    let scratch = Scratch::new();
    let mut file = File::new(&scratch);
    let service = start(scratch, &file).await;
    let status = async |service: &Service, key, path| {
        service.connect(key).await.ask("GET", path, "").await.unwrap().status
    };
    assert_eq!(status(&service, Some(USER), "/hello").await, 200);
    file.groups.get_mut("a-middleware").unwrap().retain(|plugin| *plugin != "auth");
    assert_eq!(service.reload(&file).await.status, 200);
    for key in [None, Some(USER), Some(ADMIN)] {
        for path in ["/hello", "/notes", "/admin", "/health"] {
            assert_eq!(status(&service, key, path).await, 401, "{path} for {key:?}");
        }
    }
    service.end().await;
}

#[tokio::test]
async fn users_are_limited_and_a_reload_gives_them_no_new_window() {
    let scratch = Scratch::new();
    let mut file = File::new(&scratch);
    file.set("rate-limit", "requests = 2\nseconds = 100000");
    let service = start(scratch, &file).await;
    let mut user = service.connect(Some(USER)).await;
    let mut status = async || user.ask("GET", "/hello", "").await.unwrap().status;
    assert_eq!([status().await, status().await, status().await], [200, 200, 429]);
    // The administrator has a window of its own.
    file.set("rate-limit", "requests = 3\nseconds = 100000");
    assert_eq!(service.reload(&file).await.status, 200);
    assert_eq!([status().await, status().await], [200, 429]);
    service.end().await;
}
