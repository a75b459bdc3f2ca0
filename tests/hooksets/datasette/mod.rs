//! All hooks of Datasette, a web server for `SQLite` databases.

mod calls;
mod plugins;
mod types;

use std::collections::BTreeMap;
use std::error::Error;

use pluginkit::prelude::*;

use types::{
    Actor, App, Command, Connection, Datasette, Environment, FacetClass, Filters, Link, MagicParameter,
    Renderer, Request, Resource, Response, Route, Row, Scope, Script, StartupError, TemplateVars, Value,
};

#[extension_point(project = "datasette")]
pub(crate) trait Hooks {
    fn startup(&self, datasette: &Datasette) -> Result<(), StartupError>;

    fn get_metadata(
        &self,
        datasette: &Datasette,
        key: Option<&str>,
        database: Option<&str>,
        table: Option<&str>,
    ) -> Option<BTreeMap<String, String>>;

    /// The first plugin wraps the application itself, each later one what came before.
    #[extension_point(pipeline)]
    fn asgi_wrapper(&self, app: App, datasette: &Datasette) -> App;

    fn prepare_connection(&self, conn: &mut Connection, database: &str, datasette: &Datasette);

    #[extension_point(pipeline)]
    fn prepare_jinja2_environment(&self, env: &mut Environment<'_>, datasette: &Datasette);

    fn extra_css_urls(
        &self,
        template: &str,
        database: Option<&str>,
        table: Option<&str>,
        columns: Option<&[String]>,
        view_name: &str,
        request: Option<&Request>,
        datasette: &Datasette,
    ) -> Vec<String>;

    fn extra_js_urls(
        &self,
        template: &str,
        database: Option<&str>,
        table: Option<&str>,
        columns: Option<&[String]>,
        view_name: &str,
        request: Option<&Request>,
        datasette: &Datasette,
    ) -> Vec<Script>;

    fn extra_body_script(
        &self,
        template: &str,
        database: Option<&str>,
        table: Option<&str>,
        columns: Option<&[String]>,
        view_name: &str,
        request: Option<&Request>,
        datasette: &Datasette,
    ) -> Option<Script>;

    fn extra_template_vars(
        &self,
        template: &str,
        database: Option<&str>,
        table: Option<&str>,
        columns: Option<&[String]>,
        view_name: &str,
        request: Option<&Request>,
        datasette: &Datasette,
    ) -> Option<TemplateVars>;

    fn publish_subcommand(&self, publish: &mut Vec<Box<dyn Command>>);

    #[extension_point(firstresult)]
    fn render_cell(
        &self,
        row: &Row,
        value: &Value,
        column: &str,
        table: Option<&str>,
        database: Option<&str>,
        datasette: &Datasette,
    ) -> Option<String>;

    fn register_output_renderer(&self, datasette: &Datasette) -> Vec<Renderer>;

    fn register_facet_classes(&self) -> Vec<FacetClass>;

    fn register_routes(&self, datasette: &Datasette) -> Vec<Route>;

    fn register_commands(&self, cli: &mut Vec<Box<dyn Command>>);

    #[extension_point(firstresult)]
    fn actor_from_request(&self, datasette: &Datasette, request: &Request) -> Option<Actor>;

    fn filters_from_request(
        &self,
        request: &Request,
        database: &str,
        table: &str,
        datasette: &Datasette,
    ) -> Option<Filters>;

    /// Every opinion counts: one `false` is a veto.
    fn permission_allowed(
        &self,
        datasette: &Datasette,
        actor: Option<&Actor>,
        action: &str,
        resource: Option<Resource<'_>>,
    ) -> Option<bool>;

    fn canned_queries(
        &self,
        datasette: &Datasette,
        database: &str,
        actor: Option<&Actor>,
    ) -> Option<BTreeMap<String, String>>;

    fn register_magic_parameters(&self, datasette: &Datasette) -> Vec<MagicParameter>;

    #[extension_point(firstresult)]
    fn forbidden(&self, datasette: &Datasette, request: &Request, message: &str) -> Option<Response>;

    fn menu_links(
        &self,
        datasette: &Datasette,
        actor: Option<&Actor>,
        request: Option<&Request>,
    ) -> Vec<Link>;

    fn table_actions(
        &self,
        datasette: &Datasette,
        actor: Option<&Actor>,
        database: &str,
        table: &str,
        request: &Request,
    ) -> Vec<Link>;

    fn database_actions(
        &self,
        datasette: &Datasette,
        actor: Option<&Actor>,
        database: &str,
        request: &Request,
    ) -> Vec<Link>;

    fn skip_csrf(&self, datasette: &Datasette, scope: &Scope) -> bool;

    #[extension_point(firstresult)]
    fn handle_exception(
        &self,
        datasette: &Datasette,
        request: &Request,
        exception: &(dyn Error + 'static),
    ) -> Option<Response>;
}
