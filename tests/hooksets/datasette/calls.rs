//! Every hook, called.

use std::collections::BTreeMap;

use pluginkit::prelude::*;

use super::Hooks;
use super::plugins::{Auth, ClusterMap, Defaults, ErrorPages, Exporter, Locked, Search};
use super::types::{
    Actor, App, Connection, Datasette, Environment, Link, Request, Resource, Response, Row, Scope, Script,
    StartupError, TemplateVars, Value, map,
};

fn manager() -> PluginManager {
    let pm = PluginManager::new("datasette");
    pm.add_extension_points(Hooks).unwrap();
    pm.register(Defaults).unwrap();
    pm.register(ClusterMap).unwrap();
    pm.register(Auth { root: "root" }).unwrap();
    pm.register(Locked(&["fleet/payroll"])).unwrap();
    pm.register(Exporter).unwrap();
    pm.register(Search).unwrap();
    pm.register(ErrorPages).unwrap();
    pm
}

fn datasette() -> Datasette {
    Datasette { base_url: "/data/".to_owned(), debug: false, settings: map(&[("cluster-map.tiles", "osm")]) }
}

fn request(path: &str) -> Request {
    Request { path: path.to_owned(), ..Request::default() }
}

fn actor(id: &str) -> Actor {
    Actor { id: id.to_owned() }
}

#[test]
fn every_hook_is_declared_and_has_a_plugin() {
    let pm = manager();
    let points = pm.extension_points();
    assert_eq!(points.len(), 26);
    for point in points {
        let implemented = pm.plugin_names().iter().any(|name| {
            pm.extension_points_of(name)
                .is_some_and(|points| points.iter().any(|each| each.name == point.name))
        });
        assert!(implemented, "{point}");
    }
}

#[test]
fn startup_stops_at_the_first_plugin_that_refuses() {
    let startup = manager().caller(Hooks::startup);
    assert_eq!(startup.call(&datasette()), Ok(()));
    let bare = Datasette::default();
    assert_eq!(startup.call(&bare), Err(StartupError("cluster-map.tiles is not set".to_owned())));
    assert_eq!(
        startup.without(["ClusterMap"]).call(&bare),
        Err(StartupError("base_url must start with /".to_owned()))
    );
}

#[test]
fn get_metadata_is_merged_from_the_last_to_the_first() {
    let get_metadata = manager().caller(Hooks::get_metadata);
    let merged = |key, database, table| {
        let all = get_metadata.call(&datasette(), key, database, table);
        all.into_iter().rev().flatten().collect::<BTreeMap<_, _>>()
    };
    assert_eq!(
        merged(None, Some("fleet"), Some("payroll")),
        map(&[("license", "none"), ("title", "Untitled")])
    );
    assert_eq!(merged(None, Some("fleet"), None), map(&[("license", "unknown"), ("title", "Untitled")]));
    assert_eq!(merged(Some("plugins"), None, None), map(&[]));
}

#[test]
fn asgi_wrapper_wraps_the_application_from_the_inside_out() {
    let app: App = Box::new(|scope| Response::new(200, scope.path.clone()));
    let app = manager().caller(Hooks::asgi_wrapper).call(app, &datasette());
    let inside = app(&Scope { path: "/data/fleet".to_owned() });
    assert_eq!((inside.status, &*inside.body, inside.headers.len()), (200, "/fleet", 1));
    assert_eq!(app(&Scope { path: "/elsewhere".to_owned() }), Response::new(404, "outside"));
}

#[test]
fn prepare_connection_gives_functions_to_the_connection() {
    let mut conn = Connection::default();
    manager().caller(Hooks::prepare_connection).call(&mut conn, "fleet", &datasette());
    assert_eq!(conn.functions["stem"]("Boats"), "fleet:boats");
    assert_eq!(conn.functions["upper"]("Boats"), "BOATS");
}

#[test]
fn prepare_jinja2_environment_edits_an_environment_that_borrows() {
    let directory = String::from("templates");
    let mut env = Environment { search_path: vec![&directory], filters: Vec::new() };
    manager().caller(Hooks::prepare_jinja2_environment).call(&mut env, &datasette());
    assert_eq!(env.search_path, ["cluster-map/templates", "templates"]);
    assert_eq!(env.filters, ["coordinates", "escape"]);
}

