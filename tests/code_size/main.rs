//! How much code a point makes: lines of LLVM IR and functions in a debug build, counts that no other work on the machine
//! can blur.
//!
//! Two programs are compiled against the library as this build has it, one with twice the points of the other. The
//! difference is shared out among the points. When points get cheaper, write down the figures that the test prints:
//! `.ci/slow-path -p pluginkit-tests --test code_size -- --nocapture`.
#![cfg(not(miri))]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use pluginkit::__private::HAS_FAST_PATH;

#[path = "../ui/compiler.rs"]
#[expect(dead_code, reason = "the test of messages uses all of it")]
mod compiler;

/// What a point makes, with an extension and a call: lines of IR and functions.
const SYNC: Code = Code { lines: 1_044, functions: 58 };
const SYNC_WITH_A_CONTEXT: Code = Code { lines: 1_002, functions: 54 };
const SYNC_OF_ANOTHER_SHAPE: Code = Code { lines: 1_207, functions: 62 };
const ASYNC: Code = Code { lines: 3_648, functions: 132 };
const ASYNC_WITH_A_CONTEXT: Code = Code { lines: 2_665, functions: 104 };
const ASYNC_OF_ANOTHER_SHAPE: Code = Code { lines: 3_511, functions: 127 };

/// How much more is allowed, in percent: with the release of rustc that these figures are of, and with others.
const MORE: usize = 10;
const MORE_WITH_ANOTHER_COMPILER: usize = 60;
const RECORDED_WITH: &str = "1.95.0";

/// How often the shapes of points are repeated in the smaller program.
const TIMES: usize = 1;

#[derive(Clone, Copy, Debug)]
struct Code {
    lines: usize,
    functions: usize,
}

