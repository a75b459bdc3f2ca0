//! Plugins that observe, and plugins that stop a build.

use std::sync::Arc;

use pluginkit::prelude::*;

use super::Hooks;
use super::types::{
    BuildError, HookBuildEndArgs, HookBuildStartArgs, HookCloseBundleArgs, HookNoopReturn,
    HookRenderErrorArgs, HookRenderStartArgs, ModuleInfo, NormalModule, PluginContext, Result,
    WatcherChangeKind,
};

/// Tells what happens.
pub(crate) struct Reporter;

#[extension]
impl Hooks for Reporter {
    fn build_start(&self, ctx: &PluginContext, args: &HookBuildStartArgs<'_>) -> Result<()> {
        ctx.log.push(format!("build {}", args.options.format));
        Ok(())
    }

    fn module_parsed(
        &self,
        ctx: &PluginContext,
        module_info: Arc<ModuleInfo>,
        normal_module: &NormalModule,
    ) -> Result<()> {
        ctx.log.push(format!("{} imports {}", module_info.id, normal_module.imports));
        Ok(())
    }

    fn build_end(&self, ctx: &PluginContext, args: Option<&HookBuildEndArgs>) -> Result<()> {
        ctx.log.push(format!("built with {} errors", args.map_or(0, |args| args.errors.len())));
        args.and_then(|args| args.errors.first()).map_or(Ok(()), |error| Err(error.clone()))
    }

    fn render_start(&self, ctx: &PluginContext, args: &HookRenderStartArgs<'_>) -> HookNoopReturn {
        ctx.log.push(format!("render {}", args.options.format));
        Ok(())
    }

    fn render_error(&self, ctx: &PluginContext, args: &HookRenderErrorArgs) -> Result<()> {
        args.errors.iter().for_each(|error| ctx.log.push(error.to_string()));
        Ok(())
    }

    fn close_bundle(&self, ctx: &PluginContext, args: Option<&HookCloseBundleArgs>) -> Result<()> {
        ctx.log.push(format!("closed {:?}", args.map(|args| args.errors.len())));
        Ok(())
    }

    fn watch_change(&self, ctx: &PluginContext, path: &str, event: WatcherChangeKind) -> Result<()> {
        ctx.log.push(format!("{path} {event:?}"));
        Ok(())
    }

    fn close_watcher(ctx: &PluginContext) -> Result<()> {
        ctx.log.push("unwatched");
        Ok(())
    }
}

/// Does not run outside of what it was made for.
pub(crate) struct Guard;

#[extension]
impl Hooks for Guard {
    fn build_start(args: &HookBuildStartArgs<'_>) -> Result<()> {
        let known = matches!(&*args.options.format, "es" | "cjs");
        if known { Ok(()) } else { Err(BuildError::new(format!("unknown format {}", args.options.format))) }
    }

    fn module_parsed(module_info: Arc<ModuleInfo>) -> Result<()> {
        if module_info.id.is_empty() { Err(BuildError::new("no id")) } else { Ok(()) }
    }

    fn render_start(&self, args: &HookRenderStartArgs<'_>) -> HookNoopReturn {
        if args.options.format == "cjs" { Err(BuildError::new("cannot render cjs")) } else { Ok(()) }
    }

    fn watch_change(&self, event: WatcherChangeKind) -> Result<()> {
        if event == WatcherChangeKind::Delete { Err(BuildError::new("deleted")) } else { Ok(()) }
    }
}
