//! A pass that tells of every node, and one that looks for names.

use pluginkit::prelude::*;

use super::LateLintPass;
use super::types::{Expr, FnKind, HirId, LateContext, Pat, Span};

/// Tells of every node, and counts them.
#[derive(Default)]
pub(crate) struct All {
    pub(crate) told: usize,
}

impl All {
    fn note(&mut self, cx: &LateContext<'_>, method: &str) {
        self.told += 1;
        cx.told.borrow_mut().push(method.to_owned());
    }
}

#[extension(local)]
impl<'tcx> LateLintPass<'tcx> for All {
    fn check_body(&mut self, cx: &LateContext<'tcx>) {
        self.note(cx, "check_body");
    }

    fn check_body_post(&mut self, cx: &LateContext<'tcx>) {
        self.note(cx, "check_body_post");
    }

    fn check_crate(&mut self, cx: &LateContext<'tcx>) {
        self.note(cx, "check_crate");
    }

    fn check_crate_post(&mut self, cx: &LateContext<'tcx>) {
        self.note(cx, "check_crate_post");
    }

    fn check_mod(&mut self, cx: &LateContext<'tcx>) {
        self.note(cx, "check_mod");
    }

    fn check_foreign_item(&mut self, cx: &LateContext<'tcx>) {
        self.note(cx, "check_foreign_item");
    }

    fn check_item(&mut self, cx: &LateContext<'tcx>) {
        self.note(cx, "check_item");
    }

    fn check_item_post(&mut self, cx: &LateContext<'tcx>) {
        self.note(cx, "check_item_post");
    }

    fn check_local(&mut self, cx: &LateContext<'tcx>) {
        self.note(cx, "check_local");
    }

    fn check_block(&mut self, cx: &LateContext<'tcx>) {
        self.note(cx, "check_block");
    }

    fn check_block_post(&mut self, cx: &LateContext<'tcx>) {
        self.note(cx, "check_block_post");
    }

    fn check_stmt(&mut self, cx: &LateContext<'tcx>) {
        self.note(cx, "check_stmt");
    }

    fn check_arm(&mut self, cx: &LateContext<'tcx>) {
        self.note(cx, "check_arm");
    }

    fn check_pat(&mut self, cx: &LateContext<'tcx>) {
        self.note(cx, "check_pat");
    }

    fn check_expr(&mut self, cx: &LateContext<'tcx>) {
        self.note(cx, "check_expr");
    }

    fn check_expr_post(&mut self, cx: &LateContext<'tcx>) {
        self.note(cx, "check_expr_post");
    }

    fn check_ty(&mut self, cx: &LateContext<'tcx>) {
        self.note(cx, "check_ty");
    }

    fn check_generic_param(&mut self, cx: &LateContext<'tcx>) {
        self.note(cx, "check_generic_param");
    }

    fn check_generics(&mut self, cx: &LateContext<'tcx>) {
        self.note(cx, "check_generics");
    }

    fn check_poly_trait_ref(&mut self, cx: &LateContext<'tcx>) {
        self.note(cx, "check_poly_trait_ref");
    }

    fn check_fn(&mut self, cx: &LateContext<'tcx>) {
        self.note(cx, "check_fn");
    }

    fn check_trait_item(&mut self, cx: &LateContext<'tcx>) {
        self.note(cx, "check_trait_item");
    }

    fn check_trait_item_post(&mut self, cx: &LateContext<'tcx>) {
        self.note(cx, "check_trait_item_post");
    }

    fn check_impl_item(&mut self, cx: &LateContext<'tcx>) {
        self.note(cx, "check_impl_item");
    }

    fn check_impl_item_post(&mut self, cx: &LateContext<'tcx>) {
        self.note(cx, "check_impl_item_post");
    }

    fn check_struct_def(&mut self, cx: &LateContext<'tcx>) {
        self.note(cx, "check_struct_def");
    }

    fn check_field_def(&mut self, cx: &LateContext<'tcx>) {
        self.note(cx, "check_field_def");
    }

    fn check_variant(&mut self, cx: &LateContext<'tcx>) {
        self.note(cx, "check_variant");
    }

    fn check_path(&mut self, cx: &LateContext<'tcx>) {
        self.note(cx, "check_path");
    }

    fn check_attribute(&mut self, cx: &LateContext<'tcx>) {
        self.note(cx, "check_attribute");
    }

    fn check_attributes(&mut self, cx: &LateContext<'tcx>) {
        self.note(cx, "check_attributes");
    }

    fn check_attributes_post(&mut self, cx: &LateContext<'tcx>) {
        self.note(cx, "check_attributes_post");
    }
}

/// Tells of names that have the wrong case, and counts expressions.
#[derive(Default)]
pub(crate) struct Names {
    pub(crate) seen: u32,
}

#[extension(local)]
impl<'tcx> LateLintPass<'tcx> for Names {
    fn check_fn(&mut self, cx: &LateContext<'tcx>, kind: FnKind<'tcx>, span: Span, id: HirId) {
        if kind.0.contains(char::is_uppercase) {
            cx.told.borrow_mut().push(format!("{} at {} ({}) in {}", kind.0, span.0, id.0, cx.source));
        }
    }

    fn check_pat(&mut self, cx: &LateContext<'tcx>, pat: &'tcx Pat<'tcx>) {
        if pat.0.contains(char::is_uppercase) {
            cx.told.borrow_mut().push(pat.0.to_owned());
        }
    }

    fn check_expr(&mut self, _expr: &'tcx Expr<'tcx>) {
        self.seen += 1;
    }
}
