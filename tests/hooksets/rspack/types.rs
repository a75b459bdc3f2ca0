//! Stand-ins for the values that Rspack hands to its hooks.

use std::collections::{HashMap, HashSet};
use std::fmt;

pub(crate) type Result<T> = std::result::Result<T, Error>;

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Error(pub(crate) String);

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Error {}

/// Declares structs that hold nothing.
macro_rules! stand_ins {
    ($($name:ident)*) => {$(
        #[derive(Debug, Default, PartialEq)]
        pub(crate) struct $name;
    )*};
}

stand_ins! {
    AdditionalData
    AssetEmittedInfo
    AssetInfo
    AsyncModulesArtifact
    BuildModuleGraphArtifact
    Chunk
    ChunkInitFragments
    ChunkNamedIdArtifact
    CircularModulesInfo
    CodeGenerationResults
    Compilation
    CompilationParams
    ConcatenatedModuleInfo
    ConcatenationScope
    ContainerEntryDependency
    Context
    CssModulesRenderSource
    DependencyId
    Diagnostic
    EntryOptions
    ExecuteModuleId
    ExportsDefinitionArgs
    ExportsInfoArtifact
    FederationRuntimeDependency
    ModuleFactoryCreateData
    ModuleGraph
    ModuleIdsArtifact
    ModuleRuleUseLoader
    ModuleType
    NormalModule
    NormalModuleCreateData
    NormalModuleFactoryResolveResult
    ParserOptions
    ReferencedExport
    RenderManifestEntry
    RenderSource
    Resolver
    ResourceData
    RsdoctorAssetPatch
    RsdoctorChunkGraph
    RsdoctorModuleGraph
    RsdoctorModuleIdsPatch
    RsdoctorModuleSourcesPatch
    RspackHasher
    RunnerContext
    RuntimeCodeTemplate
    RuntimeGlobals
    RuntimeSpec
    Scheme
    SideEffectsOptimizeArtifact
    SideEffectsStateArtifact
}

/// Declares keys of maps.
macro_rules! keys {
    ($($name:ident)*) => {$(
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
        pub(crate) struct $name(pub(crate) u32);
    )*};
}

keys! { ChunkUkey CompilationId CompilerId Identifier SourceType }

/// Declares what plugins pass on, with the names of those that have seen it. None of it can be cloned.
macro_rules! passed_on {
    ($($name:ident)*) => {$(
        #[derive(Debug, Default, PartialEq)]
        pub(crate) struct $name(pub(crate) Vec<&'static str>);
    )*};
}

passed_on! {
    AfterEmitData
    AfterResolveResult
    AfterTemplateExecutionData
    AlterAssetTagGroupsData
    AlterAssetTagsData
    BeforeAssetTagGenerationData
    BeforeEmitData
    BeforeResolveResult
    CreateScriptData
}

/// Declares what plugins pass on, and what borrows from the host.
macro_rules! borrowed {
    ($($name:ident)*) => {$(
        #[derive(Debug, PartialEq)]
        pub(crate) struct $name<'a> {
            pub(crate) code: &'a str,
            pub(crate) seen: Vec<&'static str>,
        }
    )*};
}

borrowed! { CreateLinkData LinkPrefetchData LinkPreloadData }

#[derive(Debug, Default)]
pub(crate) struct BindingCell<T>(pub(crate) T);

#[derive(Debug, Default)]
pub(crate) struct LoaderContext<C>(pub(crate) C);

pub(crate) type Atom = String;
pub(crate) type BoxLoader = Box<dyn Loader>;
pub(crate) type BoxModule = Box<dyn Module>;
pub(crate) type ChunkByUkey = HashMap<ChunkUkey, Chunk>;
pub(crate) type Content = Vec<u8>;
pub(crate) type IdentifierMap<T> = HashMap<Identifier, T>;
pub(crate) type IdentifierSet = HashSet<Identifier>;
pub(crate) type ModuleIdentifier = Identifier;

pub(crate) trait Module: Send + Sync {}
pub(crate) trait Loader: Send + Sync {}
pub(crate) trait Dependency: Send + Sync {}
pub(crate) trait ParserAndGenerator: Send + Sync {}
pub(crate) trait ReadableFileSystem: Send + Sync {}
pub(crate) trait RuntimeModule: Send + Sync {}
pub(crate) trait Source: Send + Sync {}

impl Module for NormalModule {}
impl Loader for NormalModule {}
impl Dependency for ContainerEntryDependency {}
impl ParserAndGenerator for NormalModule {}
impl ReadableFileSystem for NormalModule {}
impl RuntimeModule for NormalModule {}