/// A shape of points: the option, the other parameters, the result, what an extension does and what a call passes.
type Shape = (&'static str, &'static str, &'static str, &'static str, &'static str);

const SHAPES: [Shape; 5] = [
    ("", "text: &str, weight: u64", "u64", "weight + text.len() as u64", "\"text\", 1"),
    ("(firstresult)", "text: &str", "Option<String>", "Some(text.to_owned())", "\"text\""),
    ("(pipeline)", "value: String, weight: u64", "String", "value", "String::new(), 1"),
    ("", "seen: &mut Vec<u64>", "()", "seen.push(1)", "&mut seen"),
    ("", "text: &str", "Result<u64, String>", "text.parse().map_err(|_| text.to_owned())", "\"1\""),
];

/// The same, with a context whose type has a lifetime as the last argument.
const WITH_A_CONTEXT: [Shape; 5] = [
    ("", "text: &str, cx: &mut Cx<'_>", "u64", "(cx.0.len() + text.len()) as u64", "\"text\", &mut cx"),
    (
        "(firstresult)",
        "text: &str, cx: &mut Cx<'_>",
        "Option<String>",
        "Some(text.to_owned())",
        "\"text\", &mut cx",
    ),
    ("(pipeline)", "value: String, cx: &mut Cx<'_>", "String", "value", "String::new(), &mut cx"),
    ("", "cx: &mut Cx<'_>", "()", "cx.0.clear()", "&mut cx"),
    (
        "",
        "text: &str, cx: &Cx<'_>",
        "Result<u64, String>",
        "text.parse().map_err(|_| cx.0.concat())",
        "\"1\", &cx",
    ),
];

/// Shapes that only some hosts have: a reducer, an argument that is handed on, a default body, and an argument that is there
/// or not.
const OTHERS: [Shape; 4] = [
    ("(reduce = pluginkit::reduce::Sum)", "text: &str", "u64", "text.len() as u64", "\"text\""),
    (
        "(firstresult)",
        "part: Part, text: &str",
        "ControlFlow<u64, Part>",
        "if text.is_empty() { ControlFlow::Break(1) } else { ControlFlow::Continue(part) }",
        "Part, \"text\"",
    ),
    ("(firstresult)", "text: &str", "Option<u64> { Some(0) }", "text.parse().ok()", "\"text\""),
    ("", "seen: Option<&mut Vec<u64>>", "()", "drop(seen)", "Some(&mut seen)"),
];

#[test]
fn a_sync_point_makes_no_more_code_than_it_is_allowed() {
    check("sync", SYNC, &SHAPES, false);
}

#[test]
fn a_sync_point_with_a_context_makes_no_more_code_than_it_is_allowed() {
    check("sync with a context", SYNC_WITH_A_CONTEXT, &WITH_A_CONTEXT, false);
}

#[test]
fn an_async_point_makes_no_more_code_than_it_is_allowed() {
    check("async", ASYNC, &SHAPES, true);
}

#[test]
fn an_async_point_with_a_context_makes_no_more_code_than_it_is_allowed() {
    check("async with a context", ASYNC_WITH_A_CONTEXT, &WITH_A_CONTEXT, true);
}

#[test]
fn a_sync_point_of_another_shape_makes_no_more_code_than_it_is_allowed() {
    check("sync of another shape", SYNC_OF_ANOTHER_SHAPE, &OTHERS, false);
}

#[test]
fn an_async_point_of_another_shape_makes_no_more_code_than_it_is_allowed() {
    check("async of another shape", ASYNC_OF_ANOTHER_SHAPE, &OTHERS, true);
}

fn check(name: &str, recorded: Code, shapes: &[Shape], is_async: bool) {
    if HAS_FAST_PATH {
        eprintln!("code is not counted: the figures are those of a build without the fast path");
        return;
    }
    let file = |times| format!("{}_{times}", name.replace(' ', "_"));
    let few = compiled(&file(TIMES), &program(shapes, TIMES, is_async));
    let many = compiled(&file(2 * TIMES), &program(shapes, 2 * TIMES, is_async));
    let each = |few: usize, many: usize| many.saturating_sub(few) / (TIMES * shapes.len());
    let counted = Code { lines: each(few.lines, many.lines), functions: each(few.functions, many.functions) };
    assert!(
        counted.lines > 0 && counted.functions > 0,
        "{name}: nothing was counted, so that any point would pass"
    );
    println!("{name}: {counted:?} for a point, {recorded:?} recorded");
    let recorded_here = compiler::compiler().release == RECORDED_WITH;
    let more = if recorded_here { MORE } else { MORE_WITH_ANOTHER_COMPILER };
    let is_allowed = |counted, recorded: usize| counted <= recorded + recorded * more / 100;
    assert!(
        is_allowed(counted.lines, recorded.lines) && is_allowed(counted.functions, recorded.functions),
        "{name}: a point makes {counted:?}, over {more} % more than the recorded {recorded:?}"
    );
}

/// A program with points of these shapes, one plugin that extends each, and a call of each.
fn program(shapes: &[Shape], times: usize, is_async: bool) -> String {
    let (asyncness, manager) =
        if is_async { ("async ", "AsyncPluginManager") } else { ("", "PluginManager") };
    let (mut points, mut extensions, mut calls) = (String::new(), String::new(), String::new());
    for (number, (option, parameters, returns, body, arguments)) in
        (0..times).flat_map(|_| shapes).enumerate()
    {
        let end = if returns.ends_with('}') { "" } else { ";" };
        let _ = writeln!(
            points,
            "#[extension_point{option}] fn f{number}(&self, {parameters}) -> {returns}{end}"
        );
        let returns = returns.split(" {").next().unwrap_or(returns);
        let _ =
            writeln!(extensions, "{asyncness}fn f{number}(&self, {parameters}) -> {returns} {{ {body} }}");
        let call = format!("pm.caller(Specs::f{number}).call({arguments})");
        let _ = if is_async { writeln!(calls, "wait({call});") } else { writeln!(calls, "drop({call});") };
    }
    format!(
        "#![allow(unused)]
use pluginkit::prelude::*;
use std::ops::ControlFlow;
pub struct Cx<'a>(pub Vec<&'a str>);
pub struct Part;
#[extension_point]
pub trait Specs {{
{points}}}
pub struct One;
#[extension]
impl Specs for One {{
{extensions}}}
fn wait<T>(call: impl Future<Output = T>) {{
    let mut call = Box::pin(call) as std::pin::Pin<Box<dyn Future<Output = T>>>;
    while call.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop())).is_pending() {{}}
}}
fn main() {{
    let (mut seen, text) = (Vec::<u64>::new(), String::new());
    let mut cx = Cx(vec![text.as_str()]);
    let pm = {manager}::new(\"code_size\");
    pm.add_extension_points(Specs).unwrap();
    pm.register(One).unwrap();
{calls}}}
"
    )
}

/// Compiles a program as a debug build does, but for what debuggers want.
fn compiled(name: &str, program: &str) -> Code {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("code_size");
    fs::create_dir_all(&folder).expect("the folder is this test's own");
    let (source, out) = (folder.join(format!("{name}.rs")), folder.join(format!("{name}.ll")));
    fs::write(&source, program).expect("the folder is this test's own");
    let mut command = compiler::compiler().command();
    command
        .args(["--edition=2024", "--crate-type=bin", "--emit=llvm-ir", "-Ccodegen-units=1", "-Cdebuginfo=0"])
        .arg("-o")
        .args([&out, &source]);
    let output = command.output().expect("rustc runs");
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    let text = fs::read_to_string(&out).expect("rustc has written it");
    Code {
        lines: text.lines().count(),
        functions: text.lines().filter(|line| line.starts_with("define ")).count(),
    }
}
