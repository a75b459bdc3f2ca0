//! What a build writes: scripts, style sheets, the page around them, and the code that loads them.

use std::sync::Arc;

use pluginkit::prelude::*;

use super::types::{
    AfterEmitData, AfterTemplateExecutionData, AlterAssetTagGroupsData, AlterAssetTagsData, AssetInfo,
    BeforeAssetTagGenerationData, BeforeEmitData, BoxModule, Chunk, ChunkInitFragments, ChunkUkey,
    Compilation, CreateLinkData, CreateScriptData, CssModulesRenderSource, LinkPrefetchData, LinkPreloadData,
    Module, ModuleIdentifier, RenderSource, Result, RspackHasher, RuntimeCodeTemplate, RuntimeGlobals,
    Source,
};

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
