//! The rules and planners of `DataFusion`, a query engine.
//!
//! A rule has a method `name`, which is the id of its plugin here. The host calls optimizer rules and function rewrites in turn,
//! as each says whether it has changed the plan. A table is a service: the host calls several methods of the one that a query
//! names, and some of them return what they borrow from it.

mod calls;
mod expressions;
mod plans;
mod plugins;
mod tables;
mod types;

use std::sync::Arc;

use pluginkit::prelude::*;

use types::{
    ApplyOrder, ConfigOptions, CreateExternalTable, CreateFunction, DFSchema, DataType, ExecutionPlan, Expr,
    Field, LogicalPlan, OptimizerConfig, PhysicalPlanner, PhysicalPlanningContext, PlannerResult, Planning,
    RawAggregateExpr, RawBinaryExpr, RawDictionaryExpr, RawFieldAccessExpr, RawWindowExpr, RegisterFunction,
    RelationPlannerContext, RelationPlanning, Result, Session, TableFactor, TableProvider, TableReference,
    TableScan, Transformed, UserDefinedLogicalNode, ast, not_implemented,
};

#[extension_point(project = "datafusion")]
pub(crate) trait AnalyzerRule {
    #[extension_point(pipeline)]
    fn analyze(&self, plan: LogicalPlan, config: &ConfigOptions) -> Result<LogicalPlan>;
}

#[extension_point(project = "datafusion")]
pub(crate) trait OptimizerRule {
    /// The host asks one rule. One that does not say walks the plan itself.
    fn apply_order(&self) -> Option<ApplyOrder> {
        None
    }

    fn rewrite(&self, plan: LogicalPlan, config: &dyn OptimizerConfig) -> Result<Transformed<LogicalPlan>> {
        let _ = (plan, config);
        not_implemented("rewrite")
    }
}

#[extension_point(project = "datafusion")]
pub(crate) trait PhysicalOptimizerRule {
    #[extension_point(pipeline)]
    fn optimize(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        config: &ConfigOptions,
    ) -> Result<Arc<dyn ExecutionPlan>>;

    fn schema_check(&self) -> bool;
}

#[extension_point(project = "datafusion")]
pub(crate) trait FunctionRewrite {
    fn rewrite(&self, expr: Expr, schema: &DFSchema, config: &ConfigOptions) -> Result<Transformed<Expr>>;
}

/// Plans the operators of SQL. The first planner that knows one plans it, and the others return the original.
#[extension_point(project = "datafusion")]
pub(crate) trait ExprPlanner {
    #[extension_point(reduce = Planning)]
    fn plan_binary_op(
        &self,
        expr: RawBinaryExpr,
        _schema: &DFSchema,
    ) -> Result<PlannerResult<RawBinaryExpr>> {
        Ok(PlannerResult::Original(expr))
    }

    #[extension_point(reduce = Planning)]
    fn plan_field_access(
        &self,
        expr: RawFieldAccessExpr,
        _schema: &DFSchema,
    ) -> Result<PlannerResult<RawFieldAccessExpr>> {
        Ok(PlannerResult::Original(expr))
    }

    #[extension_point(reduce = Planning)]
    fn plan_array_literal(&self, exprs: Vec<Expr>, _schema: &DFSchema) -> Result<PlannerResult<Vec<Expr>>> {
        Ok(PlannerResult::Original(exprs))
    }

    #[extension_point(reduce = Planning)]
    fn plan_position(&self, args: Vec<Expr>) -> Result<PlannerResult<Vec<Expr>>> {
        Ok(PlannerResult::Original(args))
    }

    #[extension_point(reduce = Planning)]
    fn plan_dictionary_literal(
        &self,
        expr: RawDictionaryExpr,
        _schema: &DFSchema,
    ) -> Result<PlannerResult<RawDictionaryExpr>> {
        Ok(PlannerResult::Original(expr))
    }

    #[extension_point(reduce = Planning)]
    fn plan_extract(&self, args: Vec<Expr>) -> Result<PlannerResult<Vec<Expr>>> {
        Ok(PlannerResult::Original(args))
    }

    #[extension_point(reduce = Planning)]
    fn plan_substring(&self, args: Vec<Expr>) -> Result<PlannerResult<Vec<Expr>>> {
        Ok(PlannerResult::Original(args))
    }

