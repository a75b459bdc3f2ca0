//! A host with the hooks of a bundler: through the library, and by hand as one object-safe trait with one loop for each
//! hook.

use std::fmt::Write as _;

/// Stages and moments of a build: a hook for each pair.
const STAGES: [&str; 26] = [
    "options",
    "output",
    "build",
    "resolve",
    "load",
    "transform",
    "module",
    "parse",
    "ast",
    "link",
    "chunk",
    "render",
    "asset",
    "banner",
    "footer",
    "intro",
    "outro",
    "close",
    "watch",
    "write",
    "generate",
    "error",
    "warn",
    "log",
    "cache",
    "report",
];
const MOMENTS: [&str; 4] = ["start", "end", "before", "after"];

/// The types of results, so that no two neighbours share one.
const ITEMS: usize = 12;

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    Sync,
    Async,
}

/// Which points take a context.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Context {
    /// Every third, with a lifetime in its type.
    InAThird,
    /// Every one, with a lifetime in its type.
    WithLifetime,
    /// Every one, of a type without a lifetime.
    WithoutLifetime,
}

#[derive(Clone, Copy, PartialEq)]
enum Mode {
    All,
    AllSome,
    AllOk,
    AllOkSome,
    Unit,
    UnitOk,
    First,
    FirstOk,
    Pipeline,
    PipelineOk,
    InPlace,
}

const MODES: [Mode; 14] = [
    Mode::All,
    Mode::AllSome,
    Mode::AllOk,
    Mode::Unit,
    Mode::First,
    Mode::UnitOk,
    Mode::FirstOk,
    Mode::Pipeline,
    Mode::Unit,
    Mode::PipelineOk,
    Mode::AllOkSome,
    Mode::InPlace,
    Mode::AllOk,
    Mode::UnitOk,
];

/// How the loop by hand passes an argument on.
#[derive(Clone, Copy, PartialEq)]
enum Passing {
    Copied,
    Borrowed,
    Cloned,
}

