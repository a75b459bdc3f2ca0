//! Rules and planners in the manner of those that people write.

use std::sync::Arc;

use pluginkit::prelude::*;
use pluginkit_tests::pending;

use super::tables::Users;
use super::types::{
    ApplyOrder, ConfigOptions, CreateExternalTable, CreateFunction, DFSchema, DataFusionError, Exec,
    ExecutionPlan, Expr, LogicalPlan, OptimizerConfig, PhysicalPlanner, PhysicalPlanningContext,
    RegisterFunction, Result, Session, TableProvider, TableScan, Transformed, UserDefinedLogicalNode,
};
use super::{
    AnalyzerRule, ExtensionPlanner, FunctionFactory, FunctionRewrite, OptimizerRule, PhysicalOptimizerRule,
    QueryPlanner, SerializerRegistry, TableFunctionImpl, TableProviderFactory,
};

/// Replaces one text by another.
pub(crate) struct Replace(pub(crate) &'static str, pub(crate) &'static str);

#[extension]
impl AnalyzerRule for Replace {
    fn analyze(&self, plan: LogicalPlan, config: &ConfigOptions) -> Result<LogicalPlan> {
        if plan.0.is_empty() || config.target_partitions == 0 {
            return Err(DataFusionError(format!("{} finds no plan", self.0)));
        }
        Ok(LogicalPlan(plan.0.replace(self.0, self.1)))
    }
}

#[extension]
impl OptimizerRule for Replace {
    fn rewrite(&self, plan: LogicalPlan, config: &dyn OptimizerConfig) -> Result<Transformed<LogicalPlan>> {
        let by = format!("{}{}", self.1, config.next_id());
        let transformed = plan.0.contains(self.0);
        Ok(Transformed { data: LogicalPlan(plan.0.replace(self.0, &by)), transformed })
    }
}

/// Replaces texts of an expression.
pub(crate) struct Concat;

#[extension]
impl FunctionRewrite for Concat {
    fn rewrite(&self, expr: Expr, schema: &DFSchema, config: &ConfigOptions) -> Result<Transformed<Expr>> {
        let data = Expr(expr.0.replace("||", &format!("{}{}", schema.0, config.target_partitions)));
        let transformed = data != expr;
        Ok(Transformed { data, transformed })
    }
}

/// Says in which order it walks a plan, and leaves the plan as it is.
pub(crate) struct Walks;

#[extension]
impl OptimizerRule for Walks {
    fn apply_order(&self) -> Option<ApplyOrder> {
        Some(ApplyOrder::BottomUp)
    }
}

/// Runs a plan on several threads.
pub(crate) struct Parallel {
    pub(crate) schema_check: bool,
}

#[extension]
impl PhysicalOptimizerRule for Parallel {
    fn optimize(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        config: &ConfigOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        match config.target_partitions {
            0 => Err(DataFusionError("no partitions".to_owned())),
            1 => Ok(plan),
            partitions => Ok(Arc::new(Exec(format!("{partitions} x {}", plan.describe())))),
        }
    }

    fn schema_check(&self) -> bool {
        self.schema_check
    }
}

/// Plans queries, one kind of nodes, and one kind of tables.
pub(crate) struct Top;

#[extension]
impl QueryPlanner for Top {
    async fn create_physical_plan(
        &self,
        logical_plan: &LogicalPlan,
        session_state: &dyn Session,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        pending(1).await;
        Ok(Arc::new(Exec(format!("{} in {}", logical_plan.0, session_state.session_id()))))
    }
}

#[extension]
impl ExtensionPlanner for Top {
    async fn plan_extension(
        &self,
        planner: &dyn PhysicalPlanner,
        node: &dyn UserDefinedLogicalNode,
        logical_inputs: &[&LogicalPlan],
        physical_inputs: &[Arc<dyn ExecutionPlan>],
        session: &dyn Session,
        planning_ctx: &PhysicalPlanningContext,
    ) -> Result<Option<Arc<dyn ExecutionPlan>>> {
        pending(1).await;
        if node.name() != "top" {
            return Ok(None);
        }
        let expr = planner.create_physical_expr(&Expr(logical_inputs[0].0.clone()))?;
        let input = physical_inputs[0].describe();
        let text = format!("top {expr} of {input} in {} at {}", session.session_id(), planning_ctx.depth);
        Ok(Some(Arc::new(Exec(text))))
    }

    async fn plan_table_scan(
        &self,
        scan: &TableScan,
        session: &dyn Session,
    ) -> Result<Option<Arc<dyn ExecutionPlan>>> {
        pending(1).await;
        let known = scan.0 == "users";
        Ok(known
            .then(|| Arc::new(Exec(format!("users in {}", session.session_id()))) as Arc<dyn ExecutionPlan>))
    }
}

#[extension]
impl FunctionFactory for Top {
    async fn create(&self, state: &dyn Session, statement: CreateFunction) -> Result<RegisterFunction> {
        pending(1).await;
        if statement.0.is_empty() {
            return Err(DataFusionError("no function".to_owned()));
        }
        Ok(RegisterFunction::Scalar(format!("{} in {}", statement.0, state.session_id())))
    }
}

/// Makes tables, from a statement and from a function.
pub(crate) struct Tables;

#[extension]
impl TableProviderFactory for Tables {
    async fn create(&self, state: &dyn Session, cmd: &CreateExternalTable) -> Result<Arc<dyn TableProvider>> {
        pending(1).await;
        Ok(Arc::new(Users { definition: format!("{} in {}", cmd.0, state.session_id()), ..Users::default() }))
    }
}

#[extension]
impl TableFunctionImpl for Tables {
    fn call(&self, args: &[Expr]) -> Result<Arc<dyn TableProvider>> {
        match args {
            [] => Err(DataFusionError("no arguments".to_owned())),
            [first, ..] => Ok(Arc::new(Users { definition: first.0.clone(), ..Users::default() })),
        }
    }
}

/// A node that is known by its name.
pub(crate) struct Named(pub(crate) String);

impl UserDefinedLogicalNode for Named {
    fn name(&self) -> &str {
        &self.0
    }
}

/// Writes nodes as bytes.
pub(crate) struct Bytes;

#[extension]
impl SerializerRegistry for Bytes {
    fn serialize_logical_plan(&self, node: &dyn UserDefinedLogicalNode) -> Result<Vec<u8>> {
        Ok(node.name().as_bytes().to_vec())
    }

    fn deserialize_logical_plan(&self, name: &str, bytes: &[u8]) -> Result<Arc<dyn UserDefinedLogicalNode>> {
        let text = std::str::from_utf8(bytes).map_err(|error| DataFusionError(error.to_string()))?;
        Ok(Arc::new(Named(format!("{name}: {text}"))))
    }
}
