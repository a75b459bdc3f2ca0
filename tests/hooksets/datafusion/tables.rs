//! A table that plugins provide as a service.

use std::borrow::Cow;
use std::sync::Arc;

use pluginkit::prelude::*;
use pluginkit_tests::{block_on, pending};

use super::calls::LOCAL;
use super::types::{
    BoxFuture, DFSchema, Exec, ExecutionPlan, Expr, FilterPushDown, InsertOp, LogicalPlan, Result, Session,
    TableProvider, TableType, not_implemented,
};

/// A table of users. It keeps what it is asked for.
#[plugin(id = "users")]
#[derive(Default)]
pub(crate) struct Users {
    pub(crate) definition: String,
    pub(crate) keys: Vec<String>,
    pub(crate) plan: LogicalPlan,
    pub(crate) age: Expr,
}

#[extension(service)]
impl TableProvider for Users {
    fn schema(&self) -> Arc<DFSchema> {
        Arc::new(DFSchema(self.keys.join(", ")))
    }

    fn constraints(&self) -> Option<&[String]> {
        Some(&self.keys)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn get_table_definition(&self) -> Option<&str> {
        Some(&self.definition)
    }

    fn get_logical_plan(&self) -> Option<Cow<'_, LogicalPlan>> {
        Some(Cow::Borrowed(&self.plan))
    }

    fn get_column_default(&self, column: &str) -> Option<&Expr> {
        (column == "age").then_some(&self.age)
    }

    fn scan<'a>(
        &'a self,
        state: &'a dyn Session,
        projection: Option<&'a Vec<usize>>,
        filters: &'a [Expr],
        limit: Option<usize>,
    ) -> BoxFuture<'a, Result<Arc<dyn ExecutionPlan>>> {
        Box::pin(async move {
            pending(1).await;
            let text = format!("{} {projection:?} {} {limit:?}", state.session_id(), filters.len());
            Ok(Arc::new(Exec(text)) as Arc<dyn ExecutionPlan>)
        })
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<FilterPushDown>> {
        let exact = |filter: &&Expr| filter.0.starts_with("id");
        let each = |filter| if exact(filter) { FilterPushDown::Exact } else { FilterPushDown::Unsupported };
        Ok(filters.iter().map(each).collect())
    }

    fn statistics(&self) -> Option<usize> {
        Some(self.keys.len())
    }

    fn insert_into<'a>(
        &'a self,
        state: &'a dyn Session,
        input: Arc<dyn ExecutionPlan>,
        insert_op: InsertOp,
    ) -> BoxFuture<'a, Result<Arc<dyn ExecutionPlan>>> {
        Box::pin(async move {
            pending(1).await;
            match insert_op {
                InsertOp::Append => {
                    let text = format!("{} gets {}", state.session_id(), input.describe());
                    Ok(Arc::new(Exec(text)) as Arc<dyn ExecutionPlan>)
                }
                InsertOp::Overwrite => not_implemented("overwrite"),
            }
        })
    }
}

#[test]
fn a_table_is_a_service_with_results_that_borrow_from_it() {
    let pm = PluginManager::new("datafusion");
    let (definition, keys) = ("create table users".to_owned(), vec!["id".to_owned()]);
    pm.register(Users { definition, keys, plan: "values".into(), age: "18".into() }).unwrap();
    let table = pm.service::<dyn TableProvider>().unwrap();
    assert_eq!((table.schema().0.as_str(), table.table_type()), ("id", TableType::Base));
    assert_eq!(table.constraints(), Some(["id".to_owned()].as_slice()));
    assert_eq!(table.get_table_definition(), Some("create table users"));
    assert!(matches!(table.get_logical_plan(), Some(Cow::Borrowed(LogicalPlan(plan))) if plan == "values"));
    assert_eq!(table.get_column_default("age"), Some(&"18".into()));
    assert_eq!(table.get_column_default("id"), None);
    assert_eq!(table.statistics(), Some(1));
    let (by_id, by_age) = (Expr::from("id = 1"), Expr::from("age > 1"));
    let support = table.supports_filters_pushdown(&[&by_id, &by_age]);
    assert_eq!(support, Ok(vec![FilterPushDown::Exact, FilterPushDown::Unsupported]));
    let scan = block_on(table.scan(&LOCAL, Some(&vec![0, 2]), &[by_id], Some(3))).unwrap();
    assert_eq!(scan.describe(), "local Some([0, 2]) 1 Some(3)");
    let insert = |op| block_on(table.insert_into(&LOCAL, Arc::clone(&scan), op));
    assert_eq!(insert(InsertOp::Append).unwrap().describe(), "local gets local Some([0, 2]) 1 Some(3)");
    assert_eq!(insert(InsertOp::Overwrite).unwrap_err().0, "`overwrite` is not implemented");
}
