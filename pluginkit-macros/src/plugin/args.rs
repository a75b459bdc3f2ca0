//! The options of `#[plugin(…)]`.

use proc_macro2::{Span, TokenStream};
use syn::LitStr;

use crate::support::errors::Errors;
use crate::support::grammar::{required_id, version, wrong_id};
use crate::support::krate::Krate;
use crate::support::options::{self, Item};

const OPTIONS: &[&str] = &[
    "id",
    "version",
    "name",
    "author",
    "description",
    "requires",
    "optional_requires",
    "project",
    "config",
    "build",
    "extends",
    "crate",
];

/// `#[plugin(id = "weather", version = "1.0.0", …)]`; what is wrong is left out.
#[derive(Default)]
pub(crate) struct PluginArgs {
    pub(crate) krate: Krate,
    pub(crate) id: Option<LitStr>,
    /// The options that are one text, each with the name of the method that sets it.
    pub(crate) texts: Vec<(&'static str, LitStr)>,
    pub(crate) requires: Vec<LitStr>,
    pub(crate) optional_requires: Vec<LitStr>,
    /// The type of its settings.
    pub(crate) config: Option<syn::Path>,
    /// The function that makes it.
    pub(crate) build: Option<syn::Path>,
    /// The point that it extends, if it is a function.
    pub(crate) extends: Option<syn::Path>,
}

impl PluginArgs {
    pub(crate) fn parse(tokens: TokenStream, errors: &mut Errors) -> Self {
        let mut args = Self::default();
        let items = options::parse([tokens], errors);
        let told = items.iter().any(|item| item.key == "id");
        for item in &items {
            match item.key.to_string().as_str() {
                "id" => args.id = errors.ok(id(item)),
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
                "config" => args.config = errors.ok(item.path("config = WeatherConfig")),
                "build" => args.build = errors.ok(item.path("build = Weather::new")),
                "extends" => args.extends = errors.ok(item.path("extends = Specs::fetch")),
                "crate" => args.krate = Krate(errors.ok(item.path("crate = ::pluginkit"))),
                _ => errors.add(options::unknown(item, "of a plugin", OPTIONS)),
            }
        }
        if !told {
            errors.add(syn::Error::new(
                Span::call_site(),
                "a plugin needs an id, which is its name in a manager: write `#[plugin(id = \"weather\")]`",
            ));
        }
        args.check_requirements(errors);
        args
    }

    /// Refuses the options that a type cannot have.
    pub(crate) fn check_type(&mut self, is_generic: bool, errors: &mut Errors) {
        if let Some(extends) = self.extends.take() {
            errors.push(
                &extends,
                "`extends` is for functions; a type extends points with `#[extension] impl Specs for …`",
            );
        }
        if is_generic {
            for path in self.config.take().into_iter().chain(self.build.take()) {
                errors.push(
                    &path,
                    "nothing can be made for all types of a generic plugin; remove this, and register it, or tell the manager of a `PluginFactory`",
                );
            }
        }
    }

    /// Refuses the options that a function cannot have, and asks for the one it must have.
    pub(crate) fn check_function(&mut self, errors: &mut Errors) {
        for path in self.config.take().into_iter().chain(self.build.take()) {
            errors.push(&path, "a function is made of nothing; remove this, or make the plugin a type that keeps its settings");
        }
        if self.extends.is_none() {
            errors.add(syn::Error::new(
                Span::call_site(),
                "a function needs the extension point that it extends: write `#[plugin(id = \"weather\", extends = Specs::fetch)]`",
            ));
        }
    }

    /// A plugin neither requires itself, nor requires in earnest what it says to be optional.
    fn check_requirements(&mut self, errors: &mut Errors) {
        let of = |requirement: &LitStr| required_id(&requirement.value()).map(str::to_owned).ok();
        let own = self.id.as_ref().map(LitStr::value);
        let required: Vec<_> = self.requires.iter().filter_map(of).collect();
        let mut keep = |requirement: &LitStr, optional: bool| {
            let id = of(requirement);
            if id.is_some() && id == own {
                errors.push(requirement, "a plugin cannot require itself; remove this");
                return false;
            }
            if optional && id.is_some_and(|id| required.contains(&id)) {
                errors.push(requirement, "this plugin is in `requires` already; remove one of the two");
                return false;
            }
            true
        };
        self.requires.retain(|requirement| keep(requirement, false));
        self.optional_requires.retain(|requirement| keep(requirement, true));
    }
}

fn id(item: &Item) -> syn::Result<LitStr> {
    let literal = item.string("id = \"weather\"")?;
    match wrong_id(&literal.value()) {
        None => Ok(literal),
        Some(wrong) => Err(syn::Error::new(literal.span(), format!("{wrong}, like `id = \"weather\"`"))),
    }
}

fn project(item: &Item) -> syn::Result<LitStr> {
    let literal = item.string("project = \"feed\"")?;
    if literal.value().is_empty() {
        return Err(syn::Error::new(
            literal.span(),
            "a project cannot be empty: name the one of the managers that may take the plugin, or remove `project`",
        ));
    }
    Ok(literal)
}

fn requirements(item: &Item, errors: &mut Errors) -> Vec<LitStr> {
    let listed = errors.ok(item.strings(&format!("{} = [\"core >= 1.2\", \"text\"]", item.key)));
    let mut right = Vec::new();
    for literal in listed.unwrap_or_default() {
        match required_id(&literal.value()) {
            Ok(_) => right.push(literal),
            Err(wrong) => errors.push(
                &literal,
                format!("{wrong}; expected the id of a plugin and perhaps a range, like `\"core >= 1.2\"`"),
            ),
        }
    }
    right
}
