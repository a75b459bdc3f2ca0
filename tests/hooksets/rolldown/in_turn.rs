//! Two hooks as Rolldown declares them. Their arguments contain the code, so that no pipeline can pass it on: the host calls
//! the plugins in turn, with the result of each in the arguments of the next.

use std::sync::Arc;

use pluginkit::points::ImplementationInfo;
use pluginkit::prelude::*;

use super::Alternatives;
use super::build::{failed, manager, options};
use super::plugins::{Json, License, Replace};
use super::types::{
    BuildError, HookRenderChunkOutput, HookTransformOutput, PluginContext, RenderChunkArgs, Result,
    RollupRenderedChunk, SharedTransformPluginContext, TransformArgs, TransformPluginContext,
};

#[extension]
impl Alternatives for Json {
    fn transform_in_turn(&self, args: &TransformArgs<'_>) -> Result<Option<HookTransformOutput>> {
        let code = format!("export default {}", args.code);
        Ok((args.module_type == "json").then_some(HookTransformOutput { code, module_type: "js" }))
    }
}

#[extension]
impl Alternatives for Replace {
    #[extension(after = "Json")]
    fn transform_in_turn(
        &self,
        ctx: SharedTransformPluginContext,
        args: &TransformArgs<'_>,
    ) -> Result<Option<HookTransformOutput>> {
        if args.module_type != "js" {
            return Err(BuildError::new(format!("{} is {}", args.id, args.module_type)));
        }
        ctx.inner.log.push(format!("replace in {}", args.id));
        let code = args.code.replace(self.0, self.1);
        Ok((code != args.code).then_some(HookTransformOutput { code, module_type: "js" }))
    }

    fn render_chunk_in_turn(&self, args: &RenderChunkArgs<'_>) -> Result<Option<HookRenderChunkOutput>> {
        let code = args.code.replace(self.0, self.1);
        Ok((code != args.code).then_some(HookRenderChunkOutput { code, map: true }))
    }
}

#[extension]
impl Alternatives for License {
    #[extension(trylast)]
    fn render_chunk_in_turn(
        &self,
        ctx: &PluginContext,
        args: &RenderChunkArgs<'_>,
    ) -> Result<Option<HookRenderChunkOutput>> {
        ctx.log.push(format!("{} as {}", args.chunk.file_name, args.options.format));
        let code = format!("/* {} */ {}", self.0, args.code);
        Ok(args.chunk.is_entry.then_some(HookRenderChunkOutput { code, map: false }))
    }
}

/// Returns what `only` makes for each plugin that extends a point, in call order.
fn in_turn<V>(plugins: &[ImplementationInfo], only: impl Fn(&str) -> V) -> Vec<V> {
    plugins.iter().map(|each| only(&each.plugin)).collect()
}

#[test]
fn the_host_puts_transformed_code_into_the_arguments_of_the_next_plugin() {
    let transform = manager().caller(Alternatives::transform_in_turn);
    let plugins = in_turn(&transform.implementations(), |plugin| transform.only([plugin]));
    let ctx = Arc::new(TransformPluginContext { inner: PluginContext::default() });
    let run = |id, code: &str, module_type| -> Result<_> {
        let mut module = HookTransformOutput { code: code.to_owned(), module_type };
        for plugin in &plugins {
            let args = TransformArgs { id, code: &module.code, module_type: module.module_type };
            if let Some(output) = plugin.call(Arc::clone(&ctx), &args)? {
                module = output;
            }
        }
        Ok((module.code, module.module_type))
    };
    let js = |code: &str| Ok((code.to_owned(), "js"));
    assert_eq!(run("a.json", "{d: DEBUG}", "json"), js("export default {d: false}"));
    assert_eq!(run("a.js", "1", "js"), js("1"));
    assert_eq!(run("a.css", "a {}", "css"), failed("a.css is css"));
    assert_eq!(ctx.inner.log.take(), ["replace in a.json", "replace in a.js"]);
}

#[test]
fn the_host_puts_a_rendered_chunk_into_the_arguments_of_the_next_plugin() {
    let render_chunk = manager().caller(Alternatives::render_chunk_in_turn);
    let plugins = in_turn(&render_chunk.implementations(), |plugin| render_chunk.only([plugin]));
    let ctx = PluginContext::default();
    let (options, chunk) =
        (options("es"), RollupRenderedChunk { file_name: "a.js".to_owned(), is_entry: true });
    let mut args =
        RenderChunkArgs { options: &options, code: "if (DEBUG) {}".to_owned(), chunk: Arc::new(chunk) };
    let mut maps = Vec::new();
    for plugin in &plugins {
        if let Some(output) = plugin.call(&ctx, &args).unwrap() {
            args.code = output.code;
            maps.push(output.map);
        }
    }
    assert_eq!(args.code, "/* MIT */ if (false) {}");
    assert_eq!(maps, [true, false]);
    assert_eq!(ctx.log.take(), ["a.js as es"]);
}
