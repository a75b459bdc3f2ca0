//! The deprecated hook: an implementation of it gets a warning.

#![expect(deprecated, reason = "a deprecated hook must work as well")]

use pluginkit::prelude::*;

use super::Hooks;
use super::build::{manager, resolved};
use super::plugins::Alias;
use super::types::{HookResolveIdArgs, HookResolveIdReturn, PluginContext};

#[extension]
impl Hooks for Alias {
    fn resolve_dynamic_import(
        &self,
        ctx: &PluginContext,
        args: &HookResolveIdArgs<'_>,
    ) -> HookResolveIdReturn {
        ctx.log.push(format!("dynamic {}", args.specifier));
        self.resolve_id(args)
    }
}

#[test]
fn a_deprecated_hook_with_an_aliased_result_resolves_dynamic_imports() {
    let resolve = manager().caller(Hooks::resolve_dynamic_import);
    let ctx = PluginContext::default();
    let found = resolve.call(&ctx, &HookResolveIdArgs { specifier: "@/lazy.js", importer: None });
    assert_eq!(found, Ok(Some(resolved("/src/lazy.js", false))));
    assert_eq!(resolve.call(&ctx, &HookResolveIdArgs { specifier: "lazy", importer: None }), Ok(None));
    assert_eq!(ctx.log.take(), ["dynamic @/lazy.js", "dynamic lazy"]);
}
