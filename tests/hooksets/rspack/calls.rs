//! Every hook, called.

use std::sync::Arc;

use pluginkit::PluginBuilder;
use pluginkit::prelude::*;
use pluginkit_tests::{Log, block_on};

use super::plugins::{All, Once};
use super::types::{
    AdditionalData, BoxModule, ContainerEntryDependency, CreateLinkData, Error, LinkPrefetchData,
    LinkPreloadData, NormalModule, ParserAndGenerator, ReadableFileSystem, Result,
};
use super::{
    Compilations, Compilers, ConcatenatedModules, ContextModuleFactory, CssModules, ExternalModules,
    Federation, Html, JavascriptModules, NormalModuleFactory, NormalModules, RealContentHash, Rsdoctor,
    Runtime, SyncHooks,
};

fn manager(log: &Log) -> AsyncPluginManager {
    let pm = AsyncPluginManager::new("rspack");
    pm.add_extension_points(Compilers).unwrap();
    pm.add_extension_points(Compilations).unwrap();
    pm.add_extension_points(NormalModules).unwrap();
    pm.add_extension_points(NormalModuleFactory).unwrap();
    pm.add_extension_points(ContextModuleFactory).unwrap();
    pm.add_extension_points(ConcatenatedModules).unwrap();
    pm.add_extension_points(ExternalModules).unwrap();
    pm.add_extension_points(JavascriptModules).unwrap();
    pm.add_extension_points(CssModules).unwrap();
    pm.add_extension_points(RealContentHash).unwrap();
    pm.add_extension_points(Html).unwrap();
    pm.add_extension_points(Runtime).unwrap();
    pm.add_extension_points(Rsdoctor).unwrap();
    pm.add_extension_points(Federation).unwrap();
    pm.add_extension_points(SyncHooks).unwrap();
    pm.register(All(log.clone())).unwrap();
    pm
}

fn new<T: Default>() -> T {
    T::default()
}

fn module() -> BoxModule {
    Box::new(NormalModule)
}

fn files() -> Arc<dyn ReadableFileSystem> {
    Arc::new(NormalModule)
}

fn parser() -> Box<dyn ParserAndGenerator> {
    Box::new(NormalModule)
}

/// Whether a series went to its end.
fn ran(outcome: Result<()>) {
    assert_eq!(outcome, Ok(()));
}

/// Whether a plugin has answered.
fn bailed<T>(outcome: Result<Option<T>>) {
    assert!(matches!(outcome, Ok(Some(_))));
}

#[test]
fn there_are_103_hooks_and_each_has_a_plugin() {
    let pm = manager(&Log::new());
    let points = pm.extension_points();
    assert_eq!(points.len(), 103);
    assert_eq!(pm.extension_points_of("All").unwrap().len(), 103);
}

#[test]
fn the_hooks_of_compilers_are_called() {
    let log = Log::new();
    let pm = manager(&log);
    ran(block_on(pm.caller(Compilers::this_compilation).call(&mut new(), &mut new())));
    ran(block_on(pm.caller(Compilers::compilation).call(&mut new(), &mut new())));
    ran(block_on(pm.caller(Compilers::make).call(&mut new())));
    ran(block_on(pm.caller(Compilers::finish_make).call(&mut new())));
    bailed(block_on(pm.caller(Compilers::should_emit).call(&mut new())));
    bailed(block_on(pm.caller(Compilers::should_record).call(&mut new())));
    ran(block_on(pm.caller(Compilers::emit).call(&mut new())));
    ran(block_on(pm.caller(Compilers::after_emit).call(&mut new())));
    ran(block_on(pm.caller(Compilers::asset_emitted).call(&new(), "main", &new())));
    ran(block_on(pm.caller(Compilers::close).call(&new())));
    ran(block_on(pm.caller(Compilers::done).call(&new())));
    ran(block_on(pm.caller(Compilers::failed).call(&new())));
    assert_eq!(
        log.take(),
        [
            "Compilers::this_compilation",
            "Compilers::compilation",
            "Compilers::make",
            "Compilers::finish_make",
            "Compilers::should_emit",
            "Compilers::should_record",
            "Compilers::emit",
            "Compilers::after_emit",
            "Compilers::asset_emitted",
            "Compilers::close",
            "Compilers::done",
            "Compilers::failed"
        ]
    );
}

