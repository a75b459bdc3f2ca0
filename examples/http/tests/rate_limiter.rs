//! The rate limiter over real HTTP, under a clock that the tests turn.

#[path = "../rate_limiter/app.rs"]
mod app;
#[path = "../rate_limiter/limiter.rs"]
mod limiter;
#[path = "../rate_limiter/points.rs"]
mod points;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use pluginkit::Error;
use pluginkit::config::PluginConfig;
use pluginkit::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::limiter::RateLimiter;
use crate::points::{Client, Clock, Http};

/// Seconds since the start, and what is added to them on the wall.
#[derive(Default)]
struct TestClock {
    elapsed: AtomicU64,
    wall: AtomicU64,
}

impl TestClock {
    fn advance(&self, seconds: u64) {
        self.elapsed.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn elapsed(&self) -> Duration {
        Duration::from_secs(self.elapsed.load(Ordering::SeqCst))
    }

    fn unix(&self) -> u64 {
        1_000_000 + self.elapsed.load(Ordering::SeqCst) + self.wall.load(Ordering::SeqCst)
    }
}

struct Server {
    pm: Arc<AsyncPluginManager>,
    clock: Arc<TestClock>,
    address: SocketAddr,
    end: oneshot::Sender<()>,
    served: JoinHandle<Result<(), BoxError>>,
}

fn config(settings: &str) -> PluginConfig {
    let text =
        format!("[plugins]\nmiddleware = ['rate-limiter', 'server-name']\n[plugin.rate-limiter]\n{settings}");
    PluginConfig::from_toml_str(&text).unwrap()
}

async fn start(settings: &str) -> Server {
    let pm =
        Arc::new(AsyncPluginManager::from_config("rate-limited", Http, &config(settings)).await.unwrap());
    let clock = Arc::new(TestClock::default());
    pm.provide::<dyn Clock>(clock.clone()).unwrap();
    pm.start_all().await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (end, ended) = oneshot::channel();
    let served = tokio::spawn(app::serve(pm.clone(), listener, async { drop(ended.await) }));
    Server { pm, clock, address, end, served }
}

struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    /// The limit, what remains, and when it is full again.
    fn limits(&self) -> [u64; 3] {
        ["limit", "remaining", "reset"].map(|name| {
            self.header(&format!("x-ratelimit-{name}")).expect("it has the header").parse().unwrap()
        })
    }
}

