//! A pluggy host, step by step. `eggsample.py` beside this file is the program as it was; both print the same.
//!
//! ```text
//! cargo run --example migrating_pluggy
//! ```

use std::collections::BTreeMap;

use pluginkit::prelude::*;

/// Step 1: `Specs` with `@hookspec` becomes a trait. The return type says what pluggy leaves to the documentation.
///
/// | pluggy | here |
/// |---|---|
/// | `HookspecMarker("eggsample")` | `project = "eggsample"` |
/// | a result that is `None` is left out | an `Option` |
/// | a `dict` that plugins change | a `&mut` argument |
/// | `firstresult=True`, `historic=True` | `#[extension_point(firstresult)]`, `#[extension_point(historic)]` |
#[extension_point(project = "eggsample")]
trait Specs {
    /// Returns more ingredients. `ingredients` are those there are.
    fn add_ingredients(&self, ingredients: &[&str]) -> Vec<String>;

    /// Changes the condiments, and may return a comment.
    fn prep_condiments(&self, condiments: &mut BTreeMap<String, u32>) -> Option<String>;
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// Step 2: a class with `@hookimpl` becomes a type. A plugin still takes only the arguments that it needs, by name.
struct Lib;

#[extension]
impl Specs for Lib {
    fn add_ingredients(&self) -> Vec<String> {
        owned(&["salt", "pepper", "egg", "egg"])
    }

    fn prep_condiments(&self, condiments: &mut BTreeMap<String, u32>) -> Option<String> {
        condiments.insert("mint sauce".to_owned(), 1);
        None
    }
}

/// Step 3: pluggy calls the plugin first that was registered last; here the first registered comes first. `tryfirst`
/// keeps the old order of two plugins. Several plugins get rising priorities, or are registered in the opposite order.
struct Spam;

#[extension(tryfirst)]
impl Specs for Spam {
    fn add_ingredients(&self, ingredients: &[&str]) -> Vec<String> {
        if ingredients.contains(&"egg") {
            return owned(&["lovely spam", "wonderous spam"]);
        }
        owned(&["splendiferous spam", "magnificent spam"])
    }

    fn prep_condiments(&self, condiments: &mut BTreeMap<String, u32>) -> Option<String> {
        condiments.remove("steak sauce");
        condiments.insert("spam sauce".to_owned(), 42);
        Some("now this is what I call a condiments tray!".to_owned())
    }
}

/// Step 4: `wrapper=True` becomes a method with `next`. What was `outcome = yield` is `next.run()`.
struct Louder;

#[extension]
impl Specs for Louder {
    #[extension(wrapper)]
    fn add_ingredients(&self, next: Next<'_>) -> Vec<Vec<String>> {
        let outcome = next.run();
        outcome.into_iter().map(|names| names.iter().map(|name| name.to_uppercase()).collect()).collect()
    }
}

/// Step 5: `pm.hook.add_ingredients(ingredients=…)` becomes `pm.caller(Specs::add_ingredients).call(…)`. The compiler
/// checks the argument and the outcome.
fn main() -> Result<(), pluginkit::Error> {
    let pm = PluginManager::new("eggsample");
    pm.add_extension_points(Specs)?;
    pm.register(Lib)?;
    pm.register(Spam)?;

    let add_ingredients = pm.caller(Specs::add_ingredients);
    println!("ingredients: {}", add_ingredients.call(&["egg", "bacon"]).concat().join(", "));
    let mut condiments = BTreeMap::from([("pickled walnuts".to_owned(), 13), ("steak sauce".to_owned(), 4)]);
    let comments = pm.caller(Specs::prep_condiments).call(&mut condiments);
    let condiments: Vec<_> = condiments.iter().map(|(name, count)| format!("{name} {count}")).collect();
    println!("condiments: {}", condiments.join(", "));
    println!("comments: {}", comments.join(", "));

    pm.register(Louder)?;
    println!("louder: {}", add_ingredients.call(&[]).concat().join(", "));
    Ok(())
}