#[test]
fn the_hooks_of_compilations_are_called() {
    let log = Log::new();
    let pm = manager(&log);
    ran(block_on(pm.caller(Compilations::add_entry).call(Some("main"), &mut new())));
    ran(block_on(pm.caller(Compilations::build_module).call(new(), new(), &mut module())));
    ran(block_on(pm.caller(Compilations::revoked_modules).call(&new(), &new())));
    ran(block_on(pm.caller(Compilations::still_valid_module).call(new(), new(), &mut module())));
    ran(block_on(pm.caller(Compilations::succeed_module).call(new(), new(), &mut module())));
    ran(block_on(pm.caller(Compilations::execute_module).call(&new(), &[], &new(), &new())));
    ran(block_on(pm.caller(Compilations::finish_modules).call(&new(), &mut new(), &mut new(), &mut new())));
    ran(block_on(pm.caller(Compilations::seal).call(&new(), &mut new())));
    bailed(block_on(pm.caller(Compilations::concatenation_scope).call(&new(), new())));
    bailed(block_on(pm.caller(Compilations::optimize_dependencies).call(
        &new(),
        &mut new(),
        &mut new(),
        &mut new(),
        &mut new(),
    )));
    bailed(block_on(pm.caller(Compilations::optimize_modules).call(&new(), &mut new(), &mut new())));
    ran(block_on(pm.caller(Compilations::after_optimize_modules).call(&new())));
    bailed(block_on(pm.caller(Compilations::optimize_chunks).call(&mut new())));
    ran(block_on(pm.caller(Compilations::optimize_tree).call(&new())));
    bailed(block_on(pm.caller(Compilations::optimize_chunk_modules).call(&mut new())));
    ran(block_on(pm.caller(Compilations::revive_modules).call(&new(), &new(), &mut new())));
    ran(block_on(pm.caller(Compilations::before_module_ids).call(&new(), &new(), &mut new())));
    ran(block_on(pm.caller(Compilations::module_ids).call(&new(), &mut new(), &new(), &mut new())));
    ran(block_on(pm.caller(Compilations::record_modules).call(&new(), &new())));
    ran(block_on(pm.caller(Compilations::chunk_ids).call(&new(), &mut new(), &mut new(), &mut new())));
    ran(block_on(pm.caller(Compilations::runtime_module).call(&new(), &new(), &new(), &mut new())));
    ran(block_on(pm.caller(Compilations::additional_module_runtime_requirements).call(
        &new(),
        &new(),
        &mut new(),
    )));
    bailed(block_on(pm.caller(Compilations::runtime_requirement_in_module).call(
        &new(),
        &new(),
        &new(),
        &new(),
        &mut new(),
    )));
    ran(block_on(pm.caller(Compilations::additional_chunk_runtime_requirements).call(
        &new(),
        &new(),
        &mut new(),
        &mut new(),
    )));
    bailed(block_on(pm.caller(Compilations::runtime_requirement_in_chunk).call(
        &new(),
        &new(),
        &new(),
        &new(),
        &mut new(),
        &mut new(),
    )));
    ran(block_on(pm.caller(Compilations::additional_tree_runtime_requirements).call(
        &new(),
        &new(),
        &mut new(),
        &mut new(),
    )));
    bailed(block_on(pm.caller(Compilations::runtime_requirement_in_tree).call(
        &new(),
        &new(),
        &new(),
        &new(),
        &mut new(),
        &mut new(),
    )));
    ran(block_on(pm.caller(Compilations::optimize_code_generation).call(
        &new(),
        &mut new(),
        &mut new(),
        &mut new(),
    )));
    ran(block_on(pm.caller(Compilations::after_code_generation).call(&new(), &mut new())));
    ran(block_on(pm.caller(Compilations::chunk_hash).call(&new(), &new(), &mut new())));
    ran(block_on(pm.caller(Compilations::content_hash).call(&new(), &new(), &mut new())));
    ran(block_on(pm.caller(Compilations::render_manifest).call(&new(), &new(), &mut new(), &mut new())));
    ran(block_on(pm.caller(Compilations::chunk_asset).call(&new(), &new(), "main")));
    ran(block_on(pm.caller(Compilations::process_assets).call(&mut new())));
    ran(block_on(pm.caller(Compilations::after_process_assets).call(&new(), &mut new())));
    ran(block_on(pm.caller(Compilations::after_seal).call(&new())));
    assert_eq!(
        log.take(),
        [
            "Compilations::add_entry",
            "Compilations::build_module",
            "Compilations::revoked_modules",
            "Compilations::still_valid_module",
            "Compilations::succeed_module",
            "Compilations::execute_module",
            "Compilations::finish_modules",
            "Compilations::seal",
            "Compilations::concatenation_scope",
            "Compilations::optimize_dependencies",
            "Compilations::optimize_modules",
            "Compilations::after_optimize_modules",
            "Compilations::optimize_chunks",
            "Compilations::optimize_tree",
            "Compilations::optimize_chunk_modules",
            "Compilations::revive_modules",
            "Compilations::before_module_ids",
            "Compilations::module_ids",
            "Compilations::record_modules",
            "Compilations::chunk_ids",
            "Compilations::runtime_module",
            "Compilations::additional_module_runtime_requirements",
            "Compilations::runtime_requirement_in_module",
            "Compilations::additional_chunk_runtime_requirements",
            "Compilations::runtime_requirement_in_chunk",
            "Compilations::additional_tree_runtime_requirements",
            "Compilations::runtime_requirement_in_tree",
            "Compilations::optimize_code_generation",
            "Compilations::after_code_generation",
            "Compilations::chunk_hash",
            "Compilations::content_hash",
            "Compilations::render_manifest",
            "Compilations::chunk_asset",
            "Compilations::process_assets",
            "Compilations::after_process_assets",
            "Compilations::after_seal"
        ]
    );
}

