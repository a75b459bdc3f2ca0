//! A command-line tool whose subcommands come from plugins.
//!
//! ```text
//! cargo run -p example-subcommands -- --help
//! cargo run -p example-subcommands -- greet --loud ada
//! ```

use std::process::ExitCode;

use clap::{Arg, ArgAction, ArgMatches, Command};
use pluginkit::prelude::*;

#[extension_point(project = "tool")]
trait Tool {
    /// Returns a subcommand with its arguments.
    fn command(&self) -> Command;

    /// Runs a subcommand, and returns what to print. A plugin abstains from the commands of others.
    #[extension_point(firstresult)]
    fn run(&self, name: &str, matches: &ArgMatches) -> Result<Option<String>, BoxError>;
}

#[plugin(id = "greet", project = "tool")]
#[derive(Default)]
struct Greet;

#[extension]
impl Tool for Greet {
    fn command(&self) -> Command {
        let loud = Arg::new("loud").long("loud").action(ArgAction::SetTrue).help("Shouts");
        Command::new("greet").about("Greets somebody").arg(Arg::new("name").required(true)).arg(loud)
    }

    fn run(&self, name: &str, matches: &ArgMatches) -> Result<Option<String>, BoxError> {
        if name != "greet" {
            return Ok(None);
        }
        let greeting = format!("hello {}", matches.get_one::<String>("name").ok_or("clap asks for it")?);
        Ok(Some(if matches.get_flag("loud") { greeting.to_uppercase() } else { greeting }))
    }
}

/// A plugin with two commands: one method each, and a predicate instead of the comparison.
#[plugin(id = "numbers", project = "tool")]
#[derive(Default)]
struct Numbers;

fn is_sum(_: &Numbers, name: &str) -> bool {
    name == "sum"
}

fn is_max(_: &Numbers, name: &str) -> bool {
    name == "max"
}

fn numbers(matches: &ArgMatches) -> impl Iterator<Item = i64> {
    matches.get_many("numbers").into_iter().flatten().copied()
}

fn takes_numbers(command: Command) -> Command {
    let numbers = Arg::new("numbers").num_args(1..).required(true).allow_negative_numbers(true);
    command.arg(numbers.value_parser(clap::value_parser!(i64)))
}

#[extension]
impl Tool for Numbers {
    #[extension(target = "command")]
    fn sum_command(&self) -> Command {
        takes_numbers(Command::new("sum").about("Adds numbers"))
    }

    #[extension(target = "run", when = is_sum(name))]
    fn sum(&self, matches: &ArgMatches) -> Result<Option<String>, BoxError> {
        let sum = numbers(matches).try_fold(0_i64, i64::checked_add).ok_or("the sum is too large")?;
        Ok(Some(sum.to_string()))
    }

    #[extension(target = "command")]
    fn max_command(&self) -> Command {
        takes_numbers(Command::new("max").about("Finds the largest number"))
    }

    #[extension(target = "run", when = is_max(name))]
    fn max(&self, matches: &ArgMatches) -> Result<Option<String>, BoxError> {
        Ok(numbers(matches).max().map(|max| max.to_string()))
    }
}

fn main() -> ExitCode {
    match tool() {
        Ok(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn tool() -> Result<String, BoxError> {
    let pm = PluginManager::new("tool");
    pm.add_extension_points(Tool)?;
    // Plugins of other crates are found as well, if this program names their crates.
    pm.discover()?;
    let commands = pm.caller(Tool::command).call();
    let program = Command::new("tool")
        .bin_name("tool")
        .about("A tool of plugins")
        .subcommand_required(true)
        .subcommands(commands);
    let matches = program.get_matches();
    let (name, matches) = matches.subcommand().ok_or("clap asks for it")?;
    let text = pm.caller(Tool::run).call(name, matches)?;
    text.ok_or_else(|| format!("no plugin runs `{name}`").into())
}
