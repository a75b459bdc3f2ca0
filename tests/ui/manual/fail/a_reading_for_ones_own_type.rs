//~ ERROR: `Mine` is not an `Option`

use pluginkit::__private::Returns;

/// A return type, for a reading of the library.
pub struct Mine(String);

impl Returns<Mine> for pluginkit::manual::Somes {
    type Item = String;
    type Error = String;
    type Value = String;
    type All = Vec<String>;
    type Lift<X> = Result<X, String>;
    const EXACT: bool = true;

    fn split(returned: Mine) -> Result<Option<String>, String> {
        Ok(Some(returned.0))
    }
    fn value(returned: Mine) -> Result<String, String> {
        Ok(returned.0)
    }
    fn returned_error(_returned: &Mine) -> Option<&String> {
        None
    }
    fn item(value: &String) -> Option<&String> {
        Some(value)
    }
    fn into_item(value: String) -> Option<String> {
        Some(value)
    }
    fn failed(error: String) -> Mine {
        Mine(error)
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
