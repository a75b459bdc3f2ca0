//! Random items and options: nearly correct ones, some of which lose, gain or swap tokens.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

use super::random::Random;

const NAMES: &[&str] = &[
    "fetch",
    "deliver",
    "r#type",
    "r#match",
    "next",
    "args",
    "__a",
    "Self_",
    "topic",
    "state",
    "P",
    "call",
    "this",
    "extension",
    "ünï",
    "_self",
    "__Self",
    "_type",
    "_1",
    "_1a",
    "__",
    "_名",
    "_·x",
];
const TYPES: &[&str] = &[
    "()",
    "bool",
    "String",
    "&str",
    "&mut String",
    "&[u8]",
    "&dyn std::fmt::Debug",
    "Option<u32>",
    "Option<&str>",
    "&mut Option<&mut String>",
    "Option<&mut String>",
    "Option<&mut dyn Any>",
    "App<T>",
    "&mut Ctx<'_, T>",
    "Option<&T>",
    "&[T]",
    "[T; N]",
    "&T",
    "T",
    "Result<u32, String>",
    "Result<Option<u32>, E>",
    "std::io::Result<()>",
    "&mut Ctx<'_>",
    "&'a str",
    "Data<'a>",
    "Data<'_, '_>",
    "&'static str",
    "[u8; 4]",
    "(u8, &str)",
    "fn(&str) -> &str",
    "&mut Vec<Box<dyn Any>>",
    "impl Fn()",
    "Self",
    "_",
    "!",
    "*const u8",
    "Next<'_>",
    "Box<dyn for<'x> Fn(&'x str)>",
    "<T as Iterator>::Item",
    "[u8; { fn f() {} 3 }]",
    "mac!(x)",
    "r#type",
];
const VALUES: &[&str] = &[
    "\"\"",
    "\"id\"",
    "\"fetch\"",
    "\"self\"",
    "\" fetch\"",
    "\"r#type\"",
    "\"_1\"",
    "\"250ms\"",
    "\"collect\"",
    "\"Skip\"",
    "\"1s\"",
    "\"0ms\"",
    "\"9999999999999999999h\"",
    "\"self\"",
    "\"r#type\"",
    "\"1.2.0\"",
    "\"core >= 1.2\"",
    "\"a b\"",
    "\"\\u{0}\"",
    "\"ünï\"",
    "[\"a\", \"b\"]",
    "[\"core >= 1\", \"text\"]",
    "[]",
    "[1, 2]",
    "10",
    "-3",
    "2147483648",
    "-2147483648",
    "1.5",
    "true",
    "'c'",
    "b\"x\"",
    "::pk",
    "crate::pk",
    "path",
    "Self::ready",
    "ready(topic)",
    "ready()",
    "a::<T>::b",
    "|x| x",
    "{}",
    "(1)",
    "not(x)",
    "\"priority\"",
    "1u128",
];
const POINT: &[&str] = &[
    "firstresult",
    "pipeline",
    "historic",
    "fallible",
    "pipeline = \"topic\"",
    "on_failure = \"skip\"",
    "service",
];
const METHOD: &[&str] = &[
    "tryfirst",
    "trylast",
    "priority = 10",
    "before = \"a\"",
    "after = [\"a\"]",
    "wrapper",
    "target = \"fetch\"",
    "optional",
    "when = Self::ready",
    "blocking",
    "timeout = \"250ms\"",
    "requires = \"^1.2\"",
    "helper",
    "service",
];
const GENERICS: &[&str] = &[
    "",
    "<T>",
    "<'a>",
    "<const N: usize>",
    "<T: Runtime + ?Sized>",
    "<T: Runtime = Wry, const N: usize = 2>",
    "<'a, 'b: 'a, T: 'a>",
    "<#[cfg(any())] T, U = T>",
    "<'a: 'static, const N: usize, T>",
    "<I: Iterator<Item = T>, T>",
];
const CLAUSES: &[&str] = &[
    "",
    "where T: Sync",
    "where Self: Sized",
    "where T: 'a, 'b: 'a",
    "where for<'x> &'x T: Clone, [T; N]: Sized,",
    "where 'a: 'static",
];
const PLUGIN: &[&str] = &[
    "id = \"a\"",
    "id = \"weather-2\"",
    "version = \"1.0.0\"",
    "name = \"A\"",
    "author = \"b\"",
    "requires = [\"core >= 1.2\"]",
    "optional_requires = [\"cache\"]",
    "project = \"feed\"",
];
const KEYS: &[&str] = &[
    "firstresult",
    "pipeline",
    "historic",
    "fallible",
    "on_failure",
    "service",
    "tryfirst",
    "trylast",
    "priority",
    "before",
    "after",
    "wrapper",
    "target",
    "optional",
    "when",
    "blocking",
    "timeout",
    "id",
    "version",
    "name",
    "author",
    "description",
    "requires",
    "optional_requires",
    "project",
    "crate",
    "hookwrapper",
    "r#type",
    "a::b",
];
const STRAY: &[&str] = &[
    "fn", "self", "&", "mut", "'a", "<", ">", "::", ",", ";", "=", "#", "!", "->", "where", "dyn", "impl",
    "async", "unsafe", "const", "_", "0", "\"\"", "crate", "Self", "()", "{}", "[]", "..", "|", "?", "r#fn",
    "pub", "for",
];

