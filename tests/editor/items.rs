//! The questions, and what is wanted of their answers.

use crate::answers::Wants;
use crate::answers::Wants::{
    Defines, Documents, Faults, Helps, Hints, Hovers, Implements, Offers, OffersAmong, Refers, Renames, Shows,
};

/// One question about points, and what is wanted of the answer.
pub(crate) struct Item {
    pub(crate) name: &'static str,
    pub(crate) ours: Question,
    /// The same question about a plain trait, where there is one.
    pub(crate) plain: Option<Question>,
    /// Why the answer for points is not the wanted one.
    pub(crate) falls_short: Option<&'static str>,
}

/// A question about a place, and what is wanted of the answer.
pub(crate) struct Question {
    pub(crate) case: Case,
    pub(crate) wants: Wants,
}

/// A place in the text of a file.
#[derive(Clone, Copy)]
pub(crate) struct Case {
    /// The text that is replaced; empty if nothing is typed.
    old: &'static str,
    /// The text with a `$0` where the cursor is.
    new: &'static str,
    /// Another text that is replaced.
    also: Option<(&'static str, &'static str)>,
}

impl Case {
    /// Returns the text of a file, and the cursor.
    pub(crate) fn place(&self, text: &str) -> (String, usize) {
        let plain = self.new.replace("$0", "");
        let cursor = self.new.find("$0").expect("a case has a cursor");
        let sought = if self.old.is_empty() { &plain } else { self.old };
        let text = match self.also {
            Some((old, new)) => replaced(text, old, new).0,
            None => text.to_owned(),
        };
        let (text, at) = replaced(&text, sought, &plain);
        (text, at + cursor)
    }
}

/// Returns a text with another part, and the place of the part.
fn replaced(text: &str, old: &str, new: &str) -> (String, usize) {
    assert_eq!(text.matches(old).count(), 1, "`{old}` stands once in the fixture");
    let at = text.find(old).expect("it stands there");
    (text.replacen(old, new, 1), at)
}

/// A place in the text as it is.
const fn at(new: &'static str) -> Case {
    Case { old: "", new, also: None }
}

/// A place in the text after `new` was typed over `old`.
const fn typed(old: &'static str, new: &'static str) -> Case {
    Case { old, new, also: None }
}

/// A place in the text after `new` was typed over `old`, and `other` over `another`.
const fn typed_with(
    old: &'static str,
    new: &'static str,
    another: &'static str,
    other: &'static str,
) -> Case {
    Case { old, new, also: Some((another, other)) }
}

/// An item that a plain trait has, too.
const fn both(name: &'static str, case: Case, wants: Wants, plain: Case, of_plain: Wants) -> Item {
    let plain = Some(Question { case: plain, wants: of_plain });
    Item { name, ours: Question { case, wants }, plain, falls_short: None }
}

/// An item whose text is the same with a plain trait.
const fn same(name: &'static str, case: Case, wants: Wants) -> Item {
    both(name, case, wants, case, wants)
}

/// An item that a plain trait does not have.
const fn own(name: &'static str, case: Case, wants: Wants) -> Item {
    Item { name, ours: Question { case, wants }, plain: None, falls_short: None }
}

impl Item {
    /// Says why the item does not hold.
    const fn falls_short(self, why: &'static str) -> Self {
        Self { falls_short: Some(why), ..self }
    }
}

/// What no text shows: generated names, and associated types of the library.
const GENERATED: &[&str] = &["__", " as "];

const FETCH: &str = "fn fetch(&self, city: &str, days: u8) -> Report;";
const FETCHED: &str = "fn fetch(&self, city: &str, days: u8) -> Report {";
const DELIVER: &str = "fn deliver(&self, report: &Report, urgent: bool) -> Option<String>;";
const REPORTS: &str = "    let reports = fetch.call(\"harbor\", 3);";
const REPORT: &str = "    let report = station.fetch(\"harbor\", 3);";

