//! The planners of queries, and what makes functions and tables.

use std::sync::Arc;

use pluginkit::prelude::*;
use pluginkit_tests::block_on;

use super::plugins::{Bytes, Named, Tables, Top};
use super::types::{
    CreateFunction, DataFusionError, Exec, ExecutionPlan, Expr, LogicalPlan, PhysicalPlanner,
    PhysicalPlanningContext, RegisterFunction, Result, Session,
};
use super::{
    ExtensionPlanner, FunctionFactory, QueryPlanner, SerializerRegistry, TableFunctionImpl,
    TableProviderFactory,
};

/// The session and the planner of the engine.
pub(crate) struct Local(&'static str);

pub(crate) static LOCAL: Local = Local("local");

impl Session for Local {
    fn session_id(&self) -> &str {
        self.0
    }
}

impl PhysicalPlanner for Local {
    fn create_physical_expr(&self, expr: &Expr) -> Result<String> {
        if expr.0.is_empty() {
            Err(DataFusionError("no expression".to_owned()))
        } else {
            Ok(format!("<{}>", expr.0))
        }
    }
}

fn manager() -> AsyncPluginManager {
    let pm = AsyncPluginManager::new("datafusion");
    pm.add_extension_points(QueryPlanner).unwrap();
    pm.add_extension_points(ExtensionPlanner).unwrap();
    pm.add_extension_points(FunctionFactory).unwrap();
    pm.add_extension_points(TableProviderFactory).unwrap();
    pm.add_extension_points(TableFunctionImpl).unwrap();
    pm.add_extension_points(SerializerRegistry).unwrap();
    pm.register(Top).unwrap();
    pm.register(Tables).unwrap();
    pm.register(Bytes).unwrap();
    pm
}

#[test]
fn queries_and_nodes_of_extensions_are_planned() {
    let pm = manager();
    assert_eq!(pm.extension_points().len(), 8);
    let planned = block_on(pm.caller(QueryPlanner::create_physical_plan).call(&"select".into(), &LOCAL));
    assert_eq!(planned.unwrap()[0].describe(), "select in local");

    let plan_extension = pm.caller(ExtensionPlanner::plan_extension);
    let physical: [Arc<dyn ExecutionPlan>; 1] = [Arc::new(Exec("scan".to_owned()))];
    let plan = |name: &str, input: &str| {
        let (node, logical) = (Named(name.to_owned()), LogicalPlan::from(input));
        let context = PhysicalPlanningContext { depth: 2 };
        let planned = block_on(plan_extension.call(&LOCAL, &node, &[&logical], &physical, &LOCAL, &context));
        planned.map(|plan| plan.map(|plan| plan.describe()))
    };
    assert_eq!(plan("top", "age"), Ok(Some("top <age> of scan in local at 2".to_owned())));
    assert_eq!(plan("bottom", "age"), Ok(None));
    assert_eq!(plan("top", ""), Err(DataFusionError("no expression".to_owned())));

    let plan_table_scan = pm.caller(ExtensionPlanner::plan_table_scan);
    let context = PhysicalPlanningContext::default();
    let scan = |table: &str| {
        let planned = block_on(plan_table_scan.call(&LOCAL, &table.into(), &LOCAL, &context));
        planned.map(|plan| plan.map(|plan| plan.describe()))
    };
    assert_eq!(scan("users"), Ok(Some("users in local".to_owned())));
    assert_eq!(scan("orders"), Ok(None));
}

#[test]
fn factories_make_functions_and_tables() {
    let pm = manager();
    let create = pm.caller(FunctionFactory::create);
    let function = RegisterFunction::Scalar("f in local".to_owned());
    assert_eq!(block_on(create.call(&LOCAL, "f".into())), Ok(vec![function]));
    assert!(block_on(create.call(&LOCAL, CreateFunction::default())).is_err());

    let create = pm.caller(TableProviderFactory::create);
    let tables = block_on(create.call(&LOCAL, &"users.csv".into())).unwrap();
    assert_eq!(tables[0].get_table_definition(), Some("users.csv in local"));
    let call = pm.caller(TableFunctionImpl::call);
    let tables = block_on(call.call(&["range".into()])).unwrap();
    assert_eq!(tables[0].get_table_definition(), Some("range"));
    assert!(block_on(call.call(&[])).is_err());
}

#[test]
fn nodes_become_bytes_and_bytes_become_nodes() {
    let pm = manager();
    let serialize = pm.caller(SerializerRegistry::serialize_logical_plan);
    let bytes = block_on(serialize.call(&Named("top".to_owned()))).unwrap();
    assert_eq!(bytes, [b"top"]);
    let deserialize = pm.caller(SerializerRegistry::deserialize_logical_plan);
    let nodes = block_on(deserialize.call("node", &bytes[0])).unwrap();
    assert_eq!(nodes[0].name(), "node: top");
    assert!(block_on(deserialize.call("node", b"\xff")).is_err());
}
