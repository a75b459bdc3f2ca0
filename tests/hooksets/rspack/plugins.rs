//! A plugin with all hooks, and one that abstains from the hooks that bail.

use pluginkit::prelude::*;
use pluginkit_tests::Log;

use super::types::{
    AfterEmitData, AfterResolveResult, AfterTemplateExecutionData, AlterAssetTagGroupsData,
    AlterAssetTagsData, BeforeAssetTagGenerationData, BeforeEmitData, BeforeResolveResult, BoxLoader,
    BoxModule, ConcatenationScope, Content, CreateLinkData, CreateScriptData, Error, LinkPrefetchData,
    LinkPreloadData, NormalModule, NormalModuleFactoryResolveResult, RenderSource, Result,
};
use super::{
    Compilations, Compilers, ConcatenatedModules, ContextModuleFactory, CssModules, ExternalModules,
    Federation, Html, JavascriptModules, NormalModuleFactory, NormalModules, RealContentHash, Rsdoctor,
    Runtime, SyncHooks,
};

/// Notes every hook in a log.
pub(crate) struct All(pub(crate) Log);

impl All {
    fn note(&self, hook: &str) -> Result<()> {
        self.0.push(hook);
        Ok(())
    }

    fn bail<T>(&self, hook: &str, answer: T) -> Result<Option<T>> {
        self.note(hook).map(|()| Some(answer))
    }

    fn pass<T>(&self, hook: &str, data: T) -> Result<T> {
        self.note(hook).map(|()| data)
    }
}

#[extension]
impl Compilers for All {
    async fn this_compilation(&self) -> Result<()> {
        self.note("Compilers::this_compilation")
    }

    async fn compilation(&self) -> Result<()> {
        self.note("Compilers::compilation")
    }

    async fn make(&self) -> Result<()> {
        self.note("Compilers::make")
    }

    async fn finish_make(&self) -> Result<()> {
        self.note("Compilers::finish_make")
    }

    async fn should_emit(&self) -> Result<Option<bool>> {
        self.bail("Compilers::should_emit", true)
    }

    async fn should_record(&self) -> Result<Option<bool>> {
        self.bail("Compilers::should_record", true)
    }

    async fn emit(&self) -> Result<()> {
        self.note("Compilers::emit")
    }

    async fn after_emit(&self) -> Result<()> {
        self.note("Compilers::after_emit")
    }

    async fn asset_emitted(&self) -> Result<()> {
        self.note("Compilers::asset_emitted")
    }

    async fn close(&self) -> Result<()> {
        self.note("Compilers::close")
    }

    async fn done(&self) -> Result<()> {
        self.note("Compilers::done")
    }

    async fn failed(&self) -> Result<()> {
        self.note("Compilers::failed")
    }
}

#[extension]
impl Compilations for All {
    async fn add_entry(&self) -> Result<()> {
        self.note("Compilations::add_entry")
    }

    async fn build_module(&self) -> Result<()> {
        self.note("Compilations::build_module")
    }

    async fn revoked_modules(&self) -> Result<()> {
        self.note("Compilations::revoked_modules")
    }

    async fn still_valid_module(&self) -> Result<()> {
        self.note("Compilations::still_valid_module")
    }

    async fn succeed_module(&self) -> Result<()> {
        self.note("Compilations::succeed_module")
    }

    async fn execute_module(&self) -> Result<()> {
        self.note("Compilations::execute_module")
    }

    async fn finish_modules(&self) -> Result<()> {
        self.note("Compilations::finish_modules")
    }

    async fn seal(&self) -> Result<()> {
        self.note("Compilations::seal")
    }

    async fn concatenation_scope(&self) -> Result<Option<ConcatenationScope>> {
        self.bail("Compilations::concatenation_scope", ConcatenationScope)
    }

    async fn optimize_dependencies(&self) -> Result<Option<bool>> {
        self.bail("Compilations::optimize_dependencies", true)
    }

    async fn optimize_modules(&self) -> Result<Option<bool>> {
        self.bail("Compilations::optimize_modules", true)
    }

    async fn after_optimize_modules(&self) -> Result<()> {
        self.note("Compilations::after_optimize_modules")
    }

    async fn optimize_chunks(&self) -> Result<Option<bool>> {
        self.bail("Compilations::optimize_chunks", true)
    }

