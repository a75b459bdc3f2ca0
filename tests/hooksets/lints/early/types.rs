//! Stand-ins for the trees that a parser makes.

use std::cell::RefCell;

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct NodeId(pub(crate) u32);

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Span(pub(crate) u32);

#[derive(Clone, Copy, Debug)]
pub(crate) struct FnKind<'a>(pub(crate) &'a str);

/// What passes tell, by the names that stand in the source.
#[derive(Debug)]
pub(crate) struct EarlyContext<'a> {
    pub(crate) source: &'a str,
    pub(crate) told: RefCell<Vec<String>>,
}

/// Declares nodes that own their text.
macro_rules! nodes {
    ($($name:ident)*) => {$(
        #[allow(dead_code, reason = "not every node is looked into")]
        #[derive(Clone, Debug)]
        pub(crate) struct $name(pub(crate) String);
    )*};
}

nodes! {
    Arm
    AssocItem
    Attribute
    Block
    Crate
    Expr
    GenericArg
    GenericParam
    Generics
    Ident
    Item
    Local
    MacCall
    MacroDef
    Param
    Pat
    PolyTraitRef
    Stmt
    Ty
    Variant
    WherePredicate
}
