//! The attribute macros of [pluginkit](https://docs.rs/pluginkit).
//!
//! An implementation detail of that crate, which re-exports and documents them. The documentation here is what editors
//! show at an attribute, and what rustdoc adds to the page of the re-export.
#![forbid(unsafe_code)]
mod extension;
mod extension_point;
#[cfg(test)]
mod fuzz;
mod plugin;
mod support;

use proc_macro::TokenStream;

/// In short: each method of the trait becomes an extension point.
///
/// - Options of the trait: `project = "…"`, `version = "…"`, `crate = ::path`, `service`.
/// - Options of a method: `firstresult`, `firstresult = "argument"`, `pipeline`, `pipeline = "argument"`, `historic`,
///   `fallible`, `reduce = Reducer`, `on_failure = "…"`.
#[proc_macro_attribute]
pub fn extension_point(args: TokenStream, item: TokenStream) -> TokenStream {
    support::debug::show("extension_point", extension_point::expand(args.into(), &item.into())).into()
}

/// In short: `Caller<point!(Specs::fetch)>` is the type of `pm.caller(Specs::fetch)`.
#[proc_macro]
pub fn point(path: TokenStream) -> TokenStream {
    extension_point::point(path.into()).into()
}

/// In short: each method of the block extends the point of its name, with any of the arguments, by their names.
///
/// - Options of a method, or of the block for all its methods: `tryfirst`, `trylast`, `priority = 10`,
///   `before = ["…"]`, `after = ["…"]`, `wrapper`, `when = path`, `optional`, `blocking`, `timeout = "…"`,
///   `requires = "…"`.
/// - Options of a method: `target = "point"`, `helper`.
/// - Options of the block: `service`, `local`, `crate = ::path`.
#[proc_macro_attribute]
pub fn extension(args: TokenStream, item: TokenStream) -> TokenStream {
    support::debug::show("extension", extension::expand(args.into(), &item.into())).into()
}

/// In short: the type is a plugin with this id.
///
/// - Options: `id = "…"`, `version = "…"`, `alias = "…"`, `name`, `author`, `description`, `requires = ["…"]`,
///   `optional_requires = ["…"]`, `provides = service(dyn Trait)`, `project = "…"`, `exclusive`, `build = path`,
///   `config = Type`, `crate = ::path`.
/// - An option of functions: `extends = Specs::point`.
#[proc_macro_attribute]
pub fn plugin(args: TokenStream, item: TokenStream) -> TokenStream {
    support::debug::show("plugin", plugin::expand(args.into(), &item.into())).into()
}

#[cfg(test)]
mod tests {
    use quote::quote;

    #[test]
    fn an_editor_shows_every_option_at_the_attribute() {
        let documentation = include_str!("lib.rs");
        let mistakes = [
            super::extension_point::expand(
                quote!(nonsense),
                &quote!(
                    trait Specs {}
                ),
            ),
            super::extension_point::expand(
                quote!(),
                &quote!(
                    trait Specs {
                        #[extension_point(nonsense)]
                        fn fetch(&self);
                    }
                ),
            ),
            super::extension::expand(quote!(nonsense), &quote!(impl Specs for Plugin {})),
            super::extension::expand(
                quote!(),
                &quote!(impl Specs for Plugin { #[extension(nonsense)] fn fetch(&self) {} }),
            ),
            super::plugin::expand(
                quote!(id = "weather", nonsense),
                &quote!(
                    struct Plugin;
                ),
            ),
        ];
        for mistake in mistakes {
            let mistake = mistake.to_string();
            let (_, options) = mistake.split_once("the options are ").expect("the mistake lists the options");
            let options = options.split('"').next().unwrap_or_default();
            for option in options.split('`').skip(1).step_by(2) {
                assert!(documentation.contains(&format!("`{option}")), "`{option}` is not in `lib.rs`");
            }
        }
    }
}
