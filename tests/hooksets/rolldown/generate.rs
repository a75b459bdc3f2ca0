//! The hooks that generate chunks and write them.

use std::sync::Arc;

use super::Hooks;
use super::build::{failed, manager, options};
use super::plugins::License;
use super::types::{
    BuildError, Bundle, HookAddonArgs, HookCloseBundleArgs, HookGenerateBundleArgs, HookRenderChunkArgs,
    HookRenderChunkOutput, HookRenderErrorArgs, HookRenderStartArgs, HookWriteBundleArgs, PluginContext,
    RollupRenderedChunk,
};

fn chunk(is_entry: bool) -> Arc<RollupRenderedChunk> {
    Arc::new(RollupRenderedChunk { file_name: "main.js".to_owned(), is_entry })
}

#[test]
fn an_aliased_unit_result_is_collected_as_units() {
    let render_start = manager().caller(Hooks::render_start);
    let ctx = PluginContext::default();
    assert_eq!(
        render_start.call(&ctx, &HookRenderStartArgs { options: &options("es") }).map(|units| units.len()),
        Ok(2)
    );
    assert_eq!(
        render_start.call(&ctx, &HookRenderStartArgs { options: &options("cjs") }),
        failed("cannot render cjs")
    );
    assert_eq!(ctx.log.take(), ["render es", "render cjs"]);
}

#[test]
fn banner_footer_intro_and_outro_collect_the_strings_there_are() {
    let pm = manager();
    let ctx = PluginContext::default();
    let entry = HookAddonArgs { chunk: chunk(true) };
    let strings = |all: &[&str]| Ok(all.iter().map(|&each| each.to_owned()).collect::<Vec<_>>());
    assert_eq!(pm.caller(Hooks::banner).call(&ctx, &entry), strings(&["/* MIT */", "/* main.js */"]));
    assert_eq!(
        pm.caller(Hooks::banner).call(&ctx, &HookAddonArgs { chunk: chunk(false) }),
        strings(&["/* main.js */"])
    );
    assert_eq!(pm.caller(Hooks::footer).call(&ctx, &entry), strings(&["/* end of main.js */"]));
    assert_eq!(pm.caller(Hooks::intro).call(&ctx, &entry), strings(&["(() => {"]));
    assert_eq!(pm.caller(Hooks::outro).call(&ctx, &entry), strings(&["})()"]));
    assert_eq!(ctx.log.line(), "banner banner outro");
    pm.register_as("unlicensed", License("")).unwrap();
    assert_eq!(pm.caller(Hooks::intro).call(&ctx, &entry), failed("no license"));
}

#[test]
fn render_chunk_threads_code_and_map_through_the_plugins() {
    let render_chunk = manager().caller(Hooks::render_chunk);
    let ctx = PluginContext::default();
    let run = |format, is_entry, code: &str| {
        let args = HookRenderChunkArgs { options: &options(format), chunk: chunk(is_entry) };
        let output = HookRenderChunkOutput { code: code.to_owned(), map: false };
        render_chunk.call(&ctx, &args, output).map(|output| (output.code, output.map))
    };
    assert_eq!(run("es", true, "if  (DEBUG)\n {}"), Ok(("if (false) {}".to_owned(), true)));
    assert_eq!(run("es", true, "if  (1)"), Ok(("if (1)".to_owned(), false)));
    assert_eq!(run("cjs", true, "if  (1)"), Ok(("if  (1)".to_owned(), false)));
}

#[test]
fn augment_chunk_hash_collects_what_the_hash_depends_on() {
    let augment = manager().caller(Hooks::augment_chunk_hash);
    let ctx = PluginContext::default();
    assert_eq!(augment.call(&ctx, chunk(true)).map(|parts| parts.concat()), Ok("MITmain.js".to_owned()));
    assert_eq!(augment.call(&ctx, chunk(false)).map(|parts| parts.concat()), Ok("main.js".to_owned()));
}

#[test]
fn render_error_and_close_bundle_get_the_errors() {
    let pm = manager();
    let ctx = PluginContext::default();
    let errors = || vec![BuildError::new("broken")];
    assert_eq!(pm.caller(Hooks::render_error).call(&ctx, &HookRenderErrorArgs { errors: errors() }), Ok(()));
    let close_bundle = pm.caller(Hooks::close_bundle);
    assert_eq!(close_bundle.call(&ctx, Some(&HookCloseBundleArgs { errors: errors() })), Ok(()));
    assert_eq!(close_bundle.call(&ctx, None), Ok(()));
    assert_eq!(ctx.log.take(), ["broken", "closed Some(1)", "closed None"]);
}

#[test]
fn generate_bundle_and_write_bundle_edit_the_bundle() {
    let pm = manager();
    let ctx = PluginContext::default();
    let bundle = Bundle::from([("main.js".to_owned(), "1".to_owned())]);
    let mut args = HookGenerateBundleArgs { is_write: true, bundle };
    assert_eq!(pm.caller(Hooks::generate_bundle).call(&ctx, &mut args), Ok(()));
    assert_eq!(args.bundle["manifest"], "main.js true");

    let write_bundle = pm.caller(Hooks::write_bundle);
    let options = options("es");
    let mut args = HookWriteBundleArgs { options: &options, bundle: &mut args.bundle };
    assert_eq!(write_bundle.call(&ctx, &mut args), Ok(()));
    assert_eq!(args.bundle["manifest"], "main.js truees");
    args.bundle.clear();
    assert_eq!(write_bundle.call(&ctx, &mut args), failed("no manifest"));
}
