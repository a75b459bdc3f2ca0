//! The plugin that uses the database of the other.

use pluginkit::prelude::*;

use crate::store::Notes;

/// Sums notes up.
#[plugin(id = "digest", version = "0.3.0", requires = ["store >= 1.2, < 2"])]
pub(crate) struct Digest;

#[extension]
impl Lifecycle for Digest {
    fn start(&self, cx: &PluginContext) -> Result<(), BoxError> {
        println!("digest: {}", of(&*cx.service::<dyn Notes>()?)?);
        Ok(())
    }

    fn stop(&self, cx: &PluginContext) -> Result<(), BoxError> {
        // A plugin stops before its requirements, so the store is still open.
        println!("digest: {}", of(&*cx.service::<dyn Notes>()?)?);
        Ok(())
    }
}

pub(crate) fn of(notes: &dyn Notes) -> Result<String, BoxError> {
    let all = notes.all()?;
    Ok(match all.last() {
        None => "no notes".to_owned(),
        Some(last) => format!("{} notes, the last is {last:?}", all.len()),
    })
}
