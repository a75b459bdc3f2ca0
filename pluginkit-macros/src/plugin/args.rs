//! The options of `#[plugin(…)]`.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::{LitStr, Type};

use crate::extension::args::METHOD;
use crate::support::errors::Errors;
use crate::support::grammar::{required_id, version, wrong_id};
use crate::support::krate::Krate;
use crate::support::options::{self, Item, Required};

const OPTIONS: &[&str] = &[
    "id",
    "version",
    "name",
    "author",
    "description",
    "requires",
    "optional_requires",
    "provides",
    "project",
    "exclusive",
    "config",
    "build",
    "extends",
    "alias",
    "crate",
];

/// What a plugin requires: other plugins, and services.
#[derive(Default)]
pub(crate) struct Requirements {
    pub(crate) plugins: Vec<LitStr>,
    pub(crate) services: Vec<Type>,
}

/// `#[plugin(id = "weather", version = "1.0.0", …)]`, without the options that contain mistakes.
#[derive(Default)]
pub(crate) struct PluginArgs {
    pub(crate) krate: Krate,
    pub(crate) id: Option<LitStr>,
    pub(crate) aliases: Vec<LitStr>,
    /// Whether the plugin cannot be there twice.
    pub(crate) exclusive: bool,
    /// The options with one text, each with the name of its setter.
    pub(crate) texts: Vec<(&'static str, LitStr)>,
    pub(crate) requires: Requirements,
    pub(crate) optional_requires: Requirements,
    /// The services that the plugin provides in its phases.
    pub(crate) provides: Vec<Type>,
    /// The type of the settings.
    pub(crate) config: Option<syn::Path>,
    /// The constructor.
    pub(crate) build: Option<syn::Path>,
    /// The point that a function extends.
    pub(crate) extends: Option<syn::Path>,
    /// The mistake in the name of the point. A type has no point, so that its mistake is another one.
    no_point: Option<syn::Error>,
}

impl PluginArgs {
    pub(crate) fn parse(tokens: TokenStream, errors: &mut Errors) -> Self {
        let mut args = Self::default();
        let items = options::parse([tokens], errors);
        let told = items.iter().any(|item| item.key == "id");
        for item in &items {
            match item.key.to_string().as_str() {
                "id" => args.id = errors.ok(id(item)),
                "alias" => args.aliases = aliases(item, errors),
                "version" => args.texts.extend(errors.ok(version(item)).map(|it| ("version", it))),
                "name" => {
                    args.texts.extend(errors.ok(item.string("name = \"Weather\"")).map(|it| ("name", it)));
                }
                "author" => {
                    args.texts.extend(
                        errors.ok(item.string("author = \"the weather team\"")).map(|it| ("author", it)),
                    );
                }
                "description" => args.texts.extend(
                    errors.ok(item.string("description = \"What it does\"")).map(|it| ("description", it)),
                ),
                "project" => args.texts.extend(errors.ok(project(item)).map(|it| ("project", it))),
                "requires" => args.requires = requirements(item, errors),
                "optional_requires" => args.optional_requires = requirements(item, errors),
                "provides" => args.provides = item.services("provides = service(dyn Store)", errors),
                "exclusive" => args.exclusive = errors.ok(item.flag()).is_some(),
                "config" => args.config = errors.ok(item.path("config = WeatherConfig")),
                "build" => args.build = errors.ok(item.path("build = Weather::new")),
                "extends" => match item.point("extends = Specs::fetch") {
                    Ok(point) => args.extends = Some(point),
                    Err(error) => args.no_point = Some(error),
                },
                "crate" => args.krate = Krate(errors.ok(item.path("crate = ::pluginkit"))),
                key if METHOD.contains(&key) => errors.push(
                    &item.key,
                    format!(
                        "`{key}` is an option of an extension: write `#[extension({key}{})]` below `#[plugin(…)]` on a function, or on the method",
                        if item.value().is_some() { " = …" } else { "" }
                    ),
                ),
                _ => errors.add(options::unknown(item, "of a plugin", OPTIONS)),
            }
        }
        if !told {
            errors.add(syn::Error::new(
                Span::call_site(),
                "a plugin needs an id, its name in a manager: write `#[plugin(id = \"weather\")]`",
            ));
        }
        args.check_aliases(errors);
        args.check_requirements(errors);
        args
    }