    async fn optimize_tree(&self) -> Result<()> {
        self.note("Compilations::optimize_tree")
    }

    async fn optimize_chunk_modules(&self) -> Result<Option<bool>> {
        self.bail("Compilations::optimize_chunk_modules", true)
    }

    async fn revive_modules(&self) -> Result<()> {
        self.note("Compilations::revive_modules")
    }

    async fn before_module_ids(&self) -> Result<()> {
        self.note("Compilations::before_module_ids")
    }

    async fn module_ids(&self) -> Result<()> {
        self.note("Compilations::module_ids")
    }

    async fn record_modules(&self) -> Result<()> {
        self.note("Compilations::record_modules")
    }

    async fn chunk_ids(&self) -> Result<()> {
        self.note("Compilations::chunk_ids")
    }

    async fn runtime_module(&self) -> Result<()> {
        self.note("Compilations::runtime_module")
    }

    async fn additional_module_runtime_requirements(&self) -> Result<()> {
        self.note("Compilations::additional_module_runtime_requirements")
    }

    async fn runtime_requirement_in_module(&self) -> Result<Option<()>> {
        self.bail("Compilations::runtime_requirement_in_module", ())
    }

    async fn additional_chunk_runtime_requirements(&self) -> Result<()> {
        self.note("Compilations::additional_chunk_runtime_requirements")
    }

    async fn runtime_requirement_in_chunk(&self) -> Result<Option<()>> {
        self.bail("Compilations::runtime_requirement_in_chunk", ())
    }

    async fn additional_tree_runtime_requirements(&self) -> Result<()> {
        self.note("Compilations::additional_tree_runtime_requirements")
    }

    async fn runtime_requirement_in_tree(&self) -> Result<Option<()>> {
        self.bail("Compilations::runtime_requirement_in_tree", ())
    }

    async fn optimize_code_generation(&self) -> Result<()> {
        self.note("Compilations::optimize_code_generation")
    }

    async fn after_code_generation(&self) -> Result<()> {
        self.note("Compilations::after_code_generation")
    }

    async fn chunk_hash(&self) -> Result<()> {
        self.note("Compilations::chunk_hash")
    }

    async fn content_hash(&self) -> Result<()> {
        self.note("Compilations::content_hash")
    }

    async fn render_manifest(&self) -> Result<()> {
        self.note("Compilations::render_manifest")
    }

    async fn chunk_asset(&self) -> Result<()> {
        self.note("Compilations::chunk_asset")
    }

    async fn process_assets(&self) -> Result<()> {
        self.note("Compilations::process_assets")
    }

    async fn after_process_assets(&self) -> Result<()> {
        self.note("Compilations::after_process_assets")
    }

    async fn after_seal(&self) -> Result<()> {
        self.note("Compilations::after_seal")
    }
}

#[extension]
impl NormalModules for All {
    async fn read_resource(&self) -> Result<Option<Content>> {
        self.bail("NormalModules::read_resource", Content::default())
    }

    async fn loader(&self) -> Result<()> {
        self.note("NormalModules::loader")
    }

    async fn loader_should_yield(&self) -> Result<Option<bool>> {
        self.bail("NormalModules::loader_should_yield", true)
    }

    async fn loader_start_yielding(&self) -> Result<()> {
        self.note("NormalModules::loader_start_yielding")
    }

    async fn before_loaders(&self) -> Result<()> {
        self.note("NormalModules::before_loaders")
    }

    async fn additional_data(&self) -> Result<()> {
        self.note("NormalModules::additional_data")
    }
}

#[extension]
impl NormalModuleFactory for All {
    async fn before_resolve(&self) -> Result<Option<bool>> {
        self.bail("NormalModuleFactory::before_resolve", true)
    }

    async fn factorize(&self) -> Result<Option<BoxModule>> {
        self.bail("NormalModuleFactory::factorize", Box::new(NormalModule))
    }

    async fn resolve(&self) -> Result<Option<NormalModuleFactoryResolveResult>> {
        self.bail("NormalModuleFactory::resolve", NormalModuleFactoryResolveResult)
    }

    async fn resolve_for_scheme(&self) -> Result<Option<bool>> {
        self.bail("NormalModuleFactory::resolve_for_scheme", true)
    }

