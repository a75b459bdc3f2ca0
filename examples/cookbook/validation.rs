//! Validation: plugins check a form, and one place of the program adds a check of its own.
//!
//! ```text
//! cargo run --example validation
//! ```

use pluginkit::prelude::*;

struct Form {
    name: &'static str,
    mail: &'static str,
    age: u8,
}

#[extension_point]
trait Validation {
    /// Returns what is wrong, or `None`.
    fn check(&self, form: &Form) -> Option<String>;
}

struct Required;

#[extension]
impl Validation for Required {
    fn check(&self, form: &Form) -> Option<String> {
        form.name.is_empty().then(|| "the name is missing".to_owned())
    }
}

struct Mail;

#[extension]
impl Validation for Mail {
    fn check(&self, form: &Form) -> Option<String> {
        (!form.mail.contains('@')).then(|| format!("{:?} is no address", form.mail))
    }
}

fn main() -> Result<(), pluginkit::Error> {
    let pm = PluginManager::new("forms");
    pm.add_extension_points(Validation)?;
    pm.register(Required)?;
    pm.register(Mail)?;

    let check = pm.caller(Validation::check);
    let form = Form { name: "", mail: "ada", age: 15 };
    println!("everywhere: {:?}", check.call(&form));

    // One place has one more rule. Nothing is registered, and other callers do not see it.
    let limit = 18;
    let shop = check
        .extra(move |args| (args.form.age < limit).then(|| format!("{} is below {limit}", args.form.age)));
    println!("in the shop: {:?}", shop.call(&form));

    // Another place needs no address.
    println!("at the door: {:?}", shop.without(["Mail"]).call(&form));

    // The first mistake is enough: an iterator runs a check only when its result is asked for.
    println!("first: {:?}", shop.iter(&form).next());

    // The name of the plugin with each answer.
    for settled in shop.settle(&form) {
        if let Ok(Some(problem)) = settled.result {
            println!("{}: {problem}", settled.plugin);
        }
    }
    println!(
        "everywhere, still: {}",
        check.call(&Form { name: "Ada", mail: "ada@example.org", age: 15 }).len()
    );
    Ok(())
}
