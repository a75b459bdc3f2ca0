//! The compiler, and one compilation.

use std::collections::HashMap;

use pluginkit::prelude::*;

use super::types::{
    AssetEmittedInfo, AsyncModulesArtifact, BindingCell, BoxModule, BuildModuleGraphArtifact, ChunkByUkey,
    ChunkNamedIdArtifact, ChunkUkey, CircularModulesInfo, CodeGenerationResults, Compilation, CompilationId,
    CompilationParams, CompilerId, ConcatenationScope, Diagnostic, EntryOptions, ExecuteModuleId,
    ExportsInfoArtifact, Identifier, IdentifierMap, IdentifierSet, ModuleIdentifier, ModuleIdsArtifact,
    RenderManifestEntry, Result, RspackHasher, RuntimeGlobals, RuntimeModule, SideEffectsOptimizeArtifact,
    SideEffectsStateArtifact, SourceType,
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
