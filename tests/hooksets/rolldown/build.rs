//! The hooks that build modules, and those that watch.

use std::sync::Arc;

use pluginkit::prelude::*;

use super::plugins::{Alias, Cache, External, Json, License, Manifest, Minify, Replace, Virtual};
use super::reports::{Guard, Reporter};
use super::types::{
    Ast, BuildError, HookBuildEndArgs, HookBuildStartArgs, HookLoadArgs, HookResolveIdArgs,
    HookResolveIdOutput, HookTransformArgs, HookTransformAstArgs, HookTransformOutput, ModuleInfo,
    NormalModule, Options, PluginContext, Result, TransformPluginContext, WatcherChangeKind,
};
use super::{Alternatives, Hooks};

pub(super) fn manager() -> PluginManager {
    let pm = PluginManager::new("rolldown");
    pm.add_extension_points(Hooks).unwrap();
    pm.add_extension_points(Alternatives).unwrap();
    pm.register(External).unwrap();
    pm.register(Reporter).unwrap();
    pm.register(Guard).unwrap();
    pm.register(Virtual([("env", "export const debug = DEBUG")].into())).unwrap();
    pm.register(Alias("@/", "/src/")).unwrap();
    pm.register(Cache::default()).unwrap();
    pm.register(Replace("DEBUG", "false")).unwrap();
    pm.register(Json).unwrap();
    pm.register(Minify).unwrap();
    pm.register(Manifest).unwrap();
    pm.register(License("MIT")).unwrap();
    pm
}

pub(super) fn options(format: &str) -> Options {
    Options { format: format.to_owned() }
}

pub(super) fn failed<T>(message: &str) -> Result<T> {
    Err(BuildError::new(message))
}

#[test]
fn every_hook_is_declared_and_has_a_plugin() {
    let pm = manager();
    let points = pm.extension_points();
    assert_eq!(points.iter().filter(|point| point.specs == "Hooks").count(), 23);
    for point in points {
        let implemented = pm.plugin_names().iter().any(|name| {
            pm.extension_points_of(name)
                .is_some_and(|points| points.iter().any(|each| each.name == point.name))
        });
        assert!(implemented, "{point}");
    }
}

#[test]
fn build_start_and_build_end_stop_at_the_first_error() {
    let pm = manager();
    let ctx = PluginContext::default();
    let build_start = pm.caller(Hooks::build_start);
    assert_eq!(build_start.call(&ctx, &HookBuildStartArgs { options: &options("es") }), Ok(()));
    assert_eq!(
        build_start.call(&ctx, &HookBuildStartArgs { options: &options("iife") }),
        failed("unknown format iife")
    );
    let build_end = pm.caller(Hooks::build_end);
    assert_eq!(build_end.call(&ctx, None), Ok(()));
    let args = HookBuildEndArgs { errors: vec![BuildError::new("parse error")] };
    assert_eq!(build_end.call(&ctx, Some(&args)), failed("parse error"));
    assert_eq!(ctx.log.take(), ["build es", "build iife", "built with 0 errors", "built with 1 errors"]);
}

pub(super) fn resolved(id: &str, external: bool) -> HookResolveIdOutput {
    HookResolveIdOutput { id: id.to_owned(), external }
}

#[test]
fn resolve_id_takes_the_first_answer_or_error() {
    let resolve_id = manager().caller(Hooks::resolve_id);
    let ctx = PluginContext::default();
    let resolve = |specifier, importer| resolve_id.call(&ctx, &HookResolveIdArgs { specifier, importer });
    assert_eq!(resolve("@/a.js", None), Ok(Some(resolved("/src/a.js", false))));
    assert_eq!(ctx.log.line(), "");
    assert_eq!(resolve("env", None), Ok(Some(resolved("\0env", false))));
    assert_eq!(resolve("react", Some("/src/a.js")), Ok(Some(resolved("react", true))));
    assert_eq!(resolve("react", None), failed("no entry module react"));
    assert_eq!(ctx.log.take(), ["resolve env", "resolve react", "resolve react"]);
    let args = HookResolveIdArgs { specifier: "react", importer: None };
    assert_eq!(resolve_id.without(["External"]).call(&ctx, &args), Ok(None));
}