/// Returns the tokens of a text; none if it is not valid.
fn tokens(text: &str) -> TokenStream {
    text.parse().unwrap_or_default()
}

fn some(random: &mut Random, most: usize, mut each: impl FnMut(&mut Random) -> String) -> Vec<String> {
    (0..random.below(most + 1)).map(|_| each(random)).collect()
}

/// Options, mostly `right` ones.
fn options(random: &mut Random, right: &[&str], most: usize) -> String {
    let option = |random: &mut Random| match random.below(8) {
        0 => random.one_of(KEYS).to_owned(),
        1 => format!("{} = {}", random.one_of(KEYS), random.one_of(VALUES)),
        2 => format!("{}({})", random.one_of(KEYS), random.one_of(VALUES)),
        _ => random.one_of(right).to_owned(),
    };
    let most = if random.once_in(6) { most + 3 } else { most };
    let separator = if random.once_in(30) { ",," } else { "," };
    some(random, most, option).join(separator)
}

fn attribute(random: &mut Random, name: &str, right: &[&str]) -> String {
    match random.below(12) {
        0 => format!("#[{name}]"),
        1 => format!("#[{name} = \"x\"]"),
        2 => "#[cfg(any())]".to_owned(),
        3 => "/// A text.\n#[deprecated(note = \"no\")]".to_owned(),
        4 | 5 => format!("#[{name}({})]", options(random, right, 1)),
        _ => String::new(),
    }
}

fn parameter(random: &mut Random) -> String {
    let kind = random.one_of(TYPES);
    match random.below(24) {
        0 => format!("(a, b): {kind}"),
        1 => format!("_: {kind}"),
        2 => format!("mut {}: {kind}", random.one_of(NAMES)),
        3 => "self".to_owned(),
        4 => "...".to_owned(),
        _ => format!("{}: {kind}", random.one_of(NAMES)),
    }
}

/// Returns one that the macros accept, apart from its name.
fn plain_parameter(random: &mut Random, number: usize) -> String {
    let kind = random.one_of(&["&str", "u32", "String", "&mut String", "Option<&str>", "&[u8]"]);
    format!("{}{number}: {kind}", random.one_of(&["topic", "text", "state"]))
}

