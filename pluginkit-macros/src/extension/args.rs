//! The options of `#[extension(…)]`.

use proc_macro2::{Ident, TokenStream};
use syn::{Attribute, Expr, LitStr, Path};

use crate::support::attributes::take_own;
use crate::support::errors::Errors;
use crate::support::grammar::versions;
use crate::support::krate::Krate;
use crate::support::options::{self, Item};

pub(crate) const METHOD: &[&str] = &[
    "tryfirst", "trylast", "priority", "before", "after", "wrapper", "target", "optional", "when",
    "blocking", "timeout", "requires", "helper",
];

/// The bucket of an extension, if it is not the normal one.
#[derive(Clone, Copy)]
pub(crate) enum Bucket {
    First,
    Last,
}

/// The option `blocking`.
#[derive(Clone)]
pub(crate) struct Blocking {
    /// The keyword in the source.
    pub(crate) word: Ident,
    /// Whether it stands at the block. Then it does not concern the wrappers and `async fn`s of the block.
    pub(crate) of_block: bool,
}

/// The option `timeout`.
#[derive(Clone)]
pub(crate) struct Timeout {
    /// The keyword in the source.
    pub(crate) word: Ident,
    pub(crate) nanoseconds: u64,
}

/// A predicate, with the names of its arguments if the user wrote them.
#[derive(Clone)]
pub(crate) struct When {
    pub(crate) path: Path,
    pub(crate) named: Option<Vec<Ident>>,
}

/// The options of one method. The options of the block are the defaults.
#[derive(Clone, Default)]
pub(crate) struct MethodArgs {
    pub(crate) bucket: Option<Bucket>,
    pub(crate) priority: Option<i32>,
    pub(crate) before: Vec<LitStr>,
    pub(crate) after: Vec<LitStr>,
    pub(crate) wrapper: bool,
    pub(crate) target: Option<LitStr>,
    pub(crate) optional: bool,
    pub(crate) when: Option<When>,
    pub(crate) blocking: Option<Blocking>,
    pub(crate) timeout: Option<Timeout>,
    /// The versions of the specs.
    pub(crate) requires: Option<LitStr>,
    /// The keywords in the source that say where the extension stands among others.
    pub(crate) order: Vec<Ident>,
    /// The keyword in the source, for a method that is no extension.
    pub(crate) helper: Option<Ident>,
}

/// The options of an impl block.
#[derive(Default)]
pub(crate) struct BlockArgs {
    pub(crate) krate: Krate,
    /// Whether the block is for local managers.
    pub(crate) local: bool,
    pub(crate) methods: MethodArgs,
}

impl BlockArgs {
    pub(crate) fn parse(tokens: TokenStream, errors: &mut Errors) -> Self {
        let (mut krate, mut local) = (Krate::default(), false);
        let mut items = options::parse([tokens], errors);
        items.retain(|item| match item.key.to_string().as_str() {
            "crate" => {
                krate = Krate(errors.ok(item.path("crate = ::pluginkit")));
                false
            }
            "local" => {
                errors.ok(item.flag());
                local = true;
                false
            }
            "target" => {
                errors.push(
                    &item.key,
                    "`target` is an option of one method: put `#[extension(target = \"…\")]` on the method",
                );
                false
            }
            "helper" => {
                errors.push(
                    &item.key,
                    "`helper` is an option of one method: put `#[extension(helper)]` on the method",
                );
                false
            }
            _ => true,
        });
        let valid: Vec<_> = METHOD
            .iter()
            .copied()
            .filter(|name| !matches!(*name, "target" | "helper"))
            .chain(["service", "local", "crate"])
            .collect();
        let mut methods =
            MethodArgs::read(&items, MethodArgs::default(), "of an extension block", &valid, errors);
        if let Some(blocking) = &mut methods.blocking {
            blocking.of_block = true;
        }
        if local {
            methods.reject_of_local(errors);
        }
        Self { krate, local, methods }
    }
}

impl MethodArgs {
    /// Takes the attributes of the macro out of `attributes`. Missing options come from `defaults`.
    pub(crate) fn take(attributes: &mut Vec<Attribute>, defaults: &Self, errors: &mut Errors) -> Self {
        let own = take_own(attributes, "extension", errors);
        let mut items = options::parse(own, errors);
        items.retain(|item| {
            let of_block = item.key == "crate" || item.key == "local";
            if of_block {
                errors
                    .push(&item.key, format!("`{}` is an option of the impl block: move it there", item.key));
            }
            !of_block
        });
        if items.len() > 1
            && let Some(helper) = items.iter().find(|item| item.key == "helper")
        {
            errors.push(
                &helper.key,
                "a helper is no extension and has no options: remove the others, or `helper`",
            );
        }
        Self::read(&items, defaults.clone(), "of an extension", METHOD, errors)
    }

    /// Takes the options out that extensions of local managers cannot have, and reports them.
    pub(super) fn reject_of_local(&mut self, errors: &mut Errors) {
        if let Some(Blocking { word, .. }) = self.blocking.take() {
            errors
                .push(&word, format!("a local manager has one thread and no blocking pool: remove `{word}`"));
        }
        if let Some(Timeout { word, .. }) = self.timeout.take() {
            errors.push(&word, format!("a local manager has no time limits: remove `{word}`"));
        }
    }