#[test]
fn the_hooks_of_normal_modules_are_called() {
    let log = Log::new();
    let pm = manager(&log);
    bailed(block_on(pm.caller(NormalModules::read_resource).call(&new(), &files())));
    ran(block_on(pm.caller(NormalModules::loader).call(&mut new())));
    bailed(block_on(pm.caller(NormalModules::loader_should_yield).call(&new())));
    ran(block_on(pm.caller(NormalModules::loader_start_yielding).call(&mut new())));
    ran(block_on(pm.caller(NormalModules::before_loaders).call(&mut new())));
    ran(block_on(pm.caller(NormalModules::additional_data).call(&mut Some(&mut AdditionalData))));
    assert_eq!(
        log.take(),
        [
            "NormalModules::read_resource",
            "NormalModules::loader",
            "NormalModules::loader_should_yield",
            "NormalModules::loader_start_yielding",
            "NormalModules::before_loaders",
            "NormalModules::additional_data"
        ]
    );
}

#[test]
fn the_hooks_of_normal_module_factory_are_called() {
    let log = Log::new();
    let pm = manager(&log);
    bailed(block_on(pm.caller(NormalModuleFactory::before_resolve).call(&mut new())));
    bailed(block_on(pm.caller(NormalModuleFactory::factorize).call(&mut new())));
    bailed(block_on(pm.caller(NormalModuleFactory::resolve).call(&mut new())));
    bailed(block_on(pm.caller(NormalModuleFactory::resolve_for_scheme).call(&mut new(), &mut new(), &new())));
    bailed(block_on(pm.caller(NormalModuleFactory::resolve_in_scheme).call(&mut new(), &mut new(), &new())));
    bailed(block_on(pm.caller(NormalModuleFactory::after_resolve).call(&mut new(), &mut new())));
    bailed(block_on(pm.caller(NormalModuleFactory::create_module).call(&mut new(), &mut new())));
    ran(block_on(pm.caller(NormalModuleFactory::module).call(&mut new(), &new(), &mut module())));
    ran(block_on(pm.caller(NormalModuleFactory::parser).call(&new(), &mut parser(), None)));
    bailed(block_on(pm.caller(NormalModuleFactory::resolve_loader).call(&new(), &new(), &new())));
    ran(block_on(pm.caller(NormalModuleFactory::after_factorize).call(&mut new(), &mut module())));
    assert_eq!(
        log.take(),
        [
            "NormalModuleFactory::before_resolve",
            "NormalModuleFactory::factorize",
            "NormalModuleFactory::resolve",
            "NormalModuleFactory::resolve_for_scheme",
            "NormalModuleFactory::resolve_in_scheme",
            "NormalModuleFactory::after_resolve",
            "NormalModuleFactory::create_module",
            "NormalModuleFactory::module",
            "NormalModuleFactory::parser",
            "NormalModuleFactory::resolve_loader",
            "NormalModuleFactory::after_factorize"
        ]
    );
}

#[test]
fn the_hooks_of_context_module_factory_are_called() {
    let log = Log::new();
    let pm = manager(&log);
    assert_eq!(block_on(pm.caller(ContextModuleFactory::before_resolve).call(new())).unwrap().0, ["all"]);
    assert_eq!(block_on(pm.caller(ContextModuleFactory::after_resolve).call(new())).unwrap().0, ["all"]);
    assert_eq!(log.take(), ["ContextModuleFactory::before_resolve", "ContextModuleFactory::after_resolve"]);
}

