//! Plugins in the manner of those that people write for Datasette.

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Arc;

use pluginkit::prelude::*;

use super::Hooks;
use super::types::{
    Actor, App, Command, Connection, Datasette, Environment, Facet, FacetClass, Filters, Link,
    MagicParameter, Renderer, Request, Resource, Response, Route, Row, Scope, Script, StartupError,
    TemplateVars, Value, map,
};

/// Shows rows with coordinates on a map.
pub(crate) struct ClusterMap;

#[extension]
impl Hooks for ClusterMap {
    fn startup(datasette: &Datasette) -> Result<(), StartupError> {
        match datasette.settings.get("cluster-map.tiles") {
            Some(_) => Ok(()),
            None => Err(StartupError("cluster-map.tiles is not set".to_owned())),
        }
    }

    fn extra_css_urls(&self, columns: Option<&[String]>, datasette: &Datasette) -> Vec<String> {
        if has_coordinates(columns) { vec![format!("{}map.css", datasette.base_url)] } else { Vec::new() }
    }

    fn extra_js_urls(&self, columns: Option<&[String]>) -> Vec<Script> {
        if has_coordinates(columns) { vec![Script::Module("map.js".to_owned())] } else { Vec::new() }
    }

    fn extra_body_script(&self, table: Option<&str>, columns: Option<&[String]>) -> Option<Script> {
        has_coordinates(columns).then(|| Script::Inline(format!("map({:?})", table.unwrap_or_default())))
    }

    fn prepare_jinja2_environment(&self, env: &mut Environment<'_>) {
        env.filters.push("coordinates");
        env.search_path.insert(0, "cluster-map/templates");
    }

    fn render_cell(&self, row: &Row, column: &str) -> Option<String> {
        let Some(Value::Integer(longitude)) = row.get("longitude") else { return None };
        (column == "latitude").then(|| format!("<pin {longitude}>"))
    }
}

fn has_coordinates(columns: Option<&[String]>) -> bool {
    let has = |name: &str| columns.is_some_and(|columns| columns.iter().any(|column| column == name));
    has("latitude") && has("longitude")
}

/// Knows actors by a cookie, and what they may do.
pub(crate) struct Auth {
    pub(crate) root: &'static str,
}

#[extension]
impl Hooks for Auth {
    #[extension(tryfirst)]
    fn actor_from_request(&self, request: &Request) -> Option<Actor> {
        request.cookies.get("actor").map(|id| Actor { id: id.clone() })
    }

    fn permission_allowed(&self, actor: Option<&Actor>) -> Option<bool> {
        (actor?.id == self.root).then_some(true)
    }

    fn forbidden(&self, request: &Request, message: &str) -> Option<Response> {
        Some(Response::new(403, format!("{message} at {}: log in", request.path)))
    }

    fn menu_links(&self, datasette: &Datasette, actor: Option<&Actor>) -> Vec<Link> {
        let label = if actor.is_some() { "Log out" } else { "Log in" };
        vec![Link::new(format!("{}-/session", datasette.base_url), label)]
    }

    fn skip_csrf(&self, scope: &Scope) -> bool {
        scope.path == "/-/token"
    }

    fn extra_template_vars(
        self: &Arc<Self>,
        view_name: &str,
        request: Option<&Request>,
    ) -> Option<TemplateVars> {
        let (this, view) = (Arc::clone(self), view_name.to_owned());
        let actor = self.actor_from_request(request?)?;
        Some(TemplateVars::Later(Box::new(move || {
            map(&[("root", &(actor.id == this.root).to_string()), ("view", &view)])
        })))
    }
}

/// Locks some tables against everybody.
pub(crate) struct Locked(pub(crate) &'static [&'static str]);

#[extension]
impl Hooks for Locked {
    fn permission_allowed(&self, action: &str, resource: Option<Resource<'_>>) -> Option<bool> {
        let Resource { database, table } = resource?;
        let name = format!("{database}/{}", table?);
        (action == "view-table" && self.0.contains(&&*name)).then_some(false)
    }

    fn get_metadata(&self, database: Option<&str>, table: Option<&str>) -> Option<BTreeMap<String, String>> {
        let name = format!("{}/{}", database?, table?);
        self.0.contains(&&*name).then(|| map(&[("license", "none")]))
    }
}

