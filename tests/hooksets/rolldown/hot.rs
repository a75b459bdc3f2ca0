//! The hooks of files that change while a program runs, and of links to files.

use pluginkit::prelude::*;

use super::Hooks;
use super::build::{failed, manager};
use super::plugins::{Alias, Json, Virtual};
use super::types::{
    BuildError, HookHotUpdateArgs, HookResolveFileUrlArgs, PluginContext, Result, WatcherChangeKind,
};

#[extension]
impl Hooks for Alias {
    fn resolve_file_url(
        &self,
        ctx: &PluginContext,
        args: &HookResolveFileUrlArgs<'_>,
    ) -> Result<Option<String>> {
        ctx.log.push(format!("link {}", args.file_name));
        Ok((args.chunk_id == "main.js").then(|| format!("{}{}", self.1, args.relative_path)))
    }
}

#[extension]
impl Hooks for Json {
    fn hot_update(&self, ctx: &PluginContext, args: &HookHotUpdateArgs) -> Result<Option<Vec<String>>> {
        ctx.log.push(format!("{} {:?}", args.file, args.kind));
        if args.kind == WatcherChangeKind::Delete {
            return Err(BuildError::new(format!("{} is gone", args.file)));
        }
        let is_json = args.file.split_once('.').is_some_and(|(_, end)| end == "json");
        Ok(is_json.then(|| vec![args.file.clone()]))
    }
}

#[extension]
impl Hooks for Virtual {
    #[extension(trylast)]
    fn hot_update(&self, args: &HookHotUpdateArgs) -> Result<Option<Vec<String>>> {
        let known = self.0.keys().filter(|name| args.modules.iter().all(|module| module != *name));
        let modules = args.modules.iter().cloned().chain(known.map(|name| (*name).to_owned()));
        Ok(Some(modules.collect()))
    }
}

#[test]
fn the_first_plugin_that_knows_a_link_to_a_file_makes_it() {
    let resolve = manager().caller(Hooks::resolve_file_url);
    let ctx = PluginContext::default();
    let link = |chunk_id, file_name| {
        resolve.call(&ctx, &HookResolveFileUrlArgs { chunk_id, file_name, relative_path: "img/a.png" })
    };
    assert_eq!(link("main.js", "a.png"), Ok(Some("/src/img/a.png".to_owned())));
    assert_eq!(link("lazy.js", "a.png"), Ok(None));
    assert_eq!(ctx.log.take(), ["link a.png", "link a.png"]);
}

#[test]
fn the_host_gives_each_plugin_the_modules_that_the_last_one_has_left() {
    let hot_update = manager().caller(Hooks::hot_update);
    let ctx = PluginContext::default();
    let update = |file: &str, kind| {
        let mut args = HookHotUpdateArgs { kind, file: file.to_owned(), modules: vec!["main".to_owned()] };
        for plugin in hot_update.implementations() {
            for modules in hot_update.only([plugin.plugin.as_str()]).call(&ctx, &args)? {
                args.modules = modules;
            }
        }
        Ok(args.modules)
    };
    let modules = |all: [&str; 2]| Ok(all.map(str::to_owned).to_vec());
    assert_eq!(update("a.json", WatcherChangeKind::Create), modules(["a.json", "env"]));
    assert_eq!(update("a.css", WatcherChangeKind::Create), modules(["main", "env"]));
    assert_eq!(update("a.json", WatcherChangeKind::Delete), failed("a.json is gone"));
    assert_eq!(ctx.log.take(), ["a.json Create", "a.css Create", "a.json Delete"]);
}