#[test]
fn the_hooks_of_concatenated_modules_are_called() {
    let log = Log::new();
    let pm = manager(&log);
    bailed(block_on(pm.caller(ConcatenatedModules::exports_definitions).call(&mut new(), true)));
    ran(block_on(pm.caller(ConcatenatedModules::concatenated_info).call(
        &new(),
        new(),
        None,
        &mut new(),
        &mut new(),
    )));
    assert_eq!(
        log.take(),
        ["ConcatenatedModules::exports_definitions", "ConcatenatedModules::concatenated_info"]
    );
}

#[test]
fn the_hooks_of_external_modules_are_called() {
    let log = Log::new();
    let pm = manager(&log);
    bailed(block_on(pm.caller(ExternalModules::chunk_condition).call(&new(), &new())));
    assert_eq!(log.take(), ["ExternalModules::chunk_condition"]);
}

#[test]
fn the_hooks_of_javascript_modules_are_called() {
    let log = Log::new();
    let pm = manager(&log);
    ran(block_on(pm.caller(JavascriptModules::render_chunk).call(&new(), &new(), &mut new(), &new())));
    bailed(block_on(pm.caller(JavascriptModules::render_chunk_content).call(
        &new(),
        &new(),
        &mut new(),
        &new(),
    )));
    ran(block_on(pm.caller(JavascriptModules::render).call(&new(), &new(), &mut new(), &new())));
    ran(block_on(pm.caller(JavascriptModules::render_startup).call(
        &new(),
        &new(),
        &new(),
        &mut new(),
        &new(),
    )));
    ran(block_on(pm.caller(JavascriptModules::render_module_content).call(
        &new(),
        &new(),
        &NormalModule,
        &mut new(),
        &mut new(),
        &mut new(),
        &new(),
    )));
    ran(block_on(pm.caller(JavascriptModules::render_module_container).call(
        &new(),
        &new(),
        &NormalModule,
        &mut new(),
        &mut new(),
        &new(),
    )));
    ran(block_on(pm.caller(JavascriptModules::render_module_package).call(
        &new(),
        &new(),
        &NormalModule,
        &mut new(),
        &mut new(),
        &new(),
    )));
    ran(block_on(pm.caller(JavascriptModules::chunk_hash).call(&new(), &new(), &mut new())));
    bailed(block_on(pm.caller(JavascriptModules::inline_in_runtime_bailout).call(&new())));
    bailed(block_on(pm.caller(JavascriptModules::embed_in_runtime_bailout).call(&new(), &module(), &new())));
    bailed(block_on(pm.caller(JavascriptModules::strict_runtime_bailout).call(&new(), &new())));
    assert_eq!(
        log.take(),
        [
            "JavascriptModules::render_chunk",
            "JavascriptModules::render_chunk_content",
            "JavascriptModules::render",
            "JavascriptModules::render_startup",
            "JavascriptModules::render_module_content",
            "JavascriptModules::render_module_container",
            "JavascriptModules::render_module_package",
            "JavascriptModules::chunk_hash",
            "JavascriptModules::inline_in_runtime_bailout",
            "JavascriptModules::embed_in_runtime_bailout",
            "JavascriptModules::strict_runtime_bailout"
        ]
    );
}

#[test]
fn the_hooks_of_css_modules_are_called() {
    let log = Log::new();
    let pm = manager(&log);
    ran(block_on(pm.caller(CssModules::render_module_package).call(
        &new(),
        &new(),
        &NormalModule,
        &mut new(),
    )));
    assert_eq!(log.take(), ["CssModules::render_module_package"]);
}

#[test]
fn the_hooks_of_real_content_hash_are_called() {
    let log = Log::new();
    let pm = manager(&log);
    bailed(block_on(pm.caller(RealContentHash::update_hash).call(&new(), &[], "main")));
    assert_eq!(log.take(), ["RealContentHash::update_hash"]);
}