/// A parameter: its name, its type, how it is passed on, and what the host calls with.
type Parameter = (&'static str, &'static str, Passing, &'static str);

const ID: Parameter = ("id", "&str", Passing::Copied, "\"id\"");
const IMPORTER: Parameter = ("importer", "Option<&str>", Passing::Copied, "None");
const SOURCE: Parameter = ("source", "&str", Passing::Copied, "\"source\"");
const OPTIONS: Parameter = ("options", "&Options", Passing::Copied, "&options");
const MODULE: Parameter = ("module", "&Module", Passing::Copied, "&module");
const INDEX: Parameter = ("index", "usize", Passing::Copied, "1");
const CHUNK: Parameter = ("chunk", "&mut Chunk", Passing::Borrowed, "&mut chunk");
const BUNDLE: Parameter = ("bundle", "&mut Bundle", Passing::Borrowed, "&mut bundle");
const NAMES: Parameter = ("names", "&[String]", Passing::Copied, "&[]");
const TAG: Parameter = ("tag", "Tag", Passing::Cloned, "Tag::default()");
const CONTEXT: Parameter = ("cx", "&mut Ctx<'_>", Passing::Borrowed, "&mut cx");
const DATA: Parameter = ("data", "&Ctx<'_>", Passing::Copied, "&data");
const PLAIN: Parameter = ("plain", "&mut Plain", Passing::Borrowed, "&mut plain");

const PARAMETERS: [&[Parameter]; 12] = [
    &[ID],
    &[ID, IMPORTER],
    &[SOURCE, ID],
    &[OPTIONS],
    &[MODULE, INDEX],
    &[ID, CHUNK],
    &[BUNDLE],
    &[NAMES, ID],
    &[TAG, ID],
    &[OPTIONS, MODULE, ID],
    &[INDEX],
    &[SOURCE, OPTIONS],
];

pub(crate) struct Point {
    pub(crate) name: String,
    mode: Mode,
    /// The type of its results.
    item: String,
    parameters: Vec<Parameter>,
}

pub(crate) fn points(count: usize, context: Context) -> Vec<Point> {
    (0..count)
        .map(|number| {
            let mode = MODES[number % MODES.len()];
            let mut parameters = PARAMETERS[(number * 5 + number / 12) % PARAMETERS.len()].to_vec();
            match context {
                Context::InAThird if number % 3 != 2 => {}
                Context::InAThird if number % 2 == 0 => parameters.push(DATA),
                Context::InAThird | Context::WithLifetime => parameters.push(CONTEXT),
                Context::WithoutLifetime => parameters.push(PLAIN),
            }
            Point {
                name: format!("{}_{}", STAGES[number % STAGES.len()], MOMENTS[number / STAGES.len()]),
                mode,
                item: format!("Out{}", number % ITEMS),
                parameters,
            }
        })
        .collect()
}

impl Point {
    /// The value that goes through the extensions, if there is one.
    fn first(&self) -> Option<(&'static str, String, &'static str)> {
        let item = &self.item;
        match self.mode {
            Mode::Pipeline | Mode::PipelineOk => Some(("code", item.clone(), "")),
            Mode::InPlace => Some(("target", format!("&mut {item}"), "&mut ")),
            _ => None,
        }
    }

    pub(crate) fn parameters(&self) -> String {
        let first = self.first().map(|(name, of, _)| format!("{name}: {of}"));
        let others = self.parameters.iter().map(|(name, of, ..)| format!("{name}: {of}"));
        first.into_iter().chain(others).collect::<Vec<_>>().join(", ")
    }

    /// The names of the parameters.
    pub(crate) fn names(&self) -> String {
        let first = self.first().map(|(name, ..)| name);
        first.into_iter().chain(self.parameters.iter().map(|(name, ..)| *name)).collect::<Vec<_>>().join(", ")
    }

    /// The types of the parameters.
    pub(crate) fn types(&self) -> String {
        let first = self.first().map(|(_, of, _)| of);
        let others = self.parameters.iter().map(|(_, of, ..)| (*of).to_owned());
        first.into_iter().chain(others).collect::<Vec<_>>().join(", ")
    }

    /// The arguments of the host's call.
    pub(crate) fn arguments(&self) -> String {
        let first = self.first().map(|(_, _, reference)| format!("{reference}{}::default()", self.item));
        let others = self.parameters.iter().map(|(.., argument)| (*argument).to_owned());
        first.into_iter().chain(others).collect::<Vec<_>>().join(", ")
    }

    /// The arguments of each call in the loop by hand.
    pub(crate) fn passed_on(&self) -> String {
        let first =
            self.first().map(
                |(name, _, reference)| {
                    if reference.is_empty() { name.to_owned() } else { format!("&mut *{name}") }
                },
            );
        let others = self.parameters.iter().map(|(name, _, passing, _)| match passing {
            Passing::Copied => (*name).to_owned(),
            Passing::Borrowed => format!("&mut *{name}"),
            Passing::Cloned => format!("{name}.clone()"),
        });
        first.into_iter().chain(others).collect::<Vec<_>>().join(", ")
    }

    fn option(&self) -> &'static str {
        match self.mode {
            Mode::First | Mode::FirstOk => "    #[extension_point(firstresult)]\n",
            Mode::Pipeline | Mode::PipelineOk | Mode::InPlace => "    #[extension_point(pipeline)]\n",
            _ => "",
        }
    }

    /// What an extension returns.
    pub(crate) fn returns(&self) -> String {
        let item = &self.item;
        match self.mode {
            Mode::All | Mode::Pipeline => item.clone(),
            Mode::AllSome | Mode::First => format!("Option<{item}>"),
            Mode::AllOk | Mode::PipelineOk => format!("Result<{item}, Failure>"),
            Mode::AllOkSome | Mode::FirstOk => format!("Result<Option<{item}>, Failure>"),
            Mode::Unit | Mode::InPlace => "()".to_owned(),
            Mode::UnitOk => "Result<(), Failure>".to_owned(),
        }
    }

    /// What an extension does.
    pub(crate) fn body(&self) -> String {
        let item = &self.item;
        match self.mode {
            Mode::All => format!("{item}::new(\"text\")"),
            Mode::AllSome => format!("Some({item}::new(\"text\"))"),
            Mode::AllOk => format!("Ok({item}::new(\"text\"))"),
            Mode::AllOkSome | Mode::FirstOk => "Ok(None)".to_owned(),
            Mode::First => "None".to_owned(),
            Mode::Unit | Mode::InPlace => "()".to_owned(),
            Mode::UnitOk => "Ok(())".to_owned(),
            Mode::Pipeline => "code".to_owned(),
            Mode::PipelineOk => "Ok(code)".to_owned(),
        }
    }

    /// What a plugin by hand does that does not extend the point.
    fn default(&self) -> String {
        match self.mode {
            Mode::All => format!("{}::default()", self.item),
            Mode::AllOk => format!("Ok({}::default())", self.item),
            Mode::AllSome => "None".to_owned(),
            _ => self.body(),
        }
    }

    /// What a call by hand returns.
    pub(crate) fn outcome(&self) -> String {
        let item = &self.item;
        match self.mode {
            Mode::All | Mode::AllSome => format!("Vec<{item}>"),
            Mode::AllOk | Mode::AllOkSome => format!("Result<Vec<{item}>, Failure>"),
            _ => self.returns(),
        }
    }

    /// A call by hand: a loop over `plugins`, which calls the method of this name.
    pub(crate) fn each_of(&self, plugins: &str, method: &str, awaited: &str) -> String {
        let call = format!("plugin.{method}({}){awaited}", self.passed_on());
        let each = |body: &str| format!("for plugin in {plugins} {{ {body} }}");
        let all = |body: &str, outcome: &str| {
            format!(
                "let plugins = {plugins}; let mut all = Vec::with_capacity(plugins.len()); {} {outcome}",
                each(body)
            )
        };
        match self.mode {
            Mode::All => all(&format!("all.push({call});"), "all"),
            Mode::AllOk => all(&format!("all.push({call}?);"), "Ok(all)"),
            Mode::AllSome => all(&format!("if let Some(item) = {call} {{ all.push(item); }}"), "all"),
            Mode::AllOkSome => all(&format!("if let Some(item) = {call}? {{ all.push(item); }}"), "Ok(all)"),
            Mode::Unit | Mode::InPlace => each(&format!("{call};")),
            Mode::UnitOk => format!("{} Ok(())", each(&format!("{call}?;"))),
            Mode::First => {
                format!("{} None", each(&format!("if let Some(item) = {call} {{ return Some(item); }}")))
            }
            Mode::FirstOk => {
                format!(
                    "{} Ok(None)",
                    each(&format!("if let Some(item) = {call}? {{ return Ok(Some(item)); }}"))
                )
            }
            Mode::Pipeline => format!("let mut code = code; {} code", each(&format!("code = {call};"))),
            Mode::PipelineOk => {
                format!("let mut code = code; {} Ok(code)", each(&format!("code = {call}?;")))
            }
        }
    }
}

