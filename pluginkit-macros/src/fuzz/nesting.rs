//! Nested shapes: those that the macros accept fit a small stack, and the macros reject deeper ones.

use std::thread;

use proc_macro2::{TokenStream, TokenTree};

use super::Expand;

/// The stack that an expansion must fit without optimization. rustc has 8 MiB.
const STACK: usize = 1536 << 10;
/// Deeper than any stack.
const DEEP: usize = 2_000;

/// The text before the innermost part, the innermost part, and the text after it.
type Shape = (&'static str, &'static str, &'static str);

const TYPES: &[Shape] = &[
    ("(", "u8", ")"),
    ("(", "u8", ",)"),
    ("[", "u8", "]"),
    ("[", "u8", "; 1]"),
    ("&", "u8", ""),
    ("&&", "u8", ""),
    ("&'static ", "u8", ""),
    ("&'a ", "u8", ""),
    ("&mut ", "u8", ""),
    ("&'static mut ", "u8", ""),
    ("*const ", "u8", ""),
    ("*mut ", "u8", ""),
    ("Vec<", "u8", ">"),
    ("Vec<u8, ", "u8", ">"),
    ("Map<u8, (", "u8", ")>"),
    ("fn(", "u8", ")"),
    ("fn(u8, ", "u8", ")"),
    ("fn() -> ", "u8", ""),
    ("unsafe extern \"C\" fn() -> ", "u8", ""),
    ("for<'a> fn(&'a u8) -> ", "u8", ""),
    ("impl Fn() -> ", "u8", ""),
    ("impl Fn(", "u8", ")"),
    ("impl A<", "u8", ">"),
    ("dyn A<", "u8", ">"),
    ("Box<dyn A<", "u8", "> + Send>"),
    ("Box<dyn Fn(", "u8", ") + Send>"),
    ("dyn A<B = ", "u8", ">"),
    ("impl A<B: C<D = ", "u8", ">>"),
    ("<", "u8", " as T>::U"),
    ("<u8 as T<", "u8", ">>::U"),
    ("[u8; {", "1", "}]"),
    ("A<{ [0u8; ", "1", "].len() }>"),
    ("A<{ f::<A<", "u8", ">>() }>"),
    ("A<{ struct A<T: B<", "u8", ">>(T); 1 }>"),
    ("A<{ fn f(_: ", "u8", ") {} 1 }>"),
    ("A<{ if a { ", "1", " } else { 2 } }>"),
];

/// Parts of an expression in `[u8; …]`.
const EXPRESSIONS: &[Shape] = &[
    ("(", "1", ")"),
    ("{", "1", "}"),
    ("[", "1", "]"),
    ("[1, ", "1", "]"),
    ("-", "1", ""),
    ("!", "1", ""),
    ("!(", "1", ")"),
    ("*", "a", ""),
    ("&", "1", ""),
    ("&raw const ", "1", ""),
    ("1 + ", "1", ""),
    ("1 + (", "1", ")"),
    ("1 && ", "1", ""),
    ("a = ", "1", ""),
    ("f(", "1", ")"),
    ("", "a", ".b()"),
    ("", "a", ".b"),
    ("", "a", "[1]"),
    ("", "a", "(1)"),
    ("", "a", "?"),
    ("", "1", " as u8"),
    ("|x| ", "1", ""),
    ("|| ", "1", ""),
    ("move || ", "1", ""),
    ("return ", "1", ""),
    ("break ", "1", ""),
    ("if a { 1 } else ", "{ 1 }", ""),
    ("if a { ", "1", " }"),
    ("while a { ", "1", " }"),
    ("match a { _ => ", "1", " }"),
    ("match a { _ if ", "1", " => 1 }"),
    ("S { a: ", "1", " }"),
    ("unsafe { ", "1", " }"),
    ("async move { ", "1", " }"),
    ("const { ", "1", " }"),
    ("{ let x: [u8; ", "1", "] = y; 1 }"),
    ("{ fn f() { ", "1", " } 1 }"),
    ("if let ", "a", " = 1 { 1 }"),
];

const PATTERNS: &[Shape] = &[
    ("&", "x", ""),
    ("&mut ", "x", ""),
    ("(", "x", ")"),
    ("(_, ", "x", ")"),
    ("[", "x", "]"),
    ("x @ ", "x", ""),
    ("S(", "x", ")"),
    ("S { a: ", "x", " }"),
];

const BOUNDS: &[Shape] =
    &[("A<B = ", "u8", ">"), ("A<B: ", "C", ">"), ("A<", "u8", ">"), ("Fn() -> ", "u8", "")];

fn nested((before, inner, after): Shape, levels: usize) -> String {
    format!("{}{inner}{}", before.repeat(levels), after.repeat(levels))
}

/// Places for shapes of a kind, each with `…` where the shape goes.
fn places() -> Vec<(Expand, &'static str, &'static str, &'static [Shape])> {
    let point: Expand = |_, path| crate::extension_point::point(path.clone());
    let specs: Expand = crate::extension_point::expand;
    let block: Expand = crate::extension::expand;
    let plugin: Expand = crate::plugin::expand;
    vec![
        (point, "", "Specs::<…>::fetch", TYPES),
        (point, "", "<… as S>::fetch", TYPES),
        (specs, "", "trait S { fn f(&self, a: …); }", TYPES),
        (specs, "", "trait S { fn f(&self) -> …; }", TYPES),
        (specs, "", "trait S { fn f(&self, a: [u8; …]); }", EXPRESSIONS),
        (specs, "", "trait S { fn f(&self, …: u8); }", PATTERNS),
        (specs, "", "trait S<T: …> { }", BOUNDS),
        (specs, "", "trait S { fn f<T>(&self) where T: …; }", BOUNDS),
        (specs, "", "trait S { type T: …; }", BOUNDS),
        (specs, "", "#[doc = …] trait S { }", EXPRESSIONS),
        (specs, "", "trait S { #[extension_point(pipeline = …)] fn f(&self); }", EXPRESSIONS),
        (specs, "crate = …", "trait S { }", EXPRESSIONS),
        (specs, "service", "trait S: Send + Sync { fn f(&self, a: …); }", TYPES),
        (block, "", "impl S for … { }", TYPES),
        (block, "", "impl S<…> for P { }", TYPES),
        (block, "", "impl<T: …> S for P<T> { }", BOUNDS),
        (block, "", "impl S for P { fn f(&self, a: …) { } }", TYPES),
        (block, "", "impl S for P { async fn f(&self) -> … { } }", TYPES),
        (block, "", "impl S for P { fn f(&self, …: u8) { } }", PATTERNS),
        (block, "", "impl S for P { fn f(&self) { } const A: u8 = …; }", EXPRESSIONS),
        (block, "", "impl S for P { #[extension(when = …)] fn f(&self) { } }", EXPRESSIONS),
        (block, "priority = …", "impl S for P { }", EXPRESSIONS),
        (block, "service", "impl S for P { fn f(&self, a: …) { } }", TYPES),
        (plugin, "id = \"p\"", "struct P { a: … }", TYPES),
        (plugin, "id = \"p\"", "struct P<T: …>(T);", BOUNDS),
        (plugin, "id = \"p\"", "struct P { a: [u8; …] }", EXPRESSIONS),
        (plugin, "id = \"p\"", "enum P { A = … }", EXPRESSIONS),
        (plugin, "id = …", "struct P;", EXPRESSIONS),
        (plugin, "id = \"p\", extends = S::f", "fn p(a: …) -> u8 { 1 }", TYPES),
        (plugin, "id = \"p\", extends = S::f", "fn p(…: u8) -> u8 { 1 }", PATTERNS),
    ]
}

/// Returns whether a macro rejects its input because of its depth.
fn is_refused(expand: Expand, args: &str, item: &str) -> bool {
    let (args, item) = (args.parse().expect("these are tokens"), item.parse().expect("these are tokens"));
    errors(expand(args, &item)).contains("levels deep")
}

fn on_stack<R: Send + 'static>(size: usize, work: impl FnOnce() -> R + Send + 'static) -> R {
    let thread = thread::Builder::new().stack_size(size).spawn(work).expect("a thread can be had");
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

#[test]
fn the_deepest_that_is_taken_fits_a_small_stack_and_the_next_is_refused() {
    for (expand, args, item, shapes) in places() {
        for &shape in shapes {
            let at = move |levels| {
                let text = nested(shape, levels);
                (args.replace('…', &text), item.replace('…', &text))
            };
            let refused = move |levels: usize, stack: usize| {
                let (args, item) = at(levels);
                on_stack(stack, move || is_refused(expand, &args, &item))
            };
            // The first depth that is refused, between one that is not and one that is.
            let (mut taken, mut first) = (6, 256);
            while taken + 1 < first {
                let middle = usize::midpoint(taken, first);
                if refused(middle, 64 << 20) { first = middle } else { taken = middle }
            }
            assert!(!refused(taken, STACK), "{item} with {shape:?} is refused {taken} deep");
            assert!(refused(first, STACK), "{item} with {shape:?} is taken however deep");
        }
    }
}

#[test]
fn what_is_much_too_deep_is_refused_on_a_small_stack() {
    for (expand, args, item, shapes) in places() {
        for &shape in shapes {
            let text = nested(shape, DEEP);
            let (args, item) = (args.replace('…', &text), item.replace('…', &text));
            assert!(on_stack(STACK, move || is_refused(expand, &args, &item)), "{shape:?}");
        }
    }
}

#[test]
fn bodies_may_nest_as_they_like() {
    let body = nested(("{ let _ = (", "1", "); }"), DEEP / 2);
    let accept = |expand: Expand, args: &'static str, item: &str| {
        let item = item.replace('…', &body);
        let wrong = on_stack(STACK, move || {
            let (args, item): (_, TokenStream) = (args.parse().unwrap(), item.parse().unwrap());
            errors(expand(args, &item))
        });
        assert_eq!(wrong, "");
    };
    accept(
        crate::extension::expand,
        "",
        "impl S for P { fn f(&self) { … } async fn g(&self) -> A<{ 1 }> { … } }",
    );
    accept(crate::extension::expand, "service", "impl S for P { const A: u8 = 1; fn f(&self) { … } }");
    accept(
        crate::extension_point::expand,
        "service",
        "trait S: Send + Sync { fn f(&self) { … } fn g(&self); }",
    );
    accept(crate::plugin::expand, "id = \"p\", extends = S::f", "fn p(a: u8) -> u8 { … }");
}