    /// Rejects the options that a type cannot have.
    pub(crate) fn check_type(&mut self, is_generic: bool, errors: &mut Errors) {
        const EXTENDS: &str =
            "`extends` is an option of functions: extend a point with `#[extension] impl Specs for …`";
        if let Some(extends) = self.extends.take() {
            errors.push(&extends, EXTENDS);
        }
        if let Some(error) = self.no_point.take() {
            errors.add(syn::Error::new(error.span(), EXTENDS));
        }
        if is_generic {
            for path in self.config.take().into_iter().chain(self.build.take()) {
                errors.push(
                    &path,
                    "a generic plugin cannot be created for all its types: remove this and register the plugin, or give the manager a `PluginFactory`",
                );
            }
        }
    }

    /// Rejects the options that a function cannot have, and requires `extends`.
    pub(crate) fn check_function(&mut self, errors: &mut Errors) {
        for path in self.config.take().into_iter().chain(self.build.take()) {
            errors.push(
                &path,
                "a function has no settings and no constructor: remove this, or put `#[plugin]` on a type",
            );
        }
        if let Some(error) = self.no_point.take() {
            errors.add(error);
        } else if self.extends.is_none() {
            errors.add(syn::Error::new(
                Span::call_site(),
                "a function needs its extension point: write `#[plugin(id = \"weather\", extends = Specs::fetch)]`",
            ));
        }
    }

    /// Rejects an alias that is the id, or is there twice.
    fn check_aliases(&mut self, errors: &mut Errors) {
        let mut names: Vec<String> = self.id.iter().map(LitStr::value).collect();
        self.aliases.retain(|alias| {
            let name = alias.value();
            let is_new = !names.contains(&name);
            if !is_new {
                errors.push(alias, "the plugin already has this name: remove the alias");
            }
            names.push(name);
            is_new
        });
    }

    /// Rejects a plugin that requires itself, and a plugin that is both required and optional.
    fn check_requirements(&mut self, errors: &mut Errors) {
        let of = |requirement: &LitStr| required_id(&requirement.value()).map(str::to_owned).ok();
        let own: Vec<_> = self.id.iter().chain(&self.aliases).map(LitStr::value).collect();
        let required: Vec<_> = self.requires.plugins.iter().filter_map(of).collect();
        let mut keep = |requirement: &LitStr, optional: bool| {
            let id = of(requirement);
            if id.as_ref().is_some_and(|id| own.contains(id)) {
                errors.push(requirement, "a plugin cannot require itself: remove this");
                return false;
            }
            if optional && id.is_some_and(|id| required.contains(&id)) {
                errors.push(requirement, "this plugin is already in `requires`: remove one of the two");
                return false;
            }
            true
        };
        self.requires.plugins.retain(|requirement| keep(requirement, false));
        self.optional_requires.plugins.retain(|requirement| keep(requirement, true));
        let written = |service: &Type| service.to_token_stream().to_string();
        let required: Vec<_> = self.requires.services.iter().map(written).collect();
        self.optional_requires.services.retain(|service| {
            let is_required = required.contains(&written(service));
            if is_required {
                errors.push(service, "this service is already in `requires`: remove one of the two");
            }
            !is_required
        });
    }
}

fn id(item: &Item) -> syn::Result<LitStr> {
    let literal = item.string("id = \"weather\"")?;
    match wrong_id(&literal.value()) {
        None => Ok(literal),
        Some(wrong) => {
            Err(syn::Error::new(literal.span(), format!("{wrong}: expected one like `id = \"weather\"`")))
        }
    }
}

fn aliases(item: &Item, errors: &mut Errors) -> Vec<LitStr> {
    let mut right = Vec::new();
    for literal in errors.ok(item.strings("alias = \"forecast\"")).unwrap_or_default() {
        match wrong_id(&literal.value()) {
            None => right.push(literal),
            Some(wrong) => errors.push(
                &literal,
                format!("{wrong}: expected an alias like `alias = \"forecast\"`, written as an id is"),
            ),
        }
    }
    right
}

fn project(item: &Item) -> syn::Result<LitStr> {
    let literal = item.string("project = \"feed\"")?;
    if literal.value().is_empty() {
        return Err(syn::Error::new(
            literal.span(),
            "the project is empty: name the project of the managers, or remove `project`",
        ));
    }
    Ok(literal)
}

fn requirements(item: &Item, errors: &mut Errors) -> Requirements {
    let example = format!("{} = [\"core >= 1.2\", service(dyn Store)]", item.key);
    let mut right = Requirements::default();
    for required in item.required_ones(&example, errors) {
        match required {
            Required::Service(service) => right.services.push(*service),
            Required::Plugin(literal) => match required_id(&literal.value()) {
                Ok(_) => right.plugins.push(literal),
                Err(wrong) => errors.push(
                    &literal,
                    format!(
                        "{wrong}; expected the id of a plugin and an optional range, like `\"core >= 1.2\"`"
                    ),
                ),
            },
        }
    }
    right
}
