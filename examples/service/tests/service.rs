//! The service of the example, over real HTTP: under load while it changes, and under faults.

#[path = "../src/admin.rs"]
mod admin;
#[path = "../src/app.rs"]
mod app;
#[path = "../src/beacon.rs"]
mod beacon;
#[path = "../src/drawing.rs"]
mod drawing;
#[path = "../src/forecast.rs"]
mod forecast;
#[path = "../src/host.rs"]
mod host;
#[path = "../src/middleware.rs"]
mod middleware;
#[path = "../src/points.rs"]
mod points;
#[path = "../src/routes.rs"]
mod routes;
#[path = "../src/store.rs"]
mod store;
#[path = "../src/telemetry.rs"]
mod telemetry;

#[path = "service/breaker.rs"]
mod breaker;
#[path = "service/client.rs"]
mod client;
#[path = "service/pages.rs"]
mod pages;
#[path = "service/plugins.rs"]
mod plugins;
#[path = "service/reloads.rs"]
mod reloads;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use pluginkit::AsyncPluginManager;
use pluginkit::prelude::BoxError;
use pluginkit::testing::FakeClock;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use client::{Answer, Connection};
use plugins::Probe;

/// The keys of `service.toml`.
const USER: &str = "letmein";
const ADMIN: &str = "opensesame";

/// A folder that is gone when the test ends.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("service-{}-{number}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The file of the service, as a test changes it.
#[derive(Clone)]
struct File {
    groups: BTreeMap<&'static str, Vec<&'static str>>,
    settings: BTreeMap<&'static str, String>,
    limits: &'static str,
}

impl File {
    fn new(scratch: &Scratch) -> Self {
        let database = scratch.path("notes.db");
        let users = "public = ['/health']
            users = [
                { name = 'ada', key_sha256 = '1c8bfe8f801d79745c4631d09fff36c82aa37fc4cce4fc946683d7b336b63032' },
                { name = 'root', admin = true, \
                  key_sha256 = 'd9fb92e3bbe65be1f1aad4a82eef4567f7a1ebe2cd110c8049b9698be7a70c88' },
            ]";
        Self {
            groups: BTreeMap::from([
                ("a-middleware", vec!["request-log", "auth", "rate-limit"]),
                ("b-services", vec!["store"]),
                ("c-routes", vec!["hello", "notes"]),
            ]),
            settings: BTreeMap::from([
                ("auth", users.to_owned()),
                ("rate-limit", "requests = 1000000\nseconds = 60".to_owned()),
                ("store", format!("file = '{}'", database.display())),
                ("notes", "page = 3".to_owned()),
            ]),
            limits: "",
        }
    }

    /// Lists a plugin in a group, behind the others.
    fn list(&mut self, group: &'static str, plugin: &'static str, settings: impl Into<String>) {
        self.groups.entry(group).or_default().push(plugin);
        self.set(plugin, settings);
    }

    fn set(&mut self, plugin: &'static str, settings: impl Into<String>) {
        self.settings.insert(plugin, settings.into());
    }

    fn text(&self) -> String {
        let mut text = String::from("[plugins]\n");
        for (group, plugins) in &self.groups {
            writeln!(text, "{group} = {plugins:?}").unwrap();
        }
        for (plugin, settings) in &self.settings {
            // A plugin that is not listed has no settings.
            if self.groups.values().flatten().any(|listed| listed == plugin) && !settings.is_empty() {
                writeln!(text, "[plugin.{plugin}]\n{settings}").unwrap();
            }
        }
        text + self.limits
    }
}

/// A service that runs in the test.
struct Service {
    address: SocketAddr,
    pm: Arc<AsyncPluginManager>,
    clock: FakeClock,
    probe: Arc<Probe>,
    end: oneshot::Sender<()>,
    served: JoinHandle<Result<(), BoxError>>,
    scratch: Scratch,
}

async fn start(scratch: Scratch, file: &File) -> Service {
    telemetry::recorder();
    let (path, clock) = (scratch.path("service.toml"), FakeClock::new());
    fs::write(&path, file.text()).unwrap();
    let pm = AsyncPluginManager::builder("service").clock(clock.reader()).build();
    let probe = Arc::new(Probe::default());
    pm.shared_state().insert_shared(Arc::clone(&probe));
    let pm = app::assemble(pm, &path).await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (end, told) = oneshot::channel();
    let served = tokio::spawn(app::serve(Arc::clone(&pm), listener, async { drop(told.await) }));
    Service { address, pm, clock, probe, end, served, scratch }
}

impl Service {
    async fn connect(&self, key: Option<&str>) -> Connection {
        Connection::new(self.address, key).await.unwrap()
    }

    /// Writes the file in one step: a load that is under way may read it.
    fn write(&self, file: &File) {
        let next = self.scratch.path("next.toml");
        fs::write(&next, file.text()).unwrap();
        fs::rename(next, self.scratch.path("service.toml")).unwrap();
    }

    /// Writes the file, and asks the service to load it.
    async fn reload(&self, file: &File) -> Answer {
        self.write(file);
        self.connect(Some(ADMIN)).await.ask("POST", "/admin/reload", "").await.unwrap()
    }

    async fn end(self) {
        self.end.send(()).unwrap();
        self.served.await.unwrap().unwrap();
    }
}