pub(crate) const ITEMS: &[Item] = &[
    // Specs and managers.
    both(
        "specs: the points are offered",
        typed(REPORTS, "    Feed::$0;"),
        Offers(&["fetch", "deliver", "transform", "configure"], &[]),
        typed(REPORT, "    Feed::$0;"),
        Offers(&["fetch", "deliver", "transform", "configure"], &[]),
    ),
    both(
        "specs: nothing of the library is offered beside the points",
        typed(REPORTS, "    Feed::$0;"),
        Offers(&[], &["NAME", "PROJECT", "VERSION", "MODULE", "declare", "declare_async", "add_to"]),
        typed(REPORT, "    Feed::$0;"),
        Offers(&[], &[]),
    ),
    both(
        "specs: a point is offered with its documentation",
        typed(REPORTS, "    Feed::fe$0;"),
        Documents("fetch", "Fetches the weather"),
        typed(REPORT, "    Feed::fe$0;"),
        Documents("fetch", "Fetches the weather"),
    ),
    own("manager: `caller` is offered first", typed(REPORTS, "    pm.ca$0;"), OffersAmong(1, "caller")),
    own(
        "manager: `register` is offered among the first",
        typed(REPORTS, "    pm.reg$0;"),
        OffersAmong(2, "register"),
    ),
    // The methods of callers and of `next`.
    both(
        "caller: `call` is offered among the first",
        typed("fetch.call(\"harbor\", 3)", "fetch.$0"),
        OffersAmong(3, "call"),
        typed("station.fetch(\"harbor\", 3)", "station.$0"),
        OffersAmong(3, "fetch"),
    ),
    both(
        "caller: `call` is offered with its arguments",
        typed("fetch.call(\"harbor\", 3)", "fetch.ca$0"),
        Shows("call", &["city", "days"], GENERATED),
        typed("station.fetch(\"harbor\", 3)", "station.fe$0"),
        Shows("fetch", &["city", "days"], GENERATED),
    ),
    both(
        "caller: `call` is offered with its types",
        typed("fetch.call(\"harbor\", 3)", "fetch.ca$0"),
        Shows("call", &["&str, u8", "-> Vec<Report"], GENERATED),
        typed("station.fetch(\"harbor\", 3)", "station.fe$0"),
        Shows("fetch", &["&str, u8", "-> Report"], GENERATED),
    ),
    own(
        "caller: `try_call` is offered with its types",
        typed("fetch.call(\"harbor\", 3)", "fetch.try$0"),
        Shows("try_call", &["city", "&str, u8", "Result<Vec<Report", "CallError<Infallible>"], GENERATED),
    ),
    own(
        "caller: `iter` is offered with its types",
        typed("fetch.call(\"harbor\", 3)", "fetch.it$0"),
        Shows("iter", &["city", "str, u8", "Iterator<Item = Report>"], GENERATED),
    ),
    own(
        "caller: `settle` is offered with its types",
        typed("fetch.call(\"harbor\", 3)", "fetch.se$0"),
        Shows("settle", &["city", "&str, u8", "Vec<Settled<Report, Infallible>"], GENERATED),
    ),
    own(
        "caller: `call` of an async manager is offered with its types",
        typed("fetch.call(\"hill\", 7)", "fetch.ca$0"),
        Shows("call", &["city", "str, u8", "Future<Output = Vec<Report"], GENERATED),
    ),
    own(
        "caller: `call_historic` is offered with its types",
        typed("call_historic(&", "call_hi$0(&"),
        Shows("call_historic", &["&Settings"], GENERATED),
    ),
    both(
        "next: `run` is offered with its types",
        typed("next.run(text)", "next.$0"),
        Shows("run", &["text", "String) -> String"], GENERATED),
        typed("station.transform(\"storm\".to_owned())", "station.tr$0"),
        Shows("transform", &["text", "String) -> String"], GENERATED),
    ),
    own("next: `run` is offered among the first", typed("next.run(text)", "next.$0"), OffersAmong(3, "run")),
    // Hovers.
    both(
        "hover: `call`",
        at("fetch.ca$0ll(\"harbor\""),
        Hovers(&["fn call(&self, city: &str, days: u8) -> ", "Vec<Report>"], &[" as "], 400),
        at("station.fet$0ch("),
        Hovers(&["fn fetch(&self, city: &str, days: u8) -> Report"], &[" as "], 400),
    ),
    own(
        "hover: `call` of an async manager",
        at("fetch.ca$0ll(\"hill\""),
        Hovers(
            &["city: &'a str, days: u8) -> impl ", "Future<Output = ", "Vec<Report>"],
            &[" as ", "'__"],
            500,
        ),
    ),
    own(
        "hover: `next.run`",
        at("next.ru$0n(text)"),
        Hovers(&["fn run(self, text: String) -> String"], &[" as "], 400),
    ),
    same(
        "hover: a point where it is declared",
        at("fn fet$0ch(&self, city: &str, days: u8) -> Report;"),
        Hovers(&["Fetches the weather", "fn fetch(&self, city: &str, days: u8) -> Report"], &[], 600),
    ),
    same(
        "hover: an argument where it is declared",
        at("fn fetch(&self, ci$0ty: &str, days: u8) -> Report;"),
        Hovers(&["city: &str"], GENERATED, 300),
    ),
    same(
        "hover: a type in a point",
        at("fn deliver(&self, report: &Rep$0ort, urgent"),
        Hovers(&["pub struct Report", "The weather of some days"], GENERATED, 600),
    ),
    both(
        "hover: a point where it is used",
        at("pm.caller(Feed::fet$0ch);\n    let reports"),
        Hovers(&["Fetches the weather", "fn fetch(&self, city: &str, days: u8) -> Report"], &[], 600),
        at("station.fet$0ch("),
        Hovers(&["Fetches the weather", "fn fetch(&self, city: &str, days: u8) -> Report"], &[], 600),
    ),
    same(
        "hover: an extension",
        at("fn fet$0ch(&self, city: &str, days: u8) -> Report {"),
        Hovers(&["fn fetch(&self, city: &str, days: u8) -> Report", "Fetches the weather"], &[], 600),
    ),
    same(
        "hover: a parameter of an extension",
        at("let title = ci$0ty"),
        Hovers(&["city: &str"], GENERATED, 200),
    ),
    own(
        "hover: the options of `extension_point`",
        at("#[exten$0sion_point]\npub trait"),
        Hovers(&["project", "firstresult", "pipeline", "historic"], &[], 1500),
    ),
    own(
        "hover: the options of `extension`",
        at("#[exten$0sion]\nimpl"),
        Hovers(&["tryfirst", "wrapper", "target"], &[], 1500),
    ),
    own("hover: the options of `plugin`", at("#[plu$0gin(id"), Hovers(&["version", "requires"], &[], 1500)),
    both(
        "hover: an outcome",
        at("    repo$0rts.len()"),
        Hovers(&["reports: Vec<Report>"], GENERATED, 600),
        at("    repo$0rt.lines.len()"),
        Hovers(&["report: Report"], GENERATED, 600),
    ),
    // Help with arguments, and hints.
    both(
        "help: `call`",
        typed("fetch.call(\"harbor\", 3)", "fetch.call(\"harbor\", $0)"),
        Helps("(&self, city: &str, days: u8) -> Vec<Report", 1),
        typed("station.fetch(\"harbor\", 3)", "station.fetch(\"harbor\", $0)"),
        Helps("(&self, city: &str, days: u8) -> Report", 1),
    ),
    own("help: `next.run`", typed("next.run(text)", "next.run($0)"), Helps("text: String) -> String", 0)),
    both(
        "hints: a call",
        at("let rep$0orts = "),
        Hints(&[": Vec<Report>", "city:", "days:"]),
        at("let rep$0ort = "),
        Hints(&[": Report", "city:", "days:"]),
    ),
    own("hints: an awaited call", at("let awa$0ited = "), Hints(&[": Vec<Report>", "city:", "days:"])),
    both(
        "hints: `next.run`",
        at("let edi$0ted = "),
        Hints(&[": String"]),
        at("let edi$0ted = "),
        Hints(&[": String"]),
    ),
    // Types within the declarations of points.
    same(
        "point: the type of an argument is offered",
        typed("report: &Report, urgent", "report: &Rep$0, urgent"),
        Offers(&["Report"], &[]),
    ),
    same(
        "point: the type of a result is offered",
        typed("days: u8) -> Report;", "days: u8) -> Rep$0;"),
        Offers(&["Report"], &[]),
    ),
    same(
        "point: a type in an unfinished declaration is offered",
        typed("-> Report;\n\n", "-> Report;\n    fn archive(&self, report: &Rep$0)\n"),
        Offers(&["Report"], &[]),
    ),
    // Blocks.
    both(
        "block: what can be implemented is offered",
        typed(
            "        edited.trim().to_owned()\n    }\n",
            "        edited.trim().to_owned()\n    }\n    $0\n",
        ),
        Offers(&["configure"], &[]),
        typed("    fn configure(&self, _settings: &Settings) {}\n", "    $0\n"),
        Offers(&["configure"], &[]),
    )
    .falls_short("an editor completes the items of traits, and specs are a type"),
    both(
        "block: what can be implemented is offered after `fn`",
        typed(
            "        edited.trim().to_owned()\n    }\n",
            "        edited.trim().to_owned()\n    }\n    fn $0\n",
        ),
        Offers(&["configure"], &[]),
        typed("    fn configure(&self, _settings: &Settings) {}\n", "    fn $0\n"),
        Offers(&["configure"], &[]),
    )
    .falls_short("an editor completes the items of traits, and specs are a type"),
    both(
        "block: the type of a parameter is offered",
        typed("report: &Report) -> Option", "report: &Rep$0) -> Option"),
        Offers(&["Report"], &[]),
        typed("report: &Report, _urgent", "report: &Rep$0, _urgent"),
        Offers(&["Report"], &[]),
    ),
    // Bodies.
    same(
        "body: the fields of a plugin are offered",
        typed("self.town.repeat(days.into())", "self.$0"),
        Offers(&["town"], &[]),
    ),
    same(
        "body: the fields of an argument are offered",
        typed("report.title.clone()", "report.$0"),
        Offers(&["title", "lines"], &[]),
    ),
    both(
        "body: the methods of an outcome are offered",
        typed("reports.len() + del", "reports[0].$0 + del"),
        Offers(&["title", "lines"], &[]),
        typed("report.lines.len() + del", "report.$0 + del"),
        Offers(&["title", "lines"], &[]),
    ),
    own(
        "body: the arguments of a closure are offered",
        typed("args.text.clone()", "args.$0"),
        Offers(&["text"], &[]),
    ),
    // Completion beside unfinished code, and the faults that are shown.
    same(
        "unfinished: a body after an unfinished line",
        typed("city.to_uppercase();\n        let line = self.town.", "city.;\n        let line = self.$0."),
        Offers(&["town"], &[]),
    ),
    same(
        "unfinished: a body beside an unfinished function",
        typed(
            "        let sent = report.title.clone();\n        Some(sent)\n    }\n",
            "        report.$0\n    }\n    fn conf\n",
        ),
        Offers(&["title"], &[]),
    ),
    both(
        "unfinished: a call beside an unfinished point",
        typed_with(
            REPORTS,
            "    fetch.$0",
            FETCH,
            "fn fetch(&self, city: &str, days: u8) -> Report;\n    fn arch",
        ),
        Offers(&["call"], &[]),
        typed_with(
            REPORT,
            "    station.$0",
            FETCH,
            "fn fetch(&self, city: &str, days: u8) -> Report;\n    fn arch",
        ),
        Offers(&["fetch"], &[]),
    ),
    same("fault: a finished file has none", at("pub st$0ruct Settings"), Faults(&[])),
    same(
        "fault: an unfinished line is told there",
        typed("        let title = city.to_uppercase();", "        let title = city.$0;"),
        Faults(&["let title = city."]),
    ),
    both(
        "fault: an unfinished function of a block is told there",
        typed(
            "        edited.trim().to_owned()\n    }\n",
            "        edited.trim().to_owned()\n    }\n\n    fn conf$0\n",
        ),
        Faults(&["fn conf"]),
        typed("    fn configure(&self, _settings: &Settings) {}\n", "    fn conf$0\n"),
        Faults(&["fn conf", "impl Feed for Station"]),
    ),
    same(
        "fault: an unfinished point is told there",
        typed(FETCH, "fn fetch(&self, city: &str, days: u8) -> Report;\n    fn arch$0"),
        Faults(&["fn arch"]),
    ),
    // Ways through the code.
    both(
        "definition: a point",
        at("pm.caller(Feed::fet$0ch);\n    let reports"),
        Defines(&[FETCH]),
        at("station.fet$0ch("),
        Defines(&[FETCH]),
    ),
    own("definition: `call`", at("fetch.ca$0ll(\"harbor\""), Defines(&[FETCH])),
    both(
        "definition: an extension",
        at("fn fet$0ch(&self, city: &str, days: u8) -> Report {"),
        Defines(&[FETCH, FETCHED]),
        at("fn fet$0ch(&self, city: &str, days: u8) -> Report {"),
        Defines(&[FETCH]),
    ),
    same("definition: an argument, from a body", at("let title = ci$0ty"), Defines(&[FETCHED])),
    same(
        "implementations: a point",
        at("fn fet$0ch(&self, city: &str, days: u8) -> Report;"),
        Implements(&[FETCHED]),
    )
    .falls_short(
        "an editor knows the implementations of traits; the references of a point have its extensions",
    ),
    both(
        "references: a point",
        at("fn deli$0ver(&self, report: &Report, urgent: bool) -> Option<String>;"),
        Refers(&[DELIVER, "fn deliver(&self, report: &Report) ", "let delivered = "]),
        at("fn deli$0ver(&self, report: &Report, urgent: bool) -> Option<String>;"),
        Refers(&[DELIVER, "fn deliver(&self, report: &Report, _urgent: bool) ", "let delivered = "]),
    ),
    both(
        "rename: a point",
        at("fn deli$0ver(&self, report: &Report, urgent: bool) -> Option<String>;"),
        Renames(
            "send",
            &[
                "fn send(&self, report: &Report, urgent",
                "fn send(&self, report: &Report)",
                "pm.caller(Feed::send)",
            ],
            &["deliver("],
        ),
        at("fn deli$0ver(&self, report: &Report, urgent: bool) -> Option<String>;"),
        Renames(
            "send",
            &["fn send(&self, report: &Report, urgent", "fn send(&self, report: &Report, _urgent", ".send(&"],
            &["deliver("],
        ),
    ),
    both(
        "rename: specs",
        at("pub trait Fe$0ed"),
        Renames("Weather", &["pub trait Weather", "impl Weather for Station", "Weather::fetch"], &["Feed"]),
        at("pub trait Fe$0ed"),
        Renames("Weather", &["pub trait Weather", "impl Weather for Station", "&dyn Weather"], &["Feed"]),
    ),
    both(
        "rename: an argument of a point",
        at("fn fetch(&self, ci$0ty: &str, days: u8) -> Report;"),
        Renames(
            "place",
            &["place: &str, days: u8) -> Report;", "place: &str, days: u8) -> Report {", "= place."],
            &[],
        ),
        at("fn fetch(&self, ci$0ty: &str, days: u8) -> Report;"),
        Renames("place", &["place: &str, days: u8) -> Report;"], &[]),
    )
    .falls_short(
        "only the declaration changes; the compiler then names each extension that has the old name",
    ),
    same(
        "rename: a variable of a body",
        at("let li$0ne = self"),
        Renames("text", &["let text = self", "vec![text]"], &[]),
    ),
];
