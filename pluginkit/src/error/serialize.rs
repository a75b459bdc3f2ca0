//! Errors as `serde` writes them.

use std::error::Error as StdError;

use serde::{Serialize, Serializer};

use crate::base::name::PluginId;
use crate::error::{Error, ErrorKind};

/// An [`Error`]. The texts of its causes run from the nearest to the first.
#[derive(Serialize)]
struct Shape<'e> {
    code: &'static str,
    kind: ErrorKind,
    message: String,
    plugin: Option<&'e PluginId>,
    point: Option<String>,
    causes: Vec<String>,
}

impl Serialize for Error {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut causes = Vec::new();
        let mut cause = self.source();
        while let Some(error) = cause {
            causes.push(error.to_string());
            cause = error.source();
        }
        let shape = Shape {
            code: self.code(),
            kind: self.kind(),
            message: self.to_string(),
            plugin: self.plugin(),
            point: self.extension_point().map(ToString::to_string),
            causes,
        };
        shape.serialize(serializer)
    }
}
