//! The options of `#[extension_point(…)]`.

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::{Attribute, LitStr, Type};

use crate::extension_point::model::Arg;
use crate::support::attributes::take_own;
use crate::support::errors::Errors;
use crate::support::grammar::version;
use crate::support::krate::Krate;
use crate::support::{names, options};

/// `#[extension_point(project = "feed", version = "1.2.0", crate = ::pk)]` on the trait.
#[derive(Default)]
pub(crate) struct TraitArgs {
    pub(crate) krate: Krate,
    pub(crate) project: Option<LitStr>,
    pub(crate) version: Option<LitStr>,
}

impl TraitArgs {
    pub(crate) fn parse(tokens: TokenStream, errors: &mut Errors) -> Self {
        let mut args = Self::default();
        for item in options::parse([tokens], errors) {
            match item.key.to_string().as_str() {
                "project" => args.project = errors.ok(item.string("project = \"feed\"")),
                "version" => args.version = errors.ok(version(&item)),
                "crate" => args.krate = Krate(errors.ok(item.path("crate = ::pluginkit"))),
                "firstresult" | "pipeline" | "historic" | "fallible" => errors.push(
                    &item.key,
                    format!(
                        "`{0}` is an option of one point: put `#[extension_point({0})]` on its method",
                        item.key
                    ),
                ),
                "reduce" => errors.push(
                    &item.key,
                    "`reduce` is an option of one point: put `#[extension_point(reduce = All)]` on its method",
                ),
                "on_failure" => errors.push(
                    &item.key,
                    "`on_failure` is an option of one point: put `#[extension_point(on_failure = \"skip\")]` on its method",
                ),
                _ => {
                    errors.add(options::unknown(
                        &item,
                        "of a specs trait",
                        &["project", "version", "crate", "service"],
                    ));
                }
            }
        }
        args
    }
}

/// The mode of a point, as written on its method.
#[derive(Clone)]
pub(crate) enum ModeArg {
    Collecting,
    /// Perhaps with the name of the argument that extensions hand on.
    FirstResult(Ident, Option<LitStr>),
    Pipeline(Ident, Option<LitStr>),
    Historic(Ident),
}

impl ModeArg {
    /// Returns the argument that a pipeline threads, or that a `ControlFlow` hands on as a `handed`, if there is one.
    pub(crate) fn threaded<'a>(&self, args: &'a [Arg], handed: Option<&Type>) -> Option<&'a Arg> {
        match (self, handed) {
            (Self::Pipeline(_, None), _) => args.first(),
            (Self::FirstResult(_, None), Some(handed)) => {
                let handed = handed.to_token_stream().to_string();
                args.iter().find(|arg| arg.written.to_token_stream().to_string() == handed)
            }
            (Self::Pipeline(_, Some(named)), _) | (Self::FirstResult(_, Some(named)), Some(_)) => {
                args.iter().find(|arg| names::plain(&arg.ident) == named.value())
            }
            _ => None,
        }
    }
}

/// The failure policy of a point.
pub(crate) struct OnFailure {
    pub(crate) key: Ident,
    /// The name of the policy in the library.
    pub(crate) policy: &'static str,
}

impl OnFailure {
    fn parse(item: &options::Item) -> syn::Result<Self> {
        let value = item.string("on_failure = \"skip\"")?;
        let policy = match value.value().as_str() {
            "fail_fast" => "FailFast",
            "skip" => "Skip",
            "collect" => "Collect",
            other => {
                let message = format!(
                    "unknown failure policy `{other}`; the policies are `fail_fast`, `skip`, `collect`"
                );
                return Err(syn::Error::new_spanned(value, message));
            }
        };
        Ok(Self { key: item.key.clone(), policy })
    }
}

/// The options of `#[extension_point(…)]` on a method.
pub(crate) struct PointArgs {
    pub(crate) mode: ModeArg,
    pub(crate) fallible: Option<Ident>,
    pub(crate) reduce: Option<(Ident, Type)>,
    pub(crate) on_failure: Option<OnFailure>,
}

impl PointArgs {
    /// Takes the attributes of the macro out of `attributes`.
    pub(crate) fn take(attributes: &mut Vec<Attribute>, errors: &mut Errors) -> Self {
        let mut args = Self { mode: ModeArg::Collecting, fallible: None, reduce: None, on_failure: None };
        let mut modes: Vec<Ident> = Vec::new();
        let own = take_own(attributes, "extension_point", errors);
        for item in options::parse(own, errors) {
            let key = item.key.clone();
            let mode = match key.to_string().as_str() {
                "firstresult" => {
                    let named = item.value().is_some().then(|| item.string("firstresult = \"request\""));
                    ModeArg::FirstResult(key.clone(), named.and_then(|named| errors.ok(named)))
                }
                "pipeline" => {
                    let named = item.value().is_some().then(|| item.string("pipeline = \"text\""));
                    ModeArg::Pipeline(key.clone(), named.and_then(|named| errors.ok(named)))
                }
                "historic" => {
                    errors.ok(item.flag());
                    ModeArg::Historic(key.clone())
                }
                "fallible" => {
                    errors.ok(item.flag());
                    args.fallible = Some(key);
                    continue;
                }
                "reduce" => {
                    args.reduce = errors.ok(item.ty("reduce = All")).map(|reducer| (key, reducer));
                    continue;
                }
                "on_failure" => {
                    args.on_failure = errors.ok(OnFailure::parse(&item));
                    continue;
                }
                "project" | "version" | "crate" => {
                    errors.push(&key, format!("`{key}` is an option of the trait: move it there"));
                    continue;
                }
                "warn_on_impl" => {
                    errors
                        .push(&key, "`warn_on_impl` of pluggy is `#[deprecated = \"…\"]` on the method here");
                    continue;
                }
                _ => {
                    errors.add(options::unknown(
                        &item,
                        "of an extension point",
                        &["firstresult", "pipeline", "historic", "fallible", "reduce", "on_failure"],
                    ));
                    continue;
                }
            };
            if let Some(first) = modes.first() {
                errors.push(&key, format!("a point has one mode: remove `{first}` or `{key}`"));
            } else {
                args.mode = mode;
            }
            modes.push(key);
        }
        args
    }
}