/// A host with one plugin that extends each point, and calls each once.
pub(crate) fn library(points: &[Point], kind: Kind) -> String {
    let (asyncness, manager) = match kind {
        Kind::Sync => ("", "PluginManager"),
        Kind::Async => ("async ", "AsyncPluginManager"),
    };
    let mut text = types();
    text.push_str("use pluginkit::prelude::*;\n\n#[extension_point]\npub trait Hooks {\n");
    for point in points {
        let _ = writeln!(
            text,
            "{}    fn {}(&self, {}) -> {};",
            point.option(),
            point.name,
            point.parameters(),
            point.returns()
        );
    }
    text.push_str("}\n\npub struct One;\n\n#[extension]\nimpl Hooks for One {\n");
    text.push_str(&bodies(points, asyncness));
    let set_up = format!(
        "let host = {manager}::new(\"host\");\n    host.add_extension_points(Hooks).unwrap();\n    \
         host.register(One).unwrap();"
    );
    let call = |point: &Point| format!("host.caller(Hooks::{}).call({})", point.name, point.arguments());
    text.push_str(&main(points, kind, &set_up, call));
    text
}

/// The same by hand.
pub(crate) fn by_hand(points: &[Point], kind: Kind) -> String {
    let (asyncness, awaited, attribute) = match kind {
        Kind::Sync => ("", "", ""),
        Kind::Async => ("async ", ".await", "#[async_trait::async_trait]\n"),
    };
    let mut text = types();
    let _ = writeln!(text, "{attribute}pub trait Plugin: Send + Sync {{");
    for point in points {
        let (name, default) = (&point.name, point.default());
        let _ = writeln!(
            text,
            "    {asyncness}fn {name}(&self, {}) -> {} {{ {default} }}",
            point.parameters(),
            point.returns()
        );
    }
    text.push_str("}\n\npub struct Host {\n    plugins: Vec<Box<dyn Plugin>>,\n}\n\nimpl Host {\n");
    for point in points {
        let (name, each) = (&point.name, point.each_of("&self.plugins", &point.name, awaited));
        let _ = writeln!(
            text,
            "    pub {asyncness}fn {name}(&self, {}) -> {} {{ {each} }}",
            point.parameters(),
            point.outcome()
        );
    }
    let _ = writeln!(text, "}}\n\npub struct One;\n\n{attribute}impl Plugin for One {{");
    text.push_str(&bodies(points, asyncness));
    let set_up = "let host = Host { plugins: vec![Box::new(One)] };";
    text.push_str(&main(points, kind, set_up, |point| format!("host.{}({})", point.name, point.arguments())));
    text
}