fn method(random: &mut Random, attribute_name: &str, right: &[&str], body: bool) -> String {
    let wild = random.once_in(4);
    let attributes =
        if wild || random.once_in(3) { attribute(random, attribute_name, right) } else { String::new() };
    let before = if wild {
        random.one_of(&["", "pub", "async", "unsafe", "const", "extern \"C\"", "pub(crate) async"])
    } else {
        ""
    };
    let generics =
        if wild { random.one_of(&["", "", "<'a>", "<T>", "<'a, 'b: 'a>", "<const N: usize>"]) } else { "" };
    let receiver = if wild {
        random.one_of(&[
            "&self",
            "self",
            "&mut self",
            "self: &Arc<Self>",
            "self: Arc<Self>",
            "self: Box<Self>",
            "",
        ])
    } else {
        "&self"
    };
    let mut parameters = if wild {
        some(random, 5, parameter)
    } else {
        (0..random.below(4)).map(|number| plain_parameter(random, number)).collect()
    };
    if !receiver.is_empty() {
        parameters.insert(0, receiver.to_owned());
    }
    let returns = match random.below(if wild { 3 } else { 2 }) {
        0 => String::new(),
        1 => " -> Option<String>".to_owned(),
        _ => format!(" -> {}", random.one_of(TYPES)),
    };
    let bounds = if wild && random.once_in(4) { " where Self: Sized, T: 'static" } else { "" };
    let has_body = if random.once_in(25) { !body } else { body };
    let body = if has_body { " { todo!() }" } else { ";" };
    let name = random.one_of(NAMES);
    let number = random.below(50);
    let name = if wild { name.to_owned() } else { format!("point_{number}") };
    let parameters = parameters.join(", ");
    format!("{attributes} {before} fn {name}{generics}({parameters}){returns}{bounds}{body}")
}

fn stray_member(random: &mut Random) -> String {
    let member =
        random.one_of(&["const N: u32;", "type T;", "type T = u8;", "mac!();", "const N: u32 = 1;", "fn"]);
    if random.once_in(20) { member.to_owned() } else { String::new() }
}

/// Takes, adds, doubles and swaps tokens.
fn mutate(random: &mut Random, stream: TokenStream, depth: usize) -> TokenStream {
    let mut trees: Vec<TokenTree> = stream.into_iter().collect();
    for _ in 0..=random.below(2) {
        let at = random.below(trees.len() + 1);
        let Some(tree) = trees.get(at).cloned() else {
            trees.extend(tokens(random.one_of(STRAY)));
            continue;
        };
        match (random.below(8), tree) {
            (0..=3, TokenTree::Group(group)) if depth < 8 => {
                let inside = mutate(random, group.stream(), depth + 1);
                trees[at] = Group::new(group.delimiter(), inside).into();
            }
            (0, _) => drop(trees.remove(at)),
            (1, tree) => trees.insert(at, tree),
            (2 | 3, _) => {
                let stray = tokens(random.one_of(STRAY));
                trees.splice(at..=at, stray);
            }
            (4, _) => {
                let stray = tokens(random.one_of(STRAY));
                trees.splice(at..at, stray);
            }
            (5, _) => {
                let other = random.below(trees.len());
                trees.swap(at, other);
            }
            (6, tree) => {
                let delimiters =
                    [Delimiter::Parenthesis, Delimiter::Brace, Delimiter::Bracket, Delimiter::None];
                let inside = TokenStream::from(tree);
                trees[at] = Group::new(delimiters[random.below(4)], inside).into();
            }
            _ => {
                let literal = tokens(random.one_of(VALUES));
                trees.splice(at..=at, literal);
            }
        }
    }
    trees.into_iter().collect()
}

fn perhaps_mutated(random: &mut Random, text: &str) -> TokenStream {
    let stream = tokens(text);
    if random.once_in(3) { mutate(random, stream, 0) } else { stream }
}

fn another_item(random: &mut Random) -> &'static str {
    random.one_of(&[
        "fn f() {}",
        "struct S;",
        "mod m {}",
        "enum E { A }",
        "trait T {}",
        "impl S {}",
        "",
        "use a::b;",
        "1 + 1",
    ])
}

