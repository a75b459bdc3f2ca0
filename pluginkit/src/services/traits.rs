//! [`Traits`]: the traits that are services.

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::plugin::ServiceType;
use crate::services::ServicePointStub;
use crate::services::stub::Declares;

/// The traits under `#[extension_point(service)]`.
#[derive(Default)]
pub(super) struct Traits {
    pub(super) by_type: HashMap<ServiceType, &'static ServicePointStub>,
    /// Generic traits, by the start of the names of their objects, like `dyn feed::Store<`.
    generic: Vec<(String, &'static ServicePointStub)>,
}

impl Traits {
    pub(super) fn declared() -> &'static Self {
        static INDEX: OnceLock<Traits> = OnceLock::new();
        INDEX.get_or_init(|| {
            let mut traits = Self::default();
            for stub in inventory::iter::<ServicePointStub> {
                match stub.service {
                    Declares::One(service) => drop(traits.by_type.insert(service(), stub)),
                    Declares::Each(beside) => {
                        let module = beside().rsplit_once("::_::").map_or("", |(module, _)| module);
                        traits.generic.push((format!("dyn {module}::{}<", stub.name), stub));
                    }
                }
            }
            traits
        })
    }

    /// Returns the trait that declares a service.
    pub(super) fn get(&self, service: &ServiceType) -> Option<&'static ServicePointStub> {
        let of_generic = || {
            let name = service.full_name();
            // `dyn Store<u8> + Send` is another type.
            let found = self.generic.iter().find(|(start, _)| {
                name.strip_prefix(&**start)
                    .is_some_and(|arguments| end_of(arguments) == Some(arguments.len()))
            })?;
            Some(found.1)
        };
        self.by_type.get(service).copied().or_else(of_generic)
    }
}

/// Returns the length of type arguments, with the `>` that ends them.
fn end_of(arguments: &str) -> Option<usize> {
    let mut open = 1;
    let mut before = ' ';
    for (at, character) in arguments.char_indices() {
        match character {
            '<' => open += 1,
            '>' if before != '-' => open -= 1,
            _ => {}
        }
        if open == 0 {
            return Some(at + 1);
        }
        before = character;
    }
    None
}
