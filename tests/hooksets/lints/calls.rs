//! Every method, called.

use std::cell::RefCell;

use pluginkit::local::LocalPlugin;
use pluginkit::prelude::*;

use super::LateLintPass;
use super::plugins::{All, Names};
use super::types::{
    Arm, Attribute, Block, Body, Expr, FieldDef, FnDecl, FnKind, ForeignItem, GenericParam, Generics, HirId,
    ImplItem, Item, LateContext, LetStmt, Mod, Pat, Path, PolyTraitRef, Span, Stmt, TraitItem, Ty, Variant,
    VariantData,
};

fn manager<'p>() -> LocalPluginManager<'p> {
    let pm = LocalPluginManager::new("lints");
    pm.add_extension_points(LateLintPass).unwrap();
    pm
}

/// The names of the methods, as managers for threads list them.
fn methods() -> Vec<String> {
    let pm = PluginManager::new("lints");
    pm.add_extension_points(LateLintPass).unwrap();
    assert_eq!(pm.extension_points().len(), 32);
    pm.extension_points().iter().map(|point| point.name.to_owned()).collect()
}

/// Shows one node of each kind to the passes.
fn walk(pm: &LocalPluginManager<'_>, source: &str) -> Vec<String> {
    let attributes = [Attribute("inline".to_owned())];
    let cx = LateContext { source, told: RefCell::default() };
    pm.caller(LateLintPass::check_body).call(&cx, &Body(source));
    pm.caller(LateLintPass::check_body_post).call(&cx, &Body(source));
    pm.caller(LateLintPass::check_crate).call(&cx);
    pm.caller(LateLintPass::check_crate_post).call(&cx);
    pm.caller(LateLintPass::check_mod).call(&cx, &Mod(source), HirId(1));
    pm.caller(LateLintPass::check_foreign_item).call(&cx, &ForeignItem(source));
    pm.caller(LateLintPass::check_item).call(&cx, &Item(source));
    pm.caller(LateLintPass::check_item_post).call(&cx, &Item(source));
    pm.caller(LateLintPass::check_local).call(&cx, &LetStmt(source));
    pm.caller(LateLintPass::check_block).call(&cx, &Block(source));
    pm.caller(LateLintPass::check_block_post).call(&cx, &Block(source));
    pm.caller(LateLintPass::check_stmt).call(&cx, &Stmt(source));
    pm.caller(LateLintPass::check_arm).call(&cx, &Arm(source));
    pm.caller(LateLintPass::check_pat).call(&cx, &Pat(source));
    pm.caller(LateLintPass::check_expr).call(&cx, &Expr(source));
    pm.caller(LateLintPass::check_expr_post).call(&cx, &Expr(source));
    pm.caller(LateLintPass::check_ty).call(&cx, &Ty(source));
    pm.caller(LateLintPass::check_generic_param).call(&cx, &GenericParam(source));
    pm.caller(LateLintPass::check_generics).call(&cx, &Generics(source));
    pm.caller(LateLintPass::check_poly_trait_ref).call(&cx, &PolyTraitRef(source));
    pm.caller(LateLintPass::check_fn).call(
        &cx,
        FnKind(source),
        &FnDecl(source),
        &Body(source),
        Span(7),
        HirId(1),
    );
    pm.caller(LateLintPass::check_trait_item).call(&cx, &TraitItem(source));
    pm.caller(LateLintPass::check_trait_item_post).call(&cx, &TraitItem(source));
    pm.caller(LateLintPass::check_impl_item).call(&cx, &ImplItem(source));
    pm.caller(LateLintPass::check_impl_item_post).call(&cx, &ImplItem(source));
    pm.caller(LateLintPass::check_struct_def).call(&cx, &VariantData(source));
    pm.caller(LateLintPass::check_field_def).call(&cx, &FieldDef(source));
    pm.caller(LateLintPass::check_variant).call(&cx, &Variant(source));
    pm.caller(LateLintPass::check_path).call(&cx, &Path(source), HirId(1));
    pm.caller(LateLintPass::check_attribute).call(&cx, &attributes[0]);
    pm.caller(LateLintPass::check_attributes).call(&cx, &attributes);
    pm.caller(LateLintPass::check_attributes_post).call(&cx, &attributes);
    cx.told.take()
}

#[test]
fn every_node_is_shown_to_every_pass() {
    let pm = manager();
    let all = LocalPlugin::new(All::default());
    pm.register(all.clone()).unwrap();
    assert_eq!(walk(&pm, "fn main() {}"), methods());
    assert_eq!(all.borrow().told, 32);
}

#[test]
fn a_node_that_no_pass_asks_for_gets_the_empty_default_body() {
    let pm = manager();
    assert!(walk(&pm, "fn main() {}").is_empty());
    let defaults = pm.caller(LateLintPass::check_body).implementations();
    assert_eq!(defaults.iter().map(|default| default.plugin.as_str()).collect::<Vec<_>>(), ["(default)"]);
}

#[test]
fn a_pass_reads_the_nodes_that_it_asks_for() {
    let pm = manager();
    let pass = LocalPlugin::new(Names::default());
    pm.register(pass.clone()).unwrap();
    let source = String::from("Main");
    let cx = LateContext { source: &source, told: RefCell::default() };
    let check_fn = pm.caller(LateLintPass::check_fn);
    check_fn.call(&cx, FnKind(&source), &FnDecl(&source), &Body(&source), Span(7), HirId(1));
    for name in ["x", "X"] {
        pm.caller(LateLintPass::check_pat).call(&cx, &Pat(name));
        pm.caller(LateLintPass::check_expr).call(&cx, &Expr(name));
    }
    assert_eq!(cx.told.take(), ["Main at 7 (1) in Main", "X"]);
    assert_eq!(pass.borrow().seen, 2);
}
