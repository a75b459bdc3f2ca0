//! Every method, called.

use std::cell::RefCell;

use pluginkit::local::LocalPlugin;
use pluginkit::prelude::*;

use super::EarlyLintPass;
use super::plugins::{All, Brackets};
use super::types::{
    Arm, AssocItem, Attribute, Block, Crate, EarlyContext, Expr, FnKind, GenericArg, GenericParam, Generics,
    Ident, Item, Local, MacCall, MacroDef, NodeId, Param, Pat, PolyTraitRef, Span, Stmt, Ty, Variant,
    WherePredicate,
};

fn manager<'p>() -> LocalPluginManager<'p> {
    let pm = LocalPluginManager::new("lints");
    pm.add_extension_points(EarlyLintPass).unwrap();
    pm
}

/// The names of the methods, as managers for threads list them.
fn methods() -> Vec<String> {
    let pm = PluginManager::new("lints");
    pm.add_extension_points(EarlyLintPass).unwrap();
    assert_eq!(pm.extension_points().len(), 30);
    pm.extension_points().iter().map(|point| point.name.to_owned()).collect()
}

/// Shows one node of each kind to the passes.
fn walk(pm: &LocalPluginManager<'_>, text: &str) -> Vec<String> {
    let node = || text.to_owned();
    let cx = EarlyContext { source: text, told: RefCell::default() };
    pm.caller(EarlyLintPass::check_param).call(&cx, &Param(node()));
    pm.caller(EarlyLintPass::check_ident).call(&cx, &Ident(node()));
    pm.caller(EarlyLintPass::check_crate).call(&cx, &Crate(node()));
    pm.caller(EarlyLintPass::check_crate_post).call(&cx, &Crate(node()));
    pm.caller(EarlyLintPass::check_item).call(&cx, &Item(node()));
    pm.caller(EarlyLintPass::check_item_post).call(&cx, &Item(node()));
    pm.caller(EarlyLintPass::check_local).call(&cx, &Local(node()));
    pm.caller(EarlyLintPass::check_block).call(&cx, &Block(node()));
    pm.caller(EarlyLintPass::check_stmt).call(&cx, &Stmt(node()));
    pm.caller(EarlyLintPass::check_arm).call(&cx, &Arm(node()));
    pm.caller(EarlyLintPass::check_pat).call(&cx, &Pat(node()));
    pm.caller(EarlyLintPass::check_pat_post).call(&cx, &Pat(node()));
    pm.caller(EarlyLintPass::check_expr).call(&cx, &Expr(node()));
    pm.caller(EarlyLintPass::check_expr_post).call(&cx, &Expr(node()));
    pm.caller(EarlyLintPass::check_ty).call(&cx, &Ty(node()));
    pm.caller(EarlyLintPass::check_generic_arg).call(&cx, &GenericArg(node()));
    pm.caller(EarlyLintPass::check_generic_param).call(&cx, &GenericParam(node()));
    pm.caller(EarlyLintPass::check_generics).call(&cx, &Generics(node()));
    pm.caller(EarlyLintPass::check_poly_trait_ref).call(&cx, &PolyTraitRef(node()));
    pm.caller(EarlyLintPass::check_fn).call(&cx, FnKind(text), Span(7), NodeId(1));
    pm.caller(EarlyLintPass::check_trait_item).call(&cx, &AssocItem(node()));
    pm.caller(EarlyLintPass::check_impl_item).call(&cx, &AssocItem(node()));
    pm.caller(EarlyLintPass::check_variant).call(&cx, &Variant(node()));
    pm.caller(EarlyLintPass::check_attribute).call(&cx, &Attribute(node()));
    pm.caller(EarlyLintPass::check_attributes).call(&cx, &[Attribute(node())]);
    pm.caller(EarlyLintPass::check_attributes_post).call(&cx, &[Attribute(node())]);
    pm.caller(EarlyLintPass::check_mac_def).call(&cx, &MacroDef(node()));
    pm.caller(EarlyLintPass::check_mac).call(&cx, &MacCall(node()));
    pm.caller(EarlyLintPass::enter_where_predicate).call(&cx, &WherePredicate(node()));
    pm.caller(EarlyLintPass::exit_where_predicate).call(&cx, &WherePredicate(node()));
    cx.told.take()
}

#[test]
fn every_node_is_shown_to_every_early_pass() {
    let pm = manager();
    let all = LocalPlugin::new(All::default());
    pm.register(all.clone()).unwrap();
    assert_eq!(walk(&pm, "fn main() {}"), methods());
    assert_eq!(all.borrow().told, 30);
}

#[test]
fn a_node_that_no_early_pass_asks_for_gets_the_empty_default_body() {
    let pm = manager();
    assert!(walk(&pm, "fn main() {}").is_empty());
    let defaults = pm.caller(EarlyLintPass::check_mac).implementations();
    assert_eq!(defaults.iter().map(|default| default.plugin.as_str()).collect::<Vec<_>>(), ["(default)"]);
}

#[test]
fn a_pass_remembers_the_nodes_that_it_is_in() {
    let pm = manager();
    pm.register(Brackets::default()).unwrap();
    let cx = EarlyContext { source: "lib.rs", told: RefCell::default() };
    let check_fn = pm.caller(EarlyLintPass::check_fn);
    for (name, line) in [("main", 1), ("Run_it", 2)] {
        check_fn.call(&cx, FnKind(name), Span(line), NodeId(line + 10));
    }
    let [outer, inner] = ["(x)", "x"].map(|text| Expr(text.to_owned()));
    let (enter, leave) = (pm.caller(EarlyLintPass::check_expr), pm.caller(EarlyLintPass::check_expr_post));
    enter.call(&cx, &outer);
    enter.call(&cx, &inner);
    leave.call(&cx, &inner);
    leave.call(&cx, &outer);
    enter.call(&cx, &inner);
    assert_eq!(cx.told.take(), ["Run_it at 2 (12) in lib.rs", "x"]);
}
