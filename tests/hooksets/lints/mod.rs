//! The 32 methods of a late lint pass of rustc, a compiler, over trees that borrow from their arena. `early` has the early one.
//!
//! They are points of a local manager, whose passes have a `&mut self`. The lifetime of the trees is one of the trait, and
//! each method has a default body that does nothing.

mod calls;
mod early;
mod plugins;
mod types;

use pluginkit::prelude::*;

use types::{
    Arm, Attribute, Block, Body, Expr, FieldDef, FnDecl, FnKind, ForeignItem, GenericParam, Generics, HirId,
    ImplItem, Item, LateContext, LetStmt, Mod, Pat, Path, PolyTraitRef, Span, Stmt, TraitItem, Ty, Variant,
    VariantData,
};

#[extension_point(project = "lints")]
pub(crate) trait LateLintPass<'tcx> {
    fn check_body(&self, cx: &LateContext<'tcx>, body: &'tcx Body<'tcx>) {}

    fn check_body_post(&self, cx: &LateContext<'tcx>, body: &'tcx Body<'tcx>) {}

    fn check_crate(&self, cx: &LateContext<'tcx>) {}

    fn check_crate_post(&self, cx: &LateContext<'tcx>) {}

    fn check_mod(&self, cx: &LateContext<'tcx>, module: &'tcx Mod<'tcx>, id: HirId) {}

    fn check_foreign_item(&self, cx: &LateContext<'tcx>, item: &'tcx ForeignItem<'tcx>) {}

    fn check_item(&self, cx: &LateContext<'tcx>, item: &'tcx Item<'tcx>) {}

    fn check_item_post(&self, cx: &LateContext<'tcx>, item: &'tcx Item<'tcx>) {}

    fn check_local(&self, cx: &LateContext<'tcx>, local: &'tcx LetStmt<'tcx>) {}

    fn check_block(&self, cx: &LateContext<'tcx>, block: &'tcx Block<'tcx>) {}

    fn check_block_post(&self, cx: &LateContext<'tcx>, block: &'tcx Block<'tcx>) {}

    fn check_stmt(&self, cx: &LateContext<'tcx>, stmt: &'tcx Stmt<'tcx>) {}

    fn check_arm(&self, cx: &LateContext<'tcx>, arm: &'tcx Arm<'tcx>) {}

    fn check_pat(&self, cx: &LateContext<'tcx>, pat: &'tcx Pat<'tcx>) {}

    fn check_expr(&self, cx: &LateContext<'tcx>, expr: &'tcx Expr<'tcx>) {}

    fn check_expr_post(&self, cx: &LateContext<'tcx>, expr: &'tcx Expr<'tcx>) {}

    fn check_ty(&self, cx: &LateContext<'tcx>, ty: &'tcx Ty<'tcx>) {}

    fn check_generic_param(&self, cx: &LateContext<'tcx>, param: &'tcx GenericParam<'tcx>) {}

    fn check_generics(&self, cx: &LateContext<'tcx>, generics: &'tcx Generics<'tcx>) {}

    fn check_poly_trait_ref(&self, cx: &LateContext<'tcx>, bound: &'tcx PolyTraitRef<'tcx>) {}

    fn check_fn(
        &self,
        cx: &LateContext<'tcx>,
        kind: FnKind<'tcx>,
        decl: &'tcx FnDecl<'tcx>,
        body: &'tcx Body<'tcx>,
        span: Span,
        id: HirId,
    ) {
    }

    fn check_trait_item(&self, cx: &LateContext<'tcx>, item: &'tcx TraitItem<'tcx>) {}

    fn check_trait_item_post(&self, cx: &LateContext<'tcx>, item: &'tcx TraitItem<'tcx>) {}

    fn check_impl_item(&self, cx: &LateContext<'tcx>, item: &'tcx ImplItem<'tcx>) {}

    fn check_impl_item_post(&self, cx: &LateContext<'tcx>, item: &'tcx ImplItem<'tcx>) {}

    fn check_struct_def(&self, cx: &LateContext<'tcx>, def: &'tcx VariantData<'tcx>) {}

    fn check_field_def(&self, cx: &LateContext<'tcx>, field: &'tcx FieldDef<'tcx>) {}

    fn check_variant(&self, cx: &LateContext<'tcx>, variant: &'tcx Variant<'tcx>) {}

    fn check_path(&self, cx: &LateContext<'tcx>, path: &'tcx Path<'tcx>, id: HirId) {}

    fn check_attribute(&self, cx: &LateContext<'tcx>, attribute: &'tcx Attribute) {}

    fn check_attributes(&self, cx: &LateContext<'tcx>, attributes: &'tcx [Attribute]) {}

    fn check_attributes_post(&self, cx: &LateContext<'tcx>, attributes: &'tcx [Attribute]) {}
}
