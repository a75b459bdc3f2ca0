//! Reloads of every kind under load: no request fails.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::net::UdpSocket;
use tokio::sync::Notify;
use tokio::task::JoinSet;

use crate::client::Connection;
use crate::store::Store;
use crate::{ADMIN, File, Scratch, Service, USER, start};

/// The state that the clients of a load share.
#[derive(Default)]
struct Load {
    served: AtomicUsize,
    added: AtomicUsize,
    failures: Mutex<Vec<String>>,
    is_over: AtomicBool,
    progress: Notify,
}

impl Load {
    /// Waits for more answers, unless there will be none.
    async fn wait_for(&self, more: usize) {
        let goal = self.served.load(Ordering::SeqCst) + more;
        loop {
            let progress = self.progress.notified();
            if self.served.load(Ordering::SeqCst) >= goal || self.is_over.load(Ordering::SeqCst) {
                return;
            }
            progress.await;
        }
    }

    async fn client(self: Arc<Self>, number: usize, mut connection: Connection) {
        let requests = [
            ("GET", "/hello", 200, Some("hello ada\n")),
            ("GET", "/notes", 200, None),
            ("GET", "/health", 200, Some("ok\n")),
            ("GET", "/whoami", 200, Some("ada\n")),
            ("GET", "/nowhere", 404, None),
            ("POST", "/notes", 201, None),
            ("GET", "/held", 200, None),
        ];
        let mut turn = number;
        while !self.is_over.load(Ordering::SeqCst) {
            turn += 1;
            let (method, path, status, body) = requests[turn % requests.len()];
            let note = if method == "POST" { format!("note {turn} of {number}") } else { String::new() };
            let failure = match connection.ask(method, path, &note).await {
                Err(error) => Some(error.to_string()),
                Ok(answer) => {
                    let is_right = answer.status == status && body.is_none_or(|body| answer.body == body);
                    (!is_right).then(|| format!("{answer:?}"))
                }
            };
            if let Some(failure) = failure {
                let mut failures = self.failures.lock().unwrap();
                failures.push(format!("{method} {path}: {failure}"));
                // A connection that is closed would fail for ever.
                if failures.len() > 20 {
                    self.is_over.store(true, Ordering::SeqCst);
                }
            }
            if method == "POST" {
                self.added.fetch_add(1, Ordering::SeqCst);
            }
            if self.served.fetch_add(1, Ordering::SeqCst).is_multiple_of(100) {
                self.progress.notify_waiters();
            }
        }
        self.progress.notify_waiters();
    }
}

/// The number of requests, at least.
const REQUESTS: usize = 20_000;

/// Asks the beacon.
async fn beacon(port: u16) -> String {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    socket.connect(("127.0.0.1", port)).await.unwrap();
    socket.send(b"?").await.unwrap();
    let mut packet = [0; 64];
    let length = socket.recv(&mut packet).await.unwrap();
    String::from_utf8(packet[..length].to_vec()).unwrap()
}

/// Returns a free port of UDP.
async fn free_port() -> u16 {
    UdpSocket::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port()
}

impl Service {
    /// Reloads, and expects these texts in the report.
    async fn changes(&self, file: &File, changed: &[&str]) {
        let answer = self.reload(file).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        for word in changed {
            assert!(answer.body.contains(word), "no {word} in {}", answer.body);
        }
    }

    /// Begins a reload, and hangs up when `it_is_time`.
    async fn hang_up(&self, file: &File, it_is_time: impl Future<Output = ()>) {
        self.write(file);
        let mut connection = self.connect(Some(ADMIN)).await;
        connection.send("POST", "/admin/reload", "").await.unwrap();
        it_is_time.await;
    }

    /// Waits until the load that is under way has ended. The plugins are those of the file then.
    async fn settles(&self, file: &File) {
        let answer = loop {
            let answer = self.reload(file).await;
            if answer.status != 409 {
                break answer;
            }
            tokio::task::yield_now().await;
        };
        assert_eq!((answer.status, answer.body.as_str()), (200, "no plugin changed\n"));
    }

