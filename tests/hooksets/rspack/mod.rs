//! The 103 hooks of Rspack, a bundler: async hooks in series, with bail and with waterfall, and two sync ones.
//!
//! Each set is what one of its parts lets plugins extend. A series is a collecting point of `Result<()>`, a bail a
//! firstresult one, a waterfall a pipeline. A hook that edits a value edits its `&mut` argument.

mod calls;
mod plugins;
mod types;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use pluginkit::prelude::*;

use types::{
    AdditionalData, AfterEmitData, AfterResolveResult, AfterTemplateExecutionData, AlterAssetTagGroupsData,
    AlterAssetTagsData, AssetEmittedInfo, AssetInfo, AsyncModulesArtifact, Atom,
    BeforeAssetTagGenerationData, BeforeEmitData, BeforeResolveResult, BindingCell, BoxLoader, BoxModule,
    BuildModuleGraphArtifact, Chunk, ChunkByUkey, ChunkInitFragments, ChunkNamedIdArtifact, ChunkUkey,
    CircularModulesInfo, CodeGenerationResults, Compilation, CompilationId, CompilationParams, CompilerId,
    ConcatenatedModuleInfo, ConcatenationScope, ContainerEntryDependency, Content, Context, CreateLinkData,
    CreateScriptData, CssModulesRenderSource, Dependency, DependencyId, Diagnostic, EntryOptions,
    ExecuteModuleId, ExportsDefinitionArgs, ExportsInfoArtifact, FederationRuntimeDependency, Identifier,
    IdentifierMap, IdentifierSet, LinkPrefetchData, LinkPreloadData, LoaderContext, Module,
    ModuleFactoryCreateData, ModuleGraph, ModuleIdentifier, ModuleIdsArtifact, ModuleRuleUseLoader,
    ModuleType, NormalModule, NormalModuleCreateData, NormalModuleFactoryResolveResult, ParserAndGenerator,
    ParserOptions, ReadableFileSystem, ReferencedExport, RenderManifestEntry, RenderSource, Resolver,
    ResourceData, Result, RsdoctorAssetPatch, RsdoctorChunkGraph, RsdoctorModuleGraph,
    RsdoctorModuleIdsPatch, RsdoctorModuleSourcesPatch, RspackHasher, RunnerContext, RuntimeCodeTemplate,
    RuntimeGlobals, RuntimeModule, RuntimeSpec, Scheme, SideEffectsOptimizeArtifact,
    SideEffectsStateArtifact, Source, SourceType,
};

/// The compiler itself.
#[extension_point(project = "rspack")]
pub(crate) trait Compilers {
    fn this_compilation(&self, compilation: &mut Compilation, params: &mut CompilationParams) -> Result<()>;

    fn compilation(&self, compilation: &mut Compilation, params: &mut CompilationParams) -> Result<()>;

    fn make(&self, compilation: &mut Compilation) -> Result<()>;

    fn finish_make(&self, compilation: &mut Compilation) -> Result<()>;

    #[extension_point(firstresult)]
    fn should_emit(&self, compilation: &mut Compilation) -> Result<Option<bool>>;

    #[extension_point(firstresult)]
    fn should_record(&self, compilation: &mut Compilation) -> Result<Option<bool>>;

    fn emit(&self, compilation: &mut Compilation) -> Result<()>;

    fn after_emit(&self, compilation: &mut Compilation) -> Result<()>;

    fn asset_emitted(&self, compilation: &Compilation, filename: &str, info: &AssetEmittedInfo)
    -> Result<()>;

    fn close(&self, compilation: &Compilation) -> Result<()>;

    fn done(&self, compilation: &Compilation) -> Result<()>;

    fn failed(&self, compilation: &Compilation) -> Result<()>;
}

/// One compilation, from its entries to its assets.
#[extension_point(project = "rspack")]
pub(crate) trait Compilations {
    fn add_entry(&self, entry_name: Option<&str>, options: &mut EntryOptions) -> Result<()>;

    fn build_module(
        &self,
        compiler_id: CompilerId,
        compilation_id: CompilationId,
        module: &mut BoxModule,
    ) -> Result<()>;

    fn revoked_modules(&self, compilation: &Compilation, revoked_modules: &IdentifierSet) -> Result<()>;

    fn still_valid_module(
        &self,
        compiler_id: CompilerId,
        compilation_id: CompilationId,
        module: &mut BoxModule,
    ) -> Result<()>;

    fn succeed_module(
        &self,
        compiler_id: CompilerId,
        compilation_id: CompilationId,
        module: &mut BoxModule,
    ) -> Result<()>;

