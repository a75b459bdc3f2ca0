//! Modules: how they are found, made and joined.

use std::collections::HashSet;
use std::sync::Arc;

use pluginkit::prelude::*;

use super::types::{
    AdditionalData, AfterResolveResult, Atom, BeforeResolveResult, BoxLoader, BoxModule, ChunkUkey,
    Compilation, ConcatenatedModuleInfo, Content, Context, ExportsDefinitionArgs, LoaderContext,
    ModuleFactoryCreateData, ModuleIdentifier, ModuleRuleUseLoader, ModuleType, NormalModule,
    NormalModuleCreateData, NormalModuleFactoryResolveResult, ParserAndGenerator, ParserOptions,
    ReadableFileSystem, Resolver, ResourceData, Result, RunnerContext, RuntimeSpec, Scheme,
};

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
