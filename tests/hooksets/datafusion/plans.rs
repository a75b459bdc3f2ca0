//! The rules that make a plan better.

use std::cell::Cell;
use std::sync::Arc;

use pluginkit::prelude::*;

use super::plugins::{Concat, Parallel, Replace, Walks};
use super::types::{
    ApplyOrder, ConfigOptions, DFSchema, DataFusionError, Exec, ExecutionPlan, Expr, LogicalPlan,
    OptimizerConfig, Transformed,
};
use super::{AnalyzerRule, FunctionRewrite, OptimizerRule, PhysicalOptimizerRule};

/// Numbers what rules make.
struct Ids(Cell<usize>);

impl OptimizerConfig for Ids {
    fn next_id(&self) -> usize {
        self.0.replace(self.0.get() + 1)
    }
}

fn manager() -> PluginManager {
    let pm = PluginManager::new("datafusion");
    pm.add_extension_points(AnalyzerRule).unwrap();
    pm.add_extension_points(OptimizerRule).unwrap();
    pm.add_extension_points(PhysicalOptimizerRule).unwrap();
    pm.add_extension_points(FunctionRewrite).unwrap();
    pm.register_as("wildcards", Replace("*", "a, b")).unwrap();
    pm.register_as("columns", Replace("a, b", "columns")).unwrap();
    pm.register(Walks).unwrap();
    pm.register(Concat).unwrap();
    pm
}

#[test]
fn analyzer_rules_pass_a_plan_on() {
    let analyze = manager().caller(AnalyzerRule::analyze);
    let config = ConfigOptions { target_partitions: 1 };
    assert_eq!(analyze.call("select *".into(), &config), Ok("select columns".into()));
    let failed = DataFusionError("* finds no plan".to_owned());
    assert_eq!(analyze.call(LogicalPlan::default(), &config), Err(failed));
}

/// As the host does, this loop calls the rules in turn, until none changes the plan.
#[test]
fn optimizer_rules_run_until_none_changes_the_plan() {
    let pm = manager();
    let (rewrite, order) = (pm.caller(OptimizerRule::rewrite), pm.caller(OptimizerRule::apply_order));
    let config = Ids(Cell::new(0));
    let (mut plan, mut passes, mut changed) = (LogicalPlan::from("select *"), 0, true);
    while changed {
        (passes, changed) = (passes + 1, false);
        for rule in ["columns", "wildcards"] {
            let mut one = rewrite.only([rule]).call(plan, &config).unwrap();
            let Transformed { data, transformed } = one.remove(0);
            (plan, changed) = (data, changed | transformed);
        }
    }
    assert_eq!((plan.0.as_str(), passes), ("select columns21", 3));
    let orders: Vec<_> = ["columns", "Walks"].map(|rule| order.only([rule]).call()).into();
    assert_eq!(orders, [vec![], vec![ApplyOrder::BottomUp]]);
    let default = rewrite.only(["Walks"]).call(plan, &config);
    assert_eq!(default.unwrap_err().0, "`rewrite` is not implemented");
}

#[test]
fn function_rewrites_say_whether_they_have_changed_an_expression() {
    let rewrite = manager().caller(FunctionRewrite::rewrite);
    let config = ConfigOptions { target_partitions: 4 };
    let run = |text: &str| rewrite.call(Expr::from(text), &DFSchema::from("concat"), &config);
    assert_eq!(run("a || b"), Ok(vec![Transformed { data: "a concat4 b".into(), transformed: true }]));
    assert_eq!(run("a + b"), Ok(vec![Transformed { data: "a + b".into(), transformed: false }]));
}

#[test]
fn physical_rules_pass_a_shared_plan_on() {
    let pm = manager();
    pm.register_as("strict", Parallel { schema_check: true }).unwrap();
    pm.register_as("loose", Parallel { schema_check: false }).unwrap();
    let optimize = pm.caller(PhysicalOptimizerRule::optimize);
    let scan: Arc<dyn ExecutionPlan> = Arc::new(Exec("scan".to_owned()));
    let run = |target_partitions| optimize.call(Arc::clone(&scan), &ConfigOptions { target_partitions });
    assert_eq!(run(2).unwrap().describe(), "2 x 2 x scan");
    assert!(Arc::ptr_eq(&run(1).unwrap(), &scan));
    assert_eq!(run(0).unwrap_err().0, "no partitions");
    let schema_check = pm.caller(PhysicalOptimizerRule::schema_check);
    assert_eq!(schema_check.only(["loose"]).call(), [false]);
    assert_eq!(schema_check.only(["strict"]).call(), [true]);
}
