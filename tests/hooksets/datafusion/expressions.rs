//! The planners of expressions and types.

use pluginkit::prelude::*;

use super::types::{
    DFSchema, DataFusionError, DataType, Expr, Field, LogicalPlan, PlannerResult, RawAggregateExpr,
    RawBinaryExpr, RawDictionaryExpr, RawFieldAccessExpr, RawWindowExpr, RelationPlannerContext,
    RelationPlanning, Result, TableFactor, TableReference, ast,
};
use super::{ExprPlanner, RelationPlanner, TypePlanner};

/// Plans what its prefix stands before.
pub(crate) struct Prefixed(pub(crate) &'static str);

impl Prefixed {
    fn plan<T>(&self, text: &str, original: T) -> Result<PlannerResult<T>> {
        match text.strip_prefix(self.0) {
            Some("") => Err(DataFusionError(format!("nothing after `{}`", self.0))),
            Some(rest) => Ok(PlannerResult::Planned(Expr(format!("{}({rest})", self.0)))),
            None => Ok(PlannerResult::Original(original)),
        }
    }

    fn plan_all(&self, args: Vec<Expr>) -> Result<PlannerResult<Vec<Expr>>> {
        let text: String = args.iter().map(|arg| arg.0.as_str()).collect();
        self.plan(&text, args)
    }
}

#[extension]
impl ExprPlanner for Prefixed {
    fn plan_binary_op(&self, expr: RawBinaryExpr, schema: &DFSchema) -> Result<PlannerResult<RawBinaryExpr>> {
        self.plan(&format!("{}{}", expr.0, schema.0), expr)
    }

    fn plan_field_access(&self, expr: RawFieldAccessExpr) -> Result<PlannerResult<RawFieldAccessExpr>> {
        self.plan(&expr.0.clone(), expr)
    }

    fn plan_array_literal(&self, exprs: Vec<Expr>) -> Result<PlannerResult<Vec<Expr>>> {
        self.plan_all(exprs)
    }

    fn plan_position(&self, args: Vec<Expr>) -> Result<PlannerResult<Vec<Expr>>> {
        self.plan_all(args)
    }

    fn plan_dictionary_literal(&self, expr: RawDictionaryExpr) -> Result<PlannerResult<RawDictionaryExpr>> {
        self.plan(&expr.0.clone(), expr)
    }

    fn plan_extract(&self, args: Vec<Expr>) -> Result<PlannerResult<Vec<Expr>>> {
        self.plan_all(args)
    }

    fn plan_substring(&self, args: Vec<Expr>) -> Result<PlannerResult<Vec<Expr>>> {
        self.plan_all(args)
    }

    fn plan_struct_literal(
        &self,
        args: Vec<Expr>,
        is_named_struct: bool,
    ) -> Result<PlannerResult<Vec<Expr>>> {
        if is_named_struct { self.plan_all(args) } else { Ok(PlannerResult::Original(args)) }
    }

    fn plan_overlay(&self, args: Vec<Expr>) -> Result<PlannerResult<Vec<Expr>>> {
        self.plan_all(args)
    }

    fn plan_make_map(&self, args: Vec<Expr>) -> Result<PlannerResult<Vec<Expr>>> {
        self.plan_all(args)
    }

    fn plan_compound_identifier(
        &self,
        field: &Field,
        qualifier: Option<&TableReference>,
        nested_names: &[String],
    ) -> Result<PlannerResult<Vec<Expr>>> {
        let qualifier = qualifier.map_or("", |qualifier| &qualifier.0);
        self.plan(&format!("{}{qualifier}.{}", field.0, nested_names.join(".")), Vec::new())
    }

    fn plan_any(&self, expr: RawBinaryExpr) -> Result<PlannerResult<RawBinaryExpr>> {
        self.plan(&expr.0.clone(), expr)
    }

    fn plan_aggregate(&self, expr: RawAggregateExpr) -> Result<PlannerResult<RawAggregateExpr>> {
        self.plan(&expr.0.clone(), expr)
    }

    fn plan_window(&self, expr: RawWindowExpr) -> Result<PlannerResult<RawWindowExpr>> {
        self.plan(&expr.0.clone(), expr)
    }
}

#[extension]
impl TypePlanner for Prefixed {
    fn plan_type(&self, sql_type: &ast::DataType) -> Result<Option<DataType>> {
        match sql_type {
            ast::DataType::Uuid => Ok(Some(DataType(format!("{}uuid", self.0)))),
            ast::DataType::Money => Ok(None),
            ast::DataType::Broken => Err(DataFusionError("broken".to_owned())),
        }
    }
}

#[extension]
impl RelationPlanner for Prefixed {
    fn plan_relation(
        &self,
        relation: TableFactor,
        context: &mut dyn RelationPlannerContext,
    ) -> Result<RelationPlanning> {
        match relation.0.strip_prefix(self.0) {
            Some("") => Err(DataFusionError("no relation".to_owned())),
            Some(rest) => {
                let LogicalPlan(plan) = context.plan(rest);
                Ok(RelationPlanning::Planned(LogicalPlan(format!("{} of {plan}", self.0))))
            }
            None => Ok(RelationPlanning::Original(relation)),
        }
    }
}

fn manager(prefixes: &[&'static str]) -> PluginManager {
    let pm = PluginManager::new("datafusion");
    pm.add_extension_points(ExprPlanner).unwrap();
    pm.add_extension_points(TypePlanner).unwrap();
    pm.add_extension_points(RelationPlanner).unwrap();
    for &prefix in prefixes {
        pm.register_as(prefix, Prefixed(prefix)).unwrap();
    }
    pm
}

/// Plans each kind of expression, made of `text`, and returns the texts of those that were planned.
fn planned(pm: &PluginManager, text: &str) -> Vec<String> {
    fn take<T>(planned: &mut Vec<String>, outcome: Result<Option<PlannerResult<T>>>) {
        if let Ok(Some(PlannerResult::Planned(Expr(text)))) = outcome {
            planned.push(text);
        }
    }
    let (schema, args) = (DFSchema::from("!"), || vec![Expr::from(text), Expr::from("+")]);
    let mut all = Vec::new();
    take(&mut all, pm.caller(ExprPlanner::plan_binary_op).call(text.into(), &schema));
    take(&mut all, pm.caller(ExprPlanner::plan_field_access).call(text.into(), &schema));
    take(&mut all, pm.caller(ExprPlanner::plan_array_literal).call(args(), &schema));
    take(&mut all, pm.caller(ExprPlanner::plan_position).call(args()));
    take(&mut all, pm.caller(ExprPlanner::plan_dictionary_literal).call(text.into(), &schema));
    take(&mut all, pm.caller(ExprPlanner::plan_extract).call(args()));
    take(&mut all, pm.caller(ExprPlanner::plan_substring).call(args()));
    take(&mut all, pm.caller(ExprPlanner::plan_struct_literal).call(args(), true));
    take(&mut all, pm.caller(ExprPlanner::plan_struct_literal).call(args(), false));
    take(&mut all, pm.caller(ExprPlanner::plan_overlay).call(args()));
    take(&mut all, pm.caller(ExprPlanner::plan_make_map).call(args()));
    let nested = ["x".to_owned(), "y".to_owned()];
    let compound = pm.caller(ExprPlanner::plan_compound_identifier);
    take(&mut all, compound.call(&text.into(), Some(&"@t".into()), &nested));
    take(&mut all, pm.caller(ExprPlanner::plan_any).call(text.into()));
    take(&mut all, pm.caller(ExprPlanner::plan_aggregate).call(text.into()));
    take(&mut all, pm.caller(ExprPlanner::plan_window).call(text.into()));
    all
}

#[test]
fn the_first_planner_that_knows_an_expression_plans_it() {
    let pm = manager(&["a", "ab"]);
    let expected = [
        "a(b!)",
        "a(b)",
        "a(b+)",
        "a(b+)",
        "a(b)",
        "a(b+)",
        "a(b+)",
        "a(b+)",
        "a(b+)",
        "a(b+)",
        "a(b@t.x.y)",
        "a(b)",
        "a(b)",
        "a(b)",
    ];
    assert_eq!(planned(&pm, "ab"), expected);
    assert!(planned(&pm, "b").is_empty());
    let any = pm.caller(ExprPlanner::plan_any);
    assert_eq!(any.call("b".into()), Ok(Some(PlannerResult::Original("b".into()))));
    assert_eq!(any.call("a".into()), Err(DataFusionError("nothing after `a`".to_owned())));
}

#[test]
fn without_planners_the_default_bodies_return_the_original() {
    let pm = manager(&[]);
    assert!(planned(&pm, "ab").is_empty());
    let window = pm.caller(ExprPlanner::plan_window);
    assert_eq!(window.call("w".into()), Ok(Some(PlannerResult::Original("w".into()))));
    let compound = pm.caller(ExprPlanner::plan_compound_identifier);
    let error = compound.call(&"f".into(), None, &[]).unwrap_err();
    assert_eq!(error.0, "`plan_compound_identifier` is not implemented");
    assert_eq!(pm.caller(TypePlanner::plan_type).call(&ast::DataType::Uuid), Ok(None));
}

#[test]
fn types_and_relations_go_to_the_planner_that_knows_them() {
    struct Depth(usize);

    impl RelationPlannerContext for Depth {
        fn plan(&mut self, relation: &str) -> LogicalPlan {
            self.0 += 1;
            LogicalPlan(format!("{relation} at {}", self.0))
        }
    }

    let pm = manager(&["lateral ", "view "]);
    let plan_type = pm.caller(TypePlanner::plan_type);
    assert_eq!(plan_type.call(&ast::DataType::Uuid), Ok(Some("lateral uuid".into())));
    assert_eq!(plan_type.call(&ast::DataType::Money), Ok(None));
    assert!(plan_type.call(&ast::DataType::Broken).is_err());

    let mut context = Depth(0);
    let relation = pm.caller(RelationPlanner::plan_relation);
    let mut plan = |text: &str| relation.call(text.into(), &mut context);
    assert_eq!(plan("lateral t"), Ok(Some(RelationPlanning::Planned("lateral  of t at 1".into()))));
    assert_eq!(plan("view v"), Ok(Some(RelationPlanning::Planned("view  of v at 2".into()))));
    assert_eq!(plan("t"), Ok(Some(RelationPlanning::Original("t".into()))));
    assert!(plan("view ").is_err());
}