#[test]
fn extra_urls_scripts_and_variables_depend_on_the_page() {
    let pm = manager();
    let (datasette, columns) = (datasette(), ["latitude", "longitude"].map(String::from));
    let columns = Some(&columns[..]);
    let (database, table) = (Some("fleet"), Some("boats"));
    let request =
        Request { path: "/fleet".to_owned(), cookies: map(&[("actor", "root")]), ..Request::default() };

    let css = pm.caller(Hooks::extra_css_urls);
    let urls = css.call("table.html", database, table, columns, "table", Some(&request), &datasette);
    assert_eq!(urls.concat(), ["/data/map.css"]);
    assert_eq!(css.call("index.html", None, None, None, "index", None, &datasette), [Vec::<String>::new()]);

    let js = pm.caller(Hooks::extra_js_urls);
    let scripts = js.call("table.html", database, table, columns, "table", None, &datasette);
    assert_eq!(scripts, [[Script::Module("map.js".to_owned())]]);
    let more = js.extra(|args| vec![Script::Url(format!("{}.js", args.view_name))]);
    let scripts = more.call("index.html", None, None, None, "index", None, &datasette);
    assert_eq!(scripts, [vec![], vec![Script::Url("index.js".to_owned())]]);

    let body = pm.caller(Hooks::extra_body_script);
    let scripts = body.call("table.html", database, table, columns, "table", None, &datasette);
    assert_eq!(scripts, [Script::Inline("map(\"boats\")".to_owned())]);
    assert_eq!(body.call("index.html", None, None, None, "index", None, &datasette), []);

    let vars = pm.caller(Hooks::extra_template_vars);
    let vars = vars.call("database.html", database, None, None, "database", Some(&request), &datasette);
    let vars: BTreeMap<_, _> = vars.into_iter().flat_map(TemplateVars::resolve).collect();
    assert_eq!(vars, map(&[("db", "fleet"), ("root", "true"), ("view", "database")]));
}

#[test]
fn subcommands_and_commands_are_added_to_a_list_of_boxes() {
    let pm = manager();
    let (mut publish, mut cli) = (Vec::new(), Vec::new());
    pm.caller(Hooks::publish_subcommand).call(&mut publish);
    pm.caller(Hooks::register_commands).call(&mut cli);
    let run: Vec<_> = publish.iter().chain(&cli).map(|command| command.run(&["fleet.db"])).collect();
    assert_eq!(run, ["harbor fleet.db", "export fleet.db"]);
    assert_eq!(cli[0].name(), "export");
}

#[test]
fn render_cell_takes_the_first_rendering() {
    let render_cell = manager().caller(Hooks::render_cell);
    let row: Row = [
        ("latitude".to_owned(), Value::Integer(54)),
        ("longitude".to_owned(), Value::Integer(10)),
        ("name".to_owned(), Value::Text("<Anna>".to_owned())),
        ("sunk".to_owned(), Value::Null),
    ]
    .into();
    let render = |column: &str, table| {
        render_cell.call(&row, &row[column], column, table, Some("fleet"), &datasette())
    };
    assert_eq!(render("latitude", Some("boats")).as_deref(), Some("<pin 10>"));
    assert_eq!(render("longitude", Some("boats")).as_deref(), Some("<a href=\"boats/longitude\">10</a>"));
    assert_eq!(render("longitude", None), None);
    assert_eq!(render("name", None).as_deref(), Some("&lt;Anna>"));
    assert_eq!(render("sunk", None), None);
}

#[test]
fn renderers_facets_routes_and_magic_parameters_are_functions_to_call() {
    let pm = manager();
    let rows = vec![Row::from([("kind".to_owned(), Value::Text("ketch".to_owned()))]); 2];
    let renderers = pm.caller(Hooks::register_output_renderer).call(&datasette());
    assert_eq!(renderers[0][0].extension, "count");
    assert_eq!((renderers[0][0].render)(&rows), Response::new(200, "2 rows"));

    let facets = pm.caller(Hooks::register_facet_classes).call();
    let buckets = facets[0][0]("kind").buckets(&rows);
    assert_eq!(buckets.into_iter().collect::<Vec<_>>(), [("Text(\"ketch\")".to_owned(), 2)]);

    let routes = pm.caller(Hooks::register_routes).call(&datasette());
    let (pattern, view) = &routes[0][0];
    assert_eq!((*pattern, view(&request("/x"))), ("/-/export", Response::new(200, "/data/:/x")));

    let parameters = pm.caller(Hooks::register_magic_parameters).call(&datasette());
    let (prefix, value) = &parameters[0][0];
    assert_eq!((*prefix, &*value("path", &request("/x"))), ("request", "path=/x"));
}

#[test]
fn actor_from_request_takes_the_first_actor() {
    let actor_from_request = manager().caller(Hooks::actor_from_request);
    let request = |cookies| Request { cookies, ..Request::default() };
    let debug = Datasette { debug: true, ..datasette() };
    let known = request(map(&[("actor", "ida")]));
    assert_eq!(actor_from_request.call(&debug, &known), Some(actor("ida")));
    assert_eq!(actor_from_request.call(&debug, &request(map(&[]))), Some(actor("debug")));
    assert_eq!(actor_from_request.call(&datasette(), &request(map(&[]))), None);
}

