//! Stand-ins for the values that Rolldown hands to its hooks.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use pluginkit_tests::Log;

pub(crate) type Result<T> = std::result::Result<T, BuildError>;
pub(crate) type HookNoopReturn = Result<()>;
pub(crate) type HookResolveIdReturn = Result<Option<HookResolveIdOutput>>;

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct BuildError(pub(crate) String);

impl BuildError {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BuildError {}

#[derive(Debug, Default)]
pub(crate) struct PluginContext {
    pub(crate) log: Log,
}

#[derive(Debug)]
pub(crate) struct TransformPluginContext {
    pub(crate) inner: PluginContext,
}

pub(crate) type SharedTransformPluginContext = Arc<TransformPluginContext>;

#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) format: String,
}

#[derive(Debug)]
pub(crate) struct HookBuildStartArgs<'a> {
    pub(crate) options: &'a Options,
}

#[derive(Debug)]
pub(crate) struct HookResolveIdArgs<'a> {
    pub(crate) specifier: &'a str,
    pub(crate) importer: Option<&'a str>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct HookResolveIdOutput {
    pub(crate) id: String,
    pub(crate) external: bool,
}

#[derive(Debug)]
pub(crate) struct HookLoadArgs<'a> {
    pub(crate) id: &'a str,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct HookLoadOutput {
    pub(crate) code: String,
}

#[derive(Debug)]
pub(crate) struct HookTransformArgs<'a> {
    pub(crate) id: &'a str,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct HookTransformOutput {
    pub(crate) code: String,
    pub(crate) module_type: &'static str,
}

/// The arguments of `transform`, as Rolldown has them.
#[derive(Debug)]
pub(crate) struct TransformArgs<'a> {
    pub(crate) id: &'a str,
    pub(crate) code: &'a str,
    pub(crate) module_type: &'static str,
}

/// Cannot be cloned: it is passed from plugin to plugin.
#[derive(Debug, PartialEq)]
pub(crate) struct Ast {
    pub(crate) statements: Vec<String>,
}

#[derive(Clone, Debug)]
pub(crate) struct HookTransformAstArgs<'a> {
    pub(crate) id: &'a str,
    pub(crate) comments: Vec<&'a str>,
}

#[derive(Debug)]
pub(crate) struct ModuleInfo {
    pub(crate) id: String,
}

#[derive(Debug)]
pub(crate) struct NormalModule {
    pub(crate) imports: usize,
}

#[derive(Debug)]
pub(crate) struct HookBuildEndArgs {
    pub(crate) errors: Vec<BuildError>,
}

#[derive(Debug)]
pub(crate) struct HookRenderStartArgs<'a> {
    pub(crate) options: &'a Options,
}

#[derive(Debug)]
pub(crate) struct RollupRenderedChunk {
    pub(crate) file_name: String,
    pub(crate) is_entry: bool,
}

#[derive(Debug)]
pub(crate) struct HookAddonArgs {
    pub(crate) chunk: Arc<RollupRenderedChunk>,
}

#[derive(Debug)]
pub(crate) struct HookRenderChunkArgs<'a> {
    pub(crate) options: &'a Options,
    pub(crate) chunk: Arc<RollupRenderedChunk>,
}

/// The arguments of `render_chunk`, as Rolldown has them.
#[derive(Debug)]
pub(crate) struct RenderChunkArgs<'a> {
    pub(crate) options: &'a Options,
    pub(crate) code: String,
    pub(crate) chunk: Arc<RollupRenderedChunk>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct HookRenderChunkOutput {
    pub(crate) code: String,
    pub(crate) map: bool,
}

#[derive(Debug)]
pub(crate) struct HookRenderErrorArgs {
    pub(crate) errors: Vec<BuildError>,
}

pub(crate) type Bundle = BTreeMap<String, String>;

#[derive(Debug)]
pub(crate) struct HookGenerateBundleArgs {
    pub(crate) is_write: bool,
    pub(crate) bundle: Bundle,
}

#[derive(Debug)]
pub(crate) struct HookWriteBundleArgs<'a> {
    pub(crate) options: &'a Options,
    pub(crate) bundle: &'a mut Bundle,
}

#[derive(Debug)]
pub(crate) struct HookCloseBundleArgs {
    pub(crate) errors: Vec<BuildError>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum WatcherChangeKind {
    Create,
    Delete,
}

#[derive(Debug)]
pub(crate) struct HookResolveFileUrlArgs<'a> {
    pub(crate) chunk_id: &'a str,
    pub(crate) file_name: &'a str,
    pub(crate) relative_path: &'a str,
}

#[derive(Debug)]
pub(crate) struct HookHotUpdateArgs {
    pub(crate) kind: WatcherChangeKind,
    pub(crate) file: String,
    pub(crate) modules: Vec<String>,
}