    #[extension_point(reduce = Planning)]
    fn plan_struct_literal(
        &self,
        args: Vec<Expr>,
        _is_named_struct: bool,
    ) -> Result<PlannerResult<Vec<Expr>>> {
        Ok(PlannerResult::Original(args))
    }

    #[extension_point(reduce = Planning)]
    fn plan_overlay(&self, args: Vec<Expr>) -> Result<PlannerResult<Vec<Expr>>> {
        Ok(PlannerResult::Original(args))
    }

    #[extension_point(reduce = Planning)]
    fn plan_make_map(&self, args: Vec<Expr>) -> Result<PlannerResult<Vec<Expr>>> {
        Ok(PlannerResult::Original(args))
    }

    #[extension_point(reduce = Planning)]
    fn plan_compound_identifier(
        &self,
        _field: &Field,
        _qualifier: Option<&TableReference>,
        _nested_names: &[String],
    ) -> Result<PlannerResult<Vec<Expr>>> {
        not_implemented("plan_compound_identifier")
    }

    #[extension_point(reduce = Planning)]
    fn plan_any(&self, expr: RawBinaryExpr) -> Result<PlannerResult<RawBinaryExpr>> {
        Ok(PlannerResult::Original(expr))
    }

    #[extension_point(reduce = Planning)]
    fn plan_aggregate(&self, expr: RawAggregateExpr) -> Result<PlannerResult<RawAggregateExpr>> {
        Ok(PlannerResult::Original(expr))
    }

    #[extension_point(reduce = Planning)]
    fn plan_window(&self, expr: RawWindowExpr) -> Result<PlannerResult<RawWindowExpr>> {
        Ok(PlannerResult::Original(expr))
    }
}

#[extension_point(project = "datafusion")]
pub(crate) trait TypePlanner {
    #[extension_point(firstresult)]
    fn plan_type(&self, _sql_type: &ast::DataType) -> Result<Option<DataType>> {
        Ok(None)
    }
}

#[extension_point(project = "datafusion")]
pub(crate) trait RelationPlanner {
    #[extension_point(reduce = Planning)]
    fn plan_relation(
        &self,
        relation: TableFactor,
        context: &mut dyn RelationPlannerContext,
    ) -> Result<RelationPlanning>;
}

#[extension_point(project = "datafusion")]
pub(crate) trait QueryPlanner {
    fn create_physical_plan(
        &self,
        logical_plan: &LogicalPlan,
        session_state: &dyn Session,
    ) -> Result<Arc<dyn ExecutionPlan>>;
}

#[extension_point(project = "datafusion")]
pub(crate) trait ExtensionPlanner {
    #[extension_point(firstresult)]
    fn plan_extension(
        &self,
        planner: &dyn PhysicalPlanner,
        node: &dyn UserDefinedLogicalNode,
        logical_inputs: &[&LogicalPlan],
        physical_inputs: &[Arc<dyn ExecutionPlan>],
        session: &dyn Session,
        planning_ctx: &PhysicalPlanningContext,
    ) -> Result<Option<Arc<dyn ExecutionPlan>>>;

    #[extension_point(firstresult)]
    fn plan_table_scan(
        &self,
        _planner: &dyn PhysicalPlanner,
        _scan: &TableScan,
        _session: &dyn Session,
        _planning_ctx: &PhysicalPlanningContext,
    ) -> Result<Option<Arc<dyn ExecutionPlan>>> {
        Ok(None)
    }
}

#[extension_point(project = "datafusion")]
pub(crate) trait FunctionFactory {
    fn create(&self, state: &dyn Session, statement: CreateFunction) -> Result<RegisterFunction>;
}

#[extension_point(project = "datafusion")]
pub(crate) trait TableProviderFactory {
    fn create(&self, state: &dyn Session, cmd: &CreateExternalTable) -> Result<Arc<dyn TableProvider>>;
}

#[extension_point(project = "datafusion")]
pub(crate) trait TableFunctionImpl {
    fn call(&self, args: &[Expr]) -> Result<Arc<dyn TableProvider>>;
}

#[extension_point(project = "datafusion")]
pub(crate) trait SerializerRegistry {
    fn serialize_logical_plan(&self, node: &dyn UserDefinedLogicalNode) -> Result<Vec<u8>>;

    fn deserialize_logical_plan(&self, name: &str, bytes: &[u8]) -> Result<Arc<dyn UserDefinedLogicalNode>>;
}