/// Options and a trait for `#[extension_point]`.
pub(super) fn specs(random: &mut Random) -> (TokenStream, TokenStream) {
    let args = options(random, &["project = \"feed\"", "crate = ::pk"], 1);
    let service = random.once_in(8);
    let args = if service { format!("service, {args}") } else { args };
    let methods = some(random, 4, |random| {
        let stray = stray_member(random);
        let method = method(random, "extension_point", POINT, false);
        format!("{stray}{method}")
    });
    let wild = random.once_in(5);
    let generics = if wild || random.once_in(3) { random.one_of(GENERICS) } else { "" };
    let clause = if wild || !generics.is_empty() && random.once_in(3) { random.one_of(CLAUSES) } else { "" };
    let bounds = if service {
        ": Send + Sync"
    } else if wild {
        random.one_of(&["", ": Send", ": 'static"])
    } else {
        ""
    };
    let before = if wild { random.one_of(&["pub", "unsafe", "auto", "pub(in a::b)"]) } else { "pub" };
    let name = random.one_of(&["Specs", "r#Type", "Formatter"]);
    let item = format!("{before} trait {name}{generics}{bounds} {clause} {{ {} }}", methods.join("\n"));
    let item = if random.once_in(25) { another_item(random).to_owned() } else { item };
    (perhaps_mutated(random, &args), perhaps_mutated(random, &item))
}

/// Options and an impl block for `#[extension]`.
pub(super) fn block(random: &mut Random) -> (TokenStream, TokenStream) {
    let service = random.once_in(8);
    let args = if service {
        format!("service, {}", options(random, &["priority = 10"], 1))
    } else {
        options(random, METHOD, 1)
    };
    let methods = some(random, 4, |random| {
        let stray = stray_member(random);
        let method = method(random, "extension", METHOD, true);
        format!("{stray}{method}")
    });
    let wild = random.once_in(5);
    let is_generic = wild || random.once_in(3);
    let generics = if is_generic { random.one_of(GENERICS) } else { "" };
    let clause = if is_generic { random.one_of(CLAUSES) } else { "" };
    let specs = if wild {
        random.one_of(&["Specs", "a::Specs", "Specs<T>", "!Specs", "<A as B>::C", "Specs<'a, 'b, T>"])
    } else if is_generic {
        random.one_of(&[
            "Specs<T>",
            "Specs<'a>",
            "Specs<'a, T, N>",
            "Specs<T, { N }>",
            "Specs<Vec<T>>",
            "Specs<Wry>",
        ])
    } else {
        "Specs"
    };
    let plugin = if wild {
        random.one_of(&["Weather", "Cached<T>", "&Weather", "[u8]", "dyn T", "(A, B)", "m::W<'_>"])
    } else {
        "Weather"
    };
    let before = if wild { random.one_of(&["", "unsafe", "default"]) } else { "" };
    let item = if random.once_in(25) {
        another_item(random).to_owned()
    } else {
        format!("{before} impl{generics} {specs} for {plugin} {clause} {{ {} }}", methods.join("\n"))
    };
    (perhaps_mutated(random, &args), perhaps_mutated(random, &item))
}

/// Options and a type for `#[plugin]`.
pub(super) fn plugin(random: &mut Random) -> (TokenStream, TokenStream) {
    let right = options(random, PLUGIN, 2);
    let args = if random.once_in(5) { right } else { format!("id = \"a\", {right}") };
    let generics = random.one_of(&["", "", "", "<T>", "<'a, T: 'a>", "<const N: usize>"]);
    let item = match random.below(8) {
        0 => format!("enum E{generics} {{ A, B(u8) }}"),
        1 => format!("pub struct S{generics} where u8: Copy;"),
        2 => format!("struct S{generics}(u8, pub String);"),
        3 => another_item(random).to_owned(),
        _ => format!("/// A text.\n#[derive(Default)] pub struct r#Type{generics} {{ a: u8 }}"),
    };
    (perhaps_mutated(random, &args), perhaps_mutated(random, &item))
}

/// A path for `point!`.
pub(super) fn path(random: &mut Random) -> (TokenStream, TokenStream) {
    let segments = random.below(4) + 1;
    let segments: Vec<_> = (0..segments).map(|_| random.one_of(NAMES)).collect();
    let start = random.one_of(&["", "", "::", "crate::", "self::"]);
    let end = random.one_of(&["", "", "", "<T>", "::<u8>", "::", "()"]);
    (TokenStream::new(), perhaps_mutated(random, &format!("{start}{}{end}", segments.join("::"))))
}
