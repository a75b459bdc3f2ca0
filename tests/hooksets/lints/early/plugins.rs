//! A pass that tells of every node, and one that counts brackets.

use pluginkit::prelude::*;

use super::EarlyLintPass;
use super::types::{EarlyContext, Expr, FnKind, NodeId, Span};

/// Tells of every node, and counts them.
#[derive(Default)]
pub(crate) struct All {
    pub(crate) told: usize,
}

impl All {
    fn note(&mut self, cx: &EarlyContext<'_>, method: &str) {
        self.told += 1;
        cx.told.borrow_mut().push(method.to_owned());
    }
}

#[extension(local)]
impl EarlyLintPass for All {
    fn check_param(&mut self, cx: &EarlyContext<'_>) {
        self.note(cx, "check_param");
    }

    fn check_ident(&mut self, cx: &EarlyContext<'_>) {
        self.note(cx, "check_ident");
    }

    fn check_crate(&mut self, cx: &EarlyContext<'_>) {
        self.note(cx, "check_crate");
    }

    fn check_crate_post(&mut self, cx: &EarlyContext<'_>) {
        self.note(cx, "check_crate_post");
    }

    fn check_item(&mut self, cx: &EarlyContext<'_>) {
        self.note(cx, "check_item");
    }

    fn check_item_post(&mut self, cx: &EarlyContext<'_>) {
        self.note(cx, "check_item_post");
    }

    fn check_local(&mut self, cx: &EarlyContext<'_>) {
        self.note(cx, "check_local");
    }

    fn check_block(&mut self, cx: &EarlyContext<'_>) {
        self.note(cx, "check_block");
    }

    fn check_stmt(&mut self, cx: &EarlyContext<'_>) {
        self.note(cx, "check_stmt");
    }

    fn check_arm(&mut self, cx: &EarlyContext<'_>) {
        self.note(cx, "check_arm");
    }

    fn check_pat(&mut self, cx: &EarlyContext<'_>) {
        self.note(cx, "check_pat");
    }

    fn check_pat_post(&mut self, cx: &EarlyContext<'_>) {
        self.note(cx, "check_pat_post");
    }

    fn check_expr(&mut self, cx: &EarlyContext<'_>) {
        self.note(cx, "check_expr");
    }

    fn check_expr_post(&mut self, cx: &EarlyContext<'_>) {
        self.note(cx, "check_expr_post");
    }

    fn check_ty(&mut self, cx: &EarlyContext<'_>) {
        self.note(cx, "check_ty");
    }

    fn check_generic_arg(&mut self, cx: &EarlyContext<'_>) {
        self.note(cx, "check_generic_arg");
    }

    fn check_generic_param(&mut self, cx: &EarlyContext<'_>) {
        self.note(cx, "check_generic_param");
    }

    fn check_generics(&mut self, cx: &EarlyContext<'_>) {
        self.note(cx, "check_generics");
    }

    fn check_poly_trait_ref(&mut self, cx: &EarlyContext<'_>) {
        self.note(cx, "check_poly_trait_ref");
    }

    fn check_fn(&mut self, cx: &EarlyContext<'_>) {
        self.note(cx, "check_fn");
    }

    fn check_trait_item(&mut self, cx: &EarlyContext<'_>) {
        self.note(cx, "check_trait_item");
    }

    fn check_impl_item(&mut self, cx: &EarlyContext<'_>) {
        self.note(cx, "check_impl_item");
    }

    fn check_variant(&mut self, cx: &EarlyContext<'_>) {
        self.note(cx, "check_variant");
    }

    fn check_attribute(&mut self, cx: &EarlyContext<'_>) {
        self.note(cx, "check_attribute");
    }

    fn check_attributes(&mut self, cx: &EarlyContext<'_>) {
        self.note(cx, "check_attributes");
    }

    fn check_attributes_post(&mut self, cx: &EarlyContext<'_>) {
        self.note(cx, "check_attributes_post");
    }

    fn check_mac_def(&mut self, cx: &EarlyContext<'_>) {
        self.note(cx, "check_mac_def");
    }

    fn check_mac(&mut self, cx: &EarlyContext<'_>) {
        self.note(cx, "check_mac");
    }

    fn enter_where_predicate(&mut self, cx: &EarlyContext<'_>) {
        self.note(cx, "enter_where_predicate");
    }

    fn exit_where_predicate(&mut self, cx: &EarlyContext<'_>) {
        self.note(cx, "exit_where_predicate");
    }
}

/// Tells of functions with a wrong name, and of brackets around brackets.
#[derive(Default)]
pub(crate) struct Brackets {
    depth: usize,
}

#[extension(local)]
impl EarlyLintPass for Brackets {
    fn check_fn(&mut self, cx: &EarlyContext<'_>, kind: FnKind<'_>, span: Span, id: NodeId) {
        if kind.0.contains('_') {
            cx.told.borrow_mut().push(format!("{} at {} ({}) in {}", kind.0, span.0, id.0, cx.source));
        }
    }

    fn check_expr(&mut self, cx: &EarlyContext<'_>, expr: &Expr) {
        self.depth += 1;
        if self.depth > 1 {
            cx.told.borrow_mut().push(expr.0.clone());
        }
    }

    fn check_expr_post(&mut self) {
        self.depth -= 1;
    }
}
