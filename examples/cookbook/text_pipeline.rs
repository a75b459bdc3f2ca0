//! A pipeline: a text passes through all plugins, and each changes what it knows.
//!
//! ```text
//! cargo run --example text_pipeline
//! ```

use pluginkit::prelude::*;

#[extension_point]
trait Text {
    /// Returns the changed text, or `None` to pass it on as it is.
    #[extension_point(pipeline)]
    fn rewrite(&self, text: String, width: usize) -> Option<String>;

    /// Edits words in place; the first error ends the call.
    #[extension_point(pipeline)]
    fn words(&self, words: &mut Vec<String>) -> Result<(), String>;
}

struct Trim;

#[extension]
impl Text for Trim {
    // A plugin takes only the arguments that it needs. `tryfirst` runs this one first, in any order of registration.
    #[extension(tryfirst)]
    fn rewrite(&self, text: String) -> Option<String> {
        let trimmed = text.trim();
        (trimmed.len() < text.len()).then(|| trimmed.to_owned())
    }
}

struct Shorten;

#[extension]
impl Text for Shorten {
    #[extension(after = "Smileys")]
    fn rewrite(&self, text: String, width: usize) -> Option<String> {
        let end = text.char_indices().nth(width)?.0;
        Some(format!("{}…", text[..end].trim_end()))
    }

    fn words(&self, words: &mut Vec<String>) -> Result<(), String> {
        words.dedup();
        Ok(())
    }
}

struct Smileys;

#[extension]
impl Text for Smileys {
    fn rewrite(&self, text: String) -> Option<String> {
        text.contains(":-)").then(|| text.replace(":-)", "☺"))
    }

    fn words(&self, words: &mut Vec<String>) -> Result<(), String> {
        match words.iter().find(|word| word.contains(":-(")) {
            Some(sad) => Err(format!("no {sad} here")),
            None => Ok(()),
        }
    }
}

fn main() -> Result<(), pluginkit::Error> {
    let pm = PluginManager::new("text");
    pm.add_extension_points(Text)?;
    pm.register(Shorten)?;
    pm.register(Smileys)?;
    pm.register(Trim)?;

    let rewrite = pm.caller(Text::rewrite);
    let order: Vec<_> = rewrite.implementations().iter().map(|it| it.plugin.to_string()).collect();
    println!("order: {}", order.join(", "));
    println!("{:?}", rewrite.call("  the harbor is open :-)".to_owned(), 40));
    println!("{:?}", rewrite.call("the harbor is open :-) and so is the café".to_owned(), 20));
    println!("{:?}", rewrite.only(["Trim"]).call("  as it was :-)".to_owned(), 5));

    for text in ["so so good", "so :-( sad"] {
        let mut words: Vec<_> = text.split(' ').map(str::to_owned).collect();
        let result = pm.caller(Text::words).call(&mut words);
        println!("{words:?} {result:?}");
    }
    Ok(())
}
