//! The 30 methods of an early lint pass of rustc, over trees that own their nodes.
//!
//! They differ from those of a late pass in their lifetimes: the trait has none, and those of the context and of a function
//! are elided.

mod calls;
mod plugins;
mod types;

use pluginkit::prelude::*;

use types::{
    Arm, AssocItem, Attribute, Block, Crate, EarlyContext, Expr, FnKind, GenericArg, GenericParam, Generics,
    Ident, Item, Local, MacCall, MacroDef, NodeId, Param, Pat, PolyTraitRef, Span, Stmt, Ty, Variant,
    WherePredicate,
};

#[extension_point(project = "lints")]
pub(crate) trait EarlyLintPass {
    fn check_param(&self, cx: &EarlyContext<'_>, param: &Param) {}

    fn check_ident(&self, cx: &EarlyContext<'_>, ident: &Ident) {}

    fn check_crate(&self, cx: &EarlyContext<'_>, krate: &Crate) {}

    fn check_crate_post(&self, cx: &EarlyContext<'_>, krate: &Crate) {}

    fn check_item(&self, cx: &EarlyContext<'_>, item: &Item) {}

    fn check_item_post(&self, cx: &EarlyContext<'_>, item: &Item) {}

    fn check_local(&self, cx: &EarlyContext<'_>, local: &Local) {}

    fn check_block(&self, cx: &EarlyContext<'_>, block: &Block) {}

    fn check_stmt(&self, cx: &EarlyContext<'_>, stmt: &Stmt) {}

    fn check_arm(&self, cx: &EarlyContext<'_>, arm: &Arm) {}

    fn check_pat(&self, cx: &EarlyContext<'_>, pat: &Pat) {}

    fn check_pat_post(&self, cx: &EarlyContext<'_>, pat: &Pat) {}

    fn check_expr(&self, cx: &EarlyContext<'_>, expr: &Expr) {}

    fn check_expr_post(&self, cx: &EarlyContext<'_>, expr: &Expr) {}

    fn check_ty(&self, cx: &EarlyContext<'_>, ty: &Ty) {}

    fn check_generic_arg(&self, cx: &EarlyContext<'_>, arg: &GenericArg) {}

    fn check_generic_param(&self, cx: &EarlyContext<'_>, param: &GenericParam) {}

    fn check_generics(&self, cx: &EarlyContext<'_>, generics: &Generics) {}

    fn check_poly_trait_ref(&self, cx: &EarlyContext<'_>, bound: &PolyTraitRef) {}

    fn check_fn(&self, cx: &EarlyContext<'_>, kind: FnKind<'_>, span: Span, id: NodeId) {}

    fn check_trait_item(&self, cx: &EarlyContext<'_>, item: &AssocItem) {}

    fn check_impl_item(&self, cx: &EarlyContext<'_>, item: &AssocItem) {}

    fn check_variant(&self, cx: &EarlyContext<'_>, variant: &Variant) {}

    fn check_attribute(&self, cx: &EarlyContext<'_>, attribute: &Attribute) {}

    fn check_attributes(&self, cx: &EarlyContext<'_>, attributes: &[Attribute]) {}

    fn check_attributes_post(&self, cx: &EarlyContext<'_>, attributes: &[Attribute]) {}

    fn check_mac_def(&self, cx: &EarlyContext<'_>, def: &MacroDef) {}

    fn check_mac(&self, cx: &EarlyContext<'_>, mac: &MacCall) {}

    fn enter_where_predicate(&self, cx: &EarlyContext<'_>, predicate: &WherePredicate) {}

    fn exit_where_predicate(&self, cx: &EarlyContext<'_>, predicate: &WherePredicate) {}
}