    async fn resolve_in_scheme(&self) -> Result<Option<bool>> {
        self.bail("NormalModuleFactory::resolve_in_scheme", true)
    }

    async fn after_resolve(&self) -> Result<Option<bool>> {
        self.bail("NormalModuleFactory::after_resolve", true)
    }

    async fn create_module(&self) -> Result<Option<BoxModule>> {
        self.bail("NormalModuleFactory::create_module", Box::new(NormalModule))
    }

    async fn module(&self) -> Result<()> {
        self.note("NormalModuleFactory::module")
    }

    async fn parser(&self) -> Result<()> {
        self.note("NormalModuleFactory::parser")
    }

    async fn resolve_loader(&self) -> Result<Option<BoxLoader>> {
        self.bail("NormalModuleFactory::resolve_loader", Box::new(NormalModule))
    }

    async fn after_factorize(&self) -> Result<()> {
        self.note("NormalModuleFactory::after_factorize")
    }
}

#[extension]
impl ContextModuleFactory for All {
    #[extension(target = "before_resolve")]
    async fn before_resolve_of_context_module_factory(
        &self,
        mut data: BeforeResolveResult,
    ) -> Result<BeforeResolveResult> {
        data.0.push("all");
        self.pass("ContextModuleFactory::before_resolve", data)
    }

    #[extension(target = "after_resolve")]
    async fn after_resolve_of_context_module_factory(
        &self,
        mut data: AfterResolveResult,
    ) -> Result<AfterResolveResult> {
        data.0.push("all");
        self.pass("ContextModuleFactory::after_resolve", data)
    }
}

#[extension]
impl ConcatenatedModules for All {
    async fn exports_definitions(&self) -> Result<Option<bool>> {
        self.bail("ConcatenatedModules::exports_definitions", true)
    }

    async fn concatenated_info(&self) -> Result<()> {
        self.note("ConcatenatedModules::concatenated_info")
    }
}

#[extension]
impl ExternalModules for All {
    async fn chunk_condition(&self) -> Result<Option<bool>> {
        self.bail("ExternalModules::chunk_condition", true)
    }
}

#[extension]
impl JavascriptModules for All {
    async fn render_chunk(&self) -> Result<()> {
        self.note("JavascriptModules::render_chunk")
    }

    async fn render_chunk_content(&self) -> Result<Option<RenderSource>> {
        self.bail("JavascriptModules::render_chunk_content", RenderSource)
    }

    async fn render(&self) -> Result<()> {
        self.note("JavascriptModules::render")
    }

    async fn render_startup(&self) -> Result<()> {
        self.note("JavascriptModules::render_startup")
    }

    async fn render_module_content(&self) -> Result<()> {
        self.note("JavascriptModules::render_module_content")
    }

    async fn render_module_container(&self) -> Result<()> {
        self.note("JavascriptModules::render_module_container")
    }

    async fn render_module_package(&self) -> Result<()> {
        self.note("JavascriptModules::render_module_package")
    }

    #[extension(target = "chunk_hash")]
    async fn chunk_hash_of_javascript_modules(&self) -> Result<()> {
        self.note("JavascriptModules::chunk_hash")
    }

    async fn inline_in_runtime_bailout(&self) -> Result<Option<String>> {
        self.bail("JavascriptModules::inline_in_runtime_bailout", "bailed".to_owned())
    }

    async fn embed_in_runtime_bailout(&self) -> Result<Option<String>> {
        self.bail("JavascriptModules::embed_in_runtime_bailout", "bailed".to_owned())
    }

    async fn strict_runtime_bailout(&self) -> Result<Option<String>> {
        self.bail("JavascriptModules::strict_runtime_bailout", "bailed".to_owned())
    }
}

#[extension]
impl CssModules for All {
    #[extension(target = "render_module_package")]
    async fn render_module_package_of_css_modules(&self) -> Result<()> {
        self.note("CssModules::render_module_package")
    }
}

#[extension]
impl RealContentHash for All {
    async fn update_hash(&self) -> Result<Option<String>> {
        self.bail("RealContentHash::update_hash", "bailed".to_owned())
    }
}

