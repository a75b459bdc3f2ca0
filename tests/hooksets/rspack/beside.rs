//! Tools beside the build, other bundles, and the sync hooks.

use pluginkit::prelude::*;

use super::types::{
    ChunkUkey, Compilation, ContainerEntryDependency, Dependency, DependencyId, FederationRuntimeDependency,
    ModuleGraph, ReferencedExport, Result, RsdoctorAssetPatch, RsdoctorChunkGraph, RsdoctorModuleGraph,
    RsdoctorModuleIdsPatch, RsdoctorModuleSourcesPatch, RuntimeSpec,
};

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
