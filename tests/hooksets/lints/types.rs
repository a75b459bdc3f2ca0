//! Stand-ins for the trees of a program.

use std::cell::RefCell;

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct HirId(pub(crate) u32);

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Span(pub(crate) u32);

#[expect(dead_code, reason = "no lint looks into it")]
#[derive(Debug, Default)]
pub(crate) struct Attribute(pub(crate) String);

/// What passes tell, by the names that stand in the source.
#[derive(Debug)]
pub(crate) struct LateContext<'tcx> {
    pub(crate) source: &'tcx str,
    pub(crate) told: RefCell<Vec<String>>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct FnKind<'tcx>(pub(crate) &'tcx str);

/// Declares nodes that borrow their text.
macro_rules! nodes {
    ($($name:ident)*) => {$(
        #[allow(dead_code, reason = "not every node is looked into")]
        #[derive(Debug)]
        pub(crate) struct $name<'tcx>(pub(crate) &'tcx str);
    )*};
}

nodes! {
    Arm
    Block
    Body
    Expr
    FieldDef
    FnDecl
    ForeignItem
    GenericParam
    Generics
    ImplItem
    Item
    LetStmt
    Mod
    Pat
    Path
    PolyTraitRef
    Stmt
    TraitItem
    Ty
    Variant
    VariantData
}