#[extension]
impl Html for All {
    async fn before_asset_tag_generation(
        &self,
        mut data: BeforeAssetTagGenerationData,
    ) -> Result<BeforeAssetTagGenerationData> {
        data.0.push("all");
        self.pass("Html::before_asset_tag_generation", data)
    }

    async fn alter_asset_tags(&self, mut data: AlterAssetTagsData) -> Result<AlterAssetTagsData> {
        data.0.push("all");
        self.pass("Html::alter_asset_tags", data)
    }

    async fn alter_asset_tag_groups(
        &self,
        mut data: AlterAssetTagGroupsData,
    ) -> Result<AlterAssetTagGroupsData> {
        data.0.push("all");
        self.pass("Html::alter_asset_tag_groups", data)
    }

    async fn after_template_execution(
        &self,
        mut data: AfterTemplateExecutionData,
    ) -> Result<AfterTemplateExecutionData> {
        data.0.push("all");
        self.pass("Html::after_template_execution", data)
    }

    async fn before_emit(&self, mut data: BeforeEmitData) -> Result<BeforeEmitData> {
        data.0.push("all");
        self.pass("Html::before_emit", data)
    }

    #[extension(target = "after_emit")]
    async fn after_emit_of_html(&self, mut data: AfterEmitData) -> Result<AfterEmitData> {
        data.0.push("all");
        self.pass("Html::after_emit", data)
    }
}

#[extension]
impl Runtime for All {
    async fn create_script(&self, mut data: CreateScriptData) -> Result<CreateScriptData> {
        data.0.push("all");
        self.pass("Runtime::create_script", data)
    }

    async fn create_link<'a>(&self, mut data: CreateLinkData<'a>) -> Result<CreateLinkData<'a>> {
        data.seen.push("all");
        self.pass("Runtime::create_link", data)
    }

    async fn link_preload<'a>(&self, mut data: LinkPreloadData<'a>) -> Result<LinkPreloadData<'a>> {
        data.seen.push("all");
        self.pass("Runtime::link_preload", data)
    }

    async fn link_prefetch<'a>(&self, mut data: LinkPrefetchData<'a>) -> Result<LinkPrefetchData<'a>> {
        data.seen.push("all");
        self.pass("Runtime::link_prefetch", data)
    }
}

#[extension]
impl Rsdoctor for All {
    async fn module_graph(&self) -> Result<Option<bool>> {
        self.bail("Rsdoctor::module_graph", true)
    }

    async fn chunk_graph(&self) -> Result<Option<bool>> {
        self.bail("Rsdoctor::chunk_graph", true)
    }

    #[extension(target = "module_ids")]
    async fn module_ids_of_rsdoctor(&self) -> Result<Option<bool>> {
        self.bail("Rsdoctor::module_ids", true)
    }

    async fn module_sources(&self) -> Result<Option<bool>> {
        self.bail("Rsdoctor::module_sources", true)
    }

    async fn assets(&self) -> Result<Option<bool>> {
        self.bail("Rsdoctor::assets", true)
    }
}

#[extension]
impl Federation for All {
    async fn add_container_entry_dependency(&self) -> Result<()> {
        self.note("Federation::add_container_entry_dependency")
    }

    async fn add_federation_runtime_dependency(&self) -> Result<()> {
        self.note("Federation::add_federation_runtime_dependency")
    }

    async fn add_remote_dependency(&self) -> Result<()> {
        self.note("Federation::add_remote_dependency")
    }
}

#[extension]
impl SyncHooks for All {
    fn dependency_referenced_exports(&self) -> Result<()> {
        self.note("SyncHooks::dependency_referenced_exports")
    }

    fn dependent_full_hash(&self) -> Result<()> {
        self.note("SyncHooks::dependent_full_hash")
    }
}

/// Abstains from the hooks of a compiler that bail, and refuses to emit twice.
#[derive(Default)]
pub(crate) struct Once(std::sync::atomic::AtomicBool);

#[extension(tryfirst)]
impl Compilers for Once {
    async fn should_emit(&self) -> Result<Option<bool>> {
        Ok(None)
    }

    async fn emit(&self) -> Result<()> {
        if self.0.swap(true, std::sync::atomic::Ordering::Relaxed) {
            return Err(Error("emitted twice".to_owned()));
        }
        Ok(())
    }
}
