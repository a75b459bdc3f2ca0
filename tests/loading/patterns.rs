//! Common patterns of plugin hosts, each as a user would write it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use pluginkit::loading::{LoadPolicy, PluginFactory, SkipReason};
use pluginkit::metadata::PluginMetadata;
use pluginkit::prelude::*;
use serde::Deserialize;

use crate::toml;

#[extension_point(project = "patterns")]
trait App {
    fn on_startup(&self) -> Result<String, String>;

    fn on_shutdown(&self) -> Result<String, String>;

    fn connect(&self) -> Result<String, String>;

    #[extension_point(pipeline)]
    fn handle(&self, request: Request) -> Result<Request, Denied>;

    fn is_valid(&self, value: &str) -> bool;
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Request {
    path: String,
    token: Option<String>,
    seen_by: Vec<&'static str>,
}

#[derive(Debug, PartialEq, Eq)]
struct Denied(&'static str);

#[plugin(id = "log-request", project = "patterns", extends = App::handle)]
fn log_request(mut request: Request) -> Result<Request, Denied> {
    request.seen_by.push("log");
    Ok(request)
}

#[plugin(id = "authenticate", project = "patterns", extends = App::handle)]
fn authenticate(mut request: Request) -> Result<Request, Denied> {
    if request.token.is_none() {
        return Err(Denied("missing authentication token"));
    }
    request.seen_by.push("authenticate");
    Ok(request)
}

#[plugin(id = "warm-up", project = "patterns", extends = App::on_startup)]
fn warm_up() -> Result<String, String> {
    Ok("warm".to_owned())
}

#[plugin(id = "migrate", project = "patterns", extends = App::on_startup)]
fn migrate() -> Result<String, String> {
    Err("the schema is locked".to_owned())
}

#[plugin(id = "announce", project = "patterns", extends = App::on_startup)]
fn announce() -> Result<String, String> {
    panic!("nobody listens")
}

#[plugin(id = "say-goodbye", project = "patterns", extends = App::on_shutdown)]
fn say_goodbye() -> Result<String, String> {
    Ok("goodbye".to_owned())
}

/// A backend with state, made of its settings.
#[plugin(id = "postgres", project = "patterns", config = PostgresSettings)]
struct Postgres {
    settings: PostgresSettings,
    queries: Mutex<Vec<String>>,
}

#[derive(Deserialize)]
struct PostgresSettings {
    #[serde(default = "localhost")]
    host: String,
    database: String,
}

fn localhost() -> String {
    "localhost".to_owned()
}

impl From<PostgresSettings> for Postgres {
    fn from(settings: PostgresSettings) -> Self {
        Self { settings, queries: Mutex::default() }
    }
}

impl Postgres {
    fn execute(&self, query: &str) -> usize {
        let mut queries = self.queries.lock().unwrap();
        queries.push(query.to_owned());
        queries.len()
    }
}

#[extension]
impl App for Postgres {
    fn connect(&self) -> Result<String, String> {
        Ok(format!("{}/{}", self.settings.host, self.settings.database))
    }
}

#[plugin(id = "redis", project = "patterns")]
#[derive(Default)]
struct Redis;

#[extension]
impl App for Redis {
    fn connect(&self) -> Result<String, String> {
        Err("the redis plugin needs a server: start one, or take `redis` out of the group `database`"
            .to_owned())
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct EmailSettings {
    domain_whitelist: Vec<String>,
}

/// A validator that a factory makes of its settings.
#[plugin(id = "email", project = "patterns", config = EmailSettings, build = Email::create)]
struct Email(Vec<String>);

impl Email {
    fn create(settings: EmailSettings) -> Result<Self, String> {
        match settings.domain_whitelist.iter().find(|domain| domain.contains('@')) {
            Some(wrong) => Err(format!("`{wrong}` is an address, not a domain")),
            None => Ok(Self(settings.domain_whitelist)),
        }
    }
}

#[extension]
impl App for Email {
    fn is_valid(&self, value: &str) -> bool {
        let Some((name, domain)) = value.split_once('@') else { return false };
        let is_email = !name.is_empty() && domain.contains('.');
        is_email && (self.0.is_empty() || self.0.iter().any(|allowed| allowed == domain))
    }
}

#[derive(Deserialize)]
#[serde(default)]
struct PhoneSettings {
    country_code: String,
}

impl Default for PhoneSettings {
    fn default() -> Self {
        Self { country_code: "+1".to_owned() }
    }
}

#[plugin(id = "phone", project = "patterns", config = PhoneSettings)]
struct Phone(PhoneSettings);

impl From<PhoneSettings> for Phone {
    fn from(settings: PhoneSettings) -> Self {
        Self(settings)
    }
}

#[extension]
impl App for Phone {
    fn is_valid(&self, value: &str) -> bool {
        value.strip_prefix(&self.0.country_code).is_some_and(|number| {
            let digits: String = number.chars().filter(|each| !"- ".contains(*each)).collect();
            digits.len() == 10 && digits.chars().all(|each| each.is_ascii_digit())
        })
    }
}

fn manager(config: &str) -> PluginManager {
    let pm = PluginManager::new("patterns");
    pm.add_extension_points(App).unwrap();
    pm.load_config(&toml(config)).unwrap();
    pm
}

#[test]
fn a_middleware_chain_is_a_pipeline_within_a_group_and_an_error_ends_it() {
    let pm = manager("[plugins]\nmiddleware = ['loading::patterns::log_request', 'authenticate']");
    let handle = pm.caller(App::handle).within_group("middleware");
    let request = Request { token: Some("secret".to_owned()), ..Request::default() };
    assert_eq!(handle.call(request).unwrap().seen_by, ["log", "authenticate"]);
    assert_eq!(handle.call(Request::default()), Err(Denied("missing authentication token")));
    // Turned off, it leaves the request as it is.
    let off = toml("[plugins]\nmiddleware = [{ id = 'authenticate', enabled = false }]");
    pm.load_config(&off).unwrap();
    assert_eq!(handle.call(Request::default()), Ok(Request::default()));
}

#[test]
fn a_startup_hook_that_fails_stops_no_other_and_no_shutdown_hook_runs() {
    let pm = manager("[plugins]\nhooks = ['warm-up', 'migrate', 'announce', 'say-goodbye']");
    let settled = pm.caller(App::on_startup).within_group("hooks").settle();
    let outcomes: Vec<_> = settled
        .iter()
        .map(|each| {
            let text = match &each.result {
                Ok(text) => format!("{text:?}"),
                Err(error) => error.to_string(),
            };
            format!("{}: {text}", each.plugin)
        })
        .collect();
    assert_eq!(outcomes.len(), 3, "{outcomes:?}");
    assert!(outcomes[0].starts_with("warm-up: ") && outcomes[0].contains("warm"), "{outcomes:?}");
    assert!(outcomes[1].starts_with("migrate: "), "{outcomes:?}");
    assert!(outcomes[2].contains("nobody listens"), "{outcomes:?}");
    assert_eq!(pm.caller(App::on_shutdown).within_group("hooks").call(), Ok(vec!["goodbye".to_owned()]));
}

#[test]
fn backends_are_connected_each_by_its_name() {
    let pm = manager("[plugins]\ndatabase = ['postgres', 'redis']\n[plugin.postgres]\ndatabase = 'myapp'");
    let connect = |group: &str| -> BTreeMap<String, bool> {
        let settled = pm.caller(App::connect).within_group(group).settle();
        settled.into_iter().map(|each| (each.plugin.to_string(), each.result.is_ok())).collect()
    };
    assert_eq!(connect("database"), [("postgres".to_owned(), true), ("redis".to_owned(), false)].into());
    assert_eq!(connect("nowhere"), BTreeMap::new());
    // What a plugin cannot do without, it says how to get.
    let error = pm.caller(App::connect).within_group("database").without(["postgres"]).call().unwrap_err();
    assert!(error.contains("start one, or take `redis` out"), "{error}");
}

#[test]
fn every_look_up_returns_the_same_stateful_plugin() {
    let pm =
        manager("[plugins]\ndatabase = ['postgres']\n[plugin.postgres]\ndatabase = 'myapp'\nhost = 'db'");
    let postgres: Arc<Postgres> = pm.group("database").get_as("postgres").unwrap();
    assert_eq!(postgres.connect().unwrap(), "db/myapp");
    postgres.execute("SELECT 1");
    assert_eq!(pm.plugin_as::<Postgres>("postgres").unwrap().execute("SELECT 2"), 2);
}

#[test]
fn validators_are_made_of_their_settings() {
    let pm = manager(
        "[plugins]\nvalidators = ['email']\nphones = ['phone']\n[plugin.email]\ndomain_whitelist = ['company.com']",
    );
    let email = pm.caller(App::is_valid).within_group("validators");
    for (value, valid) in [("user@company.com", true), ("user@other.com", false), ("company.com", false)] {
        assert_eq!(email.call(value), [valid], "{value}");
    }
    let phone = pm.caller(App::is_valid).within_group("phones");
    for (value, valid) in
        [("+1-555-123-4567", true), ("+1 555 123 4567", true), ("+1-555", false), ("+44-555-123-4567", false)]
    {
        assert_eq!(phone.call(value), [valid], "{value}");
    }
}

#[test]
fn a_group_that_loads_in_part_says_what_it_left_out() {
    let pm = PluginManager::new("patterns");
    pm.add_extension_points(App).unwrap();
    let config = toml(
        "[plugins]\nvalidators = ['phone', 'email', 'iban', 'authenticate']\n[plugin.email]\ndomain_whitelist = ['a@b']",
    );
    let report = pm.load_config_with(&config, LoadPolicy::Skip).unwrap();
    assert_eq!(pm.group("validators").ids(), ["phone", "authenticate"]);
    let lines = report.to_string();
    assert!(lines.contains("skipped plugin `email` (loading::patterns::Email): "), "{lines}");
    assert!(lines.contains("`a@b` is an address, not a domain"), "{lines}");
    assert!(lines.contains("skipped plugin `iban`: "), "{lines}");
    assert!(report.skipped().iter().all(|skipped| matches!(skipped.reason, SkipReason::Failed(_))));
}

#[test]
fn a_plugin_is_tested_without_a_manager() {
    let postgres = Postgres::from(PostgresSettings { host: localhost(), database: "test".to_owned() });
    assert_eq!(postgres.connect().unwrap(), "localhost/test");
    assert_eq!(log_request(Request::default()).unwrap().seen_by, ["log"]);
    assert!(Email::create(EmailSettings { domain_whitelist: vec!["a@b".to_owned()] }).is_err());
}

#[test]
fn groups_and_their_members_can_be_listed() {
    let pm = manager("[plugins]\nrequest_validators = ['email', 'phone']\nbackground_tasks = []");
    let listed: Vec<_> =
        pm.groups().iter().map(|group| format!("{}: {}", group.name(), group.ids().join(" "))).collect();
    assert_eq!(listed, ["request_validators: email phone", "background_tasks: "]);
    let points = pm.extension_points();
    assert!(points.iter().any(|point| point.name == "is_valid" && point.args == ["value"]));
}

/// What a crate offers under short paths, wherever it stands.
mod exports {
    mod inner {
        use super::super::App;
        use pluginkit::prelude::*;

        #[plugin(id = "uptime", project = "patterns")]
        #[derive(Default)]
        pub(crate) struct Uptime;

        #[extension]
        impl App for Uptime {
            fn on_startup(&self) -> Result<String, String> {
                Ok("up".to_owned())
            }
        }
    }
    pub(crate) use inner::Uptime;
}

#[test]
fn an_id_means_the_same_plugin_wherever_it_is_exported_and_a_path_where_it_stands() {
    let pm = manager("[plugins]\nhooks = ['uptime', 'loading::patterns::exports::inner::Uptime']");
    assert_eq!(pm.plugin_names(), ["uptime"]);
    assert_eq!(pm.group("hooks").all_as::<exports::Uptime>().len(), 1);
    let error =
        pm.load_config(&toml("[plugins]\nhooks = ['loading::patterns::exports::Uptime']")).unwrap_err();
    let meant = "did you mean `loading::patterns::exports::inner::Uptime`?";
    assert!(error.to_string().contains(meant), "{error}");
}

#[test]
fn a_plugin_that_is_made_for_another_version_of_the_interface_is_refused_and_left_out_on_request() {
    #[extension_point(version = "2.1.0")]
    trait Database {
        fn connect(&self) -> String;
    }
    struct New;
    #[extension(requires = "^2")]
    impl Database for New {
        fn connect(&self) -> String {
            "new".to_owned()
        }
    }
    struct Old;
    #[extension(requires = "^1.4")]
    impl Database for Old {
        fn connect(&self) -> String {
            "old".to_owned()
        }
    }
    let pm = PluginManager::new("versioned-points");
    pm.add_extension_points(Database).unwrap();
    pm.add_factory(PluginFactory::new(PluginMetadata::new("new"), || New));
    pm.add_factory(PluginFactory::new(PluginMetadata::new("old"), || Old));
    let config = toml("[plugins]\ndatabase = ['new', 'old']");
    let error = pm.load_config(&config).unwrap_err();
    assert_eq!((error.code(), error.plugin().unwrap().as_str()), ("specs_version", "old"));
    assert!(error.to_string().contains("version ^1.4") && error.to_string().contains("2.1.0"), "{error}");
    assert_eq!(pm.plugin_names(), [""; 0]);
    let report = pm.load_config_with(&config, LoadPolicy::Skip).unwrap();
    assert_eq!((report.added(), report.skipped()[0].plugin.as_str()), (&["new".into()][..], "old"));
}

#[test]
fn a_plugin_that_requires_another_version_of_a_plugin_is_refused_by_both_names() {
    struct Part;

    #[extension]
    impl Lifecycle for Part {
        fn start(&self) -> Result<(), BoxError> {
            Ok(())
        }
    }

    let pm = PluginManager::new("versioned-interfaces");
    let declared = |id: &str, version: &str| PluginMetadata::new(id).version(version);
    pm.add_factory(PluginFactory::new(declared("database-api", "2.1.0"), || Part));
    pm.add_factory(PluginFactory::new(declared("new", "1.0.0").requires(["database-api ^2"]), || Part));
    pm.add_factory(PluginFactory::new(declared("old", "1.0.0").requires(["database-api ^1.4"]), || Part));
    pm.load_config(&toml("[plugins]\ndatabase = ['database-api', 'new']")).unwrap();
    pm.validate().unwrap();
    pm.load_config(&toml("[plugins]\ndatabase = ['database-api', 'new', 'old']")).unwrap();
    let error = pm.start_all().unwrap_err();
    assert_eq!((error.code(), error.plugin().unwrap().as_str()), ("unmet_dependencies", "old"));
    assert!(error.to_string().contains("database-api") && error.to_string().contains("2.1.0"), "{error}");
    assert_eq!(pm.descriptor("new").unwrap().state, PluginState::Loaded);
}
