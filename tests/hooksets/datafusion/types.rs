//! Stand-ins for plans, expressions and tables.

use std::borrow::Cow;
use std::fmt;
use std::ops::ControlFlow;
use std::pin::Pin;
use std::sync::Arc;

use pluginkit::prelude::*;
use pluginkit::reduce::{Reduce, Reducer};

pub(crate) type Result<T> = std::result::Result<T, DataFusionError>;

/// An async method of an object.
pub(crate) type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct DataFusionError(pub(crate) String);

impl fmt::Display for DataFusionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for DataFusionError {}

pub(crate) fn not_implemented<T>(method: &str) -> Result<T> {
    Err(DataFusionError(format!("`{method}` is not implemented")))
}

/// Declares values that are a text.
macro_rules! texts {
    ($($name:ident)*) => {$(
        #[derive(Clone, Debug, Default, PartialEq)]
        pub(crate) struct $name(pub(crate) String);

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }
    )*};
}

texts! {
    CreateExternalTable
    CreateFunction
    DFSchema
    DataType
    Expr
    Field
    LogicalPlan
    RawAggregateExpr
    RawBinaryExpr
    RawDictionaryExpr
    RawFieldAccessExpr
    RawWindowExpr
    TableFactor
    TableReference
    TableScan
}

pub(crate) mod ast {
    #[derive(Debug)]
    pub(crate) enum DataType {
        Uuid,
        Money,
        Broken,
    }
}

#[derive(Debug, Default)]
pub(crate) struct ConfigOptions {
    pub(crate) target_partitions: usize,
}

#[derive(Debug, Default)]
pub(crate) struct PhysicalPlanningContext {
    pub(crate) depth: usize,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum ApplyOrder {
    BottomUp,
}

/// A value, and whether a rule has changed it.
#[derive(Debug, PartialEq)]
pub(crate) struct Transformed<T> {
    pub(crate) data: T,
    pub(crate) transformed: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum PlannerResult<T> {
    Planned(Expr),
    Original(T),
}

#[derive(Debug, PartialEq)]
pub(crate) enum RelationPlanning {
    Planned(LogicalPlan),
    Original(TableFactor),
}

#[derive(Debug, PartialEq)]
pub(crate) enum RegisterFunction {
    Scalar(String),
}

/// What a planner returns: a plan, or what it was asked to plan.
pub(crate) trait Answer {
    fn is_planned(&self) -> bool;
}

impl<T> Answer for PlannerResult<T> {
    fn is_planned(&self) -> bool {
        matches!(self, Self::Planned(_))
    }
}

impl Answer for RelationPlanning {
    fn is_planned(&self) -> bool {
        matches!(self, Self::Planned(_))
    }
}

/// Ends a call with the first plan. If there is none, the last original is the outcome.
pub(crate) struct Planning;

pub(crate) struct FirstPlanned<T>(Option<T>);

impl<T: Answer> Reducer<T> for Planning {
    type Running = FirstPlanned<T>;
}

impl<T: Answer> Reduce for FirstPlanned<T> {
    type Item = T;
    type Output = Option<T>;

    fn start() -> Self {
        Self(None)
    }

    fn take(&mut self, item: T) -> ControlFlow<()> {
        let end = item.is_planned();
        self.0 = Some(item);
        if end { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn finish(self) -> Option<T> {
        self.0
    }
}

/// What the optimizer tells its rules. It is not `Sync`.
pub(crate) trait OptimizerConfig {
    fn next_id(&self) -> usize;
}

pub(crate) trait ExecutionPlan: Send + Sync {
    fn describe(&self) -> String;
}

impl fmt::Debug for dyn ExecutionPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.describe())
    }
}

/// A plan that is a text.
pub(crate) struct Exec(pub(crate) String);

impl ExecutionPlan for Exec {
    fn describe(&self) -> String {
        self.0.clone()
    }
}

/// What the engine gives to the planners of extensions.
pub(crate) trait PhysicalPlanner: Send + Sync {
    fn create_physical_expr(&self, expr: &Expr) -> Result<String>;
}

pub(crate) trait UserDefinedLogicalNode: Send + Sync {
    fn name(&self) -> &str;
}

pub(crate) trait Session: Send + Sync {
    fn session_id(&self) -> &str;
}

pub(crate) trait RelationPlannerContext {
    fn plan(&mut self, relation: &str) -> LogicalPlan;
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum TableType {
    Base,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum FilterPushDown {
    Exact,
    Unsupported,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum InsertOp {
    Append,
    Overwrite,
}

/// A table, as `DataFusion` declares it: four of its ten methods return what they borrow from it.
#[extension_point(service)]
pub(crate) trait TableProvider: Send + Sync {
    fn schema(&self) -> Arc<DFSchema>;

    fn constraints(&self) -> Option<&[String]> {
        None
    }

    fn table_type(&self) -> TableType;

    fn get_table_definition(&self) -> Option<&str> {
        None
    }

    fn get_logical_plan(&self) -> Option<Cow<'_, LogicalPlan>> {
        None
    }

    fn get_column_default(&self, _column: &str) -> Option<&Expr> {
        None
    }

    fn scan<'a>(
        &'a self,
        state: &'a dyn Session,
        projection: Option<&'a Vec<usize>>,
        filters: &'a [Expr],
        limit: Option<usize>,
    ) -> BoxFuture<'a, Result<Arc<dyn ExecutionPlan>>>;

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<FilterPushDown>> {
        Ok(vec![FilterPushDown::Unsupported; filters.len()])
    }

    fn statistics(&self) -> Option<usize> {
        None
    }

    fn insert_into<'a>(
        &'a self,
        _state: &'a dyn Session,
        _input: Arc<dyn ExecutionPlan>,
        _insert_op: InsertOp,
    ) -> BoxFuture<'a, Result<Arc<dyn ExecutionPlan>>> {
        Box::pin(async { not_implemented("insert_into") })
    }
}
