#![deny(warnings, missing_docs)]
#![forbid(unsafe_code)]
//! Every mode, with every return type it may have.

use std::io;

use pluginkit::prelude::*;

/// A `Result` of another name.
pub type Answer<T> = std::result::Result<T, u8>;

/// What a feed host lets plugins extend.
#[extension_point(project = "feed")]
pub trait Specs {
    /// Collects values.
    fn values(&self, topic: &str) -> String;
    /// Collects what is there.
    fn options(&self, topic: &str) -> Option<String>;
    /// Tells.
    fn units(&self, topic: &str);
    /// Collects values up to an error.
    fn results(&self, topic: &str) -> io::Result<String>;
    /// Collects what is there up to an error.
    fn result_options(&self, topic: &str) -> Result<Option<String>, u8>;
    /// Tells up to an error.
    fn result_units(&self, topic: &str) -> Result<(), u8>;
    /// Collects values up to an error of another name.
    #[extension_point(fallible)]
    fn answers(&self, topic: &str) -> Answer<String>;
    /// Asks until one answers.
    #[extension_point(firstresult)]
    fn first(&self, topic: &str) -> Option<String>;
    /// Asks until one answers or fails.
    #[extension_point(firstresult)]
    fn first_result(&self, topic: &str) -> io::Result<Option<String>>;
    /// Threads a value.
    #[extension_point(pipeline)]
    fn thread(&self, text: String, topic: &str) -> String;
    /// Threads the value of a name.
    #[extension_point(pipeline = "text")]
    fn thread_named(&self, topic: &str, text: String) -> String;
    /// Threads a value that some leave as it is.
    #[extension_point(pipeline)]
    fn thread_option(&self, text: String) -> Option<String>;
    /// Threads a value up to an error.
    #[extension_point(pipeline)]
    fn thread_result(&self, text: String) -> Result<String, u8>;
    /// Edits a value.
    #[extension_point(pipeline)]
    fn edit(&self, text: &mut String);
    /// Edits a value up to an error.
    #[extension_point(pipeline)]
    fn edit_result(&self, text: &mut String) -> Result<(), u8>;
    /// Skips what fails.
    #[extension_point(pipeline, on_failure = "skip")]
    fn skip(&self, text: Box<dyn Fn() -> u8>) -> Box<dyn Fn() -> u8>;
    /// Collects what fails.
    #[extension_point(on_failure = "collect")]
    fn collect<'a>(&self, text: &'a str) -> Result<&'a str, std::rc::Rc<u8>>;
    /// Ends with what fails.
    #[extension_point(firstresult, on_failure = "fail_fast")]
    fn fail_fast(&self, text: &str) -> Option<String>;
    /// Remembers.
    #[extension_point(historic)]
    fn remember(&self, settings: &[u8], page: Option<&u8>, text: String) -> Result<u8, String>;
}

/// What a call of each returns.
pub fn outcomes(pm: &PluginManager) {
    let _: Vec<String> = pm.caller(Specs::values).call("");
    let _: Vec<String> = pm.caller(Specs::options).call("");
    let () = pm.caller(Specs::units).call("");
    let _: io::Result<Vec<String>> = pm.caller(Specs::results).call("");
    let _: Result<Vec<String>, u8> = pm.caller(Specs::result_options).call("");
    let _: Result<(), u8> = pm.caller(Specs::result_units).call("");
    let _: Answer<Vec<String>> = pm.caller(Specs::answers).call("");
    let _: Option<String> = pm.caller(Specs::first).call("");
    let _: io::Result<Option<String>> = pm.caller(Specs::first_result).call("");
    let _: String = pm.caller(Specs::thread).call(String::new(), "");
    let _: String = pm.caller(Specs::thread_named).call("", String::new());
    let _: String = pm.caller(Specs::thread_option).call(String::new());
    let _: Result<String, u8> = pm.caller(Specs::thread_result).call(String::new());
    let () = pm.caller(Specs::edit).call(&mut String::new());
    let _: Result<(), u8> = pm.caller(Specs::edit_result).call(&mut String::new());
    let _: Result<Vec<u8>, String> = pm.caller(Specs::remember).call_historic(&[], None, String::new());
}