impl Server {
    async fn get(&self, path: &str, key: Option<&str>) -> Answer {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let key = key.map(|key| format!("x-api-key: {key}\r\n")).unwrap_or_default();
        let request = format!("GET {path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n{key}\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, head: head.to_owned(), body: body.to_owned() }
    }

    fn limiter(&self) -> Arc<RateLimiter> {
        self.pm.plugin_as("rate-limiter").unwrap()
    }
}

#[tokio::test]
async fn an_answer_says_what_is_left_and_the_limit_is_429() {
    let server = start("max_requests = 2\nwindow_seconds = 60").await;
    let first = server.get("/", None).await;
    assert_eq!((first.status, first.limits()), (200, [2, 1, 1_000_060]));
    assert_eq!(first.body, r#"{"status":"success","data":{}}"#);
    assert_eq!(first.header("server"), Some("rate-limited"));
    assert_eq!(server.get("/", None).await.limits(), [2, 0, 1_000_060]);
    server.clock.advance(20);
    let refused = server.get("/", None).await;
    assert_eq!((refused.status, refused.limits()), (429, [2, 0, 1_000_060]));
    assert_eq!(refused.header("retry-after"), Some("40"));
    assert_eq!(refused.body, r#"{"error":"Rate limit exceeded","limit":2,"reset":1000060}"#);
}

#[tokio::test]
async fn a_window_ends_also_for_who_only_asks_what_is_left() {
    let server = start("max_requests = 1\nwindow_seconds = 60").await;
    assert_eq!(server.get("/quota", None).await.body, "1 of 1");
    assert_eq!(server.get("/", None).await.status, 200);
    // Who is refused is not counted, and asking costs nothing.
    assert_eq!(server.get("/", None).await.status, 429);
    assert_eq!(server.get("/quota", None).await.body, "0 of 1");
    server.clock.advance(59);
    assert_eq!(server.get("/", None).await.status, 429);
    server.clock.advance(1);
    assert_eq!(server.get("/quota", None).await.body, "1 of 1");
    assert_eq!(server.get("/", None).await.limits(), [1, 0, 1_000_120]);
}

#[tokio::test]
async fn each_key_and_each_address_has_its_own_limit() {
    let server = start("max_requests = 1").await;
    for key in [None, Some("one"), Some("two"), Some("127.0.0.1")] {
        assert_eq!(server.get("/", key).await.status, 200, "{key:?}");
        assert_eq!(server.get("/", key).await.status, 429, "{key:?}");
    }
}

#[tokio::test]
async fn the_clock_on_the_wall_changes_no_window() {
    let server = start("max_requests = 1\nwindow_seconds = 60").await;
    server.get("/", None).await;
    server.clock.wall.store(1_000_000, Ordering::SeqCst);
    let refused = server.get("/", None).await;
    assert_eq!((refused.status, refused.limits()[2]), (429, 2_000_060));
}

#[tokio::test]
async fn clients_are_forgotten_when_their_windows_end_or_there_are_too_many() {
    let server = start("max_requests = 1\nwindow_seconds = 60\nmax_clients = 3").await;
    for key in ["a", "b", "c", "d", "e"] {
        server.get("/", Some(key)).await;
        server.clock.advance(1);
    }
    assert_eq!(server.limiter().clients(), 3);
    // Those who came last are limited still.
    assert_eq!(server.get("/", Some("e")).await.status, 429);
    server.clock.advance(60);
    server.get("/", Some("f")).await;
    assert_eq!(server.limiter().clients(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_at_once_no_more_than_the_limit_are_let_in() {
    let server = start("max_requests = 10").await;
    let answers = join_all((0..40).map(|_| server.get("/", Some("same")))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 10);
}

#[tokio::test]
async fn a_changed_configuration_changes_the_limit_of_the_running_server() {
    let server = start("max_requests = 1").await;
    server.get("/", None).await;
    assert_eq!(server.get("/", None).await.status, 429);
    let report = server.pm.load_config(&config("max_requests = 5")).await.unwrap();
    assert_eq!(report.reconfigured(), ["rate-limiter"]);
    assert_eq!(server.get("/", None).await.limits()[..2], [5, 4]);
    let off = "[plugins]\nmiddleware = [{ id = 'rate-limiter', enabled = false }, 'server-name']";
    server.pm.load_config(&PluginConfig::from_toml_str(off).unwrap()).await.unwrap();
    let answer = server.get("/", None).await;
    assert_eq!((answer.status, answer.header("x-ratelimit-limit")), (200, None));
}

#[tokio::test]
async fn the_server_ends_and_stops_its_plugins() {
    let Server { pm, end, served, .. } = start("").await;
    end.send(()).unwrap();
    served.await.unwrap().unwrap();
    assert!(pm.descriptors().iter().all(|descriptor| descriptor.state != PluginState::Started));
}

#[tokio::test]
async fn wrong_settings_are_told() {
    let code = async |settings: &str| {
        let error = AsyncPluginManager::from_config("rate-limited", Http, &config(settings)).await;
        error.err().map(|error: Error| error.code())
    };
    assert_eq!(code("max_requests = 0").await, Some("factory"));
    assert_eq!(code("max_requests = 'many'").await, Some("config"));
    assert_eq!(code("max_request = 1").await, Some("config"));
    assert_eq!(code("").await, None);
}

#[test]
fn the_plugin_can_be_tested_without_a_server_and_a_manager_has_its_file() {
    // `admit` and `quota` are methods of the type, and a function that is a plugin stays a function.
    assert!(limiter::server_name().is_ok());
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/rate_limiter/rate-limited.toml");
    let limiter: limiter::Settings =
        PluginConfig::from_path(file).unwrap().section("rate-limiter").deserialize().unwrap();
    assert_eq!((limiter.max_requests, limiter.window_seconds), (5, 60));
    let pm = PluginManager::from_config("rate-limited", Http, file).unwrap();
    let client = Client { address: [127, 0, 0, 1].into(), api_key: None };
    let limiter: Arc<RateLimiter> = pm.plugin_as("rate-limiter").unwrap();
    assert!(limiter.admit(&client).is_ok());
}