    /// Waits until a path has an answer.
    async fn answers(&self, path: &str, body: &str) {
        let mut connection = self.connect(Some(USER)).await;
        while connection.ask("GET", path, "").await.unwrap().body != body {}
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_request_fails_while_the_service_changes_in_every_way() {
    let scratch = Scratch::new();
    let port = free_port().await;
    let mut file = File::new(&scratch);
    file.list("b-services", "beacon", format!("address = '127.0.0.1:{port}'\nanswer = 'first'"));
    file.list("c-routes", "hold", "text = 'first'");
    file.list("a-middleware", "single", "text = 'first'");
    let service = start(scratch, &file).await;

    let load = Arc::new(Load::default());
    let mut clients = JoinSet::new();
    for number in 0..8 {
        clients.spawn(Arc::clone(&load).client(number, service.connect(Some(USER)).await));
    }

    let mut round = 0;
    while load.served.load(Ordering::SeqCst) < REQUESTS && !load.is_over.load(Ordering::SeqCst) {
        round += 1;
        change_everything(&service, &mut file, &load, round, port).await;
    }

    load.is_over.store(true, Ordering::SeqCst);
    clients.join_all().await;
    let failures = std::mem::take(&mut *load.failures.lock().unwrap());
    assert!(failures.is_empty(), "{} failed: {failures:#?}", failures.len());
    assert!(load.served.load(Ordering::SeqCst) >= REQUESTS);
    // No note was lost between an old store and a new one.
    let store = service.pm.service::<dyn Store>().unwrap();
    assert_eq!(store.latest(u32::MAX).unwrap().len(), load.added.load(Ordering::SeqCst));
    drop(store);
    service.end().await;
}

async fn change_everything(service: &Service, file: &mut File, load: &Load, round: usize, port: u16) {
    // The settings of a middleware.
    file.set("rate-limit", format!("requests = {}\nseconds = 60", 1_000_000 + round));
    service.changes(file, &["reconfigured `rate-limit`"]).await;
    load.wait_for(400).await;

    // A route.
    file.set("notes", format!("page = {}", 3 + round));
    service.changes(file, &["reconfigured `notes`"]).await;
    load.wait_for(400).await;

    // A plugin that owns a resource, and the plugin that uses it.
    let database = service.scratch.path("notes.db");
    file.set("store", format!("file = '{}'\nbusy_timeout_ms = {}", database.display(), 9000 + round));
    service.changes(file, &["reconfigured `store`", "rebuilt `notes`, because it uses `store`"]).await;
    load.wait_for(400).await;

    // A plugin that comes, and goes again.
    let before = file.clone();
    service.probe.open.give();
    file.list("c-routes", "gate", "text = 'new'");
    service.changes(file, &["added `gate`"]).await;
    load.wait_for(400).await;
    service.changes(&before, &["removed `gate`"]).await;
    file.clone_from(&before);
    load.wait_for(400).await;

    // The order of middleware and routes.
    file.groups.get_mut("a-middleware").unwrap()[1..].reverse();
    file.groups.get_mut("c-routes").unwrap().reverse();
    service.changes(file, &["moved"]).await;
    load.wait_for(400).await;

    // Exclusive plugins: one with a port, and a wrapper.
    let answer = format!("answer {round}");
    file.set("beacon", format!("address = '127.0.0.1:{port}'\nanswer = '{answer}'"));
    service.changes(file, &["reconfigured `beacon`"]).await;
    assert_eq!(beacon(port).await, answer);
    file.set("single", format!("text = '{round}'"));
    service.changes(file, &["reconfigured `single`"]).await;
    load.wait_for(400).await;

    // Loads that fail: a newcomer does not start, a store does not open, a setting is wrong.
    fails(service, file, "out of order", |file| file.list("c-routes", "broken", "")).await;
    fails(service, file, "cannot open", |file| file.set("store", "file = '/nowhere/notes.db'")).await;
    fails(service, file, "page", |file| file.set("notes", "page = 'one'")).await;
    load.wait_for(400).await;

    // The request of a load is dropped while a newcomer starts: the load is taken back.
    let mut next = file.clone();
    next.list("c-routes", "gate", "text = 'new'");
    next.set("rate-limit", "requests = 7\nseconds = 1");
    let (began, dropped) = (count(&service.probe.began), count(&service.probe.dropped));
    service.hang_up(&next, service.probe.until(|probe| count(&probe.began) > began)).await;
    service.probe.until(|probe| count(&probe.dropped) > dropped).await;
    load.wait_for(400).await;
    service.settles(file).await;
    assert!(!service.pm.is_registered("gate"));

    // The request of a load is dropped after the step: the load goes on. It waits for a request that is in the old plugin.
    let (held, stopped) = (count(&service.probe.held), count(&service.probe.stopped));
    let old = service.connect(Some(USER)).await.ask("GET", "/held", "").await.unwrap().body;
    let mut holds = service.connect(Some(USER)).await;
    holds.send("GET", "/hold", "").await.unwrap();
    service.probe.until(|probe| count(&probe.held) > held).await;
    let new = format!("text {round}");
    file.set("hold", format!("text = '{new}'"));
    service.hang_up(file, service.answers("/held", &new)).await;
    load.wait_for(400).await;
    assert_eq!(count(&service.probe.stopped), stopped, "it stops when no request is in it");
    service.probe.release.give();
    assert_eq!(holds.receive().await.unwrap().body, old);
    service.probe.until(|probe| count(&probe.stopped) > stopped).await;
    service.settles(file).await;
}

fn count(number: &AtomicUsize) -> usize {
    number.load(Ordering::SeqCst)
}

/// Expects that a load fails, says why, and changes nothing.
async fn fails(service: &Service, file: &File, why: &str, change: impl FnOnce(&mut File)) {
    let plugins = service.pm.plugin_names();
    let mut wrong = file.clone();
    change(&mut wrong);
    let answer = service.reload(&wrong).await;
    assert!(answer.status == 422 && answer.body.contains(why), "{answer:?}");
    assert_eq!(service.pm.plugin_names(), plugins);
    service.settles(file).await;
}