/// Commands that only say what they would do.
struct Says(&'static str);

impl Command for Says {
    fn name(&self) -> &str {
        self.0
    }

    fn run(&self, args: &[&str]) -> String {
        format!("{} {}", self.0, args.join(" "))
    }
}

/// Takes data out of the server.
pub(crate) struct Exporter;

#[extension]
impl Hooks for Exporter {
    fn publish_subcommand(publish: &mut Vec<Box<dyn Command>>) {
        publish.push(Box::new(Says("harbor")));
    }

    fn register_commands(cli: &mut Vec<Box<dyn Command>>) {
        cli.push(Box::new(Says("export")));
    }

    fn register_output_renderer() -> Vec<Renderer> {
        vec![Renderer {
            extension: "count",
            render: |rows| Response::new(200, format!("{} rows", rows.len())),
        }]
    }

    fn register_routes(&self, datasette: &Datasette) -> Vec<Route> {
        let base = datasette.base_url.clone();
        vec![("/-/export", Box::new(move |request| Response::new(200, format!("{base}:{}", request.path))))]
    }

    fn asgi_wrapper(&self, app: App) -> App {
        Box::new(move |scope| {
            let mut response = app(scope);
            response.headers.push(("allow-origin".to_owned(), "*".to_owned()));
            response
        })
    }
}

/// Counts rows by the value of a column.
struct ColumnFacet(String);

impl Facet for ColumnFacet {
    fn buckets(&self, rows: &[Row]) -> BTreeMap<String, usize> {
        let mut buckets = BTreeMap::new();
        for value in rows.iter().filter_map(|row| row.get(&self.0)) {
            *buckets.entry(format!("{value:?}")).or_default() += 1;
        }
        buckets
    }
}

/// Searches and filters.
pub(crate) struct Search;

#[extension]
impl Hooks for Search {
    fn prepare_connection(&self, conn: &mut Connection, database: &str) {
        let database = database.to_owned();
        conn.functions.insert("stem", Box::new(move |word| format!("{database}:{}", word.to_lowercase())));
    }

    fn register_facet_classes() -> Vec<FacetClass> {
        vec![|column| Box::new(ColumnFacet(column.to_owned()))]
    }

    fn filters_from_request(&self, request: &Request, table: &str) -> Option<Filters> {
        let query = request.args.get("_search")?;
        Some(Filters {
            where_clauses: vec![format!("{table}_fts match :search")],
            params: map(&[("search", query)]),
            human_descriptions: vec![format!("search matches {query:?}")],
        })
    }

    fn canned_queries(&self, database: &str, actor: Option<&Actor>) -> Option<BTreeMap<String, String>> {
        actor.map(|actor| map(&[("mine", &format!("select * from {database} where owner = '{}'", actor.id))]))
    }

    fn register_magic_parameters() -> Vec<MagicParameter> {
        vec![("request", Box::new(|name, request| format!("{name}={}", request.path)))]
    }

    fn table_actions(&self, database: &str, table: &str, actor: Option<&Actor>) -> Vec<Link> {
        let link = |_: &Actor| Link::new(format!("/{database}/{table}/-/configure-fts"), "Configure search");
        actor.map(link).into_iter().collect()
    }

    fn database_actions(&self, database: &str, request: &Request) -> Vec<Link> {
        vec![Link::new(format!("/{database}/-/search?from={}", request.path), "Search all tables")]
    }
}

/// What the host itself brings, behind all others.
pub(crate) struct Defaults;

#[extension(trylast)]
impl Hooks for Defaults {
    fn startup(&self, datasette: &Datasette) -> Result<(), StartupError> {
        let rooted = datasette.base_url.starts_with('/');
        if rooted { Ok(()) } else { Err(StartupError("base_url must start with /".to_owned())) }
    }

    fn actor_from_request(&self, datasette: &Datasette) -> Option<Actor> {
        datasette.debug.then(|| Actor { id: "debug".to_owned() })
    }

    fn get_metadata(&self, key: Option<&str>) -> Option<BTreeMap<String, String>> {
        (key != Some("plugins")).then(|| map(&[("license", "unknown"), ("title", "Untitled")]))
    }

    fn prepare_connection(&self, conn: &mut Connection) {
        conn.functions.entry("upper").or_insert_with(|| Box::new(str::to_uppercase));
        conn.functions.entry("stem").or_insert_with(|| Box::new(str::to_owned));
    }

    fn prepare_jinja2_environment(&self, env: &mut Environment<'_>, datasette: &Datasette) {
        env.filters.push(if datasette.debug { "dump" } else { "escape" });
    }

    fn asgi_wrapper(&self, app: App, datasette: &Datasette) -> App {
        let base = datasette.base_url.clone();
        Box::new(move |scope| match scope.path.strip_prefix(&base) {
            Some(path) => app(&Scope { path: format!("/{path}") }),
            None => Response::new(404, "outside"),
        })
    }

    fn extra_template_vars(&self, template: &str, database: Option<&str>) -> Option<TemplateVars> {
        (template == "database.html").then(|| TemplateVars::Now(map(&[("db", database.unwrap_or("none"))])))
    }

    fn render_cell(&self, value: &Value, column: &str, table: Option<&str>) -> Option<String> {
        match value {
            Value::Null => None,
            Value::Text(text) => Some(text.replace('<', "&lt;")),
            Value::Integer(number) => Some(format!("<a href=\"{}/{column}\">{number}</a>", table?)),
        }
    }

    fn skip_csrf(&self, datasette: &Datasette) -> bool {
        datasette.debug
    }

    fn handle_exception(
        &self,
        datasette: &Datasette,
        request: &Request,
        exception: &(dyn Error + 'static),
    ) -> Option<Response> {
        let detail = if datasette.debug { exception.to_string() } else { "error".to_owned() };
        Some(Response::new(500, format!("{detail} at {}", request.path)))
    }
}

/// Turns errors it knows into pages.
pub(crate) struct ErrorPages;

#[extension]
impl Hooks for ErrorPages {
    fn handle_exception(&self, exception: &(dyn Error + 'static)) -> Option<Response> {
        let error = exception.downcast_ref::<std::num::ParseIntError>()?;
        Some(Response::new(400, error.to_string()))
    }
}