    fn execute_module(
        &self,
        module: &ModuleIdentifier,
        runtime_modules: &[Identifier],
        code_generation_results: &BindingCell<CodeGenerationResults>,
        execute_module_id: &ExecuteModuleId,
    ) -> Result<()>;

    fn finish_modules(
        &self,
        compilation: &Compilation,
        async_modules_artifact: &mut AsyncModulesArtifact,
        exports_info_artifact: &mut ExportsInfoArtifact,
        side_effects_state_artifact: &mut SideEffectsStateArtifact,
    ) -> Result<()>;

    fn seal(&self, compilation: &Compilation, diagnostics: &mut Vec<Diagnostic>) -> Result<()>;

    #[extension_point(firstresult)]
    fn concatenation_scope(
        &self,
        compilation: &Compilation,
        curr_module: ModuleIdentifier,
    ) -> Result<Option<ConcatenationScope>>;

    #[extension_point(firstresult)]
    fn optimize_dependencies(
        &self,
        compilation: &Compilation,
        side_effects_optimize_artifact: &mut SideEffectsOptimizeArtifact,
        build_module_graph_artifact: &mut BuildModuleGraphArtifact,
        exports_info_artifact: &mut ExportsInfoArtifact,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Result<Option<bool>>;

    #[extension_point(firstresult)]
    fn optimize_modules(
        &self,
        compilation: &Compilation,
        circular_modules: &mut CircularModulesInfo,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Result<Option<bool>>;

    fn after_optimize_modules(&self, compilation: &Compilation) -> Result<()>;

    #[extension_point(firstresult)]
    fn optimize_chunks(&self, compilation: &mut Compilation) -> Result<Option<bool>>;

    fn optimize_tree(&self, compilation: &Compilation) -> Result<()>;

    #[extension_point(firstresult)]
    fn optimize_chunk_modules(&self, compilation: &mut Compilation) -> Result<Option<bool>>;

    fn revive_modules(
        &self,
        compilation: &Compilation,
        modules: &IdentifierSet,
        preserved_module_ids: &mut ModuleIdsArtifact,
    ) -> Result<()>;

    fn before_module_ids(
        &self,
        compilation: &Compilation,
        modules: &IdentifierSet,
        preserved_module_ids: &mut ModuleIdsArtifact,
    ) -> Result<()>;

    fn module_ids(
        &self,
        compilation: &Compilation,
        module_ids: &mut ModuleIdsArtifact,
        preserved_module_ids: &ModuleIdsArtifact,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Result<()>;

    fn record_modules(&self, compilation: &Compilation, module_ids: &ModuleIdsArtifact) -> Result<()>;

    fn chunk_ids(
        &self,
        compilation: &Compilation,
        chunk_by_ukey: &mut ChunkByUkey,
        named_chunk_ids_artifact: &mut ChunkNamedIdArtifact,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Result<()>;

    fn runtime_module(
        &self,
        compilation: &Compilation,
        module: &ModuleIdentifier,
        chunk: &ChunkUkey,
        runtime_modules: &mut IdentifierMap<Box<dyn RuntimeModule>>,
    ) -> Result<()>;

    fn additional_module_runtime_requirements(
        &self,
        compilation: &Compilation,
        module_identifier: &ModuleIdentifier,
        runtime_requirements: &mut RuntimeGlobals,
    ) -> Result<()>;

    #[extension_point(firstresult)]
    fn runtime_requirement_in_module(
        &self,
        compilation: &Compilation,
        module_identifier: &ModuleIdentifier,
        all_runtime_requirements: &RuntimeGlobals,
        runtime_requirements: &RuntimeGlobals,
        runtime_requirements_mut: &mut RuntimeGlobals,
    ) -> Result<Option<()>>;

    fn additional_chunk_runtime_requirements(
        &self,
        compilation: &Compilation,
        chunk_ukey: &ChunkUkey,
        runtime_requirements: &mut RuntimeGlobals,
        runtime_modules: &mut Vec<Box<dyn RuntimeModule>>,
    ) -> Result<()>;

    #[extension_point(firstresult)]
    fn runtime_requirement_in_chunk(
        &self,
        compilation: &Compilation,
        chunk_ukey: &ChunkUkey,
        all_runtime_requirements: &RuntimeGlobals,
        runtime_requirements: &RuntimeGlobals,
        runtime_requirements_mut: &mut RuntimeGlobals,
        runtime_modules_to_add: &mut Vec<Box<dyn RuntimeModule>>,
    ) -> Result<Option<()>>;

    fn additional_tree_runtime_requirements(
        &self,
        compilation: &Compilation,
        chunk_ukey: &ChunkUkey,
        runtime_requirements: &mut RuntimeGlobals,
        runtime_modules: &mut Vec<Box<dyn RuntimeModule>>,
    ) -> Result<()>;

    #[extension_point(firstresult)]
    fn runtime_requirement_in_tree(
        &self,
        compilation: &Compilation,
        chunk_ukey: &ChunkUkey,
        all_runtime_requirements: &RuntimeGlobals,
        runtime_requirements: &RuntimeGlobals,
        runtime_requirements_mut: &mut RuntimeGlobals,
        runtime_modules_to_add: &mut Vec<(ChunkUkey, Box<dyn RuntimeModule>)>,
    ) -> Result<Option<()>>;

    fn optimize_code_generation(
        &self,
        compilation: &Compilation,
        build_module_graph_artifact: &mut BuildModuleGraphArtifact,
        exports_info_artifact: &mut ExportsInfoArtifact,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Result<()>;

    fn after_code_generation(
        &self,
        compilation: &Compilation,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Result<()>;

    fn chunk_hash(
        &self,
        compilation: &Compilation,
        chunk_ukey: &ChunkUkey,
        hasher: &mut RspackHasher,
    ) -> Result<()>;

    fn content_hash(
        &self,
        compilation: &Compilation,
        chunk_ukey: &ChunkUkey,
        hashes: &mut HashMap<SourceType, RspackHasher>,
    ) -> Result<()>;

    fn render_manifest(
        &self,
        compilation: &Compilation,
        chunk_ukey: &ChunkUkey,
        manifest: &mut Vec<RenderManifestEntry>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Result<()>;

    fn chunk_asset(&self, compilation: &Compilation, chunk_ukey: &ChunkUkey, filename: &str) -> Result<()>;

    fn process_assets(&self, compilation: &mut Compilation) -> Result<()>;

    fn after_process_assets(
        &self,
        compilation: &Compilation,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Result<()>;

    fn after_seal(&self, compilation: &Compilation) -> Result<()>;
}

/// Modules that loaders make.
#[extension_point(project = "rspack")]
pub(crate) trait NormalModules {
    #[extension_point(firstresult)]
    fn read_resource(
        &self,
        resource_data: &ResourceData,
        fs: &Arc<dyn ReadableFileSystem>,
    ) -> Result<Option<Content>>;

    fn loader(&self, loader_context: &mut LoaderContext<RunnerContext>) -> Result<()>;

    #[extension_point(firstresult)]
    fn loader_should_yield(&self, loader_context: &LoaderContext<RunnerContext>) -> Result<Option<bool>>;

    fn loader_start_yielding(&self, loader_context: &mut LoaderContext<RunnerContext>) -> Result<()>;

    fn before_loaders(&self, module: &mut NormalModule) -> Result<()>;

    fn additional_data(&self, additional_data: &mut Option<&mut AdditionalData>) -> Result<()>;
}

/// How modules are found and made.
#[extension_point(project = "rspack")]
pub(crate) trait NormalModuleFactory {
    #[extension_point(firstresult)]
    fn before_resolve(&self, data: &mut ModuleFactoryCreateData) -> Result<Option<bool>>;

    #[extension_point(firstresult)]
    fn factorize(&self, data: &mut ModuleFactoryCreateData) -> Result<Option<BoxModule>>;

    #[extension_point(firstresult)]
    fn resolve(&self, data: &mut ModuleFactoryCreateData)
    -> Result<Option<NormalModuleFactoryResolveResult>>;

    #[extension_point(firstresult)]
    fn resolve_for_scheme(
        &self,
        data: &mut ModuleFactoryCreateData,
        resource_data: &mut ResourceData,
        for_name: &Scheme,
    ) -> Result<Option<bool>>;

    #[extension_point(firstresult)]
    fn resolve_in_scheme(
        &self,
        data: &mut ModuleFactoryCreateData,
        resource_data: &mut ResourceData,
        for_name: &Scheme,
    ) -> Result<Option<bool>>;

    #[extension_point(firstresult)]
    fn after_resolve(
        &self,
        data: &mut ModuleFactoryCreateData,
        create_data: &mut NormalModuleCreateData,
    ) -> Result<Option<bool>>;

    #[extension_point(firstresult)]
    fn create_module(
        &self,
        data: &mut ModuleFactoryCreateData,
        create_data: &mut NormalModuleCreateData,
    ) -> Result<Option<BoxModule>>;

    fn module(
        &self,
        data: &mut ModuleFactoryCreateData,
        create_data: &NormalModuleCreateData,
        module: &mut BoxModule,
    ) -> Result<()>;

    fn parser(
        &self,
        module_type: &ModuleType,
        parser: &mut Box<dyn ParserAndGenerator>,
        parser_options: Option<&ParserOptions>,
    ) -> Result<()>;

    #[extension_point(firstresult)]
    fn resolve_loader(
        &self,
        context: &Context,
        resolver: &Resolver,
        l: &ModuleRuleUseLoader,
    ) -> Result<Option<BoxLoader>>;

    fn after_factorize(&self, data: &mut ModuleFactoryCreateData, module: &mut BoxModule) -> Result<()>;
}

/// How modules of a folder are found.
#[extension_point(project = "rspack")]
pub(crate) trait ContextModuleFactory {
    #[extension_point(pipeline)]
    fn before_resolve(&self, data: BeforeResolveResult) -> Result<BeforeResolveResult>;

    #[extension_point(pipeline)]
    fn after_resolve(&self, data: AfterResolveResult) -> Result<AfterResolveResult>;
}

/// Modules that are one scope.
#[extension_point(project = "rspack")]
pub(crate) trait ConcatenatedModules {
    #[extension_point(firstresult)]
    fn exports_definitions(
        &self,
        exports_definitions: &mut ExportsDefinitionArgs,
        is_entry_module: bool,
    ) -> Result<Option<bool>>;

    fn concatenated_info(
        &self,
        compilation: &Compilation,
        module: ModuleIdentifier,
        runtime: Option<&RuntimeSpec>,
        info: &mut ConcatenatedModuleInfo,
        all_used_names: &mut HashSet<Atom>,
    ) -> Result<()>;
}

/// Modules that are not in the bundle.
#[extension_point(project = "rspack")]
pub(crate) trait ExternalModules {
    #[extension_point(firstresult)]
    fn chunk_condition(&self, chunk_ukey: &ChunkUkey, compilation: &Compilation) -> Result<Option<bool>>;
}

/// The text of scripts.
#[extension_point(project = "rspack")]
pub(crate) trait JavascriptModules {
    fn render_chunk(
        &self,
        compilation: &Compilation,
        chunk_ukey: &ChunkUkey,
        source: &mut RenderSource,
        runtime_template: &RuntimeCodeTemplate,
    ) -> Result<()>;

    #[extension_point(firstresult)]
    fn render_chunk_content(
        &self,
        compilation: &Compilation,
        chunk_ukey: &ChunkUkey,
        asset_info: &mut AssetInfo,
        runtime_template: &RuntimeCodeTemplate,
    ) -> Result<Option<RenderSource>>;

    fn render(
        &self,
        compilation: &Compilation,
        chunk_ukey: &ChunkUkey,
        source: &mut RenderSource,
        runtime_template: &RuntimeCodeTemplate,
    ) -> Result<()>;

    fn render_startup(
        &self,
        compilation: &Compilation,
        chunk_ukey: &ChunkUkey,
        module: &ModuleIdentifier,
        source: &mut RenderSource,
        runtime_template: &RuntimeCodeTemplate,
    ) -> Result<()>;

    fn render_module_content(
        &self,
        compilation: &Compilation,
        chunk_ukey: &ChunkUkey,
        module: &dyn Module,
        source: &mut RenderSource,
        runtime_requirements: &mut RuntimeGlobals,
        init_fragments: &mut ChunkInitFragments,
        runtime_template: &RuntimeCodeTemplate,
    ) -> Result<()>;

    fn render_module_container(
        &self,
        compilation: &Compilation,
        chunk_ukey: &ChunkUkey,
        module: &dyn Module,
        source: &mut RenderSource,
        init_fragments: &mut ChunkInitFragments,
        runtime_template: &RuntimeCodeTemplate,
    ) -> Result<()>;

    fn render_module_package(
        &self,
        compilation: &Compilation,
        chunk_ukey: &ChunkUkey,
        module: &dyn Module,
        source: &mut RenderSource,
        init_fragments: &mut ChunkInitFragments,
        runtime_template: &RuntimeCodeTemplate,
    ) -> Result<()>;

    fn chunk_hash(
        &self,
        compilation: &Compilation,
        chunk_ukey: &ChunkUkey,
        hasher: &mut RspackHasher,
    ) -> Result<()>;

    #[extension_point(firstresult)]
    fn inline_in_runtime_bailout(&self, compilation: &Compilation) -> Result<Option<String>>;

    #[extension_point(firstresult)]
    fn embed_in_runtime_bailout(
        &self,
        compilation: &Compilation,
        module: &BoxModule,
        chunk: &Chunk,
    ) -> Result<Option<String>>;

    #[extension_point(firstresult)]
    fn strict_runtime_bailout(
        &self,
        compilation: &Compilation,
        chunk_ukey: &ChunkUkey,
    ) -> Result<Option<String>>;
}

/// The text of style sheets.
#[extension_point(project = "rspack")]
pub(crate) trait CssModules {
    fn render_module_package(
        &self,
        compilation: &Compilation,
        chunk_ukey: &ChunkUkey,
        module: &dyn Module,
        source: &mut CssModulesRenderSource,
    ) -> Result<()>;
}

/// Names of files by their content.
#[extension_point(project = "rspack")]
pub(crate) trait RealContentHash {
    #[extension_point(firstresult)]
    fn update_hash(
        &self,
        compilation: &Compilation,
        assets: &[Arc<dyn Source>],
        old_hash: &str,
    ) -> Result<Option<String>>;
}

/// The page around the bundle.
#[extension_point(project = "rspack")]
pub(crate) trait Html {
    #[extension_point(pipeline)]
    fn before_asset_tag_generation(
        &self,
        data: BeforeAssetTagGenerationData,
    ) -> Result<BeforeAssetTagGenerationData>;

    #[extension_point(pipeline)]
    fn alter_asset_tags(&self, data: AlterAssetTagsData) -> Result<AlterAssetTagsData>;

    #[extension_point(pipeline)]
    fn alter_asset_tag_groups(&self, data: AlterAssetTagGroupsData) -> Result<AlterAssetTagGroupsData>;

    #[extension_point(pipeline)]
    fn after_template_execution(
        &self,
        data: AfterTemplateExecutionData,
    ) -> Result<AfterTemplateExecutionData>;

    #[extension_point(pipeline)]
    fn before_emit(&self, data: BeforeEmitData) -> Result<BeforeEmitData>;

    #[extension_point(pipeline)]
    fn after_emit(&self, data: AfterEmitData) -> Result<AfterEmitData>;
}

/// The code that loads chunks.
#[extension_point(project = "rspack")]
pub(crate) trait Runtime {
    #[extension_point(pipeline)]
    fn create_script(&self, data: CreateScriptData) -> Result<CreateScriptData>;

    #[extension_point(pipeline = "data")]
    fn create_link(&self, compilation: &Compilation, data: CreateLinkData<'_>) -> Result<CreateLinkData<'_>>;

    #[extension_point(pipeline = "data")]
    fn link_preload(
        &self,
        compilation: &Compilation,
        data: LinkPreloadData<'_>,
    ) -> Result<LinkPreloadData<'_>>;

    #[extension_point(pipeline = "data")]
    fn link_prefetch(
        &self,
        compilation: &Compilation,
        data: LinkPrefetchData<'_>,
    ) -> Result<LinkPrefetchData<'_>>;
}

/// A tool that looks into the build.
#[extension_point(project = "rspack")]
pub(crate) trait Rsdoctor {
    #[extension_point(firstresult)]
    fn module_graph(&self, data: &mut RsdoctorModuleGraph) -> Result<Option<bool>>;

    #[extension_point(firstresult)]
    fn chunk_graph(&self, data: &mut RsdoctorChunkGraph) -> Result<Option<bool>>;

    #[extension_point(firstresult)]
    fn module_ids(&self, data: &mut RsdoctorModuleIdsPatch) -> Result<Option<bool>>;

    #[extension_point(firstresult)]
    fn module_sources(&self, data: &mut RsdoctorModuleSourcesPatch) -> Result<Option<bool>>;

    #[extension_point(firstresult)]
    fn assets(&self, data: &mut RsdoctorAssetPatch) -> Result<Option<bool>>;
}

/// Modules of other bundles.
#[extension_point(project = "rspack")]
pub(crate) trait Federation {
    fn add_container_entry_dependency(&self, dependency: &ContainerEntryDependency) -> Result<()>;

    fn add_federation_runtime_dependency(&self, dependency: &FederationRuntimeDependency) -> Result<()>;

    fn add_remote_dependency(&self, dependency: &dyn Dependency) -> Result<()>;
}

/// The hooks that are called where nothing can be awaited.
#[extension_point(project = "rspack")]
pub(crate) trait SyncHooks {
    fn dependency_referenced_exports(
        &self,
        compilation: &Compilation,
        dependency: &DependencyId,
        referenced_exports: &Option<Vec<ReferencedExport>>,
        runtime: Option<&RuntimeSpec>,
        module_graph: Option<&ModuleGraph>,
    ) -> Result<()>;

    fn dependent_full_hash(
        &self,
        compilation: &Compilation,
        chunk_ukey: &ChunkUkey,
        dependent_full_hash: &mut bool,
    ) -> Result<()>;
}