    fn read(items: &[Item], defaults: Self, place: &str, valid: &[&str], errors: &mut Errors) -> Self {
        let mut args = defaults;
        let mut bucket: Option<&Ident> = None;
        for item in items {
            if ["tryfirst", "trylast", "priority", "before", "after"].iter().any(|key| item.key == key) {
                args.order.push(item.key.clone());
            }
            match item.key.to_string().as_str() {
                key @ ("tryfirst" | "trylast") => {
                    errors.ok(item.flag());
                    if let Some(first) = bucket {
                        errors.push(
                            &item.key,
                            format!("an extension cannot be both `{first}` and `{key}`: remove one"),
                        );
                        continue;
                    }
                    bucket = Some(&item.key);
                    args.bucket = Some(if key == "tryfirst" { Bucket::First } else { Bucket::Last });
                }
                "priority" => args.priority = errors.ok(item.integer("priority = 10")),
                "before" => args.before = errors.ok(item.strings("before = \"audit\"")).unwrap_or_default(),
                "after" => {
                    args.after = errors.ok(item.strings("after = [\"auth\", \"log\"]")).unwrap_or_default();
                }
                "wrapper" => {
                    errors.ok(item.flag());
                    args.wrapper = true;
                }
                "hookwrapper" => {
                    errors.push(&item.key, "`hookwrapper` of pluggy is `wrapper` here");
                    args.wrapper = true;
                }
                "optionalhook" => {
                    errors.push(&item.key, "`optionalhook` of pluggy is `optional` here");
                    args.optional = true;
                }
                "specname" => {
                    errors
                        .push(&item.key, "`specname` of pluggy is `target` here, like `target = \"fetch\"`");
                    args.target = errors.ok(item.string("target = \"fetch\""));
                }
                "target" => args.target = errors.ok(item.string("target = \"fetch\"")),
                "optional" => {
                    errors.ok(item.flag());
                    args.optional = true;
                }
                "when" => args.when = errors.ok(when(item)),
                "blocking" => {
                    errors.ok(item.flag());
                    args.blocking = Some(Blocking { word: item.key.clone(), of_block: false });
                }
                "timeout" => {
                    args.timeout = errors
                        .ok(timeout(item))
                        .map(|nanoseconds| Timeout { word: item.key.clone(), nanoseconds });
                }
                "requires" => args.requires = errors.ok(versions(item)),
                "helper" => {
                    errors.ok(item.flag());
                    args.helper = Some(item.key.clone());
                }
                "firstresult" | "pipeline" | "historic" | "collecting" => errors.push(
                    &item.key,
                    format!(
                        "`{}` is a mode of the point: remove it here, and declare it in the specs",
                        item.key
                    ),
                ),
                _ => errors.add(options::unknown(item, place, valid)),
            }
        }
        args
    }
}

/// Parses `path` or `path(argument, …)`.
fn when(item: &Item) -> syn::Result<When> {
    const EXAMPLE: &str = "when = Self::is_enabled";
    let wrong = |tokens: &Expr| {
        syn::Error::new_spanned(
            tokens,
            "expected the path of a predicate `fn(&Self, …) -> bool`, like `when = Self::is_enabled`, or with named arguments, like `when = is_urgent(urgent)`",
        )
    };
    match item.expression(EXAMPLE)? {
        Expr::Path(path) if path.qself.is_none() => Ok(When { path: path.path.clone(), named: None }),
        Expr::Call(call) => {
            let Expr::Path(path) = &*call.func else { return Err(wrong(&call.func)) };
            let named = call.args.iter().map(|argument| match argument {
                Expr::Path(path) => path.path.get_ident().cloned().ok_or_else(|| wrong(argument)),
                other => Err(wrong(other)),
            });
            Ok(When { path: path.path.clone(), named: Some(named.collect::<syn::Result<_>>()?) })
        }
        other => Err(wrong(other)),
    }
}

/// Parses a duration, in nanoseconds.
fn timeout(item: &Item) -> syn::Result<u64> {
    let literal = item.string("timeout = \"250ms\"")?;
    let text = literal.value();
    let wrong = |what: &str| {
        syn::Error::new(
            literal.span(),
            format!(
                "{what}: expected a whole number and a unit (`ns`, `us`, `ms`, `s`, `m` or `h`), like `\"250ms\"`"
            ),
        )
    };
    let unit_at = text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(unit_at);
    let factor: u64 = match unit.trim() {
        "ns" => 1,
        "us" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        "" => return Err(wrong("this timeout has no unit")),
        fraction if fraction.starts_with(['.', ',']) => {
            return Err(wrong("this timeout is not a whole number (a smaller unit helps)"));
        }
        _ => return Err(wrong("this timeout has an unknown unit")),
    };
    let number: u64 = number.parse().map_err(|_| wrong("this is not a timeout"))?;
    match number.checked_mul(factor) {
        Some(0) => Err(wrong("this timeout is zero")),
        Some(nanoseconds) => Ok(nanoseconds),
        None => Err(wrong("this timeout is longer than 584 years")),
    }
}
