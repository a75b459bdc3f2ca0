//! Plugins in the manner of those that people write for bundlers.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use pluginkit::prelude::*;

use super::types::{
    Ast, BuildError, HookAddonArgs, HookGenerateBundleArgs, HookLoadArgs, HookLoadOutput,
    HookRenderChunkArgs, HookRenderChunkOutput, HookResolveIdArgs, HookResolveIdOutput, HookTransformArgs,
    HookTransformAstArgs, HookTransformOutput, HookWriteBundleArgs, PluginContext, Result,
    RollupRenderedChunk, SharedTransformPluginContext,
};
use super::{Alternatives, Hooks};

/// Replaces the start of specifiers.
pub(crate) struct Alias(pub(crate) &'static str, pub(crate) &'static str);

#[extension]
impl Hooks for Alias {
    #[extension(tryfirst)]
    pub(super) fn resolve_id(&self, args: &HookResolveIdArgs<'_>) -> Result<Option<HookResolveIdOutput>> {
        let rest = args.specifier.strip_prefix(self.0);
        Ok(rest.map(|rest| HookResolveIdOutput { id: format!("{}{rest}", self.1), external: false }))
    }
}

/// Serves modules from memory.
pub(crate) struct Virtual(pub(crate) BTreeMap<&'static str, &'static str>);

#[extension]
impl Hooks for Virtual {
    fn resolve_id(
        &self,
        ctx: &PluginContext,
        args: &HookResolveIdArgs<'_>,
    ) -> Result<Option<HookResolveIdOutput>> {
        ctx.log.push(format!("resolve {}", args.specifier));
        let known = self.0.contains_key(args.specifier);
        Ok(known.then(|| HookResolveIdOutput { id: format!("\0{}", args.specifier), external: false }))
    }

    fn load(&self, args: &HookLoadArgs<'_>) -> Result<Option<HookLoadOutput>> {
        let Some(name) = args.id.strip_prefix('\0') else { return Ok(None) };
        let code = self.0.get(name).ok_or_else(|| BuildError::new(format!("no virtual module {name}")))?;
        Ok(Some(HookLoadOutput { code: (*code).to_owned() }))
    }
}

/// Leaves packages outside of the bundle, and refuses to find one from nowhere.
pub(crate) struct External;

#[extension(trylast)]
impl Hooks for External {
    fn resolve_id(args: &HookResolveIdArgs<'_>) -> Result<Option<HookResolveIdOutput>> {
        match args.importer {
            Some(_) => Ok(Some(HookResolveIdOutput { id: args.specifier.to_owned(), external: true })),
            None => Err(BuildError::new(format!("no entry module {}", args.specifier))),
        }
    }

    fn load(ctx: &PluginContext, args: &HookLoadArgs<'_>) -> Result<Option<HookLoadOutput>> {
        ctx.log.push(format!("read {}", args.id));
        Ok(Some(HookLoadOutput { code: format!("// {}", args.id) }))
    }
}

/// Remembers what was loaded, and loads nothing in the place of what fails.
#[derive(Default)]
pub(crate) struct Cache(Mutex<BTreeMap<String, HookLoadOutput>>);

#[extension]
impl Hooks for Cache {
    #[extension(wrapper)]
    fn load(
        &self,
        ctx: &PluginContext,
        args: &HookLoadArgs<'_>,
        next: Next<'_>,
    ) -> Result<Option<HookLoadOutput>> {
        if let Some(output) = self.0.lock().unwrap().get(args.id) {
            return Ok(Some(output.clone()));
        }
        let loaded = next.run(ctx, args).unwrap_or_else(|error| {
            ctx.log.push(format!("warning: {error}"));
            None
        });
        if let Some(output) = &loaded {
            self.0.lock().unwrap().insert(args.id.to_owned(), output.clone());
        }
        Ok(loaded)
    }
}

/// Makes scripts of JSON.
pub(crate) struct Json;

#[extension]
impl Hooks for Json {
    fn transform(&self, module: HookTransformOutput) -> Result<Option<HookTransformOutput>> {
        let code = format!("export default {}", module.code);
        Ok((module.module_type == "json").then_some(HookTransformOutput { code, module_type: "js" }))
    }
}

/// Replaces text in modules, chunks and syntax trees.
pub(crate) struct Replace(pub(crate) &'static str, pub(crate) &'static str);

