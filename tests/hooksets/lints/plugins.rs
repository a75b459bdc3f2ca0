//! A pass that tells of every node, and one that looks for names.

use std::sync::Mutex;

use pluginkit::prelude::*;

use super::LateLintPass;
use super::types::{Expr, FnKind, HirId, LateContext, Pat, Span};

/// Tells of every node.
pub(crate) struct All;

#[extension]
impl LateLintPass for All {
    fn check_body(&self, cx: &LateContext<'_>) {
        cx.told.borrow_mut().push("check_body".to_owned());
    }

    fn check_body_post(&self, cx: &LateContext<'_>) {
        cx.told.borrow_mut().push("check_body_post".to_owned());
    }

    fn check_crate(&self, cx: &LateContext<'_>) {
        cx.told.borrow_mut().push("check_crate".to_owned());
    }

    fn check_crate_post(&self, cx: &LateContext<'_>) {
        cx.told.borrow_mut().push("check_crate_post".to_owned());
    }

    fn check_mod(&self, cx: &LateContext<'_>) {
        cx.told.borrow_mut().push("check_mod".to_owned());
    }

    fn check_foreign_item(&self, cx: &LateContext<'_>) {
        cx.told.borrow_mut().push("check_foreign_item".to_owned());
    }

    fn check_item(&self, cx: &LateContext<'_>) {
        cx.told.borrow_mut().push("check_item".to_owned());
    }

    fn check_item_post(&self, cx: &LateContext<'_>) {
        cx.told.borrow_mut().push("check_item_post".to_owned());
    }

    fn check_local(&self, cx: &LateContext<'_>) {
        cx.told.borrow_mut().push("check_local".to_owned());
    }

    fn check_block(&self, cx: &LateContext<'_>) {
        cx.told.borrow_mut().push("check_block".to_owned());
    }

    fn check_block_post(&self, cx: &LateContext<'_>) {
        cx.told.borrow_mut().push("check_block_post".to_owned());
    }

    fn check_stmt(&self, cx: &LateContext<'_>) {
        cx.told.borrow_mut().push("check_stmt".to_owned());
    }

    fn check_arm(&self, cx: &LateContext<'_>) {
        cx.told.borrow_mut().push("check_arm".to_owned());
    }

    fn check_pat(&self, cx: &LateContext<'_>) {
        cx.told.borrow_mut().push("check_pat".to_owned());
    }

    fn check_expr(&self, cx: &LateContext<'_>) {
        cx.told.borrow_mut().push("check_expr".to_owned());
    }

    fn check_expr_post(&self, cx: &LateContext<'_>) {
        cx.told.borrow_mut().push("check_expr_post".to_owned());
    }

    fn check_ty(&self, cx: &LateContext<'_>) {
        cx.told.borrow_mut().push("check_ty".to_owned());
    }

    fn check_generic_param(&self, cx: &LateContext<'_>) {
        cx.told.borrow_mut().push("check_generic_param".to_owned());
    }

    fn check_generics(&self, cx: &LateContext<'_>) {
        cx.told.borrow_mut().push("check_generics".to_owned());
    }

    fn check_poly_trait_ref(&self, cx: &LateContext<'_>) {
        cx.told.borrow_mut().push("check_poly_trait_ref".to_owned());
    }

    fn check_fn(&self, cx: &LateContext<'_>) {
        cx.told.borrow_mut().push("check_fn".to_owned());
    }

    fn check_trait_item(&self, cx: &LateContext<'_>) {
        cx.told.borrow_mut().push("check_trait_item".to_owned());
    }

    fn check_trait_item_post(&self, cx: &LateContext<'_>) {
        cx.told.borrow_mut().push("check_trait_item_post".to_owned());
    }

    fn check_impl_item(&self, cx: &LateContext<'_>) {
        cx.told.borrow_mut().push("check_impl_item".to_owned());
    }

    fn check_impl_item_post(&self, cx: &LateContext<'_>) {
        cx.told.borrow_mut().push("check_impl_item_post".to_owned());
    }

    fn check_struct_def(&self, cx: &LateContext<'_>) {
        cx.told.borrow_mut().push("check_struct_def".to_owned());
    }

    fn check_field_def(&self, cx: &LateContext<'_>) {
        cx.told.borrow_mut().push("check_field_def".to_owned());
    }

    fn check_variant(&self, cx: &LateContext<'_>) {
        cx.told.borrow_mut().push("check_variant".to_owned());
    }

    fn check_path(&self, cx: &LateContext<'_>) {
        cx.told.borrow_mut().push("check_path".to_owned());
    }

    fn check_attribute(&self, cx: &LateContext<'_>) {
        cx.told.borrow_mut().push("check_attribute".to_owned());
    }

    fn check_attributes(&self, cx: &LateContext<'_>) {
        cx.told.borrow_mut().push("check_attributes".to_owned());
    }

    fn check_attributes_post(&self, cx: &LateContext<'_>) {
        cx.told.borrow_mut().push("check_attributes_post".to_owned());
    }
}

/// Tells of names that have the wrong case, and counts expressions.
#[derive(Default)]
pub(crate) struct Names {
    pub(crate) seen: Mutex<u32>,
}

#[extension]
impl LateLintPass for Names {
    fn check_fn<'tcx>(&self, cx: &LateContext<'tcx>, kind: FnKind<'tcx>, span: Span, id: HirId) {
        if kind.0.contains(char::is_uppercase) {
            cx.told.borrow_mut().push(format!("{} at {} ({}) in {}", kind.0, span.0, id.0, cx.source));
        }
    }

    fn check_pat<'tcx>(&self, cx: &LateContext<'tcx>, pat: &'tcx Pat<'tcx>) {
        if pat.0.contains(char::is_uppercase) {
            cx.told.borrow_mut().push(pat.0.to_owned());
        }
    }

    fn check_expr<'tcx>(&self, _expr: &'tcx Expr<'tcx>) {
        *self.seen.lock().unwrap() += 1;
    }
}
