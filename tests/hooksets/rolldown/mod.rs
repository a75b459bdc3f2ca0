//! All hooks of the plugin trait of Rolldown, a bundler.

mod build;
mod dynamic;
mod generate;
mod hot;
mod in_turn;
mod plugins;
mod reports;
mod types;

use std::sync::Arc;

use pluginkit::prelude::*;

use types::{
    Ast, HookAddonArgs, HookBuildEndArgs, HookBuildStartArgs, HookCloseBundleArgs, HookGenerateBundleArgs,
    HookHotUpdateArgs, HookLoadArgs, HookLoadOutput, HookNoopReturn, HookRenderChunkArgs,
    HookRenderChunkOutput, HookRenderErrorArgs, HookRenderStartArgs, HookResolveFileUrlArgs,
    HookResolveIdArgs, HookResolveIdOutput, HookResolveIdReturn, HookTransformArgs, HookTransformAstArgs,
    HookTransformOutput, HookWriteBundleArgs, ModuleInfo, NormalModule, PluginContext, RenderChunkArgs,
    Result, RollupRenderedChunk, SharedTransformPluginContext, TransformArgs, WatcherChangeKind,
};

#[extension_point(project = "rolldown")]
pub(crate) trait Hooks {
    fn build_start(&self, ctx: &PluginContext, args: &HookBuildStartArgs<'_>) -> Result<()>;

    #[extension_point(firstresult)]
    fn resolve_id(
        &self,
        ctx: &PluginContext,
        args: &HookResolveIdArgs<'_>,
    ) -> Result<Option<HookResolveIdOutput>>;

    #[deprecated(note = "implement `resolve_id`")]
    #[extension_point(firstresult, fallible)]
    fn resolve_dynamic_import(
        &self,
        ctx: &PluginContext,
        args: &HookResolveIdArgs<'_>,
    ) -> HookResolveIdReturn;

    #[extension_point(firstresult)]
    fn load(&self, ctx: &PluginContext, args: &HookLoadArgs<'_>) -> Result<Option<HookLoadOutput>>;

    /// The code stands beside the arguments, as a pipeline returns what it threads.
    #[extension_point(pipeline = "module")]
    fn transform(
        &self,
        ctx: SharedTransformPluginContext,
        args: &HookTransformArgs<'_>,
        module: HookTransformOutput,
    ) -> Result<Option<HookTransformOutput>>;

    #[extension_point(pipeline = "ast")]
    fn transform_ast(&self, ctx: &PluginContext, args: HookTransformAstArgs<'_>, ast: Ast) -> Result<Ast>;

    fn module_parsed(
        &self,
        ctx: &PluginContext,
        module_info: Arc<ModuleInfo>,
        normal_module: &NormalModule,
    ) -> Result<()>;

    fn build_end(&self, ctx: &PluginContext, args: Option<&HookBuildEndArgs>) -> Result<()>;

    /// The alias hides the `()`, so that a call returns one for each extension.
    #[extension_point(fallible)]
    fn render_start(&self, ctx: &PluginContext, args: &HookRenderStartArgs<'_>) -> HookNoopReturn;

    fn banner(&self, ctx: &PluginContext, args: &HookAddonArgs) -> Result<Option<String>>;

    fn footer(&self, ctx: &PluginContext, args: &HookAddonArgs) -> Result<Option<String>>;

    fn intro(&self, ctx: &PluginContext, args: &HookAddonArgs) -> Result<Option<String>>;

    fn outro(&self, ctx: &PluginContext, args: &HookAddonArgs) -> Result<Option<String>>;

    #[extension_point(pipeline = "output")]
    fn render_chunk(
        &self,
        ctx: &PluginContext,
        args: &HookRenderChunkArgs<'_>,
        output: HookRenderChunkOutput,
    ) -> Result<Option<HookRenderChunkOutput>>;

    fn augment_chunk_hash(
        &self,
        ctx: &PluginContext,
        chunk: Arc<RollupRenderedChunk>,
    ) -> Result<Option<String>>;

    #[extension_point(firstresult)]
    fn resolve_file_url(
        &self,
        ctx: &PluginContext,
        args: &HookResolveFileUrlArgs<'_>,
    ) -> Result<Option<String>>;

    fn render_error(&self, ctx: &PluginContext, args: &HookRenderErrorArgs) -> Result<()>;

    fn generate_bundle(&self, ctx: &PluginContext, args: &mut HookGenerateBundleArgs) -> Result<()>;

    #[extension_point(pipeline = "args")]
    fn write_bundle(&self, ctx: &PluginContext, args: &mut HookWriteBundleArgs<'_>) -> Result<()>;

    fn close_bundle(&self, ctx: &PluginContext, args: Option<&HookCloseBundleArgs>) -> Result<()>;

    fn watch_change(&self, ctx: &PluginContext, path: &str, event: WatcherChangeKind) -> Result<()>;

    /// The host calls the plugins in turn, with the modules that the last one has left.
    fn hot_update(&self, ctx: &PluginContext, args: &HookHotUpdateArgs) -> Result<Option<Vec<String>>>;

    fn close_watcher(&self, ctx: &PluginContext) -> Result<()>;
}

/// Hooks in another shape than above. Two are as Rolldown writes them, where the host calls one plugin at a time and puts
/// what it returns into the arguments for the next. `transform_ast_args` passes its one argument through whole.
#[extension_point(project = "rolldown")]
pub(crate) trait Alternatives {
    #[extension_point(pipeline = "args")]
    fn transform_ast_args<'a>(
        &self,
        ctx: &PluginContext,
        args: HookTransformAstArgs<'a>,
    ) -> Result<HookTransformAstArgs<'a>>;

    #[extension_point(firstresult)]
    fn transform_in_turn(
        &self,
        ctx: SharedTransformPluginContext,
        args: &TransformArgs<'_>,
    ) -> Result<Option<HookTransformOutput>>;

    #[extension_point(firstresult)]
    fn render_chunk_in_turn(
        &self,
        ctx: &PluginContext,
        args: &RenderChunkArgs<'_>,
    ) -> Result<Option<HookRenderChunkOutput>>;
}