#[extension]
impl Hooks for Replace {
    #[extension(after = "Json")]
    fn transform(
        &self,
        ctx: SharedTransformPluginContext,
        args: &HookTransformArgs<'_>,
        module: HookTransformOutput,
    ) -> Result<Option<HookTransformOutput>> {
        if module.module_type != "js" {
            return Err(BuildError::new(format!("{} is {}", args.id, module.module_type)));
        }
        ctx.inner.log.push(format!("replace in {}", args.id));
        let code = module.code.replace(self.0, self.1);
        Ok((code != module.code).then_some(HookTransformOutput { code, ..module }))
    }

    fn render_chunk(&self, output: HookRenderChunkOutput) -> Result<Option<HookRenderChunkOutput>> {
        let code = output.code.replace(self.0, self.1);
        Ok((code != output.code).then_some(HookRenderChunkOutput { code, map: true }))
    }

    fn transform_ast(&self, mut ast: Ast) -> Result<Ast> {
        for statement in &mut ast.statements {
            *statement = statement.replace(self.0, self.1);
        }
        Ok(ast)
    }
}

/// Takes out what is not needed.
pub(crate) struct Minify;

#[extension(trylast)]
impl Hooks for Minify {
    fn transform_ast(args: HookTransformAstArgs<'_>, mut ast: Ast) -> Result<Ast> {
        ast.statements.retain(|statement| !args.comments.contains(&&**statement));
        let empty = ast.statements.is_empty();
        if empty { Err(BuildError::new(format!("{} is empty", args.id))) } else { Ok(ast) }
    }

    fn render_chunk(
        &self,
        args: &HookRenderChunkArgs<'_>,
        output: HookRenderChunkOutput,
    ) -> Result<Option<HookRenderChunkOutput>> {
        if args.options.format == "es" && args.chunk.is_entry {
            let code = output.code.split_whitespace().collect::<Vec<_>>().join(" ");
            return Ok(Some(HookRenderChunkOutput { code, ..output }));
        }
        Ok(None)
    }
}

#[extension]
impl Alternatives for Minify {
    fn transform_ast_args<'a>(&self, mut args: HookTransformAstArgs<'a>) -> Result<HookTransformAstArgs<'a>> {
        args.comments.push(args.id);
        Ok(args)
    }
}

/// Puts text around the entry chunks.
pub(crate) struct License(pub(crate) &'static str);

#[extension]
impl Hooks for License {
    fn banner(&self, args: &HookAddonArgs) -> Result<Option<String>> {
        Ok(args.chunk.is_entry.then(|| format!("/* {} */", self.0)))
    }

    fn footer(&self, args: &HookAddonArgs) -> Result<Option<String>> {
        Ok(Some(format!("/* end of {} */", args.chunk.file_name)))
    }

    fn intro(&self) -> Result<Option<String>> {
        if self.0.is_empty() { Err(BuildError::new("no license")) } else { Ok(Some("(() => {".to_owned())) }
    }

    fn outro(ctx: &PluginContext) -> Result<Option<String>> {
        ctx.log.push("outro");
        Ok(Some("})()".to_owned()))
    }

    fn augment_chunk_hash(&self, chunk: Arc<RollupRenderedChunk>) -> Result<Option<String>> {
        Ok(chunk.is_entry.then(|| self.0.to_owned()))
    }
}

/// Lists the files of the bundle in one more file.
pub(crate) struct Manifest;

#[extension(after = "License")]
impl Hooks for Manifest {
    fn banner(&self, ctx: &PluginContext, args: &HookAddonArgs) -> Result<Option<String>> {
        ctx.log.push("banner");
        Ok(Some(format!("/* {} */", args.chunk.file_name)))
    }

    fn augment_chunk_hash(&self, chunk: Arc<RollupRenderedChunk>) -> Result<Option<String>> {
        Ok(Some(chunk.file_name.clone()))
    }

    fn generate_bundle(&self, args: &mut HookGenerateBundleArgs) -> Result<()> {
        let files = args.bundle.keys().cloned().collect::<Vec<_>>().join(",");
        args.bundle.insert("manifest".to_owned(), format!("{files} {}", args.is_write));
        Ok(())
    }

    fn write_bundle(&self, args: &mut HookWriteBundleArgs<'_>) -> Result<()> {
        match args.bundle.get_mut("manifest") {
            Some(manifest) => {
                manifest.push_str(&args.options.format);
                Ok(())
            }
            None => Err(BuildError::new("no manifest")),
        }
    }
}