/// Returns the errors at the top of an expansion. Printing the rest may need a large stack.
fn errors(expansion: TokenStream) -> String {
    let mut errors = String::new();
    let mut trees = expansion.into_iter();
    while let Some(tree) = trees.next() {
        if matches!(&tree, TokenTree::Ident(name) if name == "compile_error") {
            errors.extend(trees.by_ref().take(2).map(|tree| tree.to_string()));
        }
    }
    errors
}

#[test]
fn what_is_long_and_flat_is_not_deep() {
    let many = |each: &str| each.repeat(1_000);
    let taken = |expand: Expand, args: &str, item: &str| assert!(!is_refused(expand, args, item), "{item}");
    let specs =
        format!("{} trait S {{ {} }}", many("#[doc = \"a\"] #[cfg(a)]"), many("fn f(&self, a: &'a B<u8>);"));
    taken(crate::extension_point::expand, "", &specs);
    let block =
        format!("impl S for P {{ {} {} }}", many("/// a\nfn f(&self) -> B<u8> { 1 }"), many("m! { a }"));
    taken(crate::extension::expand, "", &block);
    taken(crate::extension::expand, &format!("after = [{}]", many("\"a\",")), "impl S for P { }");
    let fields = format!("struct P {{ {} }}", many("#[serde(a)] pub(crate) a: Vec<&'static u8>,"));
    taken(crate::plugin::expand, "id = \"p\"", &fields);
    taken(
        crate::plugin::expand,
        "id = \"p\"",
        &format!("struct P {{ a: m!({}) }}", nested(("(", "", ")"), 100)),
    );
    let bounds = format!("struct P<T>(T) where {};", many("T: A<u8>,"));
    taken(crate::plugin::expand, "id = \"p\"", &bounds);
}
