//~ ERROR: cannot implement this trait of pluginkit, which is sealed

use pluginkit::__private::Returns;

/// A reading, under the name that only generated code may use.
pub struct Mine;

impl Returns<String> for Mine {
    type Item = String;
    type Error = String;
    type Value = String;
    type All = Vec<String>;
    type Lift<X> = Result<X, String>;
    const EXACT: bool = true;

    fn split(returned: String) -> Result<Option<String>, String> {
        Ok(Some(returned))
    }
    fn value(returned: String) -> Result<String, String> {
        Ok(returned)
    }
    fn returned_error(_returned: &String) -> Option<&String> {
        None
    }
    fn item(value: &String) -> Option<&String> {
        Some(value)
    }
    fn into_item(value: String) -> Option<String> {
        Some(value)
    }
    fn failed(error: String) -> String {
        error
    }
    fn all(items: Vec<String>) -> Vec<String> {
        items
    }
    fn discard(_: Vec<String>) {}
    fn lift<X>(outcome: Result<X, String>) -> Result<X, String> {
        outcome
    }
    fn lower<X>(outcome: Result<X, String>) -> Result<X, String> {
        outcome
    }
    fn error<X>(outcome: &Result<X, String>) -> Option<&String> {
        outcome.as_ref().err()
    }
}