#[test]
fn the_hooks_of_html_are_called() {
    let log = Log::new();
    let pm = manager(&log);
    assert_eq!(block_on(pm.caller(Html::before_asset_tag_generation).call(new())).unwrap().0, ["all"]);
    assert_eq!(block_on(pm.caller(Html::alter_asset_tags).call(new())).unwrap().0, ["all"]);
    assert_eq!(block_on(pm.caller(Html::alter_asset_tag_groups).call(new())).unwrap().0, ["all"]);
    assert_eq!(block_on(pm.caller(Html::after_template_execution).call(new())).unwrap().0, ["all"]);
    assert_eq!(block_on(pm.caller(Html::before_emit).call(new())).unwrap().0, ["all"]);
    assert_eq!(block_on(pm.caller(Html::after_emit).call(new())).unwrap().0, ["all"]);
    assert_eq!(
        log.take(),
        [
            "Html::before_asset_tag_generation",
            "Html::alter_asset_tags",
            "Html::alter_asset_tag_groups",
            "Html::after_template_execution",
            "Html::before_emit",
            "Html::after_emit"
        ]
    );
}

#[test]
fn the_hooks_of_runtime_are_called() {
    let log = Log::new();
    let pm = manager(&log);
    let code = String::from("load()");
    assert_eq!(block_on(pm.caller(Runtime::create_script).call(new())).unwrap().0, ["all"]);
    assert_eq!(
        block_on(
            pm.caller(Runtime::create_link).call(&new(), CreateLinkData { code: &code, seen: Vec::new() })
        )
        .unwrap()
        .seen,
        ["all"]
    );
    assert_eq!(
        block_on(
            pm.caller(Runtime::link_preload).call(&new(), LinkPreloadData { code: &code, seen: Vec::new() })
        )
        .unwrap()
        .seen,
        ["all"]
    );
    assert_eq!(
        block_on(
            pm.caller(Runtime::link_prefetch)
                .call(&new(), LinkPrefetchData { code: &code, seen: Vec::new() })
        )
        .unwrap()
        .seen,
        ["all"]
    );
    assert_eq!(
        log.take(),
        ["Runtime::create_script", "Runtime::create_link", "Runtime::link_preload", "Runtime::link_prefetch"]
    );
}

#[test]
fn the_hooks_of_rsdoctor_are_called() {
    let log = Log::new();
    let pm = manager(&log);
    bailed(block_on(pm.caller(Rsdoctor::module_graph).call(&mut new())));
    bailed(block_on(pm.caller(Rsdoctor::chunk_graph).call(&mut new())));
    bailed(block_on(pm.caller(Rsdoctor::module_ids).call(&mut new())));
    bailed(block_on(pm.caller(Rsdoctor::module_sources).call(&mut new())));
    bailed(block_on(pm.caller(Rsdoctor::assets).call(&mut new())));
    assert_eq!(
        log.take(),
        [
            "Rsdoctor::module_graph",
            "Rsdoctor::chunk_graph",
            "Rsdoctor::module_ids",
            "Rsdoctor::module_sources",
            "Rsdoctor::assets"
        ]
    );
}

#[test]
fn the_hooks_of_federation_are_called() {
    let log = Log::new();
    let pm = manager(&log);
    ran(block_on(pm.caller(Federation::add_container_entry_dependency).call(&new())));
    ran(block_on(pm.caller(Federation::add_federation_runtime_dependency).call(&new())));
    ran(block_on(pm.caller(Federation::add_remote_dependency).call(&ContainerEntryDependency)));
    assert_eq!(
        log.take(),
        [
            "Federation::add_container_entry_dependency",
            "Federation::add_federation_runtime_dependency",
            "Federation::add_remote_dependency"
        ]
    );
}

#[test]
fn sync_hooks_are_called_where_nothing_can_be_awaited() {
    let log = Log::new();
    let pm = PluginManager::new("rspack");
    pm.add_extension_points(SyncHooks).unwrap();
    PluginBuilder::new(All(log.clone())).extends(SyncHooks).register(&pm).unwrap();
    ran(pm.caller(SyncHooks::dependency_referenced_exports).call(&new(), &new(), &None, None, None));
    ran(pm.caller(SyncHooks::dependent_full_hash).call(&new(), &new(), &mut new()));
    assert_eq!(log.take(), ["SyncHooks::dependency_referenced_exports", "SyncHooks::dependent_full_hash"]);
}

#[test]
fn a_plugin_that_abstains_or_fails_is_one_of_several() {
    let log = Log::new();
    let pm = manager(&log);
    pm.register(Once::default()).unwrap();
    assert_eq!(block_on(pm.caller(Compilers::should_emit).call(&mut new())), Ok(Some(true)));
    ran(block_on(pm.caller(Compilers::emit).call(&mut new())));
    let again = block_on(pm.caller(Compilers::emit).call(&mut new()));
    assert_eq!(again, Err(Error("emitted twice".to_owned())));
    assert_eq!(log.take(), ["Compilers::should_emit", "Compilers::emit"]);
}