fn bodies(points: &[Point], asyncness: &str) -> String {
    let mut text = String::new();
    for point in points {
        let (name, body) = (&point.name, point.body());
        let _ = writeln!(
            text,
            "    {asyncness}fn {name}(&self, {}) -> {} {{ {body} }}",
            point.parameters(),
            point.returns()
        );
    }
    text.push_str("}\n");
    text
}

/// Calls each point once.
pub(crate) fn main(points: &[Point], kind: Kind, set_up: &str, call: impl Fn(&Point) -> String) -> String {
    let mut text = format!("\nfn main() {{\n{LOCALS}    {set_up}\n");
    if kind == Kind::Async {
        text.push_str("    wait(Box::pin(async {\n");
    }
    for point in points {
        let awaited = if kind == Kind::Async { ".await" } else { "" };
        let _ = writeln!(text, "    let _ = {}{awaited};", call(point));
    }
    text.push_str(if kind == Kind::Async { "    }));\n}\n" } else { "}\n" });
    if kind == Kind::Async {
        text.push_str(WAIT);
    }
    text
}

/// The host's own types.
pub(crate) fn types() -> String {
    let mut text = TYPES.to_owned();
    for item in 0..ITEMS {
        let (fields, zeros) = (", pub u32".repeat(item % 3), ", 0".repeat(item % 3));
        let _ = writeln!(
            text,
            "#[derive(Clone, Debug, Default)]\npub struct Out{item}(pub String{fields});\n\nimpl Out{item} {{\n    \
             pub fn new(text: &str) -> Self {{ Self(text.to_owned(){zeros}) }}\n}}\n"
        );
    }
    text
}

const TYPES: &str = "#![allow(unused_variables, unused_mut, dead_code, clippy::all)]
use std::sync::Mutex;

#[derive(Default)]
pub struct Options { pub name: String }
#[derive(Default)]
pub struct Module { pub id: String }
#[derive(Default)]
pub struct Chunk { pub code: String }
#[derive(Default)]
pub struct Bundle { pub files: Vec<String> }
#[derive(Clone, Default)]
pub struct Tag { pub name: String }
/// A context of a call. Its lifetime is invariant.
pub struct Ctx<'a> { pub text: &'a str, pub at: Mutex<&'a str>, pub notes: Vec<&'a str> }
/// The same without a lifetime.
pub struct Plain { pub text: String, pub at: Mutex<String>, pub notes: Vec<String> }
#[derive(Debug)]
pub struct Failure(pub String);
impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(&self.0) }
}
";

const LOCALS: &str = "    let (options, module) = (Options::default(), Module::default());
    let (mut chunk, mut bundle) = (Chunk::default(), Bundle::default());
    let text = String::from(\"text\");
    let mut cx = Ctx { text: &text, at: Mutex::new(&text), notes: Vec::new() };
    let data = Ctx { text: &text, at: Mutex::new(&text), notes: Vec::new() };
    let mut plain = Plain { text: text.clone(), at: Mutex::new(text.clone()), notes: Vec::new() };
";

const WAIT: &str = "
fn wait(mut future: std::pin::Pin<Box<dyn Future<Output = ()> + '_>>) {
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    while future.as_mut().poll(&mut cx).is_pending() {}
}
";