#[test]
fn a_wrapper_of_load_caches_what_is_found_and_swallows_errors() {
    let load = manager().caller(Hooks::load);
    let ctx = PluginContext::default();
    let code = |id| load.call(&ctx, &HookLoadArgs { id }).map(|loaded| loaded.map(|loaded| loaded.code));
    assert_eq!(code("\0env"), Ok(Some("export const debug = DEBUG".to_owned())));
    assert_eq!(code("/src/a.js"), Ok(Some("// /src/a.js".to_owned())));
    assert_eq!(code("/src/a.js"), Ok(Some("// /src/a.js".to_owned())));
    assert_eq!(code("\0missing"), Ok(None));
    assert_eq!(ctx.log.take(), ["read /src/a.js", "warning: no virtual module missing"]);
    let bare = load.without(["Cache"]).call(&ctx, &HookLoadArgs { id: "\0missing" });
    assert_eq!(bare, failed("no virtual module missing"));
}

#[test]
fn transform_threads_code_and_type_through_the_plugins() {
    let pm = manager();
    let transform = pm.caller(Hooks::transform);
    let ctx = Arc::new(TransformPluginContext { inner: PluginContext::default() });
    let run = |id, code: &str, module_type| {
        let module = HookTransformOutput { code: code.to_owned(), module_type };
        transform.call(Arc::clone(&ctx), &HookTransformArgs { id }, module)
    };
    let output = |code: &str| Ok(HookTransformOutput { code: code.to_owned(), module_type: "js" });
    assert_eq!(run("a.json", "{d: DEBUG}", "json"), output("export default {d: false}"));
    assert_eq!(run("a.js", "1", "js"), output("1"));
    assert_eq!(run("a.css", "a {}", "css"), failed("a.css is css"));
    assert_eq!(ctx.inner.log.take(), ["replace in a.json", "replace in a.js"]);

    let unchanged = HookTransformOutput { code: "a {}".to_owned(), module_type: "css" };
    let without = transform.without(["Json", "Replace"]);
    assert_eq!(without.call(ctx, &HookTransformArgs { id: "a.css" }, unchanged.clone()), Ok(unchanged));
}

#[test]
fn transform_ast_passes_on_a_tree_that_cannot_be_cloned() {
    let transform_ast = manager().caller(Hooks::transform_ast);
    let ctx = PluginContext::default();
    let id = String::from("a.js");
    let run = |statements: &[&str]| {
        let statements = statements.iter().map(|&statement| statement.to_owned()).collect();
        let args = HookTransformAstArgs { id: &id, comments: vec!["// a", "// false"] };
        transform_ast.call(&ctx, args, Ast { statements }).map(|ast| ast.statements.join(";"))
    };
    assert_eq!(run(&["// a", "run(DEBUG)", "// DEBUG"]), Ok("run(false)".to_owned()));
    assert_eq!(run(&["// a"]), failed("a.js is empty"));
}

#[test]
fn transform_ast_can_thread_its_borrowing_arguments_whole() {
    let id = String::from("a.js");
    let args = HookTransformAstArgs { id: &id, comments: Vec::new() };
    let args = manager().caller(Alternatives::transform_ast_args).call(&PluginContext::default(), args);
    assert_eq!(args.map(|args| args.comments), Ok(vec!["a.js"]));
}

#[test]
fn module_parsed_shares_what_it_tells() {
    let module_parsed = manager().caller(Hooks::module_parsed);
    let ctx = PluginContext::default();
    let info = |id: &str| Arc::new(ModuleInfo { id: id.to_owned() });
    assert_eq!(module_parsed.call(&ctx, info("a.js"), &NormalModule { imports: 2 }), Ok(()));
    assert_eq!(module_parsed.call(&ctx, info(""), &NormalModule { imports: 0 }), failed("no id"));
    assert_eq!(ctx.log.take(), ["a.js imports 2", " imports 0"]);
}

#[test]
fn watch_hooks_tell_of_files_and_of_the_end() {
    let pm = manager();
    let ctx = PluginContext::default();
    let watch_change = pm.caller(Hooks::watch_change);
    assert_eq!(watch_change.call(&ctx, "a.js", WatcherChangeKind::Create), Ok(()));
    assert_eq!(watch_change.call(&ctx, "a.js", WatcherChangeKind::Delete), failed("deleted"));
    assert_eq!(pm.caller(Hooks::close_watcher).call(&ctx), Ok(()));
    assert_eq!(ctx.log.take(), ["a.js Create", "a.js Delete", "unwatched"]);
}