#[test]
fn filters_and_canned_queries_come_from_those_that_have_any() {
    let pm = manager();
    let filters_from_request = pm.caller(Hooks::filters_from_request);
    let search = Request { args: map(&[("_search", "ketch")]), ..Request::default() };
    let filters = filters_from_request.call(&search, "fleet", "boats", &datasette());
    assert_eq!(filters.len(), 1);
    assert_eq!(filters[0].where_clauses, ["boats_fts match :search"]);
    assert_eq!(filters[0].params, map(&[("search", "ketch")]));
    assert_eq!(filters[0].human_descriptions, ["search matches \"ketch\""]);
    assert_eq!(filters_from_request.call(&request("/"), "fleet", "boats", &datasette()), []);

    let canned_queries = pm.caller(Hooks::canned_queries);
    let queries = canned_queries.call(&datasette(), "fleet", Some(&actor("ida")));
    assert_eq!(queries, [map(&[("mine", "select * from fleet where owner = 'ida'")])]);
    assert_eq!(canned_queries.call(&datasette(), "fleet", None), []);
}

#[test]
fn permission_allowed_collects_every_opinion() {
    let permission_allowed = manager().caller(Hooks::permission_allowed);
    let root = actor("root");
    let payroll = Some(Resource { database: "fleet", table: Some("payroll") });
    let opinions = |actor, action, resource| permission_allowed.call(&datasette(), actor, action, resource);
    assert_eq!(opinions(Some(&root), "view-table", payroll), [true, false]);
    assert_eq!(opinions(Some(&root), "view-instance", None), [true]);
    assert_eq!(opinions(None, "view-table", payroll), [false]);
    assert!(opinions(Some(&actor("ida")), "view-instance", None).is_empty());
    let vetoed = permission_allowed.iter(&datasette(), Some(&root), "view-table", payroll).any(|ok| !ok);
    assert!(vetoed);
}

#[test]
fn forbidden_and_handle_exception_take_the_first_response() {
    let pm = manager();
    let forbidden = pm.caller(Hooks::forbidden).call(&datasette(), &request("/x"), "no entry");
    assert_eq!(forbidden, Some(Response::new(403, "no entry at /x: log in")));
    assert_eq!(pm.caller(Hooks::forbidden).without(["Auth"]).call(&datasette(), &request("/x"), ""), None);

    let handle_exception = pm.caller(Hooks::handle_exception);
    let known = "x".parse::<u8>().unwrap_err();
    let page = handle_exception.call(&datasette(), &request("/x"), &known);
    assert_eq!(page, Some(Response::new(400, "invalid digit found in string")));
    let debug = Datasette { debug: true, ..datasette() };
    let page = handle_exception.call(&debug, &request("/x"), &std::fmt::Error);
    assert_eq!(page, Some(Response::new(500, format!("{} at /x", std::fmt::Error))));
}

#[test]
fn links_and_actions_come_from_every_plugin() {
    let pm = manager();
    let (datasette, ida) = (datasette(), actor("ida"));
    let links = pm.caller(Hooks::menu_links).call(&datasette, Some(&ida), None);
    assert_eq!(links, [[Link::new("/data/-/session", "Log out")]]);
    let links = pm.caller(Hooks::menu_links).call(&datasette, None, Some(&request("/")));
    assert_eq!(links, [[Link::new("/data/-/session", "Log in")]]);

    let table_actions = pm.caller(Hooks::table_actions);
    let actions = table_actions.call(&datasette, Some(&ida), "fleet", "boats", &request("/"));
    assert_eq!(actions, [[Link::new("/fleet/boats/-/configure-fts", "Configure search")]]);
    assert_eq!(table_actions.call(&datasette, None, "fleet", "boats", &request("/")), [[]]);

    let actions = pm.caller(Hooks::database_actions).call(&datasette, None, "fleet", &request("/x"));
    assert_eq!(actions, [[Link::new("/fleet/-/search?from=/x", "Search all tables")]]);
}

#[test]
fn skip_csrf_asks_until_one_plugin_says_yes() {
    let skip_csrf = manager().caller(Hooks::skip_csrf);
    let scope = |path: &str| Scope { path: path.to_owned() };
    assert_eq!(skip_csrf.call(&datasette(), &scope("/-/token")), [true, false]);
    assert!(skip_csrf.iter(&datasette(), &scope("/-/token")).any(|skip| skip));
    assert!(!skip_csrf.iter(&datasette(), &scope("/fleet")).any(|skip| skip));
}
